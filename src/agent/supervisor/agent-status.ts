import {hostname} from 'node:os'
import type {Diagnostic, LoadedConfig} from '../../config/config.ts'
import type {Trial} from '../../control/config-model.ts'
import type {AgentStatus, ProcessStatus} from '../../control/model.ts'
import {configurationHashes} from './configuration-hash.ts'
import {FilesOnDisk} from './files-on-disk.ts'
import type {SupervisorOptions} from './supervisor.ts'

/** What an agent says of itself beyond its start, as it is now. */
export interface StatusSources {
  readonly loaded: LoadedConfig
  readonly loadedAt: string
  /** Why the last reload was refused. */
  readonly refused: string | null
  readonly trial: Trial | null
  readonly processes: readonly ProcessStatus[]
  /** How many. */
  readonly overrides: number
  readonly stateProblem: string | null
}

/** Puts together what `GET /v1/agent` answers; what takes its time is found out once for each configuration. */
export class StatusReporter {
  readonly #options: SupervisorOptions
  readonly #startedAt: string
  #known: {readonly loaded: LoadedConfig; readonly facts: Facts; readonly files: FilesOnDisk} | undefined

  /** `startedAt`: ISO 8601. */
  constructor(options: SupervisorOptions, startedAt: string) {
    this.#options = options
    this.#startedAt = startedAt
  }

  /** The agent as it is. */
  report(now: StatusSources): AgentStatus {
    const {configFile, version, observe, stateDir, socketPath} = this.#options
    const {facts, files} = this.#knownOf(now.loaded)
    return {
      version,
      node: now.loaded.config.global.routerId ?? hostname(),
      pid: process.pid,
      startedAt: this.#startedAt,
      configuration: {
        file: configFile,
        loadedAt: now.loadedAt,
        errors: facts.errors,
        warnings: facts.warnings,
        refused: now.refused,
        hash: facts.hash,
        sharedHash: facts.sharedHash,
        onDisk: files.state(),
        trial: now.trial,
      },
      processes: now.processes,
      memoryBytes: process.memoryUsage.rss(),
      overrides: now.overrides,
      observes: observe,
      stateDirectory: stateDir,
      stateProblem: now.stateProblem,
      socket: socketPath,
    }
  }

  #knownOf(loaded: LoadedConfig): {readonly facts: Facts; readonly files: FilesOnDisk} {
    if (this.#known?.loaded !== loaded) {
      this.#known = {loaded, facts: factsOf(loaded), files: new FilesOnDisk(loaded.texts, loaded.files[0])}
    }
    return this.#known
  }
}

/** What is counted and computed of a configuration. */
interface Facts {
  readonly errors: number
  readonly warnings: number
  readonly hash: string
  readonly sharedHash: string
}

function factsOf({config, diagnostics}: LoadedConfig): Facts {
  const count = (severity: Diagnostic['severity']): number =>
    diagnostics.filter(each => each.severity === severity).length
  const {whole: hash, shared} = configurationHashes(config)
  return {errors: count('error'), warnings: count('warning'), hash, sharedHash: shared}
}
