import {addWords, finishChecksum} from '../checksum.ts'
import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFromBytes, ipToBytes} from '../ip.ts'
import type {Priority, Vrid} from '../units.ts'

/** IP protocol number of VRRP. RFC 9568 section 5.1.1.4. */
export const VRRP_PROTOCOL = 112

const IPV4_HEADER_BYTES = 20
const VRRP_HEADER_BYTES = 8
/** Version 2 always ends in eight bytes of authentication data. RFC 3768 section 5.3.10. */
const AUTH_DATA_BYTES = 8
const TYPE_ADVERTISEMENT = 1
/** Internetwork control, as routing protocols use it. */
const TOS_INTERNETWORK_CONTROL = 0xc0
const TTL = 255
const AUTH_NONE = 0
const AUTH_PASS = 1
const CHECKSUM_OFFSET = 6

/** One advertisement, as it leaves or as it arrived. */
export interface Advertisement {
  readonly version: 2 | 3
  readonly vrid: Vrid
  readonly priority: Priority
  /** Seconds in version 2 and centiseconds in version 3 on the wire; here milliseconds for both. */
  readonly intervalMs: number
  readonly addresses: readonly IpAddress[]
}

/** Version 2's authentication field: the type number and its eight bytes of data, zeros where there is none. */
export interface AuthenticationField {
  readonly type: number
  readonly data: Buffer
}

/** What a packet said, before anyone compared it with a configuration. */
export interface ReceivedAdvertisement extends Advertisement {
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly authentication: AuthenticationField
  /** Whether the checksum is right over the message alone, and with the pseudo-header of RFC 5798. */
  readonly checksum: {readonly plain: boolean; readonly pseudoHeader: boolean}
}

/** Why a packet is no advertisement at all. */
export type PacketFailure =
  | 'too-short'
  | 'not-ipv4'
  | 'fragment'
  | 'not-vrrp'
  | 'length-wrong'
  | 'ttl-not-255'
  | 'version-unknown'
  | 'type-unknown'
  | 'checksum-wrong'

/** What goes around an advertisement on its way out. */
export interface Envelope {
  readonly source: IpAddress
  readonly destination: IpAddress
  /** IPv4 identification; the receiver ignores it. */
  readonly identification: number
  readonly password?: string
  readonly checksumWithoutPseudoHeader: boolean
}

/**
 * A whole IPv4 packet with one advertisement.
 *   byte  bits  IPv4 header, RFC 791: TOS 0xc0, DF clear, TTL 255, protocol 112
 *   byte  bits  VRRP message, RFC 3768 section 5.1 and RFC 9568 section 5.1
 *   0     4+4   version, type (1)
 *   1     8     virtual router id
 *   2     8     priority
 *   3     8     number of addresses
 *   4     16    version 2: authentication type, interval in seconds; version 3: 4 bits reserved, interval in cs
 *   6     16    checksum
 *   8     32n   addresses
 *         64    version 2 only: authentication data
 */
export function encodeAdvertisement(adv: Advertisement, envelope: Envelope): Buffer {
  const message = encodeMessage(adv, envelope.password)
  const source = ipToBytes(envelope.source)
  const destination = ipToBytes(envelope.destination)
  const pseudo = adv.version === 3 && !envelope.checksumWithoutPseudoHeader
  const sum = pseudo ? pseudoHeaderSum(source, destination, message.length) : 0
  message.writeUInt16BE(finishChecksum(addWords(sum, message)), CHECKSUM_OFFSET)

  const header = Buffer.alloc(IPV4_HEADER_BYTES)
  header[0] = 0x45
  header[1] = TOS_INTERNETWORK_CONTROL
  header.writeUInt16BE(IPV4_HEADER_BYTES + message.length, 2)
  header.writeUInt16BE(envelope.identification & 0xffff, 4)
  header[8] = TTL
  header[9] = VRRP_PROTOCOL
  source.copy(header, 12)
  destination.copy(header, 16)
  header.writeUInt16BE(finishChecksum(addWords(0, header)), 10)
  return Buffer.concat([header, message])
}

/**
 * Reads an IPv4 packet as it comes from a raw socket. Judges the packet alone: TTL 255 (RFC 9568 section 7.1), a
 * known version and type, a length that fits the number of addresses; bytes after the IP length are ignored
 * (Ethernet padding). Which form of checksum is right is a setting, so both are reported; a packet for which neither is
 * right ends here, before its addresses cost anything.
 */
