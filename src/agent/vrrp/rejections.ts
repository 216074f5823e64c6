import type {JournalEntry} from '../../core/journal/record.ts'
import type {MonotonicMs} from '../../core/units.ts'

/** One complaint a failure and origin in this time, milliseconds; the next one says how many came meanwhile. */
const COMPLAIN_EVERY_MS = 60_000
/** Different failures remembered for one origin; there are fewer kinds than this. */
const MAX_KINDS = 64

interface Kind {
  count: number
  complainedAt: MonotonicMs | undefined
  complainedCount: number
}

/** Counts dropped packets by what was wrong with them, and says when it is time to complain. */
export class Rejections {
  readonly #kinds = new Map<string, Kind>()

  get counts(): {readonly [failure: string]: number} {
    return Object.fromEntries([...this.#kinds].map(([failure, {count}]) => [failure, count]))
  }

  /** Counts one; returns a journal entry's text and facts when it is time for one. */
  add(
    failure: string,
    meaning: string,
    from: string,
    now: MonotonicMs,
  ): Pick<JournalEntry, 'text' | 'facts'> | undefined {
    let kind = this.#kinds.get(failure)
    if (!kind) {
      if (this.#kinds.size >= MAX_KINDS) return undefined
      kind = {count: 0, complainedAt: undefined, complainedCount: 0}
      this.#kinds.set(failure, kind)
    }
    kind.count++
    if (kind.complainedAt !== undefined && now - kind.complainedAt < COMPLAIN_EVERY_MS) return undefined
    const since = kind.count - kind.complainedCount
    kind.complainedAt = now
    kind.complainedCount = kind.count
    const many = since > 1 ? ` (${since} such packets)` : ''
    return {text: `advertisement from ${from} dropped: ${meaning}${many}`, facts: {failure, from, count: kind.count}}
  }
}
