import {counted} from '../core/format.ts'
import type {ClusterPicture, NodePicture, Problem} from '../watch/model.ts'
import {isKnown} from '../watch/node-problems.ts'
import {printable} from './table.ts'

/** How a cluster is, in the words of monitoring plug-ins. */
export type VerdictState = 'ok' | 'warning' | 'critical' | 'unknown'

/** The one word for a cluster, and why. */
export interface Verdict {
  readonly state: VerdictState
  /** One line: "SPLIT BRAIN: VI_1 is held by lb1 and lb2, and 2 more problems". */
  readonly summary: string
}

/** The exit codes of monitoring plug-ins (Monitoring Plugins Development Guidelines, "Plugin Return Codes"). */
export const VERDICT_CODES: {readonly [state in VerdictState]: 0 | 1 | 2 | 3} = {
  ok: 0,
  warning: 1,
  critical: 2,
  unknown: 3,
}

/** What counts more: what cannot be said may be critical. */
const RANKS: {readonly [severity in Problem['severity']]: number} = {critical: 0, unknown: 1, warning: 2}

/** What is wrong, the worst first; a node that has not told everything yet is a problem, too, where nobody waits on. */
export function problemsOf({nodes, problems}: ClusterPicture): readonly Problem[] {
  const isTold = ({address: {name}}: NodePicture): boolean =>
    problems.some(({kind, subject}) => kind === 'node-silent' && subject === name)
  const silent = nodes.filter(node => !(isKnown(node) && node.isWhole) && !isTold(node)).map(silence)
  return [...problems, ...silent].toSorted((a, b) => RANKS[a.severity] - RANKS[b.severity])
}

/** The verdict on a whole cluster. */
export function verdictOf(picture: ClusterPicture): Verdict {
  const [first, ...others] = problemsOf(picture)
  if (first === undefined) return {state: 'ok', summary: sizeText(picture)}
  const more = others.length === 0 ? '' : `, and ${counted(others.length, 'more problem')}`
  return {state: first.severity, summary: printable(first.text) + more}
}

/** "OK: 3 nodes, 5 virtual routers, 12 services"; without the bar, behind which a plug-in has its figures. */
export const verdictLine = ({state, summary}: Verdict): string =>
  `${state.toUpperCase()}: ${summary.replaceAll('|', '/')}`

/** "3 nodes, 5 virtual routers, 12 services". */
export const sizeText = ({nodes, routers, services}: ClusterPicture): string =>
  [counted(nodes.length, 'node'), counted(routers.length, 'virtual router'), counted(services.length, 'service')].join(
    ', ',
  )

function silence({address: {name}, problem}: NodePicture): Problem {
  const text = problem === null ? `${name} has not told everything yet` : `${name} does not answer: ${problem}`
  return {severity: 'unknown', kind: 'node-silent', subject: name, text}
}