export function decodeAdvertisement(packet: Buffer): Decoded<ReceivedAdvertisement, PacketFailure> {
  const located = locateMessage(packet)
  if (!located.ok) return located
  const message = located.value
  const version = (message[0] as number) >> 4
  if (version !== 2 && version !== 3) return rejected('version-unknown')
  if (((message[0] as number) & 0x0f) !== TYPE_ADVERTISEMENT) return rejected('type-unknown')
  const count = message[3] as number
  const addressEnd = VRRP_HEADER_BYTES + 4 * count
  if (message.length !== addressEnd + (version === 2 ? AUTH_DATA_BYTES : 0)) return rejected('length-wrong')
  if (message[1] === 0) return rejected('not-vrrp')

  const source = packet.subarray(12, 16)
  const destination = packet.subarray(16, 20)
  const sum = addWords(0, message)
  const plain = finishChecksum(sum) === 0
  const pseudoHeader = finishChecksum(sum + pseudoHeaderSum(source, destination, message.length)) === 0
  if (!plain && !pseudoHeader) return rejected('checksum-wrong')
  const addresses: IpAddress[] = []
  for (let at = VRRP_HEADER_BYTES; at < addressEnd; at += 4) addresses.push(ipFromBytes(message.subarray(at, at + 4)))
  return decoded({
    version,
    vrid: message[1] as Vrid,
    priority: message[2] as Priority,
    intervalMs: version === 2 ? (message[5] as number) * 1000 : (message.readUInt16BE(4) & 0x0fff) * 10,
    addresses,
    source: ipFromBytes(source),
    destination: ipFromBytes(destination),
    authentication:
      version === 2
        ? {type: message[4] as number, data: Buffer.from(message.subarray(addressEnd))}
        : {type: AUTH_NONE, data: Buffer.alloc(AUTH_DATA_BYTES)},
    checksum: {plain, pseudoHeader},
  })
}

/** The virtual router id a packet carries, without judging anything else; undefined when it is too short to tell. */
export function peekVrid(packet: Buffer): number | undefined {
  const headerBytes = ((packet[0] ?? 0) & 0x0f) * 4
  return headerBytes < IPV4_HEADER_BYTES ? undefined : packet[headerBytes + 1]
}

/** The authentication field that a sender with this password, or with none, uses. RFC 2338 section 5.3.6. */
export function authenticationField(password: string | undefined): AuthenticationField {
  const data = Buffer.alloc(AUTH_DATA_BYTES)
  if (password === undefined) return {type: AUTH_NONE, data}
  Buffer.from(password, 'utf8').copy(data)
  return {type: AUTH_PASS, data}
}

function encodeMessage(adv: Advertisement, password: string | undefined): Buffer {
  const authBytes = adv.version === 2 ? AUTH_DATA_BYTES : 0
  const message = Buffer.alloc(VRRP_HEADER_BYTES + 4 * adv.addresses.length + authBytes)
  message[0] = (adv.version << 4) | TYPE_ADVERTISEMENT
  message[1] = adv.vrid
  message[2] = adv.priority
  message[3] = adv.addresses.length
  adv.addresses.forEach((address, i) => {
    ipToBytes(address).copy(message, VRRP_HEADER_BYTES + 4 * i)
  })
  if (adv.version === 2) {
    const field = authenticationField(password)
    message[4] = field.type
    message[5] = Math.round(adv.intervalMs / 1000)
    field.data.copy(message, message.length - AUTH_DATA_BYTES)
  } else {
    message.writeUInt16BE(Math.round(adv.intervalMs / 10) & 0x0fff, 4)
  }
  return message
}

/** The VRRP message within a packet, by the IP header's own lengths. */
function locateMessage(packet: Buffer): Decoded<Buffer, PacketFailure> {
  if (packet.length < IPV4_HEADER_BYTES) return rejected('too-short')
  if ((packet[0] as number) >> 4 !== 4) return rejected('not-ipv4')
  const headerBytes = ((packet[0] as number) & 0x0f) * 4
  const totalBytes = packet.readUInt16BE(2)
  if (headerBytes < IPV4_HEADER_BYTES || totalBytes > packet.length) return rejected('length-wrong')
  if (totalBytes < headerBytes + VRRP_HEADER_BYTES) return rejected('too-short')
  if ((packet.readUInt16BE(6) & 0x3fff) !== 0) return rejected('fragment')
  if (packet[9] !== VRRP_PROTOCOL) return rejected('not-vrrp')
  if (packet[8] !== TTL) return rejected('ttl-not-255')
  return decoded(packet.subarray(headerBytes, totalBytes))
}

/** Source, destination, zero, protocol and length, as UDP has it. RFC 5798 section 5.2.8, RFC 2460 section 8.1. */
function pseudoHeaderSum(source: Uint8Array, destination: Uint8Array, messageBytes: number): number {
  return addWords(addWords(VRRP_PROTOCOL + messageBytes, source), destination)
}
