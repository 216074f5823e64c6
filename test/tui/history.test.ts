import {expect, test} from 'vitest'
import {HISTORY_EVERY_MS, HISTORY_SAMPLES, rateHistory, sparkline} from '../../src/tui/history.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import {NOW_MS, node, real, service} from '../watch/nodes.ts'

const SERVICE = '10.0.0.10:80/tcp'
const REAL = `${SERVICE} 10.0.0.1:80`

function pictureAt(slot: number, rate: number | null) {
  const rates = {connections: rate ?? 0, bytesIn: 0, bytesOut: 0}
  const has = rate === null ? [] : [service([real('10.0.0.1:80', {rates})], {rates})]
  return clusterPicture([node('lb1', [], {has})], NOW_MS + slot * HISTORY_EVERY_MS)
}

test('rates of services and real servers are kept for a minute, the oldest first', () => {
  const history = rateHistory()
  for (let slot = 0; slot < HISTORY_SAMPLES + 5; slot++) history.take(pictureAt(slot, slot))
  const last = Array.from({length: HISTORY_SAMPLES}, (_, i) => i + 5)
  expect(history.of(SERVICE)).toEqual(last)
  expect(history.of(REAL)).toEqual(last)
})

test('more pictures than one in two seconds are not kept', () => {
  const history = rateHistory()
  history.take(pictureAt(0, 1))
  history.take(pictureAt(0.4, 2))
  expect(history.of(SERVICE)).toEqual([1])
  history.take(pictureAt(1, 3))
  expect(history.of(SERVICE)).toEqual([1, 3])
})

test('a gap stays one, and what is gone for a minute is forgotten', () => {
  const history = rateHistory()
  history.take(pictureAt(0, 1))
  history.take(pictureAt(1, null))
  history.take(pictureAt(3, 4))
  expect(history.of(SERVICE)).toEqual([1, Number.NaN, Number.NaN, 4])
  history.take(pictureAt(3 + HISTORY_SAMPLES - 1, null))
  expect(history.of(SERVICE)).toHaveLength(HISTORY_SAMPLES)
  history.take(pictureAt(3 + HISTORY_SAMPLES, null))
  expect(history.of(SERVICE)).toEqual([])
})

test('a clock that was set back begins anew, and names beyond the bound are left out', () => {
  const history = rateHistory(1)
  history.take(pictureAt(100, 1))
  expect(history.of(REAL)).toEqual([])
  history.take(pictureAt(0, 2))
  expect(history.of(SERVICE)).toEqual([2])
})

const symbols = ['_', '.', ':', '#']
test.each<[string, readonly number[], number, string]>([
  ['scales to the most', [0, 1, 2, 3], 4, '_.:#'],
  ['shows whatever is more than nothing', [0, 0.01, 100], 3, '_.#'],
  ['keeps the newest', [9, 9, 0, 3], 2, '_#'],
  ['stands at the right', [3], 3, '  #'],
  ['leaves gaps blank', [1, Number.NaN, 1], 3, '# #'],
  ['draws nothing as nothing', [0, 0], 2, '__'],
  ['is blank without values', [], 2, '  '],
])('a sparkline %s', (_what, values, width, drawn) => {
  expect(sparkline(values, {symbols, width})).toBe(drawn)
})
