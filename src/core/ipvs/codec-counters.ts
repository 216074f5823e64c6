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

const NOTHING = Buffer.alloc(0)
