import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {type MonotonicMs, monotonicMs as ms, priority} from '../../../src/core/units.ts'
import type {VrrpConfig} from '../../../src/core/vrrp/config.ts'
import {nextDeadline, step} from '../../../src/core/vrrp/machine.ts'
import type {Conditions} from '../../../src/core/vrrp/state.ts'
import {
  type GroupStep,
  initialMember,
  type MemberEvent,
  type NextMember,
  nextGroupDeadline,
  type SyncMember,
  stepGroup,
} from '../../../src/core/vrrp/sync-group.ts'
import {simConfig} from '../../sim/segment.ts'

const conditions = (over: Partial<Conditions> = {}): Conditions => ({
  faults: [],
  waitingFor: [],
  held: undefined,
  priority: priority(100),
  source: '10.0.0.5' as IpAddress,
  ...over,
})

const member = (name: string, config: Partial<VrrpConfig> = {}, own: Partial<Conditions> = {}): SyncMember =>
  initialMember(name, simConfig(config), conditions(own))

const advert = (from: number, source = '10.0.0.9'): MemberEvent => ({
  type: 'advertisement-received',
  source: source as IpAddress,
  priority: priority(from),
  intervalMs: 1_000,
})

const states = ({members}: Pick<GroupStep, 'members'>): readonly string[] => members.map(({state}) => state.name)
const wanted = ({actions}: GroupStep): readonly string[] =>
  actions.map(({member: i, action}) => {
    return action.type === 'send-advertisement' ? `${i} send ${action.priority}` : `${i} ${action.type}`
  })

const started = (...members: readonly SyncMember[]): readonly SyncMember[] =>
  stepGroup(members, {type: 'started', resumeUntil: undefined}, ms(0)).members
const masters = (...members: readonly SyncMember[]): readonly SyncMember[] => {
  const taken = stepGroup(started(...members), {type: 'clock-advanced'}, ms(4_000))
  expect(new Set(states(taken))).toEqual(new Set(['master']))
  return taken.members
}
const tell = (members: readonly SyncMember[], own: readonly Conditions[], now: MonotonicMs): GroupStep =>
  stepGroup(members, {type: 'conditions-changed', conditions: own}, now)
const staying = (from: SyncMember, over: Partial<NextMember> = {}): NextMember => ({
  name: from.name,
  config: from.config,
  own: from.own,
  from,
  ...over,
})
const changed = (before: readonly SyncMember[], next: readonly NextMember[], now = 5_000): GroupStep =>
  stepGroup(before, {type: 'members-changed', members: next}, ms(now))

describe('a sync group of which one member is held', () => {
  const held = [conditions(), conditions({held: 'released by the operator'})]

  it('leaves as a whole, each saying so, and waits without a deadline', () => {
    const left = tell(masters(member('ONE'), member('TWO')), held, ms(5_000))
    expect(states(left)).toEqual(['backup', 'backup'])
    expect(wanted(left)).toEqual(['0 send 0', '0 remove-addresses', '1 send 0', '1 remove-addresses'])
    expect(left.members[0]?.state.conditions.held).toBe('TWO: released by the operator')
    expect(nextGroupDeadline(left.members)).toBeUndefined()
    expect(states(stepGroup(left.members, {type: 'clock-advanced'}, ms(1e9)))).toEqual(['backup', 'backup'])
  })

  it('is not to be ordered to take over, and waits the whole time when it is free', () => {
    const left = tell(masters(member('ONE'), member('TWO')), held, ms(5_000)).members
    expect(stepGroup(left, {type: 'take-over-ordered'}, ms(6_000))).toEqual({members: left, actions: []})
    const free = tell(left, [conditions(), conditions()], ms(60_000)).members
    expect(nextGroupDeadline(free)).toBe(63_609.375)
  })
})

describe('a sync group that is ordered to take over', () => {
  it('does so as a whole and at once, though it hears a master', () => {
    let members = started(member('ONE', {preempt: false}), member('TWO', {preempt: false}))
    ;({members} = stepGroup(members, {type: 'member-event', member: 0, event: advert(50)}, ms(100)))
    const taken = stepGroup(members, {type: 'take-over-ordered'}, ms(200))
    expect(states(taken)).toEqual(['master', 'master'])
    expect(wanted(taken).filter(text => text.includes('send'))).toEqual(['0 send 100', '1 send 100'])
  })

  it('does not while one member is in fault', () => {
    const broken = tell(started(member('ONE'), member('TWO')), [conditions(), conditions({faults: ['x']})], ms(1))
    expect(states(stepGroup(broken.members, {type: 'take-over-ordered'}, ms(2)))).toEqual(['fault', 'fault'])
  })
})

