import {expect, it} from 'vitest'
import {gapsMs, longestGapMs} from '../lab/capture.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep, until} from '../lab/wait.ts'
import {
  type InstanceSpec,
  linesOf,
  type Node,
  readPipe,
  records,
  reload,
  type Site,
  said,
  shown,
  startNode,
  text,
  transitions,
  untilState,
  withSite,
} from './nodes.ts'
import {INTERVAL_MS} from './pair.ts'

const ROUTERS = 60
const REMOVED = 15
const CHANGED = 15
const PIPE = '/run/vrrp.fifo'

const router = (vrid: number, priority = 150): InstanceSpec => ({name: `VI_${vrid}`, vrid, priority})
const all = Array.from({length: ROUTERS}, (_, i) => router(i + 1))
/** The first ones are gone, the next ones have another priority, the rest is as it was. */
const other = all.slice(REMOVED).map((each, i) => (i < CHANGED ? router(each.vrid, 160) : each))
const untouched = all.slice(REMOVED + CHANGED)

labSuite('a reload of the running agent', ['ip'], () => {
  it('loses no advertisement of the routers that it does not name when it changes half of them, and back', async () => {
    await withSite(1, async site => {
      const node = await startNode(site, {name: 'one', n: 1, config: text(all)})
      await untilState(
        node,
        'master',
        all.map(({name}) => name),
      )
      const known = records(node).length
      const fromMs = Date.now()
      // Each advertises as it is, before anything changes.
      await sleep(2 * INTERVAL_MS)
      await reload(node, text(other))
      await until('the addresses of the removed to go', () => !node.host.holds('10.9.0.101'), {timeoutMs: 3_000})
      await sleep(3 * INTERVAL_MS)
      expect(node.host.holds('10.9.0.115')).toBe(false)
      expect(node.host.holds('10.9.0.116')).toBe(true)
      expect((await shown(node, 'VI_16')).priority.base).toBe(160)
      await reload(node, text(all))
      await untilState(
        node,
        'master',
        all.slice(0, REMOVED).map(({name}) => name),
      )
      await until('the addresses of the new to come', () => node.host.holds('10.9.0.115'), {timeoutMs: 3_000})
      await site.captures[0]?.settle()
      for (const {vrid, name} of untouched) {
        expectOnBeat(site, vrid, fromMs)
        expect(transitions(node, name)).toEqual(['init -> backup', 'backup -> master'])
      }
      const moved = new Set(
        records(node)
          .slice(known)
          .flatMap(({instance}) => instance ?? []),
      )
      expect(untouched.filter(({name}) => moved.has(name))).toEqual([])
      // Only those that went said goodbye; those that were changed told their new priority at once.
      const goodbyes = site.captures[0]?.adverts({priority: 0, fromMs}).map(({vrid}) => vrid) ?? []
      expect(goodbyes.toSorted((a, b) => a - b)).toEqual(all.slice(0, REMOVED).map(({vrid}) => vrid))
      for (const {vrid} of all.slice(REMOVED, REMOVED + CHANGED)) {
        const priorities = site.captures[0]?.adverts({vrid, fromMs}).map(({priority}) => priority) ?? []
        expect(priorities.filter((each, i) => each !== priorities[i - 1])).toEqual([150, 160, 150])
      }
    })
  }, 60_000)

  it('does nothing when the file is the same, however often it is read', async () => {
    await withSite(1, async site => {
      const lines = `use_vmac
        virtual_routes {
          10.50.0.0/24 via 10.9.0.254 dev eth0
        }
        track_script {
          good
        }`
      const config = text(
        [
          {name: 'VI_1', vrid: 1, priority: 150, lines, vips: ['10.9.0.101/32']},
          {name: 'VI_2', vrid: 2, priority: 150},
        ],
        {
          globals: `vrrp_notify_fifo ${PIPE}\n vrrp_garp_master_delay 0`,
          more: `vrrp_script good {\n script "/bin/true"\n interval 60\n}
            vrrp_sync_group VG {\n group {\n VI_1\n VI_2\n }\n }
            static_ipaddress {\n 10.61.0.1/24 dev eth0\n }`,
        },
      )
      const node = await startNode(site, {name: 'one', n: 1, config})
      const pipe = await readPipe(node, PIPE)
      await untilState(node, 'master', ['VI_1', 'VI_2'])
      await until('everything to be there', () => node.host.holds('10.61.0.1'), {timeoutMs: 2_000})
      await sleep(3 * INTERVAL_MS)
      const told = linesOf(pipe)
      const known = records(node).length
      const counters = await counted(node)
      const monitor = await node.host.start(['ip', 'monitor', 'link', 'address', 'route', 'rule'])
      // The kernel tells of a new interface once more up to a second later.
      await sleep(1_200)
      const before = monitor.stdout
      const fromMs = Date.now()
      expect(await reload(node, config)).toContain('nothing changed')
      node.agent.process.signal('SIGHUP')
      await until('both to be noted', () => said(node, 'configuration-loaded').length === 2, {timeoutMs: 3_000})
      await sleep(5 * INTERVAL_MS)
      await site.captures[0]?.settle()
      for (const vrid of [1, 2]) expectOnBeat(site, vrid, fromMs)
      expect(
        records(node)
          .slice(known)
          .map(record => record.text),
      ).toEqual(['configuration read again: nothing changed', 'configuration read again: nothing changed'])
      expect(await counted(node)).toEqual(counters)
      expect(linesOf(pipe)).toEqual(told)
      expect(monitor.stdout).toBe(before)
      // The monitor and the capture would have seen it: something changes now.
      await node.links[0]?.cut()
      await until('the monitor to tell', () => monitor.stdout.length > before.length, {timeoutMs: 3_000})
    })
  }, 40_000)
})

/** What does not count by itself while nothing happens. */
const counted = async (node: Node): Promise<unknown> => {
  const {counters, since} = await shown(node, 'VI_1')
  const {becameMaster, garpSent, priorityZeroSent, sendErrors} = counters
  return {becameMaster, garpSent, priorityZeroSent, sendErrors, since}
}

/** Every interval one advertisement: none is missing, none comes early. */
function expectOnBeat({captures}: Site, vrid: number, fromMs: number): void {
  const times = captures[0]?.adverts({vrid, fromMs}).map(({atMs}) => atMs) ?? []
  expect(times.length, `advertisements of VRID ${vrid}`).toBeGreaterThan(3)
  expect(longestGapMs(times), `longest pause of VRID ${vrid}, ms`).toBeLessThan(1.8 * INTERVAL_MS)
  expect(Math.min(...gapsMs(times)), `shortest pause of VRID ${vrid}, ms`).toBeGreaterThan(0.2 * INTERVAL_MS)
}
