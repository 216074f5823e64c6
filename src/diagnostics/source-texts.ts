import {type HiddenRange, hiddenRanges} from './hidden-ranges.ts'

/** One line of a file as it stands there, and what of it must not be shown. */
export interface SourceLine {
  readonly text: string
  readonly hidden: readonly HiddenRange[]
}

/** The lines of the files that findings are about. */
export interface SourceTexts {
  /** A line, from 1; undefined where its file is not at hand or has no such line. */
  line(file: string, line: number): SourceLine | undefined
}

/** Finds lines in texts; each text is looked at when a line of it is asked for. */
export function sourceTexts(texts: ReadonlyMap<string, string>): SourceTexts {
  const known = new Map<string, Lines>()
  return {
    line(file, line) {
      const text = texts.get(file)
      if (text === undefined) return undefined
      const lines = known.get(file) ?? splitLines(text)
      known.set(file, lines)
      const content = lines.texts[line - 1]
      return content === undefined ? undefined : {text: content, hidden: lines.hidden.get(line) ?? []}
    },
  }
}

/** The column, from 1, after the last character of the word that begins in a column. */
export function endOfWord(text: string, column: number): number {
  const start = column - 1
  const first = text[start]
  if (first === undefined) return column
  if (first === '{' || first === '}') return column + 1
  if (first === '"' || first === "'") {
    const close = text.indexOf(first, start + 1)
    return (close < 0 ? text.trimEnd().length : close + 1) + 1
  }
  const length = text.slice(start).search(/[\s{}"]|$/)
  return column + Math.max(1, length)
}

interface Lines {
  readonly texts: readonly string[]
  readonly hidden: ReadonlyMap<number, readonly HiddenRange[]>
}

function splitLines(text: string): Lines {
  const texts = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map(line => (line.endsWith('\r') ? line.slice(0, -1) : line))
  return {texts, hidden: hiddenRanges(texts)}
}
