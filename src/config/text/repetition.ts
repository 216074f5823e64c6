import {type MappedText, sliceMapped} from './mapped-text.ts'

/** `~SEQ(…)` or `~LST(…)` at the start of a line: which names take which values, and what is repeated. */
export interface Repetition {
  readonly names: readonly string[]
  /** One row of values for each repetition; a missing value is empty. */
  readonly rows: Iterable<readonly string[]>
  readonly rest: MappedText
}

/** What is wrong with a repetition. */
export interface RepetitionFailure {
  readonly failure: string
}

/** True when a line begins with a repetition. */
export const isRepetition = (text: string): boolean => /^\s*~(SEQx?|LST)\s*\(/.test(text)

/** Reads the head of a repetition; `expand` replaces names in its arguments. keepalived.conf(5). */
export function readRepetition(
  line: MappedText,
  expand: (text: string) => string | undefined,
): Repetition | RepetitionFailure {
  const head = /^\s*~(SEQx?|LST)\s*\(/.exec(line.text)
  const close = head ? closingParenthesis(line.text, head[0].length) : undefined
  if (!head || close === undefined) return {failure: "')' is missing"}
  const argumentText = expand(line.text.slice(head[0].length, close))
  if (argumentText === undefined) return {failure: 'its arguments cannot be read'}
  const given = splitOutsideBraces(argumentText)
  const rest = sliceMapped(line, close + 1)
  return head[1] === 'LST' ? readList(given, rest) : readSequence(given, rest, head[1] === 'SEQx')
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

function readList(given: readonly string[], rest: MappedText): Repetition | RepetitionFailure {
  const [head = '', ...values] = given
  const names = membersOf(head) ?? [head]
  if (!names.every(name => NAME.test(name))) return {failure: 'it names no variable'}
  const single = membersOf(head) === undefined
  const rows = values.map(value => (single ? [value] : (membersOf(value) ?? [value])))
  if (rows.some(row => row.length > names.length)) return {failure: 'it has more values than names'}
  return {names, rows, rest}
}

function readSequence(given: readonly string[], rest: MappedText, hex: boolean): Repetition | RepetitionFailure {
  const [name = '', ...values] = given
  if (!NAME.test(name)) return {failure: 'it names no variable'}
  const format = values.length === 4 ? values.pop() : hex ? '%x' : '%d'
  const numbers = values.map(readNumber)
  if (numbers.length < 1 || numbers.length > 3 || numbers.some(Number.isNaN)) {
    return {failure: 'it needs one to three whole numbers'}
  }
  const spec = /^%([-0]*)(\d{0,2})(?:\.(\d{1,2}))?([dxXou])$/.exec(format ?? '')
  if (!spec) return {failure: `its format is not like %d, %02d or %x`}
  const end = numbers.at(-1) as number
  const start = numbers.length > 1 ? (numbers[0] as number) : end < 0 ? -1 : 1
  const step = numbers.length === 3 ? (numbers[1] as number) : end < start ? -1 : 1
  if (step === 0 || Math.sign(end - start) * step < 0) return {failure: 'its step does not lead from start to end'}
  return {names: [name], rows: sequence({start, step, end}, n => [formatted(n, spec)]), rest}
}

function* sequence<T>(
  {start, step, end}: {readonly start: number; readonly step: number; readonly end: number},
  row: (n: number) => T,
): Generator<T> {
  for (let n = start; step > 0 ? n <= end : n >= end; n += step) yield row(n)
}

function formatted(n: number, [, flags = '', width = '', precision = '', kind = 'd']: RegExpExecArray): string {
  const radix = kind === 'o' ? 8 : kind === 'x' || kind === 'X' ? 16 : 10
  const shown = radix === 10 ? n : n >>> 0
  const digits = Math.abs(shown).toString(radix).padStart(Number(precision), '0')
  const sign = shown < 0 ? '-' : ''
  const text = kind === 'X' ? digits.toUpperCase() : digits
  if (flags.includes('-')) return (sign + text).padEnd(Number(width))
  if (flags.includes('0') && precision === '') return sign + text.padStart(Number(width) - sign.length, '0')
  return (sign + text).padStart(Number(width))
}

/** Decimal, `0x…` or octal with a leading 0, as strtol of <stdlib.h> reads them; 32 bits. */
function readNumber(text: string): number {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.exec(text)
  if (!match?.[2]) return Number.NaN
  const octal = /^0[0-7]+$/.test(match[2])
  const value = octal ? Number.parseInt(match[2], 8) : Number(match[2])
  return Math.abs(value) > 0xffff_ffff ? Number.NaN : match[1] === '-' ? -value : value
}

function closingParenthesis(text: string, from: number): number | undefined {
  let depth = 1
  for (let i = from; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i
  }
  return undefined
}

function splitOutsideBraces(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '{') depth++
    else if (text[i] === '}') depth--
    else if (i === text.length || (text[i] === ',' && depth <= 0)) {
      parts.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return parts
}

const membersOf = (text: string): string[] | undefined =>
  text.startsWith('{') && text.endsWith('}')
    ? text
        .slice(1, -1)
        .split(',')
        .map(part => part.trim())
    : undefined
