import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, type IpFamily, ipToBytes} from '../ip.ts'
import type {Vrid} from '../units.ts'
import type {HmacConfig} from './config.ts'
import {type Digests, sameSecret} from './digests.ts'
import {CHECKSUM_OFFSET} from './message.ts'

/** What `auth_hmac` appends to a message, bytes. */
export const TRAILER_BYTES = 28

/** The trailer of keepalived 2.4's `auth_hmac`. */
export interface Trailer {
  /** 1..255. */
  readonly keyId: number
  /** 64 bits: UTC seconds, 16 bits of fraction, 16 bits of counter. */
  readonly sequence: bigint
  /** Sixteen bytes. */
  readonly hmac: Buffer
}

/** Why bytes are no trailer that this code knows. */
export type TrailerFailure = 'hmac-malformed'

/** Why a trailer proves nothing. */
export type HmacFailure = TrailerFailure | 'hmac-stale' | 'hmac-key-unknown' | 'hmac-wrong' | 'hmac-replayed'

/** The highest sequence number that one sender has proved. */
export interface ReplayMark {
  readonly source: IpAddress
  readonly sequence: bigint
}

/** Senders that a virtual router over multicast remembers, as keepalived. */
export const MULTICAST_SENDERS = 4

const TYPE_HMAC_SHA256 = 1
const HMAC_OFFSET = 12
const HMAC_BYTES = 16
const ZEROS = Buffer.alloc(HMAC_BYTES)

/**
 * As keepalived 2.4.3 has it; in no RFC.
 *   byte  bits  field
 *   0     8     type, 1: HMAC-SHA256
 *   1     8     key id
 *   2     16    reserved, 0
 *   4     32    UTC seconds
 *   8     16    fraction of a second
 *   10    16    counter
 *   12    128   the first half of the digest
 */
export function encodeTrailer({keyId, sequence, hmac}: Trailer): Buffer {
  const bytes = Buffer.alloc(TRAILER_BYTES)
  bytes[0] = TYPE_HMAC_SHA256
  bytes[1] = keyId
  bytes.writeBigUInt64BE(BigInt.asUintN(64, sequence), 4)
  hmac.copy(bytes, HMAC_OFFSET, 0, HMAC_BYTES)
  return bytes
}

/** Reads a trailer. */
export function decodeTrailer(bytes: Buffer): Decoded<Trailer, TrailerFailure> {
  if (!looksLikeTrailer(bytes)) return rejected('hmac-malformed')
  return decoded({
    keyId: bytes[1] as number,
    sequence: bytes.readBigUInt64BE(4),
    hmac: bytes.subarray(HMAC_OFFSET, TRAILER_BYTES),
  })
}

/** Whether what follows a message has a trailer's length, type and zeros. */
export function looksLikeTrailer(bytes: Buffer): boolean {
  return bytes.length === TRAILER_BYTES && bytes[0] === TYPE_HMAC_SHA256 && bytes.readUInt16BE(2) === 0
}

/** Who sends what: all that the digest binds a message to; the destination is not among it. */
export interface Signed {
  readonly family: IpFamily
  readonly version: 2 | 3
  readonly vrid: Vrid
  readonly source: IpAddress
  /** The message; its checksum counts as zero. */
  readonly message: Buffer
}

/**
 * The digest of a trailer: over a pseudo-header of 20 bytes, the message with its checksum as zero and the trailer with
 * its digest as zero, cut to sixteen bytes. Recomputed for captured packets of keepalived 2.4.3.
 */
export function trailerHmac(digests: Digests, key: Uint8Array, signed: Signed, trailer: Buffer): Buffer {
  const pseudo = Buffer.alloc(20)
  pseudo[0] = signed.family
  pseudo[1] = signed.version
  pseudo[2] = signed.vrid
  ipToBytes(signed.source).copy(pseudo, 4)
  const {message} = signed
  const parts = [
    pseudo,
    message.subarray(0, CHECKSUM_OFFSET),
    ZEROS.subarray(0, 2),
    message.subarray(CHECKSUM_OFFSET + 2),
    trailer.subarray(0, HMAC_OFFSET),
    ZEROS,
  ]
  return digests.hmacSha256(key, parts).subarray(0, HMAC_BYTES)
}

