import {describe, expect, test} from 'vitest'
import {acknowledgementReason, decodeAcknowledgement} from '../../../src/core/netlink/acknowledgement.ts'
import {decodeAddress, encodeAddress} from '../../../src/core/netlink/address.ts'
import {
  attribute,
  decodeAttributes,
  encodeAttributes,
  ipAddress,
  octets,
  u8,
  u16,
  u32,
  zeroTerminated,
} from '../../../src/core/netlink/attributes.ts'
import {decodeLink, encodeLink} from '../../../src/core/netlink/link.ts'
import {decodeMessages, encodeMessage, type NetlinkMessage} from '../../../src/core/netlink/message.ts'
import {captured, capturedMessage, captureNames, mutated, randomFrom} from './captures.ts'

/** Every decoder a message may be given to, by its type; answers whether it made sense all the way down. */
function decodeWhole(datagram: Buffer): boolean {
  const read = decodeMessages(datagram)
  return read.ok && read.value.every(message => decodeBody(message))
}

function decodeBody(message: NetlinkMessage): boolean {
  if (message.type === 16 || message.type === 17) return decodeLink(message.body).ok
  if (message.type === 20 || message.type === 21) return decodeAddress(message.body).ok
  return decodeAcknowledgement(message).ok
}

describe('a netlink message', () => {
  test.each(captureNames)('%s is written again as it was read', name => {
    expect(encodeMessage(capturedMessage(name)).toString('hex')).toBe(captured(name).toString('hex'))
  })

  test('several in one datagram are read in their order', () => {
    const datagram = Buffer.concat([captured('ack'), captured('error-nodev'), captured('done')])
    const read = decodeMessages(datagram)
    expect(read.ok && read.value.map(message => message.type)).toEqual([2, 2, 3])
  })

  test('a length that is shorter than a header or longer than the datagram is rejected', () => {
    for (const lengthBytes of [0, 15, 0x25, 0xffff_ffff]) {
      const datagram = captured('ack')
      datagram.writeUInt32LE(lengthBytes, 0)
      expect(decodeMessages(datagram)).toEqual({ok: false, failure: 'length-wrong'})
    }
    expect(decodeMessages(Buffer.alloc(0))).toEqual({ok: false, failure: 'too-short'})
  })
})

describe('attributes', () => {
  const TABLE = {
    byte: attribute(1, u8),
    short: attribute(2, u16),
    word: attribute(3, u32),
    text: attribute(4, zeroTerminated),
    address: attribute(5, ipAddress),
    bytes: attribute(6, octets),
  } as const

  test('of every format are read as they were written, with the unknown ones', () => {
    const values = {byte: 7, short: 0x1234, word: 0xdead_beef, text: 'ha0:vip', bytes: Buffer.from([1, 2, 3])}
    const unknown = [{type: 0x8000 | 77, bytes: Buffer.from('nested')}]
    const encoded = encodeAttributes(TABLE, values, unknown)
    expect(encoded.length % 4).toBe(0)
    expect(decodeAttributes(TABLE, encoded)).toEqual({ok: true, value: {values, unknown}})
  })

  test('the flags of a type do not hide a known one', () => {
    const encoded = encodeAttributes({}, {}, [{type: 0x8000 | 3, bytes: Buffer.from([1, 0, 0, 0])}])
    expect(decodeAttributes(TABLE, encoded)).toEqual({ok: true, value: {values: {word: 1}, unknown: []}})
  })

  test('of several with one number the last counts', () => {
    const encoded = Buffer.concat([encodeAttributes(TABLE, {byte: 1}), encodeAttributes(TABLE, {byte: 2})])
    expect(decodeAttributes(TABLE, encoded)).toEqual({ok: true, value: {values: {byte: 2}, unknown: []}})
  })

  test('a value of the wrong length is rejected', () => {
    for (const type of [1, 2, 3, 5]) {
      const encoded = encodeAttributes({}, {}, [{type, bytes: Buffer.alloc(7)}])
      expect(decodeAttributes(TABLE, encoded)).toEqual({ok: false, failure: 'attribute-value-wrong'})
    }
  })

  test('text ends at its first zero, or where the attribute does', () => {
    const encoded = encodeAttributes({}, {}, [{type: 4, bytes: Buffer.from('abc\0def')}])
    expect(decodeAttributes(TABLE, encoded)).toMatchObject({value: {values: {text: 'abc'}}})
    const open = encodeAttributes({}, {}, [{type: 4, bytes: Buffer.from('abc')}])
    expect(decodeAttributes(TABLE, open)).toMatchObject({value: {values: {text: 'abc'}}})
  })
})

