import {splitAtBraces, splitWords, stripComment} from '../text/lexer.ts'
import {columnAt, type MappedText, mapped} from '../text/mapped-text.ts'
import {isRepetition} from '../text/repetition.ts'
import {LIMITS} from '../text/source-lines.ts'

/** A brace, or the text between braces as it is written. */
export type FormatPiece =
  | {readonly type: 'open' | 'close'}
  | {readonly type: 'text'; readonly text: string; readonly keyword: string}

/** A line of a file by what may be done to it. */
export type FormatLine =
  | {readonly type: 'blank'}
  | {readonly type: 'comment'; readonly text: string}
  /** Something stands on it that is read by lines: it stays as it is. `condition` is that of an `@` line. */
  | {
      readonly type: 'exact'
      readonly text: string
      readonly pieces: readonly FormatPiece[]
      readonly condition?: string
    }
  | FormatCode
  | {readonly type: 'unreadable'; readonly reason: string}

/** Statements and braces. */
export interface FormatCode {
  readonly type: 'code'
  /** The line without blanks around it. */
  readonly text: string
  readonly pieces: readonly FormatPiece[]
  /** The comment at its end, with the blanks before it. */
  readonly comment: string
  /** Whether its pieces may be put on lines of their own, and beside those of others. */
  readonly movable: boolean
}

/** Says what each line of a file is; lines have no line break, but may end with a carriage return. */
export function* formatLines(lines: readonly string[]): Generator<FormatLine> {
  let inDefinition = false
  for (const line of lines) {
    const raw = line.endsWith('\r') ? line.slice(0, -1) : line
    if (raw.includes('\0')) yield {type: 'unreadable', reason: 'the line holds a NUL byte'}
    else if (Buffer.byteLength(line) >= LIMITS.lineBytes) yield {type: 'exact', text: line, pieces: []}
    else if (inDefinition) {
      inDefinition = isContinued(raw)
      yield {type: 'exact', text: raw, pieces: []}
    } else {
      const read = formatLine(raw)
      inDefinition = read.type === 'exact' && DEFINITION.test(read.text) && isContinued(raw)
      yield read
    }
  }
}

const BLANKS = /^[ \t\v\f\r]+|[ \t\v\f\r]+$/g
const trimmed = (text: string): string => text.replace(BLANKS, '')

const CONDITION = /^\s*(@\^?\S+)[ \t]/
const DEFINITION = /^\s*(@\^?\S+[ \t]\s*)?\$[A-Za-z_][A-Za-z0-9_]*=/
const INCLUDE = /^\s*include[rmwba]?(\s|$)/
/** A use of a definition whose braces are none. */
const USE = /\$\{[A-Za-z_][A-Za-z0-9_]*[^{}\n]*\}/g
/** What has a meaning at the start of a line only, and words that are looked for once on a line. */
const BY_LINES = /^(include[rmwba]?(\s|$)|[@~$])/
const ONCE_A_LINE = /include_check|random_seed/

/** The backslash counts at the end of a comment, and before one. */
const isContinued = (raw: string): boolean => /\\\s*$/.test(raw) || /\\\s*$/.test(stripComment(mapped(raw)).text)

function formatLine(raw: string): FormatLine {
  const bare = stripComment(mapped(raw))
  const text = trimmed(raw)
  if (text === '') return {type: 'blank'}
  if (trimmed(bare.text) === '') return {type: 'comment', text}
  const condition = CONDITION.exec(bare.text)
  const statement = condition ? bare.text.slice(condition[0].length) : bare.text
  if (DEFINITION.test(raw) || INCLUDE.test(statement)) return exact(raw, [], condition?.[1])
  const repeated = afterRepetitions(statement)
  const counted = mapped((repeated ?? statement).replace(USE, use => ' '.repeat(use.length)))
  if (condition || repeated !== undefined) return exact(raw, piecesOf(counted, counted.text), condition?.[1])
  if (isUnclosed(bare.text)) return {type: 'unreadable', reason: 'a double quote is not closed'}
  if (bare.text.includes('$')) return {type: 'code', text, pieces: piecesOf(counted, raw), comment: '', movable: false}
  const pieces = piecesOf(bare, raw)
  const end = bare.text === '' ? 0 : columnAt(bare, bare.text.length - 1)
  const code = raw.slice(0, end).replace(/[ \t\v\f\r]+$/, '')
  const comment = end < raw.length ? trimmedEnd(raw.slice(code.length)) : ''
  return {type: 'code', text, pieces, comment, movable: isMovable(raw, pieces)}
}

const trimmedEnd = (text: string): string => text.replace(/[ \t\v\f\r]+$/, '')

const exact = (text: string, pieces: readonly FormatPiece[], condition: string | undefined): FormatLine =>
  condition === undefined ? {type: 'exact', text, pieces} : {type: 'exact', text, pieces, condition}

/** What follows the heads of repetitions; undefined: there is none. */
function afterRepetitions(text: string): string | undefined {
  let rest = text
  while (isRepetition(rest)) {
    let depth = 0
    let at = rest.indexOf('(')
    for (; at < rest.length; at++) {
      if (rest[at] === '(') depth++
      else if (rest[at] === ')' && --depth === 0) break
    }
    rest = rest.slice(at + 1)
  }
  return rest === text ? undefined : rest
}

function isUnclosed(text: string): boolean {
  return text.split('"').length % 2 === 0
}

/** The pieces of a line; what stands between braces is taken from `raw`, where escapes still are. */
function piecesOf(line: MappedText, raw: string): readonly FormatPiece[] {
  return splitAtBraces(line).map(piece => {
    if (piece.type !== 'text') return {type: piece.type}
    const {content} = piece
    const from = columnAt(content, 0) - 1
    const to = columnAt(content, content.text.length - 1)
    return {type: 'text', text: trimmed(raw.slice(from, to)), keyword: splitWords(content).words[0]?.text ?? ''}
  })
}

function isMovable(raw: string, pieces: readonly FormatPiece[]): boolean {
  if (pieces.length === 0 || raw.includes('\\"') || ONCE_A_LINE.test(raw)) return false
  return !pieces.some(piece => piece.type === 'text' && (BY_LINES.test(piece.text) || piece.text === ''))
}
