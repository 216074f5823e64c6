import {formatTime} from '../core/format.ts'
import {unreachable} from '../core/never.ts'
import type {ClusterPicture} from '../watch/model.ts'
import {nodeSpan, severitySpan} from './glyphs.ts'
import {helpLines} from './help.ts'
import {KEYS} from './keys.ts'
import {cutLine, GAP, lineWidth, padLine, safeText, span} from './lines.ts'
import {type Drawing, type Line, type Row, type Span, type Subject, VIEW_IDS} from './model.ts'
import {cursorAt, topRow} from './reduce.ts'
import type {DashboardState, Shown} from './state.ts'
import {VIEWS} from './views.ts'

/** Columns and rows of a terminal. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** What the whole screen is made of. */
export interface Scene {
  readonly state: DashboardState
  /** The one that is shown: the newest, or the one that was held still. */
  readonly picture: ClusterPicture
  /** Of the present view, sorted and filtered. */
  readonly rows: readonly Row[]
  readonly size: Size
  readonly drawing: Drawing
  /** Of this host, milliseconds since 1970: the clock goes on while the picture stands still. */
  readonly nowMs: number
  /** Without UTF-8. */
  readonly isAscii: boolean
}

/** One line as it is drawn. */
export interface ScreenLine {
  readonly spans: Line
  /** The cursor is on it. */
  readonly isChosen: boolean
}

/** The whole screen: as many lines as the terminal has rows, none wider than it. */
export function layOutScreen(scene: Scene): readonly ScreenLine[] {
  const {size, drawing, isAscii} = scene
  const top = [titleLine(scene), tabsLine(scene)].slice(0, Math.max(0, size.rows - 2))
  const bottom = bottomLine(scene)
  const height = Math.max(0, size.rows - top.length - 1)
  const middle = middleLines(scene, height).slice(0, height)
  const empty: ScreenLine = {spans: [], isChosen: false}
  const lines = [
    ...top.map(plain),
    ...middle,
    ...Array.from({length: height - middle.length}, () => empty),
    plain(bottom),
  ]
  return lines.slice(-Math.max(1, size.rows)).map(({spans, isChosen}) => {
    const safe = spans.map(({text, ...rest}) => ({...rest, text: safeText(text, isAscii)}))
    const cut = cutLine(safe, size.columns, drawing.glyphs.ellipsis)
    return {spans: isChosen ? padLine(cut, size.columns) : cut, isChosen}
  })
}

/** How much there is room for, which the reducer has to know. */
export function shownOn(scene: Scene): Shown {
  const {size, rows, picture} = scene
  const middle = Math.max(0, size.rows - Math.min(2, Math.max(0, size.rows - 2)) - 1)
  const pageHeight = Math.max(1, middle - 1)
  const {overlay} = scene.state
  const lines = overlay !== null && 'top' in overlay ? pageLines(scene).length : 0
  return {
    rows,
    height: Math.max(1, middle - problemLines(scene).length - 1),
    page: {lines, height: pageHeight},
    nodes: picture.nodes.length,
  }
}

/** Whether two lines look the same. */
export const isSameLine = (a: ScreenLine, b: ScreenLine): boolean =>
  a === b ||
  (a.isChosen === b.isChosen &&
    a.spans.length === b.spans.length &&
    a.spans.every(({text, tone}, at) => text === b.spans[at]?.text && tone === b.spans[at]?.tone))

const plain = (spans: Line): ScreenLine => ({spans, isChosen: false})

/** Nodes with their states, how many problems there are, and the time: whatever else is shown, this stays. */
function titleLine(scene: Scene): Line {
  const {state, drawing, size, nowMs} = scene
  const right: Span[] = []
  if (state.paused !== null) right.push(span(`${drawing.glyphs.paused} PAUSED  `, 'warning'))
  if (state.readonly) right.push(span('READ-ONLY  ', 'dim'))
  right.push(span(formatTime(new Date(nowMs).toISOString()).slice(11, 19)))
  const room = size.columns - lineWidth(right) - 1
  const name = span('hactl  ', 'strong')
  const counts = problemCounts(scene)
  const forms = [
    [name, ...counts, ...nodeStates(scene)],
    [...counts, ...nodeStates(scene)],
    [...counts, ...silentNodes(scene)],
  ]
  const left = forms.find(form => lineWidth(form) <= room) ?? forms.at(-1) ?? []
  return between(left, right, {width: size.columns, ellipsis: drawing.glyphs.ellipsis})
}

