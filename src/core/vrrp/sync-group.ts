import {unreachable} from '../never.ts'
import {earliest, type MonotonicMs} from '../units.ts'
import {backup} from './backup.ts'
import {OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import {nextDeadline, step} from './machine.ts'
import {type Conditions, initialState, type Step, type VrrpAction, type VrrpEvent, type VrrpState} from './state.ts'

/** One virtual router of a sync group. */
export interface SyncMember {
  /** For the faults of the others: "VI_2: eth1 is down". */
  readonly name: string
  readonly config: VrrpConfig
  /** What holds for it alone. Its state has the conditions that it runs under as a member. */
  readonly own: Conditions
  readonly state: VrrpState
}

/** What happens to a sync group: to all of its members, or to one. */
export type GroupEvent =
  | Extract<VrrpEvent, {type: 'started' | 'clock-advanced' | 'stopped'}>
  /** The own conditions of every member, in their order. */
  | {readonly type: 'conditions-changed'; readonly conditions: readonly Conditions[]}
  | {readonly type: 'member-event'; readonly member: number; readonly event: MemberEvent}

/** What happens to one member alone; `configuration-changed` carries its own conditions. */
export type MemberEvent = Extract<
  VrrpEvent,
  {type: 'advertisement-received' | 'addresses-lost' | 'configuration-changed'}
>

/** What a member wants done. */
export interface MemberAction {
  readonly member: number
  readonly action: VrrpAction
}

/** Where an event led all members, and what is to be done, in this order. */
export interface GroupStep {
  readonly members: readonly SyncMember[]
  readonly actions: readonly MemberAction[]
}

/**
 * Advances the members of one sync group together, as keepalived does: a fault of one is a fault of all; they become
 * master when the timers of all have run out, and not before; when one yields, all yield. A group of one member is
 * that member alone. vrrp_sync_group in keepalived.conf(5).
 */
export function stepGroup(members: readonly SyncMember[], event: GroupEvent, now: MonotonicMs): GroupStep {
  switch (event.type) {
    case 'started':
      return startGroup(members, event, now)
    case 'clock-advanced':
      return advanceGroup(members, event, now)
    case 'stopped':
      return stepEach(members, member => step(member.config, member.state, event, now))
    case 'conditions-changed':
      return applyConditions(withOwn(members, event.conditions), now)
    case 'member-event':
      return memberEvent(members, event, now)
    default:
      return unreachable(event)
  }
}

/** When `clock-advanced` is due for the group; undefined while nothing is pending. */
export function nextGroupDeadline(members: readonly SyncMember[]): MonotonicMs | undefined {
  const masters = members.map(({state}) => (state.name === 'master' ? nextDeadline(state) : undefined))
  return earliest([takeOverAt(members), ...masters])
}

/** The members before their first event. */
export function initialMember(name: string, config: VrrpConfig, own: Conditions): SyncMember {
  return {name, config, own, state: initialState(own)}
}

/** When the timer of the last backup runs out; undefined when there is none, or when a member cannot be master. */
function takeOverAt(members: readonly SyncMember[]): MonotonicMs | undefined {
  let last: MonotonicMs | undefined
  for (const {state} of members) {
    if (state.name === 'fault' || state.name === 'init') return undefined
    if (state.name === 'backup' && (last === undefined || state.masterDownAt > last)) last = state.masterDownAt
  }
  return last
}

function startGroup(
  members: readonly SyncMember[],
  event: Extract<GroupEvent, {type: 'started'}>,
  now: MonotonicMs,
): GroupStep {
  const configs = configsOf(members)
  return stepEach(members, (member, i) =>
    step(configs[i] ?? member.config, initialState(sharedConditions(members, i)), event, now),
  )
}

/** A timer that has run out stays so until the others have too, or until a master is heard that it yields to. */
function advanceGroup(
  members: readonly SyncMember[],
  event: Extract<GroupEvent, {type: 'clock-advanced'}>,
  now: MonotonicMs,
): GroupStep {
  const takeOver = takeOverAt(members)
  const mayLead = takeOver !== undefined && takeOver <= now
  return stepEach(members, ({config, state}) =>
    state.name === 'backup' && !mayLead ? {state, actions: []} : step(config, state, event, now),
  )
}

function memberEvent(
  members: readonly SyncMember[],
  {member: index, event}: Extract<GroupEvent, {type: 'member-event'}>,
  now: MonotonicMs,
): GroupStep {
  const member = members[index]
  if (!member) throw new RangeError(`a group of ${members.length} has no member ${index}`)
  let changed = members
  let told: VrrpEvent = event
  let {config} = member
  if (event.type === 'configuration-changed') {
    changed = members.with(index, {...member, own: event.conditions})
    told = {...event, conditions: sharedConditions(changed, index)}
    config = configsOf(changed)[index] ?? config
  }
  const {state, actions} = step(config, member.state, told, now)
  const first: GroupStep = {
    members: changed.with(index, {...member, ...changed[index], state}),
    actions: actions.map(action => ({member: index, action})),
  }
  if (members.length === 1) return first
  const yielded = member.state.name === 'master' && state.name === 'backup'
  const rest = yielded
    ? stepEach(first.members, (other, i) => (i === index ? {state, actions: []} : yieldToo(other, now)))
    : event.type === 'configuration-changed'
      ? applyConditions(first.members, now)
      : {members: first.members, actions: []}
  return {members: rest.members, actions: [...first.actions, ...rest.actions]}
}

/** A master whose group has yielded; it sends nothing, since whoever made the group yield is master already. */
function yieldToo({config, state}: SyncMember, now: MonotonicMs): Step {
  if (state.name !== 'master') return {state, actions: []}
  return {state: backup(config, state.conditions, now), actions: [{type: 'remove-addresses'}]}
}

function withOwn(members: readonly SyncMember[], conditions: readonly Conditions[]): readonly SyncMember[] {
  return members.map((member, i) => ({...member, own: conditions[i] ?? member.own}))
}

/** Tells those members whose conditions are others now. */
function applyConditions(members: readonly SyncMember[], now: MonotonicMs): GroupStep {
  const configs = configsOf(members)
  return stepEach(members, ({config, state}, i) => {
    const conditions = sharedConditions(members, i)
    if (sameConditions(conditions, state.conditions)) return {state, actions: []}
    return step(configs[i] ?? config, state, {type: 'conditions-changed', conditions}, now)
  })
}

/** The conditions of a member with the faults of all others, and with what all others wait for. */
function sharedConditions(members: readonly SyncMember[], index: number): Conditions {
  const own = (members[index] as SyncMember).own
  const others = members.filter((_, i) => i !== index)
  const named = (texts: 'faults' | 'waitingFor'): readonly string[] =>
    others.flatMap(({name, own: theirs}) => theirs[texts].map(text => `${name}: ${text}`))
  if (others.every(({own: {faults, waitingFor}}) => faults.length + waitingFor.length === 0)) return own
  return {
    ...own,
    faults: [...own.faults, ...named('faults')],
    waitingFor: [...own.waitingFor, ...named('waitingFor')],
  }
}

/** A group begins as master only if all of its members own their addresses. */
function configsOf(members: readonly SyncMember[]): readonly VrrpConfig[] {
  const owners = members.every(({config, own}) => config.initialState === 'master' && own.priority === OWNER_PRIORITY)
  return members.map(({config}) => (owners ? config : {...config, initialState: 'backup'}))
}

function stepEach(members: readonly SyncMember[], advance: (member: SyncMember, index: number) => Step): GroupStep {
  const actions: MemberAction[] = []
  const moved = members.map((member, i) => {
    const {state, actions: wanted} = advance(member, i)
    for (const action of wanted) actions.push({member: i, action})
    return state === member.state ? member : {...member, state}
  })
  return {members: moved, actions}
}

const sameTexts = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, i) => text === b[i])

const sameConditions = (a: Conditions, b: Conditions): boolean =>
  a.priority === b.priority &&
  a.source === b.source &&
  sameTexts(a.faults, b.faults) &&
  sameTexts(a.waitingFor, b.waitingFor)
