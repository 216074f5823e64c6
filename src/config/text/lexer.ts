import {columnAt, type MappedText, sliceMapped} from './mapped-text.ts'

/** A word of a statement, without its quotes; `column` is where it starts, from 1. */
export interface Word {
  readonly text: string
  readonly column: number
  readonly quoted: boolean
}

/** A piece of a line: a brace, or the text between braces. */
export type Piece =
  | {readonly type: 'open' | 'close'; readonly column: number}
  | {readonly type: 'text'; readonly content: MappedText}

/** Words, and where a quote begins that is not closed. */
export interface Words {
  readonly words: readonly Word[]
  readonly unterminatedAt?: number
}

/**
 * Cuts off a comment. `#` and `!` begin one even inside a word, but not between double quotes; `\#` and `\!` outside
 * quotes are the character itself. keepalived.conf(5).
 */
export function stripComment(line: MappedText): MappedText {
  const {text} = line
  if (!/[#!]/.test(text)) return line
  let quoted = false
  const dropped: number[] = []
  let end = text.length
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '"') quoted = !quoted
    else if (c === '\\' && !quoted) {
      const next = text[i + 1]
      if (next === '#' || next === '!') dropped.push(i)
      if (next === '#' || next === '!' || next === '"') i++
    } else if (!quoted && (c === '#' || c === '!')) {
      end = i
      break
    }
  }
  if (dropped.length === 0) return sliceMapped(line, 0, end)
  const gone = new Set(dropped)
  const kept = Array.from({length: end}, (_, i) => i).filter(i => !gone.has(i))
  return {text: kept.map(i => text[i]).join(''), columns: kept.map(i => columnAt(line, i)), offset: 0}
}

/** Splits a line at the braces outside double quotes, which split even words. */
export function splitAtBraces(line: MappedText): readonly Piece[] {
  const pieces: Piece[] = []
  const {text} = line
  let quoted = false
  let start = 0
  const endText = (end: number): void => {
    if (text.slice(start, end).trim() !== '') pieces.push({type: 'text', content: sliceMapped(line, start, end)})
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '"') quoted = !quoted
    if (quoted || (c !== '{' && c !== '}')) continue
    endText(i)
    pieces.push({type: c === '{' ? 'open' : 'close', column: columnAt(line, i)})
    start = i + 1
  }
  endText(text.length)
  return pieces
}

/** Splits text into words: `"…"` is one word and never joins its neighbours; nothing is an escape. */
export function splitWords(content: MappedText): Words {
  const {text} = content
  const words: Word[] = []
  let i = 0
  while (i < text.length) {
    if (isSpace(text[i])) {
      i++
      continue
    }
    const column = columnAt(content, i)
    if (text[i] === '"') {
      const close = text.indexOf('"', i + 1)
      if (close < 0) return {words, unterminatedAt: column}
      words.push({text: text.slice(i + 1, close), column, quoted: true})
      i = close + 1
      continue
    }
    let end = i
    while (end < text.length && !isSpace(text[end]) && text[end] !== '"') end++
    words.push({text: text.slice(i, end), column, quoted: false})
    i = end
  }
  return {words}
}

/**
 * Splits the text of a quoted-type keyword (`script`, `notify` …) or, with escapes, a command into words: `"…"` and
 * `'…'` group and join their neighbours; an escape is `\n` and the like, octal, `\xHH` or `\cX`, and a backslash
 * before anything else is dropped.
 */
export function splitQuoted(content: MappedText, escapes: boolean): Words {
  const {text} = content
  const words: Word[] = []
  let i = 0
  while (i < text.length) {
    if (isSpace(text[i])) {
      i++
      continue
    }
    const start = i
    let quote: string | undefined
    let quoteAt = i
    let word = ''
    while (i < text.length && (quote !== undefined || !isSpace(text[i]))) {
      const c = text[i] as string
      if (escapes && c === '\\') {
        const decoded = readEscape(text, i)
        word += decoded.value
        i = decoded.end
        continue
      }
      if (quote === undefined && (c === '"' || c === "'")) {
        quote = c
        quoteAt = i
      } else if (c === quote) quote = undefined
      else word += c
      i++
    }
    if (quote !== undefined) return {words, unterminatedAt: columnAt(content, quoteAt)}
    words.push({text: word, column: columnAt(content, start), quoted: text[start] === '"' || text[start] === "'"})
  }
  return {words}
}

function readEscape(text: string, at: number): {readonly value: string; readonly end: number} {
  const c = text[at + 1]
  if (c === undefined) return {value: '\\', end: at + 1}
  const simple = SIMPLE_ESCAPES[c]
  if (simple !== undefined) return {value: simple, end: at + 2}
  const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))
  if (octal) return {value: String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff), end: at + 1 + octal[0].length}
  const hex = /^x([0-9A-Fa-f]{1,2})/.exec(text.slice(at + 1, at + 4))
  if (hex?.[1]) return {value: String.fromCharCode(Number.parseInt(hex[1], 16)), end: at + 1 + hex[0].length}
  if (c === 'c' && at + 2 < text.length) {
    return {value: String.fromCharCode(text.charCodeAt(at + 2) & 0x1f), end: at + 3}
  }
  return {value: c, end: at + 2}
}

const SIMPLE_ESCAPES: {readonly [letter: string]: string} = {
  a: '\u0007',
  b: '\b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

const isSpace = (c: string | undefined): boolean =>
  c === ' ' || c === '\t' || c === '\r' || c === '\n' || c === '\v' || c === '\f'
