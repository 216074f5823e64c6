import type {ClusterPicture, Problem} from '../watch/model.ts'

/** How a piece of text is meant; always beside a symbol and a word, never alone. */
export type Tone = 'good' | 'backup' | 'warning' | 'bad' | 'unknown' | 'dim' | 'strong'

/** A piece of a line. */
export interface Span {
  readonly text: string
  readonly tone?: Tone
}

/** One line of the screen, no wider than was asked for once it is drawn: the rest is cut with an ellipsis. */
export type Line = readonly Span[]

/** The views, in the order of their digits. */
export const VIEW_IDS = ['overview', 'services', 'checks', 'events', 'peers', 'agent'] as const
export type ViewId = (typeof VIEW_IDS)[number]

/** What a row stands for: what actions act on and what Enter opens. */
export type Subject =
  | {readonly type: 'node'; readonly node: number}
  /** Of a router the column of `node` is chosen. */
  | {readonly type: 'router'; readonly key: string}
  | {readonly type: 'service'; readonly service: string}
  | {readonly type: 'real'; readonly service: string; readonly real: string}
  /** A checker of a real server; `service` may be a group of the configuration, whose services share it. */
  | {readonly type: 'check'; readonly service: string; readonly real: string; readonly number: number}
  | {readonly type: 'event'; readonly node: number; readonly seq: number}
  | {readonly type: 'peer'; readonly node: number; readonly router: string; readonly peer: string}
  | {readonly type: 'problem'; readonly problem: Problem}

/** One row of a view; its line is made only when it is on the screen. */
export interface Row {
  /** Stays the same while the thing exists: the cursor stays on it. */
  readonly key: string
  readonly subject: Subject
  /** What a filter is held against, lower case. */
  readonly words: string
  readonly line: (drawing: Drawing) => Line
  /** Enter folds it out and in (its key goes into `ViewQuery.open`) in place of opening a page of details. */
  readonly folds?: boolean
}

/** With what a line is drawn. */
export interface Drawing {
  readonly width: number
  readonly glyphs: Glyphs
  /** The position of the node that is chosen. */
  readonly node: number
  /** Connections per second in the past, oldest first, by name: "service" or "service real". NaN: nothing was known. */
  readonly history: (name: string) => readonly number[]
}

/** The symbols: with UTF-8, or in ASCII. */
export interface Glyphs {
  readonly master: string
  readonly backup: string
  readonly fault: string
  readonly init: string
  readonly unknown: string
  readonly absent: string
  readonly up: string
  readonly down: string
  readonly paused: string
  readonly critical: string
  readonly warning: string
  readonly open: string
  readonly closed: string
  readonly leaf: string
  readonly cursor: string
  readonly rule: string
  readonly ellipsis: string
  readonly separator: string
  /** From nothing to most. */
  readonly spark: readonly string[]
}

/** What a view is asked to show. */
export interface ViewQuery {
  /** Lower case; empty: everything. */
  readonly filter: string
  /** One of the view's `sorts`. */
  readonly sort: string
  /** Keys of rows that are folded out. */
  readonly open: ReadonlySet<string>
  /** The position of the node that is chosen. */
  readonly node: number
}

/** One of the six views: pure functions of the picture. */
export interface View {
  readonly id: ViewId
  readonly title: string
  /** The first is the one in the beginning; problems come first in it. */
  readonly sorts: readonly string[]
  /** Names of the columns. */
  readonly heading: (picture: ClusterPicture, drawing: Drawing) => Line
  /** In the order of the sort, filtered; called when the picture or the query differs, never for each frame. */
  readonly rows: (picture: ClusterPicture, query: ViewQuery) => readonly Row[]
  /** What is said in place of rows where there are none. */
  readonly empty: (picture: ClusterPicture, query: ViewQuery) => string
  /** Some of its rows fold out: those that say so. */
  readonly folds?: boolean
  /** A page about a row, opened with Enter. */
  readonly details?: (picture: ClusterPicture, subject: Subject, drawing: Drawing) => readonly Line[]
}
