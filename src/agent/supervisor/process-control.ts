import type {Config, LoadedConfig} from '../../config/config.ts'
import {loadConfig} from '../../config/load.ts'
import {setThreadName} from '../../kernel/libc.ts'
import type {ProcessSettings} from '../own-process.ts'
import {ConfigSaver, removeReloadFile, whileReloadFile, writeCheckLog} from './process-files.ts'
import {ReloadClock} from './process-reload-time.ts'
import {type ChildName, childWaitMs, processSettings, supervisorName} from './process-settings.ts'

/** What of a child is set here. */
export interface ControlledChild {
  settings: ProcessSettings
  stopWithinMs: number
}

/** What the processes of the agent are controlled with. */
export interface ProcessControlOptions {
  readonly children: {readonly [Name in ChildName]: ControlledChild}
  /** The moment of `reload_time_file` has come. */
  readonly onReloadDue: () => void
  readonly tell: (line: string) => void
}

/** What a configuration says of the agent's processes themselves and of the files around its loading. */
export class ProcessControl {
  readonly #options: ProcessControlOptions
  readonly #clock: ReloadClock
  readonly #saver = new ConfigSaver()

  constructor(options: ProcessControlOptions) {
    this.#options = options
    this.#clock = new ReloadClock({onDue: options.onReloadDue, onNote: options.tell})
  }

  /** Reads a configuration anew as the running one wants it done: `reload_file`, `reload_check_config`. */
  load(file: string, running: Config): LoadedConfig {
    const {reloadFile, reloadCheckConfig} = running.global
    const loaded = whileReloadFile(reloadFile, () => loadConfig(file), this.#options.tell)
    writeCheckLog(reloadCheckConfig, loaded.diagnostics, this.#options.tell)
    return loaded
  }

  /** Puts a configuration to work: names, priorities, umask, waiting times and files. */
  use(config: Config): void {
    const {children, tell} = this.#options
    setThreadName(supervisorName(config))
    process.umask(config.global.umask)
    for (const name of ['vrrp', 'check'] as const) {
      children[name].settings = processSettings(config, name)
      children[name].stopWithinMs = childWaitMs(config)
    }
    this.#saver.save(config, tell)
    removeReloadFile(config.global.reloadFile, tell)
    this.#clock.configure(config.global.reloadTimeFile, config.global.reloadRepeat)
  }

  /** No reload comes due after it. */
  stop(): void {
    this.#clock.stop()
  }
}
