import {expect, it} from 'vitest'
import {extraVips, spacingOf} from '../../../src/agent/vrrp/announcement-plan.ts'
import {Announcer} from '../../../src/agent/vrrp/announcer.ts'
import type {HeldObject} from '../../../src/agent/vrrp/held-object.ts'
import {deviceOf, heldBy} from '../../../src/agent/vrrp/network-view.ts'
import type {ObjectHolder} from '../../../src/agent/vrrp/object-holder.ts'
import {newRouter, type Router} from '../../../src/agent/vrrp/router.ts'
import type {VipConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routersOf} from '../../../src/config/router-config.ts'
import {decodeAddressClaim} from '../../../src/core/arp/address-claim.ts'
import {decodeNeighbourAdvertisementFrame} from '../../../src/core/ndp/neighbour-advertisement.ts'
import {interfaceIndex, monotonicMs} from '../../../src/core/units.ts'

const MAC = '02:00:00:00:00:01'
const VIPS = 'virtual_ipaddress {\n10.0.0.1\n10.0.0.2\n}'

interface Texts {
  readonly global?: string
  readonly groups?: string
  readonly instance?: string
}

/** A configuration with one virtual router, VRID 7 on eth0. */
function configured({global = '', groups = '', instance = VIPS}: Texts) {
  const text = `global_defs {\n${global}\n}\n${groups}\nvrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 7
${instance}\n}`
  const {config} = parseConfig({file: 'x', text})
  const [router] = routersOf(config)
  return {router: router as RouterConfig, garpGroups: config.garpGroups}
}

/** A master with its addresses, and what its announcer sent, with times. */
function master(texts: Texts, mac = MAC) {
  const {router: config, garpGroups} = configured(texts)
  const held = new Set<VipConfig>(heldBy(config))
  const router: Router = newRouter(config, {
    holds: (object: HeldObject) => object.kind === 'address' && held.has(object.vip),
  } as ObjectHolder)
  becomeMaster(router)
  const sent: {readonly address: string; readonly router: boolean; readonly atMs: number}[] = []
  const sender = {
    send: (_: number, frame: Buffer) => {
      const claim = decodeAddressClaim(frame)
      const advertisement = decodeNeighbourAdvertisementFrame(frame)
      const address = claim.ok && claim.value.mac === MAC ? claim.value.address : 'no claim'
      sent.push({address, router: advertisement.ok && advertisement.value.router, atMs: performance.now()})
      return {ok: true} as const
    },
  }
  const announcer = new Announcer(sender, device => device === 'eth1')
  announcer.configure(garpGroups)
  const device = () => ({index: interfaceIndex(3), mac})
  const announce = (vips: readonly VipConfig[], repeat: number): void =>
    announcer.announce(router, vips, repeat, device)
  return {config, router, held, sent, announcer, announce, device, addresses: () => sent.map(({address}) => address)}
}

function becomeMaster(router: Router): void {
  const {conditions} = router.state
  const never = monotonicMs(0)
  router.state = {
    name: 'master',
    conditions,
    advertAt: never,
    lastAdvertAt: never,
    answerFrom: never,
    announceFrom: never,
    rival: undefined,
    burst: undefined,
    refreshAt: undefined,
    restoreAt: undefined,
    restoredAt: undefined,
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function eventually(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < 5_000 && !condition(); waitedMs += 5) await sleep(5)
}

it('announces each address at once, and repeats them in later turns of the loop', async () => {
  const {config, router, addresses, announce} = master({})
  announce(config.vips, 3)
  expect(addresses()).toEqual(['10.0.0.1', '10.0.0.2'])
  await eventually(() => addresses().length === 6)
  expect(addresses().slice(2)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])
  expect(router.counters).toMatchObject({garpSent: 6, neighbourAdvertisementsSent: 0, sendErrors: 0})
})

it('announces every address of several bursts once before it repeats any', async () => {
  const {config, addresses, announce} = master({})
  for (const vip of config.vips) announce([vip], 3)
  expect(addresses()).toEqual(['10.0.0.1', '10.0.0.2'])
  await eventually(() => addresses().length === 6)
  expect(addresses()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])
})

it('does not repeat what the router does not hold any more', async () => {
  const lost = master({})
  lost.announce(lost.config.vips, 5)
  lost.held.delete(lost.config.vips[0] as VipConfig)
  await eventually(() => lost.sent.length === 6)
  await sleep(20)
  expect(lost.addresses()).toEqual(['10.0.0.1', ...Array(5).fill('10.0.0.2')])
  const left = master({})
  left.announce(left.config.vips, 5)
  left.router.state = {name: 'fault', conditions: left.router.state.conditions}
  await sleep(20)
  expect(left.addresses()).toEqual(['10.0.0.1', '10.0.0.2'])
})

it('holds back a bounded number of repeats', async () => {
  const {config, sent, announce} = master({})
  for (let burst = 0; burst < 6_000; burst++) announce(config.vips, 3)
  const atOnce = 6_000 * 2
  expect(sent).toHaveLength(atOnce)
  await eventually(() => sent.length === atOnce + 20_000)
  await sleep(20)
  expect(sent).toHaveLength(atOnce + 20_000)
})

