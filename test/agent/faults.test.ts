import {expect, it} from 'vitest'
import {runHactl} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {reload, said, shown, startNode, text, untilSaid, untilState, whyOf, withSite} from './nodes.ts'

const PRIORITY = 150
const KEY_FILE = '/etc/hactl/none.key'

const TAKEN = {name: 'VI_TAKEN', vrid: 1, priority: PRIORITY, vips: ['10.9.0.101/32'], lines: 'use_vmac taken0'}
const NO_LINK_LOCAL = {
  name: 'VI_NOLL',
  vrid: 2,
  device: 'eth1',
  priority: PRIORITY,
  vips: ['fe80::102/64', 'fd09:1::102/64'],
}
const NO_SOURCE = {
  name: 'VI_SOURCE',
  vrid: 3,
  priority: PRIORITY,
  lines: 'unicast_src_ip 10.9.0.77\n unicast_peer {\n 10.9.0.2\n }',
}
const IPVLAN = {name: 'VI_IPVLAN', vrid: 5, device: 'eth1', priority: PRIORITY, lines: 'use_ipvlan 10.9.1.55/24'}
const NO_KEY = {
  name: 'VI_KEY',
  vrid: 6,
  priority: PRIORITY,
  lines: `auth_hmac {\n key 1 file:${KEY_FILE}\n active_key 1\n }`,
}
const NO_INTERFACE = {name: 'VI_NODEV', vrid: 7, device: 'eth9', priority: PRIORITY}
const REFUSED = {
  name: 'VI_REFUSED',
  vrid: 8,
  priority: PRIORITY,
  lines: 'virtual_routes {\n 10.50.0.0/24 via 192.0.2.1 dev eth0\n }',
}

/** How each begins, and what is said of it. */
const EXPECTED: readonly (readonly [name: string, state: string, because: string])[] = [
  ['VI_TAKEN', 'fault', 'interface taken0 exists already and is no macvlan in private mode'],
  ['VI_NOLL', 'fault', 'interface eth1 has no link-local IPv6 address'],
  ['VI_SOURCE', 'fault', 'this host does not have the source address 10.9.0.77'],
  ['VI_NODEV', 'fault', 'interface eth9 does not exist'],
]

