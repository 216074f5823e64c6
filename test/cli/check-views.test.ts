import {describe, expect, test} from 'vitest'
import {
  type CheckSort,
  checkDetails,
  checkHistory,
  checkList,
  checkSort,
  sortedChecks,
} from '../../src/cli/check-views.ts'
import {failingCheck, fakeCheck, fakeCheckRecord, pausedCheck, unknownCheck} from '../fake-checks.ts'

const NOW = '2026-01-31T08:05:09.123Z'
const LAST = {at: NOW, ok: true, latencyMs: 1, text: null}

const up = fakeCheck({realServer: '10.0.0.10:80'})
const upToo = fakeCheck({realServer: '10.0.0.9:80', last: {...LAST, latencyMs: 7}, since: '2026-01-31T08:05:00.000Z'})
const retrying = fakeCheck({realServer: '10.0.0.5:80', failures: 1, last: {...LAST, ok: false, text: 'refused'}})
const pausedDown = pausedCheck({realServer: '10.0.0.4:80', counts: 'down'})
const suspended = fakeCheck({virtualServer: 'a', state: 'suspended', nextAt: null})
const unknown = unknownCheck({counts: 'up'})

describe('the order of checks', () => {
  const all = [up, suspended, upToo, unknown, unknownCheck(), pausedCheck(), pausedDown, retrying, failingCheck()]
  const names = (sort: CheckSort) => sortedChecks(all, sort).map(check => all.indexOf(check))

  test('is down, failing, paused, unknown, suspended, up; what counts as down first among those that do not run', () => {
    const order = [failingCheck().realServer, retrying, pausedDown, pausedCheck(), unknownCheck(), unknown, suspended]
    const places = order.map(check => (typeof check === 'string' ? check : check.realServer))
    expect(sortedChecks(all, 'state').map(({realServer}) => realServer)).toEqual([
      ...places,
      // By number, not by letter.
      upToo.realServer,
      up.realServer,
    ])
  })

  test('by service and real server is by their numbers', () => {
    expect(sortedChecks([up, upToo], 'service')).toEqual([upToo, up])
    expect(names('real')[0]).toBe(all.indexOf(suspended))
  })

  test.each<[CheckSort, number]>([
    ['latency', 8],
    ['since', 2],
    ['failed', 8],
    ['check', 3],
  ])('by %s has the most noticeable first', (sort, first) => {
    expect(names(sort)[0]).toBe(first)
  })

  test('by something else is refused', () => {
    expect(() => checkSort('toString')).toThrow('--sort: "toString" is none')
  })
})

test('a check that fails but is not down yet says how far it is', () => {
  expect(checkList([retrying], {now: NOW})).toContain('up, 1 of 3 failures')
})

test('what does not run says whether its real server is down by it', () => {
  expect(checkList([pausedDown], {now: NOW})).toContain('paused, down (kernel update)')
  expect(checkList([suspended], {now: NOW})).toMatch(/ suspended {2}/)
})

test('checks are numbered where a real server has several', () => {
  const text = checkList([fakeCheck(), fakeCheck({number: 2, kind: 'TCP_CHECK'}), failingCheck()], {now: NOW})
  expect(text).toMatch(/10\.0\.0\.1:80 {2}1 HTTP_GET/)
  expect(text).toMatch(/10\.0\.0\.1:80 {2}2 TCP_CHECK/)
  expect(text).toMatch(/10\.0\.0\.2:80 {2}HTTP_GET/)
})

test('what a server said cannot move the cursor of a terminal', () => {
  const last = {...LAST, ok: false, text: 'the answer was \u001b[2J\r\n'}
  const check = failingCheck({last})
  for (const text of [
    checkList([check], {now: NOW}),
    checkDetails([{...check, results: [last]}], NOW),
    checkHistory([fakeCheckRecord(last)]),
  ]) {
    expect(text).toContain('the answer was ?[2J??')
    expect(text).not.toContain('\u001b')
  }
})

test('details tell everything of a check that has never run', () => {
  expect(checkDetails([{...unknownCheck({addedWeight: -5}), results: []}], NOW)).toBe(`service      fwmark 5, fwm/5
real server  10.0.0.9:53
check        1, DNS_CHECK
target       A of example.org at 10.0.0.9:53
state        unknown, down
since        the start
counts as    down
failures     0 one after the other, 3 make it down
adds weight  -5
last run     none
next run     2026-01-31 08:05:14.000 (in 4.9 s)
runs         0, 0 failed`)
})

test('history names what differs', () => {
  const text = checkHistory([
    fakeCheckRecord(),
    fakeCheckRecord({number: 2, kind: 'TCP_CHECK', ok: false, text: 'timeout after 5 s', latencyMs: 5001.3}),
  ])
  expect(text).toBe(`TIME                     CHECK        RESULT  LATENCY  WHAT
2026-01-31 08:05:03.000  1 HTTP_GET   good     1.6 ms  status 200
2026-01-31 08:05:03.000  2 TCP_CHECK  failed      5 s  timeout after 5 s`)
})
