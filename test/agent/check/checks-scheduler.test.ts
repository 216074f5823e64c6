import {describe, expect, it, vi} from 'vitest'
import {type Probed, ProbeScheduler, type SchedulerOptions} from '../../../src/agent/check/checks-scheduler.ts'
import type {ProbeResult} from '../../../src/core/check/result.ts'
import {checker, driven, GOOD, REFUSED, realServer, useFakeTime, virtualServer} from './checks-run.ts'

useFakeTime()

interface Item extends Probed {
  readonly name: string
}

const item = (name: string, fields: Partial<Item> = {}): Item => ({name, timeoutMs: 2_000, isProgram: false, ...fields})

interface Started {
  readonly name: string
  readonly at: number
  readonly signal: AbortSignal
  readonly end: (result: ProbeResult) => void
}

/** A scheduler whose probes end when the test ends them; times count from now. */
function scheduled(options: Partial<SchedulerOptions<Item>> = {}) {
  const began = performance.now()
  const started: Started[] = []
  const results: {readonly name: string; readonly result: ProbeResult}[] = []
  const late: {readonly waited: number; readonly missed: number}[] = []
  const scheduler = new ProbeScheduler<Item>({
    start: ({name}, signal) =>
      new Promise(resolve => {
        started.push({name, at: Math.round(performance.now() - began), signal, end: resolve})
      }),
    mayRun: () => true,
    intervalMs: () => 1_000,
    onResult: ({name}, result) => {
      results.push({name, result})
      return 1_000
    },
    onLate: each => late.push(each),
    ...options,
  })
  const at = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(began + ms - performance.now())
  }
  const times = (): readonly number[] => started.map(each => each.at)
  return {scheduler, started, results, late, at, times}
}

const lastOf = (started: readonly Started[]): Started => started.at(-1) as Started

describe('when a probe is due', () => {
  it('is an interval after the last one was due, however long that took', async () => {
    const {scheduler, started, at, times} = scheduled()
    scheduler.add(item('a'), 100)
    for (const end of [450, 1_900, 2_101]) {
      await at(end)
      lastOf(started).end(GOOD)
    }
    await at(3_200)
    expect(times()).toEqual([100, 1_100, 2_100, 3_100])
    scheduler.stop()
  })

  it('stays on the same moments of the interval after one that took longer than the interval, which is counted', async () => {
    const {scheduler, started, late, at, times} = scheduled()
    scheduler.add(item('a'), 100)
    await at(1_500)
    lastOf(started).end(GOOD)
    await at(2_200)
    expect(times()).toEqual([100, 2_100])
    expect(late).toEqual([{waited: 0, missed: 1}])
    scheduler.stop()
  })

  it('is a delay after the end of a failure, as with keepalived', async () => {
    const {scheduler, started, at, times} = scheduled()
    scheduler.add(item('a'), 100)
    await at(400)
    lastOf(started).end(REFUSED)
    await at(1_500)
    expect(times()).toEqual([100, 1_400])
    scheduler.stop()
  })

  it('comes sooner when it is hastened, and never later', async () => {
    const {scheduler, at, times} = scheduled()
    const [a, b] = [item('a'), item('b')]
    scheduler.add(a, 5_000)
    scheduler.add(b, 50)
    scheduler.hasten(a, 200)
    scheduler.hasten(b, 200)
    await at(300)
    expect(times()).toEqual([50, 200])
    scheduler.stop()
  })

  it('comes again whole intervals later where it may not run', async () => {
    let may = false
    const {scheduler, at, times} = scheduled({mayRun: () => may})
    scheduler.add(item('a'), 100)
    await at(3_500)
    expect(times()).toEqual([])
    may = true
    await at(4_200)
    expect(times()).toEqual([4_100])
    scheduler.stop()
  })
})

