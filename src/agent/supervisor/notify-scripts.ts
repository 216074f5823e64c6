import type {Command} from '../../config/config.ts'
import {describeResult, succeeded} from '../../core/track/script.ts'
import {endsWithin, type Note} from './notify-note.ts'
import type {RunningCommand} from './run-command.ts'
import {type ScriptPolicy, startScript} from './start-script.ts'

/** A notify script that runs longer is ended, milliseconds. keepalived sets no bound. */
const NOTIFY_TIMEOUT_MS = 60_000
/** Scripts of one subject waiting their turn; beyond this the oldest go, since the newest state counts. */
const MAX_WAITING = 64
/**
 * Scripts at once, of all subjects; keepalived starts every one at the same time, however many there are. 255 instances
 * with two scripts of 100 ms each, on two cores: 7.2 s with 8, 2.7 s with 32, 2.4 s with 64, 2.9 s with 255.
 */
const MAX_RUNNING = 32
/** Scripts that one turn of the event loop starts: each costs a millisecond or more, and the API is to go on. */
const STARTS_A_TURN = 4

/** A script that is to run. */
export interface NotifyJob {
  /** What it belongs to: jobs of one subject run in order. */
  readonly subject: string
  /** The `vrrp_instance`; undefined for a sync group. */
  readonly instance: string | undefined
  /** The keyword it comes from. */
  readonly what: string
  readonly command: Command
  /** Words after the configured ones. */
  readonly words: readonly string[]
  /** Tells of the end of its subject: it runs before the agent leaves, whatever else hangs. */
  readonly last: boolean
}

interface Running {
  readonly job: NotifyJob
  readonly command: RunningCommand
}

interface Queue {
  readonly waiting: NotifyJob[]
  /** Jobs that went since the last one ended. */
  dropped: number
}

/** Runs notify scripts: in order for one subject, subjects beside each other, never too many at once. */
export class NotifyScripts {
  readonly #note: Note
  /** Subjects with something waiting or running, in the order in which they are to be served. */
  readonly #queues = new Map<string, Queue>()
  readonly #running = new Map<string, Running>()
  /** Subjects whose next job could start, were there not too many already. */
  readonly #ready = new Set<string>()
  #startsNextTurn: NodeJS.Immediate | undefined
  #onIdle: (() => void)[] = []
  policy: ScriptPolicy = {scriptUser: undefined, enableScriptSecurity: true}

  constructor(note: Note) {
    this.#note = note
  }

  /** Queues a job. One that waits with the same words already is enough. */
  add(job: NotifyJob): void {
    const queue = this.#queues.get(job.subject) ?? {waiting: [], dropped: 0}
    this.#queues.set(job.subject, queue)
    const before = queue.waiting.at(-1)
    if (before?.what === job.what && before.words.join(' ') === job.words.join(' ')) return
    queue.waiting.push(job)
    if (queue.waiting.length > MAX_WAITING) {
      queue.waiting.shift()
      queue.dropped++
    }
    if (!this.#running.has(job.subject)) this.#ready.add(job.subject)
    this.#startSoon()
  }

  /**
   * Waits for everything to end, milliseconds at most. At half of the time only the last scripts of each subject may
   * still start, and what keeps them waiting is ended; at the end everything is.
   */
  async drain(timeoutMs: number): Promise<void> {
    const idle = this.#idle()
    if (await endsWithin(timeoutMs / 2, idle)) return
    for (const {waiting} of this.#queues.values()) {
      waiting.splice(0, waiting.length, ...waiting.filter(({last}) => last))
    }
    for (const {job, command} of this.#running.values()) if (!job.last) command.kill()
    if (await endsWithin(timeoutMs / 2, idle)) return
    for (const {waiting} of this.#queues.values()) waiting.length = 0
    for (const {command} of this.#running.values()) command.kill()
  }

  #startSoon(): void {
    this.#startsNextTurn ??= setImmediate(() => {
      this.#startsNextTurn = undefined
      this.#startReady()
    })
  }

  #startReady(): void {
    let left = STARTS_A_TURN
    for (const subject of this.#ready) {
      if (this.#running.size >= MAX_RUNNING) return
      if (left-- === 0) {
        this.#startSoon()
        return
      }
      this.#ready.delete(subject)
      this.#startNext(subject)
    }
  }

  #startNext(subject: string): void {
    const queue = this.#queues.get(subject)
    const job = queue?.waiting.shift()
    if (!queue || !job) {
      this.#queues.delete(subject)
      this.#tellIdle()
      return
    }
    const command = startScript(job.command, this.policy, {timeoutMs: NOTIFY_TIMEOUT_MS, extra: job.words})
    this.#running.set(subject, {job, command})
    const startedAt = performance.now()
    void command.result.then(result => {
      const durationMs = Math.round(performance.now() - startedAt)
      const program = job.command.argv[0]
      const {dropped} = queue
      queue.dropped = 0
      const more = dropped > 0 ? ` (${dropped} before it waited too long and were left out)` : ''
      const owner = job.instance === undefined ? `${job.subject}: ` : ''
      this.#note(
        'notify-ran',
        `${owner}${job.what} ${program}: ${describeResult(result)}${more}`,
        {what: job.what, program, ok: succeeded(result), durationMs, dropped},
        job.instance,
      )
      this.#running.delete(subject)
      this.#ready.add(subject)
      this.#startSoon()
    })
  }

  #idle(): Promise<void> {
    return new Promise(resolve => {
      this.#onIdle.push(resolve)
      this.#tellIdle()
    })
  }

  #tellIdle(): void {
    if (this.#queues.size > 0) return
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}
