import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {onTestFinished} from 'vitest'
import {HACTL, NO_CONTEXTS} from './run-hactl.ts'

/** Whether there is script(1), which makes a terminal for a program. */
export const hasTerminals = spawnSync('script', ['--version']).status === 0

/** What somebody types when a text has appeared. */
export type Typed = readonly [after: RegExp, keys: string]

/** What a terminal showed, without its escape sequences, and how the program ended. */
export interface TerminalOutcome {
  readonly code: number | null
  readonly shown: string
}

/** Runs the program in a terminal of 80 columns, with somebody who types. */
export async function runInTerminal(
  argv: readonly string[],
  {env, typed}: {readonly env: {readonly [name: string]: string}; readonly typed: readonly Typed[]},
): Promise<TerminalOutcome> {
  const words = [process.execPath, HACTL, ...argv].map(word => `'${word.replaceAll("'", `'\\''`)}'`)
  const command = `stty cols 80 rows 24; exec ${words.join(' ')}`
  const {HACTL_SOCKET: _, HACTL_HOST: __, NODE_OPTIONS: ___, ...inherited} = process.env
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: {...inherited, XDG_CONFIG_HOME: NO_CONTEXTS, TERM: 'xterm', NO_COLOR: '1', ...env},
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let raw = ''
  let seen = 0
  const waiting = [...typed]
  child.stdout.on('data', (chunk: Buffer) => {
    raw += chunk.toString('utf8')
    for (;;) {
      const [next] = waiting
      const found = next === undefined ? null : next[0].exec(raw.slice(seen))
      if (next === undefined || found === null) return
      seen += found.index + found[0].length
      waiting.shift()
      child.stdin.write(next[1])
    }
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return {code, shown: withoutEscapes(raw)}
}

/** ECMA-48 control sequences, which readline moves the cursor with, and the returns of a terminal. */
function withoutEscapes(text: string): string {
  const sequences = new RegExp(`${String.fromCharCode(27)}\\[[\\d;?]*[A-Za-z]`, 'g')
  return text.replace(sequences, '').replaceAll('\r', '')
}
