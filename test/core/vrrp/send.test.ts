import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {priority} from '../../../src/core/units.ts'
import {VRRP_GROUP4, VRRP_GROUP6, type VrrpConfig} from '../../../src/core/vrrp/config.ts'
import {readHeaders} from '../../../src/core/vrrp/packet.ts'
import {encodeOutgoing, type OutgoingPacket} from '../../../src/core/vrrp/send.ts'
import {initialWireState, type WireState} from '../../../src/core/vrrp/wire-state.ts'
import {digests} from '../../../src/kernel/digests.ts'
import {
  arrived,
  CAPTURES,
  hasShared,
  hmacConfig,
  priorityOf,
  SHARED_CONFIGS,
  SIGNED,
  sharedPackets,
  signedAt,
  UNICAST_SOURCE,
  unicast,
  withVips,
} from './captured.ts'

/** From the IP header on for IPv4; the message alone for IPv6, whose header the kernel makes. */
const bytesOf = (hex: string): string => (hex.startsWith('4') ? hex : hex.slice(80))
const sourceOf = (hex: string): IpAddress => {
  const headers = readHeaders(arrived(hex))
  if (!headers.ok) throw new Error(headers.failure)
  return headers.value.source
}

function sent(config: VrrpConfig, state: Partial<WireState> = {}, utcMs = 0, source = UNICAST_SOURCE) {
  const advertisement = {priority: priority(150), source, utcMs}
  return encodeOutgoing(config, {...initialWireState(0), ...state}, advertisement, digests)
}

