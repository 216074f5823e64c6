/** Messages waiting for a supervisor that does not read; beyond this, news are dropped and counted. */
const MAX_BACKLOG = 500

/** What a child wants to know of its channel. */
export interface ChildChannelHandlers<Incoming> {
  onMessage(message: Incoming): void
  /** The supervisor is gone. */
  onClosed(): void
  /** The supervisor reads again after so many messages were lost. */
  onLost(count: number): void
}

/**
 * The child's end of the channel to the supervisor. Never blocks: what the supervisor does not read piles up to a
 * bound and is then dropped; once everything was read, the child hears how much that was.
 */
export class ChildChannel<Incoming, Outgoing> {
  readonly #handlers: ChildChannelHandlers<Incoming>
  #backlog = 0
  #lost = 0

  constructor(handlers: ChildChannelHandlers<Incoming>) {
    this.#handlers = handlers
    process.on('message', message => handlers.onMessage(message as Incoming))
    process.on('disconnect', () => handlers.onClosed())
    // A supervisor that died takes its ends of our pipes with it; writing there must not end us before we withdrew.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  }

  send(message: Outgoing): void {
    if (!process.connected || !process.send) return
    if (this.#backlog >= MAX_BACKLOG) {
      this.#lost++
      return
    }
    this.#backlog++
    process.send(message, undefined, {}, () => {
      this.#backlog--
      if (this.#backlog > 0 || this.#lost === 0) return
      const lost = this.#lost
      this.#lost = 0
      this.#handlers.onLost(lost)
    })
  }

  /** Closes the channel after what was sent; the process can then end by itself. */
  close(): void {
    if (process.connected) process.disconnect()
  }
}
