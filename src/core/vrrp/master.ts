import {compareIp} from '../ip.ts'
import {after, type MonotonicMs} from '../units.ts'
import {backup} from './backup.ts'
import {LEAVING_PRIORITY, type VrrpConfig} from './config.ts'
import {type AdvertisementReceived, type Conditions, type StateOf, type Step, stay, type VrrpAction} from './state.ts'
import {DOWN_INTERVALS, masterDownIntervalMs} from './timing.ts'

/** A VIP that keeps being deleted is put back this often at most, milliseconds. */
const RESTORE_SPACING_MS = 100
/** Answers to lower priorities are at least an interval divided by this apart. */
const ANSWERS_PER_INTERVAL = 10

/** Advertisement first, so that the others know at once; then the addresses; then the announcements. */
export function becomeMaster(config: VrrpConfig, conditions: Conditions, now: MonotonicMs): Step {
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

/** RFC 9568 section 6.4.3: Adver_Timer; the bursts and refreshes are keepalived's. */
export function masterClock(config: VrrpConfig, state: StateOf<'master'>, now: MonotonicMs): Step {
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

/** RFC 9568 section 6.4.3. */
export function masterHears(
  config: VrrpConfig,
  state: StateOf<'master'>,
  advert: AdvertisementReceived,
  now: MonotonicMs,
): Step {
  const ours = state.conditions.priority
  if (advert.priority === LEAVING_PRIORITY) return answer(config, state, now, {announce: false})
  const beatsUs = advert.priority > ours || (advert.priority === ours && addressBeatsOurs(state.conditions, advert))
  // A master that slept so long that a backup rightly took over has no claim left, unless it may preempt.
  const overslept = !config.preempt && now - state.lastAdvertAt > DOWN_INTERVALS * config.advertIntervalMs
  if (beatsUs || overslept) {
    const masterIntervalMs = config.version === 3 ? advert.intervalMs : config.advertIntervalMs
    const next: StateOf<'backup'> = {
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
function answer(config: VrrpConfig, state: StateOf<'master'>, now: MonotonicMs, how: {announce: boolean}): Step {
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

/** A VIP went that should be there: back with it, at a bounded rate. */
export function addressesLost(config: VrrpConfig, state: StateOf<'master'>, now: MonotonicMs): Step {
  const restoreAt = state.restoredAt === undefined ? now : after(state.restoredAt, RESTORE_SPACING_MS)
  if (restoreAt > now) return stay({...state, restoreAt})
  return {
    state: {...state, restoreAt: undefined, restoredAt: now},
    actions: [{type: 'add-addresses', announceAdded: config.garp.repeat}],
  }
}

/** RFC 9568 section 6.4.3: the greater source address wins between equals. */
function addressBeatsOurs(conditions: Conditions, advert: AdvertisementReceived): boolean {
  return conditions.source !== undefined && compareIp(advert.source, conditions.source) > 0
}
