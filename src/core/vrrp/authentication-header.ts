import {type Decoded, decoded, rejected} from '../decoded.ts'
import type {Digests} from './digests.ts'

/** IP protocol number of the Authentication Header. RFC 2402 section 2. */
export const AH_PROTOCOL = 51
/** The header with an integrity check value of 96 bits, bytes. */
export const AUTHENTICATION_HEADER_BYTES = 24

/** What stands between the IPv4 header and the message under `auth_type AH`. */
export interface AuthenticationHeader {
  readonly nextHeader: number
  /** Security parameters index: keepalived puts the source address there. */
  readonly spi: number
  /** 1..2^32-1. */
  readonly sequence: number
  /** Twelve bytes. */
  readonly icv: Buffer
}

/** Why bytes are no Authentication Header of a VRRP packet. */
export type AuthenticationHeaderFailure = 'too-short' | 'length-wrong'

const ICV_BYTES = 12
const ICV_OFFSET = 12
/** In words of four bytes, less two. */
const LENGTH_FIELD = 4

/**
 * RFC 2402 section 2.
 *   byte  bits  field
 *   0     8     next header, 112
 *   1     8     length in words less 2, 4
 *   2     16    reserved, 0
 *   4     32    security parameters index
 *   8     32    sequence number
 *   12    96    integrity check value
 */
export function encodeAuthenticationHeader({nextHeader, spi, sequence, icv}: AuthenticationHeader): Buffer {
  const bytes = Buffer.alloc(AUTHENTICATION_HEADER_BYTES)
  bytes[0] = nextHeader
  bytes[1] = LENGTH_FIELD
  bytes.writeUInt32BE(spi, 4)
  bytes.writeUInt32BE(sequence, 8)
  icv.copy(bytes, ICV_OFFSET, 0, ICV_BYTES)
  return bytes
}

/** Reads the header that bytes begin with; only the length that goes with HMAC-MD5-96 is known. */
export function decodeAuthenticationHeader(bytes: Buffer): Decoded<AuthenticationHeader, AuthenticationHeaderFailure> {
  if (bytes.length < AUTHENTICATION_HEADER_BYTES) return rejected('too-short')
  if (bytes[1] !== LENGTH_FIELD) return rejected('length-wrong')
  return decoded({
    nextHeader: bytes[0] as number,
    spi: bytes.readUInt32BE(4),
    sequence: bytes.readUInt32BE(8),
    icv: bytes.subarray(ICV_OFFSET, AUTHENTICATION_HEADER_BYTES),
  })
}

/** What an integrity check value is made of. */
export interface Authenticated {
  /** The IPv4 header with its options. */
  readonly ipHeader: Uint8Array
  /** The Authentication Header; its own integrity check value counts as zero. */
  readonly header: Uint8Array
  readonly message: Uint8Array
  /** Over unicast the TTL counts as zero too, as routers change it. */
  readonly unicast: boolean
}

/**
 * HMAC-MD5-96 over the packet, as keepalived computes it: type of service, fragment offset and checksum of the IPv4
 * header count as zero, and for unicast the TTL; the key is the password. RFC 2402 section 3.3.3, RFC 2403; recomputed
 * for captured packets of 2.2.7 and 2.4.3.
 */
export function integrityCheckValue(digests: Digests, key: Uint8Array, packet: Authenticated): Buffer {
  const ipHeader = Buffer.from(packet.ipHeader)
  ipHeader[1] = 0
  ipHeader.fill(0, 6, 8)
  if (packet.unicast) ipHeader[8] = 0
  ipHeader.fill(0, 10, 12)
  const header = Buffer.from(packet.header)
  header.fill(0, ICV_OFFSET)
  return digests.hmacMd5(key, [ipHeader, header, packet.message]).subarray(0, ICV_BYTES)
}

/** The last sequence number there is. */
const LAST_SEQUENCE = 0xffff_ffff

/**
 * The number after `last`, which is the highest one sent or heard: a master goes on where its predecessor was, as
 * with keepalived. Never below the seconds of the clock: keepalived starts at 1 after a restart and is not obeyed until
 * it has heard somebody; the clock makes a process that starts again be obeyed at once.
 */
export function nextHeaderSequence(last: number, utcMs: number): number {
  return Math.min(LAST_SEQUENCE, Math.max(last + 1, Math.floor(utcMs / 1000)))
}
