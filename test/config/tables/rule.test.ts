import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {readLines, withoutPosition, writtenLines} from './line-support.ts'

const read = (line: string) => {
  const {values, found} = readLines('virtual_rules', line)
  return {rule: values[0], found, written: writtenLines('virtual_rules', values)}
}

describe('a rule', () => {
  it('has defaults', () => {
    const {values, found} = readLines('virtual_rules', 'from 10.0.0.0/8 table 100 preference 5')
    expect(found).toEqual([])
    expect(withoutPosition(values)).toEqual([
      {
        position: undefined,
        family: 4,
        invert: false,
        from: {address: '10.0.0.0', prefixLength: 8},
        action: {type: 'table', table: 100},
        preference: 5,
        protocol: 18,
        noTrack: false,
      },
    ])
  })

  it.each([
    ['not from 10.0.0.0/8 lookup main order 0x10', {invert: true, action: {type: 'table', table: 254}, preference: 16}],
    ['to 2001:db8::/32 table blue priority 010', {family: 6, action: {type: 'table', table: 'blue'}, preference: 8}],
    ['from default6 table 1 preference 1', {family: 6}],
    ['table 1 preference 1 inet6', {family: 6}],
    ['from all table 1 preference 1', {family: 4}],
    ['from ::/0 table 1 preference 1', {family: 6, from: {address: '::', prefixLength: 0}}],
    ['iif eth0 oif eth1 table 1 preference 1', {device: 'eth0', outDevice: 'eth1'}],
    ['dev lo table 1 preference 1', {device: 'lo'}],
    ['tos AF11 table 1 preference 1', {tos: 40}],
    ['fwmark 0x10/0xff table 1 preference 1', {mark: {mark: 16, mask: 255}}],
    ['fwmark 010 table 1 preference 1', {mark: {mark: 8}}],
    ['tunnel-id 18446744073709551615 table 1 preference 1', {tunnelId: '18446744073709551615'}],
    ['uidrange 1000-1999 table 1 preference 1', {userIds: {start: 1_000, end: 1_999}}],
    ['ipproto UDP sport 80-90 dport 1-2 table 1 preference 1', {ipProtocol: 17, sourcePorts: {start: 80, end: 90}}],
    ['ipproto 0x84 table 1 preference 1', {ipProtocol: 132}],
    ['goto 9 preference 1', {action: {type: 'goto', target: 9}}],
    ['type goto 9 preference 1', {action: {type: 'goto', target: 9}}],
    ['from 10.0.0.0/8 blackhole preference 1', {action: {type: 'blackhole'}}],
    ['from 10.0.0.0/8 type prohibit preference 1', {action: {type: 'prohibit'}}],
    ['from 10.0.0.0/8 7 preference 1', {action: {type: 'unreachable'}}],
    ['nop preference 1', {action: {type: 'nop'}}],
    ['l3mdev realms 1 preference 1', {action: {type: 'l3mdev'}, realms: {from: 0, to: 1}}],
    ['table 1 realms 1/2 preference 1', {realms: {from: 1, to: 2}}],
    ['table 1 sup_pl 0 sup_group default preference 1', {suppressPrefixLength: 0, suppressGroup: 0}],
    ['table 1 suppress_ifgroup vpn preference 1', {suppressGroup: 'vpn'}],
    ['table 1 protocol 5 no_track preference 1', {protocol: 5, noTrack: true}],
  ])('may be %s', (line, expected) => {
    const {rule, found} = read(line)
    expect(found).toEqual([])
    expect(rule).toMatchObject(expected)
  })

  it('that is not tracked has no protocol of its own', () => {
    expect(read('table 1 preference 1 no_track').rule).not.toHaveProperty('protocol')
  })
})

