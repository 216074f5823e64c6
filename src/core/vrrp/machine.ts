import {unreachable} from '../never.ts'
import {after, type MonotonicMs} from '../units.ts'
import {backup, backupHears, backupUnder} from './backup.ts'
import {OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import {addressesLost, becomeMaster, LEAVE, masterClock, masterHears} from './master.ts'
import {
  type AdvertisementReceived,
  type Conditions,
  type Step,
  stay,
  type VrrpAction,
  type VrrpEvent,
  type VrrpState,
} from './state.ts'
import {masterDownIntervalMs} from './timing.ts'

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
      return configurationChanged(config, state, event, now)
    case 'addresses-lost':
      return state.name === 'master' ? addressesLost(config, state, now) : stay(state)
    case 'take-over-ordered':
      return takeOverOrdered(config, state, now)
    case 'stopped':
      return {state: {name: 'init', conditions: state.conditions}, actions: goodbye(state)}
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
      return state.conditions.held === undefined ? state.masterDownAt : undefined
    case 'master': {
      // Asked after every packet: nothing is allocated for it.
      const {advertAt, burst, refreshAt, restoreAt} = state
      let due = advertAt
      if (burst && burst.at < due) due = burst.at
      if (refreshAt !== undefined && refreshAt < due) due = refreshAt
      if (restoreAt !== undefined && restoreAt < due) due = restoreAt
      return due
    }
    default:
      return unreachable(state)
  }
}

function started(config: VrrpConfig, state: VrrpState, resumeUntil: MonotonicMs | undefined, now: MonotonicMs): Step {
  const {conditions} = state
  const resumes = resumeUntil !== undefined && now < resumeUntil
  // Whatever an earlier run left on the interface must go before somebody else is heard; if it was master until now
  // and cannot go on, the others need not wait until they notice.
  const actions = resumes ? LEAVE : REMOVE
  if (conditions.faults.length > 0) return {state: {name: 'fault', conditions}, actions}
  if (conditions.waitingFor.length > 0) return {state: {name: 'init', conditions}, actions}
  if (conditions.held !== undefined) return {state: backup(config, conditions, now), actions}
  const ownsFromStart = conditions.priority === OWNER_PRIORITY && config.initialState === 'master'
  if (resumes || ownsFromStart) return becomeMaster(config, conditions, now)
  return {state: backup(config, conditions, now), actions}
}

const REMOVE: readonly VrrpAction[] = [{type: 'remove-addresses'}]

/** A master says that it leaves; whatever is on the interface goes in any case. */
const goodbye = (state: VrrpState): readonly VrrpAction[] => (state.name === 'master' ? LEAVE : REMOVE)

function clockAdvanced(config: VrrpConfig, state: VrrpState, now: MonotonicMs): Step {
  switch (state.name) {
    case 'init':
    case 'fault':
      return stay(state)
    case 'backup':
      return state.conditions.held !== undefined || now < state.masterDownAt
        ? stay(state)
        : becomeMaster(config, state.conditions, now)
    case 'master':
      return masterClock(config, state, now)
    default:
      return unreachable(state)
  }
}

function advertisementReceived(
  config: VrrpConfig,
  state: VrrpState,
  advert: AdvertisementReceived,
  now: MonotonicMs,
): Step {
  if (config.ownerIgnoreAdverts && state.conditions.priority === OWNER_PRIORITY) return stay(state)
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

function takeOverOrdered(config: VrrpConfig, state: VrrpState, now: MonotonicMs): Step {
  const ready = state.name === 'backup' && state.conditions.held === undefined
  return ready ? becomeMaster(config, state.conditions, now) : stay(state)
}

function conditionsChanged(config: VrrpConfig, state: VrrpState, conditions: Conditions, now: MonotonicMs): Step {
  if (conditions.faults.length > 0) {
    return state.name === 'fault'
      ? stay({...state, conditions})
      : {state: {name: 'fault', conditions}, actions: goodbye(state)}
  }
  switch (state.name) {
    case 'init':
      return conditions.waitingFor.length > 0
        ? stay({...state, conditions})
        : started(config, {name: 'init', conditions}, undefined, now)
    case 'fault':
      // Out of fault always by way of backup, with the whole timer, the owner too.
      return stay(conditions.waitingFor.length > 0 ? {name: 'init', conditions} : backup(config, conditions, now))
    case 'backup':
      return stay(backupUnder(config, state, conditions, now))
    case 'master':
      return conditions.held === undefined
        ? stay({...state, conditions})
        : {state: backup(config, conditions, now), actions: LEAVE}
    default:
      return unreachable(state)
  }
}

/** A reload that touched this virtual router: timers move to the new values, a master stays a master. */
function configurationChanged(
  config: VrrpConfig,
  state: VrrpState,
  {previous, conditions}: Extract<VrrpEvent, {type: 'configuration-changed'}>,
  now: MonotonicMs,
): Step {
  if (conditions.faults.length > 0) return conditionsChanged(config, state, conditions, now)
  switch (state.name) {
    case 'init':
    case 'fault':
      return conditionsChanged(config, state, conditions, now)
    case 'backup': {
      const learned = config.version === 3 && state.heard !== undefined
      const masterIntervalMs = learned ? state.masterIntervalMs : config.advertIntervalMs
      const {priority} = state.conditions
      const shift =
        masterDownIntervalMs(config, priority, masterIntervalMs) -
        masterDownIntervalMs(previous, priority, state.masterIntervalMs)
      const preemptAt = config.preempt && config.preemptDelayMs > 0 ? state.preemptAt : undefined
      const moved = {...state, masterIntervalMs, preemptAt, masterDownAt: after(state.masterDownAt, shift)}
      return stay(backupUnder(config, moved, conditions, now))
    }
    case 'master':
      if (conditions.held !== undefined) return conditionsChanged(config, state, conditions, now)
      return {
        state: {
          ...state,
          conditions,
          advertAt: after(now, config.advertIntervalMs),
          lastAdvertAt: now,
          refreshAt: config.garp.refreshMs > 0 ? (state.refreshAt ?? after(now, config.garp.refreshMs)) : undefined,
        },
        actions: [
          {type: 'send-advertisement', priority: conditions.priority},
          {type: 'add-addresses', announceAdded: config.garp.repeat},
        ],
      }
    default:
      return unreachable(state)
  }
}
