import type {Diagnostic} from '../config.ts'
import {DIAGNOSTIC_KINDS} from '../diagnostic-codes.ts'
import {parseConfig} from '../parse.ts'
import {blockManuals, type KeywordManual} from './keywords.ts'
import {BESIDE, DEFINED, NEEDED, ROUTERS, SAME_AS} from './surroundings.ts'

/** What the reader says about the example of a keyword, with all that has to stand around it. */
export function findingsOfExample(manual: KeywordManual): readonly Diagnostic[] {
  const example = manual.example.split('\n')
  const {before, after} = surroundingsOf(manual)
  const text = [...before, ...example, ...after].join('\n')
  const [first, last] = [before.length + 1, before.length + example.length]
  return parseConfig({file: 'example', text}).diagnostics.filter(({position: {line}}) => line >= first && line <= last)
}

/** What is said of a keyword that is out of date; undefined for one that is not. */
export function outOfDate(manual: KeywordManual): string | undefined {
  const found = findingsOfExample(manual).find(({code}) => OUT_OF_DATE.has(code))
  if (!found) return undefined
  const word = found.code === RENAMED ? 'an old name' : 'deprecated'
  return found.hint === undefined ? word : `${word}: ${found.hint}`
}

const RENAMED = DIAGNOSTIC_KINDS['keyword-renamed'].code
const OUT_OF_DATE: ReadonlySet<string> = new Set([
  RENAMED,
  DIAGNOSTIC_KINDS['keyword-deprecated'].code,
  DIAGNOSTIC_KINDS['smtp-host-deprecated'].code,
])

interface Surroundings {
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** The lines before and after an example that make a configuration of it. */
function surroundingsOf({block, keyword, example}: KeywordManual): Surroundings {
  const holder = blockManuals().find(({name, keywords}) => name === block && keywords.some(k => k.keyword === keyword))
  const path = block === '' ? [] : [...(holder?.paths[0] ?? []), block]
  const heads = path.map((name, depth) => headOf(name, path[depth - 1] ?? ''))
  const beside = BESIDE[`${block}.${keyword}`] ?? BESIDE[keyword] ?? []
  // The innermost block needs what the example itself is none of.
  const given = new Set([SAME_AS[keyword] ?? keyword, ...beside.map(firstWord)])
  const within = path.flatMap((name, depth) => [
    heads[depth] ?? '',
    ...(NEEDED[name] ?? []).filter(text => depth < path.length - 1 || !given.has(firstWord(text))),
  ])
  // Nothing is defined a second time.
  const isNew = (text: string): boolean => ![...heads, ...example.split('\n')].includes(text.split('\n', 1)[0] ?? '')
  return {
    before: linesOf([...DEFINED.filter(isNew), ...within, ...beside]),
    after: linesOf([...path.map(() => '}'), ...ROUTERS.filter(isNew)]),
  }
}

const linesOf = (texts: readonly string[]): readonly string[] => texts.flatMap(text => text.split('\n'))

const firstWord = (text: string): string => text.split(' ', 1)[0] ?? ''

/** The first line of a block. */
function headOf(name: string, around: string): string {
  const head = blockManuals()
    .flatMap(({keywords}) => keywords)
    .find(({keyword, block: within}) => keyword === name && within === around)
  return head?.example.split('\n')[0] ?? `${name} {`
}
