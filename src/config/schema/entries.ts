import type {Position} from '../config.ts'
import type {DiagnosticName} from '../diagnostic-codes.ts'
import {OPAQUE} from '../text/blocks.ts'
import type {Statement} from '../text/pieces.ts'
import {writtenWord} from '../text/written.ts'
import {printBlock} from './print-block.ts'
import {readBlock} from './read-block.ts'
import {
  type AnyBlockKind,
  type Argument,
  type BlockKind,
  type Cursor,
  type Entry,
  type Item,
  type KeywordFacts,
  type OptionFacts,
  REFUSED,
  type Refused,
  type Since,
} from './schema.ts'
import {readArguments} from './statement-cursor.ts'

/** What a table says about one keyword besides its argument. */
export interface SettingFacts<Initial> {
  readonly initial: Initial
  /** One line, beginning with a small letter and without a full stop. */
  readonly doc: string
  /** What holds when it is not given, in the words of the configuration. */
  readonly defaultText: string
  readonly repeats?: 'last-wins' | 'first-wins'
  readonly since?: Since
  /** The same for keywords of the field that came at another time. */
  readonly sinceOf?: {readonly [keyword: string]: Since}
}

/** A field that one keyword sets. */
export function setting<T, Initial extends T | undefined>(
  name: string,
  argument: Argument<T>,
  facts: SettingFacts<Initial>,
): Entry<T | Initial> {
  return settings({[name]: argument}, facts)
}

/** A field that several keywords set, each in its way; the first that can say a value is the one written. */
export function settings<T, Initial extends T | undefined>(
  keywords: {readonly [name: string]: Argument<T>},
  facts: SettingFacts<Initial>,
): Entry<T | Initial> {
  const byName = new Map(Object.entries(keywords))
  const {doc, defaultText, since, sinceOf} = facts
  return {
    keywords: [...byName].map(([name, {form}]) => ({name, form, doc, defaultText, since: sinceOf?.[name] ?? since})),
    initial: facts.initial,
    repeats: facts.repeats ?? 'last-wins',
    read: (statement, _previous, context) => {
      const argument = byName.get(statement.keyword.text)
      return argument ? readArguments(statement, argument, context) : REFUSED
    },
    print: value => {
      if (value === undefined) return []
      for (const [name, argument] of byName) {
        const words = argument.print(value)
        if (words !== undefined) return [{text: words === '' ? name : `${name} ${words}`}]
      }
      return []
    },
  }
}

/** A field whose value comes from somewhere else unless it is given. */
export function inherited<T>(
  name: string,
  argument: Argument<T>,
  facts: Omit<SettingFacts<undefined>, 'initial'>,
): Entry<T | undefined> {
  return setting(name, argument, {initial: undefined, ...facts})
}

/** A field that a keyword alone turns on. */
export function flag(name: string, doc: string, more: {readonly since?: Since} = {}): Entry<boolean> {
  const argument: Argument<boolean> = {form: '', read: () => true, print: value => (value ? '' : undefined)}
  return setting(name, argument, {initial: false, doc, defaultText: 'off', ...more})
}

/** What a table says about a block. */
export interface BlockFacts {
  readonly doc: string
  readonly since?: Since
  /** What a second block does: go on where the first stopped, or nothing. */
  readonly repeats?: 'collects' | 'first-wins'
}

/** A block that has no name; a second one goes on where the first stopped. */
export function block<Settings>(kind: BlockKind<Settings>, facts: BlockFacts): Entry<Item<Settings> | undefined> {
  return {
    keywords: [blockFacts(kind, '{ … }', facts)],
    initial: undefined,
    repeats: facts.repeats ?? 'collects',
    grammar: kind.grammar,
    read: (statement, previous, context) => {
      if (!statement.block) return REFUSED
      readArguments(statement, NOTHING, context)
      return readBlock(kind, statement.block, {name: '', position: statement.position}, context, previous)
    },
    print: (value, mode) =>
      value ? [{text: kind.name, block: printBlock(kind, value, mode), secret: kind.secret}] : [],
  }
}

/** What stands between the keyword of a block and its brace. */
export interface BlockHead<Head> extends Argument<Head> {
  /** The name that messages use. */
  nameOf(head: Head): string
  /** What a second block of one name is reported as, and then ignored; undefined: it is a block of its own. */
  readonly duplicate: DiagnosticName | undefined
}

