import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {after, type MonotonicMs, monotonicMs, priority} from '../../../src/core/units.ts'
import type {VrrpConfig} from '../../../src/core/vrrp/config.ts'
import {nextDeadline, step} from '../../../src/core/vrrp/machine.ts'
import {type Conditions, initialState, type VrrpEvent, type VrrpState} from '../../../src/core/vrrp/state.ts'
import {
  type GroupEvent,
  type GroupStep,
  initialMember,
  nextGroupDeadline,
  type SyncMember,
  stepGroup,
} from '../../../src/core/vrrp/sync-group.ts'
import {seededRandom} from '../../sim/random.ts'
import {simConfig} from '../../sim/segment.ts'

const START = monotonicMs(0)
const PEER = '10.0.0.9' as IpAddress

const conditions = (over: Partial<Conditions> = {}): Conditions => ({
  faults: [],
  waitingFor: [],
  held: undefined,
  priority: priority(100),
  source: '10.0.0.1' as IpAddress,
  ...over,
})

const member = (name: string, config: Partial<VrrpConfig> = {}): SyncMember => {
  const made = simConfig(config)
  return initialMember(name, made, conditions({priority: made.priority}))
}

const advert = (from: number): Extract<VrrpEvent, {type: 'advertisement-received'}> => ({
  type: 'advertisement-received',
  source: PEER,
  priority: priority(from),
  intervalMs: 1_000,
})

const states = ({members}: GroupStep): readonly string[] => members.map(({state}) => state.name)
const wanted = ({actions}: GroupStep): readonly string[] => actions.map(({member: i, action}) => `${i} ${action.type}`)
const started = (...members: readonly SyncMember[]): GroupStep =>
  stepGroup(members, {type: 'started', resumeUntil: undefined}, START)

/** Both members have become master. */
function masters(): {readonly group: GroupStep; readonly now: MonotonicMs} {
  const group = started(member('ONE'), member('TWO'))
  const now = after(START, 4_000)
  const result = stepGroup(group.members, {type: 'clock-advanced'}, now)
  expect(states(result)).toEqual(['master', 'master'])
  return {group: result, now}
}

// vrrp_sync_group in keepalived.conf(5).
describe('a sync group', () => {
  it('becomes master when the timer of its last member has run out, all at that moment', () => {
    const {members} = started(member('ONE', {priority: priority(200)}), member('TWO', {priority: priority(50)}))
    const [early, late] = members.map(({state}) => nextDeadline(state) as MonotonicMs) as [MonotonicMs, MonotonicMs]
    expect(early).toBeLessThan(late)
    expect(nextGroupDeadline(members)).toBe(late)
    expect(states(stepGroup(members, {type: 'clock-advanced'}, early))).toEqual(['backup', 'backup'])
    const taken = stepGroup(members, {type: 'clock-advanced'}, late)
    expect(states(taken)).toEqual(['master', 'master'])
    expect(wanted(taken)).toContain('0 add-addresses')
    expect(wanted(taken)).toContain('1 add-addresses')
  })

  it('waits for as long as one member hears a master that it yields to', () => {
    let {members} = started(member('ONE'), member('TWO'))
    for (let at = 500; at < 20_000; at += 1_000) {
      members = stepGroup(members, {type: 'member-event', member: 0, event: advert(150)}, monotonicMs(at)).members
      const advanced = stepGroup(members, {type: 'clock-advanced'}, monotonicMs(at + 10))
      expect(states(advanced)).toEqual(['backup', 'backup'])
      members = advanced.members
    }
    const deadline = nextGroupDeadline(members) as MonotonicMs
    expect(deadline).toBeGreaterThan(22_000)
    expect(states(stepGroup(members, {type: 'clock-advanced'}, deadline))).toEqual(['master', 'master'])
  })

  it('yields as a whole, and sends nothing but what the one that heard sends', () => {
    const {group, now} = masters()
    const yielded = stepGroup(group.members, {type: 'member-event', member: 1, event: advert(200)}, now)
    expect(states(yielded)).toEqual(['backup', 'backup'])
    expect(wanted(yielded)).toEqual(['1 remove-addresses', '0 remove-addresses'])
  })

  it('answers a lower priority by the member that heard it', () => {
    const {group, now} = masters()
    const answered = stepGroup(group.members, {type: 'member-event', member: 1, event: advert(50)}, after(now, 500))
    expect(states(answered)).toEqual(['master', 'master'])
    expect(wanted(answered)[0]).toBe('1 send-advertisement')
  })

  it('is in fault with any of its members, and leaves when the last fault goes', () => {
    const {group, now} = masters()
    const broken = [conditions(), conditions({faults: ['eth1 is down']})]
    const fault = stepGroup(group.members, {type: 'conditions-changed', conditions: broken}, now)
    expect(states(fault)).toEqual(['fault', 'fault'])
    expect(fault.members[0]?.state.conditions.faults).toEqual(['TWO: eth1 is down'])
    expect(fault.members[1]?.state.conditions.faults).toEqual(['eth1 is down'])
    expect(wanted(fault)).toEqual([
      '0 send-advertisement',
      '0 remove-addresses',
      '1 send-advertisement',
      '1 remove-addresses',
    ])
    expect(nextGroupDeadline(fault.members)).toBeUndefined()
    const both = [conditions({faults: ['eth0 is down']}), conditions({faults: ['eth1 is down']})]
    const worse = stepGroup(fault.members, {type: 'conditions-changed', conditions: both}, now)
    const better = stepGroup(
      worse.members,
      {type: 'conditions-changed', conditions: [conditions({faults: ['eth0 is down']}), conditions()]},
      now,
    )
    expect(states(better)).toEqual(['fault', 'fault'])
    const well = stepGroup(better.members, {type: 'conditions-changed', conditions: [conditions(), conditions()]}, now)
    expect(states(well)).toEqual(['backup', 'backup'])
  })

  it('waits in init for what any member waits for', () => {
    const first = member('ONE')
    const waiting = {...member('TWO'), own: conditions({waitingFor: ['script chk']})}
    const group = started(first, waiting)
    expect(states(group)).toEqual(['init', 'init'])
    const ready = {type: 'conditions-changed', conditions: [conditions(), conditions()]} as const
    expect(states(stepGroup(group.members, ready, START))).toEqual(['backup', 'backup'])
  })

  it('begins as master only when all own their addresses', () => {
    const owner = {priority: priority(255), initialState: 'master'} as const
    expect(states(started(member('ONE', owner), member('TWO')))).toEqual(['backup', 'backup'])
    expect(states(started(member('ONE', owner), member('TWO', owner)))).toEqual(['master', 'master'])
  })

  it('stops as a whole, each master saying so', () => {
    const {group, now} = masters()
    const stopped = stepGroup(group.members, {type: 'stopped'}, now)
    expect(states(stopped)).toEqual(['init', 'init'])
    expect(wanted(stopped).filter(text => text.includes('send-advertisement'))).toHaveLength(2)
  })

  it('keeps its state through a changed configuration, and takes the conditions that come with it', () => {
    const {group, now} = masters()
    const [first] = group.members as readonly [SyncMember]
    const changed = simConfig({priority: priority(180)})
    const members = group.members.with(0, {...first, config: changed})
    const event = {
      type: 'configuration-changed',
      previous: first.config,
      conditions: conditions({priority: priority(180)}),
    } as const
    const after1 = stepGroup(members, {type: 'member-event', member: 0, event}, now)
    expect(states(after1)).toEqual(['master', 'master'])
    expect(after1.members[0]?.state.conditions.priority).toBe(180)
    const broken = {...event, conditions: conditions({faults: ['eth0 is down']})}
    expect(states(stepGroup(members, {type: 'member-event', member: 0, event: broken}, now))).toEqual([
      'fault',
      'fault',
    ])
  })
})

