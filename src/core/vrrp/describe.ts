import type {MonotonicMs, Priority} from '../units.ts'
import {LEAVING_PRIORITY, OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import type {VrrpEvent, VrrpState} from './state.ts'

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
      return after.name === 'fault' ? after.conditions.faults.join('; ') : 'the configuration changed'
    case 'addresses-lost':
      return 'its addresses were removed by somebody else'
  }
}

function describeStart(config: VrrpConfig, after: VrrpState, resumed: boolean): string {
  if (after.name === 'fault') return after.conditions.faults.join('; ')
  if (after.name === 'backup') return 'it started and listens for a master'
  if (resumed && after.conditions.priority !== OWNER_PRIORITY) {
    return 'it was master before its process was restarted, and no backup can have taken over yet'
  }
  return config.priority === OWNER_PRIORITY ? 'it owns the address (priority 255)' : 'it started'
}

function describeConditions(before: VrrpState, after: VrrpState): string {
  const {faults, waitingFor} = after.conditions
  if (faults.length > 0) return faults.join('; ')
  if (waitingFor.length > 0) return `waiting for the first result of ${waitingFor.join(', ')}`
  if (before.name === 'fault') return `no longer: ${before.conditions.faults.join('; ')}`
  return before.conditions.waitingFor.length > 0
    ? `${before.conditions.waitingFor.join(', ')} reported, it starts`
    : 'what it tracks changed'
}

function describeHigher(before: VrrpState, event: Extract<VrrpEvent, {type: 'advertisement-received'}>): string {
  const ours: Priority = before.conditions.priority
  if (event.priority < ours) return `it slept while ${event.source} took over, and is not to preempt`
  return event.priority > ours
    ? `${event.source} advertised priority ${event.priority}, more than ours, ${ours}`
    : `${event.source} advertised our priority ${ours} and has the greater address`
}

function describeSilence(config: VrrpConfig, before: VrrpState, now: MonotonicMs): string {
  if (before.name !== 'backup') return 'time passed'
  const {heard} = before
  if (!heard) return 'no master was heard'
  if (heard.priority === LEAVING_PRIORITY) return `${heard.source} left (priority 0)`
  if (config.preempt && heard.priority < before.conditions.priority) {
    return `ours, ${before.conditions.priority}, is more than priority ${heard.priority} of ${heard.source}`
  }
  return `no advertisement from ${heard.source} for ${Math.round(now - heard.at)} ms`
}
