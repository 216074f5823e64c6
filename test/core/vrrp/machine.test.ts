import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {monotonicMs, priority} from '../../../src/core/units.ts'
import {describeTransition} from '../../../src/core/vrrp/describe.ts'
import {nextDeadline, step} from '../../../src/core/vrrp/machine.ts'
import {type Conditions, initialState, type VrrpEvent, type VrrpState} from '../../../src/core/vrrp/state.ts'
import {masterDownIntervalMs, skewMs} from '../../../src/core/vrrp/timing.ts'
import {simConfig} from '../../sim/segment.ts'

const conditions: Conditions = {
  faults: [],
  waitingFor: [],
  held: undefined,
  priority: priority(150),
  source: '10.0.0.5' as IpAddress,
}
const advert = (source: string, value: number): VrrpEvent => ({
  type: 'advertisement-received',
  source: source as IpAddress,
  priority: priority(value),
  intervalMs: 1000,
})
const ms = monotonicMs

describe('timing', () => {
  // RFC 3768 section 6.1 and RFC 9568 section 6.1; the examples' README works the first two out.
  it.each([
    [2, 100, 2000, 6609.375],
    [2, 101, 2000, 6605.46875],
    [3, 100, 1000, 3609.375],
    [3, 100, 100, 360.9375],
    [3, 254, 10, 30.078125],
  ] as const)('version %i, priority %i, interval %i ms: down after %d ms', (version, prio, interval, expected) => {
    expect(masterDownIntervalMs({version, downTimerAdverts: 3}, priority(prio), interval)).toBe(expected)
    expect(skewMs(version, priority(prio), interval)).toBe(expected - 3 * interval)
  })
})

describe('the machine', () => {
  const config = simConfig({priority: priority(150)})
  const start = (at: number): VrrpState =>
    step(config, initialState(conditions), {type: 'started', resumeUntil: undefined}, ms(at)).state
  const master = (at: number): VrrpState => {
    const state = start(0)
    const due = nextDeadline(state)
    expect(due).toBe(3414.0625)
    return step(config, state, {type: 'clock-advanced'}, ms(at)).state
  }

  it('does nothing when the clock is early, and keeps its beat when it is a little late', () => {
    expect(step(config, start(0), {type: 'clock-advanced'}, ms(3414)).actions).toEqual([])
    let state = master(3415)
    expect(nextDeadline(state)).toBe(4415)
    state = step(config, state, {type: 'clock-advanced'}, ms(4420)).state
    expect(nextDeadline(state)).toBe(5415)
  })

  it('sends one advertisement after a long sleep, not a volley', () => {
    const {state, actions} = step(config, master(3415), {type: 'clock-advanced'}, ms(14_415))
    expect(actions.filter(action => action.type === 'send-advertisement')).toHaveLength(1)
    expect(nextDeadline(state)).toBe(15_415)
  })

  // RFC 9568 section 6.4.3.
  it.each([
    ['10.0.0.9', 151, 'backup'],
    ['10.0.0.9', 150, 'backup'],
    ['10.0.0.10', 150, 'backup'],
    ['10.0.0.4', 150, 'master'],
    ['10.0.0.5', 150, 'master'],
    ['10.0.0.9', 149, 'master'],
    ['10.0.0.9', 0, 'master'],
    ['10.0.0.9', 255, 'backup'],
  ])('as master of 10.0.0.5 with 150, hearing %s with %i, becomes %s', (source, value, name) => {
    expect(step(config, master(3500), advert(source, value), ms(3600)).state.name).toBe(name)
  })

  it('yields after it overslept only if it may not preempt', () => {
    const state = master(3500)
    const late = ms(10_000)
    const quiet = {...config, preempt: false}
    expect(step(config, state, advert('10.0.0.9', 100), late).state.name).toBe('master')
    const after = step(quiet, state, advert('10.0.0.9', 100), late)
    expect(after.state.name).toBe('backup')
    expect(after.actions).toEqual([{type: 'remove-addresses'}])
    const passage = {config: quiet, before: state, event: advert('10.0.0.9', 100), after: after.state, now: late}
    expect(describeTransition(passage)).toBe('it slept while 10.0.0.9 took over, and is not to preempt')
    expect(step(quiet, state, advert('10.0.0.9', 100), ms(3600)).state.name).toBe('master')
  })

  it('hears nothing and asks for no timer in init and fault', () => {
    const faulty = {...conditions, faults: ['eth0 is down']}
    for (const state of [
      initialState(conditions),
      step(config, start(0), {type: 'conditions-changed', conditions: faulty}, ms(1)).state,
    ]) {
      expect(nextDeadline(state)).toBeUndefined()
      const events = [advert('10.0.0.9', 255), {type: 'clock-advanced'}, {type: 'addresses-lost'}] as VrrpEvent[]
      for (const event of events) expect(step(config, state, event, ms(9999))).toEqual({state, actions: []})
    }
  })

  it('learns the master interval in version 3 and waits three of them', () => {
    const event = {...advert('10.0.0.9', 200), intervalMs: 4000} as VrrpEvent
    const {state} = step(config, start(0), event, ms(100))
    expect(nextDeadline(state)).toBe(100 + masterDownIntervalMs(config, priority(150), 4000))
  })

  it('moves the running timer with its priority', () => {
    const before = nextDeadline(start(0)) as number
    const raised = {...conditions, priority: priority(200)}
    const {state} = step(config, start(0), {type: 'conditions-changed', conditions: raised}, ms(100))
    expect(nextDeadline(state)).toBe(before - (50 * 1000) / 256)
  })
})
