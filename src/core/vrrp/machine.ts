import {unreachable} from '../never.ts'
import {after, earliest, type MonotonicMs} from '../units.ts'
import {backup, backupHears} from './backup.ts'
import {LEAVING_PRIORITY, OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import {addressesLost, becomeMaster, masterClock, masterHears} from './master.ts'
import {
  type AdvertisementReceived,
  type Conditions,
  type Step,
  stay,
  type VrrpAction,
  type VrrpEvent,
  type VrrpState,
} from './state.ts'
import {masterDownIntervalMs, skewMs} from './timing.ts'

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

function advertisementReceived(
  config: VrrpConfig,
  state: VrrpState,
  advert: AdvertisementReceived,
  now: MonotonicMs,
): Step {
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
      const shift =
        masterDownIntervalMs(config.version, conditions.priority, masterIntervalMs) -
        masterDownIntervalMs(previous.version, state.conditions.priority, state.masterIntervalMs)
      return stay({...state, conditions, masterIntervalMs, masterDownAt: after(state.masterDownAt, shift)})
    }
    case 'master':
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

function stopped(state: VrrpState): Step {
  const actions: VrrpAction[] = [{type: 'remove-addresses'}]
  if (state.name === 'master') actions.unshift({type: 'send-advertisement', priority: LEAVING_PRIORITY})
  return {state: {name: 'init', conditions: state.conditions}, actions}
}
