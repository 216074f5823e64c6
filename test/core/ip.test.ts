import {describe, expect, it} from 'vitest'
import {compareIp, type IpAddress, ipFamily, ipToBytes, ipv4Broadcast, ipv4Network, parseIp} from '../../src/core/ip.ts'

const ip = (text: string): IpAddress => {
  const result = parseIp(text)
  if (!result.ok) throw new Error(`${text} should be an address`)
  return result.value
}

describe('addresses', () => {
  // RFC 5952 section 4: the one text form of each address.
  it.each([
    ['192.168.31.240', '192.168.31.240'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ])('reads %s and writes %s', (text, canonical) => {
    expect(ip(text)).toBe(canonical)
    expect(ip(canonical)).toBe(canonical)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4/24',
    ' 1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::1',
    '::1%eth0',
    '::1.2.3.256',
    '1.2.3.4::',
    `${'1:'.repeat(40)}1`,
  ])('does not read %j', text => {
    expect(parseIp(text)).toEqual({ok: false, failure: 'not-an-address'})
  })

  it('orders addresses as numbers in network order, not as text', () => {
    expect(compareIp(ip('10.0.0.9'), ip('10.0.0.10'))).toBeLessThan(0)
    expect(compareIp(ip('200.0.0.1'), ip('30.0.0.1'))).toBeGreaterThan(0)
    expect(compareIp(ip('fe80::2'), ip('fe80::10'))).toBeLessThan(0)
    expect(compareIp(ip('::1'), ip('0::1'))).toBe(0)
  })

  it('knows the family and the bytes', () => {
    expect(ipFamily(ip('1.2.3.4'))).toBe(4)
    expect(ipFamily(ip('::ffff:1.2.3.4'))).toBe(6)
    expect(ipToBytes(ip('2001:db8::ff')).toString('hex')).toBe('20010db80000000000000000000000ff')
  })

  it.each([
    ['10.1.2.3', 24, '10.1.2.255', '10.1.2.0'],
    ['10.1.2.3', 32, '10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', 0, '255.255.255.255', '0.0.0.0'],
    ['172.16.5.6', 20, '172.16.15.255', '172.16.0.0'],
  ])('finds the broadcast and network addresses of %s/%i', (text, length, broadcast, network) => {
    expect(ipv4Broadcast(ip(text), length)).toBe(broadcast)
    expect(ipv4Network(ip(text), length)).toBe(network)
  })
})
