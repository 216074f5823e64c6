/** A line of a stream may have so many characters; a snapshot of 10,000 virtual routers has them. */
export const MAX_LINE_CHARS = 8 * 1024 * 1024

/** What becomes of the lines of a stream. */
export interface LineListener {
  /** A line that is JSON, parsed. */
  readonly value: (value: unknown) => void
  /** A line that is not JSON, or was longer than it may be; it is left out. */
  readonly refused: () => void
}

/** Cuts the bytes of an NDJSON stream into lines, in whatever pieces they come; holds one line at most. */
export function streamLines(listener: LineListener): (chunk: Buffer) => void {
  const decoder = new TextDecoder()
  let pieces: string[] = []
  let chars = 0
  let skipping = false

  const add = (piece: string): void => {
    if (skipping) return
    chars += piece.length
    if (chars <= MAX_LINE_CHARS) {
      pieces.push(piece)
    } else {
      pieces = []
      skipping = true
    }
  }
  const end = (): void => {
    const line = pieces.join('')
    const value = skipping ? undefined : parsed(line)
    pieces = []
    chars = 0
    if (value !== undefined) listener.value(value)
    else if (skipping || line !== '') listener.refused()
    skipping = false
  }
  return chunk => {
    const [first = '', ...more] = decoder.decode(chunk, {stream: true}).split('\n')
    add(first)
    for (const piece of more) {
      end()
      add(piece)
    }
  }
}

/** Undefined, which no JSON is, for what is none. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
