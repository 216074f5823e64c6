import {addWords, finishChecksum} from '../checksum.ts'
import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, type IpFamily, ipFamily, ipFromBytes, ipToBytes} from '../ip.ts'
import type {Priority, Vrid} from '../units.ts'
import type {ArrivedPacket} from './arrived.ts'
import {
  AH_PROTOCOL,
  AUTHENTICATION_HEADER_BYTES,
  type AuthenticationHeader,
  decodeAuthenticationHeader,
} from './authentication-header.ts'
import {passwordField} from './encoded-config.ts'
import {
  type AuthenticationField,
  addressBytes,
  CHECKSUM_OFFSET,
  type DecodedMessage,
  decodeMessage,
  encodeMessage,
  type MessageFailure,
  pseudoHeaderSum,
  TYPE_ADVERTISEMENT,
  VRRP_PROTOCOL,
} from './message.ts'

/** TTL and hop limit of multicast, and what a receiver demands there. RFC 9568 sections 5.1.1.3 and 5.1.2.3. */
export const FULL_TTL = 255

const IPV4_HEADER_BYTES = 20
/** Internetwork control, as routing protocols use it. */
const TOS_INTERNETWORK_CONTROL = 0xc0

/** What an IPv4 header says of a packet that carries an advertisement. */
export interface Ipv4Header {
  readonly source: IpAddress
  readonly destination: IpAddress
  /** 0..255. */
  readonly ttl: number
  /** The receiver ignores it. */
  readonly identification: number
  readonly protocol: typeof VRRP_PROTOCOL | typeof AH_PROTOCOL
  /** What follows the header, bytes. */
  readonly payloadBytes: number
}

/** Everything around a message, as it arrived. */
export interface PacketHeaders {
  readonly family: IpFamily
  readonly source: IpAddress
  readonly destination: IpAddress
  /** TTL or hop limit. */
  readonly ttl: number
  /** The IPv4 header with its options; empty for IPv6. */
  readonly ipHeader: Buffer
  readonly authentication: {readonly bytes: Buffer; readonly header: AuthenticationHeader} | undefined
  /** The message and what follows it. */
  readonly payload: Buffer
}

/** Why a packet has no message. */
export type HeaderFailure = 'too-short' | 'not-ipv4' | 'fragment' | 'not-vrrp' | 'length-wrong'

/** Why a packet is no advertisement at all. */
export type PacketFailure = HeaderFailure | MessageFailure | 'ttl-not-255' | 'type-unknown' | 'checksum-wrong'

/** One advertisement over IPv4 with its addresses as text. */
export interface Advertisement {
  readonly version: 2 | 3
  readonly vrid: Vrid
  readonly priority: Priority
  /** Seconds in version 2 and centiseconds in version 3 on the wire; here milliseconds for both. */
  readonly intervalMs: number
  readonly addresses: readonly IpAddress[]
}

/** What goes around an advertisement on its way out. */
export interface Envelope {
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly identification: number
  readonly password?: string
  readonly checksumWithoutPseudoHeader: boolean
}

/** What a packet said, before anyone compared it with a configuration. */
export interface DecodedAdvertisement extends Advertisement {
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly authentication: AuthenticationField
  /** Whether the checksum is right over the message alone, and with the pseudo-header of RFC 5798. */
  readonly checksum: {readonly plain: boolean; readonly pseudoHeader: boolean}
}

/** RFC 791, without options; type of service 0xc0, and it may be fragmented, as keepalived has it. */
export function encodeIpv4Header(header: Ipv4Header): Buffer {
  const bytes = Buffer.alloc(IPV4_HEADER_BYTES)
  bytes[0] = 0x45
  bytes[1] = TOS_INTERNETWORK_CONTROL
  bytes.writeUInt16BE(IPV4_HEADER_BYTES + header.payloadBytes, 2)
  bytes.writeUInt16BE(header.identification & 0xffff, 4)
  bytes[8] = header.ttl
  bytes[9] = header.protocol
  ipToBytes(header.source).copy(bytes, 12)
  ipToBytes(header.destination).copy(bytes, 16)
  bytes.writeUInt16BE(finishChecksum(addWords(0, bytes)), 10)
  return bytes
}

