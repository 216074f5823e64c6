import {expect, it} from 'vitest'
import {decodeAddressClaim} from '../../../src/core/arp/address-claim.ts'
import {encodeArpProbe} from '../../../src/core/arp/arp-probe.ts'
import type {IpAddress} from '../../../src/core/ip.ts'

const mac = '02:00:5e:00:00:01'

// RFC 5227 section 2.1.1, as arping -D sends it but for the target hardware address, which that fills with ones.
it('asks everybody for an address, and claims none', () => {
  const frame = encodeArpProbe({mac, address: '192.0.2.77' as IpAddress})
  expect(frame.toString('hex')).toBe(
    'ffffffffffff02005e0000010806000108000604000102005e00000100000000000000000000c000024d',
  )
  expect(decodeAddressClaim(frame)).toEqual({ok: false, failure: 'a-probe'})
})

it('is not for IPv6', () => {
  expect(() => encodeArpProbe({mac, address: '2001:db8::1' as IpAddress})).toThrow('not for 2001:db8::1')
})
