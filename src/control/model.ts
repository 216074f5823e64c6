import type {JournalRecord} from '../core/journal/record.ts'

/** Grows when an answer changes its meaning or loses a field; new fields alone do not grow it. */
export const API_VERSION = 'v1'

/** Every list answer. `observedAt` is when the values were last seen by the process that owns them (ISO 8601, UTC). */
export interface ListReply<Kind extends string, Item> {
  readonly apiVersion: typeof API_VERSION
  readonly kind: Kind
  readonly observedAt: string
  readonly items: readonly Item[]
}

/** Every answer about one thing. */
export interface ItemReply<Kind extends string, Item> {
  readonly apiVersion: typeof API_VERSION
  readonly kind: Kind
  readonly observedAt: string
  readonly item: Item
}

/** What an error answer holds; `code` is an `ErrorCode`. */
export interface ErrorReply {
  readonly error: {readonly code: string; readonly message: string; readonly hint?: string}
}

/** keepalived's words for the state of a virtual router. */
export type RouterStateName = 'init' | 'backup' | 'master' | 'fault'

/** The agent itself: `GET /v1/agent`. */
export interface AgentStatus {
  readonly version: string
  /** `router_id`, or the name of the host. */
  readonly node: string
  readonly pid: number
  readonly startedAt: string
  readonly configuration: {
    readonly file: string
    readonly loadedAt: string
    readonly errors: number
    readonly warnings: number
    /** Why the last reload was refused; null when it was not. */
    readonly refused: string | null
    /** SHA-256 of what runs, without its secrets, 12 hexadecimal digits. */
    readonly hash: string
    /**
     * The same of what every node of a cluster has alike: virtual routers by VRID, version, interval and addresses, and
     * virtual servers whole.
     */
    readonly sharedHash: string
    /** Whether the file is still what was read. */
    readonly onDisk: 'same' | 'changed' | 'missing'
    /** A configuration on trial: it is taken back then unless somebody confirms it; null when there is none. */
    readonly trial: {readonly id: string; readonly since: string; readonly until: string} | null
  }
  readonly processes: readonly ProcessStatus[]
  /** Resident memory of the supervisor itself, bytes. */
  readonly memoryBytes: number
  /** How many things operators changed at run time. */
  readonly overrides: number
  /** Started with --observe: what no operator has activated is only looked at. */
  readonly observes: boolean
  readonly stateDirectory: string
  /** Why the state directory is not written at present, for instance a full disk; null when it is. */
  readonly stateProblem: string | null
  readonly socket: string
}

/** One child process of the supervisor. */
export interface ProcessStatus {
  readonly name: 'vrrp' | 'check'
  readonly pid: number | null
  readonly state: 'starting' | 'running' | 'stalled' | 'dead'
  readonly startedAt: string | null
  readonly restarts: number
  /** Lateness of its event loop since the last report, milliseconds; null until measured. */
  readonly loopLagMs: {readonly p50: number; readonly p99: number; readonly max: number} | null
  /** Resident memory, bytes; null while it does not run. */
  readonly memoryBytes: number | null
}

