import {describe, expect, it} from 'vitest'
import {unresolvedNames} from '../../../src/config/build/build-static.ts'
import {parse} from '../support.ts'
import {readLines, writtenLines} from './line-support.ts'

describe('a static address', () => {
  it('is set on the default interface unless it names one', () => {
    const {values} = readLines('static_ipaddress', '10.1.1.1', '10.1.1.2 dev eth1')
    expect(values.map(({device}) => device)).toEqual(['eth0', 'eth1'])
    const {config} = parse('global_defs { default_interface lan0 }\nstatic_ipaddress { 10.1.1.1 }')
    expect(config.staticAddresses).toMatchObject([{device: 'lan0'}])
  })

  it('may name a track_group, but no virtual interface', () => {
    const {values, found} = readLines('static_ipaddress', '10.1.1.1 track_group G use_vmac')
    expect(values).toMatchObject([{trackGroup: 'G'}])
    expect(found).toEqual(['HC1502 error 24'])
    expect(writtenLines('static_ipaddress', values)).toEqual(['10.1.1.1/32 dev eth0 track_group G'])
  })

  it('is set once', () => {
    const {values, found} = readLines('static_ipaddress', '10.1.1.1', '10.1.1.1 dev eth0', '10.1.1.1 dev eth1')
    expect(values).toHaveLength(2)
    expect(found).toEqual(['HC1519 warning 1'])
  })
})

describe('a track_group', () => {
  it.each([
    ['static_ipaddress', '10.1.1.1 track_group H', 'HC1517 error 1'],
    ['static_routes', '10.9.0.0/16 dev eth0 track_group H', 'HC1517 error 1'],
    ['static_rules', 'iif eth0 table 1 preference 1 track_group H', 'HC1517 error 1'],
    ['static_routes', '10.9.0.0/16 via 10.1.0.1 track_group G', 'HC1518 error 1'],
    ['static_rules', 'oif eth0 table 1 preference 1 track_group G', 'HC1518 error 1'],
    ['static_routes', '10.9.0.0/16 dev eth0 track_group', 'HC1510 error 22'],
  ] as const)('of %s: %s', (block, line, finding) => {
    const {values, found} = readLines(block, line)
    expect(found).toEqual([finding])
    for (const value of values) expect(value).not.toHaveProperty('trackGroup')
  })

  it('counts once', () => {
    const {values, found} = readLines('static_routes', '10.9.0.0/16 dev eth0 track_group G track_group H')
    expect(found).toEqual(['HC1511 error 36'])
    expect(values).toMatchObject([{trackGroup: 'G'}])
  })

  it('has to be defined before', () => {
    const {config, diagnostics} = parse(
      'static_routes { 10.9.0.0/16 dev eth0 track_group G }\ntrack_group G { group { V } }',
    )
    expect(diagnostics.filter(({code}) => code === 'HC1517')).toMatchObject([{position: {line: 1}}])
    expect(config.staticRoutes[0]).not.toHaveProperty('trackGroup')
  })
})

describe('blocks of static objects', () => {
  it('add to each other', () => {
    const {config} = parse('static_routes { 10.8.0.0/16 dev eth0 }\nstatic_routes { 10.9.0.0/16 dev eth0 }')
    expect(config.staticRoutes.map(({destination}) => destination.address)).toEqual(['10.8.0.0', '10.9.0.0'])
  })

  it('name what only the tables of the host know', () => {
    const {config} = parse(
      [
        'static_routes {',
        '10.9.0.0/16 dev eth0 table blue protocol hand tos lunch realms a/b scope near no_track encap ip id 1 tos x',
        '10.8.0.0/16 nexthop dev eth0 realms c nexthop dev eth1 encap ip6 id 1 tc y',
        '}',
        'static_rules { from 10.0.0.0/8 table red suppress_ifgroup vpn preference 1 }',
      ].join('\n'),
    )
    expect(
      unresolvedNames(config)
        .map(({kind, name}) => `${kind} ${name}`)
        .toSorted(),
    ).toEqual([
      'dsfield lunch',
      'dsfield x',
      'dsfield y',
      'group vpn',
      'protocol hand',
      'realm a',
      'realm b',
      'realm c',
      'scope near',
      'table blue',
      'table red',
    ])
  })
})
