import type {RouterConfig} from '../../config/router-config.ts'
import type {RouterCounters, TrackStatus, Vip, VirtualRouter} from '../../control/model.ts'
import type {IpAddress} from '../../core/ip.ts'
import {evaluateTracks, type Track, trackAdds} from '../../core/track/tracking.ts'
import type {MonotonicMs} from '../../core/units.ts'
import {type Conditions, type Heard, initialState, type VrrpState} from '../../core/vrrp/state.ts'
import {masterDownIntervalMs} from '../../core/vrrp/timing.ts'
import type {TrackerStanding} from '../channel.ts'
import type {AddressHolder} from './address-holder.ts'
import {Rejections} from './rejections.ts'

/** One virtual router as it runs: its configuration, its machine's state, and what is only told to people. */
export interface Router {
  config: RouterConfig
  state: VrrpState
  /** VIPs that somebody took away and that are on their way back, by `keyOf`. */
  readonly lost: Set<string>
  readonly holder: AddressHolder
  readonly rejections: Rejections
  readonly counters: {-readonly [Name in Exclude<keyof RouterCounters, 'rejected'>]: number}
  since: Date
  reason: string
  /** The last advertisement that was obeyed or at least well-formed, whatever the state. */
  heard: (Heard & {readonly date: Date}) | undefined
  /** IPv4 identification of the next packet. */
  identification: number
}

/** A router before its first event. */
export function newRouter(config: RouterConfig, holder: AddressHolder): Router {
  return {
    config,
    state: initialState({faults: [], waitingFor: [], priority: config.priority, source: undefined}),
    lost: new Set(),
    holder,
    rejections: new Rejections(),
    counters: {
      advertisementsSent: 0,
      advertisementsReceived: 0,
      becameMaster: 0,
      priorityZeroSent: 0,
      priorityZeroReceived: 0,
      garpSent: 0,
      sendErrors: 0,
      addressListsDiffering: 0,
    },
    since: new Date(),
    reason: 'not started yet',
    heard: undefined,
    identification: Math.floor(Math.random() * 0x1_0000),
  }
}

/** What names something tracked: "script chk_nginx". */
export const trackerKey = ({kind, name}: {readonly kind: string; readonly name: string}): string => `${kind} ${name}`

/** What an instance tracks, as it stands. */
export function tracksOf(config: RouterConfig, trackers: ReadonlyMap<string, TrackerStanding>): readonly Track[] {
  return config.tracks.map(track => {
    const standing = trackers.get(trackerKey(track))
    return {
      label: trackerKey(track),
      weight: track.weight,
      reverse: track.reverse,
      verdict: standing?.verdict ?? 'unknown',
      value: standing?.value,
      detail: standing?.detail,
    }
  })
}

/** Everything that decides whether a router may run, put together. */
export function conditionsOf(
  config: RouterConfig,
  tracks: readonly Track[],
  link: {readonly faults: readonly string[]; readonly source: IpAddress | undefined},
): Conditions {
  const tracking = evaluateTracks(config.priority, tracks)
  return {
    faults: [...link.faults, ...tracking.faults],
    waitingFor: tracking.waitingFor,
    priority: tracking.priority,
    source: link.source,
  }
}

/** The router as the API shows it. */
export function describeRouter(
  router: Router,
  {tracks, vips}: {readonly tracks: readonly Track[]; readonly vips: readonly Vip[]},
): VirtualRouter {
  const {config, state, heard} = router
  const {priority, source, faults} = state.conditions
  const intervalMs = state.name === 'backup' ? state.masterIntervalMs : config.advertIntervalMs
  return {
    name: config.name,
    interface: config.interface,
    vrid: config.vrid,
    version: config.version,
    state: state.name,
    since: router.since.toISOString(),
    reason: router.reason,
    priority: {base: config.priority, effective: priority},
    advertIntervalMs: config.advertIntervalMs,
    masterDownIntervalMs: masterDownIntervalMs(config.version, priority, intervalMs),
    preempt: config.preempt,
    preemptDelayMs: config.preemptDelayMs,
    source: source ?? null,
    heard: heard ? {address: heard.source, priority: heard.priority, lastSeen: heard.date.toISOString()} : null,
    faults,
    tracking: tracks.map(track => describeTrack(config, track)),
    vips,
    counters: {...router.counters, rejected: router.rejections.counts},
  }
}

/** Whether `resumeUntil` and the like lie ahead is asked of this. */
export const isMaster = (router: Router): boolean => router.state.name === 'master'

/** Same content, so that nothing needs to be told to the machine. */
export const sameConditions = (a: Conditions, b: Conditions): boolean =>
  a.priority === b.priority &&
  a.source === b.source &&
  a.faults.join('\n') === b.faults.join('\n') &&
  a.waitingFor.join('\n') === b.waitingFor.join('\n')

function describeTrack(config: RouterConfig, track: Track): TrackStatus {
  return {
    kind: track.label.slice(0, track.label.indexOf(' ')) as TrackStatus['kind'],
    name: track.label.slice(track.label.indexOf(' ') + 1),
    state: track.verdict,
    adds: trackAdds(config.priority, track),
    weight: track.weight,
    detail: track.detail ?? null,
  }
}

/** Remembers who was heard; says whether it is somebody else than before. */
export function rememberHeard(router: Router, heard: Heard, now: MonotonicMs): boolean {
  const {heard: before} = router
  router.heard = {...heard, at: now, date: new Date()}
  return before?.source !== heard.source
}
