import {JournalRateLimit} from '../../core/journal/rate-limit.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {FromVrrp, RouterNews} from '../channel.ts'
import type {Director} from './director.ts'
import type {Router} from './router.ts'

/** Figures that only count are reported this often, milliseconds. */
const FIGURES_EVERY_MS = 1_000
/** Routers described in one turn of the loop: describing is cheap, but a thousand at once would be felt. */
const ROUTERS_A_TURN = 25

/**
 * Tells the supervisor what changed: states in the next turn of the loop, figures once a second, and never so much in
 * one turn that an advertisement would wait for it.
 */
export class Reporter {
  readonly #send: (message: FromVrrp) => void
  readonly #director: () => Director
  readonly #urgent = new Set<Router>()
  readonly #changed = new Set<Router>()
  #entries: JournalEntry[] = []
  #news: RouterNews[] = []
  #scheduled = false
  readonly #limit = new JournalRateLimit()
  readonly #timer: NodeJS.Timeout

  constructor(send: (message: FromVrrp) => void, director: () => Director) {
    this.#send = send
    this.#director = director
    this.#timer = setInterval(() => {
      for (const router of this.#changed) this.#urgent.add(router)
      this.#changed.clear()
      this.#schedule()
    }, FIGURES_EVERY_MS)
  }

  journal(entry: JournalEntry): void {
    const admitted = this.#limit.admit(entry, monotonicNow())
    if (!admitted) return
    this.#entries.push(admitted)
    this.#schedule()
  }

  /** Told whole and in order, whatever there is of it. */
  news(news: RouterNews): void {
    this.#news.push(news)
    this.#schedule()
  }

  changed(router: Router, urgent: boolean): void {
    if (!urgent) {
      this.#changed.add(router)
      return
    }
    this.#urgent.add(router)
    this.#schedule()
  }

  /** Everything there is, now: after a configuration, and before the end. */
  flush(): void {
    this.#urgent.clear()
    this.#changed.clear()
    this.#sendEntries()
    const director = this.#director()
    this.#sendRouters(director.routers, true)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #schedule(): void {
    if (this.#scheduled || (this.#urgent.size === 0 && this.#entries.length === 0 && this.#news.length === 0)) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#sendEntries()
      const turn = [...this.#urgent].slice(0, ROUTERS_A_TURN)
      for (const router of turn) {
        this.#urgent.delete(router)
        this.#changed.delete(router)
      }
      const alive = new Set(this.#director().routers)
      this.#sendRouters(
        turn.filter(router => alive.has(router)),
        false,
      )
      this.#schedule()
    })
  }

  #sendEntries(): void {
    if (this.#entries.length > 0) this.#send({type: 'journal', entries: this.#entries})
    this.#entries = []
    if (this.#news.length > 0) this.#send({type: 'news', news: this.#news})
    this.#news = []
  }

  #sendRouters(routers: readonly Router[], all: boolean): void {
    if (routers.length === 0 && !all) return
    const described = routers.map(router => this.#director().describe(router))
    this.#send({type: 'routers', at: new Date().toISOString(), all, routers: described})
  }
}
