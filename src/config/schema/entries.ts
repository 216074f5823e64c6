import {OPAQUE, type Statement} from '../text/blocks.ts'
import {readBlock} from './read-block.ts'
import {
  type Argument,
  type BlockKind,
  type BlockValue,
  type Cursor,
  type Entry,
  type KeywordFacts,
  REFUSED,
  type Refused,
} from './schema.ts'
import {readArguments} from './statement-cursor.ts'

/** What a table says about one keyword besides its argument. */
export interface SettingFacts<Initial> {
  readonly initial: Initial
  readonly doc: string
  /** What holds when it is not given, in the words of the configuration. */
  readonly defaultText: string
  readonly repeats?: 'last-wins' | 'first-wins'
}

/** A field that one keyword sets. */
export function setting<T, Initial extends T | undefined>(
  name: string,
  argument: Argument<T>,
  facts: SettingFacts<Initial>,
): Entry<T | Initial> {
  return settings({[name]: argument}, facts)
}

/** A field that several keywords set, each in its way. */
export function settings<T, Initial extends T | undefined>(
  keywords: {readonly [name: string]: Argument<T>},
  facts: SettingFacts<Initial>,
): Entry<T | Initial> {
  const byName = new Map(Object.entries(keywords))
  const {doc, defaultText} = facts
  return {
    keywords: [...byName].map(([name, argument]) => ({name, form: argument.form, doc, defaultText})),
    initial: facts.initial,
    repeats: facts.repeats ?? 'last-wins',
    read: (statement, _previous, context) => {
      const argument = byName.get(statement.keyword.text)
      return argument ? readArguments(statement, argument, context) : REFUSED
    },
  }
}

/** A block that may stand once; a second one goes on where the first stopped. */
export function block<Settings>(kind: BlockKind<Settings>, doc: string): Entry<BlockValue<Settings> | undefined> {
  return {
    keywords: [blockFacts(kind.name, '{ … }', doc)],
    initial: undefined,
    repeats: 'collects',
    grammar: kind.grammar,
    read: (statement, previous, context) => {
      if (!statement.block) return REFUSED
      readArguments(statement, NOTHING, context)
      return readBlock(kind, statement.block, {name: '', position: statement.position}, context, previous)
    },
  }
}

/** Blocks with a name of their own each. */
export function namedBlocks<Settings>(kind: BlockKind<Settings>, doc: string): Entry<readonly BlockValue<Settings>[]> {
  const named = new WeakMap<readonly BlockValue<Settings>[], Map<string, BlockValue<Settings>>>()
  return {
    keywords: [blockFacts(kind.name, 'NAME { … }', doc)],
    initial: [],
    repeats: 'collects',
    grammar: kind.grammar,
    read: (statement, previous, context) => {
      if (!statement.block) return REFUSED
      const name = readArguments(statement, NAME, context)
      if (name === REFUSED) return REFUSED
      const byName = named.get(previous) ?? new Map<string, BlockValue<Settings>>()
      const earlier = byName.get(name)
      if (earlier) {
        const message = `${kind.name} ${name} is already defined in line ${earlier.position.line}; this one is ignored`
        context.findings.report(kind.duplicate, statement.position, message, 'give it another name')
        return REFUSED
      }
      const value = readBlock(kind, statement.block, {name, position: statement.position}, context)
      // The list is nobody else's while it grows; copying it for each of 10,000 blocks would take seconds.
      const list: BlockValue<Settings>[] = byName.size === 0 ? [] : (previous as BlockValue<Settings>[])
      list.push(value)
      named.set(list, byName.set(name, value))
      return list
    },
  }
}

/** A block whose lines are data: one value a line. */
export function lines<T>(
  name: string,
  form: string,
  read: (cursor: Cursor, statement: Statement) => T | Refused,
  doc: string,
): Entry<readonly T[]> {
  return {
    keywords: [blockFacts(name, `{ ${form} … }`, doc)],
    initial: [],
    repeats: 'collects',
    grammar: OPAQUE,
    read: (statement, previous, context) => {
      if (!statement.block) return REFUSED
      readArguments(statement, NOTHING, context)
      const values = [...previous]
      for (const line of statement.block.statements) {
        const value = readArguments(line, {form, read: cursor => read(cursor, line)}, context, {dataOf: name})
        if (value !== REFUSED) values.push(value)
      }
      return values
    },
  }
}

const blockFacts = (name: string, form: string, doc: string): KeywordFacts => ({name, form, doc, defaultText: 'none'})

const NOTHING: Argument<undefined> = {form: '', read: () => undefined}

const NAME: Argument<string> = {
  form: 'NAME',
  read: cursor => {
    const given = cursor.next()
    if (given && given.text !== '') return given.text
    return cursor.fail(given, 'it has no name and is ignored', `write ${cursor.keyword} NAME { … }`, 'name-missing')
  },
}
