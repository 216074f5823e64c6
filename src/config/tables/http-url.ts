import {whole, word} from '../schema/arguments.ts'
import {flag, inherited, setting} from '../schema/entries.ts'
import {type Argument, blockKind, type Entry, REFUSED, type Schema} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {splitQuoted} from '../text/lexer.ts'
import {mapped} from '../text/mapped-text.ts'
import {only} from './global-arguments.ts'
import {inheritedOnOff, MAX_UINT32, onlyWord, replaceable} from './lvs-arguments.ts'

/** Status codes of HTTP from one to another. */
export interface StatusRange {
  readonly from: number
  readonly to: number
}

/** How large the stack of the regular expression is at first and at most, in bytes. pcre2jit(3) */
export interface RegexStack {
  readonly startBytes: number
  readonly maxBytes: number
}

/** `url`: one page, and what it has to be. */
export interface HttpUrlSettings {
  readonly path: string | undefined
  /** MD5 of the body, 32 hexadecimal digits in lower case. */
  readonly digest: string | undefined
  /** Empty: 200 to 299. */
  readonly statusCodes: readonly StatusRange[]
  readonly virtualHost: string | undefined
  /** A regular expression of PCRE2, with its escapes decoded. */
  readonly regex: string | undefined
  /** Success is when the expression does not match. */
  readonly regexNoMatch: boolean
  readonly regexOptions: readonly RegexOption[]
  readonly regexMinOffsetBytes: number | undefined
  readonly regexMaxOffsetBytes: number | undefined
  readonly regexStack: RegexStack | undefined
}

/** `url` of SSL_GET. */
export interface SslUrlSettings extends HttpUrlSettings {
  readonly tlsCompliant: boolean | undefined
}

export type RegexOption = (typeof REGEX_OPTIONS)[number]

/** What counts as success where no status code is named. */
export const DEFAULT_STATUS: readonly StatusRange[] = [{from: 200, to: 299}]

/** Options of PCRE2 by keepalived's names. pcre2api(3) */
export const REGEX_OPTIONS = [
  'allow_empty_class',
  'alt_bsux',
  'auto_callout',
  'caseless',
  'dollar_endonly',
  'dotall',
  'dupnames',
  'extended',
  'firstline',
  'match_unset_backref',
  'multiline',
  'never_ucp',
  'never_utf',
  'no_auto_capture',
  'no_auto_possess',
  'no_dotstar_anchor',
  'no_start_optimize',
  'ucp',
  'ungreedy',
  'utf',
  'never_backslash_c',
  'alt_circumflex',
  'alt_verbnames',
  'use_offset_limit',
] as const

const DIGEST: Argument<string> = {
  form: '32 hexadecimal digits',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (/^[\da-f]{32}$/i.test(given.text)) return given.text.toLowerCase()
    const length = given.text.length === 32 ? '' : `, and it has ${given.text.length} characters`
    return cursor.fail(given, `${cursor.show(given)} is not an MD5 digest${length}`, DIGEST.form)
  },
  print: String,
}

const STATUS: Argument<readonly StatusRange[]> = {
  form: '100..599[-100..599] …',
  read: cursor => {
    const first = cursor.require()
    if (first === REFUSED) return REFUSED
    const ranges: StatusRange[] = []
    for (let given: typeof first | undefined = first; given; given = cursor.next()) {
      const match = /^\+?(\d{1,9})(?:-(\d{1,9}))?$/.exec(given.text)
      const [from, to] = match ? [Number(match[1]), Number(match[2] ?? match[1])] : [0, 0]
      if (from >= 100 && to <= 599 && from <= to) ranges.push({from, to})
      else {
        const hint = given.text.includes(',')
          ? 'write a space in place of the comma'
          : '200, or a range such as 200-299'
        cursor.note('argument-invalid', given, `${cursor.show(given)} is no status code; it is ignored`, hint)
      }
    }
    return ranges.length > 0 ? ranges : REFUSED
  },
  print: ranges => ranges.map(({from, to}) => (from === to ? from : `${from}-${to}`)).join(' '),
}

/** A second line adds to the first. */
const STATUS_CODES: Entry<readonly StatusRange[]> = {
  keywords: [{name: 'status_code', form: STATUS.form, doc: 'status codes that mean success', defaultText: '200-299'}],
  initial: [],
  repeats: 'collects',
  read: (statement, previous, context) => {
    const ranges = readArguments(statement, STATUS, context)
    return ranges === REFUSED ? REFUSED : [...previous, ...ranges]
  },
  print: ranges => (ranges.length === 0 ? [] : [{text: `status_code ${STATUS.print(ranges)}`}]),
}

