import {describe, expect, it} from 'vitest'
import {evaluateTracks, type Track, trackAdds} from '../../../src/core/track/tracking.ts'
import {priority} from '../../../src/core/units.ts'

const track = (weight: number, verdict: Track['verdict'], reverse = false): Track => ({
  kind: 'script',
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

  it('does not wait for what is down until it is seen', () => {
    const of = (kind: Track['kind'], weight: number) => [{...track(weight, 'unknown'), kind, label: `${kind} x`}]
    for (const kind of ['interface', 'bfd'] as const) {
      const unweighted = evaluateTracks(priority(100), of(kind, 0))
      expect(unweighted).toEqual({priority: 100, faults: [`${kind} x is bad`], waitingFor: []})
      expect(evaluateTracks(priority(100), of(kind, -7)).priority).toBe(93)
      expect(evaluateTracks(priority(100), of(kind, 7)).priority).toBe(100)
    }
    expect(evaluateTracks(priority(100), of('process', 0)).waitingFor).toEqual(['process x'])
  })
})

const file = (weight: number, value: number | undefined, reverse = false): Track => ({
  kind: 'file',
  label: 'file f',
  weight,
  reverse,
  verdict: 'good',
  value,
  detail: undefined,
})

// Measured with keepalived 2.2.7.
describe('a tracked file', () => {
  it.each<[number, number | undefined, boolean, number | 'fault']>([
    [1, undefined, false, 100],
    [1, -1, false, 99],
    [1, 5, false, 105],
    [10, -1, true, 110],
    [10, 5, true, 50],
    [-5, -1, false, 105],
    [-5, 5, false, 75],
    [254, 5, false, 254],
    [254, -1, false, 'fault'],
    [1, -253, false, 1],
    [1, -254, false, 'fault'],
    [1, -300, false, 'fault'],
    [1, 300, false, 254],
    [-254, 0x7fff_ffff, false, 'fault'],
    [254, 0x7fff_ffff, false, 254],
    [0, 0, false, 100],
    [0, undefined, false, 100],
    [0, -1, false, 'fault'],
    [0, 5, false, 'fault'],
    [0, 0, true, 'fault'],
    [0, 5, true, 100],
  ])('with weight %i and %i in it, reverse %s, makes 100 to %s', (weight, value, reverse, outcome) => {
    const tracking = evaluateTracks(priority(100), [file(weight, value, reverse)])
    expect(tracking.faults).toEqual(outcome === 'fault' ? [`file f holds ${value ?? 0}`] : [])
    expect(tracking.priority).toBe(outcome === 'fault' ? 100 : outcome)
    expect(trackAdds(priority(100), file(weight, value, reverse))).toBe(
      outcome === 'fault' ? 0 : Math.max(-253, Math.min(253, (value ?? 0) * weight * (reverse ? -1 : 1))) + 0,
    )
  })

  it('adds to the others, and no more than a fault takes away', () => {
    const tracking = evaluateTracks(priority(100), [file(1, 300), track(-20, 'bad'), file(2, -100)])
    expect(tracking).toEqual({priority: 133, faults: [], waitingFor: []})
  })

  it('does nothing to an address owner when it has a weight', () => {
    expect(evaluateTracks(priority(255), [file(1, -254), file(1, -3)])).toEqual({
      priority: 255,
      faults: [],
      waitingFor: [],
    })
    expect(evaluateTracks(priority(255), [file(0, 1)]).faults).toEqual(['file f holds 1'])
  })
})
