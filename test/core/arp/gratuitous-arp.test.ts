import {describe, expect, test} from 'vitest'
import {
  decodeGratuitousArp,
  encodeGratuitousArp,
  macFromBytes,
  macToBytes,
} from '../../../src/core/arp/gratuitous-arp.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {mutated, randomFrom} from '../netlink/captures.ts'

/** Sent by keepalived 2.2.7 for the address 192.0.2.77. */
const CAPTURED = 'ffffffffffff468d4282aa3008060001080006040001468d4282aa30c000024dffffffffffffc000024d'
const VALUE = {mac: '46:8d:42:82:aa:30', address: '192.0.2.77' as IpAddress}

describe('a gratuitous ARP request', () => {
  test('is what keepalived sends, both ways', () => {
    expect(encodeGratuitousArp(VALUE).toString('hex')).toBe(CAPTURED)
    expect(decodeGratuitousArp(Buffer.from(CAPTURED, 'hex'))).toEqual({ok: true, value: VALUE})
  })

  test('is read with the padding of the wire, and with any target hardware address', () => {
    const padded = Buffer.concat([Buffer.from(CAPTURED, 'hex'), Buffer.alloc(18)])
    padded.fill(0, 32, 38)
    expect(decodeGratuitousArp(padded)).toEqual({ok: true, value: VALUE})
  })

  test.each([
    ['another EtherType', 12, 'not-arp'],
    ['another kind of hardware', 15, 'not-ipv4-over-ethernet'],
    ['another length of addresses', 19, 'not-ipv4-over-ethernet'],
    ['a reply', 21, 'not-a-request'],
    ['a question about somebody else', 41, 'not-gratuitous'],
  ])('%s is none', (_, at, failure) => {
    const frame = Buffer.from(CAPTURED, 'hex')
    frame[at] = (frame[at] as number) ^ 2
    expect(decodeGratuitousArp(frame)).toEqual({ok: false, failure})
  })

  test('truncations, mutations and noise are read or refused, never thrown', () => {
    const frame = Buffer.from(CAPTURED, 'hex')
    for (let length = 0; length < frame.length; length++) {
      expect(decodeGratuitousArp(frame.subarray(0, length))).toEqual({ok: false, failure: 'too-short'})
    }
    const random = randomFrom(0x41_52_50)
    let accepted = 0
    for (let n = 0; n < 5_000; n++) if (decodeGratuitousArp(mutated(frame, random)).ok) accepted++
    expect(accepted).toBeGreaterThan(500)
    expect(accepted).toBeLessThan(4_500)
    for (let n = 0; n < 20_000; n++) {
      const noise = Buffer.from(Array.from({length: 60}, () => Math.floor(random() * 256)))
      expect(decodeGratuitousArp(noise).ok).toBe(false)
    }
  })

  test('for IPv6 or with no hardware address is a broken invariant', () => {
    expect(() => encodeGratuitousArp({...VALUE, address: '2001:db8::1' as IpAddress})).toThrow(TypeError)
    expect(() => encodeGratuitousArp({...VALUE, mac: ''})).toThrow(TypeError)
  })
})

test('a hardware address is the same there and back', () => {
  expect(macFromBytes(macToBytes('00:00:5E:00:01:4d'))).toBe('00:00:5e:00:01:4d')
})
