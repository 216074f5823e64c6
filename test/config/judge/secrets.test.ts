import {describe, expect, it} from 'vitest'
import {instanceText, parse} from '../support.ts'
import {describeJudgement, router} from './judge-support.ts'

const withPassword = (password: string): string =>
  instanceText(' authentication {', '  auth_type PASS', `  auth_pass ${password}`, ' }')
const withKey = (key: string): string => instanceText(' auth_hmac {', `  key 1 ${key}`, '  active_key 1', ' }')
const numbered = (vrid: number, ...lines: string[]): string =>
  router(`V${vrid}`, ` virtual_router_id ${vrid}`, ` virtual_ipaddress { 10.0.0.${vrid}/24 }`, ...lines)

const WELL_KNOWN = "7:3 V: auth_pass is one that samples and other people's clusters have too"

describeJudgement('a password that many have', {
  code: 'HC1820',
  severity: 'warning',
  class: 'security',
  found: [
    ['that of the sample', withPassword('1111'), WELL_KNOWN],
    ['a word in capital letters', withPassword('PASSWORD'), WELL_KNOWN],
    ['one character again and again', withPassword('xxxxxx'), WELL_KNOWN],
    ['a sequence', withPassword('23456'), WELL_KNOWN],
    ['cut to eight characters it is well known', withPassword('changeme-please'), WELL_KNOWN],
  ],
  nearMisses: [
    ['a random one', withPassword('k7#mQ2x')],
    ['one digit less repeated', withPassword('1112')],
    ['no authentication', instanceText()],
  ],
})

describeJudgement('the virtual_router_id of the sample', {
  code: 'HC1821',
  severity: 'warning',
  class: 'security',
  found: [
    [
      'with no authentication',
      numbered(51),
      '3:2 V51: virtual_router_id 51 is that of the sample, and with no authentication ' +
        'another cluster of this network that kept it too is obeyed',
    ],
    [
      'with the password of the sample',
      numbered(51, ' authentication {', '  auth_type PASS', '  auth_pass 1111', ' }'),
      '3:2 V51: virtual_router_id 51 is that of the sample, and with a well-known auth_pass another cluster of this ' +
        'network that kept it too is obeyed',
    ],
  ],
  nearMisses: [
    ['another number', numbered(52)],
    ['a password of its own', numbered(51, ' authentication {', '  auth_type PASS', '  auth_pass k7mQ2x', ' }')],
    ['only peers are heard', numbered(51, ' unicast_peer { 10.0.0.9 }')],
    ['numbers are given out one after the other', [50, 51, 52].map(vrid => numbered(vrid)).join('\n')],
  ],
})

describeJudgement('a key of one character', {
  code: 'HC1822',
  severity: 'warning',
  class: 'security',
  found: [['zeros', withKey(`hex:${'0'.repeat(64)}`), '6:3 V: key 1 of auth_hmac is one character again and again']],
  nearMisses: [
    ['a key with two of them', withKey(`hex:${'01'.repeat(32)}`)],
    ['a key in a file', withKey('file:/etc/hactl/key')],
  ],
})

describeJudgement('a comment that cuts a password short', {
  code: 'HC1823',
  severity: 'warning',
  class: 'security',
  found: [
    ['a hash', withPassword('ab#cd'), "7:15 auth_pass is cut short: '#' begins a comment, even within a word"],
    [
      'an exclamation mark',
      withPassword('k!l!ve'),
      "7:14 auth_pass is cut short: '!' begins a comment, even within a word",
    ],
    ['at the end', withPassword('abcd!'), "7:17 auth_pass is cut short: '!' begins a comment, even within a word"],
  ],
  nearMisses: [
    ['between quotes it is a character', withPassword('"ab#cd"')],
    ['after a space it is meant', withPassword('abcd # the password')],
    ['behind a backslash it is a character', withPassword('ab\\#cd')],
  ],
})

describe('findings about secrets', () => {
  it('show none', () => {
    for (const secret of ['xyzxyz#abc', '98765432', 'changeme']) {
      const told = JSON.stringify(parse(withPassword(secret)).diagnostics)
      expect(told).not.toContain(secret.slice(0, 6))
    }
  })
})
