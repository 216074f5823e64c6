import type {Config} from './config.ts'
import {printBlock} from './schema/print-block.ts'
import type {Printed} from './schema/schema.ts'
import {ROOT} from './tables/root.ts'

/** What changes of one object, such as `vrrp_instance V`; its lines hold no secrets. */
export interface ObjectChange {
  /** The head of its block; of a setting outside of blocks, its keyword. */
  readonly object: string
  readonly change: 'added' | 'removed' | 'changed'
  /** A line for each setting that changes, in the words of the configuration. */
  readonly lines: readonly string[]
}

/** What changes from one configuration to another, object by object, in the order of the tables. */
export function compareConfigs(before: Config, after: Config): readonly ObjectChange[] {
  const [old, now] = [printBlock(ROOT, before, 'effective'), printBlock(ROOT, after, 'effective')]
  const pairs = paired(old, now)
  return pairs.flatMap(([was, is]): readonly ObjectChange[] => {
    const object = (is ?? was)?.text ?? ''
    if (was && is) {
      const lines = changedLines(was, is)
      return lines.length > 0 ? [{object: was.block ? object : firstWord(object), change: 'changed', lines}] : []
    }
    return [{object, change: is ? 'added' : 'removed', lines: []}]
  })
}

/** What changes from one configuration to another: a line for each change; no secrets. */
export function describeChanges(before: Config, after: Config): readonly string[] {
  return compareConfigs(before, after).flatMap(({object, change, lines}) =>
    change === 'changed' ? lines.map(line => `${object}: ${line}`) : [`${object}: ${change}`],
  )
}

const firstWord = (text: string): string => text.slice(0, text.search(/\s|$/))

/** What a statement is about: the field that it sets, or else its first word. */
const topic = ({field, text}: Printed): string => field ?? firstWord(text)

type Pair = readonly [Printed | undefined, Printed | undefined]

/** Statements that belong together: of one head where they open blocks or there are several, else of one keyword. */
function paired(before: readonly Printed[], after: readonly Printed[]): readonly Pair[] {
  const counts = new Map<string, number>()
  for (const list of [before, after]) {
    const here = new Map<string, number>()
    for (const statement of list) here.set(topic(statement), (here.get(topic(statement)) ?? 0) + 1)
    for (const [word, count] of here) counts.set(word, Math.max(count, counts.get(word) ?? 0))
  }
  const keyOf = (statement: Printed): string => {
    const word = topic(statement)
    return statement.block || (counts.get(word) ?? 0) > 1 ? statement.text : word
  }
  const old = new Map(before.map(statement => [keyOf(statement), statement]))
  const now = new Map(after.map(statement => [keyOf(statement), statement]))
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, was]): Pair => [was, undefined])
  return [...gone, ...[...now].map(([key, is]): Pair => [old.get(key), is])]
}

/** The lines that tell how one statement became the other. */
function changedLines(was: Printed, is: Printed): readonly string[] {
  if (!was.block || !is.block) return was.text === is.text ? [] : [`${was.text} -> ${rest(was.text, is.text)}`]
  const lines: string[] = []
  for (const [old, now] of paired(was.block, is.block)) {
    if (old && now) lines.push(...nestedLines(old, now))
    else if (now) lines.push(`${now.text} added`)
    else if (old) lines.push(`${old.text} removed`)
  }
  return lines
}

function nestedLines(was: Printed, is: Printed): readonly string[] {
  const lines = changedLines(was, is)
  if (!was.block) return lines
  if (was.secret && lines.length > 0) return [`${was.text} changed`]
  return lines.map(line => `${was.text} ${line}`)
}

/** The keyword need not be said twice. */
const rest = (was: string, is: string): string =>
  firstWord(was) === firstWord(is) && is.includes(' ') ? is.slice(firstWord(is).length + 1) : is
