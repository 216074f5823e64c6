import {addWords} from '../checksum.ts'
import {type Decoded, decoded, rejected} from '../decoded.ts'
import type {IpFamily} from '../ip.ts'
import type {Priority, Vrid} from '../units.ts'

/** IP protocol number of VRRP. RFC 9568 section 5.1.1.4. */
export const VRRP_PROTOCOL = 112
/** The only type of message there is. RFC 9568 section 5.2.2. */
export const TYPE_ADVERTISEMENT = 1
/** Types of authentication of version 2: none, password, Authentication Header. RFC 2338 section 5.3.6. */
export const AUTHENTICATION_TYPES = {none: 0, pass: 1, ah: 2} as const
/** Most addresses that one message holds: the count has eight bits. RFC 9568 section 5.2.5. */
export const MAX_ADDRESSES = 255
/** Where the checksum is in a message, bytes. */
export const CHECKSUM_OFFSET = 6
/** A message without addresses and authentication data, bytes. */
export const MESSAGE_HEADER_BYTES = 8
/** Version 2 always ends in eight bytes of authentication data. RFC 3768 section 5.3.10. */
export const AUTHENTICATION_BYTES = 8

/** Version 2's authentication field: the type number and its eight bytes of data, zeros where there is none. */
export interface AuthenticationField {
  readonly type: number
  readonly data: Buffer
}

/** What a VRRP message says. */
export interface Message {
  /** 2 or 3; IPv6 has version 3 alone. */
  readonly version: 2 | 3
  readonly vrid: Vrid
  readonly priority: Priority
  /** Seconds in version 2 and centiseconds in version 3 on the wire; here milliseconds for both. */
  readonly intervalMs: number
  /** The addresses in network order, one behind the other. */
  readonly addresses: Buffer
  /** All zero in version 3. */
  readonly authentication: AuthenticationField
}

/** A message as it arrived, with what nobody has judged yet. */
export interface DecodedMessage extends Message {
  /** 0..15; anything but `TYPE_ADVERTISEMENT` is not obeyed. */
  readonly type: number
  /** The message alone. */
  readonly bytes: Buffer
  /** What follows it in the same packet. */
  readonly trailing: Buffer
}

/** Why bytes are no VRRP message. */
export type MessageFailure = 'too-short' | 'length-wrong' | 'version-unknown' | 'not-vrrp'

/** No authentication. RFC 3768 section 5.3.6. */
export const NO_AUTHENTICATION: AuthenticationField = {
  type: AUTHENTICATION_TYPES.none,
  data: Buffer.alloc(AUTHENTICATION_BYTES),
}

/**
 * A message whose checksum is still zero. RFC 3768 section 5.1, RFC 9568 section 5.2.
 *   byte  bits  field
 *   0     4+4   version, type (1)
 *   1     8     virtual router id
 *   2     8     priority
 *   3     8     number of addresses
 *   4     16    version 2: authentication type, interval in seconds; version 3: 4 bits reserved, interval in cs
 *   6     16    checksum
 *   8     32n   addresses; 128n for IPv6
 *         64    version 2 only: authentication data
 */
export function encodeMessage(family: IpFamily, message: Message): Buffer {
  const {version, vrid, priority, intervalMs, addresses, authentication} = message
  const bytes = Buffer.alloc(messageBytes(version, addresses.length))
  bytes[0] = (version << 4) | TYPE_ADVERTISEMENT
  bytes[1] = vrid
  bytes[2] = priority
  bytes[3] = addresses.length / addressBytes(family)
  if (version === 2) {
    bytes[4] = authentication.type
    bytes[5] = Math.round(intervalMs / 1000)
    authentication.data.copy(bytes, bytes.length - AUTHENTICATION_BYTES)
  } else {
    bytes.writeUInt16BE(Math.round(intervalMs / 10) & 0x0fff, 4)
  }
  addresses.copy(bytes, MESSAGE_HEADER_BYTES)
  return bytes
}

/** Reads a message; what follows it is kept apart, and neither its checksum nor its type is judged. */
export function decodeMessage(family: IpFamily, payload: Buffer): Decoded<DecodedMessage, MessageFailure> {
  if (payload.length < MESSAGE_HEADER_BYTES) return rejected('too-short')
  const version = (payload[0] as number) >> 4
  if (version !== 2 && version !== 3) return rejected('version-unknown')
  const length = messageBytes(version, (payload[3] as number) * addressBytes(family))
  if (payload.length < length) return rejected('length-wrong')
  if (payload[1] === 0) return rejected('not-vrrp')
  const addressEnd = version === 2 ? length - AUTHENTICATION_BYTES : length
  return decoded({
    version,
    type: (payload[0] as number) & 0x0f,
    vrid: payload[1] as Vrid,
    priority: payload[2] as Priority,
    intervalMs: version === 2 ? (payload[5] as number) * 1000 : (payload.readUInt16BE(4) & 0x0fff) * 10,
    addresses: payload.subarray(MESSAGE_HEADER_BYTES, addressEnd),
    authentication:
      version === 2 ? {type: payload[4] as number, data: payload.subarray(addressEnd, length)} : NO_AUTHENTICATION,
    bytes: payload.subarray(0, length),
    trailing: payload.subarray(length),
  })
}

/** How long an address of a family is, bytes. */
export const addressBytes = (family: IpFamily): 4 | 16 => (family === 4 ? 4 : 16)

/**
 * The pseudo-header of a checksum as a sum that is not folded yet: source, destination, length and protocol. RFC 5798
 * section 5.2.8 for IPv4, RFC 8200 section 8.1 for IPv6; both come to the same sum.
 */
export function pseudoHeaderSum(source: Uint8Array, destination: Uint8Array, lengthBytes: number): number {
  return addWords(addWords(VRRP_PROTOCOL + lengthBytes, source), destination)
}

function messageBytes(version: 2 | 3, addressesBytes: number): number {
  return MESSAGE_HEADER_BYTES + addressesBytes + (version === 2 ? AUTHENTICATION_BYTES : 0)
}
