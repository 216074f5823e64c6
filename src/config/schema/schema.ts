import type {Position} from '../config.ts'
import type {DiagnosticName} from '../diagnostic-codes.ts'
import type {Findings} from '../findings.ts'
import type {KnownKeywords} from '../known-keywords.ts'
import type {Grammar, Statement} from '../text/blocks.ts'
import type {Word} from '../text/lexer.ts'

/** What a reader gives for a line that has no effect; it has reported why. */
export const REFUSED: unique symbol = Symbol('refused')
export type Refused = typeof REFUSED

/** Hands out the words of a statement one by one, and takes complaints about them. */
export interface Cursor {
  readonly keyword: string
  /** Takes the next word. */
  next(): Word | undefined
  /** Takes the next word; reports that the argument is missing where there is none. */
  require(): Word | Refused
  /** Looks at the next word. */
  peek(): Word | undefined
  /** A word as a message may show it. */
  show(word: Word): string
  /** Reports that the line has no effect, at a word or at the keyword. */
  fail(word: Word | undefined, message: string, hint?: string, name?: DiagnosticName): Refused
  /** Reports something that does not stop the line from having an effect. */
  note(name: DiagnosticName, word: Word | undefined, message: string, hint?: string): void
}

/** How the words after a keyword become a value of type `T`. */
export interface Argument<T> {
  /** The form for help and manuals, such as `1..255`. */
  readonly form: string
  /** How the line is split: `script` groups with both kinds of quotes. */
  readonly lexing?: 'script'
  read(cursor: Cursor): T | Refused
}

/** What help, manual and completion need to know of one keyword. */
export interface KeywordFacts {
  readonly name: string
  readonly form: string
  /** One line: what it does. */
  readonly doc: string
  /** What holds when it is not given, in the words of the configuration. */
  readonly defaultText: string
}

/** What reading needs besides the statement. */
export interface ReadContext {
  readonly findings: Findings
  /** Notes a keyword that is known but not acted on yet. */
  notActedOn(use: NotActedOn): void
  /** The next number of `BlockValue.order`. */
  nextOrder(): number
  /** Every block that knows a keyword, for "it stands in". */
  homesOf(keyword: string): readonly string[]
  /** True inside a block whose words must not be shown. */
  readonly secret: boolean
}

/** One use of a keyword that is not acted on yet. */
export interface NotActedOn {
  readonly keyword: string
  /** The kind of block, and its name. */
  readonly within: string
  readonly owner: string
  readonly statement: Statement
}

/** One field of a block: the keywords that set it, what it starts with, and how a statement changes it. */
export interface Entry<T> {
  readonly keywords: readonly KeywordFacts[]
  readonly initial: T
  /** What a second statement in the same block does. */
  readonly repeats: 'last-wins' | 'first-wins' | 'collects'
  /** The structure of the block that the keyword opens. */
  readonly grammar?: Grammar
  read(statement: Statement, previous: T, context: ReadContext): T | Refused
}

/** The whole table of a block: exactly one entry for each field, of exactly its type. */
export type Schema<Settings> = {readonly [Field in keyof Settings]-?: Entry<Settings[Field]>}

/** A kind of block: its keywords, and those that are known but not acted on yet. */
export interface BlockKind<Settings> {
  readonly name: string
  readonly schema: Schema<Settings>
  readonly known: KnownKeywords
  /** True when messages must not show the words in it. */
  readonly secret: boolean
  /** What a second block of one name is reported as; the first counts. */
  readonly duplicate: DiagnosticName
  readonly grammar: Grammar
  /** Which field a keyword sets. */
  readonly index: ReadonlyMap<string, {readonly field: keyof Settings; readonly entry: Entry<unknown>}>
}

/** A block that was read: every field has a value, and `at` says where those were set that were. */
export interface BlockValue<Settings> {
  readonly name: string
  readonly position: Position
  readonly settings: Settings
  readonly at: {readonly [Field in keyof Settings]?: Position}
  /** Blocks that end earlier in the text have lower numbers. */
  readonly order: number
  readonly notActedOn: readonly NotActedOn[]
}

/** Describes a kind of block by its table. */
export function blockKind<Settings>(
  name: string,
  schema: Schema<Settings>,
  known: KnownKeywords,
  {secret = false, duplicate = 'name-duplicate'}: {secret?: boolean; duplicate?: DiagnosticName} = {},
): BlockKind<Settings> {
  const index = new Map<string, {readonly field: keyof Settings; readonly entry: Entry<unknown>}>()
  const blocks = new Map<string, Grammar>(known.blocks)
  const words = new Set<string>(known.words)
  for (const [field, entry] of Object.entries(schema) as [keyof Settings, Entry<unknown>][]) {
    for (const keyword of entry.keywords) {
      index.set(keyword.name, {field, entry})
      if (entry.grammar) blocks.set(keyword.name, entry.grammar)
      else words.add(keyword.name)
    }
  }
  return {name, schema, known, secret, duplicate, index, grammar: {free: false, blocks, words}}
}
