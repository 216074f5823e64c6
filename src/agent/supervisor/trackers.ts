import type {Config} from '../../config/config.ts'
import {routersOf, type TrackedKind} from '../../config/router-config.ts'
import type {TrackerStanding} from '../channel.ts'
import {checkedFiles} from './check-files.ts'
import {FileTracker} from './file-tracker.ts'
import {ProcessTracker} from './process-tracker.ts'
import {ScriptRunner} from './script-runner.ts'

/** Where news of what is tracked go. */
export interface TrackersOptions {
  /** After it `standings` has it too. Not called for files and processes that are known as soon as configured. */
  readonly onChange: (standing: TrackerStanding, before: TrackerStanding) => void
  /** Something that hinders tracking, in a sentence for the journal; at most once until it is configured anew. */
  readonly onTrouble: (text: string) => void
}

/**
 * Everything that virtual routers track and that the supervisor watches for them: scripts, files and processes; and the
 * files that checkers follow. Only what a virtual router that is run tracks, or a checker follows, is watched.
 */
export class Trackers {
  readonly #scripts: ScriptRunner
  readonly #files: FileTracker
  readonly #processes: ProcessTracker

  constructor({onChange, onTrouble}: TrackersOptions) {
    this.#scripts = new ScriptRunner(onChange)
    this.#files = new FileTracker({onChange, onTrouble})
    this.#processes = new ProcessTracker({onChange, onTrouble})
  }

  /** Takes a configuration. What it does not change keeps its standing. */
  configure(config: Config): void {
    const tracked = trackedNames(config)
    this.#scripts.configure(config, tracked('script'))
    this.#files.configure(config.trackFiles, new Set([...tracked('file'), ...checkedFiles(config)]))
    const processes = tracked('process')
    const {processMonitorBytes} = config.global
    this.#processes.configure(
      config.trackProcesses.filter(({name}) => processes.has(name)),
      processMonitorBytes > 0 ? processMonitorBytes : undefined,
    )
  }

  /** How everything stands that is watched. */
  get standings(): readonly TrackerStanding[] {
    return [...this.#scripts.standings, ...this.#files.standings, ...this.#processes.standings]
  }

  /** Ends watching, and scripts that run. */
  stop(): void {
    this.#scripts.stop()
    this.#files.stop()
    this.#processes.stop()
  }
}

/** A change in a sentence without a full stop: "script chk_nginx went bad: exit status 1". */
export function describeChange(standing: TrackerStanding, before: TrackerStanding): string {
  const {kind, name, verdict, value, detail} = standing
  const what = `${kind} ${name}`
  if (kind === 'file') {
    const counts = `${detail ?? ''}; it counts as ${value ?? 0}`
    return `${what}: ${counts}${before.verdict === 'unknown' ? '' : `, before as ${before.value ?? 0}`}`
  }
  const words = before.verdict === 'unknown' ? `is ${verdict}` : verdict === 'good' ? 'is good again' : 'went bad'
  return `${what} ${words}${detail === undefined ? '' : `: ${detail}`}`
}

function trackedNames(config: Config): (kind: TrackedKind) => ReadonlySet<string> {
  const tracks = routersOf(config).flatMap(router => router.tracks)
  return kind => new Set(tracks.filter(track => track.kind === kind).map(({name}) => name))
}
