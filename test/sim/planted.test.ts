import {describe, expect, it} from 'vitest'
import {earliest, type MonotonicMs, monotonicMs, priority} from '../../src/core/units.ts'
import {LEAVING_PRIORITY, type VrrpConfig} from '../../src/core/vrrp/config.ts'
import {nextDeadline} from '../../src/core/vrrp/machine.ts'
import type {VrrpState} from '../../src/core/vrrp/state.ts'
import {type GroupEvent, type GroupStep, type SyncMember, stepGroup} from '../../src/core/vrrp/sync-group.ts'
import {type Planted, simulate} from './simulate.ts'

type Machine = typeof stepGroup

/** Seeds that a defect may hide in before it is found. */
const SEEDS = 120

const isAdvert = (event: GroupEvent): boolean =>
  event.type === 'member-event' && event.event.type === 'advertisement-received'

/** The real machine, seeing other configurations than it was given. */
function withConfig(change: (config: VrrpConfig) => VrrpConfig): Machine {
  return (members, event, now) => {
    const seen = members.map(member => ({...member, config: change(member.config)}))
    const told: GroupEvent =
      event.type === 'members-changed'
        ? {...event, members: event.members.map(next => ({...next, config: change(next.config)}))}
        : event
    const result = stepGroup(seen, told, now)
    const configs = event.type === 'members-changed' ? event.members : members
    return {
      ...result,
      members: result.members.map((member, i) => ({...member, config: configs[i]?.config ?? member.config})),
    }
  }
}

/** The real machine, seeing other states than it left. */
function withState(change: (state: VrrpState, event: GroupEvent) => VrrpState): Machine {
  return (members, event, now) =>
    stepGroup(
      members.map(member => ({...member, state: change(member.state, event)})),
      event,
      now,
    )
}

/** The real machine, but for what comes of an event. */
const withResult =
  (change: (result: GroupStep, before: readonly SyncMember[], event: GroupEvent) => GroupStep): Machine =>
  (members, event, now) =>
    change(stepGroup(members, event, now), members, event)

/** The real machine, but for what it is told. */
const withEvent =
  (change: (event: GroupEvent, before: readonly SyncMember[], now: MonotonicMs) => GroupEvent | undefined): Machine =>
  (members, event, now) => {
    const told = change(event, members, now)
    return told ? stepGroup(members, told, now) : {members, actions: []}
  }

/** What an advertisement says to a member, and what that member is. */
function heard(event: GroupEvent, members: readonly SyncMember[]) {
  if (event.type !== 'member-event' || event.event.type !== 'advertisement-received') return undefined
  const state = members[event.member]?.state
  return state && {state, ours: state.conditions.priority, advert: event.event}
}

const keep = (members: readonly SyncMember[]): GroupStep => ({members, actions: []})
const only = (result: GroupStep, before: readonly SyncMember[], kept: number): GroupStep => ({
  members: result.members.map((member, i) => (i === kept ? member : (before[i] ?? member))),
  actions: result.actions.filter(({member}) => member === kept),
})