labSuite('what an operator reads when a virtual router cannot run', ['ip'], () => {
  it('says the one reason, and goes on by itself when that is gone', async () => {
    await withSite(2, async site => {
      const config = text([TAKEN, NO_LINK_LOCAL, NO_SOURCE, NO_KEY, NO_INTERFACE, REFUSED])
      const node = await startNode(site, {name: 'one', n: 1, config, prepare: ({host}) => hinder(host)})
      const {host} = node
      for (const [name, state, because] of EXPECTED) {
        await untilState(node, state, [name])
        expect([name, (await whyOf(node, name)).because]).toEqual([name, because])
        expect([name, (await shown(node, name)).faults]).toEqual([name, [because]])
        expect(await runHactl(host, ['vrrp', 'show', name])).toMatch(new RegExp(`fault +${because}`))
      }
      // Without its key it hears nobody and is heard by nobody: it listens, and is not to be master.
      expect((await shown(node, 'VI_KEY')).held).toMatch(/^key 1 of auth_hmac: .*\/etc\/hactl\/none\.key/)
      expect((await whyOf(node, 'VI_KEY')).because).toMatch(/^it started and is held: key 1 of auth_hmac: /)
      // A route that the kernel refuses is no fault, as in keepalived, but the answer names it.
      await untilState(node, 'master', ['VI_REFUSED'])
      await untilSaid(node, 'kernel-error', /^could not add the route to 10\.50\.0\.0\/24/)
      expect(await runHactl(host, ['vrrp', 'why', 'VI_REFUSED'])).toContain('could not add the route to 10.50.0.0/24')

      await host.run(['ip', 'link', 'del', 'taken0'])
      await host.run(['ip', 'addr', 'add', 'fe80::77/64', 'dev', 'eth1', 'nodad'])
      await host.run(['ip', 'addr', 'add', '10.9.0.77/24', 'dev', 'eth0'])
      await host.run(['ip', 'link', 'add', 'eth9', 'type', 'veth', 'peer', 'name', 'peer9'])
      await host.run(['ip', 'addr', 'add', '10.9.9.1/24', 'dev', 'eth9'])
      for (const device of ['eth9', 'peer9']) await host.run(['ip', 'link', 'set', device, 'up'])
      host.writeFile(KEY_FILE, 'a key of thirty-two bytes or more', {mode: 0o600})
      await reload(node, config)
      await untilState(node, 'master', [...EXPECTED.map(([name]) => name), 'VI_KEY'], 8_000)
      expect((await shown(node, 'VI_TAKEN')).device).toBe('taken0')
    })
  }, 60_000)

  it('never runs on an interface of somebody else that has the name of its own and works', async () => {
    await withSite(1, async site => {
      const node = await startNode(site, {
        name: 'one',
        n: 1,
        config: text([TAKEN]),
        prepare: async ({host}) => {
          await hinder(host)
          for (const device of ['taken0', 'taken1']) await host.run(['ip', 'link', 'set', device, 'up'])
          await host.run(['ip', 'addr', 'add', '10.9.7.1/24', 'dev', 'taken0'])
        },
      })
      await untilState(node, 'fault', ['VI_TAKEN'])
      // Nothing else ever happened, although it was looked at again.
      await untilSaid(node, 'kernel-error', /^interface taken0 exists already/)
      expect(said(node, 'transition')).toEqual([
        'init -> fault: interface taken0 exists already and is no macvlan in private mode',
      ])
      expect(node.host.holds('10.9.0.101')).toBe(false)
      expect((await node.host.run(['ip', '-o', 'addr', 'show', 'dev', 'taken0'])).stdout).toContain('10.9.7.1')
    })
  }, 30_000)

  it('says what the kernel or the host lacks: ipvlan, and the program nft', async () => {
    await withSite(2, async site => {
      const config = text([IPVLAN, {name: 'VI_NFT', vrid: 4, priority: PRIORITY, lines: 'no_accept'}])
      const node = await startNode(site, {name: 'one', n: 1, config, prepare: ({host}) => hideNft(host)})
      await untilState(node, 'master', ['VI_NFT'])
      await untilSaid(
        node,
        'kernel-error',
        /^nftables: no_accept, .* are without their rules: there is no program nft$/,
      )
      const hasIpvlan = (await node.host.run(['sh', '-c', TRY_IPVLAN], {check: false})).code === 0
      await untilState(node, hasIpvlan ? 'master' : 'fault', ['VI_IPVLAN'])
      if (hasIpvlan) return
      const because = 'interface vrrp.5 could not be made on eth1: this kernel has no ipvlan'
      expect((await whyOf(node, 'VI_IPVLAN')).because).toBe(because)
      expect((await shown(node, 'VI_IPVLAN')).faults).toEqual([because])
    })
  }, 30_000)
})

/** Somebody has an interface of the name that is wanted, and the second one has no link-local address. */
async function hinder(host: Host): Promise<void> {
  await host.run(['ip', 'link', 'add', 'taken0', 'type', 'veth', 'peer', 'name', 'taken1'])
  const commands = 'ip -6 addr flush dev eth1 scope link 2>/dev/null || true'
  await host.run(['sh', '-c', commands])
}

const TRY_IPVLAN = 'ip link add try0 link eth0 type ipvlan && ip link del try0'

/** All of /usr/sbin but nft. */
async function hideNft(host: Host): Promise<void> {
  const steps = [
    'mkdir /run/real /run/sbin',
    'mount --bind /usr/sbin /run/real',
    'ln -s /run/real/* /run/sbin/',
    'rm -f /run/sbin/nft',
    'mount --bind /run/sbin /usr/sbin',
    '! command -v nft',
  ]
  await host.run(['sh', '-ec', steps.join('\n')])
}
