import {type ChildProcess, spawn} from 'node:child_process'
import type {ScriptResult} from '../../core/track/script.ts'
import {errorText} from '../../errors.ts'
import type {RunAs} from './users.ts'

/** How long a script may take to die of SIGTERM before SIGKILL, milliseconds; keepalived's figure. */
const KILL_AFTER_MS = 2_000
/** Taken out of a script's environment, as keepalived does; the NODE_ ones are the agent's own affair. */
const REMOVED_FROM_ENVIRONMENT = ['IFS', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS']

/** A program that runs: its end, and a way to end it. */
export interface RunningCommand {
  readonly result: Promise<ScriptResult>
  /** SIGTERM to its process group, SIGKILL two seconds later. */
  kill(): void
}

/**
 * Starts a program without a shell, in a process group of its own, with nothing on its standard streams. It counts as
 * timed out when it has not ended after `timeoutMs`, however it then dies.
 */
export function startCommand(
  argv: readonly [string, ...string[]],
  {timeoutMs, runAs}: {readonly timeoutMs: number; readonly runAs: RunAs | undefined},
): RunningCommand {
  let child: ChildProcess
  try {
    child = spawn(argv[0], argv.slice(1), {
      stdio: 'ignore',
      detached: true,
      env: scriptEnvironment(),
      ...(runAs && !isSelf(runAs) ? runAs : {}),
    })
  } catch (error) {
    return {result: Promise.resolve({type: 'not-started', reason: errorText(error)}), kill: () => {}}
  }
  let killTimer: NodeJS.Timeout | undefined
  const kill = (): void => {
    signalGroup(child, 'SIGTERM')
    killTimer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS)
  }
  const result = new Promise<ScriptResult>(resolve => {
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      kill()
    }, timeoutMs)
    const end = (outcome: ScriptResult): void => {
      clearTimeout(timer)
      clearTimeout(killTimer)
      resolve(timedOut ? {type: 'timed-out', afterMs: timeoutMs} : outcome)
    }
    child.once('error', error => end({type: 'not-started', reason: startFailure(error, argv[0])}))
    child.once('exit', (status, signal) =>
      end(status === null ? {type: 'killed', signal: signal ?? 'a signal'} : {type: 'exited', status}),
    )
  })
  return {result, kill}
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

function startFailure(error: NodeJS.ErrnoException, program: string): string {
  if (error.code === 'ENOENT') return `there is no ${program}`
  if (error.code === 'EACCES') return `${program} is not executable`
  return error.message
}

const isSelf = ({uid, gid}: RunAs): boolean => uid === process.getuid?.() && gid === process.getgid?.()

function scriptEnvironment(): NodeJS.ProcessEnv {
  const environment = {...process.env}
  for (const name of REMOVED_FROM_ENVIRONMENT) delete environment[name]
  return environment
}
