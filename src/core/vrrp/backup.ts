import {after, type MonotonicMs} from '../units.ts'
import {LEAVING_PRIORITY, type VrrpConfig} from './config.ts'
import {type AdvertisementReceived, type Conditions, type Heard, type StateOf, type Step, stay} from './state.ts'
import {masterDownIntervalMs, skewMs} from './timing.ts'

/** A backup that has heard nothing yet and gives a master the whole time. RFC 9568 section 6.4.1. */
export function backup(config: VrrpConfig, conditions: Conditions, now: MonotonicMs): StateOf<'backup'> {
  const masterIntervalMs = config.advertIntervalMs
  return {
    name: 'backup',
    conditions,
    masterIntervalMs,
    masterDownAt: after(now, masterDownIntervalMs(config, conditions.priority, masterIntervalMs)),
    heard: undefined,
    preemptAt: undefined,
  }
}

/** RFC 9568 section 6.4.2 and 6.1; keepalived: `preempt_delay`, and version 3 learns the master's interval. */
export function backupHears(
  config: VrrpConfig,
  state: StateOf<'backup'>,
  advert: AdvertisementReceived,
  now: MonotonicMs,
): Step {
  const ours = state.conditions.priority
  const heard: Heard = {source: advert.source, priority: advert.priority, at: now}
  if (advert.priority === LEAVING_PRIORITY) {
    // Never later than it was: a stream of these must not hold the take-over off.
    const leavingAt = after(now, skewMs(config.version, ours, state.masterIntervalMs))
    return stay({...state, heard, masterDownAt: earlier(leavingAt, state.masterDownAt)})
  }
  const lower = advert.priority < ours
  let {preemptAt} = state
  if (!lower) preemptAt = undefined
  else if (config.preempt && config.preemptDelayMs > 0) preemptAt ??= after(now, config.preemptDelayMs)
  const accepted = !lower || !config.preempt || (preemptAt !== undefined && now < preemptAt)
  // A lower priority is not obeyed, and the timer that runs already brings the take-over on its own schedule.
  if (!accepted) return stay({...state, heard, preemptAt})
  const masterIntervalMs = config.version === 3 ? advert.intervalMs : config.advertIntervalMs
  const masterDownAt = after(now, masterDownIntervalMs(config, ours, masterIntervalMs))
  return stay({...state, heard, preemptAt, masterIntervalMs, masterDownAt})
}

const earlier = (a: MonotonicMs, b: MonotonicMs): MonotonicMs => (b < a ? b : a)

/** Other conditions for a healthy backup: the timer that runs moves with the skew. keepalived does the same. */
export function backupUnder(
  config: VrrpConfig,
  state: StateOf<'backup'>,
  conditions: Conditions,
  now: MonotonicMs,
): StateOf<'backup'> {
  const {masterIntervalMs, conditions: before} = state
  if (before.held !== undefined && conditions.held === undefined) {
    // Its timer did not count while it was held: whoever is master gets the whole time to be heard.
    const masterDownAt = after(now, masterDownIntervalMs(config, conditions.priority, masterIntervalMs))
    return {...state, conditions, masterDownAt}
  }
  const shift =
    skewMs(config.version, conditions.priority, masterIntervalMs) -
    skewMs(config.version, before.priority, masterIntervalMs)
  return {...state, conditions, masterDownAt: after(state.masterDownAt, shift)}
}
