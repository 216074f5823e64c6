import {describe, expect, test} from 'vitest'
import {isConnectionHeading, parseConnection} from '../../../src/core/ipvs/connection.ts'
import {randomFrom} from '../netlink/captures.ts'

/** Linux 6.1, recorded in a lab. */
const IPV4 = 'TCP 0A000002 C4E6 C0000201 0050 0A010002 0050 ESTABLISHED     893'
const IPV6 =
  'TCP 2001:0db8:0000:0000:0000:0000:0000:0002 D54E 2001:0db8:0001:0000:0000:0000:0000:0001 0050 ' +
  '2001:0db8:0009:0000:0000:0000:0000:0002 0050 ESTABLISHED     893'
const TEMPLATE = 'TCP 0A000002 0000 C0000201 0050 0A010002 0050 ASSURED          52'
const HEADING = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData'

describe('a line of the list of connections', () => {
  test('of IPv4', () => {
    expect(parseConnection(IPV4)).toEqual({
      ok: true,
      value: {
        protocol: 'TCP',
        client: '10.0.0.2',
        clientPort: 50406,
        virtual: '192.0.2.1',
        virtualPort: 80,
        real: '10.1.0.2',
        realPort: 80,
        state: 'ESTABLISHED',
        expiresInSeconds: 893,
        engine: undefined,
      },
    })
  })

  test('of IPv6, in the text form of addresses', () => {
    expect(parseConnection(IPV6)).toMatchObject({
      ok: true,
      value: {client: '2001:db8::2', virtual: '2001:db8:1::1', real: '2001:db8:9::2', clientPort: 54606},
    })
  })

  test('of a template of persistence, whose client has no port', () => {
    expect(parseConnection(TEMPLATE)).toMatchObject({value: {clientPort: 0, state: 'ASSURED', expiresInSeconds: 52}})
  })

  test('of IPv4 to a real server with IPv6, through a tunnel', () => {
    const line = IPV4.replace('0A010002', '2001:0db8:0009:0000:0000:0000:0000:0002')
    expect(parseConnection(line)).toMatchObject({value: {virtual: '192.0.2.1', real: '2001:db8:9::2'}})
  })

  test('of a mark, whose protocol is shorter and whose virtual address is the mark', () => {
    const line = 'IP  0A000002 0000 00000007 0000 0A010002 0000 NONE             31'
    expect(parseConnection(line)).toMatchObject({value: {protocol: 'IP', virtual: '0.0.0.7', expiresInSeconds: 31}})
  })

  test('of a persistence engine, whose data may have spaces', () => {
    const line = 'UDP 0A000002 13C4 C0000201 13C4 0A010002 13C4 UDP             299 sip a84b4c76 e66710@pc33'
    expect(parseConnection(line)).toMatchObject({value: {engine: 'sip a84b4c76 e66710@pc33'}})
  })

  test('is not the heading', () => {
    expect(isConnectionHeading(HEADING)).toBe(true)
    expect(isConnectionHeading(IPV4)).toBe(false)
  })
})

describe('a line that cannot be read', () => {
  test.each([
    ['nothing', '', 'too-few-columns'],
    ['the heading', HEADING, 'too-few-columns'],
    ['one that is cut', IPV4.slice(0, 40), 'too-few-columns'],
    ['a port of three digits', IPV4.replace('C4E6', 'C4E'), 'too-few-columns'],
    ['an address of seven digits', IPV4.replace('0A000002', '0A00002'), 'too-few-columns'],
    ['an address that is none', IPV4.replace('0A000002', '0A00000G'), 'address-wrong'],
    ['an IPv6 address that is none', IPV6.replace('2001:0db8:0000:', '2001:0db8:00000:'), 'too-few-columns'],
    ['an IPv6 address with nine groups', IPV6.replace('2001:0db8:0000:0000:', '1:2:3:4:5:'), 'address-wrong'],
    ['a time beyond 32 bits', IPV4.replace('893', '4294967296'), 'number-wrong'],
  ])('%s', (_, line, failure) => {
    expect(parseConnection(line)).toEqual({ok: false, failure})
  })

  test('may be cut or garbled anywhere', () => {
    const random = randomFrom(11)
    let accepted = 0
    for (let n = 0; n < 5_000; n++) {
      const bytes = Buffer.from(n % 2 === 0 ? IPV4 : IPV6)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      if (parseConnection(bytes.toString('latin1')).ok) accepted++
    }
    expect(accepted).toBeGreaterThan(200)
    expect(accepted).toBeLessThan(4_000)
    for (let end = 0; end < IPV6.length; end++) parseConnection(IPV6.slice(0, end))
  })
})
