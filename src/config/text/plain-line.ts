/**
 * Where the statement on a plain line begins and ends, and where the next line begins. A plain line has nothing that
 * needs a second look: no quote, escape, definition, condition, repetition, include, or character beyond ASCII; a
 * comment ends it. Most lines are plain, and a configuration may have a million.
 */
export interface PlainLine {
  start: number
  end: number
  next: number
  /** Equal for lines that are alike up to their end. */
  hash: number
}

/** Finds the plain line that begins at `from`; false when the line there is not plain. */
export function findPlainLine(text: string, from: number, longest: number, line: PlainLine): boolean {
  const {length} = text
  let i = from
  while (i < length && (text.charCodeAt(i) === SPACE || text.charCodeAt(i) === TAB)) i++
  const start = i
  let end = start
  let [hash, hashAtEnd] = [start - from, 0]
  for (; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code === NEWLINE) break
    if (code >= 0x80) return false
    const kind = KINDS[code]
    hash = (Math.imul(hash, 31) + code) | 0
    if (kind === ORDINARY) {
      end = i + 1
      hashAtEnd = hash
    }
    if (kind === SPECIAL) return false
    if (kind === COMMENT) {
      if (i > start && end === i) return false
      const newline = text.indexOf('\n', i)
      i = newline < 0 ? length : newline
      if (text.charCodeAt(i - 1) === BACKSLASH) return false
      break
    }
  }
  if (i - from >= longest / 3 || ACTS_AT_ONCE.some(word => text.startsWith(word, start))) return false
  line.start = start
  line.end = end
  line.next = i + 1
  line.hash = hashAtEnd
  return true
}

/** Words that change how lines are read: what follows them, or what such a block may hold. */
const ACTS_AT_ONCE = ['include', 'random_seed', 'global_defs']
const SPACE = 0x20
const TAB = 0x09
const NEWLINE = 0x0a
const BACKSLASH = 0x5c
const ORDINARY = 0
const BLANK = 1
const SPECIAL = 2
const COMMENT = 3

const KINDS = kindsOfCharacters()

function kindsOfCharacters(): Uint8Array {
  const kinds = new Uint8Array(0x80)
  for (const c of '"$@~\\\0') kinds[c.charCodeAt(0)] = SPECIAL
  for (const c of ' \t\r\v\f') kinds[c.charCodeAt(0)] = BLANK
  for (const c of '#!') kinds[c.charCodeAt(0)] = COMMENT
  return kinds
}
