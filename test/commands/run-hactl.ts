import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'

/** The program as it was built. */
export const HACTL = join(import.meta.dirname, '..', '..', 'bin', 'run.cjs')

/** What a run of the program came to. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a run of the program gets besides its words. */
export interface RunOptions {
  readonly cwd?: string
  /** What it can read from standard input. */
  readonly input?: string
}

/** Whoever runs the tests may have contexts. */
export const NO_CONTEXTS = '/nonexistent'

type Environment = {readonly [name: string]: string}

/** Starts the program as it was built. */
export function startHactl(argv: readonly string[], env: Environment = {}, {cwd}: RunOptions = {}): ChildProcess {
  const {HACTL_SOCKET: _, HACTL_HOST: __, NODE_OPTIONS: ___, ...inherited} = process.env
  const options = {env: {...inherited, XDG_CONFIG_HOME: NO_CONTEXTS, ...env}, ...(cwd === undefined ? {} : {cwd})}
  return spawn(process.execPath, [HACTL, ...argv], {...options, stdio: ['pipe', 'pipe', 'pipe']})
}

/** Runs the program to its end. */
export async function runHactl(argv: readonly string[], env?: Environment, options: RunOptions = {}): Promise<Outcome> {
  const child = startHactl(argv, env, options)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  // What fails before it reads closes its end of the pipe.
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input)
  const [code] = (await once(child, 'close')) as [number | null]
  return {code, stdout, stderr}
}
