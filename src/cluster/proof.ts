import type {IpFamily} from '../core/ip.ts'
import type {ClusterFinding} from './findings.ts'
import type {Fault} from './simulation/fault.ts'

/** What a simulation of several nodes came to; made for JSON as it is. */
export interface ProofResult {
  /** The nodes, in the order given. */
  readonly nodes: readonly string[]
  readonly routers: readonly RouterProof[]
  /** Each kind of violation of each virtual router, at the place in the file where it is defined. */
  readonly findings: readonly ClusterFinding[]
  /** Sentences without a full stop: what was not simulated. */
  readonly leftOut: readonly string[]
  /** Keywords in use that were simulated as keepalived acts on them, while the agent does not yet. */
  readonly asKeepalived: readonly string[]
  /** Steps of all machines together, for comparing runs. */
  readonly steps: number
}

/** What was found out about one virtual router. */
export interface RouterProof {
  readonly name: string
  readonly vrid: number
  readonly family: IpFamily
  /** Nodes that have it. */
  readonly nodes: readonly string[]
  /** `proven`: always exactly one holder; `alone`: on one node only; `left-out`: not simulated to the end. */
  readonly verdict: 'proven' | 'violated' | 'alone' | 'left-out'
  /** How many single faults were tried, each with its repair. */
  readonly faults: number
  /** Milliseconds from a fault until another node has the addresses; null when none ever has to. */
  readonly takeoverMs: {readonly least: number; readonly most: number} | null
  /** Milliseconds that nobody held the addresses, at worst, over all faults that were survived. */
  readonly withoutHolderMs: number
  /** Starts first, then each fault and its repair. */
  readonly runs: readonly Run[]
}

/** A start or a fault with its repair. */
export interface Run {
  readonly kind: 'start' | Fault['kind']
  /** In words: "a.conf dies". */
  readonly title: string
  /** Who held the addresses before; empty for a start. */
  readonly holdersBefore: readonly string[]
  readonly phases: readonly Phase[]
}

/** What followed one change. */
export interface Phase {
  readonly kind: 'start' | 'fault' | 'repair'
  readonly title: string
  /** Who holds the addresses in the end. */
  readonly holders: readonly string[]
  /** Those of them that are cut off from the others. */
  readonly cutOff: readonly string[]
  readonly takeoverMs: number | null
  readonly withoutHolderMs: number
  readonly timeline: readonly TimelineEntry[]
  readonly violations: readonly Violation[]
  /** Why a node keeps the addresses although what it tracks has failed, without a full stop; null: it does not. */
  readonly because: string | null
}

/** One line of what happened. */
export interface TimelineEntry {
  /** Since the change, milliseconds. */
  readonly atMs: number
  readonly text: string
}

/** What must not be. */
export type Violation = 'no-holder' | 'two-holders' | 'group-split' | 'flapping' | 'failed-node-wins'
