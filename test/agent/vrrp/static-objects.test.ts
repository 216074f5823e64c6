import {describe, expect, it} from 'vitest'
import {ownedBy} from '../../../src/agent/owned-objects.ts'
import {removeLeftovers} from '../../../src/agent/vrrp/leftovers.ts'
import {sparingSecondaries} from '../../../src/agent/vrrp/secondaries.ts'
import {StaticObjects} from '../../../src/agent/vrrp/static-objects.ts'
import {loadText} from '../../../src/config/load.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import type {InterfaceAddress, Link} from '../../../src/core/netlink/picture.ts'
import {interfaceIndex} from '../../../src/core/units.ts'
import type {ChangeOutcome, KernelObject} from '../../../src/kernel/object-changer.ts'

const INDEX = interfaceIndex(3)
const OWN = 0x70

/** What is known of eth0 and its addresses, and a kernel that does what it is asked. */
class Host {
  up = true
  held: readonly InterfaceAddress[] = []
  readonly ownProtocol = OWN
  readonly calls: string[] = []
  refuse: string | undefined

  link(name: string): Link | undefined {
    return name === 'eth0' ? ({index: INDEX, name, up: this.up, table: undefined} as Link) : undefined
  }

  get links(): readonly Link[] {
    return [this.link('eth0') as Link]
  }

  addressesOf(): readonly InterfaceAddress[] {
    return this.held
  }

  async add(object: KernelObject): Promise<ChangeOutcome> {
    this.calls.push(`add ${nameOf(object)}`)
    if (this.refuse !== undefined) return {outcome: 'failed', reason: this.refuse}
    if (object.kind === 'address') this.held = [...this.held, held(object.spec.address)]
    return {outcome: 'done'}
  }

  async remove(object: KernelObject): Promise<ChangeOutcome> {
    this.calls.push(`remove ${nameOf(object)}`)
    return {outcome: 'done'}
  }
}

function nameOf(object: KernelObject): string {
  if (object.kind === 'address') return `${object.spec.address} ${object.spec.protocol ?? OWN}`
  return object.kind === 'route'
    ? `route ${object.spec.message.values.destination} ${object.spec.message.scope}`
    : 'rule'
}

const held = (address: string, over: Partial<InterfaceAddress> = {}): InterfaceAddress => ({
  index: INDEX,
  family: 4,
  address: address as IpAddress,
  prefixLength: 24,
  peer: address as IpAddress,
  broadcast: undefined,
  label: undefined,
  scope: 0,
  flags: 0x80,
  secondary: false,
  protocol: 0,
  ...over,
})

const TEXT = `track_group G { group { A } }
  static_ipaddress {
    10.0.0.1/24 dev eth0 track_group G
    10.0.1.1/24 dev eth0
  }
  static_routes { 10.1.0.0/16 dev eth0 track_group G }
  static_rules { from 10.0.0.0/8 table 100 preference 1000 }
  vrrp_instance A {
    interface eth0
    virtual_router_id 1
    virtual_ipaddress { 10.9.9.9 }
  }`
const {config} = loadText('x', TEXT)

function makeObjects() {
  const host = new Host()
  const news: string[] = []
  const objects = new StaticObjects(
    {network: host, objects: host},
    {onRestored: text => news.push(text), onFailed: text => news.push(text), onChanged: () => {}},
  )
  return {host, news, objects}
}

describe('static objects', () => {
  it('are put there once, come back when they are taken away, and go at the end', async () => {
    const {host, news, objects} = makeObjects()
    await objects.configure(config)
    expect(host.calls).toEqual(['add 10.0.0.1 112', 'add 10.0.1.1 112', 'add route 10.1.0.0 0', 'add rule'])
    host.calls.length = 0
    host.held = host.held.filter(({address}) => address !== '10.0.1.1')
    objects.networkChanged()
    await objects.settled()
    expect(host.calls).toEqual(['add 10.0.1.1 112'])
    expect(news).toEqual(['the static address 10.0.1.1/24 on eth0 was removed by somebody else and is back'])
    host.calls.length = 0
    await objects.withdraw()
    expect(host.calls).toEqual(['remove rule', 'remove route 10.1.0.0 0', 'remove 10.0.0.1 112', 'remove 10.0.1.1 112'])
    host.held = []
    objects.networkChanged()
    await objects.settled()
    expect(host.calls).toHaveLength(4)
  })

  it('are a fault of the virtual routers of their group when an interface is down or the kernel refuses them', async () => {
    const {host, news, objects} = makeObjects()
    await objects.configure(config)
    expect([...objects.faults()]).toEqual([['A', []]])
    host.up = false
    expect([...objects.faults()]).toEqual([['A', ['interface eth0 is down']]])
    host.up = true
    host.refuse = 'EPERM'
    host.held = []
    objects.networkChanged()
    await objects.settled()
    expect([...objects.faults()]).toEqual([['A', ['the static address 10.0.0.1/24 on eth0 is missing']]])
    expect(news).toContain('could not add the static address 10.0.0.1/24 on eth0: EPERM')
    host.refuse = undefined
    await objects.withdraw()
  })
})

describe('what an earlier run left', () => {
  it('is removed unless somebody wants it', async () => {
    const host = new Host()
    host.held = [held('10.7.0.1', {protocol: OWN}), held('10.8.0.1')]
    const owned = ownedBy([], config)
    const wanted = ownedBy([], {...config, staticRoutes: []})
    const removed = await removeLeftovers({network: host, objects: host}, wanted, owned)
    // The scope is the kernel's affair, since the line has none.
    expect(host.calls).toEqual(['remove route 10.1.0.0 255', 'remove 10.7.0.1 112'])
    expect(removed.map(({text}) => text)).toEqual([
      'the route to 10.1.0.0/16 was left by an earlier run and is removed',
      '10.7.0.1/24 was left on eth0 by an earlier run and is removed',
    ])
  })

  it('on an interface that is gone is gone with it', async () => {
    const host = new Host()
    const text = TEXT.replaceAll('dev eth0', 'dev eth1')
    await removeLeftovers({network: host, objects: host}, [], ownedBy([], loadText('x', text).config))
    expect(host.calls).toEqual(['remove rule'])
  })
})

describe('addresses of others in the network of one that is removed', () => {
  it('are put back as they were, and ours are not', async () => {
    const host = new Host()
    host.held = [
      held('10.0.0.1', {protocol: OWN}),
      held('10.0.0.2', {secondary: true, label: 'eth0:x', protocol: 3}),
      held('10.0.0.3', {secondary: true, protocol: OWN}),
      held('10.0.0.4', {secondary: true, protocol: 0}),
      // With a lifetime, in another network, of another length.
      held('10.0.0.5', {secondary: true, flags: 0}),
      held('10.0.1.6', {secondary: true}),
      held('10.0.0.7', {secondary: true, prefixLength: 25}),
    ]
    const operations = sparingSecondaries(host, host, address => address === '10.0.0.4')
    const spec = {index: INDEX, address: '10.0.0.1' as IpAddress, prefixLength: 24}
    expect(await operations.remove({kind: 'address', spec})).toEqual({outcome: 'done'})
    expect(host.calls).toEqual(['remove 10.0.0.1 112', 'add 10.0.0.2 3'])
  })
})
