/** Messages waiting for a supervisor that does not read; beyond this, news are dropped and counted. */
const MAX_BACKLOG = 2_000

/**
 * The child's end of the channel to the supervisor. Never blocks: what the supervisor does not read piles up to a
 * bound and is then dropped, and `lost` says how much.
 */
export class ChildChannel<Incoming, Outgoing> {
  lost = 0
  #backlog = 0

  constructor(handlers: {onMessage: (message: Incoming) => void; onClosed: () => void}) {
    process.on('message', message => handlers.onMessage(message as Incoming))
    process.on('disconnect', handlers.onClosed)
    // A supervisor that died takes its ends of our pipes with it; writing there must not end us before we withdrew.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  }

  send(message: Outgoing): void {
    if (!process.connected || !process.send) return
    if (this.#backlog >= MAX_BACKLOG) {
      this.lost++
      return
    }
    this.#backlog++
    process.send(message, undefined, {}, () => {
      this.#backlog--
    })
  }

  /** Closes the channel after what was sent; the process can then end by itself. */
  close(): void {
    if (process.connected) process.disconnect()
  }
}
