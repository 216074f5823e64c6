import {describe, expect, it} from 'vitest'
import {causeOf} from '../../../src/agent/vrrp/cause.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {type MonotonicMs, monotonicMs as ms, priority} from '../../../src/core/units.ts'
import type {VrrpConfig} from '../../../src/core/vrrp/config.ts'
import {describeFollowing, describeTransition} from '../../../src/core/vrrp/describe.ts'
import {nextDeadline, step} from '../../../src/core/vrrp/machine.ts'
import {type Conditions, initialState, type Step, type VrrpEvent, type VrrpState} from '../../../src/core/vrrp/state.ts'
import {masterDownIntervalMs} from '../../../src/core/vrrp/timing.ts'
import {simConfig} from '../../sim/segment.ts'

const config = simConfig({priority: priority(150)})
const CONDITIONS: Conditions = {
  faults: [],
  waitingFor: [],
  held: undefined,
  priority: priority(150),
  source: '10.0.0.5' as IpAddress,
}
const HELD: Conditions = {...CONDITIONS, held: 'released by the operator'}

const advert = (source: string, value: number): VrrpEvent => ({
  type: 'advertisement-received',
  source: source as IpAddress,
  priority: priority(value),
  intervalMs: 1000,
})
const told = (conditions: Conditions): VrrpEvent => ({type: 'conditions-changed', conditions})
const kinds = ({actions}: Step): readonly string[] =>
  actions.map(action => (action.type === 'send-advertisement' ? `send ${action.priority}` : action.type))

/** A backup since 0 ms. */
function backup(of: VrrpConfig = config, conditions = CONDITIONS): VrrpState {
  const {state} = step(of, initialState(conditions), {type: 'started', resumeUntil: undefined}, ms(0))
  expect(state.name).toBe('backup')
  return state
}

/** A master since the given moment, which advertised then. */
function master(at: number, of: VrrpConfig = config, conditions = CONDITIONS): VrrpState {
  const {state} = step(of, backup(of, conditions), {type: 'take-over-ordered'}, ms(at))
  expect(state.name).toBe('master')
  return state
}

const sentence = (before: VrrpState, event: VrrpEvent, after: VrrpState, now: MonotonicMs, of = config): string =>
  describeTransition({config: of, before, event, after, now})

describe('a virtual router that is held', () => {
  it('leaves as master by priority 0, and is a backup without a deadline', () => {
    const before = master(100)
    const left = step(config, before, told(HELD), ms(200))
    expect(left.state.name).toBe('backup')
    expect(kinds(left)).toEqual(['send 0', 'remove-addresses'])
    expect(nextDeadline(left.state)).toBeUndefined()
    expect(step(config, left.state, {type: 'clock-advanced'}, ms(1e9))).toEqual({state: left.state, actions: []})
    expect(sentence(before, told(HELD), left.state, ms(200))).toBe('released by the operator')
    expect(causeOf(before, told(HELD))).toBe('held')
  })

  it('listens and learns, and waits a whole interval of its master when it is free again', () => {
    let state = step(config, backup(), told(HELD), ms(100)).state
    state = step(config, state, {...advert('10.0.0.9', 200), intervalMs: 4000} as VrrpEvent, ms(200)).state
    expect(nextDeadline(state)).toBeUndefined()
    state = step(config, state, told(CONDITIONS), ms(90_000)).state
    expect(nextDeadline(state)).toBe(90_000 + masterDownIntervalMs(config, priority(150), 4000))
  })

  it('does not become master by an order, nor at its start, whoever it is', () => {
    const state = step(config, backup(), told(HELD), ms(100)).state
    expect(step(config, state, {type: 'take-over-ordered'}, ms(200))).toEqual({state, actions: []})
    const owner = simConfig({priority: priority(255), initialState: 'master'})
    const conditions = {...HELD, priority: priority(255)}
    const started = step(owner, initialState(conditions), {type: 'started', resumeUntil: undefined}, ms(0))
    expect(started.state.name).toBe('backup')
    expect(kinds(started)).toEqual(['remove-addresses'])
    expect(nextDeadline(started.state)).toBeUndefined()
  })

  it('leaves by a reload too, and comes out of a fault still held', () => {
    const event: VrrpEvent = {type: 'configuration-changed', previous: config, conditions: HELD}
    const left = step(config, master(100), event, ms(200))
    expect(kinds(left)).toEqual(['send 0', 'remove-addresses'])
    const fault = step(config, left.state, told({...HELD, faults: ['eth0 is down']}), ms(300)).state
    expect(fault.name).toBe('fault')
    const back = step(config, fault, told(HELD), ms(400)).state
    expect(back.name).toBe('backup')
    expect(nextDeadline(back)).toBeUndefined()
  })
})