describe('advertisements that leave', () => {
  it.each(CAPTURES)('are the bytes of keepalived 2.2.7: $name', ({config, packets, priority: of}) => {
    const source = sourceOf(packets[0] as string)
    const outgoing = encodeOutgoing(config, initialWireState(0), {priority: priority(of), source, utcMs: 0}, digests)
    expect(outgoing.packets.map(({bytes}) => bytes.toString('hex'))).toEqual(packets.map(bytesOf))
    expect(outgoing.state.identification).toBe(1)
  })

  it.each(Object.values(SIGNED))('are the bytes of keepalived 2.4.3 that signs them: %s', hex => {
    expectResent(hex)
  })

  it.skipIf(!hasShared)(`are all bytes of captured-adverts.json${hasShared ? '' : ' (skipped: not there)'}`, () => {
    const packets = sharedPackets()
    for (const hex of packets) expectResent(hex)
    expect(packets.length).toBe(37)
  })

  function expectResent(hex: string): void {
    const packet = Buffer.from(hex, 'hex')
    const config = SHARED_CONFIGS[packet[packet[0] === 0x45 ? (packet[9] === 51 ? 45 : 21) : 41] as number]
    if (!config) throw new Error('no configuration')
    const header = packet[9] === 51
    const state: WireState = {
      ...initialWireState(packet[0] === 0x45 ? packet.readUInt16BE(4) - 1 : 0),
      headerSequence: header ? packet.readUInt32BE(28) - 1 : 0,
    }
    const utcMs = header ? 0 : signedAt(hex)
    const outgoing = encodeOutgoing(config, state, {priority: priorityOf(hex), source: sourceOf(hex), utcMs}, digests)
    expect(outgoing.packets.map(({bytes}) => bytes.toString('hex'))).toEqual([bytesOf(hex)])
  }

  it('say where they go, from where, by which protocol and how far', () => {
    const shown = ({family, protocol, source, destination, ttl}: OutgoingPacket): string =>
      `${family} ${protocol} ${source} ${destination} ${ttl}`
    const ah = {type: 'ah', password: 'x'} as const
    const vips = ['10.9.0.100']
    const two = {version: 2, authentication: ah} as const
    expect(sent(withVips(vips, {})).packets.map(shown)).toEqual([`4 112 10.9.0.1 ${VRRP_GROUP4} 255`])
    expect(sent(withVips(vips, two)).packets.map(shown)).toEqual([`4 51 10.9.0.1 ${VRRP_GROUP4} 255`])
    const peers = unicast(['10.9.0.2', '10.9.0.3', 'fe80::7'], {ttl: 3})
    expect(sent(withVips(vips, {transport: peers})).packets.map(shown)).toEqual([
      '4 112 10.9.0.1 10.9.0.2 3',
      '4 112 10.9.0.1 10.9.0.3 3',
    ])
    const source = 'fe80::1' as IpAddress
    const group = {type: 'multicast', group: VRRP_GROUP6} as const
    const six = withVips(['fe80::99', '10.9.0.100'], {family: 6, transport: group})
    const {packets} = sent(six, {}, 0, source)
    expect(packets.map(shown)).toEqual([`6 112 fe80::1 ${VRRP_GROUP6} 255`])
    // An address of the other family is held, but cannot be in the packet.
    expect(packets[0]?.bytes.length).toBe(8 + 16)
  })

  it('have no password and no Authentication Header in version 3, and none beside a signature', () => {
    for (const type of ['pass', 'ah'] as const) {
      const authentication = {type, password: 'secret12'}
      const three = sent(withVips(['10.9.0.100'], {authentication})).packets[0]
      expect(three).toMatchObject({protocol: 112})
      expect(three?.bytes.toString('latin1')).not.toContain('secret12')
      const signed = sent(withVips(['10.9.0.100'], {version: 2, authentication, hmac: hmacConfig(7)})).packets[0]
      expect(signed?.bytes.subarray(20 + 4, 20 + 5)).toEqual(Buffer.from([0]))
      expect(signed?.bytes.toString('latin1')).not.toContain('secret12')
      expect(signed?.bytes.length).toBe(20 + 20 + 28)
    }
  })

  it('are not signed in the mode receive-only', () => {
    const {packets, state} = sent(withVips(['10.9.0.100'], {hmac: hmacConfig(7, {mode: 'receive-only'})}), {}, 9e11)
    expect(packets[0]?.bytes.length).toBe(20 + 12)
    expect(state.trailerSequence).toBeUndefined()
  })

  it('cannot be signed with a key that is not there: the signature is zero, which nobody takes', () => {
    const {packets} = sent(withVips(['10.9.0.100'], {hmac: hmacConfig(9)}), {}, 9e11)
    expect(packets[0]?.bytes.subarray(-16)).toEqual(Buffer.alloc(16))
    for (const secret of ['file:/etc/keepalived/key', '', '00'.repeat(31)]) {
      const unread = hmacConfig(7, {keys: [{id: 7, secret}]})
      expect(sent(withVips(['10.9.0.100'], {hmac: unread}), {}, 9e11).packets[0]?.bytes.subarray(-16)).toEqual(
        Buffer.alloc(16),
      )
    }
  })

  it('have one sequence number and one signature for all peers', () => {
    const config = withVips(['10.9.0.100'], {transport: unicast(['10.9.0.2', '10.9.0.3']), hmac: hmacConfig(7)})
    const {packets} = sent(config, {}, 1_700_000_000_000)
    const [first, second] = packets.map(({bytes}) => bytes)
    expect(first?.subarray(-28)).toEqual(second?.subarray(-28))
    // The checksum covers the destination.
    expect(first?.subarray(26, 28)).not.toEqual(second?.subarray(26, 28))
  })

  it('have the old checksum for those peers that were heard to use it', () => {
    const config = withVips(['10.9.0.103'], {transport: unicast(['10.9.0.2', '10.9.0.3'])})
    const checksums = (peers: readonly string[]): readonly string[] =>
      sent(config, {oldChecksumPeers: peers as IpAddress[]}).packets.map(({bytes}) => bytes.toString('hex', 26, 28))
    const [a, b] = checksums([])
    const [old] = checksums(['10.9.0.2'])
    expect(a).not.toBe(b)
    expect(old).not.toBe(a)
    expect(checksums(['10.9.0.2'])).toEqual([old, b])
    expect(checksums(['10.9.0.2', '10.9.0.3'])).toEqual([old, old])
    const never = {...config, transport: unicast(['10.9.0.2', '10.9.0.3'], {oldChecksum: 'never'})}
    const {packets} = sent(never, {oldChecksumPeers: ['10.9.0.2' as IpAddress]})
    expect(packets.map(({bytes}) => bytes.toString('hex', 26, 28))).toEqual([a, b])
  })

  it('hold 255 addresses at most', () => {
    const vips = Array.from({length: 300}, (_, i) => `10.${1 + Math.floor(i / 250)}.0.${1 + (i % 250)}`)
    const [packet] = sent(withVips(vips, {})).packets
    expect(packet?.bytes.length).toBe(20 + 8 + 255 * 4)
    expect(packet?.bytes[20 + 3]).toBe(255)
  })

  // The kernel puts an identification of its own in place of 0.
  it('count their identification from 1 to 65535', () => {
    const config = withVips(['10.9.0.100'], {})
    expect(sent(config, {identification: 65_534}).state.identification).toBe(65_535)
    expect(sent(config, {identification: 65_535}).state.identification).toBe(1)
    expect(sent(config, {identification: 0}).packets[0]?.bytes.readUInt16BE(4)).toBe(1)
  })
})
