import {whole} from '../schema/arguments.ts'
import {inherited, setting} from '../schema/entries.ts'
import {type Argument, blockKind, type Cursor, REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {
  CHECKER_DEFAULTS,
  type CheckerConnection,
  type CheckerTiming,
  CONNECTION_ENTRIES,
  timingEntries,
} from './checker-settings.ts'

/** `UDP_CHECK`. */
export interface UdpCheckSettings extends CheckerConnection, CheckerTiming {
  /** What is sent, two hexadecimal digits a byte in lower case; undefined: a text of 32 bytes. */
  readonly payload: string | undefined
  /**
   * What the reply has to begin with, two hexadecimal digits a byte, where `x` stands for any digit; empty: anything;
   * undefined: no reply is needed.
   */
  readonly requireReply: string | undefined
  readonly minReplyLengthBytes: number
  readonly maxReplyLengthBytes: number
}

/**
 * Hexadecimal digits in words of any length: each word is bytes of two digits, and a digit that is left over at its
 * end is a byte of its own.
 */
function hexDigits(form: string, digit: RegExp, what: string): Argument<string> {
  const refuse = (cursor: Cursor, given: Word): Refused =>
    cursor.fail(given, `${cursor.show(given)} is not ${what}`, form)
  return {
    form,
    read: cursor => {
      const first = cursor.require()
      if (first === REFUSED) return REFUSED
      let digits = ''
      for (let given: Word | undefined = first; given; given = cursor.next()) {
        const words = given.text.split(/\s+/).filter(part => part !== '')
        if (words.length === 0 || words.some(part => !digit.test(part))) return refuse(cursor, given)
        digits += words.map(wholeBytes).join('')
      }
      return digits.toLowerCase()
    },
    print: value => value,
  }
}

const wholeBytes = (text: string): string =>
  text.length % 2 === 0 ? text : `${text.slice(0, -1)}0${text.slice(text.length - 1)}`

const PAYLOAD = hexDigits('HEXADECIMAL-DIGITS …', /^[\da-f]+$/i, 'hexadecimal')
const REPLY_DIGITS = hexDigits('[HEXADECIMAL-DIGITS|x …]', /^[\da-fx]+$/i, 'hexadecimal with x for any digit')

const REPLY: Argument<string> = {
  ...REPLY_DIGITS,
  read: cursor => (cursor.peek() ? REPLY_DIGITS.read(cursor) : ''),
}

const LENGTH = whole({min: 0, max: 65_535})

/** The table of `UDP_CHECK`. */
export const UDP_CHECK = blockKind<UdpCheckSettings>('UDP_CHECK', {
  ...CONNECTION_ENTRIES,
  ...timingEntries(CHECKER_DEFAULTS),
  payload: inherited('payload', PAYLOAD, {doc: 'bytes to send', defaultText: 'a text of 32 bytes'}),
  requireReply: inherited('require_reply', REPLY, {
    doc: 'demand a reply, and what it has to begin with; x stands for any digit',
    defaultText: 'off: silence is success, an ICMP error is failure',
  }),
  minReplyLengthBytes: setting('min_reply_length', LENGTH, {
    initial: 0,
    doc: 'least length of the reply in bytes',
    defaultText: '0',
  }),
  maxReplyLengthBytes: setting('max_reply_length', LENGTH, {
    initial: 255,
    doc: 'greatest length of the reply in bytes',
    defaultText: '255',
  }),
})
