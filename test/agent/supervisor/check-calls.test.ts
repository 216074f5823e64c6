import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {CheckCalls} from '../../../src/agent/supervisor/check-calls.ts'
import {HactlError} from '../../../src/errors.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => error,
  )

describe('calls of the check process', () => {
  it('end with its answers, whichever comes first, and with its failures as they were', async () => {
    const calls = new CheckCalls()
    const sent: number[] = []
    const ask = (name: 'lvsInfo' | 'addService'): Promise<unknown> => calls.call(name, n => sent.push(n) > 0)
    const [first, second] = [ask('lvsInfo'), failureOf(ask('addService'))]
    const [one = 0, two = 0] = sent
    calls.answered({type: 'answer', n: two, ok: false, code: 'REFUSED', message: 'it is there', hint: 'edit it'})
    calls.answered({type: 'answer', n: one, ok: true, result: 7})
    // A second answer, and one to nothing, do no harm.
    calls.answered({type: 'answer', n: one, ok: true, result: 8})
    calls.answered({type: 'answer', n: 99, ok: true, result: 9})
    expect(await first).toBe(7)
    expect(await second).toBeInstanceOf(HactlError)
    expect(await second).toMatchObject({code: 'REFUSED', message: 'it is there', hint: 'edit it'})
  })

  it.each([
    ['lvsServices', 8_000, 'ask again; hactl agent status shows it'],
    ['restoreLvs', 50_000, 'it may be carried out yet: see with hactl lvs list'],
    ['cancelOverride', 50_000, 'it may be carried out yet: see with hactl agent overrides'],
  ] as const)('end by themselves when %s is not answered in time', async (name, withinMs, hint) => {
    const calls = new CheckCalls()
    let ended = false
    const failure = failureOf(calls.call(name, () => true)).finally(() => {
      ended = true
    })
    await vi.advanceTimersByTimeAsync(withinMs - 1)
    expect(ended).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    const message = `the check process did not answer within ${withinMs / 1_000} s`
    expect(await failure).toMatchObject({code: 'TIMED_OUT', message, hint})
  })

  it('end with the process that owed the answer, and others go to the next one', async () => {
    const calls = new CheckCalls()
    let runs = true
    const sent: number[] = []
    const send = (n: number): boolean => {
      if (runs) sent.push(n)
      return runs
    }
    const owed = failureOf(calls.call('lvsInfo', send))
    runs = false
    const early = calls.call('lvsInfo', send)
    calls.died()
    expect(await owed).toMatchObject({code: 'TIMED_OUT', message: 'the check process ended before it answered'})
    runs = true
    calls.started()
    calls.answered({type: 'answer', n: sent[1] ?? 0, ok: true, result: 'now'})
    expect(await early).toBe('now')
    expect(sent).toEqual([1, 2])
  })

  it('end when no process comes, and when the agent stops', async () => {
    const calls = new CheckCalls()
    const alone = failureOf(calls.call('lvsInfo', () => false))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await alone).toMatchObject({code: 'TIMED_OUT', message: 'the check process is not running'})
    const last = failureOf(calls.call('lvsInfo', () => true))
    calls.stopped()
    expect(await last).toMatchObject({message: 'the agent stops'})
  })

  it('are refused when too many wait', async () => {
    const calls = new CheckCalls()
    const waiting = Array.from({length: 128}, () => failureOf(calls.call('lvsInfo', () => true)))
    expect(await failureOf(calls.call('lvsInfo', () => true))).toMatchObject({code: 'REFUSED'})
    calls.died()
    expect(await Promise.all(waiting)).toHaveLength(128)
    expect(vi.getTimerCount()).toBe(0)
  })
})
