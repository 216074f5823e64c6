import {type AgentClient, agentClient} from '../control/client.ts'
import {WATCH_EVERY_MS, type WatchEvent} from '../control/watch-model.ts'
import {errorText, HactlError} from '../errors.ts'
import {clockDifference} from './clock-difference.ts'
import type {NodeAddress, NodePicture, NodeState} from './model.ts'
import {isReadOnlyAddress} from './node-address.ts'
import {type NodeStore, nodeStore} from './node-picture.ts'
import {readWatchEvent} from './read-event.ts'
import {printable} from './shapes.ts'

/** What is asked of an agent to watch it. */
export type WatchClient = Pick<AgentClient, 'watch'>

/** What time it is here, milliseconds: since 1970, and since anything, without jumps. */
export interface WatchClock {
  readonly wallMs: () => number
  readonly monotonicMs: () => number
}

/** Milliseconds. */
export interface LinkLimits {
  /** How often a node says something at least. */
  readonly everyMs: number
  /** The wait before it is tried again, the first time and at most; it doubles. */
  readonly firstRetryMs: number
  readonly lastRetryMs: number
}

/** What a link is made of. */
export interface LinkOptions {
  readonly clock: WatchClock
  readonly limits?: Partial<LinkLimits>
  /** Something was told, or the connection is another. */
  readonly onChange: () => void
  /** Default: by the node's address. */
  readonly client?: WatchClient
}

/** As it is for people. */
const LIMITS: LinkLimits = {everyMs: WATCH_EVERY_MS, firstRetryMs: 500, lastRetryMs: 10_000}
/** In intervals without a line: late, unknown, and given up so that another connection is tried. */
const LATE = 1.5
const UNKNOWN = 3
const GIVEN_UP = 5
/** A connection through ssh may take that long until the first line, milliseconds. */
const FIRST_LINE_MS = 15_000

/** What one connection told, and when. */
interface Told {
  readonly store: NodeStore
  /** Undefined: it has said nothing yet. */
  heard: {readonly wallMs: number; readonly monotonicMs: number} | undefined
}

/** Keeps one connection to the agent of one node, and what it tells. */
export class NodeLink {
  readonly address: NodeAddress
  readonly #options: LinkOptions
  readonly #limits: LinkLimits
  readonly #client: WatchClient
  readonly #closed = new AbortController()
  readonly #ended: Promise<void>
  readonly #ahead = clockDifference()
  /** What counts. */
  #shown: Told = {store: nodeStore(), heard: undefined}
  /** What the present connection tells until it has told everything; then it is `#shown`. */
  #telling: Told = this.#shown
  #problem: string | null = null
  /** Connections in a row that ended before everything was told. */
  #failures = 0
  #refusedLines = 0
  #isReadOnly = false

  /** Connects at once. */
  constructor(address: NodeAddress, options: LinkOptions) {
    this.address = address
    this.#options = options
    this.#limits = {...LIMITS, ...options.limits}
    const onReadOnly = (): void => {
      this.#isReadOnly = true
    }
    this.#client = options.client ?? agentClient({...address.target, isUnattended: true, onReadOnly})
    this.#ended = this.#run()
  }

  /** The node as of now. */
  picture(): NodePicture {
    const silentMs = this.#silentMs()
    const state = this.#state(silentMs)
    return {
      address: this.address,
      state,
      problem: this.#problem ?? (state === 'unknown' ? 'it says nothing' : null),
      silentMs,
      clockAheadMs: this.#ahead.value(),
      isReadOnly: this.#isReadOnly,
      refusedLines: this.#refusedLines,
      ...this.#shown.store.contents(),
    }
  }

  /** Whether everything was told once, or the connection failed. */
  isSettled(): boolean {
    return this.#shown.store.contents().isWhole || this.#failures > 0
  }

  /** Ends the connection; resolves when it is gone, an ssh included. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.#ended
  }

  #silentMs(): number | null {
    const {heard} = this.#shown
    if (heard === undefined) return null
    const {clock} = this.#options
    // The steady clock stands still while this host sleeps, the other one may be set.
    return Math.max(0, clock.monotonicMs() - heard.monotonicMs, clock.wallMs() - heard.wallMs)
  }

  #state(silentMs: number | null): NodeState {
    if (silentMs === null) return this.#failures > 0 ? 'unknown' : 'connecting'
    const {everyMs} = this.#limits
    if (this.#failures >= 2 || silentMs > UNKNOWN * everyMs) return 'unknown'
    if (!this.#shown.store.contents().isWhole) return 'connecting'
    return silentMs > LATE * everyMs ? 'late' : 'live'
  }

  async #run(): Promise<void> {
    const {signal} = this.#closed
    let retryMs = this.#limits.firstRetryMs
    while (!signal.aborted) {
      const problem = await this.#watch()
      if (signal.aborted) break
      if (this.#failures === 0) retryMs = this.#limits.firstRetryMs
      this.#failures++
      this.#problem = problem
      this.#options.onChange()
      // Many dashboards that lost one node must not all come back in the same moment.
      await pause(retryMs * (0.75 + Math.random() / 2), signal)
      retryMs = Math.min(2 * retryMs, this.#limits.lastRetryMs)
    }
  }

  /** One connection, from beginning to end; resolves to why it ended. */
  async #watch(): Promise<string> {
    const {signal} = this.#closed
    const attempt = new AbortController()
    const stop = (): void => attempt.abort()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    this.#isReadOnly = isReadOnlyAddress(this.address)
    this.#begin()
    let guard = setTimeout(stop, FIRST_LINE_MS)
    const heard = (): void => {
      clearTimeout(guard)
      guard = setTimeout(stop, GIVEN_UP * this.#limits.everyMs)
    }
    const refused = (): void => {
      this.#refusedLines++
      heard()
    }
    try {
      await this.#client.watch(
        value => {
          const event = readWatchEvent(value)
          if (event === undefined) return refused()
          heard()
          this.#take(event)
        },
        attempt.signal,
        refused,
      )
      return 'it says nothing'
    } catch (error) {
      return problemOf(error)
    } finally {
      clearTimeout(guard)
      signal.removeEventListener('abort', stop)
    }
  }

  /** What comes now is told from the beginning; what was told before counts until it is whole. */
  #begin(): void {
    const {store, heard} = this.#shown
    const {journal, isWhole} = store.contents()
    this.#telling = {store: nodeStore(journal), heard: undefined}
    if (!isWhole && heard === undefined) this.#shown = this.#telling
  }

  #take(event: WatchEvent): void {
    const {clock, onChange} = this.#options
    if (event.type === 'lost') this.#begin()
    const telling = this.#telling
    telling.heard = {wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs()}
    if (!telling.store.take(event)) this.#refusedLines++
    // These are made in the moment in which they are sent, and are short.
    if (event.type === 'agent' || event.type === 'ready') {
      this.#ahead.add(Date.parse(event.at) - telling.heard.wallMs)
    }
    if (event.type === 'ready') {
      this.#shown = telling
      this.#failures = 0
      this.#problem = null
    }
    onChange()
  }
}

/** One line, without what it is advised to do. */
function problemOf(error: unknown): string {
  const message = error instanceof HactlError ? error.message : `it cannot be watched: ${errorText(error)}`
  return printable(message.slice(0, MAX_PROBLEM_CHARS).replace(/\s+/g, ' '))
}

const MAX_PROBLEM_CHARS = 300

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
