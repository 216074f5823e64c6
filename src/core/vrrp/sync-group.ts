import {unreachable} from '../never.ts'
import type {MonotonicMs} from '../units.ts'
import {OWNER_PRIORITY, type VrrpConfig} from './config.ts'
import {nextDeadline, step} from './machine.ts'
import {announceAgain, becomeMaster, LEAVE, wasHeldUp, yieldQuietly} from './master.ts'
import {sameConditions, sharedConditions} from './shared-conditions.ts'
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

/** A member as it is to be after a reload. */
export interface NextMember {
  readonly name: string
  /** The very object that it had, where nothing is changed. */
  readonly config: VrrpConfig
  readonly own: Conditions
  /** What it was, in this group, in another one, or alone; undefined: it is new. */
  readonly from: SyncMember | undefined
}

/** What happens to a sync group: to all of its members, or to one. */
export type GroupEvent =
  | (Extract<VrrpEvent, {type: 'started'}> & {
      /** The same for each member, where they differ; the group goes on as master only if all of it can. */
      readonly resumeUntilEach?: readonly (MonotonicMs | undefined)[]
    })
  | Extract<VrrpEvent, {type: 'clock-advanced' | 'stopped' | 'take-over-ordered'}>
  /** The own conditions of every member, in their order. */
  | {readonly type: 'conditions-changed'; readonly conditions: readonly Conditions[]}
  /** All members that there are from now on. Those that are there no more have gone elsewhere or were stopped. */
  | {readonly type: 'members-changed'; readonly members: readonly NextMember[]}
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
  const [only] = members
  if (members.length === 1 && only && event.type !== 'members-changed') return stepOnly(members, only, event, now)
  switch (event.type) {
    case 'started':
      return startGroup(members, event, now)
    case 'clock-advanced':
      return advanceGroup(members, event, now)
    case 'take-over-ordered':
      // What keeps one member from it keeps all.
      return members.every(({state}) => canBeMaster(state))
        ? stepEach(members, ({config, state}) => step(config, state, event, now))
        : {members, actions: NONE}
    case 'stopped':
      return stepEach(members, ({config, state}) => step(config, state, event, now))
    case 'conditions-changed':
      return follow(applyConditions(withOwn(members, event.conditions), now), now)
    case 'members-changed':
      return changeMembers(members, event.members, now)
    case 'member-event':
      return memberEvent(members, event, now)
    default:
      return unreachable(event)
  }
}

/** When `clock-advanced` is due for the group; undefined while nothing is pending. */
export function nextGroupDeadline(members: readonly SyncMember[]): MonotonicMs | undefined {
  let due = takeOverAt(members)
  for (const {state} of members) {
    const own = state.name === 'master' ? nextDeadline(state) : undefined
    if (own !== undefined && (due === undefined || own < due)) due = own
  }
  return due
}

/** The members before their first event. */
export function initialMember(name: string, config: VrrpConfig, own: Conditions): SyncMember {
  return {name, config, own, state: initialState(own)}
}

const NONE: readonly MemberAction[] = []

/** Most virtual routers are in no group: nothing is shared for them, and little is allocated. */
function stepOnly(
  members: readonly SyncMember[],
  member: SyncMember,
  event: Exclude<GroupEvent, {type: 'members-changed'}>,
  now: MonotonicMs,
): GroupStep {
  const {config} = member
  let {own, state} = member
  let told: VrrpEvent
  switch (event.type) {
    case 'started':
      state = initialState(own)
      told = event.resumeUntilEach ? {type: 'started', resumeUntil: event.resumeUntilEach[0]} : event
      break
    case 'conditions-changed': {
      const [conditions = own] = event.conditions
      own = conditions
      if (sameConditions(conditions, state.conditions)) return {members: [{...member, own}], actions: NONE}
      told = {type: 'conditions-changed', conditions}
      break
    }
    case 'member-event':
      if (event.member !== 0) throw new RangeError(`a group of one has no member ${event.member}`)
      told = event.event
      if (told.type === 'configuration-changed') own = told.conditions
      break
    default:
      told = event
  }
  const result = step(config, state, told, now)
  const actions = result.actions.length === 0 ? NONE : result.actions.map(action => ({member: 0, action}))
  const same = result.state === member.state && own === member.own
  return {members: same ? members : [{...member, own, state: result.state}], actions}
}

