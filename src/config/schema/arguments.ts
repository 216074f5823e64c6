import {type IpAddress, ipFamily, ipToBytes, parseIp} from '../../core/ip.ts'
import type {Command, ScriptUser} from '../config.ts'
import {splitQuoted, type Word} from '../text/lexer.ts'
import {mapped} from '../text/mapped-text.ts'
import {writtenCommand, writtenWord} from '../text/written.ts'
import {type Argument, type Cursor, REFUSED, type Refused} from './schema.ts'

/** One word, whatever it is. */
export const word = (form: string): Argument<string> => ({
  form,
  read: cursor => {
    const given = cursor.require()
    return given === REFUSED ? REFUSED : given.text
  },
  print: writtenWord,
})

/** A keyword that stands alone and means `value`. */
export const alone = <T>(value: T): Argument<T> => ({
  form: '',
  read: () => value,
  print: given => (given === value ? '' : undefined),
})

/** `on` and the like; the bare keyword means on. keepalived takes lower case only. */
export const onOff: Argument<boolean> = {
  form: '[on|off]',
  read: cursor => {
    const given = cursor.next()
    if (!given || ['on', 'true', 'yes'].includes(given.text)) return true
    if (['off', 'false', 'no'].includes(given.text)) return false
    return cursor.fail(given, `${cursor.show(given)} is neither on nor off`, 'on, off, true, false, yes or no')
  },
  print: value => (value ? 'on' : 'off'),
}

/** One of some words, exactly as written, and what each means. */
export function oneOf<T>(choices: {readonly [word: string]: T}): Argument<T> {
  const meanings = new Map(Object.entries(choices))
  const form = [...meanings.keys()].join('|')
  return {
    form,
    read: cursor => {
      const given = cursor.require()
      if (given === REFUSED) return REFUSED
      const meaning = meanings.get(given.text)
      if (meaning !== undefined) return meaning
      const otherCase = [...meanings.keys()].find(choice => choice.toLowerCase() === given.text.toLowerCase())
      const hint = otherCase ? `did you mean ${otherCase}?` : `one of: ${[...meanings.keys()].join(', ')}`
      return cursor.fail(given, `${cursor.show(given)} is not permitted`, hint)
    },
    print: value => [...meanings].find(([, meaning]) => meaning === value)?.[0],
  }
}

/** Bounds of a number; `tooSmall` is used, with a complaint, in place of anything below `min`. */
export interface Bounds {
  readonly min: number
  readonly max: number
  readonly tooSmall?: number
}

/** A whole number in decimal. */
export const whole = (bounds: Bounds): Argument<number> => ({
  form: `${bounds.min}..${bounds.max}`,
  read: cursor => {
    const given = cursor.require()
    return given === REFUSED ? REFUSED : readNumber(cursor, given, bounds, /^[-+]?\d{1,15}$/, 'a whole number')
  },
  print: value => (value >= bounds.min && value <= bounds.max ? String(value) : undefined),
})

/** Seconds with a fraction; the value is milliseconds, to the microsecond. */
export const seconds = (bounds: Bounds): Argument<number> => ({
  form: `${bounds.min}..${bounds.max} seconds`,
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const value = readNumber(cursor, given, bounds, /^[-+]?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})$/, 'a number of seconds')
    return value === REFUSED ? REFUSED : Math.round(value * 1_000_000) / 1_000
  },
  print: ms => (ms >= bounds.min * 1_000 && ms <= bounds.max * 1_000 ? writtenSeconds(ms) : undefined),
})

/** Milliseconds as the seconds that are read as them, without an exponent. */
export const writtenSeconds = (ms: number): string => String(Number((ms / 1_000).toFixed(6)))

/** Whole seconds; the value is milliseconds. */
export const wholeSeconds = (bounds: Bounds): Argument<number> => ({
  ...converted(
    whole(bounds),
    n => n * 1_000,
    ms => ms / 1_000,
  ),
  form: `${bounds.min}..${bounds.max} seconds`,
})

/** An argument whose value is turned into another, such as a branded one. */
export const converted = <T, U>(
  argument: Argument<T>,
  convert: (value: T) => U,
  back: (value: U) => T,
): Argument<U> => ({
  ...argument,
  read: cursor => {
    const value = argument.read(cursor)
    return value === REFUSED ? REFUSED : convert(value)
  },
  print: value => argument.print(back(value)),
})

/** The name of an interface as the kernel permits it: 1 to 15 bytes, no slash, colon or space. <net/core/dev.c> */
export const interfaceName: Argument<string> = {
  form: 'INTERFACE',
  read: cursor => {
    const given = cursor.require()
    return given === REFUSED ? REFUSED : readInterface(cursor, given)
  },
  print: writtenWord,
}

/** Checks the name of an interface. */
export function readInterface(cursor: Cursor, given: Word): string | Refused {
  const name = given.text
  if (Buffer.byteLength(name) > 15) {
    return cursor.fail(given, `${cursor.show(given)} is too long for an interface`, 'at most 15 bytes')
  }
  if (name === '' || name === '.' || name === '..' || /[\s/:]/.test(name)) {
    const hint = name.includes(':') ? 'an alias such as eth0:1 is a label, not an interface; write eth0' : undefined
    return cursor.fail(given, `${cursor.show(given)} cannot be the name of an interface`, hint)
  }
  return name
}

