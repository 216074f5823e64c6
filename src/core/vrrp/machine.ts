import type {IpAddress} from '../ip.ts'
import {compareIp} from '../ip.ts'
import {unreachable} from '../never.ts'
import {after, earliest, type MonotonicMs, type Priority} from '../units.ts'
import {LEAVING_PRIORITY, OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import {DOWN_INTERVALS, masterDownIntervalMs, skewMs} from './timing.ts'

/** What must hold for a virtual router to run, as the agent sees it now: level, not edge. */
export interface Conditions {
  /** Sentences, each a reason not to run: "eth0 is down". Empty: fit to run. */
  readonly faults: readonly string[]
  /** Trackers that have not reported once; while there are any, the router waits in init. */
  readonly waitingFor: readonly string[]
  /** Effective priority: base with tracking weights, 1..254, or 255 for the address owner. */
  readonly priority: Priority
  /** The address advertisements leave from; decides between equal priorities. */
  readonly source: IpAddress | undefined
}

/** Who advertised last, and what. */
export interface Heard {
  readonly source: IpAddress
  readonly priority: Priority
  readonly at: MonotonicMs
}

interface Common {
  readonly conditions: Conditions
}

/** One virtual router's state. RFC 9568 section 6.4; `fault` is keepalived's own. */
export type VrrpState =
  | (Common & {readonly name: 'init'})
  | (Common & {readonly name: 'fault'})
  | (Common & {
      readonly name: 'backup'
      readonly masterDownAt: MonotonicMs
      /** The master's interval as learned from it in version 3, else ours; milliseconds. */
      readonly masterIntervalMs: number
      readonly heard: Heard | undefined
      /** While this lies ahead, a master of lower priority is left alone (`preempt_delay`). */
      readonly preemptAt: MonotonicMs | undefined
    })
  | (Common & {
      readonly name: 'master'
      readonly advertAt: MonotonicMs
      readonly lastAdvertAt: MonotonicMs
      readonly burst: {readonly at: MonotonicMs; readonly repeat: number} | undefined
      readonly refreshAt: MonotonicMs | undefined
      /** Before this moment no further answer is given to a lower priority: a flood must not be amplified. */
      readonly answerFrom: MonotonicMs
      /** A VIP that someone deleted goes back at this moment. */
      readonly restoreAt: MonotonicMs | undefined
      readonly restoredAt: MonotonicMs | undefined
    })

export type VrrpEvent =
  /** `resumeUntil`: an earlier process was master, and no backup can have taken over before that moment. */
  | {readonly type: 'started'; readonly resumeUntil: MonotonicMs | undefined}
  | {readonly type: 'clock-advanced'}
  | {
      readonly type: 'advertisement-received'
      readonly source: IpAddress
      readonly priority: Priority
      readonly intervalMs: number
    }
  | {readonly type: 'conditions-changed'; readonly conditions: Conditions}
  | {readonly type: 'configuration-changed'; readonly previous: VrrpConfig}
  | {readonly type: 'addresses-lost'}
  | {readonly type: 'stopped'}

export type VrrpAction =
  | {readonly type: 'send-advertisement'; readonly priority: Priority}
  /** Make all virtual addresses present; those there already are left alone, the others announced so many times. */
  | {readonly type: 'add-addresses'; readonly announceAdded: number}
  | {readonly type: 'remove-addresses'}
  | {readonly type: 'announce-addresses'; readonly repeat: number}

export interface Step {
  readonly state: VrrpState
  readonly actions: readonly VrrpAction[]
}

type Of<Name extends VrrpState['name']> = Extract<VrrpState, {name: Name}>
type Advert = Extract<VrrpEvent, {type: 'advertisement-received'}>

/** A VIP that keeps being deleted is put back this often at most, milliseconds. */
const RESTORE_SPACING_MS = 100
/** Answers to lower priorities are at least an interval divided by this apart. */
const ANSWERS_PER_INTERVAL = 10

/** The state before the first event. */
export const initialState = (conditions: Conditions): VrrpState => ({name: 'init', conditions})

/** Advances one virtual router. Reads no clock and touches no socket. */
export function step(config: VrrpConfig, state: VrrpState, event: VrrpEvent, now: MonotonicMs): Step {
  switch (event.type) {
    case 'started':
      return started(config, state, event.resumeUntil, now)
    case 'clock-advanced':
      return clockAdvanced(config, state, now)
    case 'advertisement-received':
      return advertisementReceived(config, state, event, now)
    case 'conditions-changed':
      return conditionsChanged(config, state, event.conditions, now)
    case 'configuration-changed':
      return configurationChanged(config, state, event.previous, now)
    case 'addresses-lost':
      return addressesLost(config, state, now)
    case 'stopped':
      return stopped(state)
    default:
      return unreachable(event)
  }
}

/** When `clock-advanced` is due; undefined while nothing is pending. An earlier or later call does no harm. */
export function nextDeadline(state: VrrpState): MonotonicMs | undefined {
  switch (state.name) {
    case 'init':
    case 'fault':
      return undefined
    case 'backup':
      return state.masterDownAt
    case 'master':
      return earliest([state.advertAt, state.burst?.at, state.refreshAt, state.restoreAt])
    default:
      return unreachable(state)
  }
}

const stay = (state: VrrpState): Step => ({state, actions: []})

function started(config: VrrpConfig, state: VrrpState, resumeUntil: MonotonicMs | undefined, now: MonotonicMs): Step {
  const {conditions} = state
  if (conditions.faults.length > 0) return {state: {name: 'fault', conditions}, actions: [{type: 'remove-addresses'}]}
  if (conditions.waitingFor.length > 0) {
    return {state: {name: 'init', conditions}, actions: [{type: 'remove-addresses'}]}
  }
  if (resumeUntil !== undefined && now < resumeUntil) return becomeMaster(config, conditions, now)
  if (conditions.priority === OWNER_PRIORITY && config.initialState === 'master') {
    return becomeMaster(config, conditions, now)
  }
  // Whatever an earlier run left on the interface must go before somebody else is heard.
  return {state: backup(config, conditions, now), actions: [{type: 'remove-addresses'}]}
}

function clockAdvanced(config: VrrpConfig, state: VrrpState, now: MonotonicMs): Step {
  switch (state.name) {
    case 'init':
    case 'fault':
      return stay(state)
    case 'backup':
      return now < state.masterDownAt ? stay(state) : becomeMaster(config, state.conditions, now)
    case 'master':
      return masterClock(config, state, now)
    default:
      return unreachable(state)
  }
}

/** RFC 9568 section 6.4.3: Adver_Timer; the bursts and refreshes are keepalived's. */
function masterClock(config: VrrpConfig, state: Of<'master'>, now: MonotonicMs): Step {
  const actions: VrrpAction[] = []
  let next = state
  if (now >= state.advertAt) {
    actions.push({type: 'send-advertisement', priority: state.conditions.priority})
    // On the beat while we keep up with it; after a stall from now on, with no volley to catch up.
    const onBeat = after(state.advertAt, config.advertIntervalMs)
    const advertAt = onBeat > now ? onBeat : after(now, config.advertIntervalMs)
    next = {...next, advertAt, lastAdvertAt: now}
  }
  if (state.restoreAt !== undefined && now >= state.restoreAt) {
    actions.push({type: 'add-addresses', announceAdded: config.garp.repeat})
    next = {...next, restoreAt: undefined, restoredAt: now}
  }
  if (state.burst && now >= state.burst.at) {
    actions.push({type: 'announce-addresses', repeat: state.burst.repeat})
    next = {...next, burst: undefined}
  }
  if (state.refreshAt !== undefined && now >= state.refreshAt) {
    actions.push({type: 'announce-addresses', repeat: config.garp.refreshRepeat})
    next = {...next, refreshAt: after(now, config.garp.refreshMs)}
  }
  return {state: next, actions}
}

function advertisementReceived(config: VrrpConfig, state: VrrpState, advert: Advert, now: MonotonicMs): Step {
  switch (state.name) {
    case 'init':
    case 'fault':
      return stay(state)
    case 'backup':
      return backupHears(config, state, advert, now)
    case 'master':
      return masterHears(config, state, advert, now)
    default:
      return unreachable(state)
  }
}

/** RFC 9568 section 6.4.2 and 6.1; keepalived: `preempt_delay`, and version 3 learns the master's interval. */
function backupHears(config: VrrpConfig, state: Of<'backup'>, advert: Advert, now: MonotonicMs): Step {
  const ours = state.conditions.priority
  const heard: Heard = {source: advert.source, priority: advert.priority, at: now}
  if (advert.priority === LEAVING_PRIORITY) {
    // Never later than it was: a stream of these must not hold the take-over off.
    const leavingAt = after(now, skewMs(config.version, ours, state.masterIntervalMs))
    return stay({...state, heard, masterDownAt: earliest([leavingAt, state.masterDownAt]) ?? leavingAt})
  }
  const lower = advert.priority < ours
  let {preemptAt} = state
  if (!lower) preemptAt = undefined
  else if (config.preempt && config.preemptDelayMs > 0) preemptAt ??= after(now, config.preemptDelayMs)
  const accepted = !lower || !config.preempt || (preemptAt !== undefined && now < preemptAt)
  // A lower priority is not obeyed, and the timer that runs already brings the take-over on its own schedule.
  if (!accepted) return stay({...state, heard, preemptAt})
  const masterIntervalMs = config.version === 3 ? advert.intervalMs : config.advertIntervalMs
  const masterDownAt = after(now, masterDownIntervalMs(config.version, ours, masterIntervalMs))
  return stay({...state, heard, preemptAt, masterIntervalMs, masterDownAt})
}

/** RFC 9568 section 6.4.3. */
function masterHears(config: VrrpConfig, state: Of<'master'>, advert: Advert, now: MonotonicMs): Step {
  const ours = state.conditions.priority
  if (advert.priority === LEAVING_PRIORITY) return answer(config, state, now, {announce: false})
  const beatsUs = advert.priority > ours || (advert.priority === ours && addressBeatsOurs(state.conditions, advert))
  // A master that slept so long that a backup rightly took over has no claim left, unless it may preempt.
  const overslept = !config.preempt && now - state.lastAdvertAt > DOWN_INTERVALS * config.advertIntervalMs
  if (beatsUs || overslept) {
    const masterIntervalMs = config.version === 3 ? advert.intervalMs : config.advertIntervalMs
    const next: Of<'backup'> = {
      ...backup(config, state.conditions, now),
      masterIntervalMs,
      masterDownAt: after(now, masterDownIntervalMs(config.version, ours, masterIntervalMs)),
      heard: {source: advert.source, priority: advert.priority, at: now},
    }
    return {state: next, actions: [{type: 'remove-addresses'}]}
  }
  // Our own advertisement come back, or a second host with our address: there is nobody to yield to.
  if (advert.priority === ours && advert.source === state.conditions.source) return stay(state)
  return answer(config, state, now, {announce: true})
}

/** Tells a sender that does not outrank us that a master is here, and the segment where the addresses are. */
function answer(config: VrrpConfig, state: Of<'master'>, now: MonotonicMs, how: {announce: boolean}): Step {
  if (now < state.answerFrom) return stay(state)
  const {garp} = config
  const actions: VrrpAction[] = [{type: 'send-advertisement', priority: state.conditions.priority}]
  if (how.announce) actions.push({type: 'announce-addresses', repeat: garp.lowerPriorityRepeat})
  const later = how.announce && garp.lowerPriorityDelayMs > 0
  return {
    state: {
      ...state,
      advertAt: after(now, config.advertIntervalMs),
      lastAdvertAt: now,
      answerFrom: after(now, config.advertIntervalMs / ANSWERS_PER_INTERVAL),
      burst: later ? {at: after(now, garp.lowerPriorityDelayMs), repeat: garp.lowerPriorityRepeat} : state.burst,
    },
    actions,
  }
}

function conditionsChanged(config: VrrpConfig, state: VrrpState, conditions: Conditions, now: MonotonicMs): Step {
  if (conditions.faults.length > 0) {
    const actions: VrrpAction[] = [{type: 'remove-addresses'}]
    if (state.name === 'master') actions.unshift({type: 'send-advertisement', priority: LEAVING_PRIORITY})
    return state.name === 'fault' ? stay({...state, conditions}) : {state: {name: 'fault', conditions}, actions}
  }
  switch (state.name) {
    case 'init':
      return conditions.waitingFor.length > 0
        ? stay({...state, conditions})
        : started(config, {name: 'init', conditions}, undefined, now)
    case 'fault':
      // Out of fault always by way of backup, with the whole timer, the owner too.
      return stay(conditions.waitingFor.length > 0 ? {name: 'init', conditions} : backup(config, conditions, now))
    case 'backup': {
      const {version} = config
      const shift =
        skewMs(version, conditions.priority, state.masterIntervalMs) -
        skewMs(version, state.conditions.priority, state.masterIntervalMs)
      return stay({...state, conditions, masterDownAt: after(state.masterDownAt, shift)})
    }
    case 'master':
      return stay({...state, conditions})
    default:
      return unreachable(state)
  }
}

/** A reload that touched this virtual router: timers move to the new values, a master stays a master. */
function configurationChanged(config: VrrpConfig, state: VrrpState, previous: VrrpConfig, now: MonotonicMs): Step {
  switch (state.name) {
    case 'init':
    case 'fault':
      return stay(state)
    case 'backup': {
      const learned = config.version === 3 && state.heard !== undefined
      const masterIntervalMs = learned ? state.masterIntervalMs : config.advertIntervalMs
      const {priority} = state.conditions
      const shift =
        masterDownIntervalMs(config.version, priority, masterIntervalMs) -
        masterDownIntervalMs(previous.version, priority, state.masterIntervalMs)
      return stay({...state, masterIntervalMs, masterDownAt: after(state.masterDownAt, shift)})
    }
    case 'master':
      return {
        state: {
          ...state,
          advertAt: after(now, config.advertIntervalMs),
          lastAdvertAt: now,
          refreshAt: config.garp.refreshMs > 0 ? (state.refreshAt ?? after(now, config.garp.refreshMs)) : undefined,
        },
        actions: [
          {type: 'send-advertisement', priority: state.conditions.priority},
          {type: 'add-addresses', announceAdded: config.garp.repeat},
        ],
      }
    default:
      return unreachable(state)
  }
}

function addressesLost(config: VrrpConfig, state: VrrpState, now: MonotonicMs): Step {
  if (state.name !== 'master') return stay(state)
  const restoreAt = state.restoredAt === undefined ? now : after(state.restoredAt, RESTORE_SPACING_MS)
  if (restoreAt > now) return stay({...state, restoreAt})
  return {
    state: {...state, restoreAt: undefined, restoredAt: now},
    actions: [{type: 'add-addresses', announceAdded: config.garp.repeat}],
  }
}

function stopped(state: VrrpState): Step {
  const actions: VrrpAction[] = [{type: 'remove-addresses'}]
  if (state.name === 'master') actions.unshift({type: 'send-advertisement', priority: LEAVING_PRIORITY})
  return {state: {name: 'init', conditions: state.conditions}, actions}
}

function backup(config: VrrpConfig, conditions: Conditions, now: MonotonicMs): Of<'backup'> {
  const masterIntervalMs = config.advertIntervalMs
  return {
    name: 'backup',
    conditions,
    masterIntervalMs,
    masterDownAt: after(now, masterDownIntervalMs(config.version, conditions.priority, masterIntervalMs)),
    heard: undefined,
    preemptAt: undefined,
  }
}

/** Advertisement first, so that the others know at once; then the addresses; then the announcements. */
function becomeMaster(config: VrrpConfig, conditions: Conditions, now: MonotonicMs): Step {
  const {garp} = config
  return {
    state: {
      name: 'master',
      conditions,
      advertAt: after(now, config.advertIntervalMs),
      lastAdvertAt: now,
      burst: garp.delayMs > 0 ? {at: after(now, garp.delayMs), repeat: garp.repeat} : undefined,
      refreshAt: garp.refreshMs > 0 ? after(now, garp.delayMs + garp.refreshMs) : undefined,
      answerFrom: now,
      restoreAt: undefined,
      restoredAt: undefined,
    },
    actions: [
      {type: 'send-advertisement', priority: conditions.priority},
      {type: 'add-addresses', announceAdded: 0},
      {type: 'announce-addresses', repeat: garp.repeat},
    ],
  }
}

/** RFC 9568 section 6.4.3: the greater source address wins between equals. */
function addressBeatsOurs(conditions: Conditions, advert: Advert): boolean {
  return conditions.source !== undefined && compareIp(advert.source, conditions.source) > 0
}
