import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {type Priority, priority, vrid} from '../../../src/core/units.ts'
import type {ArrivedPacket} from '../../../src/core/vrrp/arrived.ts'
import {integrityCheckValue} from '../../../src/core/vrrp/authentication-header.ts'
import {VRRP_GROUP6, type VrrpConfig} from '../../../src/core/vrrp/config.ts'
import {AUTHENTICATION_FAILURES, FAILURE_MEANING} from '../../../src/core/vrrp/failures.ts'
import {type Received, receiveAdvertisement, sameAddresses} from '../../../src/core/vrrp/receive.ts'
import {encodeOutgoing} from '../../../src/core/vrrp/send.ts'
import {initialWireState, type WireState} from '../../../src/core/vrrp/wire-state.ts'
import {digests} from '../../../src/kernel/digests.ts'
import {mutate, seededRandom} from '../../sim/random.ts'
import {
  arrived,
  CAPTURES,
  hasShared,
  hmacConfig,
  SHARED_CONFIGS,
  SIGNED,
  sharedPackets,
  signedAt,
  unicast,
  withVips,
} from './captured.ts'

const NOW_MS = 1_700_000_000_000
const PEER = '10.9.0.9'
const PEER6 = 'fe80::9'
const FRESH = initialWireState(0)

const VIPS = ['10.9.0.100', '10.9.0.101']
const TWO = {version: 2, advertIntervalMs: 1000} as const
const V2 = withVips(VIPS, TWO)
const PASS = withVips(VIPS, {...TWO, authentication: {type: 'pass', password: 'secret12'}})
const AH = withVips(VIPS, {...TWO, authentication: {type: 'ah', password: 'secret12'}})
const V3 = withVips(VIPS, {advertIntervalMs: 100})
const V6 = withVips(['fe80::99', '2001:db8::1'], {family: 6, transport: {type: 'multicast', group: VRRP_GROUP6}})
const HMAC = withVips(VIPS, {hmac: hmacConfig(7)})
const HMAC2 = withVips(VIPS, {...TWO, hmac: hmacConfig(7)})
const UNICAST = withVips(VIPS, {transport: unicast([PEER, '10.9.0.10'])})
const UNICAST_AH = withVips(VIPS, {...TWO, authentication: {type: 'ah', password: 'x'}, transport: unicast([PEER])})
const UNICAST6 = withVips(['fe80::99'], {family: 6, transport: unicast([PEER6], {ttl: 64})})
const EVERY = {V2, PASS, AH, V3, V6, HMAC, HMAC2, UNICAST, UNICAST_AH, UNICAST6}

interface Sender {
  readonly source?: string
  readonly priority?: number
  readonly utcMs?: number
  readonly state?: WireState
}

/** What a node of this configuration sends, the first of its packets, and what it remembers then. */
function sentBy(config: VrrpConfig, sender: Sender = {}): {readonly packet: ArrivedPacket; readonly state: WireState} {
  const source = (sender.source ?? (config.family === 4 ? PEER : PEER6)) as IpAddress
  const advertisement = {priority: priority(sender.priority ?? 150), source, utcMs: sender.utcMs ?? NOW_MS}
  const {packets, state} = encodeOutgoing(config, sender.state ?? FRESH, advertisement, digests)
  const [out] = packets
  if (!out) throw new Error('nothing is sent')
  const {bytes, destination, ttl: hopLimit} = out
  return {packet: config.family === 4 ? {family: 4, bytes} : {family: 6, source, destination, hopLimit, bytes}, state}
}

const packetOf = (config: VrrpConfig, sender?: Sender): ArrivedPacket => sentBy(config, sender).packet

function received(
  config: VrrpConfig,
  packet: ArrivedPacket,
  {state = FRESH, utcMs = NOW_MS, own = 100}: {state?: WireState; utcMs?: number; own?: number} = {},
): Received {
  return receiveAdvertisement(config, state, packet, {priority: own as Priority, utcMs}, digests)
}

/** The failure, or `obeyed`. */
function verdict(...parameters: Parameters<typeof received>): string {
  const {result} = received(...parameters)
  return result.ok ? 'obeyed' : result.failure
}

/** The packet with one byte of it set; the offset counts from the end when below 0. */
function changed(packet: ArrivedPacket, offset: number, value: number): ArrivedPacket {
  const bytes = Buffer.from(packet.bytes)
  bytes[offset < 0 ? bytes.length + offset : offset] = value
  return {...packet, bytes}
}