/** Finds the message within a packet, by the headers' own lengths; what follows the IPv4 length is padding. */
export function readHeaders(arrived: ArrivedPacket): Decoded<PacketHeaders, HeaderFailure> {
  if (arrived.family === 6) {
    const {source, destination, hopLimit, bytes} = arrived
    const ipHeader = bytes.subarray(0, 0)
    return decoded({
      family: 6,
      source,
      destination,
      ttl: hopLimit,
      ipHeader,
      authentication: undefined,
      payload: bytes,
    })
  }
  const packet = arrived.bytes
  if (packet.length < IPV4_HEADER_BYTES) return rejected('too-short')
  if ((packet[0] as number) >> 4 !== 4) return rejected('not-ipv4')
  const headerBytes = ((packet[0] as number) & 0x0f) * 4
  const totalBytes = packet.readUInt16BE(2)
  if (headerBytes < IPV4_HEADER_BYTES || totalBytes > packet.length) return rejected('length-wrong')
  if (totalBytes < headerBytes) return rejected('too-short')
  if ((packet.readUInt16BE(6) & 0x3fff) !== 0) return rejected('fragment')
  const headers = {
    family: 4 as const,
    source: ipFromBytes(packet.subarray(12, 16)),
    destination: ipFromBytes(packet.subarray(16, 20)),
    ttl: packet[8] as number,
    ipHeader: packet.subarray(0, headerBytes),
  }
  const payload = packet.subarray(headerBytes, totalBytes)
  if (packet[9] === VRRP_PROTOCOL) return decoded({...headers, authentication: undefined, payload})
  if (packet[9] !== AH_PROTOCOL) return rejected('not-vrrp')
  const header = decodeAuthenticationHeader(payload)
  if (!header.ok) return header
  if (header.value.nextHeader !== VRRP_PROTOCOL) return rejected('not-vrrp')
  const bytes = payload.subarray(0, AUTHENTICATION_HEADER_BYTES)
  const authentication = {bytes, header: header.value}
  return decoded({...headers, authentication, payload: payload.subarray(AUTHENTICATION_HEADER_BYTES)})
}

/** The virtual router id that a packet carries, with nothing else judged; undefined when it is too short to tell. */
export function peekVrid({family, bytes}: ArrivedPacket): number | undefined {
  if (family === 6) return bytes[1]
  const headerBytes = ((bytes[0] ?? 0) & 0x0f) * 4
  if (headerBytes < IPV4_HEADER_BYTES) return undefined
  return bytes[headerBytes + (bytes[9] === AH_PROTOCOL ? AUTHENTICATION_HEADER_BYTES : 0) + 1]
}

/** A whole IPv4 packet with one advertisement, without Authentication Header and trailer, to or from a group. */
export function encodeAdvertisement(adv: Advertisement, envelope: Envelope): Buffer {
  const {source, destination, identification} = envelope
  const message = encodeMessage(4, {
    ...adv,
    addresses: Buffer.concat(adv.addresses.map(ipToBytes)),
    authentication: passwordField(envelope.password),
  })
  const pseudo = adv.version === 3 && !envelope.checksumWithoutPseudoHeader
  const sum = pseudo ? pseudoHeaderSum(ipToBytes(source), ipToBytes(destination), message.length) : 0
  message.writeUInt16BE(finishChecksum(addWords(sum, message)), CHECKSUM_OFFSET)
  const payloadBytes = message.length
  const header = {source, destination, ttl: FULL_TTL, identification, protocol: VRRP_PROTOCOL, payloadBytes} as const
  return Buffer.concat([encodeIpv4Header(header), message])
}

/**
 * Reads such a packet and judges it alone: TTL 255 (RFC 9568 section 7.1), a known version and type, a length that fits
 * the number of addresses. Which form of checksum is right is a setting, so both are reported; a packet for which
 * neither is right ends here, before its addresses cost anything.
 */
export function decodeAdvertisement(packet: Buffer): Decoded<DecodedAdvertisement, PacketFailure> {
  const headers = readHeaders({family: 4, bytes: packet})
  if (!headers.ok) return headers
  const {source, destination, ttl, payload, authentication} = headers.value
  if (authentication) return rejected('not-vrrp')
  if (ttl !== FULL_TTL) return rejected('ttl-not-255')
  const message = decodeMessage(4, payload)
  if (!message.ok) return message
  const {version, vrid, type, priority, intervalMs, trailing} = message.value
  if (type !== TYPE_ADVERTISEMENT) return rejected('type-unknown')
  if (trailing.length > 0) return rejected('length-wrong')
  const checksum = checksumForms(message.value, source, destination)
  if (!checksum.plain && !checksum.pseudoHeader) return rejected('checksum-wrong')
  return decoded({
    version,
    vrid,
    priority,
    intervalMs,
    addresses: addressList(4, message.value.addresses),
    source,
    destination,
    authentication: message.value.authentication,
    checksum,
  })
}

/** Whether a message over IPv4 has a right checksum by itself, and with the pseudo-header. */
export function checksumForms(
  {bytes}: Pick<DecodedMessage, 'bytes'>,
  source: IpAddress,
  destination: IpAddress,
): {readonly plain: boolean; readonly pseudoHeader: boolean} {
  const sum = addWords(0, bytes)
  const pseudo = pseudoHeaderSum(ipToBytes(source), ipToBytes(destination), bytes.length)
  return {plain: finishChecksum(sum) === 0, pseudoHeader: finishChecksum(sum + pseudo) === 0}
}

/** The addresses of a message as text. */
export function addressList(family: IpFamily, addresses: Buffer): readonly IpAddress[] {
  const list: IpAddress[] = []
  const each = addressBytes(family)
  for (let at = 0; at < addresses.length; at += each) list.push(ipFromBytes(addresses.subarray(at, at + each)))
  return list
}

/** Whether an address is one of a multicast group: 224.0.0.0/4 or ff00::/8. RFC 5771, RFC 4291 section 2.7. */
export function isMulticast(address: IpAddress): boolean {
  const first = ipToBytes(address)[0] as number
  return ipFamily(address) === 4 ? first >= 224 && first < 240 : first === 0xff
}
