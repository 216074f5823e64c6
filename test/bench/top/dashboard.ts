import {type ChildProcess, spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {descendants} from '../../lab/proc.ts'
import {repoRoot} from '../../lab/repo-root.ts'
import {until, within} from '../../lab/wait.ts'
import {Screen} from '../../top/screen.ts'

/** What a screen is asked about. */
type Look = (screen: Screen) => boolean

const START_TIMEOUT_MS = 60_000
const KEY_TIMEOUT_MS = 10_000
const QUIT_TIMEOUT_MS = 10_000

/** `hactl top dashboard` in a terminal of its own that script(1) makes, and what it shows. */
export class DashboardRun {
  readonly screen: Screen
  /** Bytes that it has written. */
  written = 0
  /** How often the terminal got something, which is once a frame or more. */
  pieces = 0
  readonly #script: ChildProcess
  readonly #ended: Promise<number>
  #look: Look | undefined
  #seen: (() => void) | undefined

  constructor(nodes: readonly string[], {columns, rows}: {readonly columns: number; readonly rows: number}) {
    this.screen = new Screen(columns, rows)
    const words = [process.execPath, join(repoRoot(), 'bin', 'run.cjs'), 'top', 'dashboard']
    const command = [...words, ...nodes.flatMap(node => ['--node', node])].map(quoted).join(' ')
    const sized = `stty cols ${columns} rows ${rows}; exec ${command}`
    this.#script = spawn('script', ['-qefc', sized, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {PATH: process.env.PATH, HOME: '/', TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh'},
    })
    this.#ended = new Promise(resolve => this.#script.once('close', code => resolve(code ?? -1)))
    this.#script.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.#script.stdin?.on('error', () => {})
  }

  /** Waits until the screen is as it is to be. */
  async waitFor(what: string, isAsWanted: Look): Promise<void> {
    await until(
      () => `${what} on the screen:\n${this.screen.lines.join('\n')}`,
      () => isAsWanted(this.screen),
      {timeoutMs: START_TIMEOUT_MS},
    )
  }

  /** Presses a key; resolves to how long it took until the screen was as it is to be then, milliseconds. */
  async press(key: string, isAnswer: Look): Promise<number> {
    if (isAnswer(this.screen)) throw new Error(`${key} would change nothing:\n${this.screen.lines.join('\n')}`)
    let atMs = Number.NaN
    const seen = new Promise<void>(resolve => {
      this.#seen = () => {
        atMs = performance.now()
        resolve()
      }
    })
    this.#look = isAnswer
    const fromMs = performance.now()
    this.#script.stdin?.write(key)
    await within(seen, KEY_TIMEOUT_MS)
    this.#look = undefined
    if (Number.isNaN(atMs)) throw new Error(`${key} was not answered:\n${this.screen.lines.join('\n')}`)
    return atMs - fromMs
  }

  /** The program and all that it has started. */
  pids(): readonly number[] {
    return this.#script.pid === undefined ? [] : descendants(this.#script.pid)
  }

  /** Memory of all of them that is in use now, and the most that each ever used, bytes. proc(5), VmRSS and VmHWM. */
  memory(): {readonly residentBytes: number; readonly peakBytes: number} {
    const texts = this.pids().map(pid => readFileSync(`/proc/${pid}/status`, 'utf8'))
    const sum = (field: RegExp): number =>
      texts.reduce((bytes, text) => bytes + Number(field.exec(text)?.[1] ?? 0) * 1_024, 0)
    return {residentBytes: sum(/^VmRSS:\s+(\d+) kB/m), peakBytes: sum(/^VmHWM:\s+(\d+) kB/m)}
  }

  /** Presses q; resolves to the exit code. */
  async quit(): Promise<number> {
    this.#script.stdin?.write('q')
    const code = await within(this.#ended, QUIT_TIMEOUT_MS)
    if (code === undefined) this.kill()
    return code ?? -1
  }

  /** Ends it in any case. */
  kill(): void {
    for (const pid of this.pids()) process.kill(pid, 'SIGKILL')
    this.#script.kill('SIGKILL')
  }

  #take(text: string): void {
    this.written += Buffer.byteLength(text)
    this.pieces++
    this.screen.write(text)
    if (this.#look?.(this.screen)) {
      this.#look = undefined
      this.#seen?.()
    }
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
