import type {CLUSTER_CODES} from '../config/codes/cluster-codes.ts'
import type {Diagnostic, Position} from '../config/config.ts'
import {DIAGNOSTIC_KINDS} from '../config/diagnostic-codes.ts'
import type {ClusterNode} from './node.ts'

/** A place in the configuration of another node that a finding is about too. */
export interface RelatedPlace {
  readonly position: Position
  readonly message: string
  /** The node whose file that is. */
  readonly node: string
}

/** What several nodes make wrong together. */
export interface ClusterFinding extends Diagnostic {
  readonly related: readonly RelatedPlace[]
  /** The node in whose file `position` is. */
  readonly node: string
  /** The virtual router that it is about; undefined: none. */
  readonly router?: string
}

/** A place in the file of a node. */
export interface Place {
  /** Number of the node. */
  readonly node: number
  readonly position: Position
}

/** A place and what is to be seen there, without a full stop. */
export interface Remark extends Place {
  readonly message: string
}

/** One thing to report. */
export interface Report {
  readonly name: keyof typeof CLUSTER_CODES
  readonly at: Place
  readonly message: string
  readonly hint?: string
  readonly related?: readonly Remark[]
  readonly router?: string
}

/** Collects findings about nodes. */
export interface ClusterFindings {
  report(report: Report): void
  list(): readonly ClusterFinding[]
}

/** An empty collection that keeps a bounded number of findings and says how many more there were. */
export function newClusterFindings(nodes: readonly ClusterNode[]): ClusterFindings {
  const kept: ClusterFinding[] = []
  let dropped = 0
  const nameOf = (node: number): string => nodes[node]?.name ?? ''
  const make = ({name, at, message, hint, related = [], router}: Report): ClusterFinding => {
    const {code, severity, class: diagnosticClass} = DIAGNOSTIC_KINDS[name]
    return {
      code,
      severity,
      class: diagnosticClass,
      position: at.position,
      node: nameOf(at.node),
      message: printable(message),
      ...(hint === undefined ? {} : {hint: printable(hint)}),
      related: related.map(({node, position, message: text}) => ({
        position,
        message: printable(text),
        node: nameOf(node),
      })),
      ...(router === undefined ? {} : {router}),
    }
  }
  return {
    report(report) {
      if (kept.length < MAX_FINDINGS) kept.push(make(report))
      else dropped++
    },
    list() {
      const [first] = kept
      if (dropped === 0 || !first) return kept
      const at: Place = {node: 0, position: first.position}
      return [
        ...kept,
        {...make({name: 'nodes-not-compared', at, message: `and ${dropped} more findings`}), node: first.node},
      ]
    },
  }
}

/** Several names as a sentence has them: "a", "a and b", "a, b and 2 more". */
export function enumerated(names: readonly string[]): string {
  const shown = names.length > MAX_NAMES ? names.slice(0, MAX_NAMES - 1) : names
  const rest = names.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** How many findings are kept. */
const MAX_FINDINGS = 1_000
/** How many names a sentence lists. */
const MAX_NAMES = 4

/** A text with names of a configuration, which must not command the terminal of whoever reads it. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
