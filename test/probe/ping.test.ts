import {describe, expect, it} from 'vitest'
import {decodeEcho, encodeEcho, withoutIpv4Header} from '../../src/probe/icmp.ts'
import {probePing} from '../../src/probe/ping.ts'
import {connectionTo} from './udp-server.ts'

// Sent by keepalived 2.2.7 and answered by Linux; with the IPv4 header that raw sockets receive before the second.
const TEXT = 'keepalived check - '.repeat(7).slice(0, 128)
const REQUEST = `08006b1600010000${Buffer.from(TEXT).toString('hex')}`
const REPLY = `4500009cc97700004001b2e77f0000017f0000010000731600010000${Buffer.from(TEXT).toString('hex')}`

describe('an echo', () => {
  // RFC 792
  it('has the bytes that keepalived sends', () => {
    const echo = {type: 'request', identifier: 1, sequence: 0, data: Buffer.from(TEXT)} as const
    expect(encodeEcho(4, echo).toString('hex')).toBe(REQUEST)
    expect(decodeEcho(4, Buffer.from(REQUEST, 'hex'))).toEqual({ok: true, value: echo})
  })

  it('is read behind an IPv4 header', () => {
    const echo = {type: 'reply', identifier: 1, sequence: 0, data: Buffer.from(TEXT)}
    expect(decodeEcho(4, withoutIpv4Header(Buffer.from(REPLY, 'hex')))).toEqual({ok: true, value: echo})
  })

  // RFC 4443 section 4.1: type 128, its checksum is the kernel's.
  it('has other types with IPv6', () => {
    const echo = {type: 'reply', identifier: 0x1234, sequence: 7, data: Buffer.from('ab')} as const
    expect(encodeEcho(6, echo).toString('hex')).toBe('81000000123400076162')
    expect(decodeEcho(6, encodeEcho(6, echo))).toEqual({ok: true, value: echo})
  })

  it.each([
    ['too short', 4, '00007316000100', 'too-short'],
    ['another type', 4, '0303fcfc00000000', 'no-echo'],
    ['another code', 4, '0001fffe00000000', 'no-echo'],
    ['a wrong checksum', 4, '0000731600010000', 'checksum'],
    ['an echo of the other family', 6, '0000ffff00000000', 'no-echo'],
  ] as const)('is not taken: %s', (_name, family, bytes, failure) => {
    expect(decodeEcho(family, Buffer.from(bytes, 'hex'))).toEqual({ok: false, failure})
  })

  it('is read or refused, whatever the bytes are', () => {
    let taken = 0
    const whole = Buffer.from(REPLY, 'hex')
    for (let length = 0; length <= whole.length; length++) {
      const bytes = whole.subarray(0, length)
      if (decodeEcho(4, withoutIpv4Header(bytes)).ok) taken++
      for (let byte = 0; byte < 256; byte++) withoutIpv4Header(Buffer.from([byte]))
    }
    // The checksum is that of the whole.
    expect(taken).toBe(1)
  })
})

describe.skipIf(process.getuid?.() !== 0)('a ping (needs root)', () => {
  it.each(['127.0.0.1', '::1'])('is answered by %s', async address => {
    const lines: string[] = []
    const result = await probePing(
      {type: 'ping', connection: connectionTo(address, 80)},
      {details: line => lines.push(line)},
    )
    expect(result).toMatchObject({ok: true, weight: undefined})
    expect(lines[0]).toBe('sending 63 bytes')
  })

  it('tells its own reply from those of many others', async () => {
    const pings = Array.from({length: 100}, (_, i) =>
      probePing({type: 'ping', connection: connectionTo(`127.0.0.${(i % 4) + 1}`, 0)}, {}),
    )
    expect((await Promise.all(pings)).filter(({ok}) => ok)).toHaveLength(100)
  })
})
