import {type IpAddress, type IpFamily, ipFamily, parseIp} from '../../core/ip.ts'
import type {DiagnosticName} from '../diagnostic-codes.ts'
import {readInterface} from '../schema/arguments.ts'
import {type Cursor, REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {closest} from '../text/suggest.ts'
import {writtenWord} from '../text/written.ts'
import type {GivenPrefix, IpPrefix} from './ip-prefix.ts'
import {permittedRtId, type RtId, type RtKind, readInteger, readRtId, writtenRtId} from './rt-names.ts'

/** One option of a line of data: the words that begin it, what follows them, and how both ways go. */
export interface LineOption<Draft> {
  /** The word that is written, and others that mean the same. */
  readonly words: readonly [string, ...string[]]
  /** What follows the word, with ranges; empty for an option that stands alone. */
  readonly form: string
  /** One line, beginning with a small letter and without a full stop. */
  readonly doc: string
  /** True when it may stand several times. */
  readonly repeats?: boolean
  /** Takes what follows the word `option`; refused: the line has no effect. */
  read(line: LineReader, draft: Draft, option: Word): undefined | Refused
  /** The words that are read as what is there; undefined: nothing is. */
  print(draft: Draft): string | undefined
}

/** What becomes of a line with a mistake, and the kinds of findings about it. */
export interface LineFindings {
  /** Such as `the route is left out`. */
  readonly leftOut: string
  /** Something makes no sense, and the line is left out. */
  readonly invalid: DiagnosticName
  /** A word is skipped, or another value is used. */
  readonly corrected: DiagnosticName
  /** It works, but not as it seems. */
  readonly surprising: DiagnosticName
}

/** Hands out the words of one line, and takes complaints that say what becomes of it. */
export interface LineReader {
  readonly cursor: Cursor
  next(): Word | undefined
  peek(): Word | undefined
  show(word: Word): string
  /** Takes the value of an option; the line is left out where there is none. */
  value(option: Word, form: string): Word | Refused
  /** Reports why the line is left out. */
  refuse(word: Word | undefined, problem: string, hint?: string): Refused
  /** Reports that something is skipped or corrected. */
  correct(word: Word | undefined, message: string, hint?: string): void
  /** Reports that something works, but not as it seems. */
  warn(word: Word | undefined, message: string, hint?: string): void
}

/** A reader of the words that a cursor has. */
export function lineReader(cursor: Cursor, {leftOut, invalid, corrected, surprising}: LineFindings): LineReader {
  const refuse: LineReader['refuse'] = (word, problem, hint) =>
    cursor.fail(word, `${problem}; ${leftOut}`, hint, invalid)
  return {
    cursor,
    next: () => cursor.next(),
    peek: () => cursor.peek(),
    show: word => cursor.show(word),
    value: (option, form) =>
      cursor.next() ?? refuse(option, `${option.text} lacks its value`, `${option.text} ${form}`.trimEnd()),
    refuse,
    correct: (word, message, hint) => cursor.note(corrected, word, message, hint),
    warn: (word, message, hint) => cursor.note(surprising, word, message, hint),
  }
}

/** Options by each of their words. */
export const optionIndex = <Draft>(options: readonly LineOption<Draft>[]): ReadonlyMap<string, LineOption<Draft>> =>
  new Map(options.flatMap(option => option.words.map(word => [word, option] as const)))

/** The form of a line: every option in brackets. */
export const formOf = (options: readonly LineOption<never>[]): string =>
  options.map(({words, form}) => `[${words.join('|')}${form === '' ? '' : ` ${form}`}]`).join(' ')

/** The words of all options that are there. */
export const printOptions = <Draft>(options: readonly LineOption<Draft>[], draft: Draft): readonly string[] =>
  options.flatMap(option => option.print(draft) ?? [])

/** Reads one option; what is given again is told, for the later one counts. */
export function readOption<Draft>(
  option: LineOption<Draft>,
  line: LineReader,
  draft: Draft,
  {word, given}: {readonly word: Word; readonly given: Set<LineOption<Draft>>},
): undefined | Refused {
  if (given.has(option) && !option.repeats) line.warn(word, `${word.text} is given again; the later one counts`)
  given.add(option)
  return option.read(line, draft, word)
}

/** What a table says about an option that sets one field. */
export interface FieldOption<Draft, Value> {
  readonly words: readonly [string, ...string[]]
  readonly form: string
  readonly doc: string
  /** Takes the value that follows the word `option`. */
  take(line: LineReader, option: Word, draft: Draft): Value | Refused
  /** The words after the first that are read as the value; undefined: it need not be written. */
  write?(value: Value): string | undefined
}

/** Makes options that set one field of a draft each; a value that is a number is written as it is. */
export const fieldsOf =
  <Draft>() =>
  <Field extends keyof Draft>(
    field: Field,
    {take, write = String, ...facts}: FieldOption<Draft, NonNullable<Draft[Field]>>,
  ): LineOption<Draft> => ({
    ...facts,
    read: (line, draft, option) => {
      const value = take(line, option, draft)
      if (value === REFUSED) return REFUSED
      draft[field] = value
      return undefined
    },
    print: draft => {
      const value = draft[field]
      const text = value === undefined || value === null ? undefined : write(value)
      return text === undefined ? undefined : `${facts.words[0]} ${text}`.trimEnd()
    },
  })

/** The options of a part of what is read. */
export const within = <Field extends string, Part>(
  field: Field,
  options: readonly LineOption<Part>[],
): readonly LineOption<{readonly [Name in Field]: Part}>[] =>
  options.map(option => ({
    ...option,
    read: (line, draft, word) => option.read(line, draft[field], word),
    print: draft => option.print(draft[field]),
  }))

/** What an option takes that stands alone. */
export const FLAG = {form: '', take: () => true, write: (on: boolean) => (on ? '' : undefined)} as const

/** What an option takes whose value is a whole number. */
export const numbers = (max: number, form: NumberForm = 'decimal') => ({
  form: `0..${max}`,
  take: (line: LineReader, option: Word) => readNumber(line, option, {max, numbers: form}),
})

/** What an option takes whose value is an interface. */
export const DEVICE = {form: 'INTERFACE', take: readDevice, write: writtenWord} as const

/** What an option takes whose value is a number or a name of a table of the host; `usual` need not be written. */
export const rtIds = (kind: RtKind, usual?: number) => ({
  form: kind.toUpperCase(),
  take: (line: LineReader, option: Word) => readRt(line, option, kind),
  write: (id: RtId) => (id === usual ? undefined : writtenRtId(kind, id)),
})

/** How a whole number is written: `decimal` alone, or also hexadecimal and octal as in C. */
export type NumberForm = 'decimal' | 'any-base'

/** Takes a whole number of at most `max`. */
export function readNumber(
  line: LineReader,
  option: Word,
  {min = 0, max, numbers = 'decimal'}: {readonly min?: number; readonly max: number; readonly numbers?: NumberForm},
): number | Refused {
  const hint = `${option.text} ${min}..${max}`
  const given = line.value(option, `${min}..${max}`)
  if (given === REFUSED) return REFUSED
  const value = numbers === 'decimal' ? readDecimal(given.text) : readInteger(given.text)
  if (value === undefined) return line.refuse(given, `${line.show(given)} is not a whole number`, hint)
  return value >= min && value <= max
    ? value
    : line.refuse(given, `${line.show(given)} is not within ${min} to ${max}`, hint)
}

const readDecimal = (text: string): number | undefined => (/^\+?\d{1,15}$/.test(text) ? Number(text) : undefined)

/** What an option takes whose value has 64 bits; it stays decimal digits, since JSON has no number of that size. */
export const NUMBERS_64 = {
  form: '0..18446744073709551615',
  take: (line: LineReader, option: Word): string | Refused => {
    const given = line.value(option, NUMBERS_64.form)
    if (given === REFUSED) return REFUSED
    const digits = /^\+?0*(\d{1,20})$/.exec(given.text)?.[1]
    if (digits !== undefined && BigInt(digits) <= 0xffff_ffff_ffff_ffffn) return digits
    const hint = `${option.text} ${NUMBERS_64.form}`
    return line.refuse(given, `${line.show(given)} is not a whole number of 64 bits`, hint)
  },
}

/** Takes the name of an interface. */
export function readDevice(line: LineReader, option: Word): string | Refused {
  const given = line.value(option, 'INTERFACE')
  return given === REFUSED ? REFUSED : readInterface(line.cursor, given)
}

/** Takes an address of one family, or of any that `family` leaves open. */
export function readAddress(line: LineReader, option: Word, family: IpFamily | undefined): IpAddress | Refused {
  const given = line.value(option, 'ADDRESS')
  if (given === REFUSED) return REFUSED
  const address = parseIp(given.text)
  if (!address.ok) return line.refuse(given, `${line.show(given)} is not an address`, ADDRESS_HINTS[family ?? 4])
  if (family === undefined || ipFamily(address.value) === family) return address.value
  return line.refuse(given, `${line.show(given)} is not an IPv${family} address`, ADDRESS_HINTS[family])
}

const ADDRESS_HINTS = {4: 'such as 192.0.2.1, without a length', 6: 'such as 2001:db8::1, without a length'} as const

/** Takes a number or a name of a table of `/etc/iproute2`. */
export function readRt(line: LineReader, option: Word, kind: RtKind): RtId | Refused {
  const given = line.value(option, permittedRtId(kind))
  if (given === REFUSED) return REFUSED
  const id = readRtId(kind, given.text)
  return id ?? line.refuse(given, `${line.show(given)} is not permitted`, permittedRtId(kind))
}

/** A prefix whose length is told where all bits are taken in its place. */
export function correctedPrefix(line: LineReader, word: Word, {lengthProblem, ...prefix}: GivenPrefix): IpPrefix {
  if (lengthProblem !== undefined) {
    const message = `the prefix length of ${line.show(word)} is not permitted; ${prefix.prefixLength} is used`
    line.correct(word, message, lengthProblem)
  }
  return prefix
}

/** `track_group` of static objects. */
export const TRACK_GROUP: LineOption<{trackGroup?: string}> = {
  words: ['track_group'],
  form: 'GROUP',
  doc: 'virtual routers that step down when it is lost',
  repeats: true,
  read: (line, draft, option) => {
    const given = line.value(option, 'GROUP')
    if (given === REFUSED) return REFUSED
    if (draft.trackGroup === undefined) draft.trackGroup = given.text
    else line.correct(option, `track_group is given again; ${draft.trackGroup} counts`)
    return undefined
  },
  print: ({trackGroup}) => (trackGroup === undefined ? undefined : `track_group ${writtenWord(trackGroup)}`),
}

/** What a word that is no option may have been meant as. */
export function meantOption(
  text: string,
  words: Iterable<string>,
  others: ReadonlyMap<string, string>,
): string | undefined {
  const other = others.get(text)
  if (other !== undefined) return other
  const meant = closest(text, words)
  return meant === undefined ? undefined : `did you mean ${meant}?`
}
