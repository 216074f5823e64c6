import {describe, expect, it} from 'vitest'
import {type Moving, watchForRest} from '../../../src/cluster/simulation/rest.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {type MonotonicMs, monotonicMs, priority, vrid} from '../../../src/core/units.ts'
import {VRRP_GROUP4, type VrrpConfig} from '../../../src/core/vrrp/config.ts'
import type {VrrpState} from '../../../src/core/vrrp/state.ts'

const START = monotonicMs(10_000)
const INTERVAL_MS = 1_000
const CONDITIONS = {
  faults: [],
  waitingFor: [],
  held: undefined,
  priority: priority(100),
  source: '10.0.0.1' as IpAddress,
}

const CONFIG: VrrpConfig = {
  family: 4,
  downTimerAdverts: 3,
  transport: {type: 'multicast', group: VRRP_GROUP4},
  hmac: undefined,
  lowerPriorityNoAdvert: false,
  higherPrioritySendAdvert: false,
  ownerIgnoreAdverts: false,
  skipCheckAdvertAddresses: false,
  timerExpiredBackup: undefined,
  vrid: vrid(1),
  version: 2,
  initialState: 'backup',
  priority: priority(100),
  advertIntervalMs: INTERVAL_MS,
  preempt: true,
  preemptDelayMs: 0,
  authentication: undefined,
  checksumWithoutPseudoHeader: false,
  garp: {
    delayMs: 0,
    repeat: 0,
    refreshMs: 0,
    refreshRepeat: 0,
    lowerPriorityDelayMs: 0,
    lowerPriorityRepeat: 0,
  },
  vips: [],
}

const backupUntil = (masterDownAt: MonotonicMs, preemptAt?: MonotonicMs): VrrpState => ({
  name: 'backup',
  conditions: CONDITIONS,
  masterDownAt,
  masterIntervalMs: INTERVAL_MS,
  heard: undefined,
  preemptAt,
})

const movingWith = (state: VrrpState, changes = 0, inFlight = 0): Moving => ({
  units: [[{name: 'VI_1', config: CONFIG, own: CONDITIONS, state}]],
  changes,
  inFlight,
})

/** What it says at each look, an interval apart. */
function looks(count: number, movingAt: (at: MonotonicMs) => Moving): readonly boolean[] {
  const watch = watchForRest(START, INTERVAL_MS)
  return Array.from({length: count}, () => watch.look(movingAt(watch.at())))
}

const later = (at: number, ms: number): MonotonicMs => monotonicMs(at + ms)

describe('a world is at rest', () => {
  it('when every timer is as far away as an interval ago', () => {
    expect(looks(3, at => movingWith(backupUntil(later(at, 2_609))))).toEqual([false, true, true])
  })

  it.each<readonly [string, (at: MonotonicMs) => Moving]>([
    ['a timer comes nearer', () => movingWith(backupUntil(later(START, 9_000)))],
    ['a preemption comes nearer', at => movingWith(backupUntil(later(at, 2_609), later(START, 9_000)))],
    ['something has changed since', at => movingWith(backupUntil(later(at, 2_609)), at)],
    ['a packet is on its way', at => movingWith(backupUntil(later(at, 2_609)), 0, 1)],
  ])('not while %s', (_, movingAt) => {
    expect(looks(4, movingAt)).toEqual([false, false, false, false])
  })

  it('when a timer that ran out long ago waits for the rest of its group', () => {
    const seen = looks(6, () => movingWith(backupUntil(later(START, -5_000))))
    expect(seen.at(-1)).toBe(true)
  })
})
