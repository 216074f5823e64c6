import {CHECK_ROUTES} from '../../control/check-routes.ts'
import {LVS_ROUTES} from '../../control/lvs-routes.ts'
import {HactlError} from '../../errors.ts'
import type {CheckAnswer, CheckCallName} from '../channel.ts'

/** How long an answer may take, milliseconds: less than clients and the server wait. */
const READ_WITHIN_MS = 8_000
const WRITE_WITHIN_MS = 50_000
/** How long a call waits for a process that is being started, milliseconds. */
const STARTED_WITHIN_MS = 5_000
/** More than clients that can be connected at once; a call that came too late waits in the process all the same. */
const MAX_WAITING = 128

interface Waiting {
  readonly name: CheckCallName
  /** Sends the call; false: there is nobody to send it to. */
  readonly send: () => boolean
  sent: boolean
  readonly resolve: (result: unknown) => void
  readonly reject: (error: HactlError) => void
  timer: NodeJS.Timeout
}

/** Calls of the API that the check process answers. Each one ends: by its answer, in time, or with the process. */
export class CheckCalls {
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  /** Resolves to what the process answers to what `send` sends it; rejects with a `HactlError`. */
  call(name: CheckCallName, send: (n: number) => boolean): Promise<unknown> {
    if (this.#waiting.size >= MAX_WAITING) {
      const message = `${this.#waiting.size} calls wait for the check process already`
      return Promise.reject(new HactlError('REFUSED', message, 'try again later'))
    }
    const n = ++this.#last
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(n, 'the check process is not running'), STARTED_WITHIN_MS)
      const waiting: Waiting = {name, send: () => send(n), sent: false, resolve, reject, timer}
      this.#waiting.set(n, waiting)
      this.#send(n, waiting)
    })
  }

  /** There is a process again: it is asked what nobody could be asked before. */
  started(): void {
    for (const [n, waiting] of this.#waiting) if (!waiting.sent) this.#send(n, waiting)
  }

  answered(answer: CheckAnswer): void {
    const waiting = this.#take(answer.n)
    if (!waiting) return
    if (answer.ok) waiting.resolve(answer.result)
    else waiting.reject(new HactlError(answer.code, answer.message, answer.hint))
  }

  /** The process is gone, and with it the answers that it owed. */
  died(): void {
    for (const [n, {sent}] of [...this.#waiting]) if (sent) this.#fail(n, 'the check process ended before it answered')
  }

  /** There will be no other process. */
  stopped(): void {
    for (const n of [...this.#waiting.keys()]) this.#fail(n, 'the agent stops')
  }

  #send(n: number, waiting: Waiting): void {
    waiting.sent = waiting.send()
    if (!waiting.sent) return
    clearTimeout(waiting.timer)
    const withinMs = isWrite(waiting.name) ? WRITE_WITHIN_MS : READ_WITHIN_MS
    const message = `the check process did not answer within ${withinMs / 1_000} s`
    waiting.timer = setTimeout(() => this.#fail(n, message), withinMs)
  }

  #fail(n: number, message: string): void {
    const waiting = this.#take(n)
    waiting?.reject(failure(waiting.name, message))
  }

  #take(n: number): Waiting | undefined {
    const waiting = this.#waiting.get(n)
    this.#waiting.delete(n)
    clearTimeout(waiting?.timer)
    return waiting
  }
}

function isWrite(name: CheckCallName): boolean {
  if (name === 'cancelOverride') return true
  return name !== 'checkMetrics' && name !== 'ipvsMetrics' && {...LVS_ROUTES, ...CHECK_ROUTES}[name].access === 'write'
}

/** An order that was written down is carried out by whoever starts next; one that was not has changed nothing. */
const failure = (name: CheckCallName, message: string): HactlError =>
  new HactlError(
    'TIMED_OUT',
    message,
    isWrite(name)
      ? `it may be carried out yet: see with ${LOOK[name] ?? 'hactl lvs list'}`
      : 'ask again; hactl agent status shows it',
  )

/** Where to see what became of an order that is not about IPVS itself. */
const LOOK: {readonly [name in CheckCallName]?: string} = {
  cancelOverride: 'hactl agent overrides',
  runChecks: 'hactl check list',
  pauseChecks: 'hactl check list',
  resumeChecks: 'hactl check list',
}