/** A trailer that signs a message; without its key the digest is zero, and every receiver refuses it. */
export function signTrailer(
  digests: Digests,
  signed: Signed,
  {keyId, key, sequence}: {readonly keyId: number; readonly key: Uint8Array | undefined; readonly sequence: bigint},
): Buffer {
  const trailer = encodeTrailer({keyId, sequence, hmac: ZEROS})
  if (key) trailerHmac(digests, key, signed, trailer).copy(trailer, HMAC_OFFSET)
  return trailer
}

/**
 * The sequence number of the next advertisement, one for all copies of it: the clock, or one more than the last where
 * the clock has not moved. Where a clock was set back by more than the window, `anti_replay time` begins anew from the
 * clock, since receivers would not take the old numbers any more; `monotonic` always grows.
 */
export function nextTrailerSequence(hmac: HmacConfig, last: bigint | undefined, utcMs: number): bigint {
  const clock = clockSequence(utcMs)
  if (last === undefined || isAfter(clock, last)) return clock
  const aheadSeconds = secondsBetween(secondsOf(last), secondsOf(clock))
  const stranded = hmac.antiReplay === 'time' && aheadSeconds > hmac.timeWindowSeconds
  return stranded ? clock : BigInt.asUintN(64, last + 1n)
}

/** What a receiver compares a trailer with. */
export interface TrailerJudge {
  readonly config: HmacConfig
  readonly keys: ReadonlyMap<number, Uint8Array>
  readonly marks: readonly ReplayMark[]
  /** UTC, milliseconds. */
  readonly utcMs: number
  /** How many senders are remembered; the one heard longest ago goes first. */
  readonly maxSenders: number
}

/** A trailer that was believed. */
export interface VerifiedTrailer {
  readonly marks: readonly ReplayMark[]
  /** How far our clock is ahead of the sender's, seconds; negative: behind. */
  readonly clockAheadSeconds: number
}

/**
 * Judges a trailer in keepalived's order. What is stale costs no digest; the marks move only for what was signed, so
 * that forged packets can neither move them nor push anybody out of the table.
 */
export function verifyTrailer(
  digests: Digests,
  judge: TrailerJudge,
  signed: Signed,
  bytes: Buffer,
): Decoded<VerifiedTrailer, HmacFailure> {
  const trailer = decodeTrailer(bytes)
  if (!trailer.ok) return trailer
  const {keyId, sequence, hmac} = trailer.value
  const {config, marks} = judge
  const nowSeconds = Math.floor(judge.utcMs / 1000)
  const fresh = (of: bigint): boolean =>
    config.antiReplay === 'monotonic' || Math.abs(secondsBetween(nowSeconds, secondsOf(of))) <= config.timeWindowSeconds
  if (!fresh(sequence)) return rejected('hmac-stale')
  const key = judge.keys.get(keyId)
  if (!key) return rejected('hmac-key-unknown')
  if (!sameSecret(trailerHmac(digests, key, signed, bytes), hmac)) return rejected('hmac-wrong')
  const mark = marks.find(({source}) => source === signed.source)
  // A mark outside the window orders nothing that the window lets through, and may be of a clock since set right.
  if (mark && fresh(mark.sequence) && !isAfter(sequence, mark.sequence)) return rejected('hmac-replayed')
  const others = marks.filter(({source}) => source !== signed.source)
  return decoded({
    marks: [...others, {source: signed.source, sequence}].slice(-judge.maxSenders),
    clockAheadSeconds: secondsBetween(nowSeconds, secondsOf(sequence)),
  })
}

function clockSequence(utcMs: number): bigint {
  const seconds = Math.floor(utcMs / 1000)
  const fraction = Math.floor(((utcMs - seconds * 1000) * 0x1_0000) / 1000)
  return (BigInt(seconds >>> 0) << 32n) | (BigInt(fraction) << 16n)
}

const secondsOf = (sequence: bigint): number => Number(BigInt.asUintN(64, sequence) >> 32n)

/** Signed, with the 32 bits of the field wrapping. RFC 1982. */
const secondsBetween = (a: number, b: number): number => (a - b) | 0

/** RFC 1982. */
const isAfter = (a: bigint, b: bigint): boolean => BigInt.asIntN(64, a - b) > 0n
