import {type ChildProcess, fork} from 'node:child_process'
import {createInterface} from 'node:readline'
import type {ProcessStatus} from '../../control/model.ts'
import type {MonotonicMs} from '../../core/units.ts'
import {errorText} from '../../errors.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {LoopLag} from '../channel.ts'
import type {ProcessSettings} from '../own-process.ts'
import {residentBytes} from './process-memory.ts'

/** Every child is asked this often whether it still turns, milliseconds. */
const PING_EVERY_MS = 250
/** Pings further apart than this mean that the supervisor itself was held up. */
const SLEPT_AFTER_MS = 2 * PING_EVERY_MS
/** A child that has not answered yet has to be loaded first, which on a busy machine takes its time, milliseconds. */
const LOADED_WITHIN_MS = 10_000
/** A child that ran this long is healthy: the next restart is immediate again. */
const HEALTHY_AFTER_MS = 10_000
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 2_000
/** Variables that would change, slow down or break a child's start. */
const REMOVED_FROM_ENVIRONMENT = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_CHANNEL_FD']

export interface ChildOptions<Incoming> {
  readonly name: 'vrrp' | 'check'
  readonly modulePath: string
  /** V8 options. */
  readonly nodeOptions: readonly string[]
  onStarted(): void
  onMessage(message: Incoming): void
  /** `aliveAt`: when it was last known to turn. Not called for an end that was asked for. */
  onDied(death: {pid: number; how: string; ranMs: number; aliveAt: MonotonicMs; restartInMs: number}): void
  onStalled(silentMs: number): void
  /** Lines that it wrote to its standard streams: traces of a crash, as a rule. */
  onOutput(line: string): void
}

/** One child process: started, pinged, killed when it stops answering, restarted when it dies. */
export class Child<Incoming extends {readonly type: string}, Outgoing> {
  readonly #options: ChildOptions<Incoming>
  #process: ChildProcess | undefined
  #startedAt: MonotonicMs = monotonicNow()
  #startedAtWall: string | null = null
  #aliveAt: MonotonicMs = monotonicNow()
  #lastDelayMs = 0
  #restarts = 0
  #stopping = false
  #stalled = false
  #answered = false
  #lag: LoopLag | null = null
  #pings = 0
  #pingedAt: MonotonicMs = monotonicNow()
  #timer: NodeJS.Timeout | undefined
  #restartTimer: NodeJS.Timeout | undefined
  #settings: ProcessSettings | undefined

  /** Silence after which it counts as stalled and is killed, milliseconds. */
  stallAfterMs = 5_000
  /** How long it may take to withdraw after `stop`, milliseconds. keepalived.conf(5), child_wait_time */
  stopWithinMs = 5_000

  constructor(options: ChildOptions<Incoming>) {
    this.#options = options
  }

