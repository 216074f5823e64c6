import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {monotonicMs} from '../../../src/core/units.ts'
import {askNow, NO_QUESTIONS, type Questions, suspect} from '../../../src/core/vrrp/questions.ts'

const FIRST = '10.0.0.1' as IpAddress
const SECOND = '10.0.0.2' as IpAddress
const VIPS = [FIRST, SECOND, '10.0.0.3' as IpAddress]

/** What is asked in each of so many seconds. */
function asked(
  start: Questions,
  vips: readonly IpAddress[],
  {from = 0, seconds}: {readonly from?: number; readonly seconds: number},
): {readonly questions: Questions; readonly asked: readonly (readonly IpAddress[])[]} {
  let questions = start
  const all = Array.from({length: seconds}, (_, n) => {
    const step = askNow(questions, vips, monotonicMs((from + n) * 1_000))
    questions = step.questions
    return step.addresses
  })
  return {questions, asked: all}
}

describe('a master asks who else has its addresses', () => {
  it('not at once, then for one after the other, and then for each every 30 s', () => {
    const {asked: all} = asked(NO_QUESTIONS, VIPS, {seconds: 64})
    expect(all.slice(0, 5)).toEqual([[], [VIPS[0]], [VIPS[1]], [VIPS[2]], []])
    expect(all.map((each, second) => [second, ...each]).filter(each => each.length > 1)).toEqual([
      [1, VIPS[0]],
      [2, VIPS[1]],
      [3, VIPS[2]],
      [13, VIPS[0]],
      [23, VIPS[1]],
      [33, VIPS[2]],
      [43, VIPS[0]],
      [53, VIPS[1]],
      [63, VIPS[2]],
    ])
  })

  it('every second for one that somebody claims, until that was five seconds ago', () => {
    const quiet = asked(NO_QUESTIONS, VIPS, {seconds: 4}).questions
    const claimed = suspect(quiet, SECOND, monotonicMs(4_000))
    const {asked: all, questions} = asked(claimed, VIPS, {from: 5, seconds: 6})
    expect(all.map(each => each.join())).toEqual([SECOND, SECOND, SECOND, SECOND, '', ''])
    expect(questions.suspects.size).toBe(0)
  })

  it('for no more than four of those, and for none that it does not hold', () => {
    const many = Array.from({length: 200}, (_, n) => `10.0.1.${n}` as IpAddress)
    const now = monotonicMs(1_000)
    const flooded = many.reduce((questions, vip) => suspect(questions, vip, now), NO_QUESTIONS)
    expect(askNow(flooded, many, now).addresses).toEqual(many.slice(0, 4))
    expect(askNow(flooded, [FIRST], now).addresses).toEqual([])
  })

  it('for nothing while it holds nothing', () => {
    expect(asked(NO_QUESTIONS, [], {seconds: 5}).asked.flat()).toEqual([])
  })
})
