import {HactlError} from '../../errors.ts'

/** How long a configuration may take to reach the vrrp process, milliseconds. */
const CONFIGURED_WITHIN_MS = 5_000

/** Numbers the configurations that the vrrp process is given, and says when it has taken one. */
export class Configured {
  readonly #waiting = new Set<(taken: number) => void>()
  #last = 0

  /** The number of the next configuration. */
  next(): number {
    this.#last++
    return this.#last
  }

  /** The process has taken one; answers whether no later one is on its way. */
  taken(n: number): boolean {
    for (const waiter of [...this.#waiting]) waiter(n)
    return n === this.#last
  }

  /** Resolves when the one given last is taken; rejects with TIMED_OUT. */
  async last(): Promise<void> {
    const n = this.#last
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter)
        reject(new HactlError('TIMED_OUT', 'the vrrp process did not take the configuration', 'see the journal'))
      }, CONFIGURED_WITHIN_MS)
      const waiter = (taken: number): void => {
        if (taken < n) return
        this.#waiting.delete(waiter)
        clearTimeout(timer)
        resolve()
      }
      this.#waiting.add(waiter)
    })
  }
}