  start(): void {
    const environment = {...process.env}
    for (const name of REMOVED_FROM_ENVIRONMENT) delete environment[name]
    this.#startedAt = monotonicNow()
    this.#startedAtWall = new Date().toISOString()
    this.#aliveAt = this.#startedAt
    this.#pingedAt = this.#startedAt
    this.#stalled = false
    this.#answered = false
    let child: ChildProcess
    try {
      child = fork(this.#options.modulePath, [], {
        execArgv: [...this.#options.nodeOptions],
        env: environment,
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        // Its own process group: a terminal's Ctrl-C is for the supervisor to act on.
        detached: true,
      })
    } catch (error) {
      this.#ended(0, `not started: ${errorText(error)}`)
      return
    }
    this.#process = child
    child.on('message', message => this.#onMessage(message as Incoming | {type: 'pong'; n: number; lag: LoopLag}))
    child.once('exit', (status, signal) => this.#onExit(child, status === null ? `${signal}` : `exit status ${status}`))
    // Without a process there is no exit either.
    child.on('error', error => {
      if (child.pid === undefined) this.#onExit(child, `not started: ${error.message}`)
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({input: stream}).on('line', line => this.#options.onOutput(line.slice(0, 500)))
    }
    this.#timer = setInterval(() => this.#ping(), PING_EVERY_MS)
    this.#sendSettings()
    this.#options.onStarted()
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  get status(): ProcessStatus {
    const alive = this.#process !== undefined
    return {
      name: this.#options.name,
      pid: this.#process?.pid ?? null,
      state: !alive ? 'dead' : this.#stalled ? 'stalled' : this.#answered ? 'running' : 'starting',
      startedAt: alive ? this.#startedAtWall : null,
      restarts: this.#restarts,
      loopLagMs: this.#lag,
      memoryBytes: this.#process?.pid === undefined ? null : (residentBytes(this.#process.pid) ?? null),
    }
  }

  /** How it is to run: told to what runs, and to what starts later. */
  set settings(settings: ProcessSettings) {
    this.#settings = settings
    this.#sendSettings()
  }

  send(message: Outgoing): void {
    if (this.#process?.connected) this.#process.send(message as object, () => {})
  }

  /**
   * Asks it to withdraw and leave; kills it when it does not. Resolves when it is gone and its last words are read:
   * true when it left by itself.
   */
  async stop(message: Outgoing): Promise<boolean> {
    this.#stopping = true
    clearInterval(this.#timer)
    clearTimeout(this.#restartTimer)
    const child = this.#process
    if (!child) return false
    const timer = setTimeout(() => child.kill('SIGKILL'), this.stopWithinMs)
    const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
    const read = child.connected ? new Promise(resolve => child.once('disconnect', resolve)) : undefined
    this.send(message)
    const [status] = await Promise.all([ended, read])
    clearTimeout(timer)
    return status === 0
  }

  #onMessage(message: Incoming | {type: 'pong'; n: number; lag: LoopLag}): void {
    this.#aliveAt = monotonicNow()
    this.#stalled = false
    if (message.type === 'pong' && 'lag' in message) {
      this.#answered = true
      this.#lag = message.lag
    }
    this.#options.onMessage(message as Incoming)
  }

  #ping(): void {
    const now = monotonicNow()
    // This process slept itself, and has not read what the child said meanwhile.
    if (now - this.#pingedAt > SLEPT_AFTER_MS) this.#aliveAt = now
    this.#pingedAt = now
    const silentMs = now - this.#aliveAt
    const stallAfterMs = this.#answered ? this.stallAfterMs : Math.max(this.stallAfterMs, LOADED_WITHIN_MS)
    if (silentMs > stallAfterMs && !this.#stalled) {
      this.#stalled = true
      this.#options.onStalled(silentMs)
      this.#process?.kill('SIGKILL')
      return
    }
    this.send({type: 'ping', n: ++this.#pings} as Outgoing)
  }

  #sendSettings(): void {
    if (this.#settings) this.send({type: 'process', settings: this.#settings} as Outgoing)
  }

  #onExit(child: ChildProcess, how: string): void {
    if (this.#process !== child) return
    clearInterval(this.#timer)
    this.#process = undefined
    this.#ended(child.pid ?? 0, how)
  }

  #ended(pid: number, how: string): void {
    if (this.#stopping) return
    const now = monotonicNow()
    const ranMs = now - this.#startedAt
    const quick = ranMs < HEALTHY_AFTER_MS && this.#restarts > 0
    const restartInMs = quick ? Math.min(MAX_DELAY_MS, Math.max(FIRST_DELAY_MS, this.#lastDelayMs * 2)) : 0
    this.#lastDelayMs = restartInMs
    this.#restarts++
    const aliveAt = now - this.#aliveAt > 2 * PING_EVERY_MS ? this.#aliveAt : now
    this.#options.onDied({pid, how, ranMs, aliveAt, restartInMs})
    if (restartInMs === 0 && pid !== 0) this.start()
    else this.#restartTimer = setTimeout(() => this.start(), restartInMs)
  }
}
