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
  readonly #zeroes: Uint32Array[] = []

  /** Those of an answer whose attributes are apart. */
  decode(given: CountersBytes): CountersRead {
    const bytes = given.counters64
    if (bytes === undefined) return decodeCounters(given)
    return this.read({bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length)}, 0, bytes.length)
  }

  read({bytes, view}: {readonly bytes: Buffer; readonly view: DataView}, start: number, end: number): CountersRead {
    if (this.#areZero(view, start, end)) return ZERO
    const counters64 = bytes.subarray(start, end)
    const read = decodeCounters({counters64})
    if (!read.ok || !isZero(read.value)) return read
    const words = Uint32Array.from({length: counters64.length / WORD_BYTES}, (_, i) =>
      view.getUint32(start + i * WORD_BYTES),
    )
    if (this.#zeroes.length < MAX_ZEROES) this.#zeroes.push(words)
    return ZERO
  }

  /** Word by word, without the views that Buffer's own comparison would make. */
  #areZero(view: DataView, start: number, end: number): boolean {
    for (let i = 0; i < this.#zeroes.length; i++) {
      const words = this.#zeroes[i] as Uint32Array
      let same = 0
      if (words.length * WORD_BYTES !== end - start) continue
      while (same < words.length && view.getUint32(start + same * WORD_BYTES) === words[same]) same++
      if (same === words.length) return true
    }
    return false
  }
}

type CountersRead = Decoded<Counters, AttributeFailure>

/** Attributes are aligned to it. */
const WORD_BYTES = 4
const ZERO = decoded(ZERO_COUNTERS)
/** With padding and without. */
const MAX_ZEROES = 4
const NOTHING = Buffer.alloc(0)

function isZero(counters: Counters): boolean {
  return Object.values(counters).every(value => value === 0n)
}
