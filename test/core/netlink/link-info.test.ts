import {describe, expect, test} from 'vitest'
import {decodeLink, type LinkMessage} from '../../../src/core/netlink/link.ts'
import {
  decodeAddressGeneration,
  decodeLinkInfo,
  encodeAddressGeneration,
  encodeLinkInfo,
  type LinkInfo,
} from '../../../src/core/netlink/link-info.ts'
import {encodeNewLink} from '../../../src/core/netlink/new-link.ts'
import {applyMessage, emptyPicture} from '../../../src/core/netlink/picture.ts'
import type {InterfaceIndex} from '../../../src/core/units.ts'
import {randomFrom} from './captures.ts'

/** IFLA_LINKINFO of "ip link add vm0 link eth0 type macvlan mode private", as Linux 6.18 told it. */
const CAPTURED = Buffer.from(
  '0c0001006d6163766c616e002c00020008000100010000000600020000000000080006000000000008000700e803000008000800e8030000',
  'hex',
)

function linkOf(body: Buffer): LinkMessage {
  const read = decodeLink(body)
  if (!read.ok) throw new Error(read.failure)
  return read.value
}

describe('what a link is', () => {
  test('a macvlan of the kernel is understood', () => {
    expect(decodeLinkInfo(CAPTURED)).toEqual({ok: true, value: {kind: 'macvlan', mode: 1, flags: 0}})
  })

  test.each<[LinkInfo, string]>([
    [{kind: 'macvlan', mode: 1, flags: 0}, '0c0001006d6163766c616e000c0002000800010001000000'],
    [{kind: 'macvlan', mode: 4, flags: 1}, '0c0001006d6163766c616e0014000200080001000400000006000200010000 00'],
    [{kind: 'ipvlan', mode: 0, flags: 1}, '0b0001006970766c616e00001400020006000100000000000600020001000000'],
    [{kind: 'vrf', table: 77}, '08000100767266000c000200080001004d000000'],
    [{kind: 'other', name: 'veth', data: undefined}, '090001007665746800000000'],
  ])('%j is written and read', (info, hex) => {
    const bytes = encodeLinkInfo(info)
    expect(bytes.toString('hex')).toBe(hex.replaceAll(' ', ''))
    expect(decodeLinkInfo(bytes)).toEqual({ok: true, value: info})
  })

  test('no truncation is understood as the whole, and none throws', () => {
    const whole = JSON.stringify(decodeLinkInfo(CAPTURED))
    for (let length = 0; length < 28; length++) {
      expect(JSON.stringify(decodeLinkInfo(CAPTURED.subarray(0, length)))).not.toBe(whole)
    }
  })

  test('damaged bytes are read or refused', () => {
    const random = randomFrom(7)
    let read = 0
    for (let n = 0; n < 20_000; n++) {
      const bytes = Buffer.from(CAPTURED)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      if (decodeLinkInfo(bytes).ok) read++
    }
    expect(read).toBeGreaterThan(2_000)
    expect(read).toBeLessThan(20_000)
  })

  test('where link-local addresses come from is written and read', () => {
    const bytes = encodeAddressGeneration(1)
    expect(bytes.toString('hex')).toBe('0c000a000500080001000000')
    expect(decodeAddressGeneration(bytes)).toEqual({ok: true, value: 1})
    expect(decodeAddressGeneration(Buffer.alloc(0))).toEqual({ok: true, value: undefined})
    expect(decodeAddressGeneration(bytes.subarray(0, 6)).ok).toBe(false)
  })
})

describe('a message that makes an interface', () => {
  const base = 3 as InterfaceIndex

  test('holds name, base, MAC address and mode of a macvlan', () => {
    const mac = '00:00:5e:00:01:33'
    const body = encodeNewLink({type: 'macvlan', name: 'vrrp.51', base, mac, mode: 'private', alias: 'hactl'})
    const {index, flags, change, values} = linkOf(body)
    expect([index, flags, change, values.name, values.base]).toEqual([0, 0, 0, 'vrrp.51', 3])
    expect(values.hardwareAddress?.toString('hex')).toBe('00005e000133')
    expect(values.linkInfo && decodeLinkInfo(values.linkInfo)).toMatchObject({value: {kind: 'macvlan', mode: 1}})
  })

  test.each([
    ['bridge', 0],
    ['private', 1],
    ['vepa', 2],
  ] as const)('holds mode %s of an ipvlan in its flags, and no MAC address', (mode, flags) => {
    const body = encodeNewLink({type: 'ipvlan', name: 'vrrp.51', base, mac: undefined, mode, alias: 'hactl'})
    const {values} = linkOf(body)
    expect(values.hardwareAddress).toBeUndefined()
    // IPVLAN_MODE_L2. <linux/if_link.h>
    expect(values.linkInfo && decodeLinkInfo(values.linkInfo)).toEqual({
      ok: true,
      value: {kind: 'ipvlan', mode: 0, flags},
    })
  })

  test('makes the picture know kind and base, unless that is in another namespace', () => {
    const picture = emptyPicture()
    const body = encodeNewLink({
      type: 'macvlan',
      name: 'vrrp.51',
      base,
      mac: '00:00:5e:00:01:33',
      mode: 'private',
      alias: 'hactl',
    })
    body.writeInt32LE(9, 4)
    applyMessage(picture, {type: 16, flags: 0, sequence: 0, port: 0, body})
    expect(picture.links.get(9)).toMatchObject({kind: 'macvlan', mode: 1, base: 3, mac: '00:00:5e:00:01:33', alias: ''})
    const elsewhere = Buffer.concat([body, Buffer.from('0800250000000000', 'hex')])
    applyMessage(picture, {type: 16, flags: 0, sequence: 0, port: 0, body: elsewhere})
    expect(picture.links.get(9)).toMatchObject({kind: 'macvlan', base: undefined})
  })
})