/** One virtual router: `GET /v1/vrrp`, `GET /v1/vrrp/{name}`. */
export interface VirtualRouter {
  readonly name: string
  /** Empty for unicast that needs none. */
  readonly interface: string
  /** The interface that was made for it; null without one. */
  readonly device: string | null
  /** Its sync group; null without one. */
  readonly group: string | null
  readonly vrid: number
  readonly family: 4 | 6
  readonly version: 2 | 3
  readonly transport: 'multicast' | 'unicast'
  readonly state: RouterStateName
  /** When it entered that state. */
  readonly since: string
  /** Why it entered that state, one sentence. */
  readonly reason: string
  /** Why it must not be master although it is fit: "released by an operator"; null where nothing speaks against it. */
  readonly held: string | null
  /** It runs beside another daemon: its state is what it would do, and nothing is done. */
  readonly observed: boolean
  readonly priority: {readonly base: number; readonly effective: number}
  readonly advertIntervalMs: number
  /** How many silent intervals until a master is given up. */
  readonly downTimerAdverts: number
  /** How long the master may be silent now, by the formula of its version; from the master's interval in version 3. */
  readonly masterDownIntervalMs: number
  readonly preempt: boolean
  readonly preemptDelayMs: number
  /** The address our advertisements leave from; null while the interface has none. */
  readonly source: string | null
  /** The master we hear, ourselves excluded; null when none was heard in this state. */
  readonly heard: {readonly address: string; readonly priority: number; readonly lastSeen: string} | null
  /** Others who act as master while it does; null while there is none. */
  readonly splitBrain: readonly {readonly rival: string; readonly how: 'advertises' | 'answers'}[] | null
  readonly faults: readonly string[]
  readonly tracking: readonly TrackStatus[]
  readonly vips: readonly Vip[]
  /** Every router that was heard for it, the latest first. */
  readonly peers: readonly Peer[]
  readonly counters: RouterCounters
}

export interface TrackStatus {
  readonly kind: 'interface' | 'script' | 'file' | 'process' | 'bfd'
  readonly name: string
  /** `unknown` until it has been seen once. */
  readonly state: 'unknown' | 'good' | 'bad'
  /** What it adds to the priority now. */
  readonly adds: number
  readonly weight: number
  /** For instance "exit status 1" or "timed out after 2 s"; null when there is nothing to say. */
  readonly detail: string | null
}

/** One virtual address: `GET /v1/vips`. */
export interface Vip {
  readonly address: string
  readonly prefixLength: number
  readonly interface: string
  readonly label: string | null
  readonly instance: string
  /** It stands in the advertisements. */
  readonly advertised: boolean
  /** The instance is master and so should hold it. */
  readonly wanted: boolean
  /** The kernel has it. */
  readonly present: boolean
}

/** A router that was heard for one of ours. */
export interface Peer {
  readonly address: string
  /** As it last said; null while it has said nothing that counts. */
  readonly priority: number | null
  readonly intervalMs: number | null
  readonly firstHeard: string
  readonly lastHeard: string
  readonly advertisements: number
  /** What of it was not obeyed, by what was wrong. */
  readonly rejected: {readonly [failure: string]: number}
}

/** Counted since the vrrp process started; every one only grows. */
export interface RouterCounters {
  readonly advertisementsSent: number
  readonly advertisementsReceived: number
  readonly becameMaster: number
  readonly releasedMaster: number
  readonly priorityZeroSent: number
  readonly priorityZeroReceived: number
  /** Gratuitous ARP packets sent. */
  readonly garpSent: number
  /** Unsolicited neighbour advertisements sent. */
  readonly neighbourAdvertisementsSent: number
  readonly sendErrors: number
  /** Advertisements whose list of virtual addresses differs from ours; they are obeyed all the same. */
  readonly addressListsDiffering: number
  /** Advertisements of version 3 whose interval differs from ours; they are obeyed all the same. */
  readonly intervalsDiffering: number
  /** How often another master was there beside us. */
  readonly splitBrains: number
  /** Dropped packets by what was wrong with them. */
  readonly rejected: {readonly [failure: string]: number}
}

/** `GET /v1/vrrp/{name}/why`: the chain of causes, oldest first; the last one made the present state. */
export interface WhyReply {
  readonly name: string
  readonly state: RouterStateName
  readonly since: string
  readonly because: string
  readonly chain: readonly JournalRecord[]
}

/** `POST /v1/agent/reload`. */
export interface ReloadReply {
  readonly applied: boolean
  readonly diagnostics: readonly DiagnosticReply[]
  /** One line a change: "VI_1: priority 100 -> 110". */
  readonly changes: readonly string[]
}

/**
 * What an operator changed at run time. It stands until it is taken back, also over a restart of the agent and over a
 * reload.
 */
