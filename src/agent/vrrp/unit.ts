import type {MonotonicMs} from '../../core/units.ts'
import type {Conditions, VrrpEvent, VrrpState} from '../../core/vrrp/state.ts'
import {
  type GroupEvent,
  type MemberAction,
  nextGroupDeadline,
  type SyncMember,
  stepGroup,
} from '../../core/vrrp/sync-group.ts'
import type {Router} from './router.ts'

/** Virtual routers that move together: a sync group, or one virtual router alone. */
export interface Unit {
  /** The group's name; undefined for one alone. */
  readonly group: string | undefined
  readonly routers: readonly Router[]
  /** The machine's view of the routers, in their order. */
  members: readonly SyncMember[]
  /** When something is due. */
  deadline: MonotonicMs | undefined
}

/** A router that is in another state than before, and what brought it there. */
export interface Movement {
  readonly router: Router
  readonly before: VrrpState
  readonly event: VrrpEvent
  /** The member that the event was about, when it was another one. */
  readonly follows: Router | undefined
}

/** What an event came to. */
export interface Advance {
  readonly actions: readonly MemberAction[]
  readonly movements: readonly Movement[]
}

/** What happens to a unit while it is made of the same routers. */
export type UnitEvent = Exclude<GroupEvent, {type: 'members-changed'}>

/** Routers that begin together. `resumeUntil`: until when each of them may go on as master after its process died. */
export function startUnit(
  group: string | undefined,
  routers: readonly Router[],
  resumeUntil: readonly (MonotonicMs | undefined)[],
  now: MonotonicMs,
): Advance & {readonly unit: Unit} {
  const members = routers.map(({config, own, state}) => ({name: config.name, config, own, state}))
  const unit: Unit = {group, routers, members, deadline: undefined}
  return {unit, ...advanceUnit(unit, {type: 'started', resumeUntil: undefined, resumeUntilEach: resumeUntil}, now)}
}

/**
 * Routers as a reload has put them together: what `earlier` was, if anything, goes on. `memberOf` finds what a router
 * was until now, wherever it was.
 */
export function regroupUnit(
  earlier: Unit | undefined,
  {group, routers}: Pick<Unit, 'group' | 'routers'>,
  memberOf: (router: Router) => SyncMember | undefined,
  now: MonotonicMs,
): Advance & {readonly unit: Unit} {
  const next = routers.map(router => {
    const {config, own} = router
    return {name: config.name, config, own, from: memberOf(router)}
  })
  const {members, actions} = stepGroup(earlier?.members ?? [], {type: 'members-changed', members: next}, now)
  const unit: Unit = {group, routers, members, deadline: nextGroupDeadline(members)}
  const leader = routers.find((_, i) => next[i]?.from?.state.name === 'master')
  const movements = routers.flatMap((router, i): readonly Movement[] => {
    const {state} = members[i] as SyncMember
    const {from} = next[i] as (typeof next)[number]
    const before = from?.state ?? router.state
    router.state = state
    if (before.name === state.name) return []
    const event: VrrpEvent = from
      ? {type: 'configuration-changed', previous: from.config, conditions: state.conditions}
      : {type: 'started', resumeUntil: undefined}
    return [{router, before, event, follows: state.name === 'master' ? leader : undefined}]
  })
  return {unit, actions, movements}
}

/** Advances all members; their routers' states follow. */
export function advanceUnit(unit: Unit, event: UnitEvent, now: MonotonicMs): Advance {
  const before = unit.members
  const {members, actions} = stepGroup(before, event, now)
  unit.members = members
  unit.deadline = nextGroupDeadline(members)
  if (members === before) return {actions, movements: NOBODY}
  const movements: Movement[] = []
  for (const [i, member] of members.entries()) {
    const router = unit.routers[i] as Router
    const {state: earlier} = before[i] as SyncMember
    router.state = member.state
    if (member.state.name === earlier.name) continue
    const about = event.type === 'member-event' && event.member !== i ? unit.routers[event.member] : undefined
    movements.push({router, before: earlier, event: eventOf(event, i, member.state.conditions), follows: about})
  }
  return {actions, movements}
}

const NOBODY: readonly Movement[] = []

/** The event of the group as one member sees it. */
function eventOf(event: UnitEvent, index: number, conditions: Conditions): VrrpEvent {
  switch (event.type) {
    case 'member-event':
      return event.event
    case 'conditions-changed':
      return {type: 'conditions-changed', conditions}
    case 'started':
      return {type: 'started', resumeUntil: event.resumeUntilEach?.[index] ?? event.resumeUntil}
    default:
      return event
  }
}
