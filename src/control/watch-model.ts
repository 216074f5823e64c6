import type {JournalRecord} from '../core/journal/record.ts'
import type {Check} from './check-model.ts'
import type {LvsHold, LvsOrigin, LvsRealServer} from './lvs-model.ts'
import type {AgentStatus, VirtualRouter} from './model.ts'

/** An agent that has nothing new to tell says `agent` at least this often, milliseconds. */
export const WATCH_EVERY_MS = 2_000

/**
 * One line of `GET /v1/watch` (NDJSON): everything that a screen about a whole node shows, and then whatever changes.
 * First come one `snapshot`, one `agent`, the newest of the journal, `services` in parts, and `ready`.
 */
export type WatchEvent =
  /** These are all virtual routers there are. */
  | {readonly type: 'snapshot'; readonly at: string; readonly routers: readonly VirtualRouter[]}
  /** More than figures changed, or its figures are older than ten seconds. */
  | {readonly type: 'router'; readonly at: string; readonly router: VirtualRouter}
  | {readonly type: 'journal'; readonly at: string; readonly record: JournalRecord}
  | {readonly type: 'agent'; readonly at: string; readonly agent: AgentStatus}
  | WatchedServices
  /** Everything that there was has been told. */
  | {readonly type: 'ready'; readonly at: string}
  /** This reader was too slow and missed this many events; everything is told once more after it. */
  | {readonly type: 'lost'; readonly at: string; readonly count: number}

/** Virtual services that are new or differ from what was told of them before. */
export interface WatchedServices {
  readonly type: 'services'
  readonly at: string
  /** True: forget every service told before. */
  readonly all: boolean
  readonly services: readonly WatchedService[]
  /** Names of those that are no more. */
  readonly gone: readonly string[]
  /** Why IPVS cannot be read: "this kernel has no IPVS"; null when it can. Services are then as they are wanted. */
  readonly problem: string | null
  /** When it is looked at next, milliseconds; the more there is, the longer. */
  readonly everyMs: number
}

/** A virtual service, short. */
export interface WatchedService {
  /** "192.0.2.1:80/tcp", "fwm/5", as in `LvsService`. */
  readonly name: string
  readonly configured: string | null
  readonly origin: LvsOrigin
  readonly scheduler: string
  readonly present: boolean
  readonly drift: string | null
  readonly rates: WatchedRates
  readonly realServers: readonly WatchedReal[]
}

/** Each per second. */
export interface WatchedRates {
  readonly connections: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** A real server, short. */
export interface WatchedReal {
  /** "192.0.2.10:80" */
  readonly name: string
  readonly method: LvsRealServer['method']
  readonly weight: number
  readonly present: boolean
  readonly activeConnections: number
  readonly inactiveConnections: number
  readonly rates: WatchedRates
  /** By its checks: `in`, `inhibited` (weight 0) or `out`; null: nothing checks it. */
  readonly standing: 'in' | 'inhibited' | 'out' | null
  readonly isSorryServer: boolean
  readonly held: LvsHold | null
  readonly checks: readonly WatchedCheck[]
}

/** A checker of a real server, short. A latency is told again when it differs by a fifth and more than 1 ms. */
export interface WatchedCheck extends Pick<Check, 'number' | 'kind' | 'state' | 'counts' | 'since' | 'pause'> {
  /** Of its last run, milliseconds; null: it has not run yet. */
  readonly latencyMs: number | null
  /** Why it failed last: "connection refused"; null: it did not. */
  readonly reason: string | null
}
