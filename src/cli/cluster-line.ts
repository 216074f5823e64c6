import type {RouterStateName} from '../control/model.ts'
import {counted} from '../core/format.ts'
import {displayWidth, textWidth} from '../diagnostics/display-width.ts'
import type {ClusterPicture, NodePicture, Problem, ProblemKind} from '../watch/model.ts'
import {isKnown} from '../watch/node-problems.ts'
import {problemsOf} from './cluster-verdict.ts'

/**
 * A cluster as one line for a prompt or tmux, at most `width` columns: "lb1 M2 B1  lb2 M1 B2 | SPLIT BRAIN VI_1". Where
 * that is too long, what is wrong stays.
 */
export function clusterLine(picture: ClusterPicture, width: number): string {
  const condition = conditionText(picture)
  const nodes = picture.nodes.map((node, at) => nodeText(node, statesText(picture, at)))
  const whole = `${nodes.join('  ')} | ${condition}`
  return lineOf(textWidth(harmless(whole)) > width ? condition : whole, width)
}

/** A text as such a line: harmless in a prompt, cut at the end. */
export function lineOf(text: string, width: number): string {
  const shown = harmless(text)
  if (textWidth(shown) <= width) return shown
  const end = width > ELLIPSIS.length ? ELLIPSIS : ''
  let line = ''
  let room = width - end.length
  for (const character of shown) {
    room -= displayWidth(character)
    if (room < 0) break
    line += character
  }
  return line + end
}

/** Not `…`: a prompt may be in any encoding. */
const ELLIPSIS = '..'

/** Names come from other hosts, and shells and tmux(1) act on signs such as `$`, `%`, `#` and `\`. */
const harmless = (text: string): string => text.replace(/[^\p{L}\p{N} .,:;/()[\]_+|?=@-]/gu, '?')

const LETTERS: {readonly [state in RouterStateName]: string} = {master: 'M', backup: 'B', fault: 'F', init: 'I'}

function statesText({routers}: ClusterPicture, at: number): string {
  const counts = {master: 0, backup: 0, fault: 0, init: 0}
  for (const {onNodes} of routers) {
    const on = onNodes[at]
    if (on?.isKnown) counts[on.router.state]++
  }
  const parts = (Object.keys(LETTERS) as RouterStateName[])
    .filter(state => counts[state] > 0)
    .map(state => `${LETTERS[state]}${counts[state]}`)
  return parts.length === 0 ? '-' : parts.join(' ')
}

const nodeText = (node: NodePicture, states: string): string =>
  `${node.address.name} ${isKnown(node) && node.isWhole ? states : '?'}`

/** The worst in words, the rest counted; "ok" where nothing is wrong. */
function conditionText(picture: ClusterPicture): string {
  const problems = problemsOf(picture)
  if (problems.length === 0) return 'ok'
  const loud = problems.filter(({severity}) => severity !== 'warning')
  const warnings = problems.length - loud.length
  const shown = loud.slice(0, MOST_SHOWN).map(problem => shortText(problem, picture))
  if (loud.length > shown.length) shown.push(`${loud.length - shown.length} more`)
  if (warnings > 0) shown.push(counted(warnings, 'warning'))
  return shown.join(', ')
}

const MOST_SHOWN = 2

/** What stands before the name of what is concerned. */
const SHORT: {readonly [kind in ProblemKind]?: string} = {
  'split-brain': 'SPLIT BRAIN',
  'no-holder': 'NO HOLDER',
  'holder-unknown': 'HOLDER UNKNOWN',
  'node-silent': 'SILENT',
  'router-fault': 'FAULT',
  'service-down': 'DOWN',
}

/** "SPLIT BRAIN VI_1", and with "+11" where one problem stands for many virtual routers. */
function shortText({kind, subject, text}: Problem, {routers, problems}: ClusterPicture): string {
  const words = SHORT[kind]
  if (words === undefined) return text
  const name = routers.find(({key}) => key === subject)?.name ?? subject
  const concerned = routers.filter(({problem}) => problem?.kind === kind).length
  const isOne = problems.filter(other => other.kind === kind).length === 1
  return `${words} ${name}${isOne && concerned > 1 ? ` +${concerned - 1}` : ''}`
}
