import {expect, it} from 'vitest'
import {longestGapMs} from '../lab/capture.ts'
import {crash, startAgent, stopGracefully} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'
import {instanceText, linesOf, type Node, said, startNode, text, transitions, untilState, withSite} from './nodes.ts'
import {childPid, INTERVAL_MS, signalChild} from './pair.ts'

const VIRTUAL = `
virtual_ipaddress_excluded {
    10.9.0.201/24
    fd09:0::201/64
}
virtual_routes {
    10.50.0.0/24 via 10.9.0.254 dev eth0
    2001:db8:50::/64 via fd09:0::254 dev eth0 metric 50
}
virtual_rules {
    from 10.50.0.0/24 table 150 priority 1500
    from 2001:db8:50::/64 table 150 priority 1501
}`

const STATIC = `
static_ipaddress {
    10.61.0.1/24 dev eth0
    2001:db8:61::1/64 dev eth0
}
static_routes {
    10.60.0.0/24 via 10.9.0.253 dev eth0
    2001:db8:60::/64 via fd09:0::253 dev eth0
}
static_rules {
    from 10.60.0.0/24 table 160 priority 1600
}`

/** What a master has besides what everybody has, as `ip` shows it. */
const OF_MASTER = [
  '10.9.0.101/24',
  '10.9.0.201/24',
  'fd09::201/64',
  '10.50.0.0/24 via 10.9.0.254',
  '2001:db8:50::/64 via fd09::254',
  '1500:',
  '1501:',
]
const OF_EVERYBODY = [
  '10.61.0.1/24',
  '2001:db8:61::1/64',
  '10.60.0.0/24 via 10.9.0.253',
  '2001:db8:60::/64 via fd09::253',
  '1600:',
]

const config = (priority: number): string => text([{name: 'VI_1', vrid: 1, priority, lines: VIRTUAL}], {more: STATIC})

/** Everything that a configuration can put into the kernel, as text. */
async function shownByIp(host: Host): Promise<string> {
  const commands = ['-4 addr', '-6 addr', '-4 route', '-6 route', '-4 rule', '-6 rule', 'link']
  return (await host.run(['sh', '-c', commands.map(command => `ip ${command}`).join('; ')])).stdout
}

const present = async (host: Host, wanted: readonly string[]): Promise<readonly string[]> => {
  const all = await shownByIp(host)
  return wanted.filter(each => all.includes(each))
}

async function untilPresent(host: Host, wanted: readonly string[], expected: readonly string[]): Promise<void> {
  const giveUpAt = performance.now() + 3_000
  for (;;) {
    const here = await present(host, wanted)
    if (here.join() === expected.join() || performance.now() > giveUpAt) {
      expect(here).toEqual(expected)
      return
    }
  }
}

