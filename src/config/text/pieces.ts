import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {type Piece, splitAtBraces, splitWords, type Word} from './lexer.ts'
import {columnAt, type MappedText, sliceMapped} from './mapped-text.ts'
import type {LogicalLine} from './source-lines.ts'
import {lookAlike} from './suggest.ts'

/** A line of a block, with the block that it opens. */
export interface Statement {
  readonly position: Position
  readonly keyword: Word
  /** The words after the keyword. */
  readonly words: readonly Word[]
  /** The text as it stands, for keywords that read their quotes themselves. */
  readonly content: MappedText
  /** True when a quote is not closed, which has been reported: the statement has no effect. */
  readonly broken: boolean
  readonly block?: Block | undefined
}

/** What stands between two braces. */
export interface Block {
  readonly opensAt: Position
  readonly statements: readonly Statement[]
}

/** A statement whose brace has not been looked for yet. */
export type NewStatement = Omit<Statement, 'block'> & {block: Block | undefined}

/** A brace, or what stands between braces on one line, with its place. */
export type PlacedPiece =
  | {readonly type: 'open' | 'close'; readonly position: Position}
  | {readonly type: 'text'; readonly statement: NewStatement}

/** The pieces of a configuration by number, read as far as they are asked for. */
export interface Pieces {
  /** Piece `i` from 0; undefined past the end. */
  at(i: number): PlacedPiece | undefined
  /** Pieces below `i` will not be asked for again. */
  forget(i: number): void
  /** How many braces have been read so far. */
  readonly opens: number
  readonly closes: number
}

/** Cuts lines into pieces, a few at a time. */
export function piecesOf(lines: Iterable<LogicalLine>, findings: Findings): Pieces {
  const source = lines[Symbol.iterator]()
  let buffer: PlacedPiece[] = []
  let first = 0
  const counts = {opens: 0, closes: 0}
  const readLine = (): boolean => {
    const {value: line, done} = source.next()
    if (done) return false
    const from = buffer.length
    if (line.plain) addPlain(line, buffer)
    else addAny(line, buffer, findings)
    for (let i = from; i < buffer.length; i++) {
      const type = buffer[i]?.type
      if (type === 'open') counts.opens++
      else if (type === 'close') counts.closes++
    }
    return true
  }
  return {
    at(i) {
      while (i - first >= buffer.length) if (!readLine()) return undefined
      return buffer[i - first]
    },
    forget(i) {
      if (i - first < FORGET_AT_ONCE) return
      buffer = buffer.slice(i - first)
      first = i
    },
    get opens() {
      return counts.opens
    },
    get closes() {
      return counts.closes
    },
  }
}

/** Shorter beginnings stay: taking them away one by one would cost more than they do. */
const FORGET_AT_ONCE = 256

const OPEN = 0x7b
const CLOSE = 0x7d
const SPACE = 0x20

/** A line without quotes: one pass over its characters. */
function addPlain({file, line, content}: LogicalLine, into: PlacedPiece[]): void {
  const {text, offset} = content
  let keyword: Word | undefined
  let words: Word[] = []
  let begins = 0
  let wordAt = -1
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : SPACE
    const brace = code === OPEN || code === CLOSE
    if (!brace && code !== SPACE && (code > 0x0d || code < 0x09)) {
      if (wordAt < 0) wordAt = i
      continue
    }
    if (wordAt >= 0) {
      const word = {text: text.slice(wordAt, i), column: offset + wordAt + 1, quoted: false}
      if (keyword) words.push(word)
      else {
        keyword = word
        begins = wordAt
      }
      wordAt = -1
    }
    if (!brace && i < text.length) continue
    if (keyword) {
      const position = {file, line, column: keyword.column}
      const whole = begins === 0 && i === text.length
      into.push({
        type: 'text',
        statement: {
          position,
          keyword,
          words,
          content: whole ? content : sliceMapped(content, begins, i),
          broken: false,
          block: undefined,
        },
      })
      keyword = undefined
      words = []
    }
    if (brace) into.push({type: code === OPEN ? 'open' : 'close', position: {file, line, column: offset + i + 1}})
  }
}

function addAny(line: LogicalLine, into: PlacedPiece[], findings: Findings): void {
  for (const piece of splitAtBraces(line.content)) {
    const placed = place(piece, line, findings)
    if (placed) into.push(placed)
  }
  reportLookAlike(line, findings)
}

function place(piece: Piece, {file, line}: LogicalLine, findings: Findings): PlacedPiece | undefined {
  if (piece.type !== 'text') return {type: piece.type, position: {file, line, column: piece.column}}
  const {words, unterminatedAt} = splitWords(piece.content)
  if (unterminatedAt !== undefined) {
    const at = {file, line, column: unterminatedAt}
    findings.report('unterminated-quote', at, 'the quote is not closed; the line has no effect', 'close it with "')
  }
  const [keyword, ...rest] = words
  if (!keyword) return undefined
  const position = {file, line, column: keyword.column}
  const broken = unterminatedAt !== undefined
  return {type: 'text', statement: {position, keyword, words: rest, content: piece.content, broken, block: undefined}}
}

function reportLookAlike({file, line, content}: LogicalLine, findings: Findings): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nearly every line is ASCII, and this is the quick test
  if (/^[\u0000-\u007f]*$/.test(content.text)) return
  const outside = content.text.replace(/"[^"]*"/g, quoted => ' '.repeat(quoted.length))
  const found = lookAlike(outside)
  if (!found) return
  const at = {file, line, column: columnAt(content, found.index)}
  findings.report('look-alike', at, 'a character looks like another that would have a meaning here', found.hint)
}