describe('a link', () => {
  test('that carries traffic', () => {
    expect(decodeLink(capturedMessage('link-up').body)).toMatchObject({
      ok: true,
      value: {
        family: 0,
        hardwareType: 1,
        index: 3,
        flags: 0x1_1043,
        values: {
          name: 'ha0',
          mtu: 1500,
          operState: 6,
          carrier: 1,
          hardwareAddress: Buffer.from('020000000001', 'hex'),
        },
      },
    })
  })

  test('that was switched off, the loopback, and a port that left its bridge', () => {
    expect(decodeLink(capturedMessage('link-down').body)).toMatchObject({value: {values: {operState: 2, carrier: 0}}})
    expect(decodeLink(capturedMessage('loopback').body)).toMatchObject({
      value: {index: 1, hardwareType: 772, flags: 0x1_0049, values: {name: 'lo'}},
    })
    expect(decodeLink(capturedMessage('bridge-port-gone').body)).toMatchObject({value: {family: 7, index: 2}})
  })

  test.each(['link-up', 'link-down', 'link-delete', 'loopback', 'bridge-port-gone'])('%s keeps all it had', name => {
    const read = decodeLink(capturedMessage(name).body)
    if (!read.ok) throw new Error(read.failure)
    const written = encodeLink(read.value)
    expect(written.length).toBe(capturedMessage(name).body.length)
    expect(decodeLink(written)).toEqual(read)
  })
})

describe('an address', () => {
  test('of IPv4 with label and broadcast', () => {
    expect(decodeAddress(capturedMessage('address4-new').body)).toMatchObject({
      ok: true,
      value: {
        family: 2,
        prefixLength: 24,
        scope: 0,
        index: 2,
        values: {address: '192.0.2.77', local: '192.0.2.77', broadcast: '192.0.2.255', label: 'ha0:vip', flags: 0x81},
      },
    })
  })

  test('of IPv6, of a point-to-point link, and of ours', () => {
    expect(decodeAddress(capturedMessage('address6-new').body)).toMatchObject({
      value: {family: 10, prefixLength: 64, values: {address: '2001:db8::77', flags: 0xc0}},
    })
    expect(decodeAddress(capturedMessage('point-to-point').body)).toMatchObject({
      value: {prefixLength: 32, values: {address: '10.0.0.2', local: '10.0.0.1'}},
    })
    expect(decodeAddress(capturedMessage('own-new').body)).toMatchObject({value: {values: {protocol: 0x70}}})
  })

  test.each(['address4-new', 'address4-delete', 'address6-new', 'point-to-point', 'own-new'])(
    '%s is written with the same content',
    name => {
      const read = decodeAddress(capturedMessage(name).body)
      if (!read.ok) throw new Error(read.failure)
      const written = encodeAddress(read.value)
      expect(written.length).toBe(capturedMessage(name).body.length)
      expect(decodeAddress(written)).toEqual(read)
    },
  )
})

describe('an acknowledgement', () => {
  test.each([
    ['ack', {errno: 0}],
    ['done', {errno: 0}],
    ['error-eexist', {errno: 17, text: 'ipv4: Address already assigned'}],
    ['error-nodev', {errno: 19, text: 'ipv4: Device not found'}],
    ['error-uncapped', {errno: 19, text: 'ipv4: Device not found'}],
  ])('%s', (name, expected) => {
    expect(decodeAcknowledgement(capturedMessage(name))).toEqual({ok: true, value: expected})
  })

  test('has the name of its error', () => {
    expect([0, 17, 99, 4242].map(errno => acknowledgementReason({errno}))).toEqual([
      undefined,
      'EEXIST',
      'EADDRNOTAVAIL',
      'ERRNO_4242',
    ])
  })

  test('that is none, or says a positive number, is rejected', () => {
    expect(decodeAcknowledgement(capturedMessage('link-up'))).toEqual({ok: false, failure: 'not-an-acknowledgement'})
    const positive = capturedMessage('ack')
    positive.body.writeInt32LE(17, 0)
    expect(decodeAcknowledgement(positive)).toEqual({ok: false, failure: 'errno-negative'})
  })
})

describe('damaged bytes', () => {
  test('no truncation of any capture is a whole message, and none throws', () => {
    for (const name of captureNames) {
      const whole = captured(name)
      expect(decodeWhole(whole)).toBe(true)
      for (let length = 0; length < whole.length - 3; length++) {
        expect(decodeMessages(whole.subarray(0, length)).ok).toBe(false)
        // The same with a header that agrees, so that the cut is the attributes' affair.
        if (length < 16) continue
        const cut = Buffer.from(whole.subarray(0, length))
        cut.writeUInt32LE(length, 0)
        expect(() => decodeWhole(cut)).not.toThrow()
      }
    }
  })

  test('mutations never throw; some pass and some do not', () => {
    const random = randomFrom(0x4e_45_54)
    let accepted = 0
    let refused = 0
    for (let n = 0; n < 20_000; n++) {
      const name = captureNames[n % captureNames.length] as string
      if (decodeWhole(mutated(captured(name), random))) accepted++
      else refused++
    }
    expect(accepted).toBeGreaterThan(5_000)
    expect(refused).toBeGreaterThan(1_000)
  })

  test('20,000 buffers of noise are no messages, and noise in a message is read or refused', () => {
    const random = randomFrom(0x4e_4f_49)
    let readable = 0
    for (let n = 0; n < 20_000; n++) {
      const noise = Buffer.from(Array.from({length: 1 + Math.floor(random() * 200)}, () => Math.floor(random() * 256)))
      expect(decodeMessages(noise).ok).toBe(false)
      const type = [2, 3, 16, 20][n % 4] as number
      if (decodeBody({type, flags: 0x300, sequence: 0, port: 0, body: noise})) readable++
    }
    expect(readable).toBeLessThan(10_000)
  })
})
