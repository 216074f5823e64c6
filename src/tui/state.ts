import type {ClusterPicture} from '../watch/model.ts'
import type {Key} from './keys.ts'
import type {Drawing, Line, Row, Subject, Tone, ViewId} from './model.ts'
import type {TextInput} from './text-input.ts'

/** Everything of the screen that the cluster does not decide. */
export interface DashboardState {
  readonly view: ViewId
  readonly views: {readonly [id in ViewId]: ViewState}
  /** The position of the node that is chosen: its column, and where orders and command lines go. */
  readonly node: number
  /** The picture that is looked at for as long as it stands still; null: the newest. */
  readonly paused: ClusterPicture | null
  /** No orders from here. */
  readonly readonly: boolean
  /** What was searched for last, lower case. */
  readonly search: string
  /** What lies on top of the view; null: nothing. */
  readonly overlay: Overlay | null
  /** One line until the next key. */
  readonly message: Message | null
}

/** Where a view stands; it stays so while other views are shown. */
export interface ViewState {
  /** The row that the cursor is on; null: the first. */
  readonly cursor: string | null
  /** Where that row was last: when it is gone, the cursor stays there. */
  readonly at: number
  /** The first row on the screen. */
  readonly top: number
  readonly sort: string
  /** Lower case. */
  readonly filter: string
  /** Keys of rows that are folded out. */
  readonly open: ReadonlySet<string>
}

export type Overlay =
  | {readonly type: 'help'; readonly top: number}
  /** The details of a row, made anew from each picture. */
  | {readonly type: 'details'; readonly view: ViewId; readonly subject: Subject; readonly top: number}
  /** Text that is there once, as the output of a command. */
  | {readonly type: 'page'; readonly page: Page; readonly top: number}
  | {readonly type: 'prompt'; readonly purpose: PromptPurpose; readonly input: TextInput}
  | {readonly type: 'dialog'; readonly dialog: Dialog}

/** What is typed at the bottom. */
export type PromptPurpose = 'search' | 'filter' | 'command'

export interface Page {
  /** A page with the id of the one that is shown takes its place; with another one after it was closed, nothing. */
  readonly id: string
  readonly title: string
  readonly lines: readonly Line[]
}

export interface Message {
  readonly text: string
  readonly tone: Tone
}

/** A question on top of the view: what it shows, and what keys make of it. */
export interface Dialog {
  readonly title: string
  /** Asked for anew with every picture; never more lines than `height`. */
  readonly lines: (picture: ClusterPicture, drawing: Drawing, height: number) => readonly Line[]
  /** What a key makes of it: itself, another one, or null: it closes. */
  readonly key: (key: Key, context: DialogContext) => Dialog | null
}

export interface DialogContext {
  readonly picture: ClusterPicture
  /** For what comes later: the answer of an agent. */
  readonly dispatch: Dispatch
}

/** One capital letter; `ORDERS` in actions.ts has all of them. */
export interface Order {
  readonly key: string
  /** For the help: "take over the virtual router". */
  readonly words: string
  /** The question to be asked, or why there is none, in one line. */
  readonly begin: (context: OrderContext) => Dialog | string
}

export interface OrderContext {
  readonly picture: ClusterPicture
  /** What the cursor is on; null: nothing. */
  readonly subject: Subject | null
  readonly node: number
}

/** What can happen to the screen. */
export type DashboardAction =
  | {readonly type: 'view'; readonly view: ViewId}
  | {readonly type: 'next-view'; readonly by: number}
  /** The cursor, or what a page shows, by so many lines. */
  | {readonly type: 'move'; readonly by: number}
  | {readonly type: 'move-pages'; readonly by: number}
  | {readonly type: 'move-to'; readonly end: 'first' | 'last'}
  | {readonly type: 'choose-node'; readonly by: number}
  | {readonly type: 'sort'}
  | {readonly type: 'pause'; readonly picture: ClusterPicture}
  /** Enter: folds the row, or opens its details. */
  | {readonly type: 'open'}
  /** Esc: closes what is on top, else takes the filter away. */
  | {readonly type: 'close'}
  | {readonly type: 'help'}
  | {readonly type: 'prompt'; readonly purpose: PromptPurpose}
  /** A key for the prompt. */
  | {readonly type: 'typed'; readonly key: Key}
  /** Goes to the next row that has what was searched for, or to the one before. */
  | {readonly type: 'search'; readonly by: 1 | -1}
  | {readonly type: 'page'; readonly page: Page; readonly isNew: boolean}
  | {readonly type: 'dialog'; readonly dialog: Dialog | null}
  /** The dialog that is shown becomes another one, unless it was closed or has become something else. */
  | {readonly type: 'replace-dialog'; readonly from: Dialog; readonly to: Dialog | null}
  | {readonly type: 'message'; readonly message: Message | null}

export type Dispatch = (action: DashboardAction) => void

/** What the screen shows now, which tells where the cursor can go. */
export interface Shown {
  readonly rows: readonly Row[]
  /** Lines that there are for rows. */
  readonly height: number
  /** Lines of the page or help that is on top, and how many of them fit. */
  readonly page: {readonly lines: number; readonly height: number}
  readonly nodes: number
}
