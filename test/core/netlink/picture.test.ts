import {describe, expect, test} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {encodeAddress} from '../../../src/core/netlink/address.ts'
import {encodeLink} from '../../../src/core/netlink/link.ts'
import type {NetlinkMessage} from '../../../src/core/netlink/message.ts'
import {applyMessage, diffPictures, emptyPicture, type NetworkChange} from '../../../src/core/netlink/picture.ts'
import {capturedMessage, randomFrom} from './captures.ts'

const link = (type: 'new' | 'delete', index: number, facts: {name?: string; flags?: number; family?: number} = {}) =>
  message(
    type === 'new' ? 16 : 17,
    encodeLink({
      family: facts.family ?? 0,
      hardwareType: 1,
      index,
      flags: facts.flags ?? 0x1_1043,
      change: 0,
      values: {name: facts.name ?? `eth${index}`, mtu: 1500, operState: 6, carrier: 1},
      unknown: [],
    }),
  )

const address = (type: 'new' | 'delete', index: number, text: string, facts: {flags?: number; peer?: string} = {}) =>
  message(
    type === 'new' ? 20 : 21,
    encodeAddress({
      family: text.includes(':') ? 10 : 2,
      prefixLength: 24,
      flags: 0,
      scope: 0,
      index,
      values: {address: (facts.peer ?? text) as IpAddress, local: text as IpAddress, flags: facts.flags ?? 0x80},
      unknown: [],
    }),
  )

const message = (type: number, body: Buffer): NetlinkMessage => ({type, flags: 0, sequence: 0, port: 0, body})

const describeAll = (changes: readonly NetworkChange[]): readonly string[] =>
  changes.map(change =>
    'address' in change
      ? `${change.type} ${change.address.address}`
      : 'link' in change
        ? `${change.type} ${change.link.name}`
        : change.type,
  )

describe('the picture of links and addresses', () => {
  test('tells appearing, changing and going once each', () => {
    const picture = emptyPicture()
    const told = [
      link('new', 2),
      link('new', 2),
      link('new', 2, {flags: 0x1003}),
      address('new', 2, '192.0.2.1'),
      address('new', 2, '192.0.2.1'),
      address('new', 2, '192.0.2.1', {flags: 0x81}),
      address('delete', 2, '192.0.2.1'),
      address('delete', 2, '192.0.2.1'),
      link('delete', 2),
      link('delete', 2),
    ].map(each => describeAll(applyMessage(picture, each)))
    expect(told).toEqual([
      ['link-appeared eth2'],
      [],
      ['link-changed eth2'],
      ['address-appeared 192.0.2.1'],
      [],
      ['address-changed 192.0.2.1'],
      ['address-went 192.0.2.1'],
      [],
      ['link-went eth2'],
      [],
    ])
    expect(picture).toEqual(emptyPicture())
  })

  test.each([
    ['up and running', 0x41, true],
    ['up without a carrier', 0x01, false],
    ['switched off', 0x40, false],
  ])('a link %s', (_, flags, up) => {
    const picture = emptyPicture()
    applyMessage(picture, link('new', 2, {flags}))
    expect(picture.links.get(2)?.up).toBe(up)
  })

  test('a port that leaves its bridge is no link that went', () => {
    const picture = emptyPicture()
    applyMessage(picture, link('new', 2))
    expect(applyMessage(picture, capturedMessage('bridge-port-gone'))).toEqual([])
    expect(applyMessage(picture, link('new', 2, {family: 7, flags: 0}))).toEqual([])
    expect(picture.links.get(2)?.up).toBe(true)
  })

  test('a link takes its addresses along', () => {
    const picture = emptyPicture()
    for (const each of [link('new', 2), address('new', 2, '192.0.2.1'), address('new', 2, '2001:db8::1')]) {
      applyMessage(picture, each)
    }
    expect(describeAll(applyMessage(picture, link('delete', 2)))).toEqual([
      'address-went 192.0.2.1',
      'address-went 2001:db8::1',
      'link-went eth2',
    ])
    expect(picture.addresses.size).toBe(0)
  })

  test('one address with two peers is two', () => {
    const picture = emptyPicture()
    applyMessage(picture, address('new', 2, '10.0.0.1', {peer: '10.0.0.2'}))
    applyMessage(picture, address('new', 2, '10.0.0.1', {peer: '10.0.0.3'}))
    expect(picture.addresses.get(2)?.size).toBe(2)
  })

  test('what cannot be read changes nothing', () => {
    const picture = emptyPicture()
    const noise = [message(16, Buffer.alloc(3)), message(20, Buffer.alloc(8)), message(99, Buffer.alloc(0))]
    for (const each of noise) expect(applyMessage(picture, each)).toEqual([])
    expect(picture).toEqual(emptyPicture())
  })

  test('the difference of two pictures leads from one to the other', () => {
    const random = randomFrom(7)
    for (let round = 0; round < 200; round++) {
      const before = emptyPicture()
      const after = emptyPicture()
      for (const picture of [before, after]) {
        for (let n = 0; n < 12; n++) applyMessage(picture, randomMessage(random))
      }
      const replayed = emptyPicture()
      for (const change of [...diffPictures(emptyPicture(), before), ...diffPictures(before, after)]) {
        replay(replayed, change)
      }
      expect(replayed.links).toEqual(after.links)
      expect(new Set([...replayed.addresses.values()].flatMap(held => [...held.values()]))).toEqual(
        new Set([...after.addresses.values()].flatMap(held => [...held.values()])),
      )
      expect(diffPictures(after, after)).toEqual([])
    }
  })
})

function randomMessage(random: () => number): NetlinkMessage {
  const index = 1 + Math.floor(random() * 3)
  const flags = random() < 0.5 ? 0x43 : 0x03
  return random() < 0.4
    ? link('new', index, {flags})
    : address('new', index, `192.0.2.${1 + Math.floor(random() * 3)}`, {flags: 0x80 | Math.floor(random() * 2)})
}

function replay(picture: ReturnType<typeof emptyPicture>, change: NetworkChange): void {
  if (change.type === 'resynchronised') return
  if ('link' in change) {
    if (change.type === 'link-went') picture.links.delete(change.link.index)
    else picture.links.set(change.link.index, change.link)
    return
  }
  const {index, address: text, peer} = change.address
  const held = picture.addresses.get(index) ?? new Map()
  picture.addresses.set(index, held)
  if (change.type === 'address-went') held.delete(`${text} ${peer}`)
  else held.set(`${text} ${peer}`, change.address)
}
