import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {constants} from 'node:os'
import {descendants, isRunning, processEntry} from './proc.ts'
import {until, within} from './wait.ts'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What a finished command said. */
export interface Finished extends Exit {
  readonly stdout: string
  readonly stderr: string
}

/** Output beyond this many characters is forgotten, oldest first. */
const KEEP_CHARACTERS = 262_144
const STOP_TIMEOUT_MS = 10_000
const FIND_TIMEOUT_MS = 5_000

/**
 * A program that runs inside a host. `nsenter` stands between us and it and is never signalled in its place: a
 * signal to `nsenter` would not reach the program.
 */
export class LabProcess {
  readonly name: string
  readonly exited: Promise<Exit>
  /** How it ended; undefined while it runs. */
  exit: Exit | undefined
  readonly #entry: ChildProcess
  #stdout = ''
  #stderr = ''
  #pid: number | undefined

  constructor(name: string, argv: readonly string[], {input, binary = false}: StartOptions = {}) {
    this.name = name
    const [file = 'false', ...args] = argv
    this.#entry = spawn(file, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: environment(),
    })
    this.exited = new Promise(resolve => {
      this.#entry.once('error', error => {
        this.#stderr += error.message
        resolve(this.#ended({code: 127, signal: null}))
      })
      this.#entry.once('close', (code, signal) => resolve(this.#ended({code, signal})))
    })
    if (!binary) {
      this.#entry.stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.#stdout = (this.#stdout + text).slice(-KEEP_CHARACTERS)
      })
    }
    this.#entry.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEEP_CHARACTERS)
    })
    // A program may leave without reading what it was given.
    this.#entry.stdin?.on('error', () => {})
    this.#entry.stdin?.end(input)
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Calls back with each piece of standard output as it comes. */
  onText(listener: (text: string) => void): void {
    this.#entry.stdout?.on('data', listener)
  }

  /** Calls back with each piece of standard output of a program that was started as binary. */
  onBytes(listener: (bytes: Buffer) => void): void {
    this.#entry.stdout?.on('data', listener)
  }

  /** Resolves once the program itself has a process number, as this program's namespace counts. */
  async started(): Promise<this> {
    await until(
      () => `${this.name} to start: ${this.#stderr}`,
      () => this.exit !== undefined || this.#findPid() !== undefined,
      {timeoutMs: FIND_TIMEOUT_MS, everyMs: 1},
    )
    return this
  }

  /** The program's own process number; throws once it is gone. */
  get pid(): number {
    const pid = this.exit ? undefined : this.#findPid()
    if (pid === undefined) throw new Error(`${this.name} does not run: ${this.describe()}`)
    return pid
  }

  /** The program and all that it started, parents first. */
  tree(): readonly number[] {
    const pid = this.exit ? undefined : this.#findPid()
    return pid === undefined ? [] : [pid, ...descendants(pid)]
  }

  signal(signal: NodeJS.Signals): void {
    send(this.pid, signal)
    if (signal === 'SIGCONT') this.#entry.kill('SIGCONT')
  }

  /** SIGTERM, and waits until it has left; throws, and kills it, when it does not leave in time. */
  async stop({signal = 'SIGTERM', timeoutMs = STOP_TIMEOUT_MS}: StopOptions = {}): Promise<Exit> {
    if (this.exit) return this.exit
    this.signal(signal)
    const exit = await within(this.exited, timeoutMs)
    if (exit) return exit
    await this.crash()
    throw new Error(`${this.name} did not leave within ${timeoutMs} ms after ${signal}: ${this.describe()}`)
  }

  /**
   * Ends the program and all that it started so that none of them can say goodbye: everything is stopped first,
   * because a child that sees its parent die would still send priority 0.
   */
  async crash(): Promise<void> {
    const stopped = new Set<number>()
    for (let round = 0; round < 20; round++) {
      const fresh = this.tree().filter(pid => !stopped.has(pid))
      if (fresh.length === 0) break
      for (const pid of fresh) {
        send(pid, 'SIGSTOP')
        stopped.add(pid)
      }
    }
    for (const pid of stopped) send(pid, 'SIGKILL')
    // A command that has no process namespace to enter is nsenter itself.
    if (stopped.size === 0) this.#entry.kill('SIGKILL')
    await until(
      `${this.name} to die`,
      () => {
        // nsenter stops itself when it sees its child stopped, and would never report the death.
        if (!this.exit) this.#entry.kill('SIGCONT')
        return this.exit !== undefined && [...stopped].every(pid => !isRunning(pid))
      },
      {timeoutMs: STOP_TIMEOUT_MS},
    )
  }

  /** Waits for a line of output on either stream. */
  async waitForOutput(pattern: RegExp, {timeoutMs = 10_000}: {readonly timeoutMs?: number} = {}): Promise<string> {
    const found = (): string | undefined => pattern.exec(this.#stdout)?.[0] ?? pattern.exec(this.#stderr)?.[0]
    await until(
      () => `${pattern} from ${this.name}: ${this.describe()}`,
      () => found() !== undefined || this.exit !== undefined,
      {timeoutMs},
    )
    const text = found()
    if (text === undefined) throw new Error(`${this.name} ended without ${pattern}: ${this.describe()}`)
    return text
  }

  /** How it ended and the last of what it said, for messages. */
  describe(): string {
    const state = this.exit ? `exit ${this.exit.code ?? this.exit.signal}` : 'running'
    const said = `${this.#stdout}${this.#stderr}`.trim().slice(-1500)
    return said === '' ? state : `${state}\n${said}`
  }

  #ended(exit: Exit): Exit {
    this.exit = exit
    return exit
  }

  #findPid(): number | undefined {
    if (this.#pid !== undefined) return this.#pid
    const entry = this.#entry.pid
    if (entry !== undefined) this.#pid = descendants(entry)[0]
    return this.#pid
  }
}