it('announces IPv6 addresses by neighbour advertisements, with the router flag of their interface', () => {
  const vips = 'virtual_ipaddress {\n10.0.0.1\n}\nvirtual_ipaddress_excluded {\n2001:db8::1\n2001:db8::2 dev eth1\n}'
  const {config, router, sent, announce} = master({instance: vips})
  announce(heldBy(config), 1)
  expect(sent).toMatchObject([
    {address: '10.0.0.1', router: false},
    {address: '2001:db8::1', router: false},
    {address: '2001:db8::2', router: true},
  ])
  expect(router.counters).toMatchObject({garpSent: 1, neighbourAdvertisementsSent: 2})
})

it('says nothing on an interface without a hardware address', () => {
  const {config, router, sent, announce} = master({}, '00:00:00:00:00:00')
  announce(config.vips, 1)
  expect(sent).toEqual([])
  expect(router.counters).toMatchObject({garpSent: 0, sendErrors: 0})
})

it('keeps vrrp_garp_interval between two packets of one interface', async () => {
  const {config, sent, addresses, announce} = master({global: 'vrrp_garp_interval 0.02'})
  announce(config.vips, 2)
  expect(sent).toHaveLength(1)
  await eventually(() => sent.length === 4)
  expect(addresses()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2'])
  for (let i = 1; i < sent.length; i++) {
    expect((sent[i]?.atMs ?? 0) - (sent[i - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(20)
  }
})

it('lets nothing wait more often than one burst has it', async () => {
  const {config, sent, addresses, announce} = master({global: 'vrrp_garp_interval 0.01'})
  for (let burst = 0; burst < 50; burst++) announce(config.vips, 2)
  await eventually(() => sent.length >= 5)
  await sleep(50)
  expect(addresses()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2', '10.0.0.1'])
})

it('drops what waits when the router is master no more, or has lost the address', async () => {
  const lost = master({global: 'vrrp_garp_interval 0.02'})
  lost.announce(lost.config.vips, 5)
  lost.router.state = {name: 'fault', conditions: lost.router.state.conditions}
  const partly = master({global: 'vrrp_garp_interval 0.02'})
  partly.announce(partly.config.vips, 2)
  partly.held.delete(partly.config.vips[1] as VipConfig)
  await eventually(() => partly.sent.length === 2)
  await sleep(60)
  expect(partly.addresses()).toEqual(['10.0.0.1', '10.0.0.1'])
  expect(lost.addresses()).toEqual(['10.0.0.1'])
})

// keepalived.conf(5), garp_group: its interfaces share the delay; others have that of global_defs each.
it.each([
  ['10.0.0.1', {place: '4 group 0', intervalMs: 200}],
  ['10.0.1.1', {place: '4 group 0', intervalMs: 200}],
  ['10.0.2.1', {place: '4 eth2', intervalMs: 30}],
  ['2001:db8::1', {place: '6 group 0', intervalMs: 0}],
  ['2001:db8:2::1', {place: '6 eth2', intervalMs: 40}],
])('spaces announcements of %s by its interface', (address, expected) => {
  const {router, garpGroups} = configured({
    global: 'vrrp_garp_interval 0.03\nvrrp_gna_interval 0.04',
    groups: 'garp_group {\ngarp_interval 0.2\ninterface eth0\ninterfaces {\neth1\n}\n}',
    instance: `use_vmac\nvirtual_ipaddress {\n10.0.0.1\n10.0.1.1 dev eth1\n10.0.2.1 dev eth2\n}
virtual_ipaddress_excluded {\n2001:db8::1\n2001:db8:2::1 dev eth2\n}`,
  })
  const vip = heldBy(router).find(each => each.address === address) as VipConfig
  expect(spacingOf(router, vip, garpGroups)).toEqual(expected)
})

// What keepalived 2.2.7 sends, but for vmac_xmit_base without use_vmac_addr and `all`, where it sends nothing although
// keepalived.conf(5) says so.
it.each([
  ['garp_extra_if 2', []],
  ['garp_extra_if all 2', ['eth1 10.0.1.1']],
  ['use_vmac\ngarp_extra_if 2', []],
  ['use_vmac\ngarp_extra_if all 2', ['eth1 10.0.1.1']],
  ['use_vmac\nvmac_xmit_base\ngarp_extra_if all 2', ['vrrp.7 10.0.0.1', 'eth1 10.0.1.1']],
  ['use_vmac\nvmac_xmit_base\ngarp_extra_if 2', ['vrrp.7 10.0.0.1']],
])('with %j announces one address on each other interface', (lines, expected) => {
  const instance = `${lines}\nvirtual_ipaddress {\n10.0.0.1\n10.0.0.2\n10.0.1.1 dev eth1\n10.0.1.2 dev eth1\n}`
  const {router} = configured({instance})
  expect(extraVips(router).map(vip => `${deviceOf(router, vip)} ${vip.address}`)).toEqual(expected)
})

it('repeats garp_extra_if as long as the router is master', async () => {
  const instance = `garp_extra_if all 1\nvirtual_ipaddress {\n10.0.0.1\n10.0.1.1 dev eth1\n}`
  const {router, announcer, device, addresses, sent} = master({instance})
  announcer.followExtra(router, device)
  // Asked twice it does not announce twice.
  announcer.followExtra(router, device)
  await eventually(() => sent.length === 2)
  expect(addresses()).toEqual(['10.0.1.1', '10.0.1.1'])
  expect((sent[1]?.atMs ?? 0) - (sent[0]?.atMs ?? 0)).toBeGreaterThan(900)
  router.state = {name: 'fault', conditions: router.state.conditions}
  await sleep(1_200)
  expect(sent).toHaveLength(2)
})
