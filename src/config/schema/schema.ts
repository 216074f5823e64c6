import type {Position} from '../config.ts'
import type {DiagnosticName} from '../diagnostic-codes.ts'
import type {Findings} from '../findings.ts'
import type {Grammar} from '../text/blocks.ts'
import type {Word} from '../text/lexer.ts'
import type {Statement} from '../text/pieces.ts'
import {type ItemMaker, itemMaker} from './item-maker.ts'

/** What a reader gives for a line that has no effect; it has reported why. */
export const REFUSED: unique symbol = Symbol('refused')
export type Refused = typeof REFUSED

/** Hands out the words of a statement one by one, and takes complaints about them. */
export interface Cursor {
  /** The keyword of the statement; the first word of a line of data. */
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

/** How the words after a keyword become a value of type `T`, and how that is written again. */
export interface Argument<T> {
  /** The form for help and manuals, with the range: `1..255`. */
  readonly form: string
  /** How the line is split: `script` groups with both kinds of quotes. */
  readonly lexing?: 'script'
  read(cursor: Cursor): T | Refused
  /** The words that `read` turns into this value; undefined where no words say it. */
  print(value: T): string | undefined
}

/** Versions of keepalived after 2.2.7 that brought something. */
export type Since = '2.2.8' | '2.3.0' | '2.3.2' | '2.3.3' | '2.4.0' | 'after 2.4.3'

/** One option of a line of data, for help and manuals. */
export interface OptionFacts {
  /** The word that begins it, and others that mean the same. */
  readonly words: readonly string[]
  /** What follows the word, with ranges; empty for an option that stands alone. */
  readonly form: string
  readonly doc: string
}

/** What help, manual and completion need to know of one keyword. */
export interface KeywordFacts {
  readonly name: string
  /** What follows it, with ranges; empty for a keyword that stands alone. */
  readonly form: string
  /** One line without a full stop: what it does. */
  readonly doc: string
  /** What holds when it is not given, in the words of the configuration. */
  readonly defaultText: string
  /** The first version of keepalived that has it; undefined: 2.2.7 has it. */
  readonly since?: Since | undefined
  /** The kind of the block that it opens, if that has keywords. */
  readonly opens?: AnyBlockKind
  /** What can stand in its lines of data, where the form does not say it all. */
  readonly options?: readonly OptionFacts[] | undefined
}

/** What reading needs besides the statement. */
export interface ReadContext {
  readonly findings: Findings
  /** Notes a keyword that is known but not acted on yet. */
  notActedOn(use: NotActedOn): void
  /** The next number of `ItemFacts.order`. */
  nextOrder(): number
  /** Every block that knows a keyword, for "it stands in". */
  homesOf(keyword: string): readonly string[]
  /** True inside a block whose words must not be shown. */
  readonly secret: boolean
  /** True inside a block that is not acted on as a whole: what is in it need not be told. */
  readonly quiet: boolean
  /** The keepalived that the configuration has to suit as well; undefined: the newest. */
  readonly compat: '2.2.7' | undefined
}

/** One use of a keyword that is not acted on yet. */
export interface NotActedOn {
  readonly keyword: string
  /** The kind of block, and its name. */
  readonly within: string
  readonly owner: string
  readonly position: Position
}

/** A statement as it is written: its line, and what stands between its braces. */
export interface Printed {
  readonly text: string
  readonly block?: readonly Printed[]
  /** The field that it sets, where it stands in a block that has a table. */
  readonly field?: string
  /** True when the block holds what must not be shown. */
  readonly secret?: boolean
}

/** `given`: what the text says; `effective`: with every default and everything inherited. */
export type PrintMode = 'given' | 'effective'

/** One field of a block: the keywords that set it, what it starts with, and how a statement changes it. */
export interface Entry<T> {
  readonly keywords: readonly KeywordFacts[]
  readonly initial: T
  /** What a second statement in the same block does. */
  readonly repeats: 'last-wins' | 'first-wins' | 'collects'
  /** The structure of the block that the keyword opens. */
  readonly grammar?: Grammar
  read(statement: Statement, previous: T, context: ReadContext): T | Refused
  /** The statements that set the value. */
  print(value: T, mode: PrintMode): readonly Printed[]
}

/** The whole table of a block: exactly one entry for each field, of exactly its type. */
export type Schema<Settings> = {readonly [Field in keyof Settings]-?: Entry<Settings[Field]>}

/** A kind of block: its name in messages, and its table. */
export interface BlockKind<Settings> {
  readonly name: string
  readonly schema: Schema<Settings>
  /** Every field with what it starts with. */
  readonly initial: Settings
  /** Makes its objects; the heads of all have the same fields. */
  readonly newItem: ItemMaker<Settings>
  /** True when messages must not show the words in it. */
  readonly secret: boolean
  readonly grammar: Grammar
  /** Which field a keyword sets. */
  readonly index: ReadonlyMap<string, IndexedKeyword<Settings>>
}

export interface IndexedKeyword<Settings> {
  readonly field: keyof Settings
  readonly entry: Entry<unknown>
  readonly facts: KeywordFacts
}

/** A kind of block whatever its fields, to walk over. */
export interface AnyBlockKind {
  readonly name: string
  readonly schema: {readonly [field: string]: Pick<Entry<never>, 'keywords' | 'repeats' | 'print'>}
  readonly secret: boolean
  readonly grammar: Grammar
  readonly index: ReadonlyMap<string, {readonly facts: KeywordFacts}>
}

/** What is known of an object besides its settings. */
export interface ItemFacts<Settings> {
  /** Empty where such a block has none. */
  readonly name: string
  readonly position: Position
  /** Where those settings were given that were. */
  readonly at: {readonly [Field in keyof Settings]?: Position}
  /** Blocks that end earlier in the text have lower numbers. */
  readonly order: number
}

/** An object of the configuration: every setting has a value. */
export type Item<Settings> = Settings & ItemFacts<Settings>

/** Settings of which some are no longer undefined, since what they inherit was filled in. */
export type Filled<Settings, Fields extends keyof Settings> = {
  readonly [Field in keyof Settings]: Field extends Fields ? NonNullable<Settings[Field]> : Settings[Field]
}

/** Describes a kind of block by its table. */
export function blockKind<Settings>(
  name: string,
  schema: Schema<Settings>,
  {secret = false}: {readonly secret?: boolean} = {},
): BlockKind<Settings> {
  const index = new Map<string, IndexedKeyword<Settings>>()
  const blocks = new Map<string, Grammar>()
  const words = new Set<string>()
  const initial: {[Field in keyof Settings]?: Settings[Field]} = {}
  for (const [field, entry] of Object.entries(schema) as [keyof Settings, Entry<unknown>][]) {
    initial[field] = entry.initial as Settings[keyof Settings]
    for (const facts of entry.keywords) {
      index.set(facts.name, {field, entry, facts})
      if (entry.grammar) blocks.set(facts.name, entry.grammar)
      else words.add(facts.name)
    }
  }
  let maker: ItemMaker<Settings> | undefined
  const newItem: ItemMaker<Settings> = (settings, head, at) => {
    maker ??= itemMaker(initial as Settings & object, head)
    return maker(settings, head, at)
  }
  return {name, schema, initial: initial as Settings, newItem, secret, index, grammar: {free: false, blocks, words}}
}
