import {describe, expect, it} from 'vitest'
import {lateAfterMs, outageOf, type ProbeSample} from '../../src/failover/outage.ts'

const INTERVAL_MS = 2

/** One probe each 2 ms: `.` answered after 0.5 ms, `x` not, `L` after 60 ms. */
const samples = (pattern: string): readonly ProbeSample[] =>
  [...pattern].map((each, i) => ({
    sentAt: 1000 + i * INTERVAL_MS,
    latencyMs: each === '.' ? 0.5 : each === 'L' ? 60 : undefined,
  }))

const outage = (pattern: string, fromMs = 1000) =>
  outageOf({samples: samples(pattern), intervalMs: INTERVAL_MS, fromMs, lateAfterMs: 20})

describe('an outage', () => {
  it.each([
    {pattern: '.......', outageMs: 0, atLeastMs: 0, atMostMs: 0, lost: 0, gaps: 0, sent: 7},
    {pattern: '..x....', outageMs: 2, atLeastMs: 0, atMostMs: 4, lost: 1, gaps: 1, sent: 7},
    {pattern: '..xxx..', outageMs: 6, atLeastMs: 4, atMostMs: 8, lost: 3, gaps: 1, sent: 7},
    {pattern: '..LLL..', outageMs: 6, atLeastMs: 4, atMostMs: 8, lost: 3, gaps: 1, sent: 7},
    {pattern: '.x.xxx.', outageMs: 6, atLeastMs: 4, atMostMs: 8, lost: 4, gaps: 2, sent: 7},
    {pattern: '.xxx.x.', outageMs: 6, atLeastMs: 4, atMostMs: 8, lost: 4, gaps: 2, sent: 7},
  ])('of $pattern is $outageMs ms', ({pattern, ...expected}) => {
    expect(outage(pattern)).toEqual({...expected, intervalMs: INTERVAL_MS})
  })

  it('counts from the last answer before the order: what was lost earlier has another reason', () => {
    expect(outage('.xxxx....x..', 1000 + 7 * INTERVAL_MS)).toMatchObject({outageMs: 2, lost: 1, gaps: 1})
  })

  it('that is under way at the order counts from its beginning', () => {
    expect(outage('..xxxx..', 1000 + 4 * INTERVAL_MS)).toMatchObject({outageMs: 8, lost: 4})
  })

  it.each(['', 'xxxx', '..xxx', 'xx..'])('is not known of "%s": there is no answer before it or after it', pattern => {
    expect(outage(pattern)).toBeUndefined()
  })

  it('tells a pause of this host in its bounds, and is none while nothing is lost', () => {
    const paused = [0, 2, 4, 60, 62].map(sentAt => ({sentAt, latencyMs: 0.5}))
    const input = {intervalMs: INTERVAL_MS, fromMs: 0, lateAfterMs: 20}
    expect(outageOf({samples: paused, ...input})).toMatchObject({outageMs: 0, lost: 0})
    const lost = paused.map(each => (each.sentAt === 4 ? {...each, latencyMs: undefined} : each))
    expect(outageOf({samples: lost, ...input})).toMatchObject({atLeastMs: 0, atMostMs: 58})
  })
})

describe('an answer is late', () => {
  it.each([
    {latencies: [], limitMs: 20},
    {latencies: [0.1, 0.2, 0.3], limitMs: 20},
    {latencies: [40, 50, 900], limitMs: 150},
  ])('after $limitMs ms where $latencies are usual', ({latencies, limitMs}) => {
    expect(lateAfterMs(latencies.map(latencyMs => ({sentAt: 0, latencyMs})))).toBe(limitMs)
  })
})
