import type {Host} from '../lab/host.ts'
import {sleep} from '../lab/wait.ts'

/** What a terminal is opened with. */
export interface TerminalOptions {
  readonly columns: number
  readonly rows: number
  /** Besides `PATH`, `HOME` and a UTF-8 locale. */
  readonly environment?: {readonly [name: string]: string}
}

/** A screen that was looked at; the time, milliseconds since 1970, is after the look. */
export interface Look {
  readonly text: string
  readonly atMs: number
}

const LOOK_EVERY_MS = 20
/** The shell's prompt: a program that has left the screen shows it again. */
export const PROMPT = 'desk$ '
/** Settings of tmux(1): the whole window for the program, and 256 colours. */
const SETTINGS = `set -g status off
set -g default-terminal screen-256color
set -s escape-time 0
`

/** A terminal of its own on a host, with a shell in it, kept by a tmux server of its own. */
export class Terminal {
  readonly #host: Host
  readonly #socket: string

  private constructor(host: Host, socket: string) {
    this.#host = host
    this.#socket = socket
  }

  /** Opens a terminal; `name` is not to be used twice on a host. */
  static async open(host: Host, name: string, options: TerminalOptions): Promise<Terminal> {
    const {columns, rows, environment = {}} = options
    const terminal = new Terminal(host, `/run/tmux-${name}.sock`)
    host.writeFile('/run/tmux.conf', SETTINGS)
    const variables = {...DESK_ENVIRONMENT, PS1: PROMPT, ...environment}
    const assignments = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`)
    await host.run([
      ...['env', ...assignments, 'tmux', '-u', '-S', terminal.#socket, '-f', '/run/tmux.conf'],
      ...['new-session', '-d', '-x', String(columns), '-y', String(rows), 'exec sh'],
    ])
    await terminal.waitFor(text => text.includes(PROMPT.trim()))
    return terminal
  }

  /** What is on the screen, without blanks at the end of lines. */
  async text(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p')).stdout
  }

  /** The same with escape sequences for colours and attributes, and with blanks, which may have a ground. */
  async coloured(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-e', '-N')).stdout
  }

  /** Presses keys by the names that tmux(1) has for them: `j`, `Enter`, `Escape`, `Tab`, `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys)
  }

  /** Types a text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text)
  }

  /** Types a command and Enter. */
  async command(line: string): Promise<void> {
    await this.type(line)
    await this.press('Enter')
  }

  /** Changes the size of the window, as somebody does with a mouse. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** Waits until the screen is as it is to be; what was there last is in the error. */
  async waitFor(isAsWanted: RegExp | ((text: string) => boolean), {timeoutMs = 15_000} = {}): Promise<Look> {
    const isGood = (text: string): boolean => (isAsWanted instanceof RegExp ? isAsWanted.test(text) : isAsWanted(text))
    const giveUpAt = performance.now() + timeoutMs
    for (;;) {
      const text = await this.text()
      if (isGood(text)) return {text, atMs: Date.now()}
      if (performance.now() > giveUpAt) {
        throw new Error(`waited ${timeoutMs} ms in vain for ${isAsWanted} on the screen:\n${text}`)
      }
      await sleep(LOOK_EVERY_MS)
    }
  }

  /** Ends everything that runs in it. */
  async close(): Promise<void> {
    await this.#host.run(['tmux', '-S', this.#socket, 'kill-server'], {check: false})
  }

  #tmux(...args: readonly string[]): ReturnType<Host['run']> {
    return this.#host.run(['tmux', '-S', this.#socket, ...args])
  }
}

/** What programs on an operator's host find: the locale that every Debian has, and no continuous integration. */
export const DESK_ENVIRONMENT = {
  HOME: '/run/home',
  PATH: '/run/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
} as const
