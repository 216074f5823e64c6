import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {priority, vrid} from '../../../src/core/units.ts'
import {VRRP_GROUP4} from '../../../src/core/vrrp/config.ts'
import {decodeAdvertisement, encodeAdvertisement, peekVrid} from '../../../src/core/vrrp/packet.ts'
import {mutate, seededRandom} from '../../sim/random.ts'
import {arrived, CAPTURES} from './captured.ts'

/** Captured from keepalived 2.2.7 in the lab, from the IP header on. */
const CAPTURED = {
  v2: '45c0002c00010000ff70d0840a090001e0000012211ffa020001d0010a0900640a0900650000000000000000',
  v2pass: '45c0002c00010000ff70d0840a090001e00000122120fa02010161820a0900640a0900657365637265743132',
  v2short: '45c0002c00010000ff70d0840a090001e00000122122fa0201016c9c0a0900640a0900653131313100000000',
  v3: '45c0002400010000ff70d08c0a090001e00000123121fa020032d5310a0900640a090065',
}
/** Captured from FRR 8.4.4's vrrpd. */
const FRR = '45c0002088524000ff70083f0a090001e00000123121c801003211840a090085'
/** No neighbour at hand sends this form: the same message, summed by hand over itself alone. */
const WITHOUT_PSEUDO_HEADER = '45c0002088524000ff70083f0a090001e00000123121c8010032fc1c0a090085'
const ADDRESSES = ['10.9.0.100', '10.9.0.101'] as IpAddress[]
const SOURCE = '10.9.0.1' as IpAddress

describe('advertisements over IPv4', () => {
  it.each([
    ['v2', 2, 31, 1000, undefined],
    ['v2pass', 2, 32, 1000, 'secret12'],
    ['v2short', 2, 34, 1000, '1111'],
    ['v3', 3, 33, 500, undefined],
  ] as const)('reads and writes the bytes of keepalived: %s', (name, version, id, intervalMs, password) => {
    const bytes = Buffer.from(CAPTURED[name], 'hex')
    const adv = {version, vrid: vrid(id), priority: priority(250), intervalMs, addresses: ADDRESSES}
    const result = decodeAdvertisement(bytes)
    expect(result).toMatchObject({ok: true, value: {...adv, source: SOURCE, destination: VRRP_GROUP4}})
    const written = encodeAdvertisement(adv, {
      source: SOURCE,
      destination: VRRP_GROUP4,
      identification: 1,
      ...(password === undefined ? {} : {password}),
      checksumWithoutPseudoHeader: false,
    })
    expect(written.toString('hex')).toBe(CAPTURED[name])
    expect(peekVrid({family: 4, bytes})).toBe(id)
  })

  // RFC 9568 leaves the pseudo-header out, RFC 5798 was read both ways: each packet says which form it has.
  it.each([
    ['with', FRR],
    ['without', WITHOUT_PSEUDO_HEADER],
  ])('reads and writes a checksum %s the pseudo-header', (form, hex) => {
    const bytes = Buffer.from(hex, 'hex')
    const result = decodeAdvertisement(bytes)
    if (!result.ok) throw new Error(result.failure)
    expect(result.value).toMatchObject({version: 3, vrid: 33, priority: 200, intervalMs: 500})
    expect(result.value.checksum).toEqual({plain: form === 'without', pseudoHeader: form === 'with'})
    const written = encodeAdvertisement(result.value, {
      source: SOURCE,
      destination: VRRP_GROUP4,
      identification: 1,
      checksumWithoutPseudoHeader: form === 'without',
    })
    expect(written.subarray(20)).toEqual(bytes.subarray(20))
  })

  it('reads nothing out of a packet that ends early', () => {
    for (const hex of Object.values(CAPTURED)) {
      const bytes = Buffer.from(hex, 'hex')
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeAdvertisement(bytes.subarray(0, length)).ok, `${length} bytes`).toBe(false)
      }
      // Ethernet padding after the IP length is no part of the packet.
      expect(decodeAdvertisement(Buffer.concat([bytes, Buffer.alloc(6)])).ok).toBe(true)
    }
  })

  // RFC 9568 section 7.1.
  it.each([
    ['ttl-not-255', 8, 254],
    ['not-vrrp', 9, 113],
    ['fragment', 6, 0x20],
    ['fragment', 7, 1],
    ['not-ipv4', 0, 0x65],
    ['length-wrong', 0, 0x44],
    ['version-unknown', 20, 0x11],
    ['version-unknown', 20, 0x41],
    ['type-unknown', 20, 0x32],
    ['not-vrrp', 21, 0],
    ['length-wrong', 23, 3],
    ['length-wrong', 23, 0],
    ['checksum-wrong', 22, 251],
    ['checksum-wrong', 35, 1],
  ])('drops a packet as %s when byte %i is %i', (failure, offset, value) => {
    const bytes = Buffer.from(CAPTURED.v3, 'hex')
    bytes[offset] = value
    expect(decodeAdvertisement(bytes)).toEqual({ok: false, failure})
  })

  it('survives 100,000 mutations of each captured packet and accepts only what the checksum cannot see', () => {
    for (const [name, hex] of Object.entries({...CAPTURED, FRR, WITHOUT_PSEUDO_HEADER})) {
      const random = seededRandom(1)
      let accepted = 0
      for (let round = 0; round < 100_000; round++) {
        const bytes = mutate(Buffer.from(hex, 'hex'), random)
        const result = decodeAdvertisement(bytes)
        if (result.ok) accepted++
      }
      // Bytes that no check covers (TOS, identification, flags, IP checksum, source in version 2) leave it valid.
      expect(accepted, name).toBeGreaterThan(1_000)
      expect(accepted, name).toBeLessThan(60_000)
    }
  })

  it('finds the virtual router id behind every header, and none in what ends before it', () => {
    for (const {packets, config} of CAPTURES) {
      for (const hex of packets) {
        const packet = arrived(hex)
        expect(peekVrid(packet)).toBe(config.vrid)
        const at = packet.family === 6 ? 1 : 20 + (packet.bytes[9] === 51 ? 24 : 0) + 1
        for (let length = 0; length <= at; length++) {
          expect(peekVrid({...packet, bytes: packet.bytes.subarray(0, length)})).toBeUndefined()
        }
      }
    }
  })

  it('reads nothing out of noise', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(Array.from({length: random(120)}, () => random(256)))
      expect(decodeAdvertisement(bytes).ok).toBe(false)
    }
  })
})
