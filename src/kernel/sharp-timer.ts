import type {MonotonicMs} from '../core/units.ts'
import {monotonicNow} from './clock.ts'

/** Calls back once at or after a deadline, never before it. */
export class SharpTimer {
  #timer: NodeJS.Timeout | undefined
  readonly #onDue: () => void

  constructor(onDue: () => void) {
    this.#onDue = onDue
  }

  /** Replaces the deadline. */
  arm(at: MonotonicMs): void {
    clearTimeout(this.#timer)
    const left = Math.max(0, at - monotonicNow())
    this.#timer = setTimeout(() => (monotonicNow() < at ? this.arm(at) : this.#onDue()), left)
  }
}