describe('a probe that does not end', () => {
  it('is cut off a second after its timeout, and its result comes too late', async () => {
    const {scheduler, started, results, at} = scheduled()
    scheduler.add(item('a'), 100)
    await at(3_099)
    expect(results).toEqual([])
    await at(3_101)
    expect(results).toEqual([{name: 'a', result: {ok: false, latencyMs: 3_000, reason: 'not ended within 3 s'}}])
    expect(started[0]?.signal.aborted).toBe(true)
    started[0]?.end(GOOD)
    await at(3_200)
    expect(results).toHaveLength(1)
    scheduler.stop()
  })

  it('keeps nobody else from running while there is room, and those that wait run in their order', async () => {
    const {scheduler, started, late, at} = scheduled({limits: {probes: 2, programs: 1}})
    const items = ['a', 'b', 'c', 'd'].map(name => item(name))
    for (const [i, each] of items.entries()) scheduler.add(each, 100 + i)
    scheduler.add(item('program', {isProgram: true}), 110)
    await at(200)
    expect(started.map(({name}) => name)).toEqual(['a', 'b', 'program'])
    started[1]?.end(GOOD)
    await at(201)
    expect(lastOf(started).name).toBe('c')
    scheduler.remove(items[2] as Item)
    expect(started.map(({name}) => name)).toEqual(['a', 'b', 'program', 'c', 'd'])
    expect(started[3]?.signal.aborted).toBe(true)
    expect(late).toEqual([{waited: 2, missed: 0}])
    scheduler.stop()
    expect(started.filter(({name}) => name !== 'b').every(({signal}) => signal.aborted)).toBe(true)
  })

  it('costs its own failure when it breaks by itself', async () => {
    const {scheduler, results, at} = scheduled({start: () => Promise.reject(new Error('out of sockets'))})
    scheduler.add(item('a'), 100)
    await at(200)
    expect(results).toMatchObject([{result: {ok: false, reason: 'not probed: out of sockets'}}])
    scheduler.stop()
  })
})

describe('a probe that is asked for', () => {
  it('runs at once, counts, and moves those that follow', async () => {
    const {scheduler, started, results, at, times} = scheduled()
    const a = item('a')
    scheduler.add(a, 500)
    await at(200)
    const [first, second] = [scheduler.runNow(a), scheduler.runNow(a)]
    started[0]?.end(GOOD)
    expect(await Promise.all([first, second])).toEqual([GOOD, GOOD])
    expect(results).toHaveLength(1)
    await at(1_300)
    expect(times()).toEqual([200, 1_200])
    scheduler.stop()
  })

  it('is answered by nothing when it is ended from outside', async () => {
    const {scheduler, at} = scheduled()
    const a = item('a')
    scheduler.add(a, 500)
    const asked = scheduler.runNow(a)
    scheduler.remove(a)
    expect(await asked).toBeUndefined()
    await at(5_000)
    expect(scheduler.dueAt(a)).toBeUndefined()
  })
})

describe('twenty thousand checkers a second', () => {
  it('run once each second each, spread over it', async () => {
    let seed = 1
    const random = (): number => {
      seed = (seed * 48_271) % 0x7fff_ffff
      return seed / 0x7fff_ffff
    }
    const runs = new Map<string, number>()
    const perTenth = new Map<number, number>()
    const run = driven({
      random,
      probe: async plan => {
        const {address} = plan.connection
        runs.set(address, (runs.get(address) ?? 0) + 1)
        const tenth = Math.floor(performance.now() / 100)
        perTenth.set(tenth, (perTenth.get(tenth) ?? 0) + 1)
        return GOOD
      },
    })
    const servers = Array.from({length: 200}, (_, i) =>
      virtualServer(
        `192.0.2.${i}`,
        Array.from({length: 100}, (_, j) => {
          const address = `10.0.${i}.${j}`
          return realServer(address, {checkers: [checker(address, {warmupMs: 1_000})]})
        }),
      ),
    )
    run.configure(servers)
    await run.advance(2_000)
    runs.clear()
    perTenth.clear()
    await run.advance(3_000)
    expect(runs.size).toBe(20_000)
    expect([...new Set(runs.values())]).toEqual([3])
    // Two thousand on average.
    expect(Math.max(...perTenth.values())).toBeLessThan(2_500)
    expect(run.journal.filter(({text}) => text.includes('missed'))).toEqual([])
  }, 60_000)
})
