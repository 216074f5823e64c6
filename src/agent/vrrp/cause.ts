import type {VrrpEvent, VrrpState} from '../../core/vrrp/state.ts'

/** Why a state was left, as a word for programs; the sentence for people is `describeTransition`. */
export function causeOf(before: VrrpState, event: VrrpEvent): string {
  switch (event.type) {
    case 'started':
      return event.resumeUntil === undefined ? 'started' : 'resumed'
    case 'stopped':
      return 'stopped'
    case 'configuration-changed':
      return event.conditions.faults.length > 0 ? 'fault' : 'configuration'
    case 'conditions-changed':
      return event.conditions.faults.length > 0 ? 'fault' : before.name === 'fault' ? 'fault-cleared' : 'conditions'
    case 'advertisement-received':
      return 'outranked'
    case 'clock-advanced':
      return before.name === 'backup' && before.heard?.priority === 0 ? 'master-left' : 'master-silent'
    case 'addresses-lost':
      return 'addresses-lost'
  }
}
