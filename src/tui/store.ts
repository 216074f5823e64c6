import type {ClusterPicture} from '../watch/model.ts'
import {ORDERS} from './actions.ts'
import {type CommandProgress, isReadingCommand, runCommand, splitWords} from './command-line.ts'
import {atMostEach} from './frame-limit.ts'
import {ASCII_GLYPHS, UTF8_GLYPHS} from './glyphs.ts'
import {rateHistory} from './history.ts'
import {bindingOf, type Key} from './keys.ts'
import {span} from './lines.ts'
import type {Subject, Tone} from './model.ts'
import {cursorAt, initialState, reduce} from './reduce.ts'
import {laidOut, rememberedRows} from './remembered.ts'
import {type Scene, type ScreenLine, type Size, shownOn} from './screen-layout.ts'
import type {DashboardAction, DashboardState, Dialog} from './state.ts'

/** What the dashboard needs of `ClusterWatch`. */
export interface PictureSource {
  readonly picture: () => ClusterPicture
  /** Calls back with each new picture; returns what ends that. */
  readonly subscribe: (listener: (picture: ClusterPicture) => void) => () => void
}

export interface StoreOptions {
  readonly watch: PictureSource
  readonly readonly: boolean
  readonly isAscii: boolean
  readonly size: Size
  /** What `:` runs: bin/run.cjs. */
  readonly program: string
  /** The least time between two frames, milliseconds. */
  readonly frameMs?: number
  readonly onQuit: () => void
  readonly onSuspend: () => void
}

/** Everything that the screen is made of, and what changes it. */
export interface Store {
  /** The same object until something differs. */
  readonly scene: () => Scene
  /** The screen; the same object until it looks different, which most pictures leave as it is. */
  readonly lines: () => readonly ScreenLine[]
  /** Calls back when the scene differs, at most once in `frameMs` on the average; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void
  readonly press: (key: Key) => void
  readonly dispatch: (action: DashboardAction) => void
  readonly resized: (size: Size) => void
  /** Ends what runs: the command, the timer, the subscription. */
  readonly close: () => void
}

/** Ten frames a second, for keys. */
const FRAME_MS = 100
/** Pictures have so many times as long: Ink takes 40 ms of processor time for a frame of 200x60. */
const PICTURE_FRAMES = 3
/** How long what happened is said in place of the keys. */
const MESSAGE_MS = 10_000

/** Puts pictures and keys together to what is shown. */
export function createStore(options: StoreOptions): Store {
  const {watch, isAscii} = options
  const glyphs = isAscii ? ASCII_GLYPHS : UTF8_GLYPHS
  const history = rateHistory()
  const notifier = atMostEach(options.frameMs ?? FRAME_MS)
  const rowsOf = rememberedRows()
  let state = initialState(options.readonly)
  let size = options.size
  let scene: Scene | undefined
  let messageAtMs = 0
  const present = (): Scene => {
    if (scene !== undefined) return scene
    const picture = state.paused ?? watch.picture()
    const drawing = {width: size.columns, glyphs, node: state.node, history: history.of}
    scene = {state, picture, rows: rowsOf(picture, state), size, drawing, nowMs: watch.picture().nowMs, isAscii}
    return scene
  }
  let lines = laidOut()
  const changed = (intervals?: number): void => {
    scene = undefined
    notifier.notify(intervals)
  }
  const dispatch = (action: DashboardAction): void => {
    const next = reduce(state, action, shownOn(present()))
    if (next === state) return
    if (next.message !== state.message) messageAtMs = performance.now()
    state = next
    commands.follow(state)
    changed()
  }
  const say = (text: string, tone: Tone): void => dispatch({type: 'message', message: {text, tone}})
  const commands = commandRunner(options.program, dispatch)
  const run = (text: string): void => commands.run(text, present())
  const press = (key: Key): void => {
    // Whatever is on top.
    if (key.name === 'ctrl-c') options.onQuit()
    else if (key.name === 'ctrl-z') options.onSuspend()
    else {
      if (state.message !== null) dispatch({type: 'message', message: null})
      pressOn(key, {state, scene: present(), dispatch, say, run, quit: options.onQuit})
    }
  }
  const unsubscribe = watch.subscribe(picture => {
    history.take(picture)
    const isOld = state.message !== null && performance.now() - messageAtMs > MESSAGE_MS
    if (isOld) dispatch({type: 'message', message: null})
    changed(PICTURE_FRAMES)
  })
  history.take(watch.picture())
  return {
    scene: present,
    lines: () => lines(present()),
    subscribe: notifier.subscribe,
    press,
    dispatch,
    resized: next => {
      size = next
      // The terminal is empty, also where nothing looks different.
      lines = laidOut()
      changed()
    },
    close: () => {
      unsubscribe()
      notifier.close()
      commands.stop()
    },
  }
}

