import {setImmediate} from 'node:timers/promises'
import type {ServiceId} from '../../core/ipvs/model.ts'
import {serviceKey} from '../../core/ipvs/names.ts'
import type {Situation} from '../../lvs/situation.ts'
import type {ServicesTold} from '../channel.ts'
import type {Servers} from './checks-run.ts'
import type {LvsSeen} from './lvs.ts'
import {WatchedRows} from './watch-rows.ts'

/** What the feed needs of the process around it. */
export interface WatchFeedOptions {
  /** Looks at some services, or at all. Never rejects. */
  readonly look: (ids?: readonly ServiceId[]) => Promise<LvsSeen>
  /** Whose checkers are shown; undefined before there is a configuration. */
  readonly servers: () => Servers | undefined
  /** Every message is answered by `taken`. */
  readonly tell: (message: ServicesTold) => void
}

/** Everything is looked at no more often than this, milliseconds. */
const LEAST_EVERY_MS = 2_000
/** So many times as long as a look at everything took is waited until the next one: 1 % of a processor. */
const WAIT_TIMES = 100
/** But not longer than this, milliseconds: figures that are older say nothing. */
const MOST_EVERY_MS = 30_000
/** The same after the first look, which runs code that nothing has made fast yet. */
const MOST_AFTER_FIRST_MS = 5_000
/** What was marked is looked at after this, milliseconds: what happens at the same time is told together. */
const SOON_MS = 100
/** The same for marks that come again and again, as a multiple of what the last look took. */
const SOON_TIMES = 10
/** So many marked services are looked at one by one; of more, everything is. */
const MAX_MARKED = 64
/** Services made to text in one turn: checks run in this process. */
const SERVICES_A_TURN = 20
const SERVICES_A_MESSAGE = 50

/**
 * Tells what there is of services, and then what differs, as texts, while somebody watches. One message is under way at
 * a time: nothing piles up before a supervisor that does not read.
 */
export class WatchFeed {
  readonly #options: WatchFeedOptions
  readonly #rows = new WatchedRows()
  /** What was told last of each service. */
  readonly #told = new Map<string, string>()
  readonly #marked = new Map<string, ServiceId>()
  #on = false
  #isConfigured = false
  /** Counts the beginnings: what belongs to an earlier one is not told any more. */
  #beginning = 0
  /** Nothing has been told since the beginning. */
  #isFresh = true
  #isLooking = false
  #isWholeWanted = true
  /** When everything is looked at, and when what is marked or wanted is, by `performance.now()`. */
  #wholeDueAt = 0
  #soonAt: number | undefined
  /** When the last look may be followed by another one that was asked for. */
  #restedAt = 0
  #timer: NodeJS.Timeout | undefined
  #problem: string | null = null
  #everyMs = LEAST_EVERY_MS
  #release: (() => void) | undefined

  constructor(options: WatchFeedOptions) {
    this.#options = options
  }

  /** Somebody watches from now on and knows nothing yet, or nobody does any more. */
  watch(on: boolean): void {
    this.#on = on
    this.startAnew()
  }

  /** What was told may not have come: everything is told once more. */
  startAnew(): void {
    this.#beginning++
    this.#isFresh = true
    this.#told.clear()
    this.#marked.clear()
    this.#isWholeWanted = true
    this.#soonAt = performance.now()
    this.taken()
    this.#arm()
  }

  /** There is a configuration, or another one. */
  configured(): void {
    this.#isConfigured = true
    this.lookSoon()
  }

  /** The last message was taken. */
  taken(): void {
    this.#release?.()
    this.#release = undefined
  }

