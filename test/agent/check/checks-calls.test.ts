import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import type {CheckRecord} from '../../../src/control/check-model.ts'
import type {CheckMetrics} from '../../../src/core/metrics/check-metrics.ts'
import {
  checker,
  type Driven,
  directory,
  driven,
  GOOD,
  realServer,
  refusing,
  useFakeTime,
  virtualServer,
} from './checks-run.ts'

useFakeTime()

const A = '10.0.0.1'
const B = '10.0.0.2'
const MARK = virtualServer('192.0.2.2', [realServer(A)], {
  name: 'fwmark 5',
  services: [{type: 'fwmark', mark: 5, family: 4}],
})

/** Two real servers of an address, of which the first is refused, and one of them again for a mark. */
async function started(): Promise<Driven> {
  const run = driven()
  run.configure([virtualServer('192.0.2.1', [realServer(A), realServer(B)]), MARK])
  run.answer = refusing(A)
  await run.advance(1_500)
  return run
}

/** What is written to disk without fake time has no timer that could be awaited. */
const settled = async <Value>(promise: Promise<Value>): Promise<Value> => {
  let isOver = false
  const ends = promise.finally(() => {
    isOver = true
  })
  ends.catch(() => {})
  await vi.waitUntil(() => isOver, {interval: 1, timeout: 5_000})
  return ends
}

const error = (code: string, text: string): object => ({code, message: expect.stringContaining(text)})

describe('which checkers a call means', () => {
  it.each([
    [{}, ['192.0.2.1 80/10.0.0.1:80', '192.0.2.1 80/10.0.0.2:80', 'fwmark 5/10.0.0.1:80']],
    [{failing: true}, ['192.0.2.1 80/10.0.0.1:80', 'fwmark 5/10.0.0.1:80']],
    [{service: '192.0.2.1 80'}, ['192.0.2.1 80/10.0.0.1:80', '192.0.2.1 80/10.0.0.2:80']],
    [{service: '192.0.2.1:80/tcp', real: '10.0.0.2:80'}, ['192.0.2.1 80/10.0.0.2:80']],
    [{service: '192.0.2.1:80', real: '10.0.0.2'}, ['192.0.2.1 80/10.0.0.2:80']],
    [{service: 'fwm/5'}, ['fwmark 5/10.0.0.1:80']],
    [{real: '10.0.0.1'}, ['192.0.2.1 80/10.0.0.1:80', 'fwmark 5/10.0.0.1:80']],
  ])('%j', async (input, wanted) => {
    const run = await started()
    const found = await run.list(input)
    expect(found.map(({virtualServer, realServer}) => `${virtualServer}/${realServer}`)).toEqual(wanted)
  })

  it.each([
    [{service: 'group web'}, error('NOT_FOUND', 'no virtual server "group web"')],
    [{service: '192.0.2.9:80/tcp'}, error('NOT_FOUND', 'no virtual server')],
    [{service: '192.0.2.1:http/tcp'}, error('USAGE', 'http is not a port')],
    [
      {service: '192.0.2.1 80', real: '10.0.0.3:80'},
      error('NOT_FOUND', '192.0.2.1 80 has no real server "10.0.0.3:80"'),
    ],
    [{real: '10.0.0.1:81'}, error('NOT_FOUND', 'no virtual server has a real server')],
    [{real: 'www'}, error('USAGE', 'not an address')],
  ])('%j is refused with what there is', async (input, wanted) => {
    const run = await started()
    await expect(run.list(input)).rejects.toMatchObject(wanted)
    const hint = await run.list(input).catch((thrown: {hint?: string}) => thrown.hint)
    if ('code' in wanted && wanted.code === 'NOT_FOUND')
      expect(hint).toMatch(/^there is (192\.0\.2\.1 80, fwm|10\.0\.0\.1:80)/)
  })

  it('waits for a configuration', async () => {
    await expect(driven().list()).rejects.toMatchObject({code: 'TIMED_OUT'})
  })
})

