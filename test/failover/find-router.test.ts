import {describe, expect, it} from 'vitest'
import {addressIn, findRouter} from '../../src/failover/find-router.ts'
import type {ClusterRouter} from '../../src/watch/model.ts'
import {fakeRouter} from '../fake-agent.ts'

const router = (fields: Partial<ClusterRouter>): ClusterRouter => ({
  key: '4/51/VI_1',
  name: 'VI_1',
  vrid: 51,
  family: 4,
  vips: ['10.0.0.10/24'],
  onNodes: [],
  holders: [],
  heldSinceMs: null,
  lastCause: null,
  problem: null,
  ...fields,
})

const ROUTERS = [
  router({onNodes: [null, {isKnown: true, router: fakeRouter({name: 'web'})}]}),
  router({key: '6/51/VI_6', name: 'VI_6', family: 6, vips: ['2001:db8::10/64']}),
  router({key: '4/52/VI_2', name: 'VI_2', vrid: 52, vips: ['10.0.0.11']}),
  router({key: '4/7/51', name: '51', vrid: 7, vips: []}),
]

describe('a virtual router is found', () => {
  it.each([
    {text: 'VI_1', key: '4/51/VI_1'},
    {text: 'web', key: '4/51/VI_1'},
    {text: '52', key: '4/52/VI_2'},
    {text: '10.0.0.11', key: '4/52/VI_2'},
    {text: '10.0.0.10/24', key: '4/51/VI_1'},
    {text: '2001:DB8:0::10', key: '6/51/VI_6'},
    // A name goes before a VRID.
    {text: '51', key: '4/7/51'},
  ])('by $text', ({text, key}) => {
    expect(findRouter(ROUTERS, text).key).toBe(key)
  })

  it('not by what may be several', () => {
    const two = ROUTERS.slice(0, 2)
    expect(() => findRouter(two, '51')).toThrow('51 may be VI_1 (VRID 51, IPv4), VI_6 (VRID 51, IPv6)')
  })

  it('not by what none has', () => {
    expect(() => findRouter(ROUTERS, '10.0.0.1')).toThrow('no virtual router 10.0.0.1 on these nodes')
  })
})

describe('an address', () => {
  it.each([
    ['10.0.0.1/24', '10.0.0.1'],
    ['2001:db8:0:0::1', '2001:db8::1'],
    ['eth0', undefined],
  ])('in %s is %s', (text, address) => {
    expect(addressIn(text)).toBe(address)
  })
})