/** Blocks of one kind, each with a head of its own; `Head` becomes part of the object. */
export function headedBlocks<Settings, Head extends object>(
  kind: BlockKind<Settings>,
  head: BlockHead<Head>,
  facts: BlockFacts,
): Entry<readonly Item<Settings & Head>[]> {
  type Member = Item<Settings & Head>
  const named = new WeakMap<readonly Member[], Map<string, Member>>()
  return {
    keywords: [blockFacts(kind, `${head.form} { … }`, facts)],
    initial: [],
    repeats: 'collects',
    grammar: kind.grammar,
    read: (statement, previous, context) => {
      if (!statement.block) return REFUSED
      const given = readArguments(statement, head, context)
      if (given === REFUSED) return REFUSED
      const name = head.nameOf(given)
      const earlier = head.duplicate && named.get(previous)?.get(name)
      if (earlier && head.duplicate) {
        const message = `${kind.name} ${name} is already defined in line ${earlier.position.line}; this one is ignored`
        context.findings.report(head.duplicate, statement.position, message, 'give it another name')
        return REFUSED
      }
      const item = readBlock(kind, statement.block, {name, position: statement.position, ...given}, context) as Member
      // The list is nobody else's while it grows; copying it for each of 10,000 blocks would take seconds.
      const list: Member[] = previous.length === 0 ? [] : (previous as Member[])
      list.push(item)
      if (head.duplicate) named.set(list, (named.get(list) ?? new Map<string, Member>()).set(name, item))
      return list
    },
    print: (items, mode) =>
      items.map(item => {
        const words = head.print(item)
        return {text: words ? `${kind.name} ${words}` : kind.name, block: printBlock(kind, item, mode)}
      }),
  }
}

/** Blocks with a name of their own each. */
export function namedBlocks<Settings>(
  kind: BlockKind<Settings>,
  facts: BlockFacts & {readonly duplicate?: DiagnosticName},
): Entry<readonly Item<Settings>[]> {
  return headedBlocks(kind, namedHead(facts.duplicate ?? 'name-duplicate'), facts) as Entry<readonly Item<Settings>[]>
}

/** The lines of a block of data. */
export interface DataLines<T> {
  /** The form of one line. */
  readonly form: string
  /** The form for manuals, which leaves the options to `options`. */
  readonly brief?: string
  readonly options?: readonly OptionFacts[]
  read(cursor: Cursor, statement: Statement): T | Refused
  print(value: T): string
}

/** A block whose lines are data: one value a line. */
export function lines<T>(name: string, line: DataLines<T>, facts: BlockFacts): Entry<readonly T[]> {
  const {form, brief = form, options} = line
  const shown = brief.endsWith('…') ? `{ ${brief} }` : `{ ${brief} … }`
  return {
    keywords: [{name, form: shown, doc: facts.doc, defaultText: 'none', since: facts.since, options}],
    initial: [],
    repeats: facts.repeats ?? 'collects',
    grammar: OPAQUE,
    read: (statement, previous, context) => {
      if (!statement.block) return REFUSED
      readArguments(statement, NOTHING, context)
      const values = [...previous]
      for (const data of statement.block.statements) {
        const argument = {form, read: (cursor: Cursor) => line.read(cursor, data), print: line.print}
        const value = readArguments(data, argument, context, name)
        if (value !== REFUSED) values.push(value)
      }
      return values
    },
    print: values =>
      values.length === 0 ? [] : [{text: name, block: values.map(value => ({text: line.print(value)}))}],
  }
}

/** A name in a list, such as that of a member of a group. */
export interface NamedAt {
  readonly name: string
  readonly position: Position
}

/** A block that is a list of names, one or more a line. */
export function nameList(name: string, facts: BlockFacts, form = 'NAME'): Entry<readonly NamedAt[]> {
  return {
    keywords: [{name, form: `{ ${form} … }`, doc: facts.doc, defaultText: 'none', since: facts.since}],
    initial: [],
    repeats: facts.repeats ?? 'collects',
    grammar: OPAQUE,
    read: (statement, previous, context) => {
      if (!statement.block) return REFUSED
      readArguments(statement, NOTHING, context)
      const given = statement.block.statements.flatMap(({keyword, words, position}) =>
        [keyword, ...words].map(word => ({name: word.text, position: {...position, column: word.column}})),
      )
      return [...previous, ...given]
    },
    print: names =>
      names.length === 0 ? [] : [{text: name, block: names.map(member => ({text: writtenWord(member.name)}))}],
  }
}

function blockFacts(kind: AnyBlockKind | BlockKind<never>, form: string, {doc, since}: BlockFacts): KeywordFacts {
  return {name: kind.name, form, doc, defaultText: 'none', since, opens: kind as unknown as AnyBlockKind}
}

const NOTHING: Argument<undefined> = {form: '', read: () => undefined, print: () => ''}

const namedHead = (duplicate: DiagnosticName): BlockHead<{readonly name: string}> => ({
  form: 'NAME',
  duplicate,
  nameOf: ({name}) => name,
  read: cursor => {
    const given = cursor.next()
    if (given && given.text !== '') return {name: given.text}
    return cursor.fail(given, 'it has no name and is ignored', `write ${cursor.keyword} NAME { … }`, 'name-missing')
  },
  print: ({name}) => writtenWord(name),
})