export interface StartOptions {
  /** What the program reads on standard input, whole; nothing by default. */
  readonly input?: string | Buffer
  /** Standard output goes to `onBytes` and is not kept. */
  readonly binary?: boolean
}

export interface StopOptions {
  readonly signal?: NodeJS.Signals
  readonly timeoutMs?: number
}

/** Runs a program of this host's own namespaces to its end, within bounds. */
export async function runToEnd(
  name: string,
  argv: readonly string[],
  {input, timeoutMs = 10_000, check = true}: RunOptions = {},
): Promise<Finished> {
  const program = new LabProcess(name, argv, input === undefined ? {} : {input})
  const exit = await within(program.exited, timeoutMs)
  if (!exit) {
    await program.crash()
    throw new Error(`${name} took longer than ${timeoutMs} ms: ${program.describe()}`)
  }
  if (check && exit.code !== 0) throw new Error(`${name} failed: ${program.describe()}`)
  return {...exit, stdout: program.stdout, stderr: program.stderr}
}

export interface RunOptions {
  readonly input?: string
  readonly timeoutMs?: number
  /** Throw when it ends with anything but 0; the default. */
  readonly check?: boolean
}

/** A process whose end of input is the end of a namespace; resolves once it has said that all is made ready. */
export async function startHolder(argv: readonly string[]): Promise<{pid: number; close: () => Promise<void>}> {
  const [file = 'false', ...args] = argv
  const child = spawn(file, args, {stdio: ['pipe', 'pipe', 'pipe'], env: environment()})
  let said = ''
  child.on('error', error => {
    said += error.message
  })
  child.stdin.on('error', () => {})
  const closed = once(child, 'close').catch(() => {})
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += String(chunk).slice(0, 4_000)))
  await until(
    () => `a namespace: ${said}`,
    () => said.includes('ready\n') || child.exitCode !== null,
    {timeoutMs: 10_000, everyMs: 1},
  )
  if (child.pid === undefined || child.exitCode !== null) throw new Error(`no namespace could be made: ${said.trim()}`)
  const innermost = descendants(child.pid).at(-1) ?? child.pid
  // The last process of a chain in which each has one child: nsenter, unshare, the holder.
  if (!processEntry(innermost)) throw new Error(`the holder of a namespace is gone: ${said.trim()}`)
  return {
    pid: innermost,
    close: async () => {
      child.stdin.end()
      await within(closed, STOP_TIMEOUT_MS)
      if (child.exitCode === null) child.kill('SIGKILL')
    },
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, constants.signals[signal])
  } catch (error) {
    // It may have ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** What programs in a lab see of our environment: nothing that would change how they behave. */
function environment(): NodeJS.ProcessEnv {
  return {PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LANG: 'C', HOME: '/'}
}
