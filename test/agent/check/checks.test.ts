import {describe, expect, it} from 'vitest'
import type {CheckerPlan} from '../../../src/core/check/plan.ts'
import type {ProbeResult} from '../../../src/core/check/result.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {checker, driven, GOOD, REFUSED, realServer, refusing, stands, useFakeTime, virtualServer} from './checks-run.ts'

useFakeTime()

const WEB = '192.0.2.1:80/tcp'
const A = '10.0.0.1'
const B = '10.0.0.2'
const web = (...realServers: ReturnType<typeof realServer>[]) => virtualServer('192.0.2.1', realServers)

describe('what checkers find', () => {
  it('takes a real server out of service and puts it back, and tells of both once', async () => {
    const run = driven()
    expect(stands(run.configure([web(realServer(A), realServer(B))]), WEB)).toEqual({
      '10.0.0.1:80': 'in 1',
      '10.0.0.2:80': 'in 1',
    })
    await run.advance(1_500)
    expect(run.probed).toHaveLength(2)
    const told = run.news.length
    expect(run.followed).toEqual([])

    run.answer = refusing(A)
    await run.advance(3_000)
    expect(run.followed).toHaveLength(1)
    expect(run.followed[0]?.changed).toEqual([WEB])
    expect(stands(run.followed[0]?.standings ?? new Map(), WEB)).toEqual({'10.0.0.1:80': 'out', '10.0.0.2:80': 'in 1'})
    expect(run.news.slice(told)).toEqual([
      {
        type: 'real-server',
        virtualServer: '192.0.2.1 80',
        realServer: '10.0.0.1:80',
        up: false,
        reason: 'TCP_CHECK of 10.0.0.1:80: refused',
      },
    ])
    expect(run.journal.at(-1)).toMatchObject({
      kind: 'check',
      text: 'real server 10.0.0.1:80 of 192.0.2.1 80 is down: TCP_CHECK of 10.0.0.1:80: refused',
      facts: {virtualServer: '192.0.2.1 80', realServer: '10.0.0.1:80', up: false},
    })

    run.answer = () => GOOD
    await run.advance(1_000)
    expect(stands(run.followed.at(-1)?.standings ?? new Map(), WEB)['10.0.0.1:80']).toBe('in 1')
    expect(run.news.at(-1)).toMatchObject({type: 'real-server', up: true})
  })

  it('reaches IPVS as one change when it comes in one turn of the loop', async () => {
    const run = driven()
    run.configure([web(realServer(A), realServer(B)), virtualServer('192.0.2.2', [realServer('10.0.0.3')])])
    run.answer = () => REFUSED
    await run.advance(1_500)
    expect(run.followed.map(({changed}) => changed)).toEqual([[WEB, '192.0.2.2:80/tcp']])
    const lost = run.journal.map(({text}) => text).filter(text => text.includes('lost'))
    expect(lost.sort()).toEqual([
      'virtual server 192.0.2.1 80 has lost its quorum: weight 0, quorum 1',
      'virtual server 192.0.2.2 80 has lost its quorum: weight 0, quorum 1',
    ])
  })

  it('has the sorry server in service while the quorum is lost, also where it is a real server elsewhere', async () => {
    const sorryServer = {address: '10.0.0.9' as IpAddress, port: 80, destinationPort: undefined, inhibit: false}
    const run = driven()
    const other = virtualServer('192.0.2.1', [realServer('10.0.0.9', {checkers: []})], {name: '192.0.2.1 80 #2'})
    const first = virtualServer('192.0.2.1', [realServer(A)], {sorryServer})
    expect(stands(run.configure([first]), WEB)).toEqual({'10.0.0.1:80': 'in 1', '10.0.0.9:80': 'out'})
    run.answer = refusing(A)
    await run.advance(1_500)
    expect(stands(run.followed.at(-1)?.standings ?? new Map(), WEB)).toEqual({
      '10.0.0.1:80': 'out',
      '10.0.0.9:80': 'in 1',
    })
    run.answer = () => GOOD
    await run.advance(2_000)
    expect(stands(run.configure([first, other]), WEB)).toEqual({'10.0.0.1:80': 'in 1', '10.0.0.9:80': 'in 1'})
  })

  it('is told to nobody but the journal while the agent observes', async () => {
    const run = driven()
    run.configure([web(realServer(A))], {observing: true})
    run.answer = () => REFUSED
    await run.advance(1_500)
    expect(run.journal.some(({text}) => text.includes('is down'))).toBe(true)
    expect(run.news).toEqual([])
  })

  it('is written down for every failure with log_all_failures', async () => {
    const run = driven()
    const checkers = [checker(A, {logAllFailures: true, retry: 2})]
    run.configure([web(realServer(A, {checkers}), realServer(B, {checkers: [checker(B, {retry: 2})]}))])
    await run.advance(1_500)
    run.answer = () => REFUSED
    await run.advance(2_000)
    expect(run.journal.filter(({kind}) => kind === 'check').map(({text}) => text)).toEqual([
      'virtual server 192.0.2.1 80 has its quorum: weight 2, quorum 1',
      'check of real server 10.0.0.1:80 of 192.0.2.1 80 failed (1 of 3): TCP_CHECK of 10.0.0.1:80: refused',
      'check of real server 10.0.0.1:80 of 192.0.2.1 80 failed (2 of 3): TCP_CHECK of 10.0.0.1:80: refused',
    ])
  })

  it('ends with the engine: what is up is told to have stopped, the real server first', async () => {
    const run = driven()
    run.configure([web(realServer(A), realServer(B))])
    run.answer = refusing(A)
    await run.advance(1_500)
    const told = run.news.length
    run.checks.stop()
    expect(run.news.slice(told)).toEqual([
      {type: 'stopped', virtualServer: '192.0.2.1 80', realServer: '10.0.0.2:80'},
      {type: 'stopped', virtualServer: '192.0.2.1 80', realServer: undefined},
    ])
    const probed = run.probed.length
    await run.advance(5_000)
    expect(run.probed).toHaveLength(probed)
  })
})

