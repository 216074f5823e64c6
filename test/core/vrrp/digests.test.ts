import {expect, it} from 'vitest'
import {sameSecret} from '../../../src/core/vrrp/digests.ts'
import {digests} from '../../../src/kernel/digests.ts'

// RFC 2202 section 2, test case 2; RFC 4231 section 4.3.
it('computes the digests of the RFCs, whatever the parts', () => {
  const key = Buffer.from('Jefe')
  for (const parts of [['what do ya want for nothing?'], ['what do ya ', '', 'want for nothing?']]) {
    const bytes = parts.map(part => Buffer.from(part))
    expect(digests.hmacMd5(key, bytes).toString('hex')).toBe('750c783e6ab0b503eaa86e310a5db738')
    const sha256 = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    expect(digests.hmacSha256(key, bytes).toString('hex')).toBe(sha256)
  }
})

it.each([
  ['', '', true],
  ['0102', '0102', true],
  ['0102', '0103', false],
  ['0102', '8102', false],
  ['0102', '010200', false],
  ['', '00', false],
])('compares secrets: %j and %j are the same: %s', (a, b, same) => {
  expect(sameSecret(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))).toBe(same)
})
