import {describe, expect, it} from 'vitest'
import {evaluateTracks, type Track} from '../../../src/core/track/tracking.ts'
import {priority} from '../../../src/core/units.ts'

const track = (weight: number, verdict: Track['verdict'], reverse = false): Track => ({
  label: 'script x',
  weight,
  reverse,
  verdict,
  detail: undefined,
})

describe('what is tracked', () => {
  // keepalived.conf(5), vrrp_script weight; measured: nothing is added before the first result.
  it.each([
    [100, [track(-5, 'bad')], 95],
    [100, [track(-5, 'good')], 100],
    [100, [track(10, 'good')], 110],
    [100, [track(10, 'bad')], 100],
    [100, [track(10, 'unknown'), track(-10, 'unknown')], 100],
    [100, [track(10, 'good', true)], 90],
    [100, [track(10, 'bad', true)], 100],
    [100, [track(-10, 'good', true)], 100],
    [100, [track(-10, 'bad', true)], 110],
    [250, [track(100, 'good')], 254],
    [10, [track(-100, 'bad')], 1],
    [255, [track(-100, 'bad')], 255],
    [100, [track(-20, 'bad'), track(15, 'good')], 95],
  ])('takes %i with %j to %i', (base, tracks, effective) => {
    expect(evaluateTracks(priority(base), tracks).priority).toBe(effective)
  })

  it('makes a fault of what has no weight and is bad', () => {
    const bad = {...track(0, 'bad'), detail: 'exit status 1'}
    expect(evaluateTracks(priority(100), [bad]).faults).toEqual(['script x: exit status 1'])
    expect(evaluateTracks(priority(100), [track(0, 'good', true)]).faults).toEqual(['script x is bad'])
    expect(evaluateTracks(priority(100), [track(0, 'good')]).faults).toEqual([])
  })

  it('waits for what has no weight and has not reported', () => {
    expect(evaluateTracks(priority(100), [track(0, 'unknown'), track(5, 'unknown')]).waitingFor).toEqual(['script x'])
  })
})
