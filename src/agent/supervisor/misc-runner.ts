import {constants} from 'node:os'
import type {MiscProbePlan} from '../../core/check/plan.ts'
import type {ProbeResult} from '../../core/check/result.ts'
import type {ScriptResult} from '../../core/track/script.ts'
import type {RunningCommand} from './run-command.ts'
import {type ScriptPolicy, startScript} from './start-script.ts'

interface Run {
  readonly probe: MiscProbePlan
  readonly resolve: (result: ProbeResult) => void
}

/**
 * Runs the programs of MISC_CHECK, so many at once and the others one after the other as these end. A program that was
 * killed and does not die is not started again while it is there.
 */
export class MiscRunner {
  /** Whom they run as, and how careful to be with them. */
  policy: ScriptPolicy = {scriptUser: undefined, enableScriptSecurity: true}
  readonly #most: number
  readonly #running = new Map<Run, RunningCommand>()
  readonly #stuck = new Set<string>()
  #waiting: Run[] = []

  constructor({most = MOST_AT_ONCE}: {readonly most?: number} = {}) {
    this.#most = most
  }

  /** How many programs run now. */
  get running(): number {
    return this.#running.size
  }

  /** How many wait until others have ended. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Runs one, as soon as it is its turn; its time counts from then on. Never rejects. */
  run(probe: MiscProbePlan): Promise<ProbeResult> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.resolve(notRun(`${MOST_WAITING} others wait`))
    return new Promise(resolve => {
      this.#waiting.push({probe, resolve})
      this.#startNext()
    })
  }

  /** Ends all that run, with their process groups, and forgets what waits. Resolves when they have ended. */
  async cancel(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    for (const {resolve} of waiting) resolve(CANCELLED)
    const running = [...this.#running]
    this.#running.clear()
    for (const [{resolve}, command] of running) {
      resolve(CANCELLED)
      command.kill()
    }
    await Promise.all(running.map(([, {result}]) => result))
  }

  #startNext(): void {
    while (this.#running.size < this.#most) {
      const run = this.#waiting.shift()
      if (run === undefined) return
      this.#start(run)
    }
  }

  #start(run: Run): void {
    const {words, user, timeoutMs, dynamic} = run.probe
    const key = JSON.stringify([words, user])
    const [program, ...others] = words
    if (program === undefined) {
      run.resolve(notRun('no program is named'))
      return
    }
    if (this.#stuck.has(key)) {
      run.resolve({ok: false, latencyMs: 0, reason: 'an earlier run does not end'})
      return
    }
    const runAs = user && {user: user.name, ...(user.group === undefined ? {} : {group: user.group})}
    const startedAt = performance.now()
    const command = startScript({argv: [program, ...others], ...(runAs ? {runAs} : {})}, this.policy, {timeoutMs})
    this.#running.set(run, command)
    let isGone = false
    void command.ended.then(() => {
      isGone = true
      this.#stuck.delete(key)
    })
    void command.result.then(result => {
      if (!isGone) this.#stuck.add(key)
      this.#running.delete(run)
      run.resolve(miscResult(result, {dynamic, latencyMs: performance.now() - startedAt}))
      this.#startNext()
    })
  }
}

/** What the end of a program means: exit status 0 is good, with `misc_dynamic` 2 to 255 too. keepalived.conf(5) */
export function miscResult(
  result: ScriptResult,
  {dynamic, latencyMs}: {readonly dynamic: boolean; readonly latencyMs: number},
): ProbeResult {
  switch (result.type) {
    case 'exited': {
      const {status} = result
      const text = `exit status ${status}`
      if (status === 0) return {ok: true, latencyMs, detail: text, weight: undefined}
      if (!dynamic || status === 1) return {ok: false, latencyMs, reason: text}
      return {ok: true, latencyMs, detail: text, weight: {type: 'instead', weight: status - 2}}
    }
    case 'killed':
      return {ok: false, latencyMs, reason: `killed by ${signalNumber(result.signal)}`}
    case 'timed-out':
      return {ok: false, latencyMs, reason: `timeout after ${result.afterMs / 1000} s`}
    case 'not-started':
      return {...notRun(result.reason), latencyMs}
  }
}

const notRun = (why: string): ProbeResult => ({ok: false, latencyMs: 0, reason: `cannot be run: ${why}`})

function signalNumber(name: string): string {
  const number = (constants.signals as {readonly [name: string]: number | undefined})[name]
  return number === undefined ? name : `signal ${number}`
}

const CANCELLED: ProbeResult = {ok: false, latencyMs: 0, reason: 'cancelled'}
/** Each takes a process and a millisecond of the supervisor to start. */
const MOST_AT_ONCE = 64
/** One for each MISC_CHECK of a very large configuration. */
const MOST_WAITING = 20_000
