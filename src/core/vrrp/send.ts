import {addWords, finishChecksum} from '../checksum.ts'
import {type IpAddress, type IpFamily, ipToBytes} from '../ip.ts'
import type {Priority} from '../units.ts'
import {
  AH_PROTOCOL,
  encodeAuthenticationHeader,
  integrityCheckValue,
  nextHeaderSequence,
} from './authentication-header.ts'
import {VRRP_GROUP4, type VrrpConfig} from './config.ts'
import type {Digests} from './digests.ts'
import {type EncodedConfig, encodedConfig} from './encoded-config.ts'
import {nextTrailerSequence, signTrailer} from './hmac-trailer.ts'
import {CHECKSUM_OFFSET, encodeMessage, pseudoHeaderSum, VRRP_PROTOCOL} from './message.ts'
import {encodeIpv4Header, FULL_TTL} from './packet.ts'
import type {WireState} from './wire-state.ts'

/** A packet that is ready for its socket. */
export interface OutgoingPacket {
  readonly family: IpFamily
  /** Which socket: 112, or 51 with an Authentication Header. */
  readonly protocol: typeof VRRP_PROTOCOL | typeof AH_PROTOCOL
  readonly source: IpAddress
  readonly destination: IpAddress
  /** In the header already for IPv4; for IPv6 the socket has to set it. */
  readonly ttl: number
  /** IPv4: the whole packet. IPv6: what follows the IPv6 header, its checksum filled in. */
  readonly bytes: Buffer
}

/** What changes from one advertisement to the next. */
export interface OutgoingAdvertisement {
  readonly priority: Priority
  /** The address it leaves from. */
  readonly source: IpAddress
  /** UTC, milliseconds. */
  readonly utcMs: number
}

/** The packets of one advertisement, and what to remember after sending them. */
export interface Outgoing {
  readonly packets: readonly OutgoingPacket[]
  readonly state: WireState
}

/**
 * The packets of one advertisement: one to the group, or one to each unicast peer. Copies for peers have one sequence
 * number and one signature; where the checksum or the Authentication Header covers the destination they differ in it.
 */
export function encodeOutgoing(
  config: VrrpConfig,
  state: WireState,
  advertisement: OutgoingAdvertisement,
  digests: Digests,
): Outgoing {
  const encoded = encodedConfig(config)
  const next = nextState(config, encoded, state, advertisement.utcMs)
  const message = encodeMessage(config.family, {
    version: config.version,
    vrid: config.vrid,
    priority: advertisement.priority,
    intervalMs: config.advertIntervalMs,
    addresses: encoded.addresses,
    authentication: encoded.authentication,
  })
  const source = ipToBytes(advertisement.source)
  const trailer = trailerFor(config, encoded, next, {message, source: advertisement.source}, digests)
  const destinations = config.transport.type === 'multicast' ? [config.transport.group] : [...encoded.peers.keys()]
  const packets = destinations.map(destination => {
    const sum = checksumFor(config, next, {message, trailer, source, destination})
    // Copies: every packet has a checksum of its own.
    const payload = Buffer.concat([message, trailer])
    payload.writeUInt16BE(sum, CHECKSUM_OFFSET)
    return config.family === 4
      ? ipv4Packet(config, next, {...advertisement, destination, payload}, digests)
      : ipv6Packet(config, {...advertisement, destination, payload})
  })
  return {packets, state: next}
}

interface Outbound extends OutgoingAdvertisement {
  readonly destination: IpAddress
  readonly payload: Buffer
}

function nextState(config: VrrpConfig, encoded: EncodedConfig, state: WireState, utcMs: number): WireState {
  return {
    ...state,
    // The kernel would put its own in place of 0.
    identification: (state.identification % 0xffff) + 1,
    headerSequence: encoded.headerKey ? nextHeaderSequence(state.headerSequence, utcMs) : state.headerSequence,
    trailerSequence: signs(config)
      ? nextTrailerSequence(config.hmac, state.trailerSequence, utcMs)
      : state.trailerSequence,
  }
}

const signs = (config: VrrpConfig): config is VrrpConfig & {readonly hmac: NonNullable<VrrpConfig['hmac']>} =>
  config.hmac !== undefined && config.hmac.mode !== 'receive-only'

function trailerFor(
  config: VrrpConfig,
  encoded: EncodedConfig,
  {trailerSequence}: WireState,
  {message, source}: {readonly message: Buffer; readonly source: IpAddress},
  digests: Digests,
): Buffer {
  if (!signs(config) || trailerSequence === undefined) return NOTHING
  const {family, version, vrid, hmac} = config
  const key = encoded.trailerKeys.get(hmac.activeKey)
  const signed = {family, version, vrid, source, message}
  return signTrailer(digests, signed, {keyId: hmac.activeKey, key, sequence: trailerSequence})
}

const NOTHING = Buffer.alloc(0)

interface Summed {
  readonly message: Buffer
  readonly trailer: Buffer
  readonly source: Buffer
  readonly destination: IpAddress
}

/** IPv4: over the message alone or with a pseudo-header; IPv6: with the pseudo-header, the trailer included. */
function checksumFor(config: VrrpConfig, state: WireState, {message, trailer, source, destination}: Summed): number {
  const {family, version, transport} = config
  if (family === 6) {
    const pseudo = pseudoHeaderSum(source, ipToBytes(destination), message.length + trailer.length)
    return finishChecksum(addWords(addWords(pseudo, message), trailer))
  }
  if (version === 2 || config.checksumWithoutPseudoHeader) return finishChecksum(addWords(0, message))
  const old =
    transport.type === 'unicast' &&
    (transport.oldChecksum === 'on' ||
      (transport.oldChecksum === 'auto' && state.oldChecksumPeers.includes(destination)))
  const pseudo = pseudoHeaderSum(source, ipToBytes(old ? VRRP_GROUP4 : destination), message.length)
  return finishChecksum(addWords(pseudo, message))
}

function ipv4Packet(config: VrrpConfig, state: WireState, outbound: Outbound, digests: Digests): OutgoingPacket {
  const {headerKey} = encodedConfig(config)
  const {source, destination, payload} = outbound
  const ttl = ttlOf(config)
  const {identification} = state
  const header = {source, destination, ttl, identification}
  if (!headerKey) {
    const protocol = VRRP_PROTOCOL
    const ipHeader = encodeIpv4Header({...header, protocol, payloadBytes: payload.length})
    return {family: 4, protocol, source, destination, ttl, bytes: Buffer.concat([ipHeader, payload])}
  }
  const protocol = AH_PROTOCOL
  const spi = ipToBytes(source).readUInt32BE(0)
  const fields = {nextHeader: VRRP_PROTOCOL, spi, sequence: state.headerSequence}
  const unsigned = encodeAuthenticationHeader({...fields, icv: NOTHING})
  const ipHeader = encodeIpv4Header({...header, protocol, payloadBytes: unsigned.length + payload.length})
  const unicast = config.transport.type === 'unicast'
  const icv = integrityCheckValue(digests, headerKey, {ipHeader, header: unsigned, message: payload, unicast})
  const bytes = Buffer.concat([ipHeader, encodeAuthenticationHeader({...fields, icv}), payload])
  return {family: 4, protocol, source, destination, ttl, bytes}
}

function ipv6Packet(config: VrrpConfig, {source, destination, payload}: Outbound): OutgoingPacket {
  return {family: 6, protocol: VRRP_PROTOCOL, source, destination, ttl: ttlOf(config), bytes: payload}
}

const ttlOf = ({transport}: VrrpConfig): number => (transport.type === 'unicast' ? transport.ttl : FULL_TTL)
