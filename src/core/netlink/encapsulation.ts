import {type Decoded, decoded, rejected} from '../decoded.ts'
import type {IpAddress} from '../ip.ts'
import {
  type AttributeFailure,
  attribute,
  decodeAttributes,
  encodeAttributes,
  type Format,
  ipAddress,
  octets,
  u8,
  u16,
  u64be,
} from './attributes.ts'

/** What packets of a route are put into: the values of RTA_ENCAP_TYPE and RTA_ENCAP. <linux/lwtunnel.h> */
export type RouteEncapsulation =
  /** Labels of 20 bits, the outermost first. */
  | {readonly type: 'mpls'; readonly labels: readonly number[]}
  | {readonly type: 'ip' | 'ip6'; readonly tunnel: TunnelKey}
  /** Eight bytes. */
  | {readonly type: 'ila'; readonly locator: Buffer}
  /** Any other kind, with its attributes as they are. */
  | {readonly type: 'other'; readonly number: number; readonly bytes: Buffer}

/** The outer header of a tunnel. */
export interface TunnelKey {
  readonly id?: bigint | undefined
  readonly destination?: IpAddress | undefined
  readonly source?: IpAddress | undefined
  /** TTL or hop limit. */
  readonly ttl?: number | undefined
  /** Differentiated services field or traffic class. */
  readonly tos?: number | undefined
  /** As keepalived writes them: in the host's byte order. */
  readonly flags?: number | undefined
}

export type EncapsulationFailure = 'labels-wrong' | 'locator-wrong' | AttributeFailure

/** LWTUNNEL_ENCAP_*, the values of RTA_ENCAP_TYPE. <linux/lwtunnel.h> */
export const ENCAPSULATION_TYPE = {mpls: 1, ip: 2, ila: 3, ip6: 4} as const

/** LWTUNNEL_IP_* and LWTUNNEL_IP6_*, which have the same numbers. <linux/lwtunnel.h> */
export const TUNNEL_ATTRIBUTES = {
  id: attribute(1, u64be),
  destination: attribute(2, ipAddress),
  source: attribute(3, ipAddress),
  ttl: attribute(4, u8),
  tos: attribute(5, u8),
  flags: attribute(6, u16),
} as const

/**
 * A stack of labels, RFC 3032 section 2.1.
 *   bits  each label, network byte order
 *   20    label
 *   3     traffic class, 0
 *   1     bottom of the stack
 *   8     TTL, 0
 */
const labelStack: Format<readonly number[]> = {
  encode: labels => {
    const bytes = Buffer.alloc(4 * labels.length)
    for (const [i, label] of labels.entries()) {
      bytes.writeUInt32BE(((label << 12) | (i === labels.length - 1 ? BOTTOM : 0)) >>> 0, 4 * i)
    }
    return bytes
  },
  decode: bytes =>
    bytes.length === 0 || bytes.length % 4 !== 0
      ? undefined
      : Array.from({length: bytes.length / 4}, (_, i) => bytes.readUInt32BE(4 * i) >>> 12),
}
const BOTTOM = 0x100

/** MPLS_IPTUNNEL_*. <linux/mpls_iptunnel.h> */
export const MPLS_ATTRIBUTES = {labels: attribute(1, labelStack)} as const

/** ILA_ATTR_*. <linux/ila.h> */
export const ILA_ATTRIBUTES = {locator: attribute(1, octets)} as const

/** The values of RTA_ENCAP_TYPE and RTA_ENCAP. */
export function encodeEncapsulation(encapsulation: RouteEncapsulation): {number: number; bytes: Buffer} {
  switch (encapsulation.type) {
    case 'mpls':
      return {number: ENCAPSULATION_TYPE.mpls, bytes: encodeAttributes(MPLS_ATTRIBUTES, encapsulation)}
    case 'ip':
    case 'ip6':
      return {
        number: ENCAPSULATION_TYPE[encapsulation.type],
        bytes: encodeAttributes(TUNNEL_ATTRIBUTES, encapsulation.tunnel),
      }
    case 'ila':
      return {number: ENCAPSULATION_TYPE.ila, bytes: encodeAttributes(ILA_ATTRIBUTES, encapsulation)}
    case 'other':
      return encapsulation
  }
}

/** Reads the values of RTA_ENCAP_TYPE and RTA_ENCAP. */
export function decodeEncapsulation(number: number, bytes: Buffer): Decoded<RouteEncapsulation, EncapsulationFailure> {
  switch (number) {
    case ENCAPSULATION_TYPE.mpls: {
      const read = decodeAttributes(MPLS_ATTRIBUTES, bytes)
      if (!read.ok) return read
      const {labels} = read.value.values
      return labels ? decoded({type: 'mpls', labels}) : rejected('labels-wrong')
    }
    case ENCAPSULATION_TYPE.ip:
    case ENCAPSULATION_TYPE.ip6: {
      const read = decodeAttributes(TUNNEL_ATTRIBUTES, bytes)
      return read.ok
        ? decoded({type: number === ENCAPSULATION_TYPE.ip ? 'ip' : 'ip6', tunnel: read.value.values})
        : read
    }
    case ENCAPSULATION_TYPE.ila: {
      const read = decodeAttributes(ILA_ATTRIBUTES, bytes)
      if (!read.ok) return read
      const {locator} = read.value.values
      return locator?.length === LOCATOR_BYTES ? decoded({type: 'ila', locator}) : rejected('locator-wrong')
    }
    default:
      return decoded({type: 'other', number, bytes})
  }
}

const LOCATOR_BYTES = 8