/** When the timer of the last backup runs out; undefined when there is none, or when a member cannot be master. */
function takeOverAt(members: readonly SyncMember[]): MonotonicMs | undefined {
  let last: MonotonicMs | undefined
  for (const {state} of members) {
    if (!canBeMaster(state)) return undefined
    if (state.name === 'backup' && (last === undefined || state.masterDownAt > last)) last = state.masterDownAt
  }
  return last
}

const canBeMaster = (state: VrrpState): boolean =>
  state.name === 'master' || (state.name === 'backup' && state.conditions.held === undefined)

function startGroup(
  members: readonly SyncMember[],
  {resumeUntil, resumeUntilEach}: Extract<GroupEvent, {type: 'started'}>,
  now: MonotonicMs,
): GroupStep {
  const shared = sharedConditions(members)
  const owners = allOwn(members)
  const wasMaster = (i: number): boolean => (resumeUntilEach?.[i] ?? Number.NEGATIVE_INFINITY) > now
  const all = resumeUntilEach && members.every((_, i) => wasMaster(i)) ? resumeUntilEach[0] : resumeUntil
  return stepEach(members, ({config, own}, i) => {
    const event: VrrpEvent = {type: 'started', resumeUntil: all}
    const result = step(startingConfig(config, owners), initialState(shared[i] ?? own), event, now)
    // It was master until now and does not go on, since another member cannot: its backups need not wait.
    return wasMaster(i) && result.state.name !== 'master' ? {...result, actions: LEAVE} : result
  })
}

/** A timer that has run out stays so until the others have too, or until a master is heard that it yields to. */
function advanceGroup(
  members: readonly SyncMember[],
  event: Extract<GroupEvent, {type: 'clock-advanced'}>,
  now: MonotonicMs,
): GroupStep {
  if (members.some(({config, state}) => state.name === 'master' && wasHeldUp(config, state, now))) {
    return stepEach(members, member => yieldToo(member, now))
  }
  const takeOver = takeOverAt(members)
  const mayLead = takeOver !== undefined && takeOver <= now
  return stepEach(members, ({config, state}) => {
    if (state.name === 'backup' && !mayLead) return undefined
    const due = nextDeadline(state)
    return due === undefined || due > now ? undefined : step(config, state, event, now)
  })
}

function memberEvent(
  members: readonly SyncMember[],
  {member: index, event}: Extract<GroupEvent, {type: 'member-event'}>,
  now: MonotonicMs,
): GroupStep {
  const member = members[index]
  if (!member) throw new RangeError(`a group of ${members.length} has no member ${index}`)
  if (event.type === 'configuration-changed') {
    const before = members.with(index, {...member, config: event.previous})
    const next = members.map(({name, config, own}, i) => {
      return {name, config, own: i === index ? event.conditions : own, from: before[i]}
    })
    return changeMembers(before, next, now)
  }
  const {state, actions} = step(member.config, member.state, event, now)
  const first: GroupStep = {
    members: state === member.state ? members : members.with(index, {...member, state}),
    actions: actions.length === 0 ? NONE : actions.map(action => ({member: index, action})),
  }
  if (member.state.name === 'master' && state.name === 'backup') {
    return append(first, rest => stepEach(rest, other => yieldToo(other, now)))
  }
  if (!actions.some(({type}) => type === 'report-lower-priority')) return first
  return append(first, rest =>
    stepEach(rest, ({config, state: other}) =>
      other.name === 'master' ? announceAgain(config, other, now) : undefined,
    ),
  )
}

/** A master whose group has yielded; it sends nothing, since whoever made the group yield is master already. */
function yieldToo({config, state}: SyncMember, now: MonotonicMs): Step | undefined {
  return state.name === 'master' ? yieldQuietly(config, state.conditions, now) : undefined
}