function problemCounts({picture: {problems, nodes}, drawing: {glyphs}}: Scene): Line {
  const line: Span[] = []
  for (const severity of ['critical', 'unknown', 'warning'] as const) {
    const count = problems.filter(problem => problem.severity === severity).length
    const {text, tone} = severitySpan(severity, glyphs)
    if (count > 0) line.push(span(`${text.replace(' ', ` ${count} `)}  `, tone))
  }
  // Nothing wrong is known of nodes that have said nothing yet.
  if (problems.length === 0 && nodes.every(({isWhole}) => isWhole)) line.push(span(`${glyphs.up} OK  `, 'good'))
  return line
}

const nodeStates = ({picture: {nodes}, state, drawing: {glyphs}}: Scene): Line =>
  nodes.flatMap(({address, state: how}, at) => [
    span(`${address.name} `, at === state.node ? 'strong' : undefined),
    nodeSpan(how, glyphs),
    span('  '),
  ])

/** Where there is no room for all: how many are well, and the others. */
function silentNodes(scene: Scene): Line {
  const {nodes} = scene.picture
  const silent = nodes.filter(({state}) => state !== 'live')
  const live = nodes.length - silent.length
  const count = span(`${live} of ${nodes.length} nodes LIVE  `, live === nodes.length ? 'good' : 'warning')
  return [
    count,
    ...nodeStates({...scene, picture: {...scene.picture, nodes: silent}, state: {...scene.state, node: -1}}),
  ]
}

/** The views, and how the present one is sorted and filtered. */
function tabsLine({state, rows, drawing, size}: Scene): Line {
  const view = state.views[state.view]
  const tabs = VIEW_IDS.map((id, at) =>
    id === state.view
      ? span(`[${at + 1} ${VIEWS[id].title}]`, 'strong')
      : span(` ${at + 1} ${VIEWS[id].title} `, 'dim'),
  )
  const isNarrow = size.columns < 100
  const at = rows.length === 0 ? 0 : cursorAt(view, rows) + 1
  const right: Span[] = [
    span(view.filter === '' ? '' : `${isNarrow ? '' : 'filter: '}"${view.filter}" `, 'warning'),
    span(isNarrow ? `${view.sort} ${at}/${rows.length}` : `sort: ${view.sort}  ${at} of ${rows.length}`, 'dim'),
  ]
  return between(tabs, right, {width: size.columns, ellipsis: drawing.glyphs.ellipsis})
}

/** Two parts at both ends of a line; the right one stays whole. */
function between(
  left: Line,
  right: Line,
  {width, ellipsis}: {readonly width: number; readonly ellipsis: string},
): Line {
  const room = Math.max(0, width - lineWidth(right) - 1)
  return [...padLine(cutLine(left, room, ellipsis), room), span(' '), ...right]
}

function middleLines(scene: Scene, height: number): readonly ScreenLine[] {
  const {overlay} = scene.state
  if (overlay !== null && 'top' in overlay) return pageOnScreen(scene, height)
  if (overlay?.type === 'dialog') {
    const {dialog} = overlay
    const body = dialog.lines(scene.picture, scene.drawing, Math.max(1, height - 1)).slice(0, Math.max(1, height - 1))
    return [ruleLine(scene, dialog.title), ...body].map(plain)
  }
  return viewLines(scene)
}

function pageOnScreen(scene: Scene, height: number): readonly ScreenLine[] {
  const {overlay} = scene.state
  if (overlay === null || !('top' in overlay)) return []
  const lines = pageLines(scene)
  const room = Math.max(1, height - 1)
  const top = Math.max(0, Math.min(overlay.top, lines.length - room))
  const shown = lines.slice(top, top + room)
  const place = lines.length > room ? ` ${top + 1}-${top + shown.length} of ${lines.length}` : ''
  return [ruleLine(scene, `${pageTitle(scene)}${place}`), ...shown].map(plain)
}

function pageTitle({state: {overlay}, picture}: Scene): string {
  switch (overlay?.type) {
    case 'help':
      return 'keys'
    case 'page':
      return overlay.page.title
    case 'details':
      return subjectTitle(overlay.subject, picture)
    default:
      return ''
  }
}

function subjectTitle(subject: Subject, {nodes, routers}: ClusterPicture): string {
  const nodeName = (at: number): string => nodes[at]?.address.name ?? '?'
  switch (subject.type) {
    case 'node':
      return `node ${nodeName(subject.node)}`
    case 'router':
      return `virtual router ${routers.find(({key}) => key === subject.key)?.name ?? ''}`
    case 'service':
      return `virtual service ${subject.service}`
    case 'real':
      return `real server ${subject.real} of ${subject.service}`
    case 'check':
      return `check ${subject.number} of ${subject.real}`
    case 'event':
      return `record ${subject.seq} of ${nodeName(subject.node)}`
    case 'peer':
      return `router ${subject.peer}, heard by ${nodeName(subject.node)}`
    case 'problem':
      return 'problem'
    default:
      return unreachable(subject)
  }
}

