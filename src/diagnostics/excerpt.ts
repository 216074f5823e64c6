import {MASK} from '../config/secrets.ts'
import {displayWidth, textWidth} from './display-width.ts'
import {endOfWord, type SourceLine} from './source-texts.ts'

/** A source line as it is shown, with what stands under it. */
export interface Excerpt {
  readonly line: string
  /** Spaces up to the word that is meant, in columns of the terminal. */
  readonly indent: number
  /** How wide that word is shown; 1 or more. */
  readonly width: number
}

/**
 * Makes a line fit to be shown: secrets masked, tabs as spaces, what is invisible or would command a terminal named,
 * and what does not fit in `room` columns cut off around the word that begins in `column` (from 1).
 */
export function excerpt(source: SourceLine, column: number, room: number): Excerpt {
  const cells = cellsOf(source)
  const end = endOfWord(source.text, column)
  const start = Math.min(column - 1, source.text.length)
  const from = cells.findIndex(cell => cell.end > start)
  const first = from < 0 ? cells.length : from
  const after = cells.findIndex(cell => cell.start >= end - 1)
  const last = Math.max(first + 1, after < 0 ? cells.length : after)
  return cut(cells, {first, last}, room)
}

/** The line with its secrets masked and nothing else changed. */
export function maskedLine({text, hidden}: SourceLine): string {
  let shown = ''
  let at = 0
  for (const {from, to} of hidden.toSorted((a, b) => a.from - b.from)) {
    if (from < at) continue
    shown += text.slice(at, from) + MASK
    at = to
  }
  return shown + text.slice(at)
}

/** What is shown for some characters of the source; `start` and `end` are counted from 0. */
interface Cell {
  readonly shown: string
  readonly width: number
  readonly start: number
  readonly end: number
}

const TAB = 4

function cellsOf({text, hidden}: SourceLine): readonly Cell[] {
  const cells: Cell[] = []
  let column = 0
  const end = text.trimEnd().length
  for (let at = 0; at < end; ) {
    const range = hidden.find(({from, to}) => from <= at && at < to)
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    const shown = range ? MASK : shownAs(character, column)
    const width = textWidth(shown)
    const next = range ? range.to : at + character.length
    cells.push({shown, width, start: at, end: next})
    column += width
    at = next
  }
  return cells
}

function shownAs(character: string, column: number): string {
  if (character === '\t') return ' '.repeat(TAB - (column % TAB))
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  if (/^[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]$/u.test(character) || (code > 0x7f && /^\p{Zs}$/u.test(character))) {
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  }
  // A mark without a letter before it would be drawn over the frame.
  return displayWidth(character) === 0 && column === 0 ? ` ${character}` : character
}

const ELLIPSIS = '…'

/** Keeps what fits, with at most a third of the room for what comes before the word. */
function cut(cells: readonly Cell[], word: {readonly first: number; readonly last: number}, room: number): Excerpt {
  const widthOf = (from: number, to: number): number => cells.slice(from, to).reduce((sum, cell) => sum + cell.width, 0)
  const whole = widthOf(0, cells.length) <= room
  let from = 0
  if (!whole && widthOf(0, word.last) >= room) {
    from = Math.min(word.first, cells.length - 1)
    for (let left = Math.floor(room / 3); from > 0; from--) {
      left -= cells[from - 1]?.width ?? 0
      if (left < 0) break
    }
  }
  const head = from > 0 ? ELLIPSIS : ''
  let to = from
  for (let left = room - head.length; to < cells.length; to++) {
    left -= cells[to]?.width ?? 0
    if (left < (whole ? 0 : ELLIPSIS.length)) break
  }
  const tail = to < cells.length ? ELLIPSIS : ''
  const [first, last] = [Math.min(word.first, to), Math.min(word.last, to)]
  return {
    line: `${head}${cells
      .slice(from, to)
      .map(({shown}) => shown)
      .join('')}${tail}`,
    indent: head.length + widthOf(from, first),
    width: Math.max(1, widthOf(first, last)),
  }
}
