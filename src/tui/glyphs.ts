import type {RouterStateName} from '../control/model.ts'
import type {NodeState, Problem} from '../watch/model.ts'
import type {Glyphs, Span, Tone} from './model.ts'

/** One column each in every font that terminals come with; none that is drawn as an emoji. */
export const UTF8_GLYPHS: Glyphs = {
  master: '●',
  backup: '○',
  fault: '✗',
  init: '◌',
  unknown: '?',
  absent: '·',
  up: '✓',
  down: '✗',
  paused: '‖',
  critical: '■',
  warning: '▲',
  open: '▾',
  closed: '▸',
  leaf: ' ',
  cursor: '❯',
  rule: '─',
  ellipsis: '…',
  separator: '│',
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
}

/** The same for terminals without UTF-8. */
export const ASCII_GLYPHS: Glyphs = {
  master: '*',
  backup: 'o',
  fault: 'X',
  init: '.',
  unknown: '?',
  absent: '-',
  up: '+',
  down: 'X',
  paused: '=',
  critical: '!',
  warning: '~',
  open: 'v',
  closed: '>',
  leaf: ' ',
  cursor: '>',
  rule: '-',
  ellipsis: '~',
  separator: '|',
  spark: ['_', '.', ':', '-', '=', '+', '*', '#'],
}

/** Whether the locale says that the terminal understands UTF-8: the first of these variables that is set counts. */
export function isUtf8(env: {readonly [name: string]: string | undefined}): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return /utf-?8/i.test(locale)
}

/** What the state of a virtual router is shown in. */
export const STATE_TONES: {readonly [state in RouterStateName]: Tone} = {
  master: 'good',
  backup: 'backup',
  fault: 'bad',
  init: 'warning',
}

/** The state of a virtual router: colour, symbol and word. */
export const stateSpan = (state: RouterStateName, glyphs: Glyphs): Span => ({
  text: `${glyphs[state]} ${state.toUpperCase()}`,
  tone: STATE_TONES[state],
})

/** What the state of a node is shown in. */
export const NODE_TONES: {readonly [state in NodeState]: Tone} = {
  live: 'good',
  connecting: 'unknown',
  late: 'warning',
  unknown: 'unknown',
}

/** The state of a node: colour, symbol and word. */
export function nodeSpan(state: NodeState, glyphs: Glyphs): Span {
  const symbols = {live: glyphs.up, connecting: glyphs.init, late: glyphs.warning, unknown: glyphs.unknown}
  return {text: `${symbols[state]} ${state.toUpperCase()}`, tone: NODE_TONES[state]}
}

/** What a problem is shown in. */
export const SEVERITY_TONES: {readonly [severity in Problem['severity']]: Tone} = {
  critical: 'bad',
  warning: 'warning',
  unknown: 'unknown',
}

/** How bad a problem is: colour, symbol and word. */
export function severitySpan(severity: Problem['severity'], glyphs: Glyphs): Span {
  const symbols = {critical: glyphs.critical, warning: glyphs.warning, unknown: glyphs.unknown}
  return {text: `${symbols[severity]} ${severity.toUpperCase()}`, tone: SEVERITY_TONES[severity]}
}