function pageLines({state: {overlay}, picture, drawing}: Scene): readonly Line[] {
  switch (overlay?.type) {
    case 'help':
      return helpLines(drawing)
    case 'page':
      return overlay.page.lines
    case 'details':
      return VIEWS[overlay.view].details?.(picture, overlay.subject, drawing) ?? []
    default:
      return []
  }
}

function ruleLine({drawing: {glyphs}, size}: Scene, title: string): Line {
  const rest = Math.max(0, size.columns - title.length - 4)
  return [
    span(`${glyphs.rule}${glyphs.rule} `, 'dim'),
    span(title, 'strong'),
    span(` ${glyphs.rule.repeat(rest)}`, 'dim'),
  ]
}

/** Three of them, or a sixth of a high screen: the rows below stay the larger part. */
function problemLines({picture: {problems}, drawing, size}: Scene): readonly Line[] {
  const most = size.rows < MOST_PROBLEMS * 3 ? 1 : Math.max(MOST_PROBLEMS, Math.floor(size.rows / 6))
  const shown = problems.length <= most ? problems : problems.slice(0, Math.max(1, most - 1))
  const lines = shown.map(({severity, text}): Line => [severitySpan(severity, drawing.glyphs), span(` ${text}`)])
  const more = problems.length - shown.length
  return more > 0 && most > 1 ? [...lines, [span(`  and ${more} more`, 'dim')]] : lines
}

const MOST_PROBLEMS = 3

function viewLines(scene: Scene): readonly ScreenLine[] {
  const {state, rows, picture, size} = scene
  // Two columns are the cursor's.
  const drawing = {...scene.drawing, width: size.columns - 2}
  const view = VIEWS[state.view]
  const viewState = state.views[state.view]
  const {height} = shownOn(scene)
  const at = cursorAt(viewState, rows)
  const top = topRow(viewState, {rows, height})
  const {glyphs} = drawing
  const query = {filter: viewState.filter, sort: viewState.sort, open: viewState.open, node: state.node}
  const shown = rows.slice(top, top + height).map(
    (row, index): ScreenLine => ({
      spans: [span(top + index === at ? `${glyphs.cursor} ` : '  ', 'strong'), ...row.line(drawing)],
      isChosen: top + index === at,
    }),
  )
  const empty = shown.length > 0 ? [] : [plain([span(`  ${view.empty(picture, query)}`, 'dim')])]
  const heading: Line = [span('  '), ...view.heading(picture, drawing)]
  return [...problemLines(scene).map(plain), plain(heading), ...shown, ...empty]
}

const PROMPTS = {search: '/', filter: 'filter: ', command: ':'} as const

function bottomLine({state, size}: Scene): Line {
  const {overlay, message} = state
  if (overlay?.type === 'prompt') return promptLine(overlay, size.columns)
  if (message !== null) return [span(message.text, message.tone)]
  if (overlay !== null && overlay.type !== 'dialog') {
    return [span('Esc', 'strong'), span(' back  '), span('j/k g/G PgUp/PgDn', 'strong'), span(' scroll')]
  }
  if (overlay !== null) return []
  return keysLine(size.columns)
}

/** As many keys as there is room for; how to learn the others, and how to leave, come first. */
function keysLine(width: number): Line {
  const [leaving, others] = [
    KEYS.filter(({group}) => group === 'leaving'),
    KEYS.filter(({group}) => group !== 'leaving'),
  ]
  const line: Span[] = []
  for (const {shown, short} of [...leaving, ...others]) {
    if (short === undefined) continue
    const key = [span(shown.split(' ')[0] ?? shown, 'strong'), span(` ${short}  `)]
    if (lineWidth([...line, ...key]) <= width + GAP) line.push(...key)
  }
  return line
}

/** The end of a long line is what is looked at; the place of the next character is marked. */
function promptLine(
  {purpose, input}: Extract<DashboardState['overlay'], {readonly type: 'prompt'}>,
  width: number,
): Line {
  const characters = [...input.text]
  const room = Math.max(1, width - PROMPTS[purpose].length - 1)
  const first = Math.max(0, input.at - room + 1)
  const before = characters.slice(first, input.at).join('')
  const after = characters.slice(input.at, first + room).join('')
  return [span(PROMPTS[purpose], 'strong'), span(before), span('_', 'strong'), span(after)]
}
