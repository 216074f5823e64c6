import type {ProbeResult} from '../../core/check/result.ts'

/** One result as it is remembered. */
export interface RememberedResult {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly ok: boolean
  readonly latencyMs: number
  /** The reason of a failure, or what was seen; null: nothing worth telling. */
  readonly text: string | null
}

/** Results that are remembered of each checker. */
export const REMEMBERED_RESULTS = 32

/** The last results of one checker, in three flat lists: there may be tens of thousands of them. */
export class ResultHistory {
  readonly #at: number[] = []
  /** Of a failure it is negative, less one: -1.5 is a failure after half a millisecond. */
  readonly #latencyMs: number[] = []
  readonly #text: (string | null)[] = []
  /** Where the next one goes once all places are taken. */
  #next = 0

  get size(): number {
    return this.#at.length
  }

  add(result: ProbeResult, at: number): void {
    const latencyMs = result.ok ? result.latencyMs : -1 - result.latencyMs
    const text = sharedText(result.ok ? (result.detail ?? null) : result.reason)
    this.#at[this.#next] = at
    this.#latencyMs[this.#next] = latencyMs
    this.#text[this.#next] = text
    this.#next = (this.#next + 1) % REMEMBERED_RESULTS
  }

  /** When one was found, milliseconds since 1970; 0 is the newest, `size` - 1 the oldest. */
  atOf(age: number): number {
    return this.#at[this.#place(age)] ?? 0
  }

  /** One result; undefined: there are not so many. */
  get(age: number): RememberedResult | undefined {
    if (age >= this.size) return undefined
    const place = this.#place(age)
    const latencyMs = this.#latencyMs[place] as number
    const ok = latencyMs >= 0
    const text = this.#text[place] ?? null
    return {at: this.#at[place] as number, ok, latencyMs: ok ? latencyMs : -1 - latencyMs, text}
  }

  #place(age: number): number {
    return (this.#next - 1 - age + 2 * REMEMBERED_RESULTS) % REMEMBERED_RESULTS
  }
}

/** Most results say the same few things; each is kept once. */
const SHARED_TEXTS = new Map<string, string>()
const MAX_SHARED_TEXTS = 1_000
/** A reason is one line; whatever a program or a server made of it is held to that length. */
const MAX_TEXT_LENGTH = 500

function sharedText(text: string | null): string | null {
  if (text === null) return null
  const known = SHARED_TEXTS.get(text)
  if (known !== undefined) return known
  const held = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text
  if (SHARED_TEXTS.size < MAX_SHARED_TEXTS && held === text) SHARED_TEXTS.set(text, text)
  return held
}
