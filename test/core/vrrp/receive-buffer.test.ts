import {expect, test} from 'vitest'
import {receiveBufferBytes} from '../../../src/core/vrrp/receive-buffer.ts'

/** A router of two addresses in version 3 and one of one address in version 2, as keepalived 2.2.7 was measured. */
const TWO = [
  {mtu: 1500, advertBytes: 36, ownBytes: undefined},
  {mtu: 1500, advertBytes: 40, ownBytes: undefined},
]
const OWN = [{mtu: 1500, advertBytes: 36, ownBytes: 12_345}, TWO[1] as (typeof TWO)[number]]

// keepalived.conf(5), vrrp_rx_bufs_policy, vrrp_rx_bufs_multiplier, kernel_rx_buf_size
test.each([
  {policy: undefined, multiplier: 3, shares: TWO, bytes: undefined},
  {policy: 'MTU', multiplier: 3, shares: TWO, bytes: 9_000},
  {policy: 'ADVERT', multiplier: 3, shares: TWO, bytes: 228},
  {policy: 'ADVERT', multiplier: 7, shares: TWO, bytes: 532},
  {policy: 5_000, multiplier: 7, shares: TWO, bytes: 10_000},
  {policy: 'ADVERT', multiplier: 3, shares: OWN, bytes: 12_465},
  {policy: undefined, multiplier: 3, shares: OWN, bytes: 12_345},
  {policy: 0, multiplier: 3, shares: TWO, bytes: undefined},
  {policy: 'MTU', multiplier: 3, shares: [], bytes: undefined},
  // More than an int would be a negative size to the kernel.
  {policy: 4_000_000_000, multiplier: 3, shares: TWO, bytes: 0x3fff_ffff},
] as const)('a buffer by $policy times $multiplier has $bytes bytes', ({policy, multiplier, shares, bytes}) => {
  expect(receiveBufferBytes({policy, multiplier}, shares)).toBe(bytes)
})
