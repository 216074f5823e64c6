import type {IpvsTable} from '../../core/ipvs/table.ts'
import {after, type MonotonicMs} from '../../core/units.ts'
import {errorText} from '../../errors.ts'
import {monotonicNow} from '../../kernel/clock.ts'

/** Who has to know whether the kernel has IPVS. */
export interface IpvsAccessOptions {
  readonly open: () => Promise<IpvsTable>
  /** Said once, until it is back. */
  readonly onMissing: (text: string) => void
  readonly onBack: () => void
}

/** A kernel without IPVS is asked again no sooner than this, milliseconds: each time takes a program. */
const ASK_AGAIN_AFTER_MS = 2_000
/** So much later it is asked for somebody who only watches. */
const WATCHED_AGAIN_AFTER_MS = 28_000

/** The kernel's IPVS, opened when it is first needed, and anew when it was away: its module can come and go. */
export class IpvsAccess {
  readonly #options: IpvsAccessOptions
  #table: IpvsTable | undefined
  #opening: Promise<IpvsTable> | undefined
  #missing: {readonly error: unknown; readonly askAgainAt: MonotonicMs} | undefined

  constructor(options: IpvsAccessOptions) {
    this.#options = options
  }

  /** Rejects with what `Ipvs.open` does. */
  table(): Promise<IpvsTable> {
    if (this.#table) return Promise.resolve(this.#table)
    if (this.#missing && monotonicNow() < this.#missing.askAgainAt) return Promise.reject(this.#missing.error)
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /**
   * As `table`, for those who look again and again and want no wait: of a kernel without IPVS it rejects at once, and
   * has it asked again when that was long ago.
   */
  async tableToWatch(): Promise<IpvsTable> {
    const missing = this.#missing
    if (!missing || this.#table) return this.table()
    if (monotonicNow() >= after(missing.askAgainAt, WATCHED_AGAIN_AFTER_MS)) void this.table().catch(() => {})
    throw missing.error
  }

  /** Something went wrong: if IPVS does not answer any more, the next call opens it anew. */
  async doubt(): Promise<void> {
    const table = this.#table
    if (!table) return
    try {
      await table.info()
    } catch (error) {
      if (this.#table !== table) return
      this.#table = undefined
      table.close()
      this.#isMissing(error)
    }
  }

  close(): void {
    this.#table?.close()
    this.#table = undefined
  }

  async #open(): Promise<IpvsTable> {
    try {
      this.#table = await this.#options.open()
    } catch (error) {
      this.#isMissing(error)
      throw error
    }
    const wasMissing = this.#missing !== undefined
    this.#missing = undefined
    if (wasMissing) this.#options.onBack()
    return this.#table
  }

  #isMissing(error: unknown): void {
    if (!this.#missing) this.#options.onMissing(errorText(error))
    this.#missing = {error, askAgainAt: after(monotonicNow(), ASK_AGAIN_AFTER_MS)}
  }
}
