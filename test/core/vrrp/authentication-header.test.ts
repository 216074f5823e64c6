import {describe, expect, it} from 'vitest'
import {
  decodeAuthenticationHeader,
  encodeAuthenticationHeader,
  integrityCheckValue,
  nextHeaderSequence,
} from '../../../src/core/vrrp/authentication-header.ts'
import {digests} from '../../../src/kernel/digests.ts'

/** Sent by keepalived 2.4.3 with auth_pass secret12, over multicast and over unicast. */
const MULTICAST =
  '45c0004000010000ff33d0ad0a090001e0000012700400000a0900010000000192984294794ea2e0b4618772' +
  '2135960102013c590a0900660000000000000000'
const UNICAST =
  '45c000400001000007339eb60a0900010a090002700400000a0900010000000110e2b66453f25bc2dc1122fc' +
  '2136ff010201d3570a0900660000000000000000'

// RFC 2402 section 2.
describe('the Authentication Header', () => {
  it('is read and written as keepalived has it', () => {
    const bytes = Buffer.from(MULTICAST, 'hex').subarray(20, 44)
    const header = decodeAuthenticationHeader(bytes)
    if (!header.ok) throw new Error(header.failure)
    expect(header.value).toMatchObject({nextHeader: 112, spi: 0x0a090001, sequence: 1})
    expect(encodeAuthenticationHeader(header.value)).toEqual(bytes)
  })

  it('is refused when it ends early or has another length', () => {
    const bytes = Buffer.from(MULTICAST, 'hex').subarray(20)
    for (let length = 0; length < 24; length++) {
      expect(decodeAuthenticationHeader(bytes.subarray(0, length))).toEqual({ok: false, failure: 'too-short'})
    }
    bytes[1] = 5
    expect(decodeAuthenticationHeader(bytes)).toEqual({ok: false, failure: 'length-wrong'})
  })

  it.each([
    ['multicast', MULTICAST, false, [1, 6, 7, 10, 11]],
    ['unicast', UNICAST, true, [1, 6, 7, 8, 10, 11]],
  ])('has a check value over all but what may change on the way: %s', (_, hex, unicast, mutable) => {
    const checkValueOf = (packet: Buffer): string =>
      integrityCheckValue(digests, Buffer.from('secret12'), {
        ipHeader: packet.subarray(0, 20),
        header: packet.subarray(20, 44),
        message: packet.subarray(44),
        unicast,
      }).toString('hex')
    const packet = Buffer.from(hex, 'hex')
    const sent = packet.toString('hex', 32, 44)
    expect(checkValueOf(packet)).toBe(sent)
    const uncovered: number[] = []
    for (let at = 0; at < packet.length; at++) {
      const changed = Buffer.from(packet)
      changed[at] = (changed[at] as number) ^ 1
      if ((at < 32 || at >= 44) && checkValueOf(changed) === sent) uncovered.push(at)
    }
    expect(uncovered).toEqual(mutable)
    expect(packet.toString('hex')).toBe(hex)
  })

  it.each([
    ['1 at first, without a clock', 0, 0, 1],
    ['one more than the last', 41, 41_999, 42],
    ['the seconds of the clock when they are ahead', 41, 99_999, 99],
    ['one more when the clock went back', 1_700_000_000, 5000, 1_700_000_001],
    ['never more than 32 bits', 0xffff_ffff, 5000, 0xffff_ffff],
    ['never more than 32 bits, whatever the clock says', 7, 9e15, 0xffff_ffff],
  ])('counts: %s', (_, last, utcMs, expected) => {
    expect(nextHeaderSequence(last, utcMs)).toBe(expected)
  })
})
