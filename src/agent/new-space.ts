const NEW_SPACE_MB = 4
/** Small enough to be made in that space. */
const PIECE_WORDS = 1_024
const WORD_BYTES = 8

/**
 * Gives a process a space for new objects that stays as it is, twice so large: it does not grow within a burst, nor is
 * it given back in quiet hours. See `node --v8-options`.
 */
export const NEW_SPACE_OPTIONS = [
  `--min-semi-space-size=${NEW_SPACE_MB}`,
  `--max-semi-space-size=${NEW_SPACE_MB}`,
  '--no-memory-reducer',
] as const

/**
 * Uses that space wholly once: its memory is taken at the start, and not page by page in the first burst, or over
 * minutes of quiet.
 */
export function useNewSpace(): void {
  const bytes = TWICE_AND_MORE * NEW_SPACE_MB * 1_048_576
  for (let used = 0; used < bytes; used += PIECE_WORDS * WORD_BYTES) new Array<number>(PIECE_WORDS).fill(used)
}

const TWICE_AND_MORE = 2.5
