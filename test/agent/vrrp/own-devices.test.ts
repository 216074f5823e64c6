import {describe, expect, test} from 'vitest'
import {judge, linksOf, strangerText, wantedDevices, withFoundNames} from '../../../src/agent/vrrp/own-devices-plan.ts'
import {type ChangedSysctl, SysctlKeeper, type WantedSysctl} from '../../../src/agent/vrrp/own-devices-sysctls.ts'
import {ownDevicesOf} from '../../../src/config/own-devices.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routerConfig} from '../../../src/config/router-config.ts'
import type {Link} from '../../../src/core/netlink/picture.ts'
import type {InterfaceIndex} from '../../../src/core/units.ts'
import {sysctlText} from '../../../src/kernel/sysctl.ts'

const MAC = '00:00:5e:00:01:33'

const link = (index: number, name: string, facts: Partial<Link> = {}): Link => ({
  index: index as InterfaceIndex,
  name,
  up: true,
  enabled: true,
  running: true,
  lowerUp: true,
  loopback: false,
  hardwareType: 1,
  operState: 6,
  carrier: true,
  mtu: 1500,
  mac: '02:00:00:00:00:01',
  kind: '',
  mode: undefined,
  table: undefined,
  base: undefined,
  master: undefined,
  alias: '',
  ...facts,
})

const ETH0 = link(3, 'eth0')
const VMAC = {kind: 'macvlan', mode: 1, base: 3, mac: MAC}

function routers(lines: string, ...vips: string[]): readonly RouterConfig[] {
  const text = `vrrp_instance A {
    interface eth0
    virtual_router_id 51
    version 3
    ${lines}
    virtual_ipaddress {
      ${vips.join('\n')}
    }
  }`
  const {config} = parseConfig({file: 'x', text})
  const devices = ownDevicesOf(config)
  return config.instances.map(each => routerConfig(each, config.global, undefined, devices.get(each.name)))
}

const [WANTED] = wantedDevices(routers('use_vmac', '192.0.2.77/24'))
const device = WANTED?.device ?? (undefined as never)

describe('an interface that has the name of one of ours', () => {
  test.each<[string, readonly Link[], string | undefined]>([
    ['is none while nothing has the name', [ETH0], undefined],
    ['is ours where it is as it should be', [ETH0, link(7, 'vrrp.51', VMAC)], undefined],
    [
      'is replaced where it is an older one of ours',
      [ETH0, link(7, 'vrrp.51', {...VMAC, mac: '00:00:5e:00:01:34'})],
      'interface vrrp.51 is replaced',
    ],
    [
      'is a stranger where it is of another kind, however well it works',
      [ETH0, link(7, 'vrrp.51', {kind: 'veth'})],
      'interface vrrp.51 exists already and is no macvlan in private mode',
    ],
  ])('%s', (_, links, expected) => {
    expect(strangerText(device, linksOf(links))).toBe(expected)
  })
})

describe('what is done about an interface', () => {
  test.each<[string, readonly Link[], object]>([
    ['is to wait without the one below', [], {type: 'refuse', reason: 'interface eth0 does not exist'}],
    ['is to make it where there is none', [ETH0], {type: 'make', base: ETH0}],
    ['is to keep it where it is as it should be', [ETH0, link(7, 'vrrp.51', VMAC)], {type: 'keep'}],
    [
      'is to keep it on what a macvlan is on',
      [{...ETH0, kind: 'macvlan', base: 2}, link(2, 'p0'), link(7, 'vrrp.51', {...VMAC, base: 2})],
      {type: 'keep'},
    ],
    ['is to remove one of another base', [ETH0, link(7, 'vrrp.51', {...VMAC, base: 4})], {type: 'remove'}],
    [
      'is to remove one of another MAC address',
      [ETH0, link(7, 'vrrp.51', {...VMAC, mac: '00:00:5e:00:01:34'})],
      {type: 'remove'},
    ],
    [
      'is to remove one of ours, whatever it is',
      [ETH0, link(7, 'vrrp.51', {kind: 'ipvlan', alias: 'hactl'})],
      {type: 'remove'},
    ],
    ['is to leave one of another mode', [ETH0, link(7, 'vrrp.51', {...VMAC, mode: 4})], {type: 'refuse'}],
    [
      'is to leave one of another kind',
      [ETH0, link(7, 'vrrp.51', {kind: 'bridge'})],
      {type: 'refuse', reason: 'interface vrrp.51 exists already and is no macvlan in private mode'},
    ],
  ])('%s', (_, links, verdict) => {
    expect(judge(device, linksOf(links))).toMatchObject(verdict)
  })

  test('is to keep an ipvlan of any mode: the kernel has one for all of an interface', () => {
    const [wanted] = wantedDevices(routers('use_ipvlan 192.0.2.9 private', '192.0.2.77/24'))
    const links = linksOf([ETH0, link(7, 'vrrp.51', {kind: 'ipvlan', mode: 0, base: 3})])
    expect(judge(wanted?.device ?? device, links)).toMatchObject({type: 'keep'})
  })

  test.each([
    ['IPv4 needs no address to send from', 'use_vmac', '192.0.2.77/24', false],
    ['IPv6 needs the link-local one', 'use_vmac', '2001:db8::77/64', true],
    ['unless the interface below sends', 'use_vmac\n vmac_xmit_base', '2001:db8::77/64', false],
  ])('%s', (_, lines, vip, linkLocal) => {
    expect(wantedDevices(routers(lines, vip))).toMatchObject([{linkLocal}])
  })
})

