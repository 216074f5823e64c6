import {describe, expect, it} from 'vitest'
import {expandBraces, matchesGlob} from '../../../src/config/text/glob.ts'

describe('patterns of include', () => {
  it.each([
    ['a.conf', ['a.conf']],
    ['x/{b,a}.conf', ['x/b.conf', 'x/a.conf']],
    ['{a,b{c,d}}e', ['ae', 'bce', 'bde']],
    ['{a', ['{a']],
    ['a{}b', ['ab']],
  ])('%s expands to %j', (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected)
  })

  it('expand to a bounded number', () => {
    expect(expandBraces('{a,b}'.repeat(100)).length).toBeLessThanOrEqual(1_000)
  })

  it.each([
    ['*.conf', 'a.conf', true],
    ['*.conf', '.a.conf', false],
    ['*.conf', 'a.conf~', false],
    ['?.conf', 'a.conf', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]x', '[]x', true],
    ['a\\*', 'a*', true],
    [`${'*a'.repeat(60)}b`, 'a'.repeat(250), false],
  ])('%s and %s', (pattern, name, expected) => {
    expect(matchesGlob(pattern, name)).toBe(expected)
  })
})
