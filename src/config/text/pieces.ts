import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {splitAtBraces, splitWords, type Word} from './lexer.ts'
import {columnAt, type MappedText} from './mapped-text.ts'
import type {LogicalLine, LogicalLines} from './source-lines.ts'
import {lookAlike} from './suggest.ts'

/** What a statement says, wherever it stands: lines of one wording share it. */
export interface Phrase {
  readonly type: 'text'
  readonly column: number
  readonly keyword: Word
  /** The words after the keyword. */
  readonly words: readonly Word[]
  /** The text as it stands, for keywords that read their quotes themselves. */
  readonly content: MappedText
  /** True when a quote is not closed, which has been reported: the statement has no effect. */
  readonly broken: boolean
  /** What was made of it without a finding, and by what: it need not be read again. */
  readBy: object | undefined
  value: unknown
}

/** A brace on a line, wherever that is. */
interface BraceInLine {
  readonly type: 'open' | 'close'
  readonly column: number
}

/** A line of a block, with the block that it opens. One is made for each line, so its position is made when asked. */
export class Statement {
  readonly type = 'text'
  readonly file: string
  readonly line: number
  readonly phrase: Phrase
  /** Undefined as long as its brace has not been looked for. */
  block: Block | undefined = undefined

  constructor(file: string, line: number, phrase: Phrase) {
    this.file = file
    this.line = line
    this.phrase = phrase
  }

  get position(): Position {
    return {file: this.file, line: this.line, column: this.phrase.column}
  }

  get keyword(): Word {
    return this.phrase.keyword
  }

  get words(): readonly Word[] {
    return this.phrase.words
  }

  get content(): MappedText {
    return this.phrase.content
  }

  get broken(): boolean {
    return this.phrase.broken
  }
}

/** A brace with its place. */
export class Brace {
  readonly type: 'open' | 'close'
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(type: 'open' | 'close', file: string, line: number, column: number) {
    this.type = type
    this.file = file
    this.line = line
    this.column = column
  }

  get position(): Position {
    return {file: this.file, line: this.line, column: this.column}
  }
}

/** What stands between two braces. */
export interface Block {
  readonly opensAt: Position
  readonly statements: readonly Statement[]
}

/** A brace, or what stands between braces on one line, with its place. */
export type PlacedPiece = Statement | Brace

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
export function piecesOf(lines: LogicalLines, findings: Findings): Pieces {
  const known = new Map<string, readonly (Phrase | BraceInLine)[]>()
  let buffer: PlacedPiece[] = []
  let first = 0
  const counts = {opens: 0, closes: 0}
  const plainPieces = (text: string): readonly (Phrase | BraceInLine)[] => {
    const earlier = known.get(text)
    if (earlier) return earlier
    const pieces = splitPlain(text)
    if (known.size < MAX_KNOWN_LINES) known.set(text, pieces)
    return pieces
  }
  const readLine = (): boolean => {
    const line = lines.next()
    if (!line) return false
    for (const piece of line.plain ? plainPieces(line.content) : splitAny(line, findings)) {
      if (piece.type === 'text') buffer.push(new Statement(line.file, line.line, piece))
      else {
        buffer.push(new Brace(piece.type, line.file, line.line, piece.column))
        if (piece.type === 'open') counts.opens++
        else counts.closes++
      }
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

/** Lines that are not alike are not looked for either. */
const MAX_KNOWN_LINES = 10_000
/** Shorter beginnings stay: taking them away one by one would cost more than they do. */
const FORGET_AT_ONCE = 256

const OPEN = 0x7b
const CLOSE = 0x7d
const SPACE = 0x20

/** A line without quotes: one pass over its characters. */
function splitPlain(text: string): readonly (Phrase | BraceInLine)[] {
  const pieces: (Phrase | BraceInLine)[] = []
  let found: Word[] = []
  let wordAt = -1
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : SPACE
    const brace = code === OPEN || code === CLOSE
    if (!brace && code !== SPACE && (code > 0x0d || code < 0x09)) {
      if (wordAt < 0) wordAt = i
      continue
    }
    if (wordAt >= 0) {
      found.push({text: text.slice(wordAt, i), column: wordAt + 1, quoted: false})
      wordAt = -1
    }
    if (!brace && i < text.length) continue
    const [keyword, ...words] = found
    if (keyword) {
      const begins = keyword.column - 1
      const content = {text: text.slice(begins, i), columns: undefined, offset: begins}
      pieces.push(phrase(keyword, words, content, false))
      found = []
    }
    if (brace) pieces.push({type: code === OPEN ? 'open' : 'close', column: i + 1})
  }
  return pieces
}

function phrase(keyword: Word, words: readonly Word[], content: MappedText, broken: boolean): Phrase {
  return {type: 'text', column: keyword.column, keyword, words, content, broken, readBy: undefined, value: undefined}
}

type AnyLine = Extract<LogicalLine, {readonly plain: false}>

function splitAny(line: AnyLine, findings: Findings): readonly (Phrase | BraceInLine)[] {
  const pieces: (Phrase | BraceInLine)[] = []
  for (const piece of splitAtBraces(line.content)) {
    const made = piece.type === 'text' ? phraseOf(piece.content, line, findings) : piece
    if (made) pieces.push(made)
  }
  reportLookAlike(line, findings)
  return pieces
}

function phraseOf(content: MappedText, {file, line}: AnyLine, findings: Findings): Phrase | undefined {
  const {words, unterminatedAt} = splitWords(content)
  if (unterminatedAt !== undefined) {
    const at = {file, line, column: unterminatedAt}
    findings.report('unterminated-quote', at, 'the quote is not closed; the line has no effect', 'close it with "')
  }
  const [keyword, ...rest] = words
  return keyword && phrase(keyword, rest, content, unterminatedAt !== undefined)
}

function reportLookAlike({file, line, content}: AnyLine, findings: Findings): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nearly every line is ASCII, and this is the quick test
  if (/^[\u0000-\u007f]*$/.test(content.text)) return
  const outside = content.text.replace(/"[^"]*"/g, quoted => ' '.repeat(quoted.length))
  const found = lookAlike(outside)
  if (!found) return
  const at = {file, line, column: columnAt(content, found.index)}
  findings.report('look-alike', at, 'a character looks like another that would have a meaning here', found.hint)
}