describe('checkers that no clock runs', () => {
  // keepalived.conf(5), FILE_CHECK; measured with keepalived 2.2.7. A file that cannot be read holds 0.
  it.each([
    {weight: 0, reverse: false, value: 0, wanted: 'in 10'},
    {weight: 0, reverse: false, value: 3, wanted: 'out'},
    {weight: 0, reverse: true, value: 0, wanted: 'out'},
    {weight: 0, reverse: true, value: 3, wanted: 'in 10'},
    {weight: 2, reverse: false, value: 3, wanted: 'in 16'},
    {weight: 2, reverse: false, value: -5, wanted: 'in 0'},
    {weight: 2, reverse: false, value: -7, wanted: 'in 0'},
    {weight: 2, reverse: true, value: 3, wanted: 'in 4'},
    {weight: 2, reverse: false, value: 2_147_483_647, wanted: 'in 2147483647'},
    {weight: 1, reverse: false, value: -2_147_483_648, wanted: 'out'},
    {weight: 2, reverse: false, value: undefined, wanted: 'in 10'},
  ])(
    'with weight $weight, reverse $reverse, a file that holds $value has it $wanted',
    async ({wanted, value, ...how}) => {
      const plan: CheckerPlan = {...checker(A), key: 'FILE_CHECK', probe: {type: 'file', trackFile: 'load', ...how}}
      const real = realServer(A, {weight: 10, checkers: [plan]})
      const fromStart = driven().configure([web(real)], {files: value === undefined ? {} : {load: value}})
      expect(stands(fromStart, WEB)['10.0.0.1:80']).toBe(wanted)

      const run = driven()
      run.configure([web(real)], {files: {load: 17}})
      run.checks.fileChanged('load', value)
      run.checks.fileChanged('another', 5)
      await run.advance(1)
      const [found] = await run.list()
      const before = driven().configure([web(real)], {files: {load: 17}})
      const isSame = stands(before, WEB)['10.0.0.1:80'] === wanted
      expect(stands(run.followed.at(-1)?.standings ?? before, WEB)['10.0.0.1:80']).toBe(wanted)
      expect(run.followed).toHaveLength(isSame ? 0 : 1)
      expect(found).toMatchObject({
        target: 'file load',
        runs: 2,
        nextAt: null,
        counts: wanted === 'out' ? 'down' : 'up',
      })
    },
  )

  it('counts a BFD session as down', () => {
    const bfd: CheckerPlan = {...checker(A), key: 'BFD_CHECK to-a', probe: {type: 'bfd', session: 'to-a'}}
    const standings = driven().configure([web(realServer(A, {checkers: [bfd]}), realServer(B))])
    expect(stands(standings, WEB)).toEqual({'10.0.0.1:80': 'out', '10.0.0.2:80': 'in 1'})
  })

  it('has the supervisor run programs, and takes the weight that they give', async () => {
    const probe = {type: 'misc', words: ['/bin/check'], timeoutMs: 1_000, dynamic: true, user: undefined} as const
    const misc: CheckerPlan = {...checker(A), key: 'MISC_CHECK', probe}
    const asked: unknown[] = []
    const result: ProbeResult = {
      ok: true,
      latencyMs: 3,
      detail: 'exit status 22',
      weight: {type: 'instead', weight: 20},
    }
    const run = driven({
      run: async plan => {
        asked.push(plan)
        return result
      },
    })
    run.configure([web(realServer(A, {weight: 10, checkers: [misc]}))])
    await run.advance(1_500)
    expect(asked).toEqual([probe])
    expect(stands(run.followed.at(-1)?.standings ?? new Map(), WEB)).toEqual({'10.0.0.1:80': 'in 20'})
  })
})

