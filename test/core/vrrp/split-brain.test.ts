import {describe, expect, it} from 'vitest'
import {type MonotonicMs, monotonicMs} from '../../../src/core/units.ts'
import {forgetRivals, NO_RIVALS, type Notice, noticeRival, type RivalWatch} from '../../../src/core/vrrp/split-brain.ts'

const at = (ms: number): MonotonicMs => monotonicMs(ms)
const SLOW: Notice = {name: '10.0.0.2', how: 'advertises', everyMs: 1_000}
const FAST: Notice = {name: '10.0.0.2', how: 'advertises', everyMs: 10}

/** What a watch comes to when the same is noticed at these moments. */
const watched = (notice: Notice, times: readonly number[]): RivalWatch =>
  times.reduce((watch, ms) => noticeRival(watch, notice, at(ms)), NO_RIVALS)

const range = (count: number, everyMs: number): readonly number[] => Array.from({length: count}, (_, n) => n * everyMs)

describe('a split brain', () => {
  it.each<[string, Notice, readonly number[], number | undefined]>([
    ['begins with the third in a row', SLOW, [0, 1_000, 2_000, 3_000], 2_000],
    ['does not begin with two', SLOW, [0, 1_000], undefined],
    ['does not begin with a volley that waited', SLOW, [0, 0, 0, 1, 1], undefined],
    ['does not begin while a neighbour may only be slow to yield', FAST, range(50, 10), undefined],
    ['begins when it does not yield for half a second', FAST, range(60, 10), 500],
    ['does not begin with one now and then', SLOW, [0, 5_000, 10_000, 15_000, 20_000], undefined],
    ['begins though the machine was held up between', FAST, [0, 300, 900], 900],
  ])('%s', (_, notice, times, since) => {
    expect(watched(notice, times).since).toBe(since)
  })

  it('ends when the last of the rivals is silent for four intervals, a second at least', () => {
    const split = watched(SLOW, [0, 1_000, 2_000])
    const two = noticeRival(split, {name: '02:00:00:00:00:09', how: 'answers', everyMs: 1_000}, at(2_500))
    expect(two).toMatchObject({since: 2_000, rivals: [{times: 3}, {times: 1}]})
    expect(forgetRivals(two, at(6_000))).toBe(two)
    // The second was there only once: it is no split brain by itself.
    expect(forgetRivals(two, at(6_001))).toMatchObject({since: undefined, rivals: [{name: '02:00:00:00:00:09'}]})
    expect(forgetRivals(two, at(6_501)).rivals).toEqual([])

    const fast = watched(FAST, range(60, 10))
    expect(forgetRivals(fast, at(590 + 1_000)).since).toBe(500)
    expect(forgetRivals(fast, at(590 + 1_001))).toEqual(NO_RIVALS)
  })

  it('remembers eight rivals, whoever forges how many', () => {
    let watch = watched(SLOW, [0, 1_000, 2_000])
    for (let n = 0; n < 1_000; n++) {
      watch = noticeRival(watch, {...SLOW, name: `10.0.1.${n}`}, at(2_000 + n / 10))
      expect(watch.rivals.length).toBeLessThanOrEqual(8)
    }
    expect(watch.rivals[0]).toMatchObject({name: '10.0.0.2', times: 3})
    expect(watch.since).toBe(2_000)
    expect(forgetRivals(NO_RIVALS, at(9_000))).toBe(NO_RIVALS)
  })
})
