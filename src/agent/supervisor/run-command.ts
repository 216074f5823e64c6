import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process'
import type {ScriptResult} from '../../core/track/script.ts'
import {errorText} from '../../errors.ts'
import type {RunAs} from './users.ts'

/** How long a script may take to die of SIGTERM before SIGKILL, milliseconds; keepalived's figure. */
const KILL_AFTER_MS = 2_000
/** How long the kernel may take to end what it was told to kill, milliseconds; then nobody waits for it any more. */
const GIVE_UP_AFTER_MS = 1_000
/** Taken out of a script's environment, as keepalived does; the NODE_ ones are the agent's own affair. */
const REMOVED_FROM_ENVIRONMENT = ['IFS', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS']

/** A program that runs: its end, and a way to end it. */
export interface RunningCommand {
  /** How it ended; also when it was killed and the kernel does not let go of it. */
  readonly result: Promise<ScriptResult>
  /** When it is gone; never before `result` is known. */
  readonly ended: Promise<unknown>
  /** SIGTERM to its process group, SIGKILL two seconds later. */
  kill(): void
}

/**
 * Starts a program in a process group of its own, with nothing on its standard streams. No shell is in between, but a
 * text without a first line that names its interpreter is given to one, as keepalived does. It counts as timed out when
 * it has not ended after `timeoutMs`, however it then dies.
 */
export function startCommand(
  argv: readonly [string, ...string[]],
  {timeoutMs, runAs}: {readonly timeoutMs: number; readonly runAs: RunAs | undefined},
): RunningCommand {
  let child: ChildProcess
  try {
    child = spawnProgram(argv, runAs)
  } catch (error) {
    return notStarted(errorText(error))
  }
  let killTimer: NodeJS.Timeout | undefined
  let giveUp = (): void => {}
  const kill = (): void => {
    signalGroup(child, 'SIGTERM')
    killTimer ??= setTimeout(() => {
      signalGroup(child, 'SIGKILL')
      killTimer = setTimeout(() => giveUp(), GIVE_UP_AFTER_MS)
    }, KILL_AFTER_MS)
  }
  const ended = new Promise<ScriptResult>(resolve => {
    child.once('error', error => resolve({type: 'not-started', reason: startFailure(error, argv[0])}))
    child.once('exit', (status, signal) =>
      resolve(status === null ? {type: 'killed', signal: signal ?? 'a signal'} : {type: 'exited', status}),
    )
  })
  const result = new Promise<ScriptResult>(resolve => {
    let timedOut = false
    let immediate: NodeJS.Immediate | undefined
    // Timers come before what happened while this process stood still: it may have ended in time.
    const timer = setTimeout(() => {
      immediate = setImmediate(() => {
        timedOut = true
        kill()
      })
    }, timeoutMs)
    const end = (outcome: ScriptResult): void => {
      clearTimeout(timer)
      clearImmediate(immediate)
      clearTimeout(killTimer)
      resolve(timedOut ? {type: 'timed-out', afterMs: timeoutMs} : outcome)
    }
    giveUp = () => end({type: 'killed', signal: 'SIGKILL'})
    void ended.then(end)
  })
  return {result, ended, kill}
}

/** What could not be started, as a program that has ended. */
export function notStarted(reason: string): RunningCommand {
  const result = Promise.resolve<ScriptResult>({type: 'not-started', reason})
  return {result, ended: result, kill: () => {}}
}

function spawnProgram(argv: readonly [string, ...string[]], runAs: RunAs | undefined): ChildProcess {
  const options: SpawnOptions = {
    stdio: 'ignore',
    detached: true,
    env: scriptEnvironment(),
    ...(runAs && !isSelf(runAs) ? runAs : {}),
  }
  try {
    return spawn(argv[0], argv.slice(1), options)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOEXEC') throw error
    return spawn('/bin/sh', argv, options)
  }
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
