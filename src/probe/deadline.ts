/** A process that wakes up this much too late stood still, milliseconds. */
const STOOD_STILL_MS = 100

/**
 * The end of a probe's time, which is the real server's: while this process stood still it could not take an answer,
 * so that as much is given once more, at most the time again. And never is it over before what came meanwhile was read.
 */
export class Deadline {
  readonly #timeoutMs: number
  readonly #isOver: () => void
  readonly #dueAt: number
  #timer: NodeJS.Timeout
  #immediate: NodeJS.Immediate | undefined
  #moreGiven = false

  /** `isOver` is called once, or never after `clear`. */
  constructor(timeoutMs: number, isOver: () => void) {
    this.#timeoutMs = timeoutMs
    this.#isOver = isOver
    this.#dueAt = performance.now() + timeoutMs
    this.#timer = setTimeout(() => this.#due(), timeoutMs)
  }

  clear(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  #due(): void {
    const lateMs = performance.now() - this.#dueAt
    if (lateMs < STOOD_STILL_MS || this.#moreGiven) {
      // Timers come before sockets in a turn of the loop, immediates after them. nodejs.org, "The Node.js Event Loop"
      this.#immediate = setImmediate(this.#isOver)
      return
    }
    this.#moreGiven = true
    this.#timer = setTimeout(() => this.#due(), Math.min(lateMs, this.#timeoutMs))
  }
}