describe('a group of one member', () => {
  const SEEDS = Array.from({length: 50}, (_, i) => i + 1)

  it.each(SEEDS)('seed %i: does what the virtual router alone does', seed => {
    const random = seededRandom(seed)
    const config = simConfig({
      priority: priority(1 + random(255)),
      preempt: random(2) === 0,
      version: random(2) === 0 ? 2 : 3,
    })
    const own = conditions({priority: config.priority})
    let alone: VrrpState = initialState(own)
    let group: readonly SyncMember[] = [initialMember('ONLY', config, own)]
    let now = START
    const seen = new Set<string>()
    for (let i = 0; i < 200; i++) {
      now = after(now, random(1_500))
      const event = drawEvent(random, i, conditions({priority: config.priority}))
      const single = step(config, alone, event, now)
      const grouped = stepGroup(group, groupEventOf(event), now)
      expect(grouped.members[0]?.state).toEqual(single.state)
      expect(grouped.actions.map(({action}) => action)).toEqual(single.actions)
      expect(nextGroupDeadline(grouped.members)).toBe(nextDeadline(single.state))
      alone = single.state
      group = grouped.members
      seen.add(alone.name)
    }
    expect(seen.size).toBeGreaterThan(1)
  })
})

function drawEvent(random: (below: number) => number, i: number, own: Conditions): VrrpEvent {
  if (i === 0) return {type: 'started', resumeUntil: undefined}
  switch (random(8)) {
    case 0:
    case 1:
      return advert(random(256))
    case 2:
      return {type: 'conditions-changed', conditions: random(2) === 0 ? own : {...own, faults: ['eth0 is down']}}
    case 3:
      return {type: 'addresses-lost'}
    default:
      return {type: 'clock-advanced'}
  }
}

function groupEventOf(event: VrrpEvent): GroupEvent {
  switch (event.type) {
    case 'started':
    case 'clock-advanced':
    case 'take-over-ordered':
    case 'stopped':
      return event
    case 'conditions-changed':
      return {type: 'conditions-changed', conditions: [event.conditions]}
    default:
      return {type: 'member-event', member: 0, event}
  }
}