describe('a master group of which one member hears a lower priority', () => {
  // keepalived.conf(5), garp_lower_prio_repeat: for all members of the group.
  it('announces the addresses of all members, once however many of them hear it', () => {
    let members = masters(member('ONE'), member('TWO'), member('THREE'))
    const answered = stepGroup(members, {type: 'member-event', member: 1, event: advert(50)}, ms(4_500))
    expect(wanted(answered)).toEqual([
      '1 send 100',
      '1 announce-addresses',
      '1 report-lower-priority',
      '0 announce-addresses',
      '2 announce-addresses',
    ])
    ;({members} = answered)
    const again = stepGroup(members, {type: 'member-event', member: 0, event: advert(50)}, ms(4_501))
    expect(wanted(again)).toEqual(['0 send 100', '0 report-lower-priority'])
  })
})

// keepalived.conf(5) of 2.4, timer_expired_backup.
it('a group of which one member was held up leaves as a whole, and says nothing', () => {
  const members = masters(member('ONE'), member('TWO', {timerExpiredBackup: priority(254), preempt: false}))
  const late = stepGroup(members, {type: 'clock-advanced'}, ms(9_000))
  expect(states(late)).toEqual(['backup', 'backup'])
  expect(wanted(late)).toEqual(['0 remove-addresses', '1 remove-addresses'])
})

describe('a group whose process was restarted', () => {
  const start = (until: readonly (MonotonicMs | undefined)[], own: Partial<Conditions> = {}): GroupStep =>
    stepGroup(
      [member('ONE'), member('TWO', {}, own)],
      {type: 'started', resumeUntil: undefined, resumeUntilEach: until},
      ms(1_000),
    )

  it('goes on as master when all of its members can', () => {
    expect(states(start([ms(1_500), ms(2_000)]))).toEqual(['master', 'master'])
  })

  it.each([
    ['was none', [ms(1_500), undefined], {}, ['0 send 0', '0 remove-addresses', '1 remove-addresses']],
    ['is too late', [ms(1_500), ms(900)], {}, ['0 send 0', '0 remove-addresses', '1 remove-addresses']],
    [
      'is in fault',
      [ms(1_500), ms(1_500)],
      {faults: ['eth1 is down']},
      ['0 send 0', '0 remove-addresses', '1 send 0', '1 remove-addresses'],
    ],
  ] as const)('leaves where one member %s', (_, until, own, expected) => {
    const result = start(until, own)
    expect(states(result)).not.toContain('master')
    expect(wanted(result)).toEqual(expected)
  })
})

