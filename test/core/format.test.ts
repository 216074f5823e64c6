import {expect, test} from 'vitest'
import {counted, elapsedMs, formatDuration, formatInterval, formatTime} from '../../src/core/format.ts'

test.each([
  [-5, '0 ms'],
  [0, '0 ms'],
  [345.4, '345 ms'],
  [999.6, '1 s'],
  [1000, '1 s'],
  [1250, '1.3 s'],
  [9949, '9.9 s'],
  [9999, '10 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [182_000, '3 min 2 s'],
  [3_599_999, '59 min 59 s'],
  [3_600_000, '1 h'],
  [18_720_000, '5 h 12 min'],
  [86_399_999, '23 h 59 min'],
  [273_600_000, '3 d 4 h'],
])('a duration of %d ms is "%s"', (ms, text) => expect(formatDuration(ms)).toBe(text))

test.each([
  [100, '100 ms'],
  [3609.375, '3609.38 ms'],
  [0.5, '0.5 ms'],
  [0, '0 ms'],
  [2000, '2 s'],
  [1500, '1500 ms'],
  [100_000, '100 s'],
])('an interval of %d ms is "%s"', (ms, text) => expect(formatInterval(ms)).toBe(text))

test('a moment is shown to the millisecond, in the time zone of the host', () => {
  const at = new Date(2026, 0, 31, 8, 5, 9, 7)
  expect(formatTime(at.toISOString())).toBe('2026-01-31 08:05:09.007')
  expect(formatTime('no time')).toBe('no time')
})

test('elapsed time is never negative', () => {
  const from = '2026-01-31T08:00:00.000Z'
  const to = '2026-01-31T08:00:01.500Z'
  expect(elapsedMs({from, to})).toBe(1500)
  expect(elapsedMs({from: to, to: from})).toBe(0)
  expect(elapsedMs({from: 'x', to})).toBe(0)
})

test('counts take their plural', () => {
  expect([counted(0, 'error'), counted(1, 'error'), counted(2, 'error')]).toEqual(['0 errors', '1 error', '2 errors'])
})
