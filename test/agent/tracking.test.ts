import {expect, it} from 'vitest'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep, until} from '../lab/wait.ts'
import {
  type Node,
  type Site,
  said,
  shown,
  shownSoon,
  shownWhen,
  startNode,
  stateOf,
  text,
  transitions,
  untilSaid,
  untilState,
  whyOf,
  withSite,
} from './nodes.ts'

const PRIORITY = 150
const FILE = '/run/tracked'

const TRACK_FILE = `track_file load {\n file "${FILE}"\n weight 2\n init_file 0\n}`

/** Its priority follows eth1, another one is in fault without eth1, and a third one follows a file. */
const TRACKING = text(
  [
    {name: 'VI_W', vrid: 1, priority: PRIORITY, lines: 'track_interface {\n eth1 weight -60\n }'},
    {name: 'VI_F', vrid: 2, priority: PRIORITY, lines: 'track_interface {\n eth1\n }'},
    {name: 'VI_L', vrid: 3, priority: PRIORITY, lines: 'track_file {\n load\n }'},
  ],
  {more: TRACK_FILE},
)

labSuite('what the running agent tracks', ['ip', 'keepalived'], () => {
  it('changes priorities and causes faults as in keepalived: interfaces and files', async () => {
    const [ours, theirs] = await Promise.all((['hactl', 'keepalived'] as const).map(prioritiesOfALife))
    expect(ours).toEqual({
      weighted: [PRIORITY, PRIORITY - 60, PRIORITY],
      // The goodbye, and silence until the interface is back.
      faulty: [PRIORITY, 0, PRIORITY],
      file: [PRIORITY, PRIORITY + 40, 254, 10, 0, PRIORITY],
    })
    expect(theirs).toEqual(ours)
  }, 60_000)

  it('says which tracker changed a priority, and from what to what', async () => {
    await withSite(2, async site => {
      const node = await startNode(site, {name: 'one', n: 1, config: TRACKING})
      await untilState(node, 'master', ['VI_W', 'VI_F', 'VI_L'])
      await node.links[1]?.cut()
      await untilSaid(node, 'priority-changed', /^priority 150 -> 90: interface eth1 -60$/)
      const weighted = await shownWhen(node, 'VI_W', ({priority}) => priority.effective === 90)
      expect(weighted.tracking).toMatchObject([
        {kind: 'interface', name: 'eth1', state: 'bad', weight: -60, adds: -60, detail: 'interface eth1 is down'},
      ])
      expect((await whyOf(node, 'VI_F')).because).toBe('interface eth1 is down')
      node.host.writeFile(FILE, '-10\n')
      await untilSaid(node, 'priority-changed', /^priority 150 -> 130: file load -20$/)
      // Not a number: keepalived keeps what it had too.
      node.host.writeFile(FILE, 'nonsense\n')
      expect(await untilSaid(node, 'priority-changed', /^priority 130 -> /)).toBe(
        'priority 130 -> 150: no weight applies',
      )
      expect(said(node, 'tracker-changed').at(-1)).toBe('file load: it holds no number; it counts as 0, before as -10')
    })
  }, 40_000)

  it('is in fault while a process does not run, and starts when it does', async () => {
    await withSite(1, async site => {
      const more = 'vrrp_track_process sleeper {\n process "tracked-sleep"\n}'
      const config = text([{name: 'VI_P', vrid: 1, priority: PRIORITY, lines: 'track_process {\n sleeper\n }'}], {more})
      const node = await startNode(site, {name: 'one', n: 1, config})
      await untilState(node, 'fault', ['VI_P'])
      expect((await whyOf(node, 'VI_P')).because).toMatch(/^process sleeper/)
      await node.host.run(['cp', '/bin/sleep', '/run/tracked-sleep'])
      await node.host.run(['chmod', '755', '/run/tracked-sleep'])
      const process = await node.host.start(['/run/tracked-sleep', '60'])
      await untilState(node, 'master', ['VI_P'])
      await process.stop()
      await untilState(node, 'fault', ['VI_P'])
      expect(transitions(node, 'VI_P')).toEqual([
        'init -> fault',
        'fault -> backup',
        'backup -> master',
        'master -> fault',
      ])
      expect((await shown(node, 'VI_P')).tracking[0]).toMatchObject({kind: 'process', state: 'bad', weight: 0})
    })
  }, 40_000)

  it('never waits for ever for a script that reports while the configuration is on its way', async () => {
    const scripts = Array.from({length: 12}, (_, i) => `quick${i}`)
    // Some report before the vrrp process has its configuration, some while it takes it, some after.
    const more = scripts
      .map((name, i) => `vrrp_script ${name} {\n script "/bin/sleep ${(i * 0.03).toFixed(2)}"\n interval 60\n}`)
      .join('\n')
    const instances = scripts.map((script, i) => ({
      name: `VI_${i}`,
      vrid: i + 1,
      priority: PRIORITY,
      lines: `track_script {\n ${script}\n }`,
    }))
    const names = instances.map(({name}) => name)
    await withSite(1, async site => {
      const config = text(instances, {more})
      const starts = [1, 2, 3].map(n => startNode(site, {name: `n${n}`, n, config}))
      for (const node of await Promise.all(starts)) {
        await until(
          () => `${node.name} to leave init: ${names.map(name => stateOf(node, name))}`,
          () => names.every(name => stateOf(node, name) !== undefined && stateOf(node, name) !== 'init'),
          {timeoutMs: 5_000, everyMs: 20},
        )
        for (const name of names) expect(['backup', 'master']).toContain(stateOf(node, name))
      }
    })
  }, 40_000)

  it('believes an interface after its delays, and leaves one alone that is not to be tracked', async () => {
    await withSite(2, async site => {
      const slow = {name: 'VI_DELAY', vrid: 1, device: 'eth1', priority: PRIORITY, vips: ['10.9.1.101/24']}
      const deaf = {name: 'VI_DEAF', vrid: 2, device: 'eth0', priority: PRIORITY, lines: 'dont_track_primary'}
      const more = 'interface_up_down_delays {\n eth1 0.6 0.9\n}'
      // The delays are bounded by the patience of the backups: two intervals of half a second.
      const config = text([slow, deaf], {more}).replace('advert_int 0.1', 'advert_int 0.5')
      const node = await startNode(site, {name: 'one', n: 1, config})
      await untilState(node, 'master', ['VI_DELAY', 'VI_DEAF'], 8_000)
      await cutFor(node, 1, 150)
      await sleep(800)
      expect(transitions(node, 'VI_DELAY')).toEqual(['init -> backup', 'backup -> master'])
      const cutAtMs = Date.now()
      await Promise.all([node.links[0]?.cut(), node.links[1]?.cut()])
      await untilState(node, 'fault', ['VI_DELAY'])
      expect(Date.now() - cutAtMs).toBeGreaterThanOrEqual(600)
      const restoredAtMs = Date.now()
      await node.links[1]?.restore()
      await untilState(node, 'backup', ['VI_DELAY'])
      expect(Date.now() - restoredAtMs).toBeGreaterThanOrEqual(900)
      expect(stateOf(node, 'VI_DEAF')).toBe('master')
      expect(transitions(node, 'VI_DEAF').at(-1)).toBe('backup -> master')
      expect((await shown(node, 'VI_DEAF')).faults).toEqual([])
    })
  }, 40_000)

  it('waits for the delayed start, and says so', async () => {
    await withSite(1, async site => {
      const startedAtMs = Date.now()
      const config = text([{name: 'VI_1', vrid: 1, priority: PRIORITY}], {globals: 'vrrp_startup_delay 2'})
      const node = await startNode(site, {name: 'one', n: 1, config})
      const waiting = await shownSoon(node, 'VI_1')
      expect({state: waiting.state, reason: waiting.reason}).toEqual({
        state: 'init',
        reason: 'waiting for vrrp_startup_delay',
      })
      expect((await whyOf(node, 'VI_1')).because).toBe(waiting.reason)
      await untilState(node, 'master', ['VI_1'])
      const first = await site.captures[0]?.waitForAdvert({vrid: 1}, {timeoutMs: 1_000})
      expect((first?.atMs ?? 0) - startedAtMs).toBeGreaterThan(2_000)
      expect(said(node, 'transition')[0]).toBe('init -> backup: no longer waiting for vrrp_startup_delay')
    })
  }, 40_000)
})

