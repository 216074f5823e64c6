import type {ProbeResult} from '../../core/check/result.ts'
import {Schedule} from '../../core/check/schedule.ts'
import {errorText} from '../../errors.ts'

/** Something that is probed again and again. */
export interface Probed {
  /** Until when a probe has to end by itself; after that and a grace it is cut off, milliseconds. */
  readonly timeoutMs: number
  /** A program that the supervisor runs: of these fewer run at once, and they may end later. */
  readonly isProgram: boolean
}

/** What the scheduler asks of whoever owns the checkers. */
export interface SchedulerOptions<Item extends Probed> {
  /** Makes one probe; `signal` ends it. */
  readonly start: (item: Item, signal: AbortSignal) => Promise<ProbeResult>
  /** False: it is left out this time. */
  readonly mayRun: (item: Item) => boolean
  /** Takes a result; answers how long until the next probe, milliseconds, which may be Infinity. */
  readonly onResult: (item: Item, result: ProbeResult) => number
  /** How long until something that was left out is looked at again, milliseconds. */
  readonly intervalMs: (item: Item) => number
  /** Probes that had to wait for others to end, or that missed an interval; at most once a minute. */
  readonly onLate: (late: {readonly waited: number; readonly missed: number}) => void
  readonly limits?: Partial<SchedulerLimits>
}

/** How much runs at once. */
export interface SchedulerLimits {
  /** Probes of the network: each is a socket or two. */
  readonly probes: number
  /** Programs: as many as the supervisor runs at once. */
  readonly programs: number
}

const LIMITS: SchedulerLimits = {probes: 4_000, programs: 64}
/** After a stall thousands may be due: the loop turns between so many starts. */
const MAX_STARTS_A_TURN = 200
/** What is due within that time starts together: to wake up costs more than most probes, milliseconds. */
const TURN_MS = 4
/** A probe ends by its own timeout; one that has not done so by then has a fault. */
const PROBE_GRACE_MS = 1_000
/** A program gets SIGTERM at its timeout and SIGKILL later, and the supervisor may be busy. */
const PROGRAM_GRACE_MS = 10_000
const TELL_LATE_EVERY_MS = 60_000

interface Run {
  readonly dueAt: number
  readonly controller: AbortController
  timer: NodeJS.Timeout | undefined
  /** Who waits for the result besides the scheduler. */
  readonly waiters: ((result: ProbeResult | undefined) => void)[]
}

/** Those that are due while as many run as may; the first of them is next. */
interface Lane<Item> {
  readonly limit: number
  running: number
  /** With the moment that each was due. */
  readonly waiting: Map<Item, number>
}

/**
 * Makes every probe when it is due, by one timer for the earliest. After a success the next one is due an
 * interval after the last was due, so that nothing drifts; one that has passed meanwhile is missed, and counted.
 */
export class ProbeScheduler<Item extends Probed> {
  readonly #options: SchedulerOptions<Item>
  readonly #schedule = new Schedule<Item>()
  readonly #runs = new Map<Item, Run>()
  readonly #probes: Lane<Item>
  readonly #programs: Lane<Item>
  #timer: NodeJS.Timeout | undefined
  #again: NodeJS.Immediate | undefined
  #armedFor = Number.POSITIVE_INFINITY
  #waited = 0
  #missed = 0
  #lateToldAt = Number.NEGATIVE_INFINITY

  constructor(options: SchedulerOptions<Item>) {
    this.#options = options
    const {probes, programs} = {...LIMITS, ...options.limits}
    this.#probes = {limit: probes, running: 0, waiting: new Map()}
    this.#programs = {limit: programs, running: 0, waiting: new Map()}
  }

  /** Has something probed from now on, for the first time after `delayMs`; Infinity: when it is asked for only. */
  add(item: Item, delayMs: number): void {
    this.#set(item, performance.now() + delayMs)
    this.#arm()
  }

  /** Has nothing of it probed any more; a probe that runs is ended, and its result counts no more. */
  remove(item: Item): void {
    this.#schedule.delete(item)
    this.#laneOf(item).waiting.delete(item)
    this.#drop(item)
  }

  /** Ends the probe that runs, if one does: its result does not count, and the next one is an interval later. */
  cancel(item: Item): void {
    const dueAt = this.#drop(item)
    if (dueAt === undefined) return
    this.#set(item, this.#onGrid(dueAt, this.#options.intervalMs(item), performance.now()))
    this.#arm()
  }

  /** Has it probed within `delayMs`, unless that is so already. */
  hasten(item: Item, delayMs: number): void {
    const dueAt = this.#schedule.dueAt(item)
    const soon = performance.now() + delayMs
    if (dueAt === undefined || dueAt <= soon) return
    this.#set(item, soon)
    this.#arm()
  }

  /** Probes at once, or waits for the probe that runs; undefined: it was ended from outside. */
  runNow(item: Item): Promise<ProbeResult | undefined> {
    return new Promise(resolve => {
      let run = this.#runs.get(item)
      if (run === undefined) {
        this.#schedule.delete(item)
        this.#laneOf(item).waiting.delete(item)
        run = this.#start(item, performance.now())
      }
      run.waiters.push(resolve)
    })
  }

  /** When it is probed next, milliseconds of `performance.now()`; undefined: it runs, or is not to. */
  dueAt(item: Item): number | undefined {
    return this.#schedule.dueAt(item) ?? this.#laneOf(item).waiting.get(item)
  }

