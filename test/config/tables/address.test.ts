import {describe, expect, it} from 'vitest'
import {readLines, writtenLines} from './line-support.ts'

const read = (line: string) => {
  const {values, found} = readLines('virtual_ipaddress', line)
  return {address: values[0], found, written: writtenLines('virtual_ipaddress', values)}
}

describe('an address', () => {
  it.each([
    ['10.1.1.1', {address: '10.1.1.1', prefixLength: 32}],
    ['2001:DB8::1', {address: '2001:db8::1', prefixLength: 128}],
    ['10.1.1.1/+24', {prefixLength: 24}],
    ['10.1.1.1/024', {prefixLength: 24}],
    ['10.1.1.1/0', {prefixLength: 0}],
    ['"10.1.1.1" dev eth1 scope 010 label foo', {device: 'eth1', scope: 8, label: 'foo'}],
    ['10.1.1.1/24 brd -', {broadcast: '-'}],
    ['10.1.1.1 broadcast 10.1.1.255', {broadcast: '10.1.1.255'}],
    ['10.1.1.1 peer 10.1.1.2', {prefixLength: 32, peer: {address: '10.1.1.2', prefixLength: 32}}],
    ['10.1.1.1 peer 10.1.1.2/30', {peer: {address: '10.1.1.2', prefixLength: 30}}],
    ['2001:db8::1 home -nodad mngtmpaddr', {flags: ['home', '-nodad', 'mngtmpaddr']}],
    [
      '10.1.1.1 noprefixroute autojoin no_track use_vmac',
      {flags: ['noprefixroute', 'autojoin', 'no_track', 'use_vmac']},
    ],
    ['2001:db8::1 preferred_lft forever', {preferredLifetime: 'forever'}],
    ['2001:db8::1 preferred_lft 0', {preferredLifetime: 0}],
    ['::ffff:1.2.3.4', {address: '::ffff:1.2.3.4'}],
  ])('may be %s', (line, expected) => {
    const {address, found} = read(line)
    expect(found).toEqual([])
    expect(address).toMatchObject(expected)
  })

  it('has no lifetime unless it is given', () => {
    expect(read('2001:db8::1').address).not.toHaveProperty('preferredLifetime')
  })

  it.each([
    ['that is a name', 'vip.example.com', 'HC1501 error 1'],
    ['that is short', '10.1.1', 'HC1501 error 1'],
    ['with a zone', 'fe80::1%eth0', 'HC1501 error 1'],
    ['with a comma', '10.1.1.1,', 'HC1501 error 1'],
    ['that is default', 'default', 'HC1501 error 1'],
    ['without the value of an option', '10.1.1.1 dev', 'HC1502 error 10'],
    ['with two interfaces', '10.1.1.1 dev eth0 dev eth1', 'HC1502 error 19'],
    ['with a broadcast address that is none', '10.1.1.1/24 brd all', 'HC1502 error 17'],
    ['with a broadcast address of IPv6', '10.1.1.1/24 brd fe80::1', 'HC1502 error 17'],
    ['of IPv6 with a broadcast address', '2001:db8::1/64 brd +', 'HC1502 error 16'],
    ['with a long label', '10.1.1.1 label eth0:averylonglabel', 'HC1502 error 16'],
    ['with an alias for an interface', '10.1.1.1 dev eth0:1', 'HC1204 error 14'],
  ])('%s is left out', (_what, line, finding) => {
    const {values, found} = readLines('virtual_ipaddress', line)
    expect(values).toEqual([])
    expect(found.filter(text => !text.startsWith('HC1505'))).toEqual([finding])
  })

  it.each([
    ['a length', '10.1.1.1/33', 1, {prefixLength: 32}],
    ['an empty length', '10.1.1.1/', 1, {prefixLength: 32}],
    ['two lengths', '10.1.1.1/24/5', 1, {prefixLength: 32}],
    ['a length over IPv6', '2001:db8::1/129', 1, {prefixLength: 128}],
    ['a scope', '10.1.1.1 scope universe', 16, {prefixLength: 32}],
    ['a scope beyond', '10.1.1.1 scope 256', 16, {prefixLength: 32}],
    ['a scope over IPv6', '2001:db8::1 scope link', 13, {prefixLength: 128}],
    ['a label over IPv6', '2001:db8::1 label foo', 13, {prefixLength: 128}],
    ['a broadcast address of so small a network', '10.1.1.1/31 brd +', 1, {prefixLength: 31}],
    ['a peer', '10.1.1.1 peer nobody', 15, {prefixLength: 32}],
    ['a peer of the other family', '10.1.1.1 peer fe80::1', 15, {prefixLength: 32}],
    ['a second peer', '10.1.1.1 peer 10.1.1.2 peer 10.1.1.3', 24, {peer: {address: '10.1.1.2'}}],
    ['a length beside a peer', '10.1.1.1/24 peer 10.1.1.2', 13, {prefixLength: 32, peer: {prefixLength: 32}}],
    ['a lifetime', '2001:db8::1 preferred_lft 4294967296', 27, {prefixLength: 128}],
    ['words that are no options', '10.1.1.1 netmask 24 dev eth0', 10, {device: 'eth0'}],
    ['another address', '10.1.1.1 10.1.1.2', 10, {address: '10.1.1.1'}],
    ['track_group, if it is virtual', '10.1.1.1 track_group G', 10, {address: '10.1.1.1'}],
  ])('is corrected: %s', (_what, line, column, expected) => {
    const {address, found} = read(line)
    expect(found).toEqual([`HC1502 error ${column}`])
    expect(address).toMatchObject(expected)
    for (const field of ['scope', 'label', 'broadcast', 'preferredLifetime', 'trackGroup']) {
      expect(address).not.toHaveProperty(field)
    }
  })

  it.each([
    ['an option of IPv6', '10.1.1.1 home', 10],
    ['an option twice', '10.1.1.1 scope link scope host', 21],
  ])('surprises with %s', (_what, line, column) => {
    expect(read(line).found).toEqual([`HC1509 warning ${column}`])
  })
})

describe('an address is written', () => {
  it.each([
    ['10.1.1.1', '10.1.1.1/32'],
    ['10.1.1.1/24 brd + scope global dev eth1', '10.1.1.1/24 dev eth1 scope global brd +'],
    ['10.1.1.1 peer 10.1.1.2/30 no_track', '10.1.1.1 peer 10.1.1.2/30 no_track'],
    ['2001:db8::1 preferred_lft forever use_vmac', '2001:db8::1/128 preferred_lft forever use_vmac'],
  ])('%s as %s', (line, expected) => {
    expect(read(line).written).toEqual([expected])
  })
})