const withOwn = (members: readonly SyncMember[], conditions: readonly Conditions[]): readonly SyncMember[] =>
  members.map((member, i) => ({...member, own: conditions[i] ?? member.own}))

/** Tells those members whose conditions are others now. */
function applyConditions(members: readonly SyncMember[], now: MonotonicMs): GroupStep {
  const shared = sharedConditions(members)
  const owners = allOwn(members)
  return stepEach(members, ({config, own, state}, i) => {
    const conditions = shared[i] ?? own
    if (sameConditions(conditions, state.conditions)) return undefined
    return step(startingConfig(config, owners), state, {type: 'conditions-changed', conditions}, now)
  })
}

/**
 * A reload: members that stay go on as they were. What joins them follows: it becomes master at once beside masters,
 * and one that was master leaves beside backups, since the others are master elsewhere. Where nobody stays, a group is
 * made of routers that were none, and masters among them lead.
 */
function changeMembers(before: readonly SyncMember[], next: readonly NextMember[], now: MonotonicMs): GroupStep {
  const known = new Set(before)
  const members = next.map(({name, config, own, from}) => ({
    name,
    config,
    own,
    state: from?.state ?? initialState(own),
  }))
  const shared = sharedConditions(members)
  const moved = stepEach(members, ({config, own, state}, i) => {
    const from = next[i]?.from
    const conditions = shared[i] ?? own
    if (!from) {
      const event: VrrpEvent = {type: 'started', resumeUntil: undefined}
      return step(startingConfig(config, false), initialState(conditions), event, now)
    }
    if (from.config !== config) {
      const event: VrrpEvent = {type: 'configuration-changed', previous: from.config, conditions}
      return step(startingConfig(config, false), state, event, now)
    }
    if (sameConditions(conditions, state.conditions)) return undefined
    return step(startingConfig(config, false), state, {type: 'conditions-changed', conditions}, now)
  })
  const stayers = moved.members.filter((_, i) => known.has(next[i]?.from as SyncMember))
  const leaders = stayers.length > 0 ? stayers : moved.members
  if (leaders.some(({state}) => state.name === 'master')) return follow(moved, now)
  return append(moved, rest =>
    stepEach(rest, ({config, state}) =>
      state.name === 'master' ? {...yieldQuietly(config, state.conditions, now), actions: LEAVE} : undefined,
    ),
  )
}

/** Backups beside masters become master too: a group is in one place. keepalived: vrrp_sync_master. */
function follow(moved: GroupStep, now: MonotonicMs): GroupStep {
  if (!moved.members.some(({state}) => state.name === 'master')) return moved
  return append(moved, rest =>
    stepEach(rest, ({config, state}) =>
      state.name === 'backup' && canBeMaster(state) ? becomeMaster(config, state.conditions, now) : undefined,
    ),
  )
}

/** A group begins as master only if all of its members own their addresses. */
const allOwn = (members: readonly SyncMember[]): boolean =>
  members.every(({config, own}) => config.initialState === 'master' && own.priority === OWNER_PRIORITY)

const startingConfig = (config: VrrpConfig, owners: boolean): VrrpConfig =>
  owners || config.initialState === 'backup' ? config : {...config, initialState: 'backup'}

function append(first: GroupStep, then: (members: readonly SyncMember[]) => GroupStep): GroupStep {
  const second = then(first.members)
  if (second.actions.length === 0) return {members: second.members, actions: first.actions}
  return {members: second.members, actions: [...first.actions, ...second.actions]}
}

/** `advance` says nothing of a member that nothing happens to. */
function stepEach(
  members: readonly SyncMember[],
  advance: (member: SyncMember, index: number) => Step | undefined,
): GroupStep {
  let moved: SyncMember[] | undefined
  let wanted: MemberAction[] | undefined
  for (const [i, member] of members.entries()) {
    const result = advance(member, i)
    if (!result) continue
    for (const action of result.actions) {
      wanted ??= []
      wanted.push({member: i, action})
    }
    if (result.state === member.state) continue
    moved ??= [...members]
    moved[i] = {...member, state: result.state}
  }
  return {members: moved ?? members, actions: wanted ?? NONE}
}
