import {describe, expect, it} from 'vitest'
import {networkOf, readPrefix, writtenPrefix} from '../../../src/config/tables/ip-prefix.ts'
import {readInteger, readRtId, writtenRtId} from '../../../src/config/tables/rt-names.ts'

describe('numbers that have names', () => {
  it.each([
    ['table', 'main', 254],
    ['table', '0xfe', 254],
    ['table', '4294967295', 4_294_967_295],
    ['table', '4294967296', undefined],
    ['table', 'Main', 'Main'],
    ['table', '-1', undefined],
    ['table', '5x', undefined],
    ['table', '', undefined],
    ['scope', 'link', 253],
    ['scope', '256', undefined],
    ['protocol', 'bird', 12],
    ['dsfield', 'AF43', 0x98],
    ['dsfield', 'CS7', 0xe0],
    ['dsfield', 'EF', 0xb8],
    ['realm', 'cosmos', 0],
    ['group', 'default', 0],
  ] as const)('%s %s', (kind, text, expected) => {
    expect(readRtId(kind, text)).toBe(expected)
  })

  it('are written so that they are read again', () => {
    for (const kind of ['table', 'scope', 'protocol', 'dsfield', 'realm', 'group'] as const) {
      for (let id = 0; id < 256; id++) expect(readRtId(kind, writtenRtId(kind, id))).toBe(id)
    }
  })

  it.each([
    ['010', 8],
    ['0x10', 16],
    ['+10', 10],
    ['0', 0],
    ['09', undefined],
    ['1.5', undefined],
    ['', undefined],
  ])('as in C: %s', (text, expected) => {
    expect(readInteger(text)).toBe(expected)
  })
})

describe('a prefix', () => {
  it.each([
    ['10.9.8.7/16', '10.9.0.0/16'],
    ['10.9.8.7/0', '0.0.0.0/0'],
    ['10.9.8.7', '10.9.8.7/32'],
    ['10.9.8.255/25', '10.9.8.128/25'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
  ])('%s has the network %s', (text, expected) => {
    const prefix = readPrefix(text)
    expect(prefix && writtenPrefix(networkOf(prefix))).toBe(expected)
  })
})
