import type {Config} from '../config/config.ts'
import type {IpvsSettings} from '../config/ipvs-settings.ts'
import type {GroupConfig, RouterConfig, TrackedKind} from '../config/router-config.ts'
import type {Override, VirtualRouter} from '../control/model.ts'
import type {CheckHandlers, LvsHandlers} from '../control/routes.ts'
import type {CheckNews} from '../core/check/news.ts'
import type {CheckPlan, MiscProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import type {IpvsTimeouts, SyncDaemon} from '../core/ipvs/model.ts'
import type {ConfiguredService} from '../core/ipvs/wanted.ts'
import type {JournalEntry} from '../core/journal/record.ts'
import type {NotifiedState} from '../core/notify/notification.ts'
import type {Verdict} from '../core/track/tracking.ts'
import type {MonotonicMs} from '../core/units.ts'
import type {ReceiveBufferSettings} from '../core/vrrp/receive-buffer.ts'
import type {ErrorCode} from '../errors.ts'
import type {ProcessSettings} from './own-process.ts'
import type {OwnedObject} from './owned-objects.ts'
import type {PresentDevice} from './vrrp/own-devices.ts'
import type {ChangedSysctl} from './vrrp/own-devices-sysctls.ts'

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

/** What scripts, pipes and mail are to be told of a virtual router; nothing of it is ever left out. */
export type RouterNews =
  | {readonly type: 'state'; readonly name: string; readonly state: NotifiedState; readonly priority: number}
  | {readonly type: 'priority'; readonly name: string; readonly state: NotifiedState; readonly priority: number}
  | {readonly type: 'lower-priority-heard'; readonly name: string; readonly priority: number}

/** What holds for all virtual routers of the node. */
export interface NodeSettings {
  /** Virtual routers wait in init until then: `vrrp_startup_delay`, `vrrp_delay_after_boot`. */
  readonly startAt: MonotonicMs | undefined
  readonly upDownDelays: Config['upDownDelays']
  readonly linkbeatInterfaces: Config['linkbeatInterfaces']
  /** `linkbeat_use_polling` for all interfaces. */
  readonly linkbeatPolling: boolean
  readonly garpGroups: Config['garpGroups']
  readonly trackGroups: Config['trackGroups']
  readonly staticAddresses: Config['staticAddresses']
  readonly staticRoutes: Config['staticRoutes']
  readonly staticRules: Config['staticRules']
  readonly logUnknownVrids: boolean
  readonly receiveBuffers: ReceiveBufferSettings
  /** Receive buffers of netlink sockets in bytes; 0: as they are. */
  readonly netlinkBuffers: {readonly monitorBytes: number; readonly commandBytes: number}
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
      readonly owned: readonly OwnedObject[]
      readonly resume: readonly Resumption[]
      /** Virtual routers that are not to be master, and why. */
      readonly held: readonly {readonly name: string; readonly reason: string}[]
      /** Virtual routers that run beside another daemon: nothing that they want is done. */
      readonly observed: readonly string[]
      /** Whether another daemon still has a part of the node: static objects and the like are left to it. */
      readonly observing: boolean
      readonly settings: NodeSettings
      /** What an earlier run changed and did not put back. */
      readonly changedSysctls: readonly ChangedSysctl[]
    }
  | {readonly type: 'tracker'; readonly tracker: TrackerStanding}
  /** Once: become master now, or announce addresses. */
  | {readonly type: 'take-over'; readonly name: string}
  | {readonly type: 'announce'; readonly name: string; readonly addresses: readonly string[]}
  | {readonly type: 'ping'; readonly n: number}
  /** How the process is to run; comes before anything else. */
  | {readonly type: 'process'; readonly settings: ProcessSettings}
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
  | {readonly type: 'news'; readonly news: readonly RouterNews[]}
  /** The interfaces that were made and are ready; the firewall has rules for them. */
  | {readonly type: 'devices'; readonly devices: readonly PresentDevice[]}
  /** Settings of the kernel that differ from what they were; told before they are written. */
  | {readonly type: 'sysctls'; readonly changed: readonly ChangedSysctl[]}
  /** Whole pictures of the routers that changed; `all`: these are all there are. */
  | {readonly type: 'routers'; readonly at: string; readonly all: boolean; readonly routers: readonly VirtualRouter[]}
  | {readonly type: 'pong'; readonly n: number; readonly lag: LoopLag}

/** What the check process is to do with IPVS. */
export interface LvsSettings {
  readonly stateDirectory: string
  readonly services: readonly ConfiguredService[]
  /** What decides which of them are in service. */
  readonly checks: CheckPlan
  /** What tracked files hold that checkers follow, by name; one that cannot be read is missing. */
  readonly files: {readonly [name: string]: number}
  /** Undefined: as they are without us. */
  readonly timeouts: IpvsTimeouts | undefined
  /** Before anything else, remove every service that is there, once. keepalived.conf(5), lvs_flush */
  readonly flush: boolean
  /** What goes at the end. keepalived.conf(5), lvs_flush_on_stop */
  readonly flushAtStop: IpvsSettings['flushAtStop']
  /** Those that are to run as the virtual router stands that they follow. */
  readonly daemons: readonly SyncDaemon[]
  /** Another daemon has IPVS: nothing of it is changed. */
  readonly observing: boolean
}

/** What the supervisor tells the check process. */
export type ToCheck =
  | {readonly type: 'process'; readonly settings: ProcessSettings}
  | {readonly type: 'ping'; readonly n: number}
  /** `n` comes back in `configured`. */
  | {readonly type: 'configure'; readonly n: number; readonly settings: LvsSettings}
  | {readonly type: 'daemons'; readonly daemons: readonly SyncDaemon[]}
  /** What a tracked file holds that checkers follow; undefined: it cannot be read. */
  | {readonly type: 'file'; readonly name: string; readonly value: number | undefined}
  /** How a program ended that was asked for by `run`. */
  | {readonly type: 'ran'; readonly n: number; readonly result: ProbeResult}
  /** `n` comes back in `answer`. */
  | {readonly type: 'call'; readonly n: number; readonly name: CheckCallName; readonly input: object}
  /** Somebody watches the services from now on, and knows nothing of them yet; or nobody does any more. */
  | {readonly type: 'watch'; readonly on: boolean}
  /** A message of type `services` was taken: the next may come. */
  | {readonly type: 'watched'}
  | {readonly type: 'stop'}

/** What is asked of the check process: what the API has for IPVS, and the end of an override. */
export type CheckCallName = keyof LvsHandlers | keyof CheckHandlers | 'cancelOverride' | 'checkMetrics' | 'ipvsMetrics'

/** What the check process tells the supervisor. */
export type FromCheck =
  | {readonly type: 'pong'; readonly n: number; readonly lag: LoopLag}
  /** IPVS is as it is to be, as far as the kernel takes it. */
  | {readonly type: 'configured'; readonly n: number}
  /** What was there before was removed, as `flush` asked for. */
  | {readonly type: 'flushed'}
  | CheckAnswer
  | ServicesTold
  /** A program is to be run for a checker: the supervisor alone starts programs. It answers by `ran`. */
  | {readonly type: 'run'; readonly n: number; readonly probe: MiscProbePlan}
  /** Real servers and quorums that changed; nothing of it is ever left out. */
  | {readonly type: 'check-news'; readonly news: readonly CheckNews[]}
  | {readonly type: 'journal'; readonly entries: readonly JournalEntry[]}
  /** What operators changed of IPVS: the first of them, how many there are, and why they cannot be kept. */
  | {
      readonly type: 'overrides'
      readonly list: readonly Override[]
      readonly count: number
      readonly problem: string | null
    }

/** Services that are new or differ, each the JSON of a `WatchedService`; the fields are those of `WatchedServices`. */
export interface ServicesTold {
  readonly type: 'services'
  readonly at: string
  readonly all: boolean
  /** The rest of what is to be told now follows. */
  readonly more: boolean
  readonly services: readonly {readonly name: string; readonly text: string}[]
  readonly gone: readonly string[]
  readonly problem: string | null
  readonly everyMs: number
}

/** How a call ended; what has failed is a `HactlError` taken apart. */
export type CheckAnswer =
  | {readonly type: 'answer'; readonly n: number; readonly ok: true; readonly result: unknown}
  | {
      readonly type: 'answer'
      readonly n: number
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      readonly hint: string | undefined
    }