describe('what is shown', () => {
  it('has the last result, when the next one is due, and what was counted', async () => {
    const run = await started()
    const now = Date.now()
    expect(await run.list({service: '192.0.2.1 80', real: A})).toEqual([
      {
        virtualServer: '192.0.2.1 80',
        services: ['192.0.2.1:80/tcp'],
        realServer: '10.0.0.1:80',
        number: 1,
        kind: 'TCP_CHECK',
        target: '10.0.0.1:80',
        state: 'down',
        counts: 'down',
        since: new Date(now - 500).toISOString(),
        failures: 1,
        failuresPermitted: 1,
        addedWeight: 0,
        last: {at: new Date(now - 500).toISOString(), ok: false, latencyMs: 0.5, text: 'refused'},
        nextAt: new Date(now + 500).toISOString(),
        pause: null,
        runs: 1,
        failed: 1,
      },
    ])
  })

  it('keeps the last 32 results of each checker, and answers the newest, oldest first', async () => {
    const run = await started()
    run.answer = () => GOOD
    await run.advance(40_000)
    const records = async (input: object): Promise<readonly CheckRecord[]> =>
      (await run.checks.call('checkHistory', input)).value as readonly CheckRecord[]
    const all = await records({service: '192.0.2.1 80', real: A})
    expect(all).toHaveLength(32)
    const moments = all.map(({at}) => Date.parse(at))
    expect(moments).toEqual([...moments].sort((a, b) => a - b))
    expect((moments.at(-1) ?? 0) - (moments[0] ?? 0)).toBe(31_000)
    expect(await records({})).toHaveLength(96)
    expect(await records({limit: 3})).toHaveLength(3)
    expect(await records({service: '192.0.2.1 80', real: A, limit: 2})).toEqual(all.slice(-2))
  })

  it('is measured by virtual server and kind, and counts on over a reload', async () => {
    const run = await started()
    run.configure([virtualServer('192.0.2.1', [realServer(B, {weight: 3})])])
    const {value} = await run.checks.call('checkMetrics', {})
    const metrics = value as CheckMetrics
    expect(metrics.virtualServers).toEqual([
      {
        name: '192.0.2.1 80',
        quorumUp: true,
        quorum: 1,
        weight: 3,
        sorryServerUsed: undefined,
        realServers: [{name: '10.0.0.2:80', up: true, weight: 3}],
      },
    ])
    expect(metrics.checkers).toMatchObject([
      {virtualServer: '192.0.2.1 80', kind: 'TCP_CHECK', checkers: 1, down: 0, runs: 2, failed: 1},
    ])
    expect(metrics.checkers[0]?.latency.sumSeconds).toBeCloseTo(0.002)
    expect(metrics.checkers[0]?.latency.counts.reduce((sum, count) => sum + count)).toBe(2)
  })
})

describe('runChecks', () => {
  it('runs them at once, answers what they found, and it counts', async () => {
    const run = await started()
    run.answer = () => GOOD
    const probed = run.probed.length
    const found = await run.order('runChecks', {service: '192.0.2.1 80', real: A})
    expect(run.probed).toHaveLength(probed + 1)
    expect(found).toMatchObject([{state: 'up', runs: 2, last: {ok: true}}])
    await run.advance(1)
    expect(run.news.at(-1)).toMatchObject({type: 'real-server', realServer: '10.0.0.1:80', up: true})
  })

  it('refuses too many', async () => {
    const run = driven()
    const reals = Array.from({length: 65}, (_, i) => realServer(`10.0.1.${i}`))
    run.configure([virtualServer('192.0.2.1', reals)])
    await expect(run.order('runChecks', {})).rejects.toMatchObject(error('REFUSED', '65 checkers'))
    expect(run.probed).toEqual([])
  })
})

