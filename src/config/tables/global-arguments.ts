import {type Bounds, word} from '../schema/arguments.ts'
import {type Argument, type Cursor, REFUSED} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'

/** The greatest number of an `unsigned int`. */
export const MAX_UNSIGNED = 0xffff_ffff

/** An argument that may be left out; the bare keyword means `bare`. */
export const optional = <T, Bare>(argument: Argument<T>, bare: Bare): Argument<T | Bare> => ({
  ...argument,
  form: `[${argument.form}]`,
  read: cursor => (cursor.peek() ? argument.read(cursor) : bare),
  print: value => (value === bare ? '' : argument.print(value as T)),
})

/** An argument with a value that no words say, such as the one that holds when nothing is given. */
export const unprinted = <T>(argument: Argument<T>, isUnsaid: (value: T) => boolean): Argument<T> => ({
  ...argument,
  print: value => (isUnsaid(value) ? undefined : argument.print(value)),
})

/** An argument after which another word refuses the whole line. */
export const only = <T>(argument: Argument<T>): Argument<T> => ({
  ...argument,
  read: cursor => {
    const value = argument.read(cursor)
    const more = value === REFUSED ? undefined : cursor.next()
    if (!more) return value
    return cursor.fail(more, `${cursor.show(more)} is one word too many; the line is ignored`, argument.form)
  },
})

/** A decimal number of which `places` decimals count; more are complained about and rounded. */
export const decimals = <T>(places: number, argument: Argument<T>): Argument<T> => ({
  ...argument,
  read: cursor => {
    const given = cursor.peek()
    const digits = /^[-+]?\d*\.(\d+)$/.exec(given?.text ?? '')?.[1] ?? ''
    const value = argument.read(cursor)
    if (value !== REFUSED && given && digits.length > places) {
      const message = `${cursor.show(given)} has more than ${places} decimals; it is rounded`
      cursor.note('argument-corrected', given, message, argument.form)
    }
    return value
  },
})

/** A whole number that is held to its bounds, with a complaint. */
export const held = ({min, max}: Bounds): Argument<number> => ({
  form: `${min}..${max}`,
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (!/^[-+]?\d{1,9}$/.test(given.text)) {
      return cursor.fail(given, `${cursor.show(given)} is not a whole number`, `${min} to ${max}`)
    }
    const value = Number(given.text)
    const kept = Math.min(max, Math.max(min, value))
    if (kept !== value) {
      const message = `${cursor.show(given)} is not within ${min} to ${max}; ${kept} is used`
      cursor.note('argument-corrected', given, message, `${min} to ${max}`)
    }
    return kept
  },
  print: String,
})

/** A word with at most so many bytes; what is longer is cut off, with a complaint. */
export const cutAt = (bytes: number, form: string): Argument<string> => ({
  form: `${form} (at most ${bytes} bytes)`,
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const text = Buffer.from(given.text)
    if (text.length <= bytes) return given.text
    const kept = text.subarray(0, bytes).toString()
    cursor.note('argument-corrected', given, `${cursor.show(given)} is too long and cut off`, `at most ${bytes} bytes`)
    return kept
  },
  print: writtenWord,
})

/** The path of a file. */
export const PATH = word('PATH')

/** The number of an option such as `port 1..65535`; undefined, and reported, when it is not permitted. */
export function optionNumber(cursor: Cursor, option: Word, {min, max}: Bounds): number | undefined {
  const given = optionValue(cursor, option)
  if (!given) return undefined
  const value = Number(given.text)
  if (/^[-+]?\d{1,15}$/.test(given.text) && value >= min && value <= max) return value
  const message = `${cursor.show(given)} is not permitted for ${option.text}, which is ignored`
  cursor.note('argument-invalid', given, message, `${min} to ${max}`)
  return undefined
}

/** The word after an option; undefined, and reported, when there is none. */
export function optionValue(cursor: Cursor, option: Word): Word | undefined {
  const given = cursor.next()
  if (!given) cursor.note('argument-missing', option, `${option.text} has no value and is ignored`)
  return given
}

/** `USER [GROUP]` after something else, if it is there. */
export function ownerOf(cursor: Cursor): {readonly user: string; readonly group?: string} | undefined {
  const user = cursor.next()?.text
  const group = cursor.next()?.text
  return user === undefined ? undefined : {user, ...(group === undefined ? {} : {group})}
}

/** A word in upper or lower case out of a few. */
export function caseless<Choice extends string>(choices: readonly Choice[], given: string): Choice | undefined {
  return choices.find(choice => choice.toLowerCase() === given.toLowerCase())
}
