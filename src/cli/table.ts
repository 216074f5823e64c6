import Table from 'cli-table3'
import {type Colour, paint, streamWidth} from './colour.ts'

/** One column: its head and what each row has in it. */
export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => string
  readonly colour?: (row: Row) => Colour | undefined
  /** May lose its end on a terminal that is too narrow; never elsewhere. */
  readonly shrinks?: boolean
}

const GAP = 2
/** A column that shrinks keeps this much. */
const LEAST_WIDTH = 6

/** Lays rows out in columns: to the width of a terminal, or in full where standard output is none. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const texts = rows.map(row => columns.map(column => printable(column.cell(row))))
  const widths = fittingWidths(columns, texts)
  const grid = new Table({
    head: columns.map(({head}) => head),
    chars: NO_LINES,
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true},
  })
  for (const [index, row] of rows.entries()) {
    grid.push(
      columns.map((column, at) => {
        const text = shortened(texts[index]?.[at] ?? '', widths[at] ?? 0)
        const colour = column.colour?.(row)
        return colour === undefined ? text : paint(colour, text)
      }),
    )
  }
  return trimmedLines(grid.toString())
}

/** Names and values in two columns, for one thing. */
export function properties(entries: readonly (readonly [string, string])[]): string {
  return table<readonly [string, string]>(
    [
      {head: '', cell: ([name]) => name, colour: () => 'dim'},
      {head: '', cell: ([, value]) => value},
    ],
    entries,
  ).replace(/^\n/, '')
}

/** Breaks a sentence into lines of at most `width`, the ones after the first behind `indent` spaces. */
export function wrapped(text: string, {width, indent}: {readonly width: number; readonly indent: number}): string {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(' ')) {
    const room = width - (lines.length === 0 ? 0 : indent)
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  lines.push(line)
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** Columns of the terminal, or no limit where standard output is none. */
export function outputWidth(): number {
  return streamWidth(process.stdout)
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
}

/** The widest of those that may shrink gives way first, until everything fits or nothing more can. */
function fittingWidths<Row>(columns: readonly Column<Row>[], texts: readonly (readonly string[])[]): number[] {
  const widths = columns.map(({head}, at) => Math.max(head.length, ...texts.map(row => row[at]?.length ?? 0)))
  const room = outputWidth() - GAP * (columns.length - 1)
  const least = columns.map(({head}) => Math.max(LEAST_WIDTH, head.length))
  let excess = widths.reduce((sum, width) => sum + width, 0) - room
  while (excess > 0) {
    let widest = -1
    for (const [at, column] of columns.entries()) {
      const width = widths[at] ?? 0
      if (column.shrinks !== true || width <= (least[at] ?? 0)) continue
      if (widest === -1 || width > (widths[widest] ?? 0)) widest = at
    }
    if (widest === -1) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  return widths
}

function shortened(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

/** A text as it may be shown: control characters in a name must not reach the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}

function trimmedLines(text: string): string {
  return text
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')
}
