/** Text of one line that remembers, for each character, the column of the source line it came from. */
export interface MappedText {
  readonly text: string
  /** Column of each character, from 1; undefined means that character i stands in column i + 1. */
  readonly columns: readonly number[] | undefined
}

/** A line as it stands in the file. */
export const mapped = (text: string): MappedText => ({text, columns: undefined})

/** The column, from 1, that character `index` came from; one past the end is the column after the last. */
export function columnAt(line: MappedText, index: number): number {
  if (!line.columns) return index + 1
  return line.columns[index] ?? (line.columns.at(-1) ?? 0) + 1
}

/** A part of a line. */
export function sliceMapped(line: MappedText, start: number, end = line.text.length): MappedText {
  if (start === 0 && end >= line.text.length) return line
  const text = line.text.slice(start, end)
  if (!line.columns) return start === 0 ? mapped(text) : {text, columns: Array.from(text, (_, i) => start + i + 1)}
  return {text, columns: line.columns.slice(start, end)}
}

/** A line whose first `length` characters are spaces. */
export const blankStart = (line: MappedText, length: number): MappedText => ({
  text: ' '.repeat(length) + line.text.slice(length),
  columns: line.columns,
})
