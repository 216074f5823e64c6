import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {ResolvedTrack} from '../config.ts'
import type {TrackLine} from '../tables/track-lines.ts'
import {definitionHint} from './definition-hint.ts'
import type {Report} from './reporter.ts'

/** Something that can be tracked: its place in the text and what a line that names it inherits. */
export interface Trackable {
  readonly order: number
  readonly weight: number
  readonly reverse: boolean
}

/** Everything that can be tracked, by name. */
export interface Trackables {
  readonly scripts: ReadonlyMap<string, Trackable>
  readonly files: ReadonlyMap<string, Trackable>
  readonly processes: ReadonlyMap<string, Trackable>
  readonly bfds: ReadonlyMap<string, Trackable>
}

/** What is tracked, by the fields of instances and groups that list it. */
export interface TrackFields<Track> {
  readonly trackInterfaces: readonly Track[]
  readonly trackScripts: readonly Track[]
  readonly trackFiles: readonly Track[]
  readonly trackProcesses: readonly Track[]
  readonly trackBfds: readonly Track[]
}

/** Who tracks: what of it decides about the weights. */
export interface Tracker {
  readonly order: number
  /** Undefined for a group. */
  readonly priority?: number
  readonly interface?: string | undefined
}

/** Fills in what lines of `track_…` blocks inherit, and drops those that track nothing, as keepalived does. */
export function resolveTracks(
  settings: TrackFields<TrackLine>,
  trackables: Trackables,
  tracker: Tracker,
  report: Report<unknown>,
): TrackFields<ResolvedTrack> {
  const resolve = (lines: readonly TrackLine[], kind: string, known: ReadonlyMap<string, Trackable>) =>
    resolveLines(lines, {kind, known}, tracker, report)
  return {
    trackInterfaces: resolveInterfaces(settings.trackInterfaces, tracker, report),
    trackScripts: resolve(settings.trackScripts, 'vrrp_script', trackables.scripts),
    trackFiles: resolve(settings.trackFiles, 'track_file', trackables.files),
    trackProcesses: resolve(settings.trackProcesses, 'vrrp_track_process', trackables.processes),
    trackBfds: resolve(settings.trackBfds, 'bfd_instance', trackables.bfds),
  }
}

function resolveLines(
  lines: readonly TrackLine[],
  {kind, known}: {readonly kind: string; readonly known: ReadonlyMap<string, Trackable>},
  tracker: Tracker,
  report: Report<unknown>,
): readonly ResolvedTrack[] {
  const tracks = new Map<string, ResolvedTrack>()
  for (const line of lines) {
    const {name} = line
    const tracked = known.get(name)
    if (!tracked || tracked.order > tracker.order) {
      const lack = tracked ? 'defined before this line' : 'there'
      const hint = tracked ? `move ${kind} up` : definitionHint(kind, name, known.keys())
      report('tracked-undefined', line.position, `${kind} ${name} is not ${lack}; it is not tracked`, hint)
      continue
    }
    if (tracks.has(name)) {
      report('tracked-twice', line.position, `${name} is tracked already; this line is ignored`)
      continue
    }
    const weight = line.weight ?? tracked.weight
    const unused = weight !== 0 || kind === 'track_file'
    if (unused && tracker.priority === OWNER_PRIORITY) {
      const message = `priority 255 never changes, so ${name} with its weight is not tracked`
      report('track-weight-owner', line.position, message)
      continue
    }
    tracks.set(name, {position: line.position, name, weight, reverse: line.reverse ?? tracked.reverse})
  }
  return [...tracks.values()]
}

function resolveInterfaces(
  lines: readonly TrackLine[],
  tracker: Tracker,
  report: Report<unknown>,
): readonly ResolvedTrack[] {
  const tracks = new Map<string, ResolvedTrack>()
  for (const {name, position, weight = 0, reverse = false} of lines) {
    if (name === tracker.interface) {
      const message = `${name} is its own interface, which it tracks anyway; this line is ignored`
      report('track-own-interface', position, message, 'remove the line')
    } else if (tracks.has(name)) report('tracked-twice', position, `${name} is tracked already; this line is ignored`)
    else if (weight !== 0 && tracker.priority === OWNER_PRIORITY) {
      const message = `priority 255 never changes, so ${name} with its weight is not tracked`
      report('track-weight-owner', position, message)
    } else tracks.set(name, {position, name, weight, reverse})
  }
  return [...tracks.values()]
}
