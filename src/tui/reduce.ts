import {unreachable} from '../core/never.ts'
import {type Row, VIEW_IDS, type ViewId} from './model.ts'
import type {DashboardAction, DashboardState, Overlay, PromptPurpose, Shown, ViewState} from './state.ts'
import {editText, textInput} from './text-input.ts'
import {VIEWS} from './views.ts'

/** What the screen is in the beginning. */
export function initialState(readonly: boolean): DashboardState {
  const views = Object.fromEntries(
    VIEW_IDS.map(id => [
      id,
      {cursor: null, at: 0, top: 0, sort: VIEWS[id].sorts[0] ?? '', filter: '', open: new Set()},
    ]),
  ) as unknown as {[id in ViewId]: ViewState}
  return {view: 'overview', views, node: 0, paused: null, readonly, search: '', overlay: null, message: null}
}

/** What becomes of the screen. Reads nothing but its arguments: `shown` is what it shows now. */
export function reduce(state: DashboardState, action: DashboardAction, shown: Shown): DashboardState {
  switch (action.type) {
    case 'view':
      return {...state, view: action.view, overlay: null, message: null}
    case 'next-view':
      return {...state, view: viewBeside(state.view, action.by), overlay: null, message: null}
    case 'move':
    case 'move-pages':
    case 'move-to':
      return moved(state, action, shown)
    case 'choose-node':
      return {...state, node: clamp(state.node + action.by, shown.nodes), message: null}
    case 'sort':
      return sorted(state)
    case 'pause':
      return {...state, paused: state.paused === null ? action.picture : null, message: null}
    case 'open':
      return opened(state, shown)
    case 'close':
      return closed(state, shown)
    case 'help':
      return {...state, overlay: state.overlay?.type === 'help' ? null : {type: 'help', top: 0}, message: null}
    case 'prompt':
      return {...state, overlay: promptFor(state, action.purpose), message: null}
    case 'typed':
      return typed(state, action, shown)
    case 'search':
      return searched(state, {by: action.by, from: cursorAt(viewState(state), shown.rows) + action.by}, shown)
    case 'page':
      return paged(state, action)
    case 'dialog':
      return {...state, overlay: action.dialog === null ? null : {type: 'dialog', dialog: action.dialog}}
    case 'replace-dialog':
      return replaced(state, action)
    case 'message':
      return {...state, message: action.message}
    default:
      return unreachable(action)
  }
}

/** Where the cursor of a view is: on its row, or where that was before it went away. */
export function cursorAt(view: ViewState, rows: readonly Row[]): number {
  const hinted = rows[view.at]
  if (hinted !== undefined && hinted.key === view.cursor) return view.at
  const found = view.cursor === null ? 0 : rows.findIndex(({key}) => key === view.cursor)
  return found >= 0 ? found : clamp(view.at, rows.length)
}

/** The first row on the screen: the cursor is always among those shown, and no line is empty while there are rows. */
export function topRow(
  view: ViewState,
  {rows, height}: {readonly rows: readonly Row[]; readonly height: number},
): number {
  const at = cursorAt(view, rows)
  const last = Math.max(0, rows.length - height)
  return Math.min(last, Math.max(Math.min(view.top, at), at - Math.max(1, height) + 1))
}

const viewState = (state: DashboardState): ViewState => state.views[state.view]

const clamp = (at: number, count: number): number => Math.max(0, Math.min(at, count - 1))

function withView(state: DashboardState, fields: Partial<ViewState>): DashboardState {
  return {...state, views: {...state.views, [state.view]: {...viewState(state), ...fields}}, message: null}
}

function viewBeside(view: ViewId, by: number): ViewId {
  const count = VIEW_IDS.length
  return VIEW_IDS[(VIEW_IDS.indexOf(view) + by + count) % count] ?? view
}

function withCursor(state: DashboardState, at: number, {rows, height}: Shown): DashboardState {
  const to = clamp(at, rows.length)
  const view = {...viewState(state), cursor: rows[to]?.key ?? null, at: to}
  return withView(state, {...view, top: topRow(view, {rows, height})})
}

type Move = Extract<DashboardAction, {readonly type: 'move' | 'move-pages' | 'move-to'}>

function moved(state: DashboardState, move: Move, shown: Shown): DashboardState {
  const {overlay} = state
  if (overlay !== null && 'top' in overlay) {
    const last = Math.max(0, shown.page.lines - shown.page.height)
    const top = target(overlay.top, move, {height: shown.page.height, last})
    return {...state, overlay: {...overlay, top: Math.max(0, Math.min(top, last))}}
  }
  const from = cursorAt(viewState(state), shown.rows)
  return withCursor(state, target(from, move, {height: shown.height, last: shown.rows.length - 1}), shown)
}

