import {expect, it} from 'vitest'
import {gapsMs, longestGapMs} from '../lab/capture.ts'
import {stopGracefully} from '../lab/daemon.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep, until} from '../lab/wait.ts'
import {
  linesOf,
  type Node,
  readPipe,
  records,
  reload,
  type Site,
  shown,
  startNode,
  text,
  transitions,
  untilState,
  whyOf,
  withSite,
} from './nodes.ts'
import {INTERVAL_MS} from './pair.ts'

const A = {name: 'VI_A', vrid: 1, device: 'eth0', vips: ['10.9.0.101/24']}
const B = {name: 'VI_B', vrid: 2, device: 'eth1', vips: ['10.9.1.102/24']}
const C = {name: 'VI_C', vrid: 3, device: 'eth1', vips: ['10.9.1.103/24']}
/** In no group. */
const D = {name: 'VI_D', vrid: 4, device: 'eth0', vips: ['10.9.0.104/24']}
const PIPE = '/run/vrrp.fifo'

const groupOf = (members: readonly string[], lines = ''): string =>
  `vrrp_sync_group VG {\n group {\n ${members.join('\n ')}\n }\n ${lines}\n}`

const grouped = (priority: number, {globals = '', lines = ''} = {}): string =>
  text(
    [A, B].map(each => ({...each, priority})),
    {globals, more: groupOf([A.name, B.name], lines)},
  )

labSuite('a sync group in the running agent', ['ip', 'keepalived'], () => {
  it('fails over as one when the link of one member is cut, and comes back as one', async () => {
    await withSite(2, async site => {
      const one = await startNode(site, {name: 'one', n: 1, config: grouped(150)})
      const two = await startNode(site, {name: 'two', n: 2, config: grouped(100)})
      await untilState(one, 'master', ['VI_A', 'VI_B'])
      await site.captures[0]?.waitForAdvert({source: '10.9.0.1'}, {timeoutMs: 2_000})
      const cutAtMs = Date.now()
      await one.links[1]?.cut()
      await untilState(one, 'fault', ['VI_A', 'VI_B'])
      await untilState(two, 'master', ['VI_A', 'VI_B'])
      expect(one.host.holds('10.9.0.101')).toBe(false)
      expect(one.host.holds('10.9.1.102')).toBe(false)
      // The other segment is whole: its backup is told that it need not wait.
      const goodbye = site.captures[0]?.adverts({source: '10.9.0.1', priority: 0, fromMs: cutAtMs})
      expect(goodbye).toHaveLength(1)
      expect((await shown(one, 'VI_A')).faults).toEqual(['VI_B: interface eth1 is down'])
      expect((await whyOf(one, 'VI_A')).because).toBe('VI_B: interface eth1 is down')
      await one.links[1]?.restore()
      await untilState(one, 'master', ['VI_A', 'VI_B'])
      await untilState(two, 'backup', ['VI_A', 'VI_B'])
      expect(transitions(two, 'VI_A')).toEqual(transitions(two, 'VI_B'))
      expect((await whyOf(two, 'VI_B')).because).toMatch(/^(10\.9\.1\.1 advertised|it leaves with VI_A)/)
    })
  }, 40_000)

  it('writes the lines of members and of the group to a pipe as keepalived does', async () => {
    const [ours = [], theirs = []] = await Promise.all((['hactl', 'keepalived'] as const).map(pipeLinesOfALife))
    expect(ours).toEqual([
      'INSTANCE "VI_A" BACKUP 150',
      'INSTANCE "VI_B" BACKUP 150',
      'GROUP "VG" BACKUP 0',
      'INSTANCE "VI_A" MASTER 150',
      'INSTANCE "VI_B" MASTER 150',
      'GROUP "VG" MASTER 0',
      'INSTANCE "VI_A" FAULT 150',
      'INSTANCE "VI_B" FAULT 150',
      'GROUP "VG" FAULT 0',
      'INSTANCE "VI_A" STOP 150',
      'INSTANCE "VI_B" STOP 150',
      'GROUP "VG" STOP 0',
    ])
    // Of its members keepalived names that first which the others follow, and at its start the group before them.
    const alike = (lines: readonly string[]): readonly string[] => lines.toSorted()
    expect(alike(theirs)).toEqual(alike(ours))
    expect(theirs.slice(3).map(isOfGroup)).toEqual(ours.slice(3).map(isOfGroup))
  }, 40_000)

  it('lets nobody notice a reload that puts a member in, takes one out, and gives one another name', async () => {
    await withSite(2, async site => {
      const config = (names: readonly string[], a = A): string =>
        text(
          [a, B, C, D].map(each => ({...each, priority: 150})),
          {globals: `vrrp_notify_fifo ${PIPE}`, more: groupOf(names)},
        )
      const node = await startNode(site, {name: 'one', n: 1, config: config([A.name, B.name])})
      const pipe = await readPipe(node, PIPE)
      await untilState(node, 'master', ['VI_A', 'VI_B', 'VI_C', 'VI_D'])
      await sleep(2 * INTERVAL_MS)
      const before = await shown(node, 'VI_A')
      const known = records(node).length
      const told = linesOf(pipe)
      const renamed = {...A, name: 'VI_ANEW'}
      const spans = await duringReloads(site, node, [
        config([A.name, B.name, C.name]),
        config([A.name, C.name]),
        config([renamed.name, C.name], renamed),
      ])
      for (const [vrid, adverts] of spans) {
        const times = adverts.map(({atMs}) => atMs)
        expect(times.length, `advertisements of VRID ${vrid}`).toBeGreaterThan(5)
        expect(longestGapMs(times), `longest pause of VRID ${vrid}, ms`).toBeLessThan(1.8 * INTERVAL_MS)
        // One whose lines were changed says so at once; the others do not notice.
        if (vrid === D.vrid) expect(Math.min(...gapsMs(times)), 'shortest pause, ms').toBeGreaterThan(0.2 * INTERVAL_MS)
        expect(new Set(adverts.map(({priority}) => priority))).toEqual(new Set([150]))
      }
      const since = records(node).slice(known)
      expect(since.map(({kind}) => kind).filter(kind => kind !== 'configuration-loaded')).toEqual([])
      expect(since).toHaveLength(3)
      const after = await shown(node, 'VI_ANEW')
      expect(after).toMatchObject({state: 'master', group: 'VG', since: before.since, reason: before.reason})
      expect(after.counters.becameMaster).toBe(1)
      expect(after.counters.advertisementsSent).toBeGreaterThan(before.counters.advertisementsSent)
      expect(linesOf(pipe)).toEqual(told)
      // What is one group now moves as one, under its new name.
      await node.links[1]?.cut()
      await untilState(node, 'fault', ['VI_ANEW', 'VI_B', 'VI_C'])
      expect((await shown(node, 'VI_ANEW')).faults).toEqual(['VI_C: interface eth1 is down'])
      await until('the pipe to tell', () => linesOf(pipe).includes('GROUP "VG" FAULT 0'), {timeoutMs: 2_000})
    })
  }, 40_000)

  it('makes a new member master beside masters, and lets one that is taken away leave alone', async () => {
    await withSite(2, async site => {
      const config = (members: readonly (typeof A)[]): string =>
        text(
          members.map(each => ({...each, priority: 150})),
          {more: groupOf(members.map(({name}) => name))},
        )
      const node = await startNode(site, {name: 'one', n: 1, config: config([A, B])})
      await untilState(node, 'master', ['VI_A', 'VI_B'])
      const fromMs = Date.now()
      await reload(node, config([A, B, C]))
      await untilState(node, 'master', ['VI_C'])
      expect((await whyOf(node, 'VI_C')).because).toBe('VI_A of its sync group is master')
      await until('its address', () => node.host.holds('10.9.1.103'), {timeoutMs: 1_000})
      await reload(node, config([A, C]))
      await until('the address of the one that left to go', () => !node.host.holds('10.9.1.102'), {timeoutMs: 1_000})
      for (const capture of site.captures) await capture.settle()
      const goodbyes = site.captures.flatMap(capture => capture.adverts({priority: 0, fromMs}))
      expect(goodbyes.map(({vrid}) => vrid)).toEqual([B.vrid])
      expect(transitions(node, 'VI_A')).toEqual(['init -> backup', 'backup -> master'])
    })
  }, 40_000)
})