describe('a reload that changes the members of a group', () => {
  it('is not noticed by masters that stay', () => {
    const before = masters(member('ONE'), member('TWO'), member('THREE'))
    const result = changed(
      before,
      before.slice(0, 2).map(from => staying(from)),
    )
    expect(result.actions).toEqual([])
    expect(result.members.map(({state}) => state)).toEqual(before.slice(0, 2).map(({state}) => state))
  })

  it('makes a new member a master at once beside masters', () => {
    const before = masters(member('ONE'), member('TWO'))
    const fresh: NextMember = {name: 'NEW', config: simConfig(), own: conditions(), from: undefined}
    const result = changed(before, [...before.map(from => staying(from)), fresh])
    expect(states(result)).toEqual(['master', 'master', 'master'])
    expect(wanted(result)).toEqual(['2 remove-addresses', '2 send 100', '2 add-addresses', '2 announce-addresses'])
  })

  it('brings a master that joins backups down, which says that it leaves', () => {
    const before = started(member('ONE'), member('TWO'))
    const [lone] = masters(member('LONE')) as [SyncMember]
    const result = changed(
      before,
      [...before, lone].map(from => staying(from)),
    )
    expect(states(result)).toEqual(['backup', 'backup', 'backup'])
    expect(wanted(result)).toEqual(['2 send 0', '2 remove-addresses'])
  })

  it('lets masters lead where a group is made of routers that were alone', () => {
    const [lone] = masters(member('LONE')) as [SyncMember]
    const [other] = started(member('OTHER')) as [SyncMember]
    const result = changed([], [staying(other), staying(lone)])
    expect(states(result)).toEqual(['master', 'master'])
    expect(wanted(result)).toEqual(['0 send 100', '0 add-addresses', '0 announce-addresses'])
  })

  it('lets a member that goes out of a group go on alone', () => {
    const before = masters(member('ONE'), member('TWO'))
    const result = changed(before, [staying(before[1] as SyncMember)])
    expect(result.actions).toEqual([])
    expect(states(result)).toEqual(['master'])
  })

  it('puts all in fault with a member that joins in fault, and frees all when that member goes', () => {
    const before = masters(member('ONE'), member('TWO'))
    const own = conditions({faults: ['eth9 is down']})
    const result = changed(before, [
      ...before.map(from => staying(from)),
      {name: 'NEW', config: simConfig(), own, from: undefined},
    ])
    expect(states(result)).toEqual(['fault', 'fault', 'fault'])
    expect(result.members[0]?.state.conditions.faults).toEqual(['NEW: eth9 is down'])
    const freed = changed(
      result.members,
      result.members.slice(0, 2).map(from => staying(from)),
    )
    expect(states(freed)).toEqual(['backup', 'backup'])
    expect(freed.members[0]?.state.conditions.faults).toEqual([])
  })

  it('waits for what a new member waits for, while masters stay masters, and brings it in then', () => {
    const before = masters(member('ONE'), member('TWO'))
    const own = conditions({waitingFor: ['script chk']})
    const {members} = changed(before, [
      ...before.map(from => staying(from)),
      {name: 'NEW', config: simConfig(), own, from: undefined},
    ])
    expect(states({members})).toEqual(['master', 'master', 'init'])
    expect(nextGroupDeadline(members)).toBe(5_000)
    expect(states(tell(members, [conditions(), conditions(), conditions()], ms(6_000)))).toEqual([
      'master',
      'master',
      'master',
    ])
  })

  it('advertises what a member has anew, under another name', () => {
    const before = masters(member('ONE'), member('TWO'))
    const config = simConfig({advertIntervalMs: 500})
    const result = changed(before, [
      staying(before[0] as SyncMember),
      staying(before[1] as SyncMember, {config, name: '2'}),
    ])
    expect(states(result)).toEqual(['master', 'master'])
    expect(wanted(result)).toEqual(['1 send 100', '1 add-addresses'])
    expect(result.members[1]?.name).toBe('2')
    expect(nextDeadline((result.members[1] as SyncMember).state)).toBe(5_500)
  })
})

describe('large groups', () => {
  it('tell each member a bounded number of the reasons of others', () => {
    const members = Array.from({length: 200}, (_, i) => member(`VI_${i}`, {}, {faults: [`eth${i} is down`]}))
    const {faults} = (started(...members)[7] as SyncMember).state.conditions
    expect(faults).toHaveLength(10)
    expect(faults[0]).toBe('eth7 is down')
    expect(faults[1]).toBe('VI_0: eth0 is down')
    expect(faults.at(-1)).toBe('and 191 more in its sync group')
  })

  it('leave what nothing happened to as it is', () => {
    const members = masters(...Array.from({length: 50}, (_, i) => member(`VI_${i}`)))
    const idle = stepGroup(members, {type: 'clock-advanced'}, ms(4_001))
    expect(idle.members).toBe(members)
    const heard = stepGroup(members, {type: 'member-event', member: 3, event: advert(100, '10.0.0.5')}, ms(4_002))
    expect(heard.members).toBe(members)
    expect(heard.actions).toHaveLength(0)
  })
})

describe('a group of one', () => {
  it('is nothing but the machine: the same states, and no object where nothing happened', () => {
    const alone = masters(member('ONLY'))
    const idle = stepGroup(alone, {type: 'clock-advanced'}, ms(4_001))
    expect(idle.members).toBe(alone)
    const [only] = alone as [SyncMember]
    const due = ms(5_000)
    const single = step(only.config, only.state, {type: 'clock-advanced'}, due)
    const group = stepGroup(alone, {type: 'clock-advanced'}, due)
    expect(group.members[0]?.state).toEqual(single.state)
    expect(wanted(group)).toEqual(['0 send 100'])
    const other = {type: 'member-event', member: 1, event: advert(1)} as const
    expect(() => stepGroup(alone, other, due)).toThrow(RangeError)
  })
})
