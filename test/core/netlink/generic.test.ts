import {describe, expect, test} from 'vitest'
import {attribute, u32} from '../../../src/core/netlink/attributes.ts'
import {
  decodeFamilyId,
  decodeGeneric,
  encodeFamilyRequest,
  encodeGeneric,
  FAMILY_ATTRIBUTES,
} from '../../../src/core/netlink/generic.ts'
import {mutated, randomFrom} from './captures.ts'

/** Linux 6.1 to the question for the family "IPVS", without the netlink header; operations are cut off. */
const ANSWER = Buffer.from(
  '010200000900020049505653000000000600010024000000080003000100000008000400000000000800050006000000',
  'hex',
)

// <linux/genetlink.h>
describe('a message of generic netlink', () => {
  test('has four bytes before its attributes', () => {
    const body = encodeGeneric({command: 4, version: 1}, {mark: attribute(1, u32)}, {mark: 0xffff_ffff})
    expect(body.toString('hex')).toBe('0401000008000100ffffffff')
    expect(decodeGeneric(body)).toEqual({
      ok: true,
      value: {command: 4, version: 1, attributes: Buffer.from('08000100ffffffff', 'hex')},
    })
  })

  test('that is shorter is rejected', () => {
    for (const lengthBytes of [0, 1, 3]) {
      expect(decodeGeneric(Buffer.alloc(lengthBytes))).toEqual({ok: false, failure: 'too-short'})
    }
  })
})

describe('the controller', () => {
  test('is asked for a family by its name', () => {
    expect(encodeFamilyRequest('IPVS').toString('hex')).toBe('0302000009000200495056530000000' + '0')
  })

  test('tells the type of the messages of the family, and more', () => {
    expect(decodeFamilyId(ANSWER)).toEqual({ok: true, value: 0x24})
  })

  test('that tells no type is told so', () => {
    const body = encodeGeneric({command: 1, version: 2}, FAMILY_ATTRIBUTES, {name: 'IPVS'})
    expect(decodeFamilyId(body)).toEqual({ok: false, failure: 'id-missing'})
  })

  test('may answer anything', () => {
    const random = randomFrom(7)
    let accepted = 0
    for (let n = 0; n < 5_000; n++) if (decodeFamilyId(mutated(ANSWER, random)).ok) accepted++
    expect(accepted).toBeGreaterThan(500)
    expect(accepted).toBeLessThan(5_000)
    for (let end = 0; end < ANSWER.length; end++) decodeFamilyId(ANSWER.subarray(0, end))
  })
})
