import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {
  decodeNeighbourAdvertisementFrame,
  encodeNeighbourAdvertisement,
  encodeNeighbourAdvertisementFrame,
} from '../../../src/core/ndp/neighbour-advertisement.ts'
import {mutated, randomFrom} from '../netlink/captures.ts'

/** Sent by keepalived 2.2.7 for two addresses on one interface that does not forward. */
const MAC = '8e:32:fb:8a:15:56'
const CAPTURED = {
  'fe80::99':
    '3333000000018e32fb8a155686dd6000000000203afffe800000000000000000000000000099ff020000000000000000000000000001' +
    '8800b95820000000fe80000000000000000000000000009902018e32fb8a1556',
  '2001:db8:9::100':
    '3333000000018e32fb8a155686dd6000000000203aff20010db8000900000000000000000100ff020000000000000000000000000001' +
    '88005a082000000020010db800090000000000000000010002018e32fb8a1556',
}
const LINK_LOCAL = Buffer.from(CAPTURED['fe80::99'], 'hex')

const changed = (at: number, value: number): Buffer => {
  const frame = Buffer.from(LINK_LOCAL)
  frame[at] = value
  return frame
}

// RFC 4861 section 4.4.
describe('an unsolicited neighbour advertisement', () => {
  it.each(Object.entries(CAPTURED))('is what keepalived sends, both ways: %s', (text, hex) => {
    const address = text as IpAddress
    const advertisement = {address, mac: MAC, router: false}
    expect(encodeNeighbourAdvertisementFrame(advertisement).toString('hex')).toBe(hex)
    expect(encodeNeighbourAdvertisement(advertisement).toString('hex')).toBe(hex.slice(108))
    const result = decodeNeighbourAdvertisementFrame(Buffer.from(hex, 'hex'))
    expect(result).toEqual({ok: true, value: {...advertisement, source: address}})
  })

  it('says that a router sends it, and comes from another address', () => {
    const advertisement = {
      address: '2001:db8::1' as IpAddress,
      mac: '00:00:5e:00:02:33',
      router: true,
      source: 'fe80::1' as IpAddress,
    }
    const frame = encodeNeighbourAdvertisementFrame(advertisement)
    expect(frame[58]).toBe(0xa0)
    expect(frame.toString('hex', 6, 12)).toBe('00005e000233')
    expect(decodeNeighbourAdvertisementFrame(frame)).toEqual({ok: true, value: advertisement})
  })

  it.each([
    ['not-ipv6', changed(12, 8)],
    ['not-ipv6', changed(14, 0x40)],
    ['not-icmpv6', changed(20, 17)],
    ['too-short', changed(19, 33)],
    ['too-short', changed(19, 23)],
    ['not-a-neighbour-advertisement', changed(54, 135)],
    ['not-a-neighbour-advertisement', changed(55, 1)],
    ['hop-limit-not-255', changed(21, 254)],
    ['checksum-wrong', changed(22, 0xfd)],
    ['checksum-wrong', changed(85, 0)],
  ])('is refused as %s', (failure, frame) => {
    expect(decodeNeighbourAdvertisementFrame(frame)).toEqual({ok: false, failure})
  })

  it('is read with another option before the address, and refused without the address', () => {
    const frame = Buffer.concat([
      LINK_LOCAL.subarray(0, 78),
      Buffer.from('0e01000000000000', 'hex'),
      LINK_LOCAL.subarray(78),
    ])
    frame[19] = 40
    // The option adds 0x0e01 to the sum, and the length 8.
    frame.writeUInt16BE(0xb958 - 0x0e01 - 8, 56)
    expect(decodeNeighbourAdvertisementFrame(frame)).toMatchObject({ok: true, value: {mac: MAC}})
    for (const [option, sum] of [
      [0x0e01, 0xb958 - 0x0e01 + 0x0201],
      [0x0200, 0xb958 + 1],
    ] as const) {
      const other = Buffer.from(LINK_LOCAL)
      other.writeUInt16BE(option, 78)
      other.writeUInt16BE(sum, 56)
      expect(decodeNeighbourAdvertisementFrame(other)).toEqual({ok: false, failure: 'no-link-layer-address'})
    }
  })

  it('truncations, mutations and noise are read or refused, never thrown', () => {
    for (let length = 0; length < LINK_LOCAL.length; length++) {
      expect(decodeNeighbourAdvertisementFrame(LINK_LOCAL.subarray(0, length)).ok, `${length}`).toBe(false)
    }
    const random = randomFrom(0x4e_41)
    let accepted = 0
    for (let n = 0; n < 5_000; n++) if (decodeNeighbourAdvertisementFrame(mutated(LINK_LOCAL, random)).ok) accepted++
    expect(accepted).toBeGreaterThan(100)
    expect(accepted).toBeLessThan(2_500)
    for (let n = 0; n < 20_000; n++) {
      const noise = Buffer.from(Array.from({length: 90}, () => Math.floor(random() * 256)))
      expect(decodeNeighbourAdvertisementFrame(noise).ok).toBe(false)
    }
  })

  it('for IPv4 or with no hardware address is a broken invariant', () => {
    const advertisement = {address: 'fe80::1' as IpAddress, mac: MAC, router: false}
    expect(() => encodeNeighbourAdvertisementFrame({...advertisement, mac: 'x'})).toThrow(TypeError)
    const source = '10.0.0.1' as IpAddress
    expect(() => encodeNeighbourAdvertisementFrame({...advertisement, source})).toThrow(TypeError)
  })
})