describe('a reload', () => {
  it('keeps what is known of checkers that stay as they are, and when they run next', async () => {
    const run = driven()
    run.configure([web(realServer(A), realServer(B))])
    run.answer = refusing(A)
    await run.advance(2_600)
    const [before] = await run.list({real: A})
    const told = run.news.length
    const standings = run.configure([web(realServer('10.0.0.3'), realServer(A, {weight: 5}))])
    expect(stands(standings, WEB)).toEqual({'10.0.0.3:80': 'in 1', '10.0.0.1:80': 'out'})
    await run.advance(0)
    expect(run.news.slice(told)).toEqual([{type: 'stopped', virtualServer: '192.0.2.1 80', realServer: '10.0.0.2:80'}])
    expect((await run.list({real: A}))[0]).toEqual({...before})
    const probed = run.probed.length
    await run.advance(500)
    expect(run.probed.slice(probed).map(({address}) => address)).toEqual([A])
    await run.advance(3_000)
    expect(run.probed.slice(probed).filter(({address}) => address === B)).toEqual([])
  })

  it('starts another checker anew, and drops the result of one that is gone', async () => {
    const run = driven()
    let end: (result: ProbeResult) => void = () => {}
    run.answer = () =>
      new Promise(resolve => {
        end = resolve
      })
    run.configure([web(realServer(A, {checkers: [checker(A, {retry: 1})]}))])
    await run.advance(1_000)
    expect(run.probed).toHaveLength(1)
    run.configure([web(realServer(A, {checkers: [checker(A, {retry: 2})]}))])
    end(REFUSED)
    await run.advance(500)
    expect(await run.list()).toMatchObject([{counts: 'up', state: 'unknown', runs: 0, failuresPermitted: 3}])
  })
})

describe('ha_suspend', () => {
  it('runs checkers while the address of their virtual server is here, and leaves them as they were otherwise', async () => {
    const here = new Set<string>()
    let onChange: () => void = () => {}
    const run = driven({
      watchAddresses: listener => {
        onChange = listener.onChange
        return {has: address => here.has(address), close: () => {}}
      },
    })
    run.configure([
      virtualServer('192.0.2.1', [realServer(A)], {haSuspend: true}),
      virtualServer('192.0.2.2', [realServer(B)]),
    ])
    run.answer = refusing(A)
    await run.advance(3_500)
    expect(new Set(run.probed.map(({address}) => address))).toEqual(new Set([B]))
    expect(await run.list({real: A})).toMatchObject([{state: 'suspended', counts: 'up', nextAt: null}])

    here.add('192.0.2.1')
    onChange()
    await run.advance(1_100)
    expect(await run.list({real: A})).toMatchObject([{state: 'down'}])
    here.clear()
    onChange()
    const probed = run.probed.filter(({address}) => address === A).length
    run.answer = () => GOOD
    await run.advance(5_000)
    expect(run.probed.filter(({address}) => address === A)).toHaveLength(probed)
    expect(await run.list({real: A})).toMatchObject([{state: 'suspended', counts: 'down'}])
  })
})