const isOfGroup = (line: string): string => (line.startsWith('GROUP') ? line : 'INSTANCE')

/** Reloads one configuration after the other; answers what each VRID advertised from before the first to the end. */
async function duringReloads(
  site: Site,
  node: Node,
  configs: readonly string[],
): Promise<ReadonlyMap<number, readonly {readonly atMs: number; readonly priority: number}[]>> {
  const fromMs = Date.now()
  for (const config of configs) {
    await reload(node, config)
    await sleep(3 * INTERVAL_MS)
  }
  for (const capture of site.captures) await capture.settle()
  const all = site.captures.flatMap(capture => capture.adverts({fromMs}))
  return new Map([A, B, C, D].map(({vrid}) => [vrid, all.filter(advert => advert.vrid === vrid)]))
}

async function pipeLinesOfALife(program: 'hactl' | 'keepalived'): Promise<readonly string[]> {
  let lines: readonly string[] = []
  await withSite(2, async site => {
    let pipe: Awaited<ReturnType<typeof readPipe>> | undefined
    const config = grouped(150, {globals: `vrrp_notify_fifo ${PIPE}`})
    const node = await startNode(site, {
      name: 'one',
      n: 1,
      config,
      program,
      prepare: async it => {
        pipe = await readPipe(it, PIPE)
        await until('the pipe', () => it.host.hasFile(PIPE), {timeoutMs: 2_000})
      },
    })
    const has = (line: string): Promise<unknown> =>
      until(
        () => `${program} to write ${line}: ${pipe?.stdout}`,
        () => pipe && linesOf(pipe).includes(line),
        {timeoutMs: 5_000},
      )
    await has('GROUP "VG" MASTER 0')
    await node.links[1]?.cut()
    await has('GROUP "VG" FAULT 0')
    await stopGracefully(node.agent)
    await has('GROUP "VG" STOP 0')
    lines = pipe ? linesOf(pipe) : []
  })
  return lines
}
