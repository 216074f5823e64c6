import {describe, expect, it} from 'vitest'
import {decodeAddressClaim} from '../../../src/core/arp/address-claim.ts'
import {mutate, seededRandom} from '../../sim/random.ts'

/** A request and a reply by hand; gratuitous ARP and a neighbour advertisement as tcpdump saw hactl send them. */
const REQUEST = 'ffffffffffff02000000000208060001080006040001020000000002c0000202000000000000c0000201'
const REPLY = '02000000000202000000000108060001080006040002020000000001c0000201020000000002c0000202'
const GRATUITOUS = 'ffffffffffff02005e0000010806000108000604000102005e000001c000024dffffffffffffc000024d'
const ADVERTISEMENT =
  '33330000000102005e00000186dd6000000000203aff20010db8000000000000000000000077ff0200000000000000000000000000018800' +
  '1a3ea000000020010db8000000000000000000000077020102005e000001'

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')

/** A frame with some of its bytes replaced. */
function changed(hex: string, at: number, bytes: readonly number[]): Buffer {
  const frame = bytesOf(hex)
  frame.set(bytes, at)
  return frame
}

describe('an address is claimed', () => {
  // RFC 826: whoever sends an ARP packet says where it is; RFC 5227 section 2.4.
  it.each([
    ['a request', REQUEST, '192.0.2.2', '02:00:00:00:00:02'],
    ['a reply', REPLY, '192.0.2.1', '02:00:00:00:00:01'],
    ['gratuitous ARP', GRATUITOUS, '192.0.2.77', '02:00:5e:00:00:01'],
    ['a neighbour advertisement', ADVERTISEMENT, '2001:db8::77', '02:00:5e:00:00:01'],
  ])('by %s', (_, hex, address, mac) => {
    expect(decodeAddressClaim(bytesOf(hex))).toEqual({ok: true, value: {address, mac}})
    const padded = Buffer.concat([bytesOf(hex), Buffer.alloc(18)])
    expect(decodeAddressClaim(padded)).toEqual({ok: true, value: {address, mac}})
  })
})

describe('no address is claimed', () => {
  it.each([
    // RFC 5227 section 2.1.1.
    ['by a probe', changed(REQUEST, 28, [0, 0, 0, 0]), 'a-probe'],
    ['by ARP for another protocol', changed(REQUEST, 16, [0x86, 0xdd]), 'not-ipv4-over-ethernet'],
    ['by ARP with longer addresses', changed(REQUEST, 18, [8]), 'not-ipv4-over-ethernet'],
    // RFC 4861 section 7.1.2.
    ['by an advertisement from elsewhere', changed(ADVERTISEMENT, 21, [254]), 'hop-limit-not-255'],
    ['by an advertisement that was damaged', changed(ADVERTISEMENT, 60, [1]), 'checksum-wrong'],
    ['by a solicitation', changed(ADVERTISEMENT, 54, [135]), 'not-a-neighbour-advertisement'],
    ['by another protocol', changed(ADVERTISEMENT, 12, [0x08, 0x00]), 'not-ipv6'],
  ])('%s', (_, frame, failure) => {
    expect(decodeAddressClaim(frame)).toEqual({ok: false, failure})
  })

  it.each([REQUEST, ADVERTISEMENT])('by a frame that ends early', hex => {
    const frame = bytesOf(hex)
    for (let length = 0; length < frame.length; length++) {
      expect(decodeAddressClaim(frame.subarray(0, length)).ok, `${length} bytes`).toBe(false)
    }
  })
})

it('reads whatever arrives without throwing', () => {
  const random = seededRandom(7)
  let accepted = 0
  for (let n = 0; n < 20_000; n++) {
    const base = bytesOf([REQUEST, REPLY, GRATUITOUS, ADVERTISEMENT][n % 4] as string)
    if (decodeAddressClaim(mutate(base, random)).ok) accepted++
  }
  expect(accepted).toBeGreaterThan(500)
  expect(accepted).toBeLessThan(20_000)
})
