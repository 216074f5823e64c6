import type {AgentStatus, VirtualRouter} from '../control/model.ts'
import type {WatchedReal, WatchedService} from '../control/watch-model.ts'
import type {JournalRecord} from '../core/journal/record.ts'

/** Where an agent is asked. */
export interface NodeAddress {
  /** As it is shown, and as the heading of its column: "lb1", "local". No two nodes share it. */
  readonly name: string
  /** As it was given: `local`, `ssh://root@lb1`, `unix:/run/hactl/agent.sock`. */
  readonly given: string
  /** For the client: a socket here, or a host through ssh. */
  readonly target: {readonly socket?: string; readonly host?: string}
}

/**
 * How well a node is known: `connecting` for the first time, `live`, `late` (a line is overdue), `unknown` (three
 * intervals without a line, or no connection: what is known of it counts no more).
 */
export type NodeState = 'connecting' | 'live' | 'late' | 'unknown'

/** Everything known of one node. What it said stays here when it falls silent: `state` says whether that counts. */
export interface NodePicture {
  readonly address: NodeAddress
  readonly state: NodeState
  /** Why it does not answer, one line; null while it does. */
  readonly problem: string | null
  /** For how long nothing was heard of it, milliseconds; null: nothing ever was. */
  readonly silentMs: number | null
  /** What its clock has more than ours, milliseconds; for times that it tells. */
  readonly clockAheadMs: number
  /** It was reached by its socket for reading: it takes no orders from here. Through ssh that is not known. */
  readonly isReadOnly: boolean
  /** Lines of it that could not be read or were more than is kept; they are left out. */
  readonly refusedLines: number
  /** Everything was told once. */
  readonly isWhole: boolean
  readonly agent: AgentStatus | null
  readonly routers: ReadonlyMap<string, VirtualRouter>
  readonly services: ReadonlyMap<string, WatchedService>
  /** Why IPVS cannot be read there; null when it can. */
  readonly servicesProblem: string | null
  /** The newest, oldest first; at most `MAX_RECORDS`. */
  readonly journal: readonly JournalRecord[]
}

/** How many records of each node are kept. */
export const MAX_RECORDS = 1_000

/** All nodes beside each other, as of one moment. */
export interface ClusterPicture {
  /** Grows with everything that changes but the passing of time. */
  readonly version: number
  /** Of this host, milliseconds since 1970. */
  readonly nowMs: number
  readonly nodes: readonly NodePicture[]
  readonly routers: readonly ClusterRouter[]
  readonly services: readonly ClusterService[]
  /** What is wrong, the worst first. */
  readonly problems: readonly Problem[]
}

/** One virtual router and what each node says of it. */
export interface ClusterRouter {
  /** Stays the same while the nodes run: "4/51/VI_1". */
  readonly key: string
  /** As most nodes call it. */
  readonly name: string
  readonly vrid: number
  readonly family: 4 | 6
  readonly vips: readonly string[]
  /** One for each node, in the order of the nodes; null: that node does not have it. */
  readonly onNodes: readonly (RouterOnNode | null)[]
  /** Positions of the nodes that are master of it, of those that are known. */
  readonly holders: readonly number[]
  /** When the present holder became it, in the time of this host, milliseconds since 1970; null without exactly one. */
  readonly heldSinceMs: number | null
  /** Why the newest change of any node came about, and of which (a position); null: nothing is known. */
  readonly lastCause: {readonly node: number; readonly atMs: number; readonly text: string} | null
  /** The worst that is wrong with it; null: nothing. */
  readonly problem: Problem | null
}

/** A virtual router on one node; `isKnown` false: the node is silent, and the router is what it said last. */
export interface RouterOnNode {
  readonly isKnown: boolean
  readonly router: VirtualRouter
}

/** One virtual service and what each node says of it. */
export interface ClusterService {
  /** "192.0.2.1:80/tcp" */
  readonly name: string
  readonly configured: string | null
  /** One for each node; null: that node does not have it, or is silent. */
  readonly onNodes: readonly (WatchedService | null)[]
  /** Over all nodes that are known. */
  readonly activeConnections: number
  readonly connectionsPerSecond: number
  readonly bytesInPerSecond: number
  readonly bytesOutPerSecond: number
  readonly realServers: readonly ClusterReal[]
  readonly problem: Problem | null
}

/** One real server of a service and what each node says of it. */
export interface ClusterReal {
  readonly name: string
  readonly onNodes: readonly (WatchedReal | null)[]
  readonly activeConnections: number
  readonly inactiveConnections: number
  readonly connectionsPerSecond: number
  /** The worst of what the nodes say: a failing check, a drain, a pause, disagreement between nodes. */
  readonly problem: Problem | null
}

/** What is wrong, in words that need no other context. */
export interface Problem {
  /** `critical`: service is lost or doubled; `unknown`: it cannot be said; `warning`: less is redundant, or will be. */
  readonly severity: 'critical' | 'warning' | 'unknown'
  readonly kind: ProblemKind
  /** "SPLIT BRAIN: VI_1 is held by lb1 and lb2", "no holder of VI_2", "lb3 does not answer: connection refused". */
  readonly text: string
  /** What it is about: a node's name, a key of a router, a name of a service. */
  readonly subject: string
}

/** What can be wrong. */
export type ProblemKind =
  | 'split-brain'
  | 'no-holder'
  | 'holder-unknown'
  | 'node-silent'
  | 'router-fault'
  | 'no-backup'
  | 'held'
  | 'process'
  | 'configuration'
  | 'version'
  | 'service-down'
  | 'real-down'
  | 'check-paused'
  | 'drained'
  | 'drift'
  | 'clock'
  | 'observed'
