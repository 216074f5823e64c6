import {JournalRateLimit} from '../../core/journal/rate-limit.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {after, type MonotonicMs} from '../../core/units.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {FromVrrp, RouterNews} from '../channel.ts'
import type {Director} from './director.ts'
import type {Router} from './router.ts'

/** Figures that only count are reported this often, milliseconds. */
const FIGURES_EVERY_MS = 1_000
/** Routers change several times while they take over: they are described this often at most, milliseconds. */
const PICTURES_SPACING_MS = 100
/** Routers described in one turn of the loop: describing is cheap, but a thousand at once would be felt. */
const ROUTERS_A_TURN = 25

/**
 * Tells the supervisor what changed: records and news in the next turn of the loop, states then or a moment later,
 * figures once a second, and never so much in one turn that an advertisement would wait for it.
 */
export class Reporter {
  readonly #send: (message: FromVrrp) => void
  readonly #director: () => Director
  readonly #urgent = new Set<Router>()
  readonly #changed = new Set<Router>()
  #entries: JournalEntry[] = []
  #news: RouterNews[] = []
  #entriesScheduled = false
  #picturesScheduled = false
  #picturedAt: MonotonicMs | undefined
  readonly #limit = new JournalRateLimit()
  readonly #timer: NodeJS.Timeout

  constructor(send: (message: FromVrrp) => void, director: () => Director) {
    this.#send = send
    this.#director = director
    this.#timer = setInterval(() => {
      for (const router of this.#changed) this.#urgent.add(router)
      this.#changed.clear()
      this.#schedulePictures()
    }, FIGURES_EVERY_MS)
  }

  journal(entry: JournalEntry): void {
    const admitted = this.#limit.admit(entry, monotonicNow())
    if (!admitted) return
    this.#entries.push(admitted)
    this.#scheduleEntries()
  }

  /** Told whole and in order, whatever there is of it. */
  news(news: RouterNews): void {
    this.#news.push(news)
    this.#scheduleEntries()
  }

  changed(router: Router, urgent: boolean): void {
    if (!urgent) {
      this.#changed.add(router)
      return
    }
    this.#urgent.add(router)
    this.#schedulePictures()
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

  #scheduleEntries(): void {
    if (this.#entriesScheduled) return
    this.#entriesScheduled = true
    setImmediate(() => {
      this.#entriesScheduled = false
      this.#sendEntries()
    })
  }

  #schedulePictures(): void {
    if (this.#picturesScheduled || this.#urgent.size === 0) return
    this.#picturesScheduled = true
    const waitMs = this.#picturedAt === undefined ? 0 : after(this.#picturedAt, PICTURES_SPACING_MS) - monotonicNow()
    if (waitMs > 0) setTimeout(() => this.#beginPictures(), waitMs)
    else setImmediate(() => this.#beginPictures())
  }

  #beginPictures(): void {
    const routers = [...this.#urgent]
    this.#urgent.clear()
    this.#sendPictures(routers)
  }

  #sendPictures(routers: readonly Router[]): void {
    // What was recorded of a change is told before its picture.
    this.#sendEntries()
    const turn = routers.slice(0, ROUTERS_A_TURN)
    for (const router of turn) {
      this.#urgent.delete(router)
      this.#changed.delete(router)
    }
    const alive = new Set(this.#director().routers)
    const described = turn.filter(router => alive.has(router))
    this.#sendRouters(described, false)
    if (routers.length > turn.length) {
      setImmediate(() => this.#sendPictures(routers.slice(turn.length)))
      return
    }
    this.#picturesScheduled = false
    this.#picturedAt = monotonicNow()
    this.#schedulePictures()
  }

  #sendEntries(): void {
    if (this.#entries.length > 0) this.#send({type: 'journal', entries: this.#entries})
    this.#entries = []
    if (this.#news.length > 0) this.#send({type: 'news', news: this.#news})
    this.#news = []
  }

  #sendRouters(routers: readonly Router[], all: boolean): void {
    if (routers.length === 0 && !all) return
    this.#send({type: 'routers', at: new Date().toISOString(), all, routers: this.#director().describe(routers)})
  }
}
