import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'

const HACTL = join(import.meta.dirname, '..', '..', 'bin', 'run.cjs')

/** What a run of the program came to. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the program as it was built. */
export function startHactl(argv: readonly string[], env: {readonly [name: string]: string} = {}): ChildProcess {
  const {HACTL_SOCKET: _, HACTL_HOST: __, NODE_OPTIONS: ___, ...inherited} = process.env
  return spawn(process.execPath, [HACTL, ...argv], {env: {...inherited, ...env}, stdio: ['pipe', 'pipe', 'pipe']})
}

/** Runs the program to its end. */
export async function runHactl(argv: readonly string[], env?: {readonly [name: string]: string}): Promise<Outcome> {
  const child = startHactl(argv, env)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  child.stdin?.end()
  const [code] = (await once(child, 'close')) as [number | null]
  return {code, stdout, stderr}
}
