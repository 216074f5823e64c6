import {compareIp} from '../ip.ts'
import type {MonotonicMs} from '../units.ts'
import {LEAVING_PRIORITY, OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import type {AdvertisementReceived, VrrpEvent, VrrpState} from './state.ts'

/** One step of the machine, seen from outside. */
export interface Passage {
  readonly config: VrrpConfig
  readonly before: VrrpState
  readonly event: VrrpEvent
  readonly after: VrrpState
  readonly now: MonotonicMs
}

/** Why a state was left for another, in one sentence without a full stop. */
export function describeTransition({config, before, event, after, now}: Passage): string {
  switch (event.type) {
    case 'started':
      return describeStart(config, after, event.resumeUntil !== undefined)
    case 'stopped':
      return 'it was stopped'
    case 'conditions-changed':
      return describeConditions(before, after)
    case 'advertisement-received':
      return describeHigher(before, event)
    case 'clock-advanced':
      return describeSilence(config, before, now)
    case 'configuration-changed':
      return after.name === 'fault' || after.conditions.held !== undefined
        ? describeConditions(before, after)
        : 'the configuration changed'
    case 'addresses-lost':
      return 'its addresses were removed by somebody else'
    case 'take-over-ordered':
      return 'it was ordered to take over'
  }
}

/** What keeps a router from running at present, which may be something else than what it began with. */
export function describeObstacle({name, conditions}: VrrpState): string | undefined {
  const {faults, waitingFor} = conditions
  if (name === 'fault' && faults.length > 0) return faults.join('; ')
  return name === 'init' && waitingFor.length > 0 ? `waiting for ${waitingFor.join(', ')}` : undefined
}

/** Why a member of a sync group moved when something happened to another one, in one sentence without a full stop. */
export function describeFollowing(leader: string, after: VrrpState): string {
  return after.name === 'master'
    ? `${leader} of its sync group is master`
    : `it leaves with ${leader} of its sync group, which is no longer master`
}

function describeStart(config: VrrpConfig, after: VrrpState, resumed: boolean): string {
  if (after.name === 'fault') return after.conditions.faults.join('; ')
  const {held} = after.conditions
  if (after.name === 'backup')
    return `it started and ${held === undefined ? 'listens for a master' : `is held: ${held}`}`
  if (resumed && after.conditions.priority !== OWNER_PRIORITY) {
    return 'it was master before its process was restarted, and no backup can have taken over yet'
  }
  return config.priority === OWNER_PRIORITY ? 'it owns the address (priority 255)' : 'it started'
}

function describeConditions(before: VrrpState, after: VrrpState): string {
  const {faults, waitingFor, held} = after.conditions
  if (faults.length > 0) return faults.join('; ')
  if (waitingFor.length > 0) return `waiting for ${waitingFor.join(', ')}`
  if (before.name === 'master' && held !== undefined) return held
  if (before.name === 'fault') return `no longer: ${before.conditions.faults.join('; ')}`
  return before.conditions.waitingFor.length > 0
    ? `no longer waiting for ${before.conditions.waitingFor.join(', ')}`
    : 'what it tracks changed'
}

function describeHigher({conditions}: VrrpState, {source, priority}: AdvertisementReceived): string {
  const {priority: ours, source: own} = conditions
  if (priority > ours) return `${source} advertised priority ${priority}, more than ours, ${ours}`
  if (priority === ours && own !== undefined && compareIp(source, own) > 0) {
    return `${source} advertised our priority ${ours} and has the greater address`
  }
  return priority === OWNER_PRIORITY
    ? `${source} owns the address too, and does not yield`
    : `it slept while ${source} took over, and is not to preempt`
}

/** A master that advertises was heard less than so many of its intervals ago. */
const HEARD_INTERVALS = 2

function describeSilence(config: VrrpConfig, before: VrrpState, now: MonotonicMs): string {
  if (before.name === 'master') {
    return `it was held up for ${Math.round(now - before.lastAdvertAt)} ms, in which another may have taken over`
  }
  if (before.name !== 'backup') return 'time passed'
  const {heard} = before
  if (!heard) return 'no master was heard'
  if (heard.priority === LEAVING_PRIORITY) return `${heard.source} left (priority 0)`
  // One that was heard a moment ago is outranked; one that was not is gone, whatever its priority was.
  const isHeard = now - heard.at < HEARD_INTERVALS * before.masterIntervalMs
  if (isHeard && config.preempt && heard.priority < before.conditions.priority) {
    return `ours, ${before.conditions.priority}, is more than priority ${heard.priority} of ${heard.source}`
  }
  return `no advertisement from ${heard.source} for ${Math.round(now - heard.at)} ms`
}
