/** As much of an answer as is needed to write a long text into it; a `ServerResponse` is one. */
export interface TextSink {
  readonly destroyed: boolean
  write(chunk: string): boolean
  end(): void
  destroy(): void
  once(event: 'drain' | 'close', listener: () => void): unknown
  off(event: 'drain' | 'close', listener: () => void): unknown
}

/** How long a reader may take for all of it, milliseconds: as long as Prometheus waits, unless told otherwise. */
const READ_WITHIN_MS = 10_000

/**
 * Writes pieces of a text one after the other, no faster than they are taken, and each in a turn of its own. A reader
 * that takes too long is cut off. Resolves when all is written or the reader has gone.
 */
export async function writePieces(
  sink: TextSink,
  pieces: Iterable<string>,
  withinMs: number = READ_WITHIN_MS,
): Promise<void> {
  const timer = setTimeout(() => sink.destroy(), withinMs)
  try {
    for (const piece of pieces) {
      if (sink.destroyed) return
      if (!sink.write(piece)) await taken(sink)
      else await new Promise<void>(resolve => setImmediate(resolve))
    }
    if (!sink.destroyed) sink.end()
  } finally {
    clearTimeout(timer)
  }
}

function taken(sink: TextSink): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      sink.off('drain', done)
      sink.off('close', done)
      resolve()
    }
    sink.once('drain', done)
    sink.once('close', done)
  })
}
