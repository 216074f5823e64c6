import {describe, expect, it} from 'vitest'
import {fileResult} from '../../../src/core/check/file-result.ts'

const file = (weight: number, reverse = false) => ({type: 'file', trackFile: 'f', weight, reverse}) as const

// keepalived.conf(5), FILE_CHECK; the numbers were measured of keepalived 2.2.7.
describe('the number in a tracked file', () => {
  it.each([
    [0, false, 0, 'good'],
    [0, false, 1, 'the file holds 1 where 0 is wanted'],
    [0, false, -1, 'the file holds -1 where 0 is wanted'],
    [0, true, 1, 'good'],
    [0, true, 0, 'the file holds 0 where any number but 0 is wanted'],
    [0, false, undefined, 'good'],
    [0, true, undefined, 'the file cannot be read, which counts as 0 where any number but 0 is wanted'],
    [2, false, -3, -6],
    [2, true, -3, 6],
    [2, false, undefined, 0],
    [-2, true, 0, 0],
    [2, true, -1_073_741_824, 2_147_483_648],
    [2, false, -1_073_741_823, -2_147_483_646],
    [2, false, -1_073_741_824, 'the file holds -1073741824, which is -2147483648 with its weight'],
    [2, true, 1_073_741_824, 'the file holds 1073741824, which is -2147483648 with its weight'],
  ])('with weight %i, reverse %s: %s', (weight, reverse, value, expected) => {
    const result = fileResult(file(weight, reverse), value)
    const said = result.ok ? (result.weight === undefined ? 'good' : result.weight.weight) : result.reason
    expect(said).toBe(expected)
    if (result.ok && result.weight !== undefined) expect(result.weight.type).toBe('added')
  })
})