const DEFECTS: readonly (readonly [string, Planted])[] = [
  [
    'a master does not yield',
    {
      step: withResult((result, before, event) => {
        const yields = before.some(
          (member, i) => member.state.name === 'master' && result.members[i]?.state.name === 'backup',
        )
        return yields && isAdvert(event) ? keep(before) : result
      }),
    },
  ],
  [
    'a master does not yield to an equal of a greater address',
    {
      step: withEvent((event, members) => {
        const told = heard(event, members)
        return told?.state.name === 'master' && told.advert.priority === told.ours ? undefined : event
      }),
    },
  ],
  [
    'a backup ignores priority 0',
    {
      step: withEvent((event, members) => {
        const told = heard(event, members)
        return told?.state.name === 'backup' && told.advert.priority === LEAVING_PRIORITY ? undefined : event
      }),
    },
  ],
  ['timers fire before the packets that waited are read', {packetsFirst: false}],
  [
    'members of a group do not follow the one that yields',
    {
      step: withResult((result, before, event) =>
        isAdvert(event) && event.type === 'member-event' ? only(result, before, event.member) : result,
      ),
    },
  ],
  [
    'a fault of one member is not one of the others',
    {
      step: (members, event, now) => {
        if (members.length < 2 || event.type !== 'conditions-changed') return stepGroup(members, event, now)
        const each = members.map((member, i) => {
          const conditions = event.conditions.slice(i, i + 1)
          return stepGroup([member], {type: 'conditions-changed', conditions}, now)
        })
        return {
          members: each.flatMap(({members: alone}) => alone),
          actions: each.flatMap(({actions}, member) => actions.map(({action}) => ({member, action}))),
        }
      },
    },
  ],
  [
    'one member of a group takes over while the others still hear a master',
    {
      deadline: members =>
        members.some(({state}) => state.name === 'fault' || state.name === 'init')
          ? undefined
          : earliest(members.map(({state}) => nextDeadline(state))),
      step: (members, event, now) => {
        if (event.type !== 'clock-advanced') return stepGroup(members, event, now)
        const isDue = members.some(({state}) => state.name === 'backup' && state.masterDownAt <= now)
        const hurried = members.map(member => {
          const {state} = member
          return isDue && state.name === 'backup' ? {...member, state: {...state, masterDownAt: now}} : member
        })
        return stepGroup(hurried, event, now)
      },
    },
  ],
  [
    'a reload leaves a member that joins masters a backup',
    {
      step: withResult((result, before, event) => {
        if (event.type !== 'members-changed') return result
        const members = result.members.map((member, i) => {
          const from = event.members[i]?.from
          const joins = from !== undefined && !before.includes(from) && member.state.name === 'master'
          return joins ? {...member, state: from.state} : member
        })
        return {...result, members}
      }),
    },
  ],
  [
    'answers have no bound',
    {
      step: withState((state, event) =>
        state.name === 'master' && isAdvert(event)
          ? {...state, answerFrom: monotonicMs(-1e12), announceFrom: monotonicMs(-1e12)}
          : state,
      ),
    },
  ],
  [
    'a master sends twice',
    {
      step: withResult((result, _, event) =>
        event.type === 'clock-advanced'
          ? {
              ...result,
              actions: result.actions.flatMap(each =>
                each.action.type === 'send-advertisement' ? [each, each] : [each],
              ),
            }
          : result,
      ),
    },
  ],
  [
    'a master that yields keeps its addresses',
    {
      step: withResult((result, _, event) =>
        isAdvert(event)
          ? {...result, actions: result.actions.filter(({action}) => action.type !== 'remove-addresses')}
          : result,
      ),
    },
  ],
  [
    'an owner never gives in to a deaf one',
    {step: withState(state => (state.name === 'master' ? {...state, rival: undefined} : state))},
  ],
  ['timer_expired_backup is not obeyed', {step: withConfig(config => ({...config, timerExpiredBackup: undefined}))}],
  ['nopreempt is not obeyed', {step: withConfig(config => ({...config, preempt: true}))}],
  ['nobody preempts', {step: withConfig(config => ({...config, preempt: false}))}],
  ['preempt_delay is not obeyed', {step: withConfig(config => ({...config, preemptDelayMs: 0}))}],
  [
    'a backup waits one interval less',
    {step: withConfig(config => ({...config, downTimerAdverts: config.downTimerAdverts - 1}))},
  ],
  [
    'a backup waits one interval more',
    {step: withConfig(config => ({...config, downTimerAdverts: config.downTimerAdverts + 1}))},
  ],
  [
    'the skew is that of another priority',
    {
      step: withState((state, event) => {
        if (state.name !== 'backup' || !isAdvert(event)) return state
        return {
          ...state,
          conditions: {...state.conditions, priority: priority(Math.max(1, state.conditions.priority - 60))},
        }
      }),
    },
  ],
  [
    'a router that is held takes over',
    {
      step: withEvent(event =>
        event.type === 'conditions-changed'
          ? {...event, conditions: event.conditions.map(conditions => ({...conditions, held: undefined}))}
          : event,
      ),
    },
  ],
  [
    'a process goes on as master however long it was away',
    {
      step: withEvent((event, _, now) =>
        event.type === 'started' && event.resumeUntilEach?.every(until => until !== undefined)
          ? {...event, resumeUntilEach: event.resumeUntilEach.map(() => monotonicMs(now + 1))}
          : event,
      ),
    },
  ],
  [
    'an order to take over is not obeyed',
    {step: withEvent(event => (event.type === 'take-over-ordered' ? undefined : event))},
  ],
]

describe('a defect that is planted into the machine is found', () => {
  it.each(DEFECTS)(
    '%s',
    (_, planted) => {
      const found = firstFound(planted)
      expect(found).toMatch(/^seed \d+ at \d+ ms: .+; again with SIM_SEED=\d+$/s)
      if (process.env.SIM_SHOW) process.stdout.write(`${found}\n`)
    },
    60_000,
  )
})

function firstFound(planted: Planted): string | undefined {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      simulate(seed, planted)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  return undefined
}