/** An interface that VRRP can run on. */
export const vrrpInterface: Argument<string> = {
  form: 'INTERFACE',
  read: cursor => {
    const given = cursor.peek()
    const name = interfaceName.read(cursor)
    if (name !== 'lo') return name
    return cursor.fail(given, 'lo is the loopback interface: nobody would hear an advertisement', 'another interface')
  },
  print: writtenWord,
}

/** `USER [GROUP]` as it is written. */
export const writtenUser = ({user, group}: ScriptUser): string =>
  group === undefined ? writtenWord(user) : `${writtenWord(user)} ${writtenWord(group)}`

/** `USER [GROUP]`. */
export const scriptUser: Argument<ScriptUser> = {
  form: 'USER [GROUP]',
  read: cursor => {
    const user = cursor.require()
    return user === REFUSED ? REFUSED : {user: user.text, ...groupOf(cursor)}
  },
  print: writtenUser,
}

/** `"PROGRAM ARGUMENTS"`: the words are split as keepalived does, and no shell is involved. */
export const program: Argument<Command> = {
  form: '"PROGRAM [ARGUMENT …]"',
  lexing: 'script',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const {words, unterminatedAt} = splitQuoted(mapped(given.text), true)
    if (unterminatedAt !== undefined) {
      return cursor.fail(given, 'a quote within the command is not closed', undefined, 'unterminated-quote')
    }
    const [first, ...rest] = words.map(({text}) => text)
    if (first === undefined || first === '') return cursor.fail(given, 'the command is empty', program.form)
    noteShellSyntax(cursor, given, words)
    return {argv: [first, ...rest]}
  },
  print: ({argv}) => writtenCommand(argv),
}

/** `"PROGRAM ARGUMENTS" [USER [GROUP]]`. */
export const programAs: Argument<Command> = {
  form: '"PROGRAM [ARGUMENT …]" [USER [GROUP]]',
  lexing: 'script',
  read: cursor => {
    const command = program.read(cursor)
    if (command === REFUSED) return REFUSED
    const user = cursor.next()
    return user ? {...command, runAs: {user: user.text, ...groupOf(cursor)}} : command
  },
  print: ({argv, runAs}) => (runAs ? `${writtenCommand(argv)} ${writtenUser(runAs)}` : writtenCommand(argv)),
}

function groupOf(cursor: Cursor): {group?: string} {
  const group = cursor.next()
  return group ? {group: group.text} : {}
}

function noteShellSyntax(cursor: Cursor, given: Word, words: readonly Word[]): void {
  const first = words[0]?.text ?? ''
  if (/^(.*\/)?(ba|da|z|k)?sh$/.test(first)) return
  // keepalived lets a shell read what begins so.
  if (/^<\s*\//.test(words.map(({text}) => text).join(' '))) return
  const shell = words.find(
    ({text, quoted}) => !quoted && /^(\|\|?|&&?|;|[0-9]?[<>].*|&>.*)$|^[^=]*\$\(|`|;$/.test(text),
  )
  if (shell) {
    const message = `no shell reads the command: ${cursor.show(shell)} is passed to the program as it is`
    cursor.note('script-shell-syntax', given, message, `write it as: "/bin/sh -c '…'"`)
  }
}

function readNumber(
  cursor: Cursor,
  given: Word,
  {min, max, tooSmall}: Bounds,
  form: RegExp,
  what: string,
): number | Refused {
  const hint = `${min} to ${max}`
  if (!form.test(given.text)) {
    const unit = /^\d+(\.\d+)?(ms|s|sec|m|%|;|,)$/.exec(given.text)?.[2]
    return cursor.fail(given, `${cursor.show(given)} is not ${what}`, unit ? `${hint}, without '${unit}'` : hint)
  }
  const value = Number(given.text)
  if (value >= min && value <= max) return value
  if (tooSmall !== undefined && value >= 0 && value < min) {
    cursor.note('argument-corrected', given, `${cursor.show(given)} is too small; ${tooSmall} is used`, hint)
    return tooSmall
  }
  return cursor.fail(given, `${cursor.show(given)} is not within ${min} to ${max}`, hint)
}

/** An IPv4 or IPv6 address, without a prefix length. */
export const address: Argument<IpAddress> = {
  form: 'ADDRESS',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const parsed = parseIp(given.text)
    return parsed.ok ? parsed.value : cursor.fail(given, `${cursor.show(given)} is not an address`, 'such as 192.0.2.1')
  },
  print: String,
}

/** An address of a multicast group. */
export const multicastAddress: Argument<IpAddress> = {
  form: 'MULTICAST-ADDRESS',
  read: cursor => {
    const given = cursor.peek()
    const group = address.read(cursor)
    if (group === REFUSED || isMulticast(group)) return group
    const message = `${given ? cursor.show(given) : 'it'} is not the address of a multicast group`
    return cursor.fail(given, message, '224.0.0.0 to 239.255.255.255, or ff00::/8')
  },
  print: String,
}

const isMulticast = (group: IpAddress): boolean => {
  const [first = 0] = ipToBytes(group)
  return ipFamily(group) === 4 ? first >> 4 === 0xe : first === 0xff
}
