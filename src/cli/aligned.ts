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
export const aligned = <Row>(columns: readonly AlignedColumn<Row>[], rows: readonly Row[]): string =>
  alignedText(columns, [alignedPart(columns, rows)])

/** Some of the rows of a list, of which no more is kept than their texts in one: there may be a hundred thousand. */
export interface AlignedPart {
  /** Of every cell, row by row, with `SEPARATOR` between them. */
  readonly text: string
  readonly cells: number
  /** The longest text in each column. */
  readonly widths: readonly number[]
  /** One for each cell; undefined: there are none on this terminal. */
  readonly colours: readonly (Colour | undefined)[] | undefined
}

/** No text on one line has it. */
const SEPARATOR = '\n'

/** These rows, for a text that is put together when all of them are known. */
export function alignedPart<Row>(columns: readonly AlignedColumn<Row>[], rows: readonly Row[]): AlignedPart {
  const colours: (Colour | undefined)[] | undefined = wantsColour() ? [] : undefined
  const widths: number[] = columns.map(() => 0)
  const texts = new Array<string>(rows.length * columns.length)
  for (let at = 0; at < columns.length; at++) {
    const {cell, colour} = columns[at] as AlignedColumn<Row>
    let [before, beforeText] = ['', '']
    let width = 0
    for (let row = 0; row < rows.length; row++) {
      const given = cell(rows[row] as Row)
      // Most are like the one before.
      const text = given === before ? beforeText : onOneLine(given)
      before = given
      beforeText = text
      if (text.length > width) width = text.length
      texts[row * columns.length + at] = text
      if (colours) colours[row * columns.length + at] = colour?.(rows[row] as Row)
    }
    widths[at] = width
  }
  return {text: texts.join(SEPARATOR), cells: texts.length, widths, colours}
}

/** All rows of a list under the heads of their columns. */
export function alignedText(
  columns: readonly Pick<AlignedColumn<never>, 'head' | 'right'>[],
  parts: readonly AlignedPart[],
): string {
  const laidOut = columns.map(({head, right = false}, at): LaidOut => {
    const width = parts.reduce((most, {widths}) => Math.max(most, widths[at] ?? 0), head.length)
    return {right, first: at === 0, width}
  })
  narrow(laidOut)
  const text = new TextOfParts()
  const heads = columns.map(({head}) => head)
  addLine(text, laidOut, {texts: heads, from: 0, colours: undefined})
  for (const part of parts) {
    const texts = part.cells === 0 ? [] : part.text.split(SEPARATOR)
    for (let from = 0; from < texts.length; from += columns.length) {
      text.add('\n')
      addLine(text, laidOut, {texts, from, colours: part.colours})
    }
  }
  return text.whole()
}

/** A long text of very many short ones, put together some thousands at once: each step would be a text of its own. */
class TextOfParts {
  readonly #pieces: string[] = []
  readonly #parts = new Array<string>(MAX_PARTS).fill('')
  #count = 0

  add(part: string): void {
    if (this.#count === MAX_PARTS) {
      this.#pieces.push(this.#parts.join(''))
      this.#count = 0
    }
    this.#parts[this.#count++] = part
  }

  whole(): string {
    return this.#pieces.join('') + this.#parts.slice(0, this.#count).join('')
  }
}

const MAX_PARTS = 4096

interface LaidOut {
  readonly right: boolean
  readonly first: boolean
  width: number
}

/** Where a line stands among others. */
interface PlacedLine {
  readonly texts: readonly string[]
  readonly from: number
  readonly colours: AlignedPart['colours']
}

function addLine(text: TextOfParts, columns: readonly LaidOut[], {texts, from, colours}: PlacedLine): void {
  let gap = 0
  for (let at = 0; at < columns.length; at++) {
    const {right, first, width} = columns[at] as LaidOut
    const whole = texts[from + at] as string
    const cell = whole.length <= width ? whole : first ? withoutMiddle(whole, width) : withoutEnd(whole, width)
    if (cell === '') {
      gap += width + GAP.length
      continue
    }
    const missing = width - cell.length
    const before = right ? gap + missing : gap
    if (before > 0) text.add(spaces(before))
    text.add(colours === undefined ? cell : painted(colours[from + at], cell))
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