describe('an order to take over', () => {
  it('makes a backup master at once, whatever nopreempt and its timer say', () => {
    const quiet = {...config, preempt: false}
    const before = step(quiet, backup(quiet), advert('10.0.0.9', 100), ms(100)).state
    const taken = step(quiet, before, {type: 'take-over-ordered'}, ms(101))
    expect(kinds(taken)).toEqual(['send 150', 'add-addresses', 'announce-addresses'])
    expect(sentence(before, {type: 'take-over-ordered'}, taken.state, ms(101))).toBe('it was ordered to take over')
    expect(causeOf(before, {type: 'take-over-ordered'})).toBe('take-over-ordered')
  })

  it('changes nothing for a master, in fault and in init', () => {
    const fault = step(config, backup(), told({...CONDITIONS, faults: ['eth0 is down']}), ms(1)).state
    for (const state of [master(100), fault, initialState(CONDITIONS)]) {
      expect(step(config, state, {type: 'take-over-ordered'}, ms(200))).toEqual({state, actions: []})
    }
  })
})

describe('a process that was master and is back', () => {
  it.each([
    ['goes on', CONDITIONS, ['send 150', 'add-addresses', 'announce-addresses']],
    ['leaves when it is held now', HELD, ['send 0', 'remove-addresses']],
    ['leaves when it is in fault now', {...CONDITIONS, faults: ['eth0 is down']}, ['send 0', 'remove-addresses']],
    ['leaves when it has to wait now', {...CONDITIONS, waitingFor: ['script x']}, ['send 0', 'remove-addresses']],
  ])('%s', (_, conditions, expected) => {
    const event: VrrpEvent = {type: 'started', resumeUntil: ms(500)}
    expect(kinds(step(config, initialState(conditions), event, ms(400)))).toEqual(expected)
    if (expected[0] === 'send 0') {
      expect(kinds(step(config, initialState(conditions), event, ms(600)))).toEqual(['remove-addresses'])
    }
  })
})

