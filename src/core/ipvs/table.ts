import type {
  IpvsChange,
  IpvsConnection,
  IpvsInfo,
  IpvsTimeouts,
  ServiceEntry,
  ServiceId,
  SyncDaemon,
  SyncRole,
} from './model.ts'

/** How one change ended: `reason` is the name of the kernel's error, "EEXIST", and `text` its own words. */
export type IpvsResult =
  | {readonly ok: true}
  | {readonly ok: false; readonly reason: string; readonly text?: string | undefined}

/**
 * The table of services in the kernel. What reads rejects with a HactlError where the kernel cannot be asked; what
 * changes something never rejects.
 */
export interface IpvsTable {
  info(): Promise<IpvsInfo>
  /** Every service with its destinations, in the order of the kernel. */
  services(): Promise<readonly ServiceEntry[]>
  /** What becomes of each of them as it is read, so that the entries of a large table need not be there at once. */
  mapServices<Value>(each: (entry: ServiceEntry) => Value): Promise<readonly Value[]>
  /** One service with its destinations; undefined: there is none. */
  service(id: ServiceId): Promise<ServiceEntry | undefined>
  /** Makes the changes one after the other, each whether or not those before it failed: one result for each. */
  change(changes: readonly IpvsChange[]): Promise<readonly IpvsResult[]>
  /** Zeroes the counters of one service and its destinations, or of everything. */
  zero(id: ServiceId | undefined): Promise<IpvsResult>
  /** Removes every service. */
  flush(): Promise<IpvsResult>
  timeouts(): Promise<IpvsTimeouts>
  /** A 0 leaves a time as it is. */
  setTimeouts(timeouts: IpvsTimeouts): Promise<IpvsResult>
  daemons(): Promise<readonly SyncDaemon[]>
  startDaemon(daemon: SyncDaemon): Promise<IpvsResult>
  stopDaemon(role: SyncRole): Promise<IpvsResult>
  /** Tracked connections, read piece by piece. */
  connections(): AsyncIterable<IpvsConnection>
  close(): void
}