const REGEX: Argument<string> = {
  form: '"EXPRESSION"',
  lexing: 'script',
  read: cursor => {
    const text = onlyWord(REGEX.form).read(cursor)
    return text === REFUSED ? REFUSED : decodeEscapes(text)
  },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be escaped
  print: text => `"${text.replace(/[\u0000-\u001f"\\$\u007f]/g, octalEscape)}"`,
}

const OPTION_WORDS: ReadonlySet<string> = new Set(REGEX_OPTIONS)
const isOption = (text: string): text is RegexOption => OPTION_WORDS.has(text)

const OPTIONS: Argument<readonly RegexOption[]> = {
  form: 'OPTION …',
  read: cursor => {
    const options: RegexOption[] = []
    if (!cursor.peek()) cursor.note('regex-setting-unused', undefined, 'no option is named', REGEX_OPTIONS.join(', '))
    for (let given = cursor.next(); given; given = cursor.next()) {
      if (!isOption(given.text)) {
        const message = `${cursor.show(given)} is no option of a regular expression; it is ignored`
        cursor.note('regex-setting-unused', given, message, `one of: ${REGEX_OPTIONS.join(', ')}`)
      } else if (!options.includes(given.text)) options.push(given.text)
    }
    return options.length > 0 ? options : REFUSED
  },
  print: options => options.join(' '),
}

const BYTES = whole({min: 0, max: MAX_UINT32})
/** A stack that is never smaller than it begins. */
const STACK: Argument<RegexStack> = {
  form: 'START MAXIMUM',
  read: cursor => {
    const given = cursor.peek()
    const startBytes = BYTES.read(cursor)
    const maxBytes = startBytes === REFUSED ? REFUSED : BYTES.read(cursor)
    if (startBytes === REFUSED || maxBytes === REFUSED) return REFUSED
    if (startBytes <= maxBytes) return {startBytes, maxBytes}
    return cursor.fail(given, `it begins with ${startBytes} bytes, more than its maximum of ${maxBytes}`, STACK.form)
  },
  print: ({startBytes, maxBytes}) => `${startBytes} ${maxBytes}`,
}

const URL_ENTRIES: Schema<HttpUrlSettings> = {
  path: replaceable('path', word('PATH'), {
    initial: undefined,
    doc: 'what is asked for, such as /index.html',
    defaultText: 'none; it has to be given',
  }),
  digest: setting('digest', DIGEST, {
    initial: undefined,
    doc: 'MD5 digest that the body has to have',
    defaultText: 'any',
    repeats: 'first-wins',
  }),
  statusCodes: STATUS_CODES,
  virtualHost: inherited('virtualhost', word('NAME'), {
    doc: 'host that is asked for',
    defaultText: 'virtualhost of the checker',
  }),
  regex: inherited('regex', REGEX, {
    doc: 'regular expression (PCRE2) that the body has to match; backslashes are read as escapes first',
    defaultText: 'none',
  }),
  regexNoMatch: flag('regex_no_match', 'succeed when the expression does not match'),
  regexOptions: setting('regex_options', OPTIONS, {
    initial: [],
    doc: 'options of PCRE2 for the expression',
    defaultText: 'none',
  }),
  regexMinOffsetBytes: inherited('regex_min_offset', only(BYTES), {
    doc: 'where in the body the expression begins to be looked for',
    defaultText: '0',
  }),
  regexMaxOffsetBytes: inherited('regex_max_offset', only(BYTES), {
    doc: 'where in the body a match may begin at the latest',
    defaultText: 'the end',
  }),
  regexStack: inherited('regex_stack', only(STACK), {
    doc: 'bytes of stack for the expression, at first and at most',
    defaultText: 'that of PCRE2',
  }),
}

/** The table of `url` in HTTP_GET. */
export const HTTP_URL = blockKind<HttpUrlSettings>('url', URL_ENTRIES)

/** The table of `url` in SSL_GET. */
export const SSL_URL = blockKind<SslUrlSettings>('url', {
  ...URL_ENTRIES,
  tlsCompliant: inheritedOnOff(
    'tls_compliant',
    'whether the end of the connection is announced',
    'tls_compliant of the checker',
    '2.2.8',
  ),
})

/** Decodes escapes outside and inside of what were quotes, as keepalived does for `regex`. */
function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text
  // Within quotes nothing but escapes has a meaning, so the quotes of the text itself become escapes.
  const inner = text.replace(/\\[\s\S]|\\$|"/g, found => {
    if (found === '\\') return '\\134'
    return found === '"' || found === '\\"' ? '\\042' : found
  })
  return splitQuoted(mapped(`"${inner}"`), true).words[0]?.text ?? ''
}

const octalEscape = (c: string): string => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`