/** Computes the checksum of an IPv4 message again, so that only what was changed is wrong. */
function summed(packet: ArrivedPacket, at = 20): ArrivedPacket {
  const bytes = Buffer.from(packet.bytes)
  bytes.writeUInt16BE(0, at + 6)
  let sum = 0
  for (let i = at; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  bytes.writeUInt16BE(~sum & 0xffff, at + 6)
  return {...packet, bytes}
}

/** An Authentication Header that names somebody else as its sender, signed with the right key all the same. */
function withOtherSpi(packet: ArrivedPacket): ArrivedPacket {
  const bytes = Buffer.from(packet.bytes)
  bytes.writeUInt32BE(0x0a09_0008, 24)
  const icv = integrityCheckValue(digests, Buffer.from('secret12'), {
    ipHeader: bytes.subarray(0, 20),
    header: bytes.subarray(20, 44),
    message: bytes.subarray(44),
    unicast: false,
  })
  icv.copy(bytes, 32)
  return {family: 4, bytes}
}

/** The packet with a bit of its last byte turned over. */
const flipped = (packet: ArrivedPacket): ArrivedPacket => changed(packet, -1, (packet.bytes.at(-1) as number) ^ 1)

const withoutTrailer = (config: VrrpConfig): VrrpConfig => ({...config, hmac: undefined})
const six = (over: Partial<Extract<ArrivedPacket, {family: 6}>>, config = V6): ArrivedPacket =>
  ({...packetOf(config), ...over}) as ArrivedPacket

describe('what a virtual router obeys', () => {
  it.each(Object.entries(EVERY))('is its own kind: %s', (_, config) => {
    const {result, state} = received(config, packetOf(config))
    expect(result).toMatchObject({ok: true, value: {priority: 150, vrid: 51, intervalMs: config.advertIntervalMs}})
    if (result.ok) expect(sameAddresses(config, result.value)).toBe(true)
    expect(state).toEqual({
      ...FRESH,
      ...(config.authentication?.type === 'ah' ? {headerSequence: NOW_MS / 1000} : {}),
      ...(config.hmac ? {replayMarks: [{source: PEER, sequence: BigInt(NOW_MS / 1000) << 32n}]} : {}),
    })
  })

  it.each(CAPTURES)('is what keepalived 2.2.7 sent: $name', ({config, packets, priority: of}) => {
    for (const hex of packets) {
      const {result} = received(config, arrived(hex))
      expect(result).toMatchObject({ok: true, value: {priority: of}})
      if (result.ok) expect(sameAddresses(config, result.value)).toBe(true)
    }
  })

  it.each(Object.entries(SIGNED))('is what keepalived 2.4.3 signed, for virtual router %s', (id, hex) => {
    const config = SHARED_CONFIGS[Number(id)] as VrrpConfig
    expect(verdict(config, arrived(hex), {utcMs: signedAt(hex) + 4000})).toBe('obeyed')
    expect(verdict(config, arrived(hex), {utcMs: signedAt(hex) + 7000})).toBe('hmac-stale')
  })

  it.skipIf(!hasShared)(`is every packet of captured-adverts.json${hasShared ? '' : ' (skipped: not there)'}`, () => {
    let obeyed = 0
    const states = new Map<VrrpConfig, WireState>()
    for (const hex of sharedPackets()) {
      const packet = arrived(hex)
      const at = packet.family === 6 ? 0 : 20 + (packet.bytes[9] === 51 ? 24 : 0)
      const config = SHARED_CONFIGS[packet.bytes[at + 1] as number] as VrrpConfig
      const utcMs = config.hmac ? signedAt(hex) : NOW_MS
      const {result, state} = received(config, packet, {state: states.get(config) ?? FRESH, utcMs})
      expect(result.ok ? 'obeyed' : result.failure, hex).toBe('obeyed')
      if (result.ok) expect(sameAddresses(config, result.value)).toBe(true)
      expect(received(config, packet, {state, utcMs}).result).toMatchObject({
        failure: config.hmac ? 'hmac-replayed' : 'authentication-header-replayed',
      })
      states.set(config, state)
      obeyed++
    }
    expect(obeyed).toBe(37)
  })

  it('is nothing that ends early, and everything with padding behind the IPv4 length', () => {
    for (const [name, config] of Object.entries(EVERY)) {
      const packet = packetOf(config)
      for (let length = 0; length < packet.bytes.length; length++) {
        const cut = {...packet, bytes: packet.bytes.subarray(0, length)}
        expect(verdict(config, cut), `${name}, ${length} bytes`).not.toBe('obeyed')
      }
      const longer = {...packet, bytes: Buffer.concat([packet.bytes, Buffer.alloc(6)])}
      expect(verdict(config, longer), name).toBe(config.family === 4 ? 'obeyed' : 'length-wrong')
    }
  })
})

// RFC 3768 section 7.1, RFC 9568 section 7.1, in keepalived's order.
describe('what a virtual router drops', () => {
  it.each<[string, VrrpConfig, ArrivedPacket]>([
    ['family-differs', V3, packetOf(V6)],
    ['family-differs', V6, packetOf(V3)],
    ['too-short', V3, {family: 4, bytes: packetOf(V3).bytes.subarray(0, 19)}],
    ['too-short', V6, six({bytes: Buffer.from('3133', 'hex')})],
    ['not-ipv4', V3, changed(packetOf(V3), 0, 0x65)],
    ['length-wrong', V3, changed(packetOf(V3), 0, 0x44)],
    ['length-wrong', V3, changed(packetOf(V3), 3, 200)],
    ['fragment', V3, changed(packetOf(V3), 6, 0x20)],
    ['fragment', V3, changed(packetOf(V3), 7, 1)],
    ['not-vrrp', V3, changed(packetOf(V3), 9, 113)],
    ['not-vrrp', AH, changed(packetOf(AH), 20, 6)],
    ['length-wrong', AH, changed(packetOf(AH), 21, 5)],
    ['authentication-missing', AH, packetOf(V2)],
    ['authentication-missing', AH, packetOf(PASS)],
    ['authentication-type-differs', V2, packetOf(AH)],
    ['authentication-type-differs', V3, packetOf(AH)],
    ['length-wrong', V3, changed(packetOf(V3), 23, 3)],
    ['length-wrong', V3, changed(packetOf(V3), 23, 1)],
    ['length-wrong', HMAC, changed(packetOf(HMAC), 23, 1)],
    ['length-wrong', V6, changed(packetOf(V6), 3, 1)],
    ['ttl-not-255', V3, changed(packetOf(V3), 8, 254)],
    ['ttl-not-255', V6, six({hopLimit: 254})],
    ['version-unknown', V3, changed(packetOf(V3), 20, 0x41)],
    ['version-unknown', V3, changed(packetOf(V3), 20, 0x11)],
    ['version-differs', V3, packetOf(V2)],
    ['version-differs', V2, packetOf(V3)],
    ['vrid-differs', V3, packetOf({...V3, vrid: vrid(52)})],
    ['not-vrrp', V3, changed(packetOf(V3), 21, 0)],
    ['hmac-missing', HMAC, packetOf(withoutTrailer(HMAC))],
    ['hmac-missing', HMAC2, packetOf(PASS)],
    ['hmac-unexpected', withoutTrailer(HMAC), packetOf(HMAC)],
    ['hmac-malformed', HMAC, changed(packetOf(HMAC), -28, 2)],
    ['hmac-stale', HMAC, packetOf(HMAC, {utcMs: NOW_MS - 6000})],
    ['hmac-key-unknown', HMAC, changed(packetOf(HMAC), -27, 9)],
    ['hmac-wrong', HMAC, changed(packetOf(HMAC), -27, 8)],
    ['hmac-wrong', HMAC, changed(packetOf(HMAC), 22, 151)],
    ['authentication-missing', PASS, packetOf(V2)],
    ['authentication-type-differs', V2, packetOf(PASS)],
    ['authentication-type-unknown', V2, summed(changed(packetOf(V2), 24, 3))],
    ['authentication-data-differs', PASS, packetOf({...PASS, authentication: {type: 'pass', password: 'secret13'}})],
    ['authentication-data-differs', PASS, packetOf({...PASS, authentication: {type: 'pass', password: 'secret1'}})],
    ['authentication-header-wrong', AH, packetOf({...AH, authentication: {type: 'ah', password: 'secret13'}})],
    ['authentication-header-wrong', AH, changed(packetOf(AH), 46, 255)],
    ['authentication-header-wrong', AH, changed(packetOf(AH), 5, 200)],
    ['authentication-header-wrong', AH, withOtherSpi(packetOf(AH))],
    ['interval-differs', V2, packetOf({...V2, advertIntervalMs: 2000})],
    ['type-unknown', V3, changed(packetOf(V3), 20, 0x32)],
    ['interval-zero', V3, packetOf({...V3, advertIntervalMs: 0})],
    ['checksum-wrong', V2, changed(packetOf(V2), 22, 151)],
    ['checksum-wrong', V3, changed(packetOf(V3), 22, 151)],
    ['checksum-wrong', V6, changed(packetOf(V6), 2, 151)],
    ['checksum-wrong', V6, six({source: 'fe80::8' as IpAddress})],
    ['checksum-lacks-pseudo-header', V3, packetOf({...V3, checksumWithoutPseudoHeader: true})],
    ['destination-wrong', V3, packetOf({...V3, transport: unicast(['10.9.0.1'])})],
    ['destination-wrong', V3, packetOf({...V3, transport: {type: 'multicast', group: '224.0.0.19' as IpAddress}})],
    ['destination-wrong', UNICAST, packetOf(withVips(VIPS, {}))],
    ['destination-wrong', V6, packetOf({...V6, transport: unicast(['fe80::1'])})],
    ['destination-wrong', UNICAST6, packetOf({...UNICAST6, transport: V6.transport})],
    ['source-wrong', V3, packetOf(V3, {source: '224.0.0.1'})],
    ['source-wrong', V3, packetOf(V3, {source: '0.0.0.0'})],
    ['source-wrong', V6, packetOf(V6, {source: '::'})],
    ['source-wrong', V6, packetOf(V6, {source: 'ff02::1'})],
  ])('%s', (failure, config, packet) => {
    expect(verdict(config, packet)).toBe(failure)
    expect(received(config, packet).state).toBe(FRESH)
    expect(FAILURE_MEANING).toHaveProperty([failure])
  })

  it('comes in this order when everything is wrong at once', () => {
    const authentication = {type: 'pass', password: 'secret12'} as const
    const config = withVips(VIPS, {...TWO, authentication, ownerIgnoreAdverts: true})
    const good = packetOf(config).bytes
    const bad = Buffer.from(good)
    bad.set([0x65, 0xc0, 0, 45], 0)
    bad.set([0x20, 0, 3, 113], 6)
    bad.set([0, 0, 0, 0, 10, 0, 0, 1, 0x42, 0, 9, 250, 9, 7, 0, 0], 12)
    bad.fill(0, 36)
    // Each mends what is told first: from where to where, and with what if not at once with what is right.
    const mends: readonly (readonly [number, number, string?])[] = [
      [0, 1],
      [2, 4],
      [6, 8],
      [9, 10],
      [20, 21, '22'],
      [23, 24],
      [21, 22, '09'],
      [8, 9],
      [21, 22],
      [24, 25, '00'],
      [24, 25, '02'],
      [24, 25],
      [36, 44],
      [25, 26],
      [20, 21],
      [22, 28],
      [16, 20],
    ]
    const seen: string[] = []
    for (const [from, to, hex] of mends) {
      seen.push(verdict(config, {family: 4, bytes: Buffer.from(bad)}, {own: 255}))
      const right = hex === undefined ? good.subarray(from, to) : Buffer.from(hex, 'hex')
      right.copy(bad, from)
    }
    const packet = {family: 4, bytes: bad} as const
    seen.push(verdict(config, packet, {own: 255}), verdict(config, packet))
    good.copy(bad, 12, 12, 16)
    expect([...seen, verdict(config, packet)]).toEqual([
      'not-ipv4',
      'length-wrong',
      'fragment',
      'not-vrrp',
      'version-unknown',
      'length-wrong',
      'not-vrrp',
      'ttl-not-255',
      'vrid-differs',
      'authentication-type-unknown',
      'authentication-missing',
      'authentication-type-differs',
      'authentication-data-differs',
      'interval-differs',
      'type-unknown',
      'checksum-wrong',
      'destination-wrong',
      'owner-ignores',
      'source-wrong',
      'obeyed',
    ])
  })

  it('has a kind for each failure of authentication', () => {
    const names = Object.keys(FAILURE_MEANING).filter(name => /^(hmac|authentication)-/.test(name))
    expect(Object.keys(AUTHENTICATION_FAILURES).sort()).toEqual(names.sort())
  })
})

describe('what only some virtual routers drop', () => {
  it('an owner that ignores advertisements, while it is one', () => {
    const config = {...V3, ownerIgnoreAdverts: true}
    expect(verdict(config, packetOf(V3), {own: 255})).toBe('owner-ignores')
    expect(verdict(config, packetOf(V3), {own: 254})).toBe('obeyed')
    expect(verdict(V3, packetOf(V3), {own: 255})).toBe('obeyed')
  })

  it('strangers over unicast where the source is checked, and where it is signed', () => {
    const stranger = {source: '10.9.0.77'}
    expect(verdict(UNICAST, packetOf(UNICAST, stranger))).toBe('obeyed')
    const checking = {...UNICAST, transport: unicast([PEER], {checkSource: true})}
    expect(verdict(checking, packetOf(checking, stranger))).toBe('source-not-a-peer')
    expect(verdict(checking, packetOf(checking))).toBe('obeyed')
    const signing = {...UNICAST, hmac: hmacConfig(7)}
    expect(verdict(signing, packetOf(signing, stranger))).toBe('source-not-a-peer')
  })

  it.each([
    [undefined, undefined, 1, 'obeyed'],
    [250, undefined, 249, 'ttl-out-of-range'],
    [250, undefined, 250, 'obeyed'],
    [undefined, 10, 11, 'ttl-out-of-range'],
    [undefined, 10, 10, 'obeyed'],
  ])('a peer with bounds %s to %s and a TTL of %d: %4$s', (minTtl, maxTtl, ttl, expected) => {
    for (const [own, family] of [
      [UNICAST, 4],
      [UNICAST6, 6],
    ] as const) {
      const address = (family === 4 ? PEER : PEER6) as IpAddress
      const transport = {...unicast([]), peers: [{address, minTtl, maxTtl}]}
      const packet = packetOf({...own, transport: {...unicast([address]), ttl} as VrrpConfig['transport']})
      expect(verdict({...own, transport}, packet)).toBe(expected)
    }
  })

  it('packets without a signature only in the mode enforce; a wrong one always', () => {
    for (const mode of ['permissive', 'receive-only'] as const) {
      const config = {...HMAC, hmac: hmacConfig(7, {mode})}
      expect(verdict(config, packetOf(withoutTrailer(HMAC)))).toBe('obeyed')
      expect(verdict(config, packetOf(HMAC))).toBe('obeyed')
      expect(verdict(config, flipped(packetOf(HMAC)))).toBe('hmac-wrong')
    }
  })

  // Routers on the way change it, so keepalived leaves it out of what is authenticated over unicast alone.
  it('no Authentication Header for its TTL over unicast', () => {
    expect(verdict(UNICAST_AH, changed(packetOf(UNICAST_AH), 8, 61))).toBe('obeyed')
  })

  it('no checksum without the pseudo-header where it is configured so', () => {
    const config = {...V3, checksumWithoutPseudoHeader: true}
    expect(verdict(config, packetOf(config))).toBe('obeyed')
    expect(verdict(config, packetOf(V3))).toBe('obeyed')
    expect(verdict(config, changed(packetOf(config), 22, 9))).toBe('checksum-wrong')
  })
})

describe('what a virtual router remembers', () => {
  it('no sequence number of an Authentication Header comes twice, and our own go on from theirs', () => {
    const first = sentBy(AH, {utcMs: 7000})
    const {state} = received(AH, first.packet)
    expect(state.headerSequence).toBe(7)
    expect(verdict(AH, first.packet, {state})).toBe('authentication-header-replayed')
    const second = sentBy(AH, {utcMs: 7000, state: first.state})
    const later = received(AH, second.packet, {state})
    expect(later.state.headerSequence).toBe(8)
    // A backup that takes over goes on where its master was, so that the others obey it.
    const takeOver = sentBy(AH, {utcMs: 0, state: later.state, source: '10.9.0.1'})
    expect(takeOver.state.headerSequence).toBe(9)
    expect(verdict(AH, takeOver.packet, {state: second.state})).toBe('obeyed')
    // So is one that starts again, by its clock.
    expect(verdict(AH, packetOf(AH, {utcMs: 60_000}), {state: takeOver.state})).toBe('obeyed')
    expect(verdict(AH, packetOf(AH, {utcMs: 0}), {state: takeOver.state})).toBe('authentication-header-replayed')
  })

  it('nothing of a signed packet that is dropped for another reason', () => {
    const packet = changed(packetOf(HMAC), 26, 0)
    expect(verdict(HMAC, packet)).toBe('checksum-wrong')
    expect(received(HMAC, packet).state).toBe(FRESH)
    expect(verdict(HMAC, packetOf(HMAC))).toBe('obeyed')
  })

  it('four signers over multicast and each peer over unicast, whatever is forged', () => {
    const twelve = Array.from({length: 12}, (_, i) => `10.9.0.${20 + i}`)
    const peers = {...UNICAST, hmac: hmacConfig(7), transport: unicast(twelve)}
    for (const [config, remembered] of [
      [HMAC, 4],
      [peers, 12],
    ] as const) {
      let state = FRESH
      for (const source of twelve) ({state} = received(config, packetOf(config, {source}), {state}))
      expect(state.replayMarks.length).toBe(remembered)
      const before = state
      for (let host = 100; host < 200; host++) {
        const forged = flipped(packetOf(config, {source: `10.9.0.${host}`}))
        ;({state} = received(config, forged, {state}))
      }
      expect(state).toBe(before)
      expect(verdict(config, packetOf(config, {source: '10.9.0.31'}), {state})).toBe('hmac-replayed')
    }
  })

  it('which peers use the old checksum, until they do not any more', () => {
    const old = {...UNICAST, transport: unicast([PEER, '10.9.0.10'], {oldChecksum: 'on'})}
    expect(packetOf(old).bytes).not.toEqual(packetOf(UNICAST).bytes)
    const heard = received(UNICAST, packetOf(old))
    expect(heard.result.ok).toBe(true)
    expect(heard.state.oldChecksumPeers).toEqual([PEER])
    expect(received(UNICAST, packetOf(old), {state: heard.state}).state).toBe(heard.state)
    expect(received(UNICAST, packetOf(UNICAST), {state: heard.state}).state.oldChecksumPeers).toEqual([])
    expect(received(UNICAST, packetOf(old, {source: '10.9.0.77'})).state).toBe(FRESH)
    const never = {...UNICAST, transport: unicast([PEER], {oldChecksum: 'never'})}
    expect(verdict(never, packetOf(old))).toBe('checksum-wrong')
    expect(verdict(old, packetOf(UNICAST))).toBe('obeyed')
  })
})

describe('lists of addresses', () => {
  it('learns another interval in version 3, and keeps addresses that differ apart', () => {
    const {result} = received(V3, packetOf({...withVips(['10.9.0.77', '10.9.0.78'], {}), advertIntervalMs: 3000}))
    if (!result.ok) throw new Error(result.failure)
    expect(result.value.intervalMs).toBe(3000)
    expect(sameAddresses(V3, result.value)).toBe(false)
  })

  it.each([
    [['10.9.0.101', '10.9.0.100'], true],
    [['10.9.0.100', '10.9.0.100'], false],
    [['10.9.0.100'], false],
    [['10.9.0.100', '10.9.0.101', '10.9.0.102'], false],
    [[], false],
  ])('%j is the same list: %s', (vips, same) => {
    const {result} = received(V3, packetOf({...withVips(vips, {}), advertIntervalMs: 100}))
    if (!result.ok) throw new Error(result.failure)
    expect(sameAddresses(V3, result.value)).toBe(same)
  })
})

describe('mutations', () => {
  // Bytes outside the message; and where there is but a checksum, two changes that cancel out in it.
  it.each([
    ['V2', 30_000, 1190, 19],
    ['PASS', 30_000, 881, 10],
    ['V3', 30_000, 775, 48],
    ['V6', 30_000, 1005, 48],
    ['UNICAST', 30_000, 935, 67],
    ['AH', 10_000, 116, 0],
    ['UNICAST_AH', 10_000, 133, 0],
    ['HMAC', 10_000, 118, 0],
    ['HMAC2', 10_000, 153, 0],
  ] as const)('%s: of %d are obeyed %d, with other content %d', (name, rounds, accepted, altered) => {
    const config = EVERY[name]
    const original = packetOf(config)
    const random = seededRandom(3)
    const seen = {accepted: 0, altered: 0}
    for (let round = 0; round < rounds; round++) {
      const {result} = received(config, {...original, bytes: mutate(original.bytes, random)})
      if (!result.ok) continue
      seen.accepted++
      if (result.value.priority !== 150 || result.value.intervalMs !== config.advertIntervalMs) seen.altered++
    }
    expect(seen).toEqual({accepted, altered})
  })
})
