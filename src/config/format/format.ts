import {ROOT} from '../tables/root.ts'
import {type Grammar, OPAQUE} from '../text/blocks.ts'
import {LIMITS} from '../text/source-lines.ts'
import {alternatives} from './conditions.ts'
import {type FormatCode, type FormatLine, type FormatPiece, formatLines} from './format-line.ts'

/** What formatting made of a file. */
export interface Formatted {
  readonly text: string
  readonly changed: boolean
  /** Why the file was left as it is. */
  readonly leftAlone?: {readonly line: number; readonly reason: string}
}

/**
 * Lays out a configuration file: two spaces a level, one statement a line, `{` at the end of its keyword's line, at
 * most one blank line in a row, and a line feed at every end. Blanks within a line stay, for people align with them;
 * a block stays on one line where it was on one and is short, for the difference should show what was out of order and
 * no more. Comments stay where they are. Definitions, includes, repetitions and lines with a condition stay to the
 * letter: what they mean depends on the line they stand on. A file whose braces or quotes do not match stays as it is.
 */
export function formatConfig(text: string): Formatted {
  const start = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0
  const lines = [...formatLines(text.slice(start).replace(/\n$/, '').split('\n'))]
  const layout = newLayout(alternatives(lines))
  for (const [i, line] of lines.entries()) {
    const reason = line.type === 'unreadable' ? line.reason : addLine(layout, line, i)
    if (reason !== undefined) return {text, changed: false, leftAlone: {line: i + 1, reason}}
  }
  if (layout.frames.length > 1) {
    const line = (layout.frames.at(-1)?.line ?? 0) + 1
    return {text, changed: false, leftAlone: {line, reason: 'a block is not closed'}}
  }
  const formatted = text.slice(0, start) + layout.out.map(line => `${line}\n`).join('')
  return {text: formatted, changed: formatted !== text}
}

const BYTE_ORDER_MARK = '\ufeff'
const INDENT = '  '
/** Columns of a block on one line. */
const SHORT = 80

interface Frame {
  readonly grammar: Grammar
  /** The line that opened it, from 0. */
  readonly line: number
}

/** The lines so far, and the blocks that are open at their end. */
interface Layout {
  readonly out: string[]
  readonly frames: Frame[]
  /** Lines whose braces do not count, since another condition has the same. */
  readonly uncounted: ReadonlySet<number>
  /** A blank line comes before the next one. */
  blank: boolean
  /** The block that a keyword announced whose brace has not come yet. */
  awaited: Grammar | undefined
  /** The comment of the last line, if a brace can still join it. */
  joinable: {readonly comment: string} | undefined
}

const newLayout = (uncounted: ReadonlySet<number>): Layout => ({
  out: [],
  frames: [{grammar: ROOT.grammar, line: 0}],
  uncounted,
  blank: false,
  awaited: undefined,
  joinable: undefined,
})

/** Adds a line; the result is why the file has to be left alone. */
function addLine(layout: Layout, line: Exclude<FormatLine, {type: 'unreadable'}>, at: number): string | undefined {
  switch (line.type) {
    case 'blank':
      layout.blank = layout.out.length > 0
      return undefined
    case 'comment':
      emit(layout, line.text)
      return undefined
    case 'exact': {
      put(layout, line.text)
      if (layout.uncounted.has(at)) return undefined
      return count(layout, line.pieces, at)
    }
    case 'code':
      return line.movable && opensKnown(layout, line.pieces) ? addPieces(layout, line, at) : addWhole(layout, line, at)
  }
}

/** Follows the braces of pieces; the result is what is wrong with them. */
function count(layout: Layout, pieces: readonly FormatPiece[], at: number): string | undefined {
  for (const piece of pieces) {
    if (piece.type === 'text') layout.awaited = top(layout).blocks.get(piece.keyword)
    else if (piece.type === 'open') {
      layout.frames.push({grammar: layout.awaited ?? OPAQUE, line: at})
      layout.awaited = undefined
    } else {
      layout.awaited = undefined
      if (layout.frames.length === 1) return "a '}' closes nothing"
      layout.frames.pop()
    }
  }
  return undefined
}