  /** Something happened to these services. */
  mark(ids: readonly ServiceId[]): void {
    if (!this.#on) return
    for (const id of ids) this.#marked.set(serviceKey(id), id)
    this.#soon()
  }

  /** Something happened, and what it concerns is not known. */
  lookSoon(): void {
    this.#isWholeWanted = true
    this.#soon()
  }

  /** The first who asks sets the time: what comes again and again does not put it off. */
  #soon(): void {
    this.#soonAt ??= Math.max(performance.now() + SOON_MS, this.#restedAt)
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    if (!this.#on || !this.#isConfigured || this.#isLooking) return
    const dueAt = Math.min(this.#wholeDueAt, this.#soonAt ?? Number.POSITIVE_INFINITY)
    this.#timer = setTimeout(() => void this.#look(), Math.max(0, dueAt - performance.now()))
  }

  async #look(): Promise<void> {
    const isFirst = this.#isFresh
    const isWhole = this.#isWholeWanted || this.#marked.size > MAX_MARKED || performance.now() >= this.#wholeDueAt
    const ids = isWhole ? undefined : [...this.#marked.values()]
    // What happens meanwhile asks for another look.
    this.#marked.clear()
    this.#soonAt = undefined
    this.#isWholeWanted = false
    this.#isLooking = true
    try {
      const costMs = await this.#tellDifferences(ids)
      const endedAt = performance.now()
      this.#restedAt = endedAt + SOON_TIMES * costMs
      if (isWhole) this.#wholeDueAt = endedAt + everyMs(costMs, isFirst)
    } finally {
      this.#isLooking = false
      this.#arm()
    }
  }

  /** Looks, and tells what differs from what was told; answers how long this process was at it, milliseconds. */
  async #tellDifferences(ids: readonly ServiceId[] | undefined): Promise<number> {
    const beginning = this.#beginning
    const isFirst = this.#isFresh
    const from = performance.now()
    const cpuFrom = process.cpuUsage()
    const {situations, problem} = await this.#options.look(ids)
    const {user, system} = process.cpuUsage(cpuFrom)
    // On a busy machine it waits for its turn, and in the meantime this process may do other things.
    let costMs = Math.min(performance.now() - from, (user + system) / 1_000)
    const gone = new Set(ids === undefined ? this.#told.keys() : ids.map(serviceKey))
    let services: ServicesTold['services'][number][] = []
    for (let start = 0; start < situations.length; start += SERVICES_A_TURN) {
      await setImmediate()
      if (beginning !== this.#beginning) return costMs
      const turnFrom = performance.now()
      if (start === 0) this.#rows.use(this.#options.servers())
      for (const situation of situations.slice(start, start + SERVICES_A_TURN)) {
        const differing = this.#differing(situation, gone)
        if (differing) services.push(differing)
      }
      costMs += performance.now() - turnFrom
      if (services.length < SERVICES_A_MESSAGE) continue
      await this.#tell({more: true, services, gone: [], problem})
      services = []
    }
    if (beginning !== this.#beginning) return costMs
    const every = ids === undefined ? everyMs(costMs, isFirst) : this.#everyMs
    const isOtherPace = Math.abs(every - this.#everyMs) > this.#everyMs / 5
    if (isOtherPace) this.#everyMs = every
    const forgotten = [...gone].filter(name => this.#told.delete(name))
    const isNews = services.length > 0 || forgotten.length > 0 || problem !== this.#problem || isOtherPace
    if (isNews || this.#isFresh) await this.#tell({more: false, services, gone: forgotten, problem})
    return costMs
  }

  /** What is to be told of a service; undefined: nothing. One that there is goes out of `gone`. */
  #differing(situation: Situation, gone: Set<string>): ServicesTold['services'][number] | undefined {
    const row = this.#rows.row(situation)
    if (row === undefined) return undefined
    const {name} = row
    gone.delete(name)
    const text = JSON.stringify(row)
    if (this.#told.get(name) === text) return undefined
    this.#told.set(name, text)
    return {name, text}
  }

  async #tell(message: Pick<ServicesTold, 'more' | 'services' | 'gone' | 'problem'>): Promise<void> {
    const all = this.#isFresh
    this.#isFresh = false
    this.#problem = message.problem
    const taken = new Promise<void>(resolve => {
      this.#release = resolve
    })
    this.#options.tell({type: 'services', at: new Date().toISOString(), all, everyMs: this.#everyMs, ...message})
    await taken
  }
}

/** When everything is looked at next, after a look that took so long. */
function everyMs(costMs: number, isFirst: boolean): number {
  const most = isFirst ? MOST_AFTER_FIRST_MS : MOST_EVERY_MS
  return Math.min(most, Math.max(LEAST_EVERY_MS, Math.ceil(WAIT_TIMES * costMs)))
}
