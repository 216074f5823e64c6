import {addWords, finishChecksum} from '../checksum.ts'
import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFamily, ipToBytes} from '../ip.ts'
import type {Priority, Vrid} from '../units.ts'
import type {ArrivedPacket} from './arrived.ts'
import {integrityCheckValue} from './authentication-header.ts'
import {OWNER_PRIORITY, VRRP_GROUP4, type VrrpConfig} from './config.ts'
import {type Digests, sameSecret} from './digests.ts'
import {type EncodedConfig, encodedConfig, sortedAddresses} from './encoded-config.ts'
import type {ReceiveFailure} from './failures.ts'
import {looksLikeTrailer, MULTICAST_SENDERS, TRAILER_BYTES, verifyTrailer} from './hmac-trailer.ts'
import {
  AUTHENTICATION_TYPES,
  addressBytes,
  type DecodedMessage,
  decodeMessage,
  pseudoHeaderSum,
  TYPE_ADVERTISEMENT,
} from './message.ts'
import {checksumForms, FULL_TTL, isMulticast, type PacketHeaders, readHeaders} from './packet.ts'
import type {WireState} from './wire-state.ts'

/** An advertisement that a virtual router obeys. */
export interface ReceivedAdvertisement {
  readonly version: 2 | 3
  readonly vrid: Vrid
  readonly priority: Priority
  /** Never 0; in version 3 it may be another one than configured. */
  readonly intervalMs: number
  /** In network order, one behind the other: lists differ while nodes are changed, which is no reason to drop. */
  readonly addresses: Buffer
  readonly source: IpAddress
  readonly destination: IpAddress
  /** TTL or hop limit. */
  readonly ttl: number
  /** `auth_hmac`: how far our clock is ahead of the sender's, seconds; undefined: not signed. */
  readonly clockAheadSeconds: number | undefined
}

/** What a packet is judged by besides the configuration. */
export interface ReceiveContext {
  /** The effective priority of the virtual router now. */
  readonly priority: Priority
  /** UTC, milliseconds. */
  readonly utcMs: number
}

/** The verdict, and what to remember: the state given, unless the packet was taken. */
export interface Received {
  readonly result: Decoded<ReceivedAdvertisement, ReceiveFailure>
  readonly state: WireState
}

/**
 * Judges a packet for one virtual router in keepalived's order (vrrp_check_packet; RFC 9568 section 7.1, RFC 3768
 * section 7.1): headers, length, TTL, version, authentication, interval, checksum, addresses. The list of virtual
 * addresses is not judged: it may differ during a rolling change, and keepalived does not drop for it either. Nothing
 * is remembered of a packet that is refused, so that whoever cannot sign cannot move anything.
 */
export function receiveAdvertisement(
  config: VrrpConfig,
  state: WireState,
  arrived: ArrivedPacket,
  context: ReceiveContext,
  digests: Digests,
): Received {
  const refused = (failure: ReceiveFailure): Received => ({result: rejected(failure), state})
  if (arrived.family !== config.family) return refused('family-differs')
  const headers = readHeaders(arrived)
  if (!headers.ok) return refused(headers.failure)
  const encoded = encodedConfig(config)
  const wanted = encoded.headerKey !== undefined
  if (wanted !== (headers.value.authentication !== undefined)) {
    return refused(wanted ? 'authentication-missing' : 'authentication-type-differs')
  }
  const message = decodeMessage(config.family, headers.value.payload)
  if (!message.ok) return refused(message.failure)
  const packet = {headers: headers.value, message: message.value}
  const judging: Judging = {config, encoded, state, context, digests, changes: {}, clockAheadSeconds: undefined}
  const failure =
    shapeFailure(judging, packet) ??
    trailerFailure(judging, packet) ??
    version2Failure(judging, packet) ??
    contentFailure(judging, packet) ??
    checksumFailure(judging, packet) ??
    addressFailure(judging, packet)
  if (failure) return refused(failure)
  const {version, vrid, priority, intervalMs, addresses} = message.value
  const {source, destination, ttl} = headers.value
  const {clockAheadSeconds, changes} = judging
  return {
    result: decoded({version, vrid, priority, intervalMs, addresses, source, destination, ttl, clockAheadSeconds}),
    state: Object.keys(changes).length === 0 ? state : {...state, ...changes},
  }
}

/** True when both sides list the same virtual addresses, in whatever order. */
export function sameAddresses(config: VrrpConfig, {addresses}: Pick<ReceivedAdvertisement, 'addresses'>): boolean {
  const ours = encodedConfig(config)
  if (addresses.length !== ours.addresses.length) return false
  if (addresses.equals(ours.addresses)) return true
  const theirs = sortedAddresses(addresses, addressBytes(config.family))
  return theirs.every((address, i) => address === ours.sortedAddresses[i])
}

interface Packet {
  readonly headers: PacketHeaders
  readonly message: DecodedMessage
}

interface Judging {
  readonly config: VrrpConfig
  readonly encoded: EncodedConfig
  readonly state: WireState
  readonly context: ReceiveContext
  readonly digests: Digests
  /** What is remembered if the packet is taken. */
  changes: Partial<WireState>
  clockAheadSeconds: number | undefined
}

type Failure = ReceiveFailure | undefined

function shapeFailure({config}: Judging, {headers, message}: Packet): Failure {
  const {length} = message.trailing
  const extra = config.hmac ? length !== TRAILER_BYTES : !looksLikeTrailer(message.trailing)
  if (length > 0 && extra) return 'length-wrong'
  // Over unicast each peer has bounds of its own.
  if (config.transport.type === 'multicast' && headers.ttl !== FULL_TTL) return 'ttl-not-255'
  if (message.version !== config.version) return 'version-differs'
  if (message.vrid !== config.vrid) return 'vrid-differs'
  return length > 0 && !config.hmac ? 'hmac-unexpected' : undefined
}

