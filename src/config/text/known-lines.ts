import type {PlainLine} from './plain-line.ts'

/** Plain lines by their text: those that are alike become one string, which need not be cut out again. */
export interface KnownLines {
  /** The text of a line that begins at `from`, up to its end, with the blanks before it. */
  text(source: string, from: number, line: PlainLine): string
}

/** None known yet. Of two lines that fall on one place, the later is remembered. */
export function newKnownLines(): KnownLines {
  const known: (string | undefined)[] = new Array(PLACES).fill(undefined)
  return {
    text(source, from, {end, hash}) {
      const place = hash & (PLACES - 1)
      const earlier = known[place]
      if (earlier !== undefined && earlier.length === end - from && standsAt(earlier, source, from)) return earlier
      const text = source.slice(from, end)
      known[place] = text
      return text
    },
  }
}

/** A power of two. */
const PLACES = 4_096

function standsAt(text: string, source: string, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== source.charCodeAt(from + i)) return false
  return true
}