/** True when every block that pieces open is one that its keyword opens: only such a brace may move. */
function opensKnown(layout: Layout, pieces: readonly FormatPiece[]): boolean {
  const trial: Layout = {...layout, frames: [...layout.frames]}
  return pieces.every(piece => {
    if (piece.type === 'open' && trial.awaited === undefined) return false
    return count(trial, [piece], 0) === undefined
  })
}

function addWhole(layout: Layout, {text, pieces}: FormatCode, at: number): string | undefined {
  const leading = pieces.findIndex(({type}) => type !== 'close')
  const closes = pieces.slice(0, leading < 0 ? pieces.length : leading)
  const problem = count(layout, closes, at)
  if (problem !== undefined) return problem
  emit(layout, text)
  return count(layout, pieces.slice(closes.length), at)
}

function addPieces(layout: Layout, {pieces, comment}: FormatCode, at: number): string | undefined {
  let i = 0
  if (pieces[0]?.type === 'open' && join(layout, pieces.length === 1 ? comment : '')) {
    const problem = count(layout, [{type: 'open'}], at)
    if (problem !== undefined || pieces.length === 1) return problem
    i = 1
  }
  while (i < pieces.length) {
    const taken = pieces.slice(i, i + lengthOfLine(layout, pieces, i))
    i += taken.length
    const closes = taken[0]?.type === 'close'
    const problem = closes ? count(layout, taken, at) : undefined
    if (problem !== undefined) return problem
    const ending = i === pieces.length ? comment : ''
    emit(layout, taken.map(piece => (piece.type === 'text' ? piece.text : BRACES[piece.type])).join(' ') + ending)
    if (closes) continue
    const wrong = count(layout, taken, at)
    if (wrong !== undefined) return wrong
    if (taken.length === 1 && layout.awaited !== undefined) layout.joinable = {comment: ending}
  }
  return undefined
}

const BRACES = {open: '{', close: '}'} as const

/** How many pieces from `i` on stand on one line: a keyword with its brace, or with a short block. */
function lengthOfLine(layout: Layout, pieces: readonly FormatPiece[], i: number): number {
  if (pieces[i]?.type !== 'text' || pieces[i + 1]?.type !== 'open') return 1
  const length = pieces[i + 2]?.type === 'close' ? 3 : pieces[i + 3]?.type === 'close' ? 4 : 2
  if (length === 2 || pieces[i + 2]?.type === 'open') return 2
  const columns = pieces
    .slice(i, i + length)
    .reduce((sum, piece) => sum + 1 + (piece.type === 'text' ? piece.text.length : 1), -1)
  return columns + (layout.frames.length - 1) * INDENT.length <= SHORT ? length : 2
}

/** Puts a brace at the end of the last line; false where a comment or something else is in the way. */
function join(layout: Layout, comment: string): boolean {
  const head = layout.out.at(-1)
  const own = layout.joinable?.comment
  if (head === undefined || own === undefined || (own !== '' && comment !== '')) return false
  const joined = `${head.slice(0, head.length - own.length)} {${own}${comment}`
  if (Buffer.byteLength(joined) >= LIMITS.lineBytes) return false
  layout.out[layout.out.length - 1] = joined
  layout.blank = false
  layout.joinable = undefined
  return true
}

/** Adds a line with its indentation, unless that would make it too long to be read. */
function emit(layout: Layout, text: string): void {
  const indented = INDENT.repeat(layout.frames.length - 1) + text
  put(layout, Buffer.byteLength(indented) < LIMITS.lineBytes ? indented : text)
}

function put(layout: Layout, line: string): void {
  if (layout.blank) layout.out.push('')
  layout.blank = false
  layout.joinable = undefined
  layout.out.push(line)
}

const top = (layout: Layout): Grammar => layout.frames.at(-1)?.grammar ?? OPAQUE
