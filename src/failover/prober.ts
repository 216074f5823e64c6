import type {MonotonicMs} from '../core/units.ts'
import {monotonicNow} from '../kernel/clock.ts'
import {SharpTimer} from '../kernel/sharp-timer.ts'
import type {ProbeSample} from './outage.ts'

/** How a probe is sent, and how answers are looked for. */
export interface ProbeTransport {
  /** Sends the probe of this number; an error in words when it could not. */
  readonly send: (number: number) => string | undefined
  /** Takes what has come. */
  readonly look: () => void
  readonly close: () => void
}

/** Some minutes of probes. */
const MAX_SAMPLES = 200_000

/** Sends probes at a steady pace and notes which were answered. */
export class Prober {
  readonly intervalMs: number
  readonly #samples: {sentAt: number; latencyMs: number | undefined}[] = []
  readonly #timer: SharpTimer
  readonly #transport: ProbeTransport
  #lookedAt: number
  #dueAt: number
  #error: string | undefined
  #closed = false

  constructor(intervalMs: number, transport: (prober: Prober) => ProbeTransport) {
    this.intervalMs = intervalMs
    this.#transport = transport(this)
    this.#lookedAt = monotonicNow()
    this.#dueAt = this.#lookedAt
    this.#timer = new SharpTimer(() => this.#tick())
    this.#timer.arm(this.#dueAt as MonotonicMs)
  }

  /** In the order of their sending. */
  get samples(): readonly ProbeSample[] {
    return this.#samples
  }

  /** Why the last probe that could not be sent, or was turned down, was; undefined: there was none. */
  get error(): string | undefined {
    return this.#error
  }

  /** No more probes are sent: there were too many. */
  get isFull(): boolean {
    return this.#samples.length >= MAX_SAMPLES
  }

  /** An answer to a probe has come. */
  answered(number: number): void {
    const sample = this.#samples[number]
    if (sample === undefined || sample.latencyMs !== undefined) return
    const now = monotonicNow()
    // What waited for this process to look is no latency of the network.
    const stalled = now - this.#lookedAt > 2 * this.intervalMs
    sample.latencyMs = stalled ? Math.max(0, this.#lookedAt - sample.sentAt) : now - sample.sentAt
  }

  /** A probe was turned down. */
  failed(reason: string): void {
    this.#error = reason
  }

  /** Everything that had come has been taken. */
  looked(): void {
    this.#lookedAt = monotonicNow()
  }

  /** Sends no more, waits so long for answers, and frees everything. A second call does nothing. */
  async stop(waitMs = 0): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#timer.close()
    if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
    this.#transport.look()
    this.#transport.close()
  }

  #tick(): void {
    this.#transport.look()
    if (this.#closed || this.isFull) return
    const number = this.#samples.length
    this.#samples.push({sentAt: monotonicNow(), latencyMs: undefined})
    const error = this.#transport.send(number)
    if (error !== undefined) this.#error = error
    // After a stall the pace goes on from here: probes in a burst would tell nothing.
    this.#dueAt = Math.max(this.#dueAt + this.intervalMs, monotonicNow())
    this.#timer.arm(this.#dueAt as MonotonicMs)
  }
}
