import {type Colour, paint} from './colour.ts'
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
  const cells = rows.map(row => columns.map(column => printable(column.cell(row))))
  const heads = columns.map(({head}) => head)
  const widths = columns.map(({head}, at) =>
    cells.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), head.length),
  )
  const texts = columns.flatMap(({right}, at) => (right || at === 0 ? [] : [at]))
  narrow(widths, texts)
  const lines = [heads, ...cells].map((row, index) => {
    const item = rows[index - 1]
    const parts = row.map((text, at) => {
      const column = columns[at]
      const width = widths[at] ?? 0
      const shown = at === 0 ? withoutMiddle(text, width) : withoutEnd(text, width)
      const padded = column?.right ? shown.padStart(width) : at === row.length - 1 ? shown : shown.padEnd(width)
      const colour = item === undefined ? undefined : column?.colour?.(item)
      return colour === undefined ? padded : paint(colour, padded)
    })
    return parts.join(GAP).trimEnd()
  })
  return lines.join('\n')
}

/** Takes what is too much for the terminal from columns of texts, the widest first, then from the first. */
function narrow(widths: number[], texts: readonly number[]): void {
  const width = (at: number): number => widths[at] ?? 0
  const excess = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - outputWidth()
  for (let left = excess; left > 0; left--) {
    const widest = texts.reduce((most, at) => (width(at) > width(most) ? at : most), texts[0] ?? 0)
    const at = widest > 0 && width(widest) > LEAST_TEXT ? widest : 0
    if (at === 0 && width(0) <= LEAST_FIRST) return
    widths[at] = width(at) - 1
  }
}

const withoutEnd = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text

function withoutMiddle(text: string, width: number): string {
  if (text.length <= width) return text
  const end = Math.ceil((width - 1) / 2)
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`
}
