import type {Config} from './config.ts'
import type {AnyBlockKind, Entry, Printed} from './schema/schema.ts'
import {ROOT} from './tables/root.ts'

/** How one object, such as `vrrp_instance V`, differs; its lines hold no secrets. */
export interface ObjectChange {
  /** The head of its block; of a setting outside of blocks, its keyword. */
  readonly object: string
  readonly change: 'same' | 'added' | 'removed' | 'changed'
  /** What changes of it, in the order of the tables. */
  readonly settings: readonly SettingChange[]
}

/** One line that tells how a setting changes, in the words of the configuration. */
export interface SettingChange {
  readonly keyword: string
  readonly text: string
}

/** Every object that one of two configurations names, and how it differs, in the order of the tables. */
export function compareObjects(before: Config, after: Config): readonly ObjectChange[] {
  return Object.entries(ROOT.schema).flatMap(([field, entry]) => {
    const objects = rootObjects(entry as unknown as AnyEntry, fieldOf(before, field), fieldOf(after, field))
    const isGiven = fieldOf(before.at, field) !== undefined || fieldOf(after.at, field) !== undefined
    return isGiven ? objects : objects.filter(({change}) => change !== 'same')
  })
}

/** What changes from one configuration to another, object by object. */
export const compareConfigs = (before: Config, after: Config): readonly ObjectChange[] =>
  compareObjects(before, after).filter(({change}) => change !== 'same')

/** What changes from one configuration to another: a line for each change; no secrets. */
export function describeChanges(before: Config, after: Config): readonly string[] {
  return compareConfigs(before, after).flatMap(({object, change, settings}) =>
    change === 'changed' ? settings.map(({text}) => `${object}: ${text}`) : [`${object}: ${change}`],
  )
}

type AnyEntry = Entry<unknown>

const fieldOf = (item: object, field: string): unknown => Reflect.get(item, field)

function rootObjects(entry: AnyEntry, before: unknown, after: unknown): readonly ObjectChange[] {
  if (opensBlocks(entry)) {
    return matched(blocksOf(entry, before), blocksOf(entry, after)).map(([was, is]) => ({
      object: (is ?? was)?.text ?? '',
      ...changeOf(was, is, () => (was && is ? changedSettings(is.kind, was.item, is.item) : [])),
    }))
  }
  const [old, now] = [entry.print(before, 'effective'), entry.print(after, 'effective')]
  return paired(old, now).map(([was, is]) => {
    const statement = is ?? was
    const object = statement?.block ? statement.text : firstWord(statement?.text ?? '')
    const lines = was && is ? changedLines(was, is) : []
    return {object, ...changeOf(was, is, () => lines.map(text => ({keyword: object, text})))}
  })
}

function changeOf(
  was: unknown,
  is: unknown,
  settingsOf: () => readonly SettingChange[],
): Pick<ObjectChange, 'change' | 'settings'> {
  if (!was || !is) return {change: is ? 'added' : 'removed', settings: []}
  const settings = settingsOf()
  return {change: settings.length > 0 ? 'changed' : 'same', settings}
}

/** How the settings of two blocks of one kind differ. */
function changedSettings(kind: AnyBlockKind, before: object, after: object): readonly SettingChange[] {
  const secret = kind.secret
  return Object.entries(kind.schema).flatMap(([field, entry]) => {
    const [was, is] = [fieldOf(before, field), fieldOf(after, field)]
    const keyword = entry.keywords[0]?.name ?? field
    const lines = changedEntry(entry as unknown as AnyEntry, was, is)
    if (secret && lines.length > 0) return [{keyword, text: `${keyword} changed`}]
    return lines.map(text => ({keyword, text}))
  })
}

