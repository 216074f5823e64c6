import {type Meaning, OPTIONS, type OptionSpec} from './options.ts'

/** What a command line says next, as popt(3) reads it. */
export type PoptItem =
  /** `word` is the one that was read last: that of the option, or its argument. */
  | {readonly type: 'option'; readonly meaning: Meaning; readonly value: string | undefined; readonly word: string}
  /** popt(3) reads nothing after it. */
  | {readonly type: 'bad'; readonly word: string; readonly problem: PoptProblem}

/** What popt(3) says of an option that is wrong. */
export type PoptProblem = 'unknown option' | 'missing argument' | 'option does not take an argument'

/**
 * Reads options wherever they stand, as popt(3) does: short ones may share a word, a value may follow in the same word
 * with or without `=`, and `--` ends them. Words that are no options go to `rest`. `take` gets what is read, one after
 * the other; what it returns, unless undefined, ends the reading and is returned.
 */
export function readOptions<End>(
  argv: readonly string[],
  rest: string[],
  take: (item: PoptItem) => End | undefined,
): End | undefined {
  let next = 0
  /** Gives an option to `take`; the value is in `behind`, or in the next word where one is needed. */
  const takeSpec = (spec: OptionSpec, word: string, behind: string | undefined): End | undefined => {
    let value = behind
    if (value === undefined && takesNext(spec, argv[next])) value = argv[next++]
    if (value === undefined && spec.argument === 'required')
      return take({type: 'bad', word, problem: 'missing argument'})
    return take({type: 'option', meaning: spec.meaning, value, word: argv[next - 1] ?? word})
  }
  while (next < argv.length) {
    const word = argv[next++] ?? ''
    if (word === '--') {
      rest.push(...argv.slice(next))
      return undefined
    }
    if (word.charCodeAt(0) !== DASH || word.length === 1) {
      rest.push(word)
      continue
    }
    const isLong = word.charCodeAt(1) === DASH
    const end = isLong ? longOption(word, takeSpec, take) : shortOptions(word, takeSpec, take)
    if (end !== undefined) return end
  }
  return undefined
}

const DASH = 0x2d

type TakeSpec<End> = (spec: OptionSpec, word: string, behind: string | undefined) => End | undefined
type Take<End> = (item: PoptItem) => End | undefined

const LONG: ReadonlyMap<string, OptionSpec> = new Map(OPTIONS.map(spec => [spec.long, spec]))
const SHORT: ReadonlyMap<string, OptionSpec> = new Map(
  OPTIONS.flatMap(spec => (spec.short === undefined ? [] : [[spec.short, spec] as const])),
)

/** An argument that may be left out is not one that looks like an option. */
const takesNext = ({argument}: OptionSpec, next: string | undefined): boolean =>
  argument === 'required' || (argument === 'optional' && next !== undefined && !next.startsWith('-'))

function longOption<End>(word: string, takeSpec: TakeSpec<End>, take: Take<End>): End | undefined {
  const equals = word.indexOf('=')
  const spec = LONG.get(word.slice(2, equals < 0 ? undefined : equals))
  if (spec === undefined) return take({type: 'bad', word, problem: 'unknown option'})
  const value = equals < 0 ? undefined : word.slice(equals + 1)
  if (value !== undefined && spec.argument === 'none') return take({type: 'bad', word, problem: NO_ARGUMENT})
  return takeSpec(spec, word, value)
}

function shortOptions<End>(word: string, takeSpec: TakeSpec<End>, take: Take<End>): End | undefined {
  for (let i = 1; i < word.length; i++) {
    const spec = SHORT.get(word.charAt(i))
    if (spec === undefined) return take({type: 'bad', word, problem: 'unknown option'})
    const isLast = i === word.length - 1
    const hasEquals = !isLast && word.charAt(i + 1) === '='
    if (spec.argument !== 'none') return takeSpec(spec, word, isLast ? undefined : word.slice(i + (hasEquals ? 2 : 1)))
    if (hasEquals) return take({type: 'bad', word, problem: NO_ARGUMENT})
    const end = takeSpec(spec, word, undefined)
    if (end !== undefined) return end
  }
  return undefined
}

const NO_ARGUMENT = 'option does not take an argument'