  /** Ends everything. */
  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#again)
    this.#schedule.clear()
    for (const lane of [this.#probes, this.#programs]) lane.waiting.clear()
    for (const item of [...this.#runs.keys()]) this.#drop(item)
  }

  #set(item: Item, dueAt: number): void {
    if (dueAt === Number.POSITIVE_INFINITY) this.#schedule.delete(item)
    else this.#schedule.set(item, dueAt)
  }

  #arm(): void {
    const next = this.#schedule.nextDueAt() ?? Number.POSITIVE_INFINITY
    if (next >= this.#armedFor) return
    this.#armAfter(next)
  }

  #armAfter(next: number): void {
    clearTimeout(this.#timer)
    this.#armedFor = next
    if (next === Number.POSITIVE_INFINITY) return
    // A timer takes no more than 24 days.
    const delayMs = Math.min(0x7fff_ffff, Math.max(TURN_MS, Math.ceil(next - performance.now())))
    this.#timer = setTimeout(() => this.#turn(), delayMs)
  }

  #turn(): void {
    // Nothing else arms the timer while this goes on.
    this.#armedFor = Number.NEGATIVE_INFINITY
    const now = performance.now()
    let started = 0
    for (; started < MAX_STARTS_A_TURN; started++) {
      const dueAt = this.#schedule.nextDueAt()
      const item = this.#schedule.takeDue(now)
      if (item === undefined || dueAt === undefined) break
      this.#due(item, dueAt, now)
    }
    this.#tellLate(now)
    if (started === MAX_STARTS_A_TURN) this.#again = setImmediate(() => this.#turn())
    else this.#armAfter(this.#schedule.nextDueAt() ?? Number.POSITIVE_INFINITY)
  }

  #due(item: Item, dueAt: number, now: number): void {
    if (!this.#options.mayRun(item)) {
      this.#set(item, this.#onGrid(dueAt, this.#options.intervalMs(item), now))
      return
    }
    const lane = this.#laneOf(item)
    if (lane.running < lane.limit) {
      this.#start(item, dueAt)
      return
    }
    lane.waiting.set(item, dueAt)
    this.#waited++
  }

  #start(item: Item, dueAt: number): Run {
    const run: Run = {dueAt, controller: new AbortController(), timer: undefined, waiters: []}
    this.#runs.set(item, run)
    this.#laneOf(item).running++
    const cutOffMs = item.timeoutMs + (item.isProgram ? PROGRAM_GRACE_MS : PROBE_GRACE_MS)
    run.timer = setTimeout(() => {
      run.controller.abort()
      this.#ended(item, run, {ok: false, latencyMs: cutOffMs, reason: `not ended within ${cutOffMs / 1_000} s`})
    }, cutOffMs)
    // One that fails by itself costs its own real server, not all the others their checks.
    this.#options.start(item, run.controller.signal).then(
      result => this.#ended(item, run, result),
      error => this.#ended(item, run, {ok: false, latencyMs: 0, reason: `not probed: ${errorText(error)}`}),
    )
    return run
  }

  #ended(item: Item, run: Run, result: ProbeResult): void {
    if (this.#runs.get(item) !== run) return
    this.#free(item, run)
    const nextInMs = this.#options.onResult(item, result)
    this.#set(item, this.#nextDueAt(run.dueAt, nextInMs, result.ok))
    for (const resolve of run.waiters) resolve(result)
    this.#startWaiting(this.#laneOf(item))
    this.#arm()
  }

  /** Forgets a run without a result; answers when it was due. */
  #drop(item: Item): number | undefined {
    const run = this.#runs.get(item)
    if (run === undefined) return undefined
    this.#free(item, run)
    run.controller.abort()
    for (const resolve of run.waiters) resolve(undefined)
    this.#startWaiting(this.#laneOf(item))
    return run.dueAt
  }

  #free(item: Item, run: Run): void {
    clearTimeout(run.timer)
    this.#runs.delete(item)
    this.#laneOf(item).running--
  }

  #startWaiting(lane: Lane<Item>): void {
    while (lane.running < lane.limit) {
      const first = lane.waiting.entries().next()
      if (first.done) return
      const [item, dueAt] = first.value
      lane.waiting.delete(item)
      if (this.#options.mayRun(item)) this.#start(item, dueAt)
      else this.#set(item, this.#onGrid(dueAt, this.#options.intervalMs(item), performance.now()))
    }
  }

  /** After a failure the delay begins at its end, as keepalived has it: a server that is slow is not pressed. */
  #nextDueAt(dueAt: number, nextInMs: number, ok: boolean): number {
    const now = performance.now()
    if (!ok) return now + nextInMs
    if (dueAt + nextInMs > now) return dueAt + nextInMs
    const next = this.#onGrid(dueAt, nextInMs, now)
    if (nextInMs > 0) this.#missed += Math.round((next - dueAt) / nextInMs) - 1
    return next
  }

  /** The first moment after now that is whole intervals after `dueAt`: what was spread stays so. */
  #onGrid(dueAt: number, intervalMs: number, now: number): number {
    if (!(intervalMs > 0)) return now
    return dueAt + Math.max(1, Math.ceil((now - dueAt) / intervalMs)) * intervalMs
  }

  #tellLate(now: number): void {
    if (this.#waited + this.#missed === 0 || now - this.#lateToldAt < TELL_LATE_EVERY_MS) return
    this.#lateToldAt = now
    this.#options.onLate({waited: this.#waited, missed: this.#missed})
    this.#waited = 0
    this.#missed = 0
  }

  #laneOf(item: Item): Lane<Item> {
    return item.isProgram ? this.#programs : this.#probes
  }
}
