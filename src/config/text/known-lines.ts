import type {PlainLine} from './plain-line.ts'

/** Plain lines by their text: those that are alike become one string, which need not be cut out again. */
export interface KnownLines {
  /** The text of a line that begins at `from`, up to its end, with the blanks before it. */
  text(source: string, from: number, line: PlainLine): string
}

/** None known yet, of a text of so many characters. Of two lines that fall on one place, the later is remembered. */
export function newKnownLines(length: number): KnownLines {
  const places = length > MANY_CHARACTERS ? 4_096 : 64
  const known: (string | undefined)[] = new Array(places).fill(undefined)
  return {
    text(source, from, {end, hash}) {
      const place = hash & (places - 1)
      const earlier = known[place]
      if (earlier !== undefined && earlier.length === end - from && standsAt(earlier, source, from)) return earlier
      const text = source.slice(from, end)
      known[place] = text
      return text
    },
  }
}

const MANY_CHARACTERS = 50_000

function standsAt(text: string, source: string, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== source.charCodeAt(from + i)) return false
  return true
}
