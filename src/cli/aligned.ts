import {type Colour, paint, wantsColour} from './colour.ts'
import {outputWidth, printable} from './table.ts'

/** A column of a long list: its head and what each row has in it. */
export interface AlignedColumn<Row> {
  readonly head: string
  readonly cell: (row: Row) => string
  readonly colour?: (row: Row) => Colour | undefined
  /** Numbers end where each other end. */
  readonly right?: boolean
}

const GAP = '  '
/** A column of texts keeps this much of a terminal, and the first one this much. */
const LEAST_TEXT = 8
const LEAST_FIRST = 20

/**
 * Lays many thousand rows out in columns, for which `table` takes a millisecond each. On a terminal that is too narrow
 * texts lose their end, the widest column first, then those of the first column their middle; elsewhere everything is
 * printed in full.
 */
export function aligned<Row>(columns: readonly AlignedColumn<Row>[], rows: readonly Row[]): string {
  const laidOut = columns.map((column, at) => layOut(column, {rows, first: at === 0}))
  narrow(laidOut)
  const isPainted = wantsColour()
  const pieces: string[] = []
  const parts: string[] = []
  addLine(parts, laidOut, {index: HEAD})
  for (let index = 0; index < rows.length; index++) {
    parts.push('\n')
    addLine(parts, laidOut, {index, colour: isPainted ? at => columns[at]?.colour?.(rows[index] as Row) : undefined})
    if (parts.length < MAX_PARTS) continue
    pieces.push(parts.join(''))
    parts.length = 0
  }
  pieces.push(parts.join(''))
  return pieces.join('')
}

/** Put together at once: each step would be a text of its own. */
const MAX_PARTS = 4096

interface LaidOut {
  readonly head: string
  readonly texts: readonly string[]
  readonly right: boolean
  readonly first: boolean
  width: number
}

function layOut<Row>(
  {head, cell, right = false}: AlignedColumn<Row>,
  {rows, first}: {readonly rows: readonly Row[]; readonly first: boolean},
): LaidOut {
  let width = head.length
  let [before, beforeText] = ['', '']
  const texts = rows.map(row => {
    const given = cell(row)
    // Most are like the one before.
    const text = given === before ? beforeText : onOneLine(given)
    before = given
    beforeText = text
    if (text.length > width) width = text.length
    return text
  })
  return {head, texts, right, first, width}
}

/** In place of the number of a row. */
const HEAD = -1

function addLine(
  parts: string[],
  columns: readonly LaidOut[],
  {index, colour}: {readonly index: number; readonly colour?: ((at: number) => Colour | undefined) | undefined},
): void {
  let gap = 0
  for (let at = 0; at < columns.length; at++) {
    const {head, texts, right, first, width} = columns[at] as LaidOut
    const whole = index === HEAD ? head : (texts[index] as string)
    const text = whole.length <= width ? whole : first ? withoutMiddle(whole, width) : withoutEnd(whole, width)
    if (text === '') {
      gap += width + GAP.length
      continue
    }
    const missing = width - text.length
    const before = right ? gap + missing : gap
    if (before > 0) parts.push(spaces(before))
    parts.push(colour === undefined ? text : painted(colour(at), text))
    // Nothing is put behind the last one.
    gap = right ? GAP.length : GAP.length + missing
  }
}

const painted = (colour: Colour | undefined, text: string): string =>
  colour === undefined ? text : paint(colour, text)

/** Looking is several times as quick as replacing, and there is next to never anything to replace. */
const onOneLine = (text: string): string => (ORDINARY.test(text) ? text : printable(text))

const ORDINARY = /^[\x20-\x7e]*$/
const SPACES: string[] = []

function spaces(count: number): string {
  SPACES[count] ??= ' '.repeat(count)
  return SPACES[count] ?? ''
}

/** Takes what is too much for the terminal from columns of texts, the widest first, then from the first. */
function narrow(columns: readonly LaidOut[]): void {
  const texts = columns.filter(({right, first}) => !right && !first)
  const [first] = columns
  const excess = columns.reduce((sum, {width}) => sum + width + GAP.length, -GAP.length) - outputWidth()
  for (let left = excess; left > 0; left--) {
    const widest = texts.reduce<LaidOut | undefined>(
      (most, column) => (most === undefined || column.width > most.width ? column : most),
      undefined,
    )
    const narrowed = widest !== undefined && widest.width > LEAST_TEXT ? widest : first
    if (narrowed === undefined || (narrowed === first && first.width <= LEAST_FIRST)) return
    narrowed.width--
  }
}

const withoutEnd = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text

function withoutMiddle(text: string, width: number): string {
  if (text.length <= width) return text
  const end = Math.ceil((width - 1) / 2)
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`
}