describe('a master that hears a lower priority', () => {
  // keepalived.conf(5): lower_prio_no_advert, garp_lower_prio_repeat, notify_master_rx_lower_pri.
  it.each([
    ['answers, announces and reports', false, ['send 150', 'announce-addresses', 'report-lower-priority']],
    ['with lower_prio_no_advert only announces and reports', true, ['announce-addresses', 'report-lower-priority']],
  ])('%s, ten times an interval at most', (_, lowerPriorityNoAdvert, expected) => {
    const of = {...config, lowerPriorityNoAdvert}
    let state = master(1_000, of)
    const counts = new Map<string, number>()
    for (let at = 1_500; at < 2_500; at += 10) {
      const result = step(of, state, advert('10.0.0.9', 100), ms(at))
      if (at === 1_500) expect(kinds(result)).toEqual(expected)
      for (const kind of kinds(result)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
      ;({state} = result)
    }
    expect(counts.get('report-lower-priority')).toBe(10)
    expect(counts.get('announce-addresses')).toBe(10)
    expect(counts.get('send 150')).toBe(lowerPriorityNoAdvert ? undefined : 10)
  })

  it('answers priority 0 even with lower_prio_no_advert, and reports nothing', () => {
    const of = {...config, lowerPriorityNoAdvert: true}
    expect(kinds(step(of, master(1_000, of), advert('10.0.0.9', 0), ms(1_500)))).toEqual(['send 150'])
  })

  it('keeps its beat with lower_prio_no_advert', () => {
    const of = {...config, lowerPriorityNoAdvert: true}
    const {state} = step(of, master(1_000, of), advert('10.0.0.9', 100), ms(1_500))
    expect(nextDeadline(state)).toBe(2_000)
  })
})

describe('a master that yields', () => {
  // keepalived.conf(5), higher_prio_send_advert: for an equal priority of a greater address too.
  it.each([
    ['10.0.0.9', 200, ['send 150', 'remove-addresses']],
    ['10.0.0.9', 150, ['send 150', 'remove-addresses']],
  ])('to %s with %i says once more that it was there, with higher_prio_send_advert', (source, value, expected) => {
    const of = {...config, higherPrioritySendAdvert: true}
    expect(kinds(step(of, master(1_000, of), advert(source, value), ms(1_500)))).toEqual(expected)
    expect(kinds(step(config, master(1_000), advert(source, value), ms(1_500)))).toEqual(['remove-addresses'])
  })

  it('says nothing after it overslept, since the other one would yield to it', () => {
    const of = {...config, higherPrioritySendAdvert: true, preempt: false}
    const result = step(of, master(1_000, of), advert('10.0.0.9', 100), ms(9_000))
    expect(result.state.name).toBe('backup')
    expect(kinds(result)).toEqual(['remove-addresses'])
  })
})

// keepalived.conf(5) of 2.4, timer_expired_backup: the highest priority that another one may have.
describe('timer_expired_backup', () => {
  const of = {...config, preempt: false, timerExpiredBackup: priority(100)}
  const since = master(1_000, of)
  const limit = 1_000 + masterDownIntervalMs(of, priority(100), 1_000)

  it('makes a master that was held up a backup, before it says anything', () => {
    const late = ms(limit + 1)
    const result = step(of, since, {type: 'clock-advanced'}, late)
    expect(result.state.name).toBe('backup')
    expect(kinds(result)).toEqual(['remove-addresses'])
    expect(nextDeadline(result.state)).toBe(late + masterDownIntervalMs(of, priority(150), 1_000))
    const why = 'it was held up for 3610 ms, in which another may have taken over'
    expect(sentence(since, {type: 'clock-advanced'}, result.state, late, of)).toBe(why)
    expect(causeOf(since, {type: 'clock-advanced'})).toBe('held-up')
  })

  it('does nothing as long as nobody can have taken over, nor when it is not configured', () => {
    expect(step(of, since, {type: 'clock-advanced'}, ms(limit)).state.name).toBe('master')
    const plain = {...of, timerExpiredBackup: undefined}
    expect(step(plain, since, {type: 'clock-advanced'}, ms(limit + 1)).state.name).toBe('master')
  })
})

describe('two owners', () => {
  const owner = simConfig({priority: priority(255)})
  const owning = {...CONDITIONS, priority: priority(255)}

  it('the lower address yields at once, the greater one answers', () => {
    const state = master(1_000, owner, owning)
    expect(step(owner, state, advert('10.0.0.9', 255), ms(1_500)).state.name).toBe('backup')
    const answered = step(owner, state, advert('10.0.0.4', 255), ms(1_500))
    expect(answered.state.name).toBe('master')
    expect(kinds(answered)[0]).toBe('send 255')
  })

  it('the greater one gives in to one that goes on for two intervals, and obeys it', () => {
    let state = master(1_000, owner, owning)
    for (const [at, expected] of [
      [1_500, 'master'],
      [2_500, 'master'],
      [3_500, 'backup'],
    ] as const) {
      const before = state
      ;({state} = step(owner, before, advert('10.0.0.4', 255), ms(at)))
      expect(state.name, `at ${at} ms`).toBe(expected)
      const text = '10.0.0.4 owns the address too, and does not yield'
      if (expected === 'backup') expect(sentence(before, advert('10.0.0.4', 255), state, ms(at))).toBe(text)
    }
    state = step(owner, state, advert('10.0.0.4', 255), ms(6_000)).state
    expect(nextDeadline(state)).toBe(6_000 + masterDownIntervalMs(owner, priority(255), 1_000))
  })

  it('the greater one stays when it hears the other now and then only', () => {
    let state = master(1_000, owner, owning)
    for (let at = 1_500; at < 20_000; at += 1_300) {
      state = step(owner, state, advert('10.0.0.4', 255), ms(at)).state
      expect(state.name).toBe('master')
    }
  })

  it('does not read advertisements at all with owner_ignore_adverts, while it owns', () => {
    const deaf = {...owner, ownerIgnoreAdverts: true}
    const state = master(1_000, deaf, owning)
    expect(step(deaf, state, advert('10.0.0.9', 255), ms(1_500))).toEqual({state, actions: []})
    const waiting = backup(deaf, {...owning, held: 'released'})
    expect(step(deaf, waiting, advert('10.0.0.9', 255), ms(1_500))).toEqual({state: waiting, actions: []})
    const lowered = master(1_000, deaf, CONDITIONS)
    expect(step(deaf, lowered, advert('10.0.0.9', 255), ms(1_500)).state.name).toBe('backup')
  })
})

describe('a changed configuration', () => {
  it('moves the timer to the new down_timer_adverts, and drops a preempt_delay that is gone', () => {
    const before = simConfig({priority: priority(150), preemptDelayMs: 60_000})
    const state = step(before, backup(before), advert('10.0.0.9', 100), ms(100)).state
    expect(state).toMatchObject({preemptAt: 60_100})
    const next = {...before, preemptDelayMs: 0, downTimerAdverts: 5}
    const event: VrrpEvent = {type: 'configuration-changed', previous: before, conditions: CONDITIONS}
    const changed = step(next, state, event, ms(200)).state
    expect(nextDeadline(changed)).toBe((nextDeadline(state) as number) + 2_000)
    const obeyed = step(next, changed, advert('10.0.0.9', 100), ms(1_100)).state
    expect(nextDeadline(obeyed)).toBe(nextDeadline(changed))
  })
})

it('a member that follows another one of its group says whom', () => {
  expect(describeFollowing('VI_1', master(100))).toBe('VI_1 of its sync group is master')
  const left = 'it leaves with VI_1 of its sync group, which is no longer master'
  expect(describeFollowing('VI_1', backup())).toBe(left)
})
