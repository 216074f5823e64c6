import {describe, expect, test} from 'vitest'
import {COMMAND_ATTRIBUTES} from '../../../src/core/ipvs/attributes.ts'
import {decodeDestination} from '../../../src/core/ipvs/codec-destination.ts'
import {DestinationReader} from '../../../src/core/ipvs/destination-reader.ts'
import {type AttributeValues, decodeAttributes, encodeAttributes} from '../../../src/core/netlink/attributes.ts'
import {mutated, randomFrom} from '../netlink/captures.ts'
import {recorded} from './messages.ts'

type Values = NonNullable<AttributeValues<typeof COMMAND_ATTRIBUTES>['destination']>['values']

/** What Linux 6.1 told of a destination, with other values. */
function answer(other: Values): Buffer {
  const read = decodeAttributes(COMMAND_ATTRIBUTES, recorded('destination'))
  if (!read.ok || read.value.values.destination === undefined) throw new Error('no destination was recorded')
  const {values, unknown} = read.value.values.destination
  return encodeAttributes(COMMAND_ATTRIBUTES, {destination: {values: {...values, ...other}, unknown}})
}

const USUAL: Values = {method: 0, tunnelType: 0, tunnelPort: 0, tunnelFlags: 0}

/** Reads it where it stands among other bytes, as the kernel's answers do. */
function read(reader: DestinationReader, attributes: Buffer, family: 4 | 6 = 4): ReturnType<DestinationReader['read']> {
  const bytes = Buffer.concat([Buffer.alloc(20, 0xff), attributes, Buffer.alloc(20, 0xff)])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return reader.read({bytes, view, start: 20, end: 20 + attributes.length}, family)
}

function expected(attributes: Buffer, family: 4 | 6 = 4): unknown {
  const decoded = decodeDestination(attributes, family)
  return decoded.ok ? {ok: true, value: decoded.value.destination} : decoded
}

describe('a destination is read where it stands as the decoder of messages reads it', () => {
  test('one after the other, of whatever kind', () => {
    const reader = new DestinationReader()
    const counters = Buffer.from(recorded('destination'))
    const at = counters.indexOf(Buffer.from('a0000c000c000100', 'hex'))
    const counted = Buffer.from(counters.subarray(at + 4, at + 0xa0))
    counted.writeBigUInt64LE(7n, 4)
    const answers = [
      answer(USUAL),
      answer({...USUAL, weight: -1, port: 81, activeConnections: 3, inactiveConnections: 4, persistentConnections: 5}),
      answer({...USUAL, counters64: counted}),
      answer({}),
      answer({...USUAL, upperThreshold: 4_294_967_295, lowerThreshold: 9}),
      answer({...USUAL, address: Buffer.alloc(16, 0x20), family: 10}),
      answer({...USUAL, method: 7}),
      answer({...USUAL, family: undefined, tunnelType: undefined}),
      answer({...USUAL, address: Buffer.alloc(16, 9)}),
      encodeAttributes(COMMAND_ATTRIBUTES, {}),
      answer(USUAL),
    ]
    expect(answers.map(one => read(reader, one))).toEqual(answers.map(one => expected(one)))
    const [first, , third] = answers.map(one => read(reader, one))
    expect(first).toMatchObject({ok: true, value: {method: 'nat', counters: {connections: 0n}}})
    expect(third).toMatchObject({ok: true, value: {counters: {connections: 7n}}})
  })

  test('with any bytes wrong', () => {
    const random = randomFrom(5)
    const reader = new DestinationReader()
    const good = answer(USUAL)
    let failures = 0
    for (let n = 0; n < 3_000; n++) {
      const whole = mutated(good, random)
      const attributes = random() < 0.2 ? whole.subarray(0, Math.floor(random() * whole.length)) : whole
      const got = read(reader, attributes)
      expect(got).toEqual(expected(attributes))
      if (!got.ok) failures++
      if (random() < 0.3) expect(read(reader, good)).toEqual(expected(good))
    }
    expect(failures).toBeGreaterThan(300)
  })
})
