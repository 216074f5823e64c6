import {type Cell, type Column, cells, GAP, heads} from './lines.ts'
import type {Drawing, Line} from './model.ts'

/** A column whose width depends on how much room there is. */
export interface GrowingColumn<Item> {
  readonly head: string
  /** The least it takes, columns of the terminal. */
  readonly width: number
  /** Its share of what is left over; undefined: none. */
  readonly grows?: number
  /** No wider than this. */
  readonly most?: number
  /** It is there only on lines of at least this width. */
  readonly from?: number
  /** Numbers end where each other end. */
  readonly right?: boolean
  readonly cell: (item: Item, drawing: Drawing, width: number) => Cell
}

/** The names of the columns as one line. */
export function growingHeads<Item>(columns: readonly GrowingColumn<Item>[], drawing: Drawing): Line {
  return heads(
    fitting(columns, drawing.width).map(({fixed}) => fixed),
    drawing.glyphs,
  )
}

/** One item as a line. */
export function growingCells<Item>(columns: readonly GrowingColumn<Item>[], item: Item, drawing: Drawing): Line {
  const there = fitting(columns, drawing.width)
  return cells(
    there.map(({fixed}) => fixed),
    there.map(({column, fixed}) => column.cell(item, drawing, fixed.width)),
    drawing.glyphs,
  )
}

/** How wide columns are on a line of a width; 0: it is not there. */
export function growingWidths<Item>(columns: readonly GrowingColumn<Item>[], width: number): readonly number[] {
  const isThere = columns.map(({from = 0}) => width >= from)
  const widths = columns.map((column, i) => (isThere[i] ? column.width : 0))
  const gaps = GAP * Math.max(0, isThere.filter(Boolean).length - 1)
  let rest = width - gaps - widths.reduce((sum, each) => sum + each, 0)
  // What a column that is wide enough leaves goes to the others in the second round.
  for (let round = 0; round < 2 && rest > 0; round++) {
    const shares = columns.map(({grows = 0, most = width}, i) => (isThere[i] && (widths[i] ?? 0) < most ? grows : 0))
    const all = shares.reduce((sum, each) => sum + each, 0)
    if (all === 0) break
    const toShare = rest
    for (const [i, share] of shares.entries()) {
      const has = widths[i] ?? 0
      const more = Math.min(Math.floor((toShare * share) / all), (columns[i]?.most ?? width) - has)
      widths[i] = has + more
      rest -= more
    }
  }
  return widths
}

interface Fitting<Item> {
  readonly column: GrowingColumn<Item>
  readonly fixed: Column
}

function fitting<Item>(columns: readonly GrowingColumn<Item>[], width: number): readonly Fitting<Item>[] {
  const widths = growingWidths(columns, width)
  return columns.flatMap((column, i) => {
    const {head, right = false} = column
    const columnWidth = widths[i] ?? 0
    return columnWidth === 0 ? [] : [{column, fixed: {head, width: columnWidth, right}}]
  })
}
