import {after, type MonotonicMs} from '../../core/units.ts'
import {monotonicNow} from '../../kernel/clock.ts'

/** Changes of the network come by the thousand at times: the routers look at the outcome this often at most, ms. */
const SPACING_MS = 20
/** Addresses that this process put there change nothing but what is shown: looked at this long afterwards, ms. */
const EXPECTED_MS = 250

/** When the routers look at what became of the network: once for many changes. */
export class LookSchedule {
  readonly #look: () => void
  #next: {readonly at: MonotonicMs; readonly timer: NodeJS.Timeout} | undefined
  #lookedAt = monotonicNow()

  constructor(look: () => void) {
    this.#look = look
  }

  /** Something changed; `expected`: only addresses of ours appeared, and the look may wait until all of them have. */
  changed({expected}: {readonly expected: boolean}): void {
    const now = monotonicNow()
    const at = expected ? after(now, EXPECTED_MS) : after(this.#lookedAt, SPACING_MS)
    if (this.#next && this.#next.at <= at) return
    clearTimeout(this.#next?.timer)
    this.#next = {at, timer: setTimeout(this.#look, Math.max(0, at - now))}
  }

  /** To be called when a look begins, whatever brought it about: what changed until now is seen by it. */
  begins(): void {
    clearTimeout(this.#next?.timer)
    this.#next = undefined
    this.#lookedAt = monotonicNow()
  }
}