async function cutFor({links}: Node, link: number, ms: number): Promise<void> {
  await links[link]?.cut()
  await sleep(ms)
  await links[link]?.restore()
}

interface Priorities {
  readonly weighted: readonly number[]
  readonly faulty: readonly number[]
  readonly file: readonly number[]
}

/** The priorities that a program advertised while its interface and its file changed, without repetitions. */
async function prioritiesOfALife(program: 'hactl' | 'keepalived'): Promise<Priorities> {
  let seen: Priorities = {weighted: [], faulty: [], file: []}
  await withSite(2, async site => {
    const prepare: Parameters<typeof startNode>[1]['prepare'] = async ({host}) => host.writeFile(FILE, '0\n')
    const node = await startNode(site, {name: 'one', n: 1, config: TRACKING, program, prepare})
    const advertised = (vrid: number, priority: number): Promise<unknown> =>
      until(
        () => `${program} to advertise ${priority} of ${vrid}: ${distinct(site, vrid)}`,
        () => distinct(site, vrid).at(-1) === priority,
        {timeoutMs: 6_000, everyMs: 10},
      )
    for (const vrid of [1, 2, 3]) await advertised(vrid, PRIORITY)
    await node.links[1]?.cut()
    await advertised(1, PRIORITY - 60)
    await advertised(2, 0)
    for (const [content, priority] of [
      ['20', PRIORITY + 40],
      ['200', 254],
      ['-70', 10],
      // Beyond -253 it is a fault.
      ['-200', 0],
      ['0', PRIORITY],
    ] as const) {
      // Written in place, as a script of an operator does.
      await node.host.run(['sh', '-c', `echo ${content} >${FILE}`])
      await advertised(3, priority)
    }
    await node.links[1]?.restore()
    for (const vrid of [1, 2]) await advertised(vrid, PRIORITY)
    seen = {weighted: distinct(site, 1), faulty: distinct(site, 2), file: distinct(site, 3)}
  })
  return seen
}

const distinct = ({captures}: Site, vrid: number): readonly number[] => {
  const priorities = captures[0]?.adverts({vrid}).map(({priority}) => priority) ?? []
  return priorities.filter((priority, i) => priority !== priorities[i - 1])
}