labSuite('what the running agent puts into the kernel', ['ip'], () => {
  it('is on the master alone, comes back when somebody deletes it, and goes at the end', async () => {
    await withSite(1, async site => {
      const one = await startNode(site, {name: 'one', n: 1, config: config(150)})
      const two = await startNode(site, {name: 'two', n: 2, config: config(100)})
      await untilState(one, 'master', ['VI_1'])
      await untilState(two, 'backup', ['VI_1'])
      await untilPresent(one.host, OF_MASTER, OF_MASTER)
      await untilPresent(two.host, OF_MASTER, [])
      for (const {host} of [one, two]) await untilPresent(host, OF_EVERYBODY, OF_EVERYBODY)
      const fromMs = Date.now()
      for (const command of [
        'addr del fd09:0::201/64 dev eth0',
        'addr del 10.9.0.201/24 dev eth0',
        'addr del 2001:db8:61::1/64 dev eth0',
        'route del 10.50.0.0/24',
        '-6 route del 2001:db8:50::/64',
        'route del 10.60.0.0/24',
        'rule del priority 1500',
        '-6 rule del priority 1501',
        'rule del priority 1600',
      ]) {
        await one.host.run(['ip', ...command.split(' ')])
      }
      await untilPresent(one.host, [...OF_MASTER, ...OF_EVERYBODY], [...OF_MASTER, ...OF_EVERYBODY])
      await until('nine records', () => said(one, 'vip-restored').length >= 9, {timeoutMs: 3_000})
      expect(site.captures[0]?.adverts({priority: 0, fromMs})).toEqual([])
      expect(transitions(one, 'VI_1')).toEqual(['init -> backup', 'backup -> master'])
      await stopGracefully(one.agent)
      expect(await present(one.host, [...OF_MASTER, ...OF_EVERYBODY])).toEqual([])
      await untilPresent(two.host, [...OF_MASTER, ...OF_EVERYBODY], [...OF_MASTER, ...OF_EVERYBODY])
      await stopGracefully(two.agent)
      expect(await present(two.host, [...OF_MASTER, ...OF_EVERYBODY])).toEqual([])
    })
  }, 40_000)

  it('is removed by the next start after everything died at once: own interfaces and settings too', async () => {
    await withSite(1, async site => {
      let before = ''
      const vmacs = [
        {name: 'VI_4', vrid: 4, priority: 150, vips: ['10.9.0.104/32'], lines: `use_vmac${VIRTUAL}`},
        {name: 'VI_6', vrid: 6, priority: 150, vips: ['fe80::106/128', 'fd09:0::106/128'], lines: 'use_vmac'},
      ]
      const node = await startNode(site, {
        name: 'one',
        n: 1,
        config: text(vmacs, {more: STATIC}),
        prepare: async ({host}) => {
          before = await sysctls(host)
        },
      })
      await untilState(node, 'master', ['VI_4', 'VI_6'])
      const left = ['vrrp.4@eth0', 'vrrp.6@eth0', '10.9.0.104/32', 'fd09::106/128', ...OF_MASTER.slice(1)]
      await untilPresent(node.host, left, left)
      const changed = await sysctls(node.host)
      await crash(node.agent)
      expect(await present(node.host, left)).toEqual(left)
      expect(changed).not.toBe(before)
      node.agent = await startAgent(node.host, {config: text([{name: 'VI_9', vrid: 9, priority: 50}])})
      await untilPresent(node.host, [...left, ...OF_EVERYBODY], [])
      await until('the interfaces to be told of', () => said(node, 'device-removed').length === 2, {timeoutMs: 2_000})
      expect(said(node, 'leftover-removed').length).toBeGreaterThanOrEqual(9)
      expect(await sysctls(node.host)).toBe(before)
      await untilState(node, 'master', ['VI_9'])
    })
  }, 40_000)

  it('is taken away at the next start when another node is master by then', async () => {
    await withSite(1, async site => {
      const one = await startNode(site, {name: 'one', n: 1, config: config(150)})
      const two = await startNode(site, {name: 'two', n: 2, config: config(100)})
      await untilState(one, 'master', ['VI_1'])
      await untilPresent(one.host, OF_MASTER, OF_MASTER)
      await crash(one.agent)
      await untilState(two, 'master', ['VI_1'])
      await untilPresent(two.host, OF_MASTER, OF_MASTER)
      expect(await present(one.host, OF_MASTER)).toEqual(OF_MASTER)
      const fromMs = Date.now()
      one.agent = await startAgent(one.host, {config: config(50)})
      await untilPresent(one.host, OF_MASTER, [])
      await untilPresent(one.host, OF_EVERYBODY, OF_EVERYBODY)
      await untilPresent(two.host, OF_MASTER, OF_MASTER)
      await site.captures[0]?.settle()
      expect(site.captures[0]?.adverts({source: '10.9.0.1', fromMs})).toEqual([])
      expect(transitions(one, 'VI_1').at(-1)).toBe('init -> backup')
    })
  }, 40_000)

  it('outlives a crash of the vrrp process: VMAC, IPv6, AH and a group go on as master', async () => {
    await withSite(1, async site => {
      const one = await startNode(site, {name: 'one', n: 1, config: mixed(150)})
      const two = await startNode(site, {name: 'two', n: 2, config: mixed(100)})
      await untilState(one, 'master', NAMES, 8_000)
      await untilState(two, 'backup', NAMES, 8_000)
      await one.host
        .run(['sh', '-c', 'ip -o link show type macvlan'])
        .then(({stdout}) => expect(stdout).toContain('vrrp.1'))
      const held = await present(one.host, ADDRESSES)
      expect(held).toEqual(ADDRESSES)
      const monitor = await one.host.start(['ip', 'monitor', 'address', 'link'])
      const pid = await childPid(one, 'vrrp')
      const fromMs = Date.now()
      await signalChild(one, 'vrrp', 'KILL')
      await until('a new process', () => said(one, 'process-died').length === 1, {timeoutMs: 2_000})
      await until('all to go on', () => resumed(one).length === NAMES.length, {timeoutMs: 4_000})
      await site.captures[0]?.settle()
      for (const [vrid, intervalMs] of [
        [1, INTERVAL_MS],
        [2, INTERVAL_MS],
        [3, 1_000],
      ] as const) {
        const adverts = site.captures[0]?.adverts({vrid, fromMs: fromMs - 3 * intervalMs}) ?? []
        expect(longestGapMs(adverts.map(({atMs}) => atMs)), `longest pause of ${vrid}, ms`).toBeLessThan(3 * intervalMs)
        expect(new Set(adverts.map(({priority}) => priority))).toEqual(new Set([150]))
      }
      expect(await childPid(one, 'vrrp')).not.toBe(pid)
      for (const name of NAMES) expect(transitions(two, name)).not.toContain('backup -> master')
      expect(await present(one.host, ADDRESSES)).toEqual(ADDRESSES)
      expect(linesOf(monitor).filter(line => line.startsWith('Deleted'))).toEqual([])
    })
  }, 40_000)
})

const NAMES = ['VI_1', 'VI_2', 'VI_3']
const ADDRESSES = ['10.9.0.101/32', 'fd09::102/128', '10.9.0.103/24']

/** VMACs of both families in a group, and AH in version 2 beside them. */
const mixed = (priority: number): string =>
  text(
    [
      {name: 'VI_1', vrid: 1, priority, vips: ['10.9.0.101/32'], lines: 'use_vmac'},
      {name: 'VI_2', vrid: 2, priority, vips: ['fe80::102/128', 'fd09:0::102/128'], lines: 'use_vmac'},
    ],
    {more: 'vrrp_sync_group VG {\n group {\n VI_1\n VI_2\n }\n}'},
  ) +
  instanceText({
    name: 'VI_3',
    vrid: 3,
    priority,
    vips: ['10.9.0.103/24'],
    lines: 'version 2\n authentication {\n auth_type AH\n auth_pass s3cret\n }',
  }).replace('advert_int 0.1', 'advert_int 1')

const resumed = (node: Node): readonly string[] =>
  said(node, 'transition').filter(sentence => sentence.includes('before its process was restarted'))

/** The settings of a host that virtual interfaces change. */
async function sysctls(host: Host): Promise<string> {
  const names = ['all', 'default', 'eth0'].flatMap(device =>
    ['arp_ignore', 'arp_filter', 'arp_announce', 'rp_filter', 'accept_local'].map(
      setting => `/proc/sys/net/ipv4/conf/${device}/${setting}`,
    ),
  )
  return (await host.run(['grep', '', ...names])).stdout
}