describe('an interface of another name with the same base and MAC address', () => {
  const text = ['192.0.2.77/24', '198.51.100.7/24 dev eth1 use_vmac'] as const
  const ETH1 = link(4, 'eth1')

  test('is taken by its own name, for the addresses on it too', () => {
    const links = [ETH0, ETH1, link(7, 'mine', VMAC), link(8, 'theirs', {...VMAC, base: 4})]
    const [router] = withFoundNames(routers('use_vmac', ...text), links)
    expect(router?.ownDevice?.name).toBe('mine')
    expect(router?.addressDevices.map(({name}) => name)).toEqual(['theirs'])
    expect(router?.vips.map(vip => vip.device)).toEqual([undefined, 'theirs'])
  })

  test.each<[string, Link]>([
    ['another MAC address', link(7, 'mine', {...VMAC, mac: '00:00:5e:00:01:34'})],
    ['another mode', link(7, 'mine', {...VMAC, mode: 4})],
    ['another base', link(7, 'mine', {...VMAC, base: 9})],
    ['our mark, as one that the text called otherwise before', link(7, 'mine', {...VMAC, alias: 'hactl'})],
  ])('is not taken with %s', (_, other) => {
    const given = routers('use_vmac', ...text)
    expect(withFoundNames(given, [ETH0, ETH1, other])).toBe(given)
    expect(withFoundNames(given, [ETH0, ETH1, other, link(8, 'x', VMAC)])[0]?.ownDevice?.name).toBe('x')
  })
})

describe('a setting of the kernel', () => {
  const setting = (device: string, name: string, value: string, index?: number): WantedSysctl => ({
    family: 4,
    interface: device,
    name,
    value,
    index,
  })
  const IGNORE = setting('eth0', 'arp_ignore', '1', 3)

  function host(values: Record<string, string>) {
    const told: (readonly ChangedSysctl[])[] = []
    const failed: string[] = []
    const writes: string[] = []
    const keeper = new SysctlKeeper(
      {
        read: async sysctl => values[sysctlText(sysctl)],
        write: async (sysctl, value) => {
          const text = sysctlText(sysctl)
          if (values[text] === undefined) return {ok: false, reason: 'ENOENT'}
          if (values[text] === 'read-only') return {ok: false, reason: 'EROFS'}
          writes.push(`${text}=${value}`)
          values[text] = value
          return {ok: true}
        },
      },
      {onChanged: list => told.push(list), onFailed: text => failed.push(text)},
    )
    return {keeper, values, told, failed, writes}
  }
  const KEY = 'net.ipv4.conf.eth0.arp_ignore'

  test('is told before it is changed, and put back when nobody wants it', async () => {
    const {keeper, values, told, writes} = host({[KEY]: '2'})
    await keeper.hold([IGNORE])
    expect([values[KEY], told]).toEqual(['1', [[{...IGNORE, original: '2'}]]])
    await keeper.hold([IGNORE])
    expect(writes).toEqual([`${KEY}=1`])
    await keeper.hold([])
    expect([values[KEY], told.at(-1)]).toEqual(['2', []])
  })

  test('that somebody else changed meanwhile stays as it is', async () => {
    const {keeper, values} = host({[KEY]: '0'})
    await keeper.hold([IGNORE])
    values[KEY] = '8'
    await keeper.hold([])
    expect(values[KEY]).toBe('8')
  })

  test('is put back after an unclean end as well, to what it was before that', async () => {
    const first = host({[KEY]: '2'})
    await first.keeper.hold([IGNORE])
    const second = host(first.values)
    second.keeper.inherit(first.told.at(-1) ?? [])
    await second.keeper.hold([IGNORE])
    expect(second.writes).toEqual([])
    await second.keeper.hold([])
    expect(first.values[KEY]).toBe('2')
  })

  test('of an interface that was deleted and made again is set again', async () => {
    const {keeper, values} = host({[KEY]: '0'})
    await keeper.hold([IGNORE])
    values[KEY] = '4'
    await keeper.hold([{...IGNORE, index: 9}])
    expect(values[KEY]).toBe('1')
    await keeper.hold([])
    expect(values[KEY]).toBe('4')
  })

  test('for all interfaces goes back before those that stood in for it', async () => {
    const {keeper, writes} = host({'net.ipv4.conf.eth0.rp_filter': '0', 'net.ipv4.conf.all.rp_filter': '1'})
    await keeper.hold([setting('eth0', 'rp_filter', '1', 3), setting('all', 'rp_filter', '0')])
    await keeper.hold([])
    expect(writes.map(text => text.replace('net.ipv4.conf.', ''))).toEqual([
      'eth0.rp_filter=1',
      'all.rp_filter=0',
      'all.rp_filter=1',
      'eth0.rp_filter=0',
    ])
  })

  test('that cannot be set is complained of once', async () => {
    const {keeper, failed} = host({[KEY]: 'read-only'})
    await keeper.hold([IGNORE, setting('none', 'arp_ignore', '1', 4)])
    await keeper.hold([{...IGNORE, index: 5}, setting('none', 'arp_ignore', '1', 4)])
    expect(failed).toEqual([
      'could not set net.ipv4.conf.none.arp_ignore: ENOENT',
      'could not set net.ipv4.conf.eth0.arp_ignore: EROFS',
    ])
  })
})