export interface Override {
  /** Names it for `POST /v1/overrides/{id}/cancel`. */
  readonly id: string
  readonly kind: OverrideKind
  /** The virtual router or the service concerned; null: the whole node. */
  readonly instance: string | null
  /** In words: "priority 150", "not master: kernel update". */
  readonly text: string
  readonly since: string
  /** When it ends by itself; null: never. */
  readonly until: string | null
  /** False while the configuration has nothing that it could apply to. */
  readonly applies: boolean
}

/** What an override changes. */
export type OverrideKind = RouterOverrideKind | LvsOverrideKind | CheckOverrideKind

/** Checks that do not run. */
export type CheckOverrideKind = 'check-pause'

/** `service`: a virtual service or its real servers; the others are one of a kind, or one a role. */
export type LvsOverrideKind = 'service' | 'ipvs-timeouts' | 'sync-daemon'

/** `release` and `maintenance`: not master; `takeover`: a priority above that of the master of that moment. */
export type RouterOverrideKind =
  | 'release'
  | 'maintenance'
  | 'priority'
  | 'takeover'
  | 'vip-added'
  | 'vip-removed'
  | 'activated'

/** What became of virtual routers that an operator moved: `POST /v1/vrrp/{name}/takeover` and the like. */
export interface MoveReply {
  readonly routers: readonly {
    readonly name: string
    readonly from: RouterStateName
    readonly to: RouterStateName
    /** Who advertises as master now; null: nobody was heard. */
    readonly master: string | null
    readonly tookMs: number
  }[]
  readonly override: Override | null
}

/** `POST /v1/vips/announce`. */
export interface AnnounceReply {
  /** "10.0.0.100/24 on eth0 (VI_1)" */
  readonly announced: readonly string[]
}

/** `POST /v1/agent/stop`: the answer comes first, the withdrawal after it. */
export interface StopReply {
  readonly pid: number
}

/** One finding about a configuration. */
export interface DiagnosticReply {
  readonly code: string
  readonly class: 'syntax' | 'semantic' | 'environment' | 'security'
  readonly severity: 'error' | 'warning' | 'info'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly hint: string | null
}

/** `GET /v1/config`: the configuration that the agent runs; every secret in it is masked. */
export interface ConfigReply {
  readonly file: string
  readonly loadedAt: string
  /** In the language of keepalived.conf. */
  readonly text: string
  /** The same as typed values: milliseconds where a duration is meant, no positions. */
  readonly config: {readonly [object: string]: unknown}
}

/** `POST /v1/config/diff`: what a reload with the configuration sent would do. */
export interface ConfigDiffReply {
  /** Everything that differs. */
  readonly changes: readonly ConfigChange[]
  /** How many objects are the same in both and stay as they are. */
  readonly kept: number
  /** What operators changed at run time, which stays over a reload: "VI_1: priority 150". */
  readonly overrides: readonly string[]
}

/** How one object differs, and what a reload does about it. */
export interface ConfigChange {
  /** As it is written: `vrrp_instance VI_1`. */
  readonly object: string
  /** `same`: it does not differ, but another change concerns it. */
  readonly change: 'same' | 'added' | 'removed' | 'changed'
  readonly effect: 'keep' | 'in-place' | 'start' | 'restart' | 'stop' | 'not-acted-on'
  readonly reason: string | null
  /** One line a setting; no secrets. */
  readonly lines: readonly string[]
}

/** One line of `GET /v1/events` (NDJSON). `snapshot` comes first, then whatever changes. */
export type AgentEvent =
  | {readonly type: 'snapshot'; readonly at: string; readonly routers: readonly VirtualRouter[]}
  | {readonly type: 'router'; readonly at: string; readonly router: VirtualRouter}
  | {readonly type: 'journal'; readonly at: string; readonly record: JournalRecord}
  /** This reader was too slow and missed this many events. */
  | {readonly type: 'lost'; readonly at: string; readonly count: number}
