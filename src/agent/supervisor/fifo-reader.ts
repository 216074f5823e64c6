import type {Command} from '../../config/config.ts'
import {describeResult, type ScriptResult} from '../../core/track/script.ts'
import {endsWithin, type Note} from './notify-note.ts'
import type {RunningCommand} from './run-command.ts'
import {type ScriptPolicy, startScript} from './start-script.ts'

/** A script that failed is started again after this long, then after twice as long, and so on. Milliseconds. */
const FIRST_RESTART_MS = 1_000
const MAX_RESTART_MS = 60_000
/** A pipe's reader may run as long as it likes: the longest time that a timer can hold, 24 days. Milliseconds. */
const NO_TIMEOUT_MS = 2_147_483_647
/** How long a script may take to read what is left and come to the end of its pipe, milliseconds. */
const END_OF_PIPE_MS = 500

/** What `notify_fifo_script` and its like ask for. */
export interface ReaderSettings {
  /** The keyword, for messages. */
  readonly what: string
  readonly command: Command
  /** Path of the pipe, appended as the last word. */
  readonly path: string
}

/**
 * Keeps a script running that reads a pipe. One that fails is started again, less and less often; one that ends with
 * status 0 meant to, perhaps having left a daemon behind.
 */
export class FifoReader {
  readonly #settings: ReaderSettings
  readonly #policy: ScriptPolicy
  readonly #note: Note
  #running: RunningCommand | undefined
  #restart: NodeJS.Timeout | undefined
  #restartMs = FIRST_RESTART_MS
  #stopped = false

  constructor(settings: ReaderSettings, policy: ScriptPolicy, note: Note) {
    this.#settings = settings
    this.#policy = policy
    this.#note = note
  }

  start(): void {
    const {command, path} = this.#settings
    const startedAt = performance.now()
    const running = startScript(command, this.#policy, {timeoutMs: NO_TIMEOUT_MS, extra: [path]})
    this.#running = running
    void running.result.then(result => {
      this.#running = undefined
      if (this.#stopped) return
      if (performance.now() - startedAt > MAX_RESTART_MS) this.#restartMs = FIRST_RESTART_MS
      this.#ended(result)
    })
  }

  /** To be called when the pipe is closed: gives the script time to read to its end, then SIGTERM, then SIGKILL. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#restart)
    const running = this.#running
    if (!running || (await endsWithin(END_OF_PIPE_MS, running.result))) return
    running.kill()
    await running.result
  }

  #ended(result: ScriptResult): void {
    const {what, command} = this.#settings
    const program = command.argv[0]
    const again = !(result.type === 'not-started' || (result.type === 'exited' && result.status === 0))
    const inMs = this.#restartMs
    const next = again ? `it is started again in ${inMs / 1_000} s` : 'a reload starts it again'
    const text = `${what} ${program}: ${describeResult(result)}; ${next}`
    this.#note('notify-failed', text, {what, program, again})
    if (!again) return
    this.#restartMs = Math.min(MAX_RESTART_MS, 2 * inMs)
    this.#restart = setTimeout(() => this.start(), inMs)
  }
}
