import {compareIp} from '../ip.ts'
import {after, type MonotonicMs} from '../units.ts'
import {backup} from './backup.ts'
import {LEAVING_PRIORITY, OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import {type AdvertisementReceived, type Conditions, type StateOf, type Step, stay, type VrrpAction} from './state.ts'
import {masterDownIntervalMs} from './timing.ts'

/** A VIP that keeps being deleted is put back this often at most, milliseconds. */
const RESTORE_SPACING_MS = 100
/** Answers to lower priorities are at least an interval divided by this apart. */
const ANSWERS_PER_INTERVAL = 10
/** An owner tells another one of lower address so many intervals long that it is there, and then gives in. */
const RIVAL_INTERVALS = 2
/** Owners further apart than so many of the longer interval were heard by chance, and not beside each other. */
const RIVAL_PAUSE = 1.2

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
      announceFrom: now,
      rival: undefined,
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

/** What a master does that goes of itself: says so, by priority 0, and takes the addresses off. */
export const LEAVE: readonly VrrpAction[] = [
  {type: 'send-advertisement', priority: LEAVING_PRIORITY},
  {type: 'remove-addresses'},
]

/**
 * Whether a master was held up for so long that another may be master by now, and is to step down for that.
 * keepalived.conf(5) of 2.4, timer_expired_backup: counted from its last advertisement, for the priority given there.
 */
export function wasHeldUp(config: VrrpConfig, state: StateOf<'master'>, now: MonotonicMs): boolean {
  const {timerExpiredBackup, advertIntervalMs} = config
  if (timerExpiredBackup === undefined) return false
  return now - state.lastAdvertAt > masterDownIntervalMs(config, timerExpiredBackup, advertIntervalMs)
}

/** A master that gives way to one that is master already, or may be: it says nothing. */
export function yieldQuietly(config: VrrpConfig, conditions: Conditions, now: MonotonicMs): Step {
  return {state: backup(config, conditions, now), actions: [{type: 'remove-addresses'}]}
}

/** RFC 9568 section 6.4.3: Adver_Timer; the bursts and refreshes are keepalived's. */
export function masterClock(config: VrrpConfig, state: StateOf<'master'>, now: MonotonicMs): Step {
  if (wasHeldUp(config, state, now)) return yieldQuietly(config, state.conditions, now)
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
  if (advert.priority === LEAVING_PRIORITY) return answer(config, state, advert, now)
  const beatsUs = advert.priority > ours || (advert.priority === ours && addressBeatsOurs(state.conditions, advert))
  if (beatsUs) return yieldTo(config, state, advert, {now, sayOnce: config.higherPrioritySendAdvert})
  // A master that slept so long that a backup rightly took over has no claim left, unless it may preempt.
  const silentMs = now - state.lastAdvertAt
  const overslept = !config.preempt && silentMs > config.downTimerAdverts * config.advertIntervalMs
  // To say once more that we are here would make the other one yield.
  if (overslept || wasHeldUp(config, state, now)) return yieldTo(config, state, advert, {now, sayOnce: false})
  // Our own advertisement come back, or a second host with our address: there is nobody to yield to.
  if (advert.priority === ours && advert.source === state.conditions.source) return stay(state)
  return ours === OWNER_PRIORITY && advert.priority === OWNER_PRIORITY
    ? rivalHeard(config, state, advert, now)
    : answer(config, state, advert, now)
}

function yieldTo(
  config: VrrpConfig,
  state: StateOf<'master'>,
  advert: AdvertisementReceived,
  {now, sayOnce}: {readonly now: MonotonicMs; readonly sayOnce: boolean},
): Step {
  const ours = state.conditions.priority
  const masterIntervalMs = config.version === 3 ? advert.intervalMs : config.advertIntervalMs
  const next: StateOf<'backup'> = {
    ...backup(config, state.conditions, now),
    masterIntervalMs,
    masterDownAt: after(now, masterDownIntervalMs(config, ours, masterIntervalMs)),
    heard: {source: advert.source, priority: advert.priority, at: now},
  }
  const actions: VrrpAction[] = [{type: 'remove-addresses'}]
  // By this the other one announces its addresses again, after ours. keepalived: higher_prio_send_advert.
  if (sayOnce) actions.unshift({type: 'send-advertisement', priority: ours})
  return {state: next, actions}
}

/**
 * Two owners: the one of the lower address yields when it hears the other. One that does not, because it ignores
 * advertisements, is left alone after two intervals: better one master than two. keepalived lowers its priority to 254
 * for this; a backup obeys an equal priority, so that ours need not change.
 */
function rivalHeard(
  config: VrrpConfig,
  state: StateOf<'master'>,
  advert: AdvertisementReceived,
  now: MonotonicMs,
): Step {
  const {rival} = state
  const pauseMs = RIVAL_PAUSE * Math.max(config.advertIntervalMs, advert.intervalMs)
  const since = rival && now - rival.at <= pauseMs ? rival.since : now
  if (now - since >= RIVAL_INTERVALS * config.advertIntervalMs) {
    return yieldTo(config, state, advert, {now, sayOnce: false})
  }
  return answer(config, {...state, rival: {since, at: now}}, advert, now)
}

/** Tells a sender that does not outrank us that a master is here, and the segment where the addresses are. */
function answer(
  config: VrrpConfig,
  state: StateOf<'master'>,
  {source, priority}: AdvertisementReceived,
  now: MonotonicMs,
): Step {
  if (now < state.answerFrom) return stay(state)
  const isLower = priority !== LEAVING_PRIORITY
  const actions: VrrpAction[] = []
  let next: StateOf<'master'> = {...state, answerFrom: answerAgainAt(config, now)}
  if (!isLower || !config.lowerPriorityNoAdvert) {
    actions.push({type: 'send-advertisement', priority: state.conditions.priority})
    next = {...next, advertAt: after(now, config.advertIntervalMs), lastAdvertAt: now}
  }
  if (isLower) {
    const announced = announceAgain(config, next, now)
    next = announced.state
    actions.push(...announced.actions, {type: 'report-lower-priority', source, priority})
  }
  return {state: next, actions}
}

/** What a lower priority leads to besides the answer, in all of a sync group: gratuitous ARP, and a burst later. */
export function announceAgain(
  {garp, advertIntervalMs}: VrrpConfig,
  state: StateOf<'master'>,
  now: MonotonicMs,
): {readonly state: StateOf<'master'>; readonly actions: readonly VrrpAction[]} {
  if (now < state.announceFrom) return {state, actions: []}
  const {lowerPriorityDelayMs, lowerPriorityRepeat: repeat} = garp
  const burst = lowerPriorityDelayMs > 0 ? {at: after(now, lowerPriorityDelayMs), repeat} : state.burst
  return {
    state: {...state, burst, announceFrom: answerAgainAt({advertIntervalMs}, now)},
    actions: [{type: 'announce-addresses', repeat}],
  }
}

const answerAgainAt = ({advertIntervalMs}: Pick<VrrpConfig, 'advertIntervalMs'>, now: MonotonicMs): MonotonicMs =>
  after(now, advertIntervalMs / ANSWERS_PER_INTERVAL)

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
