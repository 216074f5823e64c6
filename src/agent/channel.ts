import type {GroupConfig, RouterConfig, TrackedKind} from '../config/router-config.ts'
import type {VirtualRouter} from '../control/model.ts'
import type {JournalEntry} from '../core/journal/record.ts'
import type {Verdict} from '../core/track/tracking.ts'
import type {MonotonicMs} from '../core/units.ts'

/** An address that an agent of this state directory put on an interface. */
export interface OwnedAddress {
  readonly interface: string
  readonly address: string
  readonly prefixLength: number
}

/** How something that the supervisor watches for the virtual routers stands. */
export interface TrackerStanding {
  readonly kind: Exclude<TrackedKind, 'interface'>
  readonly name: string
  readonly verdict: Verdict
  /** What a tracked file holds; undefined for the other kinds. */
  readonly value?: number
  /** Why: "exit status 1"; undefined when there is nothing to say. */
  readonly detail: string | undefined
}

/** A virtual router whose process died while it was master: until then no backup can have taken over. */
export interface Resumption {
  readonly name: string
  readonly until: MonotonicMs
}

/** What the supervisor tells the vrrp process. */
export type ToVrrp =
  | {
      readonly type: 'configure'
      /** Comes back in `configured`. */
      readonly n: number
      readonly instances: readonly RouterConfig[]
      readonly groups: readonly GroupConfig[]
      readonly trackers: readonly TrackerStanding[]
      /** Possible leftovers of an earlier run: removed unless they are wanted now. */
      readonly owned: readonly OwnedAddress[]
      readonly resume: readonly Resumption[]
    }
  | {readonly type: 'tracker'; readonly tracker: TrackerStanding}
  | {readonly type: 'ping'; readonly n: number}
  /** Withdraw everything and leave. */
  | {readonly type: 'stop'}

/** Lateness of an event loop, milliseconds, since the last report. */
export interface LoopLag {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What the vrrp process tells the supervisor. */
export type FromVrrp =
  | {readonly type: 'configured'; readonly n: number}
  | {readonly type: 'journal'; readonly entries: readonly JournalEntry[]}
  /** Whole pictures of the routers that changed; `all`: these are all there are. */
  | {readonly type: 'routers'; readonly at: string; readonly all: boolean; readonly routers: readonly VirtualRouter[]}
  | {readonly type: 'pong'; readonly n: number; readonly lag: LoopLag}

/** What the supervisor and the check process say to each other. */
export type ToCheck = {readonly type: 'ping'; readonly n: number} | {readonly type: 'stop'}
export type FromCheck = {readonly type: 'pong'; readonly n: number; readonly lag: LoopLag}
