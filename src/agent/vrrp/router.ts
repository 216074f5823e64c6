import type {RouterConfig} from '../../config/router-config.ts'
import type {RouterCounters, TrackStatus, Vip, VirtualRouter} from '../../control/model.ts'
import {type Track, trackAdds} from '../../core/track/tracking.ts'
import type {MonotonicMs} from '../../core/units.ts'
import {describeObstacle} from '../../core/vrrp/describe.ts'
import {NO_QUESTIONS, type Questions} from '../../core/vrrp/questions.ts'
import {NO_RIVALS, type RivalWatch} from '../../core/vrrp/split-brain.ts'
import {type Conditions, type Heard, initialState, type VrrpState} from '../../core/vrrp/state.ts'
import {masterDownIntervalMs} from '../../core/vrrp/timing.ts'
import {initialWireState, type WireState} from '../../core/vrrp/wire-state.ts'
import type {ObjectHolder} from './object-holder.ts'
import {Peers} from './peers.ts'
import {Rejections} from './rejections.ts'

/** One virtual router as it runs: its configuration, its machine's state, and what is only told to people. */
export interface Router {
  config: RouterConfig
  /** What holds for it alone; its state has the conditions that it runs under as a member of its group. */
  own: Conditions
  state: VrrpState
  /** Why an operator does not want it to be master; undefined: nobody minds. */
  held: string | undefined
  /** It runs beside another daemon: nothing that it wants is done. */
  observed: boolean
  readonly holder: ObjectHolder
  readonly rejections: Rejections
  readonly peers: Peers
  rivals: RivalWatch
  /** As they were when something was last told of them. */
  toldRivals: RivalWatch
  /** What is asked of the segment while it is master. */
  questions: Questions
  readonly counters: {-readonly [Name in Exclude<keyof RouterCounters, 'rejected'>]: number}
  since: Date
  reason: string
  /** The last advertisement that was obeyed or at least well-formed, whatever the state. */
  heard: (Heard & {readonly date: Date}) | undefined
  /** What it remembers of the packets sent and heard. */
  wire: WireState
}

/** A router before its first event. */
export function newRouter(config: RouterConfig, holder: ObjectHolder): Router {
  const own: Conditions = {
    faults: [],
    waitingFor: [],
    priority: config.priority,
    source: undefined,
    held: undefined,
  }
  return {
    config,
    own,
    state: initialState(own),
    held: undefined,
    observed: false,
    holder,
    rejections: new Rejections(),
    peers: new Peers(),
    rivals: NO_RIVALS,
    toldRivals: NO_RIVALS,
    questions: NO_QUESTIONS,
    counters: {
      advertisementsSent: 0,
      advertisementsReceived: 0,
      becameMaster: 0,
      releasedMaster: 0,
      priorityZeroSent: 0,
      priorityZeroReceived: 0,
      garpSent: 0,
      neighbourAdvertisementsSent: 0,
      sendErrors: 0,
      addressListsDiffering: 0,
      intervalsDiffering: 0,
      splitBrains: 0,
    },
    since: new Date(),
    reason: 'not started yet',
    heard: undefined,
    wire: initialWireState(Math.floor(Math.random() * 0x1_0000)),
  }
}

/** The router as the API shows it. */
export function describeRouter(
  router: Router,
  {tracks, vips}: {readonly tracks: readonly Track[]; readonly vips: readonly Vip[]},
): VirtualRouter {
  const {config, state, heard, rivals} = router
  const {priority, source, faults} = state.conditions
  const intervalMs = state.name === 'backup' ? state.masterIntervalMs : config.advertIntervalMs
  return {
    name: config.name,
    interface: config.interface,
    device: config.ownDevice?.name ?? null,
    group: config.group ?? null,
    vrid: config.vrid,
    family: config.family,
    version: config.version,
    transport: config.transport.type,
    state: state.name,
    since: router.since.toISOString(),
    reason: describeObstacle(state) ?? router.reason,
    held: state.conditions.held ?? null,
    observed: router.observed,
    priority: {base: config.priority, effective: priority},
    advertIntervalMs: config.advertIntervalMs,
    downTimerAdverts: config.downTimerAdverts,
    masterDownIntervalMs: masterDownIntervalMs(config, priority, intervalMs),
    preempt: config.preempt,
    preemptDelayMs: config.preemptDelayMs,
    source: source ?? null,
    heard: heard ? {address: heard.source, priority: heard.priority, lastSeen: heard.date.toISOString()} : null,
    splitBrain: rivals.since === undefined ? null : rivals.rivals.map(({name, how}) => ({rival: name, how})),
    faults,
    tracking: tracks.map(track => describeTrack(config, track)),
    vips,
    peers: router.peers.list,
    counters: {...router.counters, rejected: router.rejections.counts},
  }
}

/** Whether `resumeUntil` and the like lie ahead is asked of this. */
export const isMaster = (router: Router): boolean => router.state.name === 'master'

/** Remembers who was heard; says whether it is somebody else than before. */
export function rememberHeard(router: Router, heard: Heard, now: MonotonicMs): boolean {
  const {heard: before} = router
  router.heard = {...heard, at: now, date: new Date()}
  return before?.source !== heard.source
}

function describeTrack(config: RouterConfig, track: Track): TrackStatus {
  const space = track.label.indexOf(' ')
  return {
    kind: track.label.slice(0, space) as TrackStatus['kind'],
    name: track.label.slice(space + 1),
    state: track.verdict,
    adds: trackAdds(config.priority, track),
    weight: track.weight,
    detail: track.detail ?? null,
  }
}
