import {describe, expect, it} from 'vitest'
import type {TrackerStanding} from '../../../src/agent/channel.ts'
import {conditionsOf, type Surroundings, trackerKey} from '../../../src/agent/vrrp/conditions.ts'
import {LinkWatch} from '../../../src/agent/vrrp/link-watch.ts'
import {Rejections} from '../../../src/agent/vrrp/rejections.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routersOf} from '../../../src/config/router-config.ts'
import {sameMeaning} from '../../../src/config/router-identity.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {monotonicMs} from '../../../src/core/units.ts'
import {sameConditions} from '../../../src/core/vrrp/shared-conditions.ts'

function instance(text: string): RouterConfig {
  const source = `vrrp_script chk { script /bin/true }\nvrrp_instance VI_1 {
    interface eth0\nvirtual_router_id 7\nvirtual_ipaddress { 10.0.0.1 }\n${text}\n}`
  const [first] = routersOf(parseConfig({file: 'test.conf', text: source}).config)
  if (!first) throw new Error('no instance')
  return first
}

const NO_NETWORK = {links: [], link: () => undefined, addressesOf: () => [], ownProtocol: 0}

describe('a reload', () => {
  it('leaves alone what only moved in the file', () => {
    expect(sameMeaning(instance('priority 120'), instance('\n\n! a comment\npriority 120'))).toBe(true)
    expect(sameMeaning(instance('priority 120'), instance('priority 121'))).toBe(false)
    expect(sameMeaning(instance(''), instance('track_script { chk }'))).toBe(false)
  })
})

describe('whether a router may run', () => {
  it('puts links, scripts and priorities together', () => {
    const config = instance('priority 120\nmcast_src_ip 10.0.0.9\ntrack_script { chk }')
    const source = '10.0.0.9' as IpAddress
    const standing = {kind: 'script', name: 'chk', verdict: 'bad', detail: 'exit status 1'} as const
    const around = (trackers: readonly TrackerStanding[], reason?: string): Surroundings => ({
      // The source is given, so that nobody looks.
      network: NO_NETWORK,
      trackers: new Map(trackers.map(tracker => [trackerKey(tracker), tracker])),
      vips: new Set(),
      link: () => (reason === undefined ? {up: true} : {up: false, reason}),
      isComing: () => false,
      lacks: () => [],
      waitingFor: [],
      nonlocalBind: () => false,
    })
    const unknown = conditionsOf(config, undefined, around([]))
    const common = {priority: 120, source, held: undefined}
    expect(unknown).toEqual({...common, faults: [], waitingFor: ['script chk']})
    const bad = conditionsOf(config, undefined, around([standing], 'eth0 is down'))
    expect(bad).toEqual({...common, faults: ['eth0 is down', 'script chk: exit status 1'], waitingFor: []})
    expect(sameConditions(unknown, bad)).toBe(false)
    expect(sameConditions(bad, {...bad})).toBe(true)
    expect(sameConditions(bad, conditionsOf(config, 'maintenance', around([standing], 'eth0 is down')))).toBe(false)
  })
})

describe('dropped packets', () => {
  it('are all counted, and complained of once a minute for each kind', () => {
    const rejections = new Rejections()
    const add = (failure: string, at: number) =>
      rejections.add(failure, 'its TTL is not 255', '10.0.0.9', monotonicMs(at))
    expect(add('ttl-not-255', 0)?.text).toBe('advertisement from 10.0.0.9 dropped: its TTL is not 255')
    for (let i = 1; i < 500; i++) expect(add('ttl-not-255', i)).toBeUndefined()
    expect(add('checksum-wrong', 500)).toBeDefined()
    expect(add('ttl-not-255', 60_000)?.text).toContain('(500 such packets)')
    expect(rejections.counts).toEqual({'ttl-not-255': 501, 'checksum-wrong': 1})
  })
})

describe('links', () => {
  it('are news when they change, not when they are first seen', () => {
    const watch = new LinkWatch()
    const links = new Map([['eth0', {up: true}]])
    const look = (name: string) => links.get(name)
    const names = new Set(['eth0', 'eth1'])
    expect(watch.changes(names, look)).toEqual([])
    links.set('eth0', {up: false})
    expect(watch.changes(names, look)).toEqual([{name: 'eth0', from: 'up', to: 'down'}])
    expect(watch.changes(names, look)).toEqual([])
    links.delete('eth0')
    links.set('eth1', {up: true})
    expect(watch.changes(names, look)).toEqual([
      {name: 'eth0', from: 'down', to: 'gone'},
      {name: 'eth1', from: 'gone', to: 'up'},
    ])
  })
})