describe('a rule is left out', () => {
  it.each([
    ['that does nothing', 'from 10.0.0.0/8 preference 1', 1],
    ['that does two things', 'from 10.0.0.0/8 blackhole table 1 preference 1', 27],
    ['with a mixture of families', 'from 10.0.0.0/8 to 2001:db8::/32 table 1 preference 1', 20],
    ['with realms over IPv6', 'to 2001:db8::/32 realms 1 table 1 preference 1', 18],
    ['with table 0', 'table 0 preference 1', 1],
    ['with an option that nobody knows', 'from 10.0.0.0/8 ip_proto udp table 1 preference 1', 17],
    ['with a short preference', 'from 10.0.0.0/8 table 1 pref 1', 25],
    ['without from', '10.0.0.0/8 table 1 preference 1', 1],
    ['without a value', 'from 10.0.0.0/8 table', 17],
    ['that is a throw', 'from 10.0.0.0/8 throw preference 1', 17],
    ['that goes back', 'goto 1 preference 1', 1],
    ['that goes on from nowhere', 'goto 9', 1],
    ['with an option of tables', 'from 10.0.0.0/8 blackhole sup_pl 0 preference 1', 1],
    ['with half a mark', 'fwmark 5/ table 1 preference 1', 8],
    ['with a negative mask', 'fwmark 5/-1 table 1 preference 1', 8],
    ['with one user', 'uidrange 5 table 1 preference 1', 10],
    ['with track_group, if it is virtual', 'iif eth0 table 1 preference 1 track_group G', 31],
    ['with inet before other words', 'inet table 1 preference 1', 1],
    ['with a hexadecimal tunnel', 'tunnel-id 0x5 table 1 preference 1', 11],
    ['with a preference beyond', 'table 1 preference 4294967296', 20],
  ])('%s', (_what, line, column) => {
    const {values, found} = readLines('virtual_rules', line)
    expect(values).toEqual([])
    expect(found).toEqual([`HC1513 error ${column}`])
  })
})

describe('a word of a rule is skipped', () => {
  it.each([
    ['a single port, although it is clear', 'sport 80 table 1 preference 1', 7],
    ['a name of a port', 'dport http table 1 preference 1', 7],
    ['a protocol of IP', 'ipproto carrier table 1 preference 1', 9],
    ['a protocol of routing that is a name', 'protocol static table 1 preference 1 no_track', 10],
    ['a protocol of what is tracked', 'protocol 5 table 1 preference 1', 1],
  ])('%s', (_what, line, column) => {
    const {rule, found} = read(line)
    expect(found).toEqual([`HC1514 error ${column}`])
    expect(rule).not.toHaveProperty('sourcePorts')
    expect(rule).not.toHaveProperty('ipProtocol')
  })

  it('and it is said how to write a single port', () => {
    const {loaded} = readLines('virtual_rules', 'sport 80 table 1 preference 1')
    expect(loaded.diagnostics.find(({code}) => code === 'HC1514')?.hint).toBe('write sport 80-80')
  })
})

describe('a rule surprises', () => {
  it.each([
    ['with the bits of congestion in its tos', 'tos 22 table 1 preference 1'],
    ['with users backwards', 'uidrange 10-5 table 1 preference 1'],
    ['with ports backwards', 'sport 90-80 table 1 preference 1'],
    ['with port 0', 'sport 0-80 table 1 preference 1'],
    ['with an option twice', 'table 1 preference 1 preference 2'],
  ])('%s', (_what, line) => {
    const {rule, found} = read(line)
    expect(rule).toBeDefined()
    expect(found.map(text => text.slice(0, 14))).toEqual(['HC1515 warning'])
  })
})

describe('rules without a preference', () => {
  const text = [
    'static_rules { from 10.1.0.0/16 table 1',
    'to 2001:db8::/32 table 1',
    'from 10.2.0.0/16 preference 7 }',
    'vrrp_instance V {',
    'interface eth0',
    'virtual_router_id 7',
    'virtual_ipaddress { 10.0.0.1 }',
    'virtual_rules { from 10.3.0.0/16 table 1 }',
    '}',
    'static_rules { from 10.4.0.0/16 table 1 }',
  ].join('\n')

  it('get one from 16384 downwards, counted by family over the whole text', () => {
    const {config, diagnostics} = parse(text)
    expect(config.staticRules.map(({preference}) => preference)).toEqual([16_384, 16_384, 16_382])
    expect(config.instances[0]?.rules.map(({preference}) => preference)).toEqual([16_383])
    expect(diagnostics.filter(({code}) => code === 'HC1516')).toHaveLength(4)
  })

  it('get the same in every reading', () => {
    expect(parse(text).config.staticRules).toEqual(parse(text).config.staticRules)
  })
})

describe('a rule is written', () => {
  it.each([
    ['table main not iif eth0 order 5', 'not iif eth0 table main preference 5'],
    ['table 1 preference 1 inet6', 'table 1 preference 1 from default6'],
    ['from 10.0.0.0/8 6 priority 9', 'from 10.0.0.0/8 blackhole preference 9'],
    ['table 1 preference 1 protocol 7 no_track', 'table 1 preference 1 protocol 7 no_track'],
    ['lookup 5 fwmark 0x10/0xff preference 1', 'fwmark 16/255 table 5 preference 1'],
  ])('%s as %s', (line, expected) => {
    expect(read(line).written).toEqual([expected])
  })
})
