/** Text of one line that remembers, for each character, the column of the source line it came from. */
export interface MappedText {
  readonly text: string
  /** Column of each character, from 1; undefined means that character i stands in column offset + i + 1. */
  readonly columns: readonly number[] | undefined
  /** How many characters of the source line come before the text. */
  readonly offset: number
}

/** A line as it stands in the file. */
export const mapped = (text: string): MappedText => ({text, columns: undefined, offset: 0})

/** The column, from 1, that character `index` came from; one past the end is the column after the last. */
export function columnAt(line: MappedText, index: number): number {
  if (!line.columns) return line.offset + index + 1
  return line.columns[index] ?? (line.columns.at(-1) ?? 0) + 1
}

/** A part of a line. */
export function sliceMapped(line: MappedText, start: number, end = line.text.length): MappedText {
  if (start === 0 && end >= line.text.length) return line
  const text = line.text.slice(start, end)
  if (!line.columns) return {text, columns: undefined, offset: line.offset + start}
  return {text, columns: line.columns.slice(start, end), offset: 0}
}

/** A line whose first `length` characters are spaces. */
export const blankStart = (line: MappedText, length: number): MappedText => ({
  text: ' '.repeat(length) + line.text.slice(length),
  columns: line.columns,
  offset: line.offset,
})
