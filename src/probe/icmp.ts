import {addWords, finishChecksum} from '../core/checksum.ts'
import type {Decoded} from '../core/decoded.ts'
import type {IpFamily} from '../core/ip.ts'

/**
 * Echo request and reply. RFC 792, RFC 4443 section 4.1.
 *   byte  bits  field            here
 *   0     8     Type             type: 8 and 0, with IPv6 128 and 129
 *   1     8     Code             0
 *   2     16    Checksum         with IPv6 the kernel's
 *   4     16    Identifier       identifier; ping sockets have the kernel's
 *   6     16    Sequence Number  sequence
 *   8           Data             data
 */
export interface Echo {
  readonly type: 'request' | 'reply'
  readonly identifier: number
  readonly sequence: number
  readonly data: Buffer
}

export type EchoFailure = 'too-short' | 'no-echo' | 'checksum'

/** The bytes of a message. Its checksum is right with IPv4 and 0 with IPv6, where the kernel fills it in. */
export function encodeEcho(family: IpFamily, {type, identifier, sequence, data}: Echo): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + data.length)
  bytes.writeUInt8(TYPES[family][type], 0)
  bytes.writeUInt16BE(identifier, 4)
  bytes.writeUInt16BE(sequence, 6)
  data.copy(bytes, HEADER_BYTES)
  if (family === 4) bytes.writeUInt16BE(finishChecksum(addWords(0, bytes)), 2)
  return bytes
}

/** Reads a message without its IP header. The kernel has verified the checksum of one with IPv6. */
export function decodeEcho(family: IpFamily, bytes: Buffer): Decoded<Echo, EchoFailure> {
  if (bytes.length < HEADER_BYTES) return {ok: false, failure: 'too-short'}
  const number = bytes.readUInt8(0)
  const {request, reply} = TYPES[family]
  if ((number !== request && number !== reply) || bytes.readUInt8(1) !== 0) return {ok: false, failure: 'no-echo'}
  if (family === 4 && finishChecksum(addWords(0, bytes)) !== 0) return {ok: false, failure: 'checksum'}
  const type = number === request ? 'request' : 'reply'
  const data = bytes.subarray(HEADER_BYTES)
  return {ok: true, value: {type, identifier: bytes.readUInt16BE(4), sequence: bytes.readUInt16BE(6), data}}
}

/** What follows the IPv4 header with which raw sockets receive; empty where there is none. */
export function withoutIpv4Header(bytes: Buffer): Buffer {
  const first = bytes.length === 0 ? 0 : bytes.readUInt8(0)
  return first >> 4 === 4 ? bytes.subarray((first & 0x0f) * 4) : bytes.subarray(0, 0)
}

const HEADER_BYTES = 8
const TYPES = {4: {request: 8, reply: 0}, 6: {request: 128, reply: 129}} as const
