/** What a value from outside is when it is not what it ought to be. */
export const WRONG = Symbol('wrong')

/**
 * Reads one value of parsed JSON: copies what is known of it, leaves out what is not, bounds how much it may be, and
 * answers `WRONG` when it is something else.
 */
export type Shape<Value> = (value: unknown) => Value | typeof WRONG

/** A string of at most 10,000 characters; control characters, which a terminal would obey, become "?". */
export const text: Shape<string> = value => {
  if (typeof value !== 'string' || value.length > MAX_TEXT_CHARS) return WRONG
  return printable(value)
}

/** A text without what a terminal would obey: each such character becomes "?". */
export function printable(value: string): string {
  return CONTROL.test(value) ? value.replaceAll(EVERY_CONTROL, '?') : value
}

/** A finite number. */
export const number: Shape<number> = value => (typeof value === 'number' && Number.isFinite(value) ? value : WRONG)

/** True or false. */
export const boolean: Shape<boolean> = value => (typeof value === 'boolean' ? value : WRONG)

/** One of several strings or numbers. */
export function oneOf<const Value extends string | number>(...values: readonly Value[]): Shape<Value> {
  const known = new Set<unknown>(values)
  return value => (known.has(value) ? (value as Value) : WRONG)
}

/** A value, or null. */
export function orNull<Value>(shape: Shape<Value>): Shape<Value | null> {
  return value => (value === null ? null : shape(value))
}

/** What another version of the agent may not tell: `fallback` then. */
export function lacking<Value>(shape: Shape<Value>, fallback: Value): Shape<Value> {
  return value => (value === undefined ? fallback : shape(value))
}

/** A list of at most `most`; a single wrong entry makes the whole wrong. */
export function list<Value>(shape: Shape<Value>, most: number): Shape<readonly Value[]> {
  return value => {
    if (!Array.isArray(value) || value.length > most) return WRONG
    const values: Value[] = []
    for (const entry of value) {
      const read = shape(entry)
      if (read === WRONG) return WRONG
      values.push(read)
    }
    return values
  }
}

/** An object with any keys, at most `most` of them. */
export function record<Value>(shape: Shape<Value>, most: number): Shape<{readonly [key: string]: Value}> {
  return value => {
    if (typeof value !== 'object' || value === null) return WRONG
    const entries = Object.entries(value)
    if (entries.length > most) return WRONG
    const read: [string, Value][] = []
    for (const [key, entry] of entries) {
      const name = text(key)
      const result = shape(entry)
      if (name === WRONG || result === WRONG) return WRONG
      read.push([name, result])
    }
    return Object.fromEntries(read)
  }
}

/** An object with these fields; a field that its shape reads as undefined is left out. */
export function object<Value>(fields: {readonly [Name in keyof Value]-?: Shape<Value[Name]>}): Shape<Value> {
  const entries = Object.entries(fields) as [keyof Value & string, Shape<unknown>][]
  return value => {
    if (typeof value !== 'object' || value === null) return WRONG
    const read: {[name: string]: unknown} = {}
    for (const [name, shape] of entries) {
      const result = shape((value as {readonly [name: string]: unknown})[name])
      if (result === WRONG) return WRONG
      if (result !== undefined) read[name] = result
    }
    return read as Value
  }
}

const MAX_TEXT_CHARS = 10_000
/** Also what turns the direction of writing, and the line separators. */
const CONTROL = /[\p{Cc}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]/u
const EVERY_CONTROL = new RegExp(CONTROL.source, 'gu')