function trailerFailure(judging: Judging, {headers, message}: Packet): Failure {
  const {config, encoded, state, context} = judging
  if (!config.hmac) return undefined
  if (message.trailing.length === 0) return config.hmac.mode === 'enforce' ? 'hmac-missing' : undefined
  const {source} = headers
  // Replays are told by their sender, and over unicast the senders are known.
  const unicast = config.transport.type === 'unicast'
  if (unicast && !encoded.peers.has(source)) return 'source-not-a-peer'
  const verified = verifyTrailer(
    judging.digests,
    {
      config: config.hmac,
      keys: encoded.trailerKeys,
      marks: state.replayMarks,
      utcMs: context.utcMs,
      maxSenders: unicast ? encoded.peers.size : MULTICAST_SENDERS,
    },
    {family: config.family, version: message.version, vrid: message.vrid, source, message: message.bytes},
    message.trailing,
  )
  if (!verified.ok) return verified.failure
  judging.changes = {replayMarks: verified.value.marks}
  judging.clockAheadSeconds = verified.value.clockAheadSeconds
  return undefined
}

/** Version 2 authenticates by itself, and its interval must be ours. RFC 2338 section 7.1. */
function version2Failure(judging: Judging, packet: Packet): Failure {
  const {config, encoded} = judging
  const {version, authentication, intervalMs} = packet.message
  if (version !== 2) return undefined
  const expected = encoded.authentication
  const {type, data} = authentication
  if (type > AUTHENTICATION_TYPES.ah) return 'authentication-type-unknown'
  if (type !== expected.type) {
    return type === AUTHENTICATION_TYPES.none ? 'authentication-missing' : 'authentication-type-differs'
  }
  if (type === AUTHENTICATION_TYPES.pass && !sameSecret(data, expected.data)) return 'authentication-data-differs'
  const failure = authenticationHeaderFailure(judging, packet)
  if (failure) return failure
  return intervalMs === config.advertIntervalMs ? undefined : 'interval-differs'
}

function authenticationHeaderFailure(judging: Judging, {headers}: Packet): Failure {
  const {encoded, config, state} = judging
  if (!encoded.headerKey || !headers.authentication) return undefined
  const {header, bytes} = headers.authentication
  const icv = integrityCheckValue(judging.digests, encoded.headerKey, {
    ipHeader: headers.ipHeader,
    header: bytes,
    message: headers.payload,
    unicast: config.transport.type === 'unicast',
  })
  if (!sameSecret(icv, header.icv)) return 'authentication-header-wrong'
  if (header.spi !== ipToBytes(headers.source).readUInt32BE(0)) return 'authentication-header-wrong'
  if (header.sequence <= state.headerSequence) return 'authentication-header-replayed'
  judging.changes = {...judging.changes, headerSequence: header.sequence}
  return undefined
}

function contentFailure(_: Judging, {message}: Packet): Failure {
  if (message.type !== TYPE_ADVERTISEMENT) return 'type-unknown'
  return message.intervalMs === 0 ? 'interval-zero' : undefined
}

function checksumFailure(judging: Judging, {headers, message}: Packet): Failure {
  const {config, state, encoded} = judging
  const {source, destination, payload} = headers
  if (config.family === 6) {
    const pseudo = pseudoHeaderSum(ipToBytes(source), ipToBytes(destination), payload.length)
    return finishChecksum(addWords(pseudo, payload)) === 0 ? undefined : 'checksum-wrong'
  }
  const {plain, pseudoHeader} = checksumForms(message, source, destination)
  if (config.version === 2) return plain ? undefined : 'checksum-wrong'
  const {transport} = config
  const old =
    !pseudoHeader &&
    transport.type === 'unicast' &&
    transport.oldChecksum !== 'never' &&
    checksumForms(message, source, VRRP_GROUP4).pseudoHeader
  if (pseudoHeader || old) {
    const known = state.oldChecksumPeers.includes(source)
    // Whoever is no peer is sent nothing, so it does not matter what it can read.
    if (old !== known && encoded.peers.has(source)) {
      const others = state.oldChecksumPeers.filter(peer => peer !== source && encoded.peers.has(peer))
      judging.changes = {...judging.changes, oldChecksumPeers: old ? [...others, source] : others}
    }
    return undefined
  }
  if (!plain) return 'checksum-wrong'
  return config.checksumWithoutPseudoHeader ? undefined : 'checksum-lacks-pseudo-header'
}

function addressFailure({config, encoded, context}: Judging, {headers}: Packet): Failure {
  const {transport} = config
  const {source, destination, ttl} = headers
  const arrivedRight = transport.type === 'multicast' ? destination === transport.group : !isMulticast(destination)
  if (!arrivedRight) return 'destination-wrong'
  if (config.ownerIgnoreAdverts && context.priority === OWNER_PRIORITY) return 'owner-ignores'
  if (!isHostAddress(source)) return 'source-wrong'
  if (transport.type === 'multicast') return undefined
  const peer = encoded.peers.get(source)
  if (!peer) return transport.checkSource ? 'source-not-a-peer' : undefined
  const {minTtl = 0, maxTtl = FULL_TTL} = peer
  return ttl < minTtl || ttl > maxTtl ? 'ttl-out-of-range' : undefined
}

/** IPv4: not 0.0.0.0/8, not multicast or reserved (224.0.0.0 and up); IPv6: not unspecified, not multicast. */
function isHostAddress(address: IpAddress): boolean {
  if (ipFamily(address) === 6) return address !== '::' && !isMulticast(address)
  const first = ipToBytes(address)[0] as number
  return first > 0 && first < 224
}