/** Runs one command line at a time, on a page of its own; a page that is closed ends it. */
function commandRunner(program: string, dispatch: (action: DashboardAction) => void) {
  let running: {readonly id: string; readonly stop: () => void} | undefined
  let runs = 0
  const stop = (): void => {
    running?.stop()
    running = undefined
  }
  /** Begins a command; a text says why it does not. */
  const begin = (text: string, {state, picture, size}: Scene): string | undefined => {
    const parsed = splitWords(text)
    if (!parsed.ok) return parsed.problem
    const {words} = parsed
    const address = picture.nodes[state.node]?.address
    if (words.length === 0 || address === undefined) return undefined
    if (state.readonly && !isReadingCommand(words)) return 'read-only: only commands that read'
    const id = `command ${++runs}`
    const title = `hactl ${text.trim().replace(/^hactl\s+/, '')} (${address.name})`
    dispatch({type: 'page', page: {id, title: `${title}: runs`, lines: []}, isNew: true})
    const onProgress = ({lines, ended}: CommandProgress): void => {
      const page = {id, title: `${title}: ${ended ?? 'runs'}`, lines: lines.map(line => [span(line)])}
      dispatch({type: 'page', page, isNew: false})
      if (ended !== undefined && running?.id === id) running = undefined
    }
    running = {id, stop: runCommand({words, address, width: size.columns, program, onProgress})}
    return undefined
  }
  const run = (text: string, scene: Scene): void => {
    const refusal = begin(text, scene)
    if (refusal !== undefined) dispatch({type: 'message', message: {text: refusal, tone: 'warning'}})
  }
  return {
    run,
    stop,
    follow: ({overlay}: DashboardState): void => {
      if (running !== undefined && !(overlay?.type === 'page' && overlay.page.id === running.id)) stop()
    },
  }
}

interface Press {
  readonly state: DashboardState
  readonly scene: Scene
  readonly dispatch: (action: DashboardAction) => void
  readonly say: (text: string, tone: Tone) => void
  readonly run: (text: string) => void
  readonly quit: () => void
}

/** Gives a key to what is on top. */
function pressOn(key: Key, press: Press): void {
  const {state, scene, dispatch, run} = press
  const {overlay} = state
  if (overlay?.type === 'prompt') {
    dispatch({type: 'typed', key})
    if (key.name === 'enter' && overlay.purpose === 'command') run(overlay.input.text)
    return
  }
  if (overlay?.type === 'dialog') {
    const next = overlay.dialog.key(key, {picture: scene.picture, dispatch})
    if (next !== overlay.dialog) dispatch({type: 'replace-dialog', from: overlay.dialog, to: next})
    return
  }
  if (overlay !== null && key.name === 'q') {
    dispatch({type: 'close'})
    return
  }
  if (ORDERS.some(order => order.key === key.name)) {
    beginOrder(key, press)
    return
  }
  const action = bindingOf(key)?.action(key, scene.picture)
  if (action === 'quit') press.quit()
  // What changes the rows of a view is not for a page that hides them.
  else if (typeof action === 'object' && (overlay === null || ON_PAGES.includes(action.type))) dispatch(action)
}

/** What keys can do while a page is on top. */
const ON_PAGES: readonly DashboardAction['type'][] = [
  'move',
  'move-pages',
  'move-to',
  'choose-node',
  'open',
  'close',
  'help',
  'view',
  'next-view',
  'pause',
  'prompt',
]

/** Asks what an order is about, or says why it cannot be given. */
function beginOrder(key: Key, {state, scene, dispatch, say}: Press): void {
  const begun = orderOf(key, {state, scene})
  if (typeof begun === 'string') say(begun, 'warning')
  else if (begun !== undefined) dispatch({type: 'dialog', dialog: begun})
}

function orderOf(key: Key, {state, scene}: Pick<Press, 'state' | 'scene'>): Dialog | string | undefined {
  if (state.readonly) return 'read-only: no orders from here'
  // What would be hit has to be shown as it is now.
  if (state.paused !== null) return 'the screen stands still: press space first'
  const order = ORDERS.find(candidate => candidate.key === key.name)
  return order?.begin({picture: scene.picture, subject: subjectOf(scene), node: state.node})
}

/** What is looked at: the page's subject, or the row that the cursor is on. */
function subjectOf({state, rows}: Scene): Subject | null {
  if (state.overlay?.type === 'details') return state.overlay.subject
  return rows[cursorAt(state.views[state.view], rows)]?.subject ?? null
}