function changedEntry(entry: AnyEntry, before: unknown, after: unknown): readonly string[] {
  if (!opensBlocks(entry)) return lineChanges(entry.print(before, 'effective'), entry.print(after, 'effective'))
  return matched(blocksOf(entry, before), blocksOf(entry, after)).flatMap(([was, is]) => {
    if (!was || !is) return [is ? `${is.text} added` : `${was?.text} removed`]
    const settings = changedSettings(is.kind, was.item, is.item)
    if (is.kind.secret && settings.length > 0) return [`${is.text} changed`]
    return settings.map(({text}) => `${is.text} ${text}`)
  })
}

const opensBlocks = (entry: AnyEntry): boolean => entry.keywords.some(({opens}) => opens !== undefined)

interface BlockItem {
  /** The head as it is written. */
  readonly text: string
  readonly kind: AnyBlockKind
  readonly item: object
}

/** The blocks that an entry holds, each with its head. */
function blocksOf(entry: AnyEntry, value: unknown): readonly BlockItem[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return items.flatMap(item => {
    if (typeof item !== 'object' || item === null) return []
    const [head] = entry.print(Array.isArray(value) ? [item] : item, 'given')
    const kind = head && kindOfBlock(entry, head)
    return head && kind ? [{text: head.text, kind, item}] : []
  })
}

/** Checkers of all kinds stand in one list: the keyword tells them apart. */
function kindOfBlock({keywords}: AnyEntry, {text}: Printed): AnyBlockKind | undefined {
  const named = keywords.find(({name}) => name === firstWord(text))
  return (named ?? keywords[0])?.opens
}

type Pair<T> = readonly [T | undefined, T | undefined]

/** Those with one key belong together; what is gone comes first. */
function matched<T extends {readonly text: string}>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (statement: T) => string = ({text}) => text,
): readonly Pair<T>[] {
  const old = new Map(before.map(statement => [keyOf(statement), statement]))
  const now = new Map(after.map(statement => [keyOf(statement), statement]))
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, was]): Pair<T> => [was, undefined])
  return [...gone, ...[...now].map(([key, is]): Pair<T> => [old.get(key), is])]
}

/** Statements that belong together: of one head where they open blocks or there are several, else of one keyword. */
function paired(before: readonly Printed[], after: readonly Printed[]): readonly Pair<Printed>[] {
  const counts = new Map<string, number>()
  for (const list of [before, after]) {
    const here = new Map<string, number>()
    for (const {text} of list) here.set(firstWord(text), (here.get(firstWord(text)) ?? 0) + 1)
    for (const [word, count] of here) counts.set(word, Math.max(count, counts.get(word) ?? 0))
  }
  return matched(before, after, ({text, block}) => {
    const word = firstWord(text)
    return block || (counts.get(word) ?? 0) > 1 ? text : word
  })
}

/** How the statements of one setting differ. Where there is one before and one after, the one became the other. */
function lineChanges(before: readonly Printed[], after: readonly Printed[]): readonly string[] {
  const [was, is] = [before[0], after[0]]
  if (was && is && before.length === 1 && after.length === 1) {
    const lines = changedLines(was, is)
    return was.block && is.block ? lines.map(line => `${is.text} ${line}`) : lines
  }
  return paired(before, after).flatMap(([old, now]) => {
    if (old && now) return changedLines(old, now)
    return [now ? `${now.text} added` : `${old?.text} removed`]
  })
}

/** The lines that tell how one statement became the other. */
function changedLines(was: Printed, is: Printed): readonly string[] {
  if (!was.block || !is.block) return was.text === is.text ? [] : [`${was.text} -> ${rest(was.text, is.text)}`]
  return paired(was.block, is.block).flatMap(([old, now]) => {
    if (!old || !now) return [now ? `${now.text} added` : `${old?.text} removed`]
    const lines = changedLines(old, now)
    return old.block ? lines.map(line => `${now.text} ${line}`) : lines
  })
}

const firstWord = (text: string): string => text.slice(0, text.search(/\s|$/))

/** The keyword need not be said twice. */
const rest = (was: string, is: string): string =>
  firstWord(was) === firstWord(is) && is.includes(' ') ? is.slice(firstWord(is).length + 1) : is