function target(from: number, move: Move, {height, last}: {readonly height: number; readonly last: number}): number {
  switch (move.type) {
    case 'move':
      return from + move.by
    case 'move-pages':
      // One row of the screen before stays in sight.
      return from + move.by * Math.max(1, height - 1)
    case 'move-to':
      return move.end === 'first' ? 0 : last
    default:
      return unreachable(move)
  }
}

function sorted(state: DashboardState): DashboardState {
  const {sorts} = VIEWS[state.view]
  const next = sorts[(sorts.indexOf(viewState(state).sort) + 1) % sorts.length]
  return next === undefined ? state : withView(state, {sort: next})
}

function opened(state: DashboardState, {rows}: Shown): DashboardState {
  if (state.overlay !== null) return {...state, overlay: null}
  const row = rows[cursorAt(viewState(state), rows)]
  const view = VIEWS[state.view]
  if (row === undefined) return state
  if (view.folds && row.subject.type !== 'real') {
    const open = new Set(viewState(state).open)
    if (!open.delete(row.key)) open.add(row.key)
    return withView(state, {open, cursor: row.key})
  }
  if (view.details === undefined) return state
  return {...state, overlay: {type: 'details', view: state.view, subject: row.subject, top: 0}, message: null}
}

function closed(state: DashboardState, shown: Shown): DashboardState {
  if (state.overlay !== null) return {...state, overlay: null}
  const {filter} = viewState(state)
  if (filter === '') return {...state, message: null}
  return withView(state, {filter: '', cursor: shown.rows[cursorAt(viewState(state), shown.rows)]?.key ?? null})
}

function promptFor(state: DashboardState, purpose: PromptPurpose): Overlay {
  const text = purpose === 'filter' ? viewState(state).filter : ''
  return {type: 'prompt', purpose, input: textInput(text)}
}

function typed(
  state: DashboardState,
  {key}: Extract<DashboardAction, {readonly type: 'typed'}>,
  shown: Shown,
): DashboardState {
  const {overlay} = state
  if (overlay?.type !== 'prompt') return state
  if (key.name === 'enter') return submitted(state, overlay, shown)
  const isLeft = key.name === 'backspace' && overlay.input.text === ''
  if (key.name === 'escape' || isLeft) {
    const without = {...state, overlay: null}
    return overlay.purpose === 'filter' ? withView(without, {filter: ''}) : without
  }
  const input = editText(overlay.input, key)
  if (input === undefined) return state
  const next = {...state, overlay: {...overlay, input}}
  // Filtered while it is typed.
  return overlay.purpose === 'filter' ? withView(next, {filter: input.text.trim().toLowerCase()}) : next
}

/** A command line is run by the app, which sees the same key. */
function submitted(
  state: DashboardState,
  {purpose, input}: Extract<Overlay, {readonly type: 'prompt'}>,
  shown: Shown,
): DashboardState {
  const next = {...state, overlay: null}
  if (purpose !== 'search') return next
  const search = input.text.trim().toLowerCase()
  const from = cursorAt(viewState(state), shown.rows)
  return search === '' ? next : searched({...next, search}, {by: 1, from}, shown)
}

function searched(
  state: DashboardState,
  {by, from}: {readonly by: 1 | -1; readonly from: number},
  shown: Shown,
): DashboardState {
  const {search} = state
  if (search === '') return {...state, message: {text: 'nothing was searched for yet: press /', tone: 'dim'}}
  const {rows} = shown
  for (let step = 0; step < rows.length; step++) {
    const at = (((from + step * by) % rows.length) + rows.length) % rows.length
    if (rows[at]?.words.includes(search)) return withCursor(state, at, shown)
  }
  return {...state, message: {text: `no row has "${search}"`, tone: 'warning'}}
}

function paged(
  state: DashboardState,
  {page, isNew}: Extract<DashboardAction, {readonly type: 'page'}>,
): DashboardState {
  const {overlay} = state
  if (isNew) return {...state, overlay: {type: 'page', page, top: 0}, message: null}
  if (overlay?.type !== 'page' || overlay.page.id !== page.id) return state
  return {...state, overlay: {...overlay, page}}
}

function replaced(
  state: DashboardState,
  {from, to}: Extract<DashboardAction, {readonly type: 'replace-dialog'}>,
): DashboardState {
  const {overlay} = state
  if (overlay?.type !== 'dialog' || overlay.dialog !== from) return state
  return {...state, overlay: to === null ? null : {type: 'dialog', dialog: to}}
}
