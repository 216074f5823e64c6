import {expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {encodeNeighbourSolicitationFrame} from '../../../src/core/ndp/neighbour-solicitation.ts'

const mac = '02:00:00:00:00:01'
const source = 'fe80::ff:fe00:1' as IpAddress

/** Sent by Linux 6.18 for a ping of fe80::12:3456. */
const CAPTURED =
  '3333ff12345602000000000186dd6000000000203afffe80000000000000000000fffe000001ff0200000000000000000001ff123456870012cb' +
  '00000000fe80000000000000000000000012345601010200000000' +
  '01'

// RFC 4861 section 4.3, RFC 2464 section 7, RFC 4291 section 2.7.1.
it('is what Linux sends', () => {
  const frame = encodeNeighbourSolicitationFrame({address: 'fe80::12:3456' as IpAddress, source, mac})
  expect(frame.toString('hex')).toBe(CAPTURED)
})

it.each([
  ['192.0.2.1', source],
  ['fe80::1', '192.0.2.1'],
])('is not for %s from %s', (address, from) => {
  const solicitation = {address: address as IpAddress, source: from as IpAddress, mac}
  expect(() => encodeNeighbourSolicitationFrame(solicitation)).toThrow('neighbour discovery is for IPv6')
})
