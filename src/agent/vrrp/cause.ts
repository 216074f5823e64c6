import type {Conditions, VrrpEvent, VrrpState} from '../../core/vrrp/state.ts'

/** The cause for members of a sync group that only follow another one; the sentence is `describeFollowing`. */
export const FOLLOWED = 'sync-group'

/** Why a state was left, as a word for programs; the sentence for people is `describeTransition`. */
export function causeOf(before: VrrpState, event: VrrpEvent): string {
  switch (event.type) {
    case 'started':
      return event.resumeUntil === undefined ? 'started' : 'resumed'
    case 'stopped':
      return 'stopped'
    case 'configuration-changed':
      return causeIn(event.conditions) ?? 'configuration'
    case 'conditions-changed':
      return causeIn(event.conditions) ?? (before.name === 'fault' ? 'fault-cleared' : 'conditions')
    case 'advertisement-received':
      return 'outranked'
    case 'clock-advanced':
      if (before.name === 'master') return 'held-up'
      return before.name === 'backup' && before.heard?.priority === 0 ? 'master-left' : 'master-silent'
    case 'addresses-lost':
      return 'addresses-lost'
    case 'take-over-ordered':
      return 'take-over-ordered'
  }
}

function causeIn({faults, held}: Conditions): string | undefined {
  if (faults.length > 0) return 'fault'
  return held === undefined ? undefined : 'held'
}
