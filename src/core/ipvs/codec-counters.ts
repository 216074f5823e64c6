import {type Decoded, decoded} from '../decoded.ts'
import {type AttributeFailure, decodeAttributes, encodeAttributes} from '../netlink/attributes.ts'
import {COUNTERS32_ATTRIBUTES, COUNTERS64_ATTRIBUTES} from './attributes.ts'
import type {Counters} from './model.ts'

/** The two forms in which an entry's counters can stand in a message. */
export interface CountersBytes {
  readonly counters32?: Buffer | undefined
  readonly counters64?: Buffer | undefined
}

/** Counters as they stand in IPVS_SVC_ATTR_STATS64 and IPVS_DEST_ATTR_STATS64. <linux/ip_vs.h> */
export const encodeCounters = (counters: Counters): Buffer => encodeAttributes(COUNTERS64_ATTRIBUTES, counters)

/** Nothing was counted: one object for all entries of which that is true, as for most of a table that was just made. */
export const ZERO_COUNTERS: Counters = Object.freeze({
  connections: 0n,
  packetsIn: 0n,
  packetsOut: 0n,
  bytesIn: 0n,
  bytesOut: 0n,
  connectionRate: 0n,
  packetRateIn: 0n,
  packetRateOut: 0n,
  byteRateIn: 0n,
  byteRateOut: 0n,
})

/** Counters of 64 bits where the kernel has them, else those of 32; what is missing is 0. <linux/ip_vs.h> */
export function decodeCounters({counters32, counters64}: CountersBytes): Decoded<Counters, AttributeFailure> {
  const read =
    counters64 === undefined
      ? decodeAttributes(COUNTERS32_ATTRIBUTES, counters32 ?? NOTHING)
      : decodeAttributes(COUNTERS64_ATTRIBUTES, counters64)
  if (!read.ok) return read
  const {values} = read.value
  return decoded({
    connections: BigInt(values.connections ?? 0),
    packetsIn: BigInt(values.packetsIn ?? 0),
    packetsOut: BigInt(values.packetsOut ?? 0),
    bytesIn: values.bytesIn ?? 0n,
    bytesOut: values.bytesOut ?? 0n,
    connectionRate: BigInt(values.connectionRate ?? 0),
    packetRateIn: BigInt(values.packetRateIn ?? 0),
    packetRateOut: BigInt(values.packetRateOut ?? 0),
    byteRateIn: BigInt(values.byteRateIn ?? 0),
    byteRateOut: BigInt(values.byteRateOut ?? 0),
  })
}

/**
 * Reads counters of 64 bits where they stand, for those who read ten thousands of them: most are 0, and these look the
 * same each time, but for padding that there is on some processors.
 */
export class CountersReader {
  readonly #zeroes: Buffer[] = []

  read(bytes: Buffer, start: number, end: number): Decoded<Counters, AttributeFailure> {
    for (const zero of this.#zeroes) {
      if (bytes.compare(zero, 0, zero.length, start, end) === 0) return ZERO
    }
    const counters64 = bytes.subarray(start, end)
    const read = decodeCounters({counters64})
    if (!read.ok || !isZero(read.value)) return read
    if (this.#zeroes.length < MAX_ZEROES) this.#zeroes.push(Buffer.from(counters64))
    return ZERO
  }
}

const ZERO = decoded(ZERO_COUNTERS)
/** With padding and without. */
const MAX_ZEROES = 4
const NOTHING = Buffer.alloc(0)

function isZero(counters: Counters): boolean {
  return Object.values(counters).every(value => value === 0n)
}
