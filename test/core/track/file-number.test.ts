import {describe, expect, it} from 'vitest'
import {readFileNumber} from '../../../src/core/track/file-number.ts'

// Measured with keepalived 2.2.7; strtol(3) with base 0.
describe('the number in a tracked file', () => {
  it.each([
    ['5', 5],
    [' 5\n', 5],
    ['\t6', 6],
    ['\n9\n', 9],
    ['12abc', 12],
    ['3 4', 3],
    ['1.5', 1],
    ['+8', 8],
    ['-7', -7],
    ['-0', 0],
    ['0', 0],
    ['0x10', 16],
    ['-0X1f', -31],
    ['0x', 0],
    ['010', 8],
    ['08', 0],
    ['2147483647', 2_147_483_647],
    ['-2147483648', -2_147_483_648],
    ['5\u0000\u00008', 5],
    ['000000000000000000000000000000000000000000000000011', 9],
  ])('of %j is %i', (text, value) => {
    expect(readFileNumber(Buffer.from(text))).toEqual({type: 'number', value})
  })

  it.each(['', 'abc', '- 4', '-', '--4', '\u00005', 'ten', '.5', `${' '.repeat(200)}7`])('is none in %j', text => {
    expect(readFileNumber(Buffer.from(text))).toEqual({type: 'no-number'})
  })

  it.each(['99999999999', '2147483648', '-2147483649', '4294967297', '9'.repeat(1000), `0x${'f'.repeat(1000)}`])(
    'is ignored when it is as great as %s',
    text => {
      const found = readFileNumber(Buffer.from(text))
      expect(found.type).toBe('too-great')
      expect(found.type === 'too-great' && found.text.length).toBeLessThan(30)
    },
  )
})
