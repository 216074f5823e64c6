import {describe, expect, it} from 'vitest'
import {
  type CheckerState,
  checkerStep,
  firstDelayMs,
  initialChecker,
  standingOfCheckers,
} from '../../../src/core/check/checker.ts'
import type {CheckerPlan} from '../../../src/core/check/plan.ts'
import {bad, checker, good, pages} from './plans.ts'

/** Drives a checker with + and -; each word of the answer is the state after it and the seconds until the next. */
function played(plan: CheckerPlan, results: string): string {
  let state = initialChecker(plan)
  return [...results]
    .map(letter => {
      const step = checkerStep(plan, state, {result: letter === '+' ? good() : bad, configuredWeight: 1})
      state = step.state
      return `${state.up ? 'up' : 'down'}:${step.nextInMs / 1000}`
    })
    .join(' ')
}

// keepalived.conf(5), retry and delay_before_retry; the sequences were measured of keepalived 2.2.7.
describe('a checker', () => {
  it.each([
    ['the first failure counts at once', {}, '-', 'down:3'],
    ['later it takes retry more', {}, '+---', 'up:3 up:1 up:1 down:3'],
    ['a success in between begins anew', {}, '+--+---', 'up:3 up:1 up:1 up:3 up:1 up:1 down:3'],
    ['one success is enough to come back', {}, '-+', 'down:3 up:3'],
    ['nothing is retried while it is down', {}, '--+', 'down:3 down:3 up:3'],
    ['after it came back retries are permitted again', {}, '-+--', 'down:3 up:3 up:1 up:1'],
    ['without retry each failure counts', {retry: 0}, '+-+-', 'up:3 down:3 up:3 down:3'],
    ['with alpha it is down until the first success', {alpha: true}, '-+', 'down:3 up:3'],
  ])('%s', (_, changes, results, expected) => {
    expect(played(checker(changes), results)).toBe(expected)
  })

  it.each([
    [false, true],
    [true, false],
  ])('begins with alpha %s as up: %s', (alpha, up) => {
    expect(initialChecker(checker({alpha})).up).toBe(up)
  })

  it('counts failures one after the other, also while it is down', () => {
    const plan = checker()
    let state = initialChecker(plan)
    const counts = [bad, bad, bad, good(), bad].map(result => {
      state = checkerStep(plan, state, {result, configuredWeight: 1}).state
      return state.failures
    })
    expect(counts).toEqual([1, 2, 3, 0, 1])
  })

  it('runs first a second after the start and a random part of the warm-up', () => {
    expect(firstDelayMs(checker({warmupMs: 0}), 0.5)).toBe(1000)
    expect(firstDelayMs(checker({warmupMs: 10_000}), 0.25)).toBe(3500)
  })
})

describe('HTTP_GET', () => {
  /** As `played`, with the page that was asked. */
  function pagesPlayed(plan: CheckerPlan, results: string): string {
    let state = initialChecker(plan)
    return [...results]
      .map(letter => {
        const asked = 'abc'[state.page]
        const step = checkerStep(plan, state, {result: letter === '+' ? good() : bad, configuredWeight: 1})
        state = step.state
        return `${asked}${letter}${state.up ? 'up' : 'down'}:${step.nextInMs / 1000}`
      })
      .join(' ')
  }

  it.each([
    ['asks one page after the other', 3, {}, '++++', 'a+up:3 b+up:3 c+up:3 a+up:3'],
    [
      'goes on with the next page after a retry that was good',
      3,
      {},
      '++++-+',
      'a+up:3 b+up:3 c+up:3 a+up:3 b-up:1 b+up:3',
    ],
    ['is down at once if a page of the first round fails', 3, {}, '+-', 'a+up:3 b-down:3'],
    [
      'begins with the first page once the one that failed is good',
      3,
      {},
      '++++---++++',
      'a+up:3 b+up:3 c+up:3 a+up:3 b-up:1 b-up:1 b-down:3 b+down:3 a+down:3 b+down:3 c+up:3',
    ],
    ['needs two successes also of one page', 1, {}, '-++', 'a-down:3 a+down:3 a+up:3'],
    [
      'retries a page that fails while the pages are gone through again, and goes on behind it',
      2,
      {},
      '-++---+',
      'a-down:3 a+down:3 a+down:3 b-down:1 b-down:1 b-down:3 b+up:3',
    ],
    ['with alpha is up after all of its pages', 2, {alpha: true}, '++', 'a+down:3 b+up:3'],
    [
      'waits at least delay_before_retry after a failure that counts',
      1,
      {delayBeforeRetryMs: 7000, retry: 0},
      '-',
      'a-down:7',
    ],
  ])('%s', (_, count, changes, results, expected) => {
    expect(pagesPlayed(checker(changes, pages(['/a', '/b', '/c'].slice(0, count))), results)).toBe(expected)
  })

  it('with fast_recovery asks the pages at once while it is not known to be good', () => {
    const plan = checker({}, pages(['/a', '/b', '/c'], {fastRecovery: true}))
    const first = 'a+up:0 b+up:0 c+up:3'
    const retried = 'a+up:3 b-up:1 b-up:1 b-down:3'
    const back = 'b+down:0 a+down:0 b+down:0 c+up:3 a+up:3'
    expect(pagesPlayed(plan, '++++---+++++')).toBe(`${first} ${retried} ${back}`)
  })
})

describe('what a checker adds to the weight', () => {
  const misc = checker({}, {type: 'misc', words: ['/bin/x'], timeoutMs: 1, dynamic: true, user: undefined})

  it.each([
    ['a weight in place of the configured one', good({type: 'instead', weight: 10}), 5],
    ['a weight of 0', good({type: 'instead', weight: 0}), -5],
    ['an added weight', good({type: 'added', weight: -7}), -7],
    ['nothing', good(), 0],
    ['a failure, which leaves it as it was', bad, 15],
  ])('%s', (_, result, expected) => {
    const before = checkerStep(misc, initialChecker(misc), {
      result: good({type: 'instead', weight: 20}),
      configuredWeight: 5,
    })
    expect(checkerStep(misc, before.state, {result, configuredWeight: 5}).state.addedWeight).toBe(expected)
  })
})

describe('what no clock runs', () => {
  it.each([
    checker({}, {type: 'file', trackFile: 'f', weight: 0, reverse: false}),
    checker({}, {type: 'bfd', session: 's'}),
  ])('counts at once and is never due: $probe.type', plan => {
    expect(firstDelayMs(plan, 0.5)).toBe(Number.POSITIVE_INFINITY)
    expect(played(plan, '+-+-')).toBe('up:Infinity down:Infinity up:Infinity down:Infinity')
  })
})

describe('several checkers of a real server', () => {
  const state = (up: boolean, addedWeight: number): CheckerState => ({...initialChecker(checker()), up, addedWeight})

  it.each([
    ['none of them', [], {up: true, addedWeight: 0}],
    ['all good', [state(true, 3), state(true, -5)], {up: true, addedWeight: -2}],
    ['one bad', [state(true, 3), state(false, 2)], {up: false, addedWeight: 5}],
    ['the first bad', [state(false, 0), state(true, 0)], {up: false, addedWeight: 0}],
  ])('%s', (_, states, expected) => {
    expect(standingOfCheckers(states)).toEqual(expected)
  })
})
