import {describe, expect, test} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import type {RouteHop, RouteMessage} from '../../../src/core/netlink/route.ts'
import type {RuleMessage} from '../../../src/core/netlink/rule.ts'
import {isSameRoute, isSameRule} from '../../../src/core/netlink/same-object.ts'

const ip = (text: string): IpAddress => text as IpAddress

const ROUTE: RouteMessage = {
  family: 2,
  destinationLength: 24,
  sourceLength: 0,
  tos: 0,
  table: 254,
  protocol: 18,
  scope: 0,
  type: 1,
  flags: 0,
  values: {destination: ip('10.2.0.0'), gateway: ip('192.0.2.9')},
  unknown: [],
}
/** As Linux tells of it: with the table twice and the interface that it found. */
const TOLD: RouteMessage = {...ROUTE, values: {...ROUTE.values, table: 254, outIndex: 3}}

describe('a route that the kernel tells of', () => {
  test.each<[string, Partial<RouteMessage>, Partial<RouteMessage['values']>]>([
    ['family', {family: 10}, {}],
    ['length', {destinationLength: 25}, {}],
    ['field for services', {tos: 16}, {}],
    ['protocol', {protocol: 99}, {}],
    ['type', {type: 6}, {}],
    ['table', {}, {table: 100}],
    ['metric', {}, {priority: 5}],
    ['destination', {}, {destination: ip('10.3.0.0')}],
    ['gateway', {}, {gateway: ip('192.0.2.8')}],
  ])('is another one by its %s', (_, over, values) => {
    expect(isSameRoute(ROUTE, TOLD)).toBe(true)
    expect(isSameRoute(ROUTE, {...TOLD, ...over, values: {...TOLD.values, ...values}})).toBe(false)
  })

  test('over IPv6 has a metric when none was asked for, and bits beyond its length are no part of it', () => {
    const values = {destination: ip('2001:db8::'), outIndex: 3}
    const asked = {...ROUTE, family: 10, destinationLength: 64, values: {...values, destination: ip('2001:db8::1')}}
    expect(isSameRoute(asked, {...asked, values: {...values, priority: 1_024}})).toBe(true)
    expect(isSameRoute(asked, {...asked, values: {...values, priority: 1_025}})).toBe(false)
    expect(isSameRoute(asked, {...asked, values: {...values, priority: 1_024, outIndex: 4}})).toBe(false)
  })

  test('may be one of several next hops, or all of them', () => {
    const hop = (gateway: string): RouteHop => ({flags: 0, weight: 1, index: 0, values: {gateway: ip(gateway)}})
    const values = {destination: ip('10.2.0.0'), hops: [hop('192.0.2.8'), hop('192.0.2.9')]}
    expect(isSameRoute({...ROUTE, values}, TOLD)).toBe(true)
    expect(isSameRoute({...ROUTE, values}, {...ROUTE, values})).toBe(true)
    expect(isSameRoute({...ROUTE, values: {...values, hops: [hop('192.0.2.7')]}}, TOLD)).toBe(false)
  })

  test('needs no destination where every address is one', () => {
    const asked = {...ROUTE, destinationLength: 0, values: {...ROUTE.values, destination: ip('0.0.0.0')}}
    const {destination: _destination, ...values} = TOLD.values
    expect(isSameRoute(asked, {...TOLD, destinationLength: 0, values})).toBe(true)
    expect(isSameRoute(ROUTE, {...TOLD, values})).toBe(false)
  })
})

describe('a rule that the kernel tells of', () => {
  const RULE: RuleMessage = {
    family: 2,
    destinationLength: 0,
    sourceLength: 24,
    tos: 0,
    table: 100,
    action: 1,
    flags: 0,
    values: {source: ip('10.3.0.0'), preference: 1_000, protocol: 18, sourcePorts: {start: 1, end: 2}},
    unknown: [],
  }
  const told: RuleMessage = {
    ...RULE,
    values: {...RULE.values, sourcePorts: {start: 1, end: 2}, suppressPrefixLength: 0xffff_ffff, table: 100},
  }

  test.each<[string, Partial<RuleMessage>, Partial<RuleMessage['values']>]>([
    ['family', {family: 10}, {}],
    ['action', {action: 6}, {}],
    ['table', {}, {table: 200}],
    ['source', {}, {source: ip('10.4.0.0')}],
    ['preference', {}, {preference: 1_001}],
    ['protocol', {}, {protocol: 0}],
    ['ports', {}, {sourcePorts: {start: 1, end: 3}}],
  ])('is another one by its %s', (_, over, values) => {
    expect(isSameRule(RULE, told)).toBe(true)
    expect(isSameRule(RULE, {...told, ...over, values: {...told.values, ...values}})).toBe(false)
  })
})
