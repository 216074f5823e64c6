import {isSameLine, type ScreenLine} from './screen-layout.ts'

/**
 * The lines of a screen that differ from what is on the terminal: only those are given to Ink, which else takes each
 * character of the screen apart for each frame. Of them, those that Ink drew not long ago, as those of a view that is
 * come back to, are known already.
 */
export interface Patch {
  /** Positions of the lines that have to be drawn: at least one where anything differs, for else Ink draws nothing. */
  readonly take: (lines: readonly ScreenLine[]) => readonly number[]
  /** Puts these lines, as Ink drew them, in their places: the whole screen, or undefined where nothing was taken. */
  readonly drawn: (text: string) => string | undefined
  /** The terminal is empty. */
  readonly reset: () => void
}

/** As many as a dozen screens have. */
const MAX_KNOWN = 1_000

/** Begins with an empty terminal. */
export function createPatch(): Patch {
  let onScreen: readonly ScreenLine[] = []
  let texts: string[] = []
  let taken: {readonly lines: readonly ScreenLine[]; readonly rows: readonly number[]} | undefined
  const known = new Map<string, string>()
  const remember = (line: ScreenLine, text: string): void => {
    const look = lookOf(line)
    // Those that were drawn last are the last to go.
    known.delete(look)
    known.set(look, text)
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KNOWN) break
      known.delete(oldest)
    }
  }
  return {
    take: lines => {
      const different = differentRows(lines, onScreen)
      const unknown = different.filter(row => !known.has(lookOf(lines[row] ?? NOTHING)))
      const rows = unknown.length > 0 ? unknown : different.slice(0, 1)
      taken = {lines, rows}
      return rows
    },
    drawn: text => {
      if (taken === undefined) return undefined
      const {lines, rows} = taken
      const parts = text.split('\n')
      const fresh = new Map(rows.map((row, at) => [row, parts[at] ?? '']))
      texts = lines.map((line, row) =>
        isStill(line, onScreen[row]) ? (texts[row] ?? '') : (fresh.get(row) ?? known.get(lookOf(line)) ?? ''),
      )
      for (const row of differentRows(lines, onScreen)) remember(lines[row] ?? NOTHING, texts[row] ?? '')
      onScreen = lines
      taken = undefined
      return texts.join('\n')
    },
    reset: () => {
      onScreen = []
      texts = []
      taken = undefined
      // Lines end where the terminal did.
      known.clear()
    },
  }
}

const NOTHING: ScreenLine = {spans: [], isChosen: false}

const isStill = (line: ScreenLine, before: ScreenLine | undefined): boolean =>
  before !== undefined && isSameLine(line, before)

const differentRows = (lines: readonly ScreenLine[], onScreen: readonly ScreenLine[]): readonly number[] =>
  lines.flatMap((line, row) => (isStill(line, onScreen[row]) ? [] : [row]))

/** The same of two lines only where they look the same: no text of a screen has control characters. */
const lookOf = ({spans, isChosen}: ScreenLine): string =>
  `${isChosen}${spans.map(({text, tone}) => `\n${tone ?? ''}\t${text}`).join('')}`
