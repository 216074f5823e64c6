import type {IpvsTimeouts, ServiceEntry, ServiceId, SyncDaemon, SyncRole} from '../core/ipvs/model.ts'
import type {OperatorOrder, WantedService} from '../core/ipvs/wanted.ts'

/** A sync daemon that is to run; `origin` is `configuration` unless given. */
export interface WantedDaemon extends SyncDaemon {
  readonly origin?: 'configuration' | 'override'
}

/** Remembers what is wanted; the agent has one. Without one the kernel's table is all that is known. */
export interface LvsKeeper {
  /** Configuration and overrides, as they are wanted now. */
  wanted(): readonly WantedService[]
  /** What checks say of the real servers of a service, by name, whether or not it is wanted now; undefined: nothing. */
  checkedOf(service: ServiceId): WantedService['checked']
  /** Sync daemons that are to run here now. */
  daemons(): readonly WantedDaemon[]
  /**
   * Makes what an operator orders part of what is wanted, on disk before it resolves; services and real servers that
   * others made and that the order changes are the agent's from then on. Called before the kernel is changed, so that
   * whoever starts after a sudden end carries it out. Resolves to what takes it back, for orders that the kernel
   * refused; rejects with a HactlError when it cannot be written, and then nothing is changed.
   */
  take(order: OperatorOrder, actual: readonly ServiceEntry[]): Promise<() => Promise<void>>
  /** The same for timeouts. */
  takeTimeouts(timeouts: IpvsTimeouts): Promise<() => Promise<void>>
  /** The same for a daemon that is started or, where it is undefined, stopped. */
  takeDaemon(role: SyncRole, daemon: SyncDaemon | undefined): Promise<() => Promise<void>>
}
