import {spawn} from 'node:child_process'
import {DEFAULT_SOCKET} from '../control/socket-paths.ts'
import type {NodeAddress} from '../watch/model.ts'
import {widthOf} from './lines.ts'

/** A command line that was typed, or why it is none, in one line. */
export type ParsedLine =
  | {readonly ok: true; readonly words: readonly string[]}
  | {readonly ok: false; readonly problem: string}

/**
 * Splits a command line as a shell does where words and quotes are simple: no variables, patterns, pipes. A leading
 * "hactl" may be there.
 */
export function splitWords(text: string): ParsedLine {
  const words: string[] = []
  let word: string | undefined
  for (let rest = text; rest !== ''; ) {
    const [piece = '', blank, single, double, escaped, plain] = PIECE.exec(rest) ?? []
    if (piece === '') return {ok: false, problem: UNFINISHED[rest.charAt(0)] ?? `${rest.charAt(0)} means nothing here`}
    rest = rest.slice(piece.length)
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '')
    }
  }
  if (word !== undefined) words.push(word)
  return {ok: true, words: words[0] === 'hactl' ? words.slice(1) : words}
}

/** Whether a command only reads, by its first words: what a screen without orders may run. */
export function isReadingCommand(words: readonly string[]): boolean {
  if (words[0] === 'help' || words[0] === '--help' || words[0] === '--version') return true
  if (words.some(word => WRITING_FLAGS.includes(word.split('=', 1)[0] ?? ''))) return false
  return READING_COMMANDS.some(command => command.split(' ').every((word, at) => words[at] === word))
}

/** Commands that change nothing, neither an agent nor a kernel nor a file. */
export const READING_COMMANDS: readonly string[] = [
  'agent overrides',
  'agent status',
  'check digest',
  'check history',
  'check list',
  'check show',
  'config diff',
  'config explain',
  'config show',
  'lvs connections',
  'lvs diff',
  'lvs list',
  'lvs save',
  'lvs show',
  'lvs stats',
  'lvs sync status',
  'validate config',
  'vip list',
  'vrrp peers',
  'vrrp show',
  'vrrp stats',
  'vrrp status',
  'vrrp watch',
  'vrrp why',
  'cluster diff',
  'cluster status',
  'context list',
  'top line',
]

/** What a command printed, and whether it has ended. */
export interface CommandProgress {
  readonly lines: readonly string[]
  /** Undefined while it runs: "exit code 0", "ended after 60 s". */
  readonly ended: string | undefined
}

export interface CommandRun {
  readonly words: readonly string[]
  readonly address: NodeAddress
  /** Columns that its lines may have. */
  readonly width: number
  /** The program that is run: bin/run.cjs. */
  readonly program: string
  /** At most ten times a second while it prints, and when it has ended. */
  readonly onProgress: (progress: CommandProgress) => void
}

/** Runs hactl, without a shell and without a terminal; returns what ends it. */
export function runCommand({words, address, width, program, onProgress}: CommandRun): () => void {
  // A session of its own has no terminal: nothing that it starts can ask there, and all of it ends together.
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(words, address),
    detached: true,
  })
  let output = ''
  let timer: NodeJS.Timeout | undefined
  let why: string | undefined
  let isDone = false
  const report = (ended: string | undefined): void => {
    clearTimeout(timer)
    timer = undefined
    onProgress({lines: outputLines(output, width), ended})
  }
  const stop = (reason: string): void => {
    if (isDone) return
    why ??= reason
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    } catch {
      // It has ended in this moment.
    }
  }
  const limit = setTimeout(() => stop(`ended after ${MAX_RUN_MS / 1_000} s`), MAX_RUN_MS)
  const take = (chunk: string): void => {
    output += chunk.slice(0, MAX_OUTPUT - output.length)
    if (output.length >= MAX_OUTPUT) stop('ended after 1 MB of output')
    timer ??= setTimeout(() => report(undefined), REPORT_EVERY_MS)
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', take)
  const finish = (ended: string): void => {
    if (isDone) return
    isDone = true
    clearTimeout(limit)
    report(ended)
  }
  child.on('error', error => finish(`it cannot be started: ${error.message}`))
  child.on('close', (code, signal) => finish(why ?? (signal === null ? `exit code ${code}` : `ended by ${signal}`)))
  return () => stop('ended here')
}

/** Characters. */
const MAX_OUTPUT = 1_000_000
const MAX_RUN_MS = 60_000
const REPORT_EVERY_MS = 100

/** Blank, quoted by ', quoted by ", escaped, plain. */
const PIECE = /^(?:(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\|&;<>$`]+))/s
const UNFINISHED: {readonly [start: string]: string} = {
  "'": "the quote ' is not closed",
  '"': 'the quote " is not closed',
  '\\': 'nothing follows the last \\',
}

/** With these a command that reads would write. */
const WRITING_FLAGS = ['-w', '--write', '-o', '--output', '-Z', '--zero']

/** The chosen node is asked unless the line names another; its output has neither colours nor a terminal's width. */
function environment(words: readonly string[], {target}: NodeAddress): NodeJS.ProcessEnv {
  const {HACTL_HOST: _host, HACTL_SOCKET: _socket, ...env} = process.env
  const isNamed = words.some(word => /^--(host|socket|context|node)(=|$)/.test(word))
  if (isNamed) return {...env, NO_COLOR: '1'}
  if (target.host !== undefined) {
    return {...env, NO_COLOR: '1', HACTL_HOST: target.host, ...(target.socket && {HACTL_SOCKET: target.socket})}
  }
  return {...env, NO_COLOR: '1', HACTL_SOCKET: target.socket ?? DEFAULT_SOCKET}
}

/** Lines no wider than the screen: what is too long goes on in the next one. */
function outputLines(output: string, width: number): readonly string[] {
  const text = output.endsWith('\n') ? output.slice(0, -1) : output
  if (text === '') return []
  return text.split(/\r?\n/).flatMap(line => folded(line.replaceAll('\t', '        '), Math.max(20, width)))
}

function folded(line: string, width: number): readonly string[] {
  if (line.length <= width && widthOf(line) <= width) return [line]
  const lines: string[] = []
  let part = ''
  let used = 0
  for (const character of line) {
    const columns = widthOf(character)
    if (used + columns > width) {
      lines.push(part)
      part = ''
      used = 0
    }
    part += character
    used += columns
  }
  return [...lines, part]
}
