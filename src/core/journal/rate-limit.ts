import type {MonotonicMs} from '../units.ts'
import type {JournalEntry} from './record.ts'

/** So many records of one kind about one thing may come at once; after that one every so many milliseconds. */
const BURST = 10
const REFILL_EVERY_MS = 1_000
/** Kinds times instances that are kept apart; beyond this they share. */
const MAX_BUCKETS = 4_096

interface Bucket {
  left: number
  filledAt: MonotonicMs
  suppressed: number
}

/**
 * Holds the journal to what a person can read and a disk can hold, whatever arrives from outside. What is left out is
 * counted, and the next record of its kind says how much that was. Transitions always pass: they are the truth about
 * who holds the addresses, notify scripts hang on them, and the protocol's own timers bound them.
 */
export class JournalRateLimit {
  readonly #buckets = new Map<string, Bucket>()

  /** The entry to write, or undefined when it is to be left out. */
  admit(entry: JournalEntry, now: MonotonicMs): JournalEntry | undefined {
    if (entry.kind === 'transition') return entry
    const bucket = this.#bucket(`${entry.kind} ${entry.instance ?? ''}`, now)
    const refill = Math.floor((now - bucket.filledAt) / REFILL_EVERY_MS)
    if (refill > 0) {
      bucket.left = Math.min(BURST, bucket.left + refill)
      bucket.filledAt = (bucket.filledAt + refill * REFILL_EVERY_MS) as MonotonicMs
    }
    if (bucket.left === 0) {
      bucket.suppressed++
      return undefined
    }
    bucket.left--
    const {suppressed} = bucket
    bucket.suppressed = 0
    return suppressed === 0 ? entry : {...entry, text: `${entry.text} (${suppressed} more of this kind were left out)`}
  }

  #bucket(key: string, now: MonotonicMs): Bucket {
    const shared = this.#buckets.size >= MAX_BUCKETS && !this.#buckets.has(key) ? 'others' : key
    let bucket = this.#buckets.get(shared)
    if (!bucket) {
      bucket = {left: BURST, filledAt: now, suppressed: 0}
      this.#buckets.set(shared, bucket)
    }
    return bucket
  }
}
