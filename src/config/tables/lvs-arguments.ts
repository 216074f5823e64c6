import {type IpAddress, parseIp} from '../../core/ip.ts'
import {onOff, seconds, whole} from '../schema/arguments.ts'
import {type SettingFacts, setting} from '../schema/entries.ts'
import {type Argument, type Cursor, type Entry, REFUSED, type Refused, type Since} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {decimals} from './global-arguments.ts'

/** An address with a port; 0: none is given. */
export interface Endpoint {
  readonly address: IpAddress
  readonly port: number
}

/** Numbers of 32 bits, such as firewall marks. */
export const MAX_UINT32 = 0xffff_ffff

/** What keepalived can hold in microseconds of 64 bits. */
const LONGEST_SECONDS = 18_446_744_073_709
/** What keepalived can hold in microseconds of 32 bits. */
const LONGEST_SHORT_SECONDS = 4_294.967_295

/** Time from one check to the next. */
export const DELAY = decimals(6, seconds({min: 0.000_001, max: LONGEST_SECONDS}))
/** A time that may be none. */
export const DELAY_OR_NONE = decimals(6, seconds({min: 0, max: LONGEST_SECONDS}))
/** Time that a check may take. */
export const TIMEOUT = decimals(6, seconds({min: 0.000_001, max: LONGEST_SHORT_SECONDS}))
/** Any number of 32 bits. */
export const UINT32 = whole({min: 0, max: MAX_UINT32})
/** A number of 32 bits that is not 0. */
export const POSITIVE_UINT32 = whole({min: 1, max: MAX_UINT32})
/** A port. */
export const PORT = whole({min: 1, max: 65_535})

/** `on` and the like, for a setting that something else decides where it is not given. */
export const inheritedOnOff = (name: string, doc: string, defaultText: string, since?: Since) =>
  setting(name, onOff, {initial: undefined, doc, defaultText, ...(since ? {since} : {})})

/** Exactly one word, which may be quoted; more is an error. */
export const onlyWord = (form: string): Argument<string> => ({
  form,
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const more = cursor.peek()
    if (!more) return given.text
    return cursor.fail(
      more,
      `${cursor.show(more)} is one word too many`,
      'put a value with spaces between double quotes',
    )
  },
  print: writtenWord,
})

/** A keyword that may be given again; keepalived complains, and takes the later one. */
export function replaceable<T, Initial extends T | undefined>(
  name: string,
  argument: Argument<T>,
  facts: SettingFacts<Initial>,
): Entry<T | Initial> {
  return complainingAgain(setting(name, argument, facts))
}

/** Reports a second statement as an error although it counts. */
export function complainingAgain<T>(entry: Entry<T>): Entry<T> {
  return {
    ...entry,
    repeats: 'collects',
    read: (statement, previous, context) => {
      const value = entry.read(statement, previous, context)
      if (value === REFUSED || previous === entry.initial) return value
      const message = `${statement.keyword.text} is given again; this one replaces the earlier`
      context.findings.report('given-again-replaces', statement.position, message, 'give it once')
      return value
    },
  }
}

/** A bad value leaves the earlier one, or else means the default: one mistake is one finding. */
export function orDefault<T>(entry: Entry<T | undefined>, fallback: T): Entry<T | undefined> {
  return {
    ...entry,
    read: (statement, previous, context) => {
      const value = entry.read(statement, previous, context)
      return value === REFUSED ? (previous ?? fallback) : value
    },
  }
}

/** An address to connect to or from. keepalived cuts a prefix length off. */
export const serverAddress: Argument<IpAddress> = {
  form: 'ADDRESS',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const address = parseServerAddress(cursor, given)
    return address ?? cursor.fail(given, `${cursor.show(given)} is not an address`, addressHint(given.text))
  },
  print: String,
}

/** `ADDRESS [PORT]`. */
export const endpoint: Argument<Endpoint> = {
  form: 'ADDRESS [1..65535]',
  read: cursor => {
    const given = cursor.require()
    return given === REFUSED ? REFUSED : readEndpoint(cursor, given)
  },
  print: ({address, port}) => (port === 0 ? address : `${address} ${port}`),
}

/** Reads the port after an address that was taken already. */
export function readEndpoint(cursor: Cursor, given: Word): Endpoint | Refused {
  const address = parseServerAddress(cursor, given)
  if (address === undefined) {
    const message = `${cursor.show(given)} is not an address`
    return cursor.fail(given, message, addressHint(given.text), 'server-invalid')
  }
  const port = readPort(cursor, 'server-invalid')
  return port === REFUSED ? REFUSED : {address, port}
}

/** A port that may be left out, or 0, which both mean none. */
export function readPort(cursor: Cursor, name: 'server-invalid' | 'server-group-line-invalid'): number | Refused {
  const given = cursor.next()
  if (!given || given.text === '') return 0
  const port = /^\+?\d{1,9}$/.test(given.text) ? Number(given.text) : Number.NaN
  if (port <= 65_535) return port
  const hint = /^[a-z]/i.test(given.text) ? 'the number of the port; names are not looked up' : '1 to 65535'
  return cursor.fail(given, `${cursor.show(given)} is not a port`, hint, name)
}

function parseServerAddress(cursor: Cursor, given: Word): IpAddress | undefined {
  const slash = given.text.indexOf('/')
  const parsed = parseIp(slash < 0 ? given.text : given.text.slice(0, slash))
  if (!parsed.ok) return undefined
  if (slash >= 0) {
    const message = `what follows '/' in ${cursor.show(given)} is not used: ${parsed.value} alone counts`
    cursor.note('server-prefix-ignored', given, message, 'write the address without it')
  }
  return parsed.value
}

function addressHint(text: string): string {
  if (/^\d+(\.\d+){3}:\d+$/.test(text)) return `write the port as a word of its own: ${text.replace(':', ' ')}`
  if (text.startsWith('[')) return 'write an IPv6 address without brackets, and the port as a word of its own'
  if (text.includes('%')) return 'write the address without its interface'
  if (/^[A-Za-z]/.test(text) && !text.includes(':')) return 'write the address as numbers; names are not resolved'
  return 'such as 192.0.2.1 or 2001:db8::1'
}
