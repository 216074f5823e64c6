import {textWidth} from '../diagnostics/display-width.ts'
import type {Drawing, Glyphs, Line, Span, Tone} from './model.ts'

/** A column of a view: its head, and how wide its cells are. */
export interface Column {
  readonly head: string
  readonly width: number
  /** Numbers end where each other end. */
  readonly right?: boolean
}

/** A cell of a row: a text, or pieces of it. */
export type Cell = string | Span | Line

/** Between two columns. */
export const GAP = 2

/** Columns of the screen that a text takes. */
export const widthOf = (text: string): number => (PLAIN.test(text) ? text.length : textWidth(text))

/** Columns of the screen that a line takes. */
export const lineWidth = (line: Line): number => line.reduce((sum, {text}) => sum + widthOf(text), 0)

/** A line without its tones. */
export const plainText = (line: Line): string => line.map(({text}) => text).join('')

/** A text cut to so many columns, with an ellipsis in place of what is missing. */
export function cutText(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text
  if (width <= 0) return ''
  let kept = ''
  let used = 1
  for (const character of text) {
    used += widthOf(character)
    if (used > width) break
    kept += character
  }
  return kept + ellipsis
}

/** A line cut to so many columns. */
export function cutLine(line: Line, width: number, ellipsis: string): Line {
  if (lineWidth(line) <= width) return line
  const cut: Span[] = []
  let left = width
  for (const [at, span] of line.entries()) {
    const spanWidth = widthOf(span.text)
    const isLast = line.slice(at + 1).every(({text}) => text === '')
    if (spanWidth < left || (spanWidth === left && isLast)) {
      cut.push(span)
      left -= spanWidth
      continue
    }
    cut.push({
      ...span,
      text: spanWidth === left ? forced(span.text, left, ellipsis) : cutText(span.text, left, ellipsis),
    })
    break
  }
  return cut
}

/** A line filled up with blanks. */
export function padLine(line: Line, width: number): Line {
  const missing = width - lineWidth(line)
  return missing > 0 ? [...line, {text: ' '.repeat(missing)}] : line
}

/** Cells beside each other, each cut and filled to its column; the last one is not filled. */
export function cells(columns: readonly Column[], contents: readonly Cell[], glyphs: Glyphs): Line {
  const line: Span[] = []
  for (const [at, column] of columns.entries()) {
    if (at > 0) line.push({text: ' '.repeat(GAP)})
    const cut = cutLine(asLine(contents[at] ?? ''), column.width, glyphs.ellipsis)
    const missing = Math.max(0, column.width - lineWidth(cut))
    if (column.right && missing > 0) line.push({text: ' '.repeat(missing)})
    line.push(...cut)
    if (!column.right && missing > 0 && at < columns.length - 1) line.push({text: ' '.repeat(missing)})
  }
  return line
}

/** The heads of columns. */
export const heads = (columns: readonly Column[], glyphs: Glyphs): Line =>
  cells(
    columns,
    columns.map(({head}) => ({text: head, tone: 'dim'})),
    glyphs,
  )

/** What is left of the width beside these columns; the last column of a row takes it. */
export const restWidth = (columns: readonly Column[], {width}: Drawing): number =>
  Math.max(0, width - columns.reduce((sum, column) => sum + column.width + GAP, 0))

/** A name and what it is, for pages of details: the text goes over as many lines as it takes. */
export function property(name: string, value: Cell, width: number): readonly Line[] {
  const label: Span = {text: name.padEnd(LABEL_WIDTH), tone: 'dim'}
  const line = asLine(value)
  if (line.length !== 1 || lineWidth(line) + LABEL_WIDTH <= width) return [[label, ...line]]
  const [{text, tone} = {text: '', tone: undefined}] = line
  return wrapText(text, Math.max(10, width - LABEL_WIDTH)).map((part, at) => [
    at === 0 ? label : {text: ' '.repeat(LABEL_WIDTH)},
    span(part, tone),
  ])
}

/** A text over several lines, broken between words where that is possible. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap(part => pieces(part, width))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || widthOf(longer) <= width) {
      line = longer
      continue
    }
    lines.push(line)
    line = word
  }
  return [...lines, line]
}

/** A piece of a line; without a tone where there is none. */
export const span = (text: string, tone?: Tone | undefined): Span => (tone === undefined ? {text} : {text, tone})

/**
 * Text that a terminal can be given: what others wrote holds no control characters, no marks that turn the direction of
 * writing, and for a terminal without UTF-8 nothing but ASCII.
 */
export function safeText(text: string, isAscii: boolean): string {
  if (PLAIN.test(text)) return text
  const safe = text.replace(UNSAFE, '?')
  return isAscii ? safe.replace(NOT_ASCII, '?') : safe
}

const LABEL_WIDTH = 16
const PLAIN = /^[\x20-\x7e]*$/
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu
const NOT_ASCII = /[^\x20-\x7e]/gu

function asLine(cell: Cell): Line {
  if (typeof cell === 'string') return [{text: cell}]
  return 'text' in cell ? [cell] : cell
}

/** Cut although it fits: something that follows does not. */
function forced(text: string, width: number, ellipsis: string): string {
  return width <= 0 ? '' : cutText(`${text} `, width, ellipsis)
}

function pieces(word: string, width: number): readonly string[] {
  if (widthOf(word) <= width) return [word]
  const parts: string[] = []
  let part = ''
  for (const character of word) {
    if (widthOf(part + character) > width) {
      parts.push(part)
      part = ''
    }
    part += character
  }
  return [...parts, part]
}
