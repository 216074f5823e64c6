import type {Config, ScriptConfig} from '../../config/config.ts'
import {
  countResult,
  describeResult,
  INITIAL_SCRIPT_STATE,
  type ScriptResult,
  type ScriptState,
} from '../../core/track/script.ts'
import type {TrackerStanding} from '../channel.ts'
import type {RunningCommand} from './run-command.ts'
import {type ScriptPolicy, startScript} from './start-script.ts'

interface Runner {
  config: ScriptConfig
  state: ScriptState
  detail: string | undefined
  running: RunningCommand | undefined
  /** It was killed and does not end: it waits for something in the kernel. */
  stuck: boolean
  timer: NodeJS.Timeout
}

/**
 * Runs every tracked `vrrp_script` at its interval, only while its last run has ended, and says when one changes its
 * verdict or the reason for it. A reload keeps the standing of scripts whose command stays.
 */
export class ScriptRunner {
  readonly #runners = new Map<string, Runner>()
  readonly #onChange: (standing: TrackerStanding, before: TrackerStanding) => void
  #policy: ScriptPolicy = {scriptUser: undefined, enableScriptSecurity: true}

  constructor(onChange: (standing: TrackerStanding, before: TrackerStanding) => void) {
    this.#onChange = onChange
  }

  /** Runs the scripts of these names from now on, and no others. */
  configure(config: Config, tracked: ReadonlySet<string>): void {
    this.#policy = config.global
    const wanted = new Map(config.scripts.filter(script => tracked.has(script.name)).map(s => [s.name, s]))
    for (const [name, runner] of this.#runners) {
      const next = wanted.get(name)
      if (!next || !sameCommand(next, runner.config)) this.#remove(name, runner)
    }
    for (const script of wanted.values()) {
      const runner = this.#runners.get(script.name)
      if (!runner) this.#add(script)
      else this.#update(runner, script)
    }
  }

  get standings(): readonly TrackerStanding[] {
    return [...this.#runners.values()].map(standing)
  }

  stop(): void {
    for (const [name, runner] of this.#runners) this.#remove(name, runner)
  }

  #add(config: ScriptConfig): void {
    const runner: Runner = {
      config,
      state: INITIAL_SCRIPT_STATE,
      detail: undefined,
      running: undefined,
      stuck: false,
      timer: setInterval(() => this.#run(runner), config.intervalMs),
    }
    this.#runners.set(config.name, runner)
    this.#run(runner)
  }

  #update(runner: Runner, config: ScriptConfig): void {
    if (config.intervalMs !== runner.config.intervalMs) {
      clearInterval(runner.timer)
      runner.timer = setInterval(() => this.#run(runner), config.intervalMs)
    }
    runner.config = config
  }

  #remove(name: string, runner: Runner): void {
    clearInterval(runner.timer)
    runner.running?.kill()
    this.#runners.delete(name)
  }

  #run(runner: Runner): void {
    if (runner.running) {
      // Another run would get stuck as well; that this one is still there is a failure each time.
      if (runner.stuck) this.#count(runner, {type: 'timed-out', afterMs: runner.config.timeoutMs})
      return
    }
    const {command, timeoutMs} = runner.config
    const running = startScript(command, this.#policy, {timeoutMs})
    runner.running = running
    void running.ended.then(() => {
      runner.running = undefined
      runner.stuck = false
    })
    void running.result.then(result => {
      runner.stuck = runner.running !== undefined
      if (this.#runners.get(runner.config.name) === runner) this.#count(runner, result)
    })
  }

  #count(runner: Runner, result: ScriptResult): void {
    const before = standing(runner)
    runner.state = countResult(runner.state, result, runner.config)
    if (runner.state.verdict === before.verdict) return
    runner.detail = describeResult(result)
    this.#onChange(standing(runner), before)
  }
}

const standing = ({config, state, detail}: Runner): TrackerStanding => ({
  kind: 'script',
  name: config.name,
  verdict: state.verdict,
  detail,
})

const sameCommand = (a: ScriptConfig, b: ScriptConfig): boolean =>
  JSON.stringify(a.command) === JSON.stringify(b.command)
