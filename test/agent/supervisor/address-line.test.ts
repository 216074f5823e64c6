import {expect, it} from 'vitest'
import {parseAddressLine, writtenAddress} from '../../../src/agent/supervisor/address-line.ts'

it.each([
  ['10.0.0.9', '10.0.0.9/32'],
  ['10.0.0.9/24', '10.0.0.9/24'],
  ['  10.0.0.9/24 dev eth1 label eth1:9 ', '10.0.0.9/24 dev eth1'],
  ['2001:DB8:0::9/64', '2001:db8::9/64'],
  ['fe80::9 dev eth1', 'fe80::9/128 dev eth1'],
])('%j is read as virtual_ipaddress reads it', (line, written) => {
  const parsed = parseAddressLine(line)
  expect(parsed.ok && writtenAddress(parsed.vip)).toBe(written)
})

it.each([
  [''],
  ['10.0.0.300'],
  ['10.0.0.9/33'],
  ['eth0'],
  ['10.0.0.9/24 nonsense'],
  // Whatever could be more than one line of that block.
  ['10.0.0.9\n10.0.0.10'],
  ['10.0.0.9 } vrrp_instance X {'],
  ['10.0.0.9 ! include'],
  ['$VIP'],
  ['@one 10.0.0.9'],
  ['"10.0.0.9"'],
  [`10.0.0.9${' '.repeat(600)}`],
])('%j is no such line', line => {
  const parsed = parseAddressLine(line)
  expect(parsed).toMatchObject({ok: false})
  expect(!parsed.ok && parsed.reason).toMatch(/\w/)
})