describe('pauses', () => {
  it('stop checkers until they are resumed, and what was found last counts on', async () => {
    const run = await started()
    const paused = await settled(run.order('pauseChecks', {service: '192.0.2.1 80', real: A, reason: 'kernel update'}))
    expect(paused).toMatchObject([{state: 'paused', counts: 'down', nextAt: null, pause: {reason: 'kernel update'}}])
    expect(run.overrides).toMatchObject([
      {
        id: 'check-1',
        kind: 'check-pause',
        instance: '192.0.2.1 80',
        text: 'checks of 10.0.0.1:80 paused: kernel update',
        until: null,
        applies: true,
      },
    ])
    expect(run.journal.at(-1)).toMatchObject({
      kind: 'operator',
      text: 'checks of 10.0.0.1 of 192.0.2.1 80 paused: kernel update',
    })
    run.answer = () => GOOD
    await run.advance(3_000)
    expect(await run.list({service: '192.0.2.1 80', real: A})).toMatchObject([{state: 'paused', runs: 1}])

    await settled(run.order('resumeChecks', {service: '192.0.2.1 80', real: A}))
    await run.advance(1_000)
    expect(await run.list({service: '192.0.2.1 80', real: A})).toMatchObject([{state: 'up', pause: null}])
    expect(run.overrides).toEqual([])
  })

  it('end a probe that runs without a result', async () => {
    const run = await started()
    run.answer = (_plan, {signal}) =>
      new Promise(resolve => {
        signal?.addEventListener('abort', () => resolve({ok: false, latencyMs: 1, reason: 'cancelled'}))
      })
    await run.advance(600)
    await settled(run.order('pauseChecks', {service: '192.0.2.1 80', real: B}))
    await run.advance(5_000)
    expect(await run.list({real: B})).toMatchObject([{state: 'paused', counts: 'up', runs: 1, failed: 0}])
  })

  it('outlive the process, and end when their time is over', async () => {
    const first = await started()
    await settled(first.order('pauseChecks', {service: '192.0.2.1 80', forSeconds: 60}))
    await settled(first.order('pauseChecks', {real: A}))
    first.checks.stop()

    const run = await started()
    const states = async () => (await run.list()).map(({state}) => state)
    expect(run.overrides.map(({id}) => id)).toEqual(['check-1', 'check-2', 'check-3'])
    expect(await states()).toEqual(['paused', 'paused', 'paused'])
    await run.advance(60_000)
    await vi.waitUntil(() => run.overrides.length === 2, {interval: 1, timeout: 5_000})
    await run.advance(1_000)
    expect(await states()).toEqual(['paused', 'up', 'paused'])
    expect(JSON.parse(readFileSync(join(directory, 'checks.json'), 'utf8'))).toHaveLength(2)
  })

  it('concern real servers that come later, too, and can be taken back by their names', async () => {
    const run = await started()
    await settled(run.order('pauseChecks', {service: '192.0.2.1 80'}))
    run.configure([virtualServer('192.0.2.1', [realServer('10.0.0.7')])])
    expect(await run.list()).toMatchObject([{realServer: '10.0.0.7:80', state: 'paused'}])
    const refused = run.order('resumeChecks', {real: '10.0.0.7'})
    await expect(settled(refused)).rejects.toMatchObject(error('REFUSED', 'check-1'))
    const cancelled = await settled(run.checks.call('cancelOverride', {id: 'check-1'}))
    expect(cancelled.value).toMatchObject({id: 'check-1', text: 'checks paused'})
    expect(await run.list()).toMatchObject([{pause: null}])
    const again = run.checks.call('cancelOverride', {id: 'check-1'})
    await expect(settled(again)).rejects.toMatchObject(error('NOT_FOUND', 'check-1'))
  })

  it('survive a damaged file, which is told of and set aside', async () => {
    writeFileSync(join(directory, 'checks.json'), '[{"id": "check-1", ')
    const run = await started()
    expect(run.journal[0]).toMatchObject({kind: 'journal-damaged', text: expect.stringContaining('set aside')})
    expect(await run.list({service: 'fwmark 5'})).toMatchObject([{state: 'down'}])
    await settled(run.order('pauseChecks', {}))
    expect((await run.list()).map(({state}) => state)).toEqual(['paused', 'paused', 'paused'])
  })

  it('leave out entries that are none of theirs', async () => {
    const good = {id: 'check-4', virtualServer: null, realServer: null, since: 'x', reason: null, until: null}
    const bad = [{...good, id: 'lvs-1'}, {...good, until: 'soon'}, {...good, reason: 5}, null, 'check-1']
    writeFileSync(join(directory, 'checks.json'), JSON.stringify([...bad, good]))
    const run = driven()
    run.configure([virtualServer('192.0.2.1', [realServer(A, {checkers: [checker(A)]})])])
    expect(run.overrides.map(({id}) => id)).toEqual(['check-4'])
    expect(run.journal[0]).toMatchObject({text: expect.stringContaining('5 damaged entries')})
  })
})
