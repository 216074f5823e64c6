import {type Decoded, decoded, rejected} from '../decoded.ts'
import {
  type AttributeFailure,
  type AttributeValues,
  attribute,
  decodeAttributes,
  encodeAttributes,
  type Format,
  ipAddress,
  nested,
  octets,
  type RawAttribute,
  u8,
  u16,
  u32,
  zeroTerminated,
} from './attributes.ts'
import {align} from './message.ts'

/** RTM_* of routes. <linux/rtnetlink.h> */
export const ROUTE_MESSAGE_TYPE = {new: 24, delete: 25, get: 26} as const

/** RTNLGRP_IPV4_ROUTE and RTNLGRP_IPV6_ROUTE, the groups that hear of routes. <linux/rtnetlink.h> */
export const GROUP_IPV4_ROUTE = 7
export const GROUP_IPV6_ROUTE = 11

/** RTNH_F_ONLINK, in the flags of a route and of a next hop. <linux/rtnetlink.h> */
export const ROUTE_FLAG_ONLINK = 4
/** RT_SCOPE_NOWHERE: in a request to delete, any scope. <linux/rtnetlink.h> */
export const SCOPE_NOWHERE = 255

/** RTAX_*: what a route tells the protocols above it. <linux/rtnetlink.h> */
export const METRIC_ATTRIBUTES = {
  /** Bits of the numbers here: the kernel leaves those as they are. */
  lock: attribute(1, u32),
  mtu: attribute(2, u32),
  window: attribute(3, u32),
  /** Eighths of a millisecond. */
  rtt: attribute(4, u32),
  /** Quarters of a millisecond. */
  rttvar: attribute(5, u32),
  ssthresh: attribute(6, u32),
  cwnd: attribute(7, u32),
  advmss: attribute(8, u32),
  reordering: attribute(9, u32),
  hoplimit: attribute(10, u32),
  initcwnd: attribute(11, u32),
  /** RTAX_FEATURE_ECN is 1. */
  features: attribute(12, u32),
  /** Milliseconds. */
  rtoMin: attribute(13, u32),
  initrwnd: attribute(14, u32),
  quickack: attribute(15, u32),
  congestionControl: attribute(16, zeroTerminated),
  fastopenNoCookie: attribute(17, u32),
} as const

/** The RTA_* that a next hop can have. <linux/rtnetlink.h> */
export const HOP_ATTRIBUTES = {
  gateway: attribute(5, ipAddress),
  /** Realms: from in the high half, to in the low one. */
  flow: attribute(11, u32),
  encapsulationType: attribute(21, u16),
  encapsulation: attribute(22, octets),
} as const

/** One of several ways of a route. */
export interface RouteHop {
  /** RTNH_F_*. */
  readonly flags: number
  /** 1 to 256. */
  readonly weight: number
  /** 0: the kernel finds the interface by the gateway. */
  readonly index: number
  readonly values: AttributeValues<typeof HOP_ATTRIBUTES>
}

/**
 * Next hops one behind the other, RTA_MULTIPATH.
 *   byte  bits  struct rtnexthop, host byte order
 *   0     16    length, with these eight bytes
 *   2     8     flags
 *   3     8     weight less one
 *   4     32    interface index
 *   8           attributes
 */
const hops: Format<readonly RouteHop[]> = {
  encode: list => Buffer.concat(list.map(encodeHop)),
  decode: decodeHops,
}

/** RTA_*. <linux/rtnetlink.h> */
export const ROUTE_ATTRIBUTES = {
  ...HOP_ATTRIBUTES,
  destination: attribute(1, ipAddress),
  /** Only for packets from there (IPv6). */
  source: attribute(2, ipAddress),
  outIndex: attribute(4, u32),
  /** Of like routes the one with the lowest counts. */
  priority: attribute(6, u32),
  /** The address that packets come from when their program names none. */
  preferredSource: attribute(7, ipAddress),
  metrics: attribute(8, nested(METRIC_ATTRIBUTES)),
  hops: attribute(9, hops),
  /** Where the number has no room in the header. */
  table: attribute(15, u32),
  /** ICMPV6_ROUTER_PREF_*: 0 medium, 1 high, 3 low. */
  preference: attribute(20, u8),
  /** Seconds (IPv6). */
  expires: attribute(23, u32),
  ttlPropagate: attribute(26, u8),
} as const

/** A message about one route: struct rtmsg and its attributes. <linux/rtnetlink.h> */
export interface RouteMessage {
  /** AF_*. */
  readonly family: number
  readonly destinationLength: number
  readonly sourceLength: number
  readonly tos: number
  /** 0 where the attribute has the number. */
  readonly table: number
  /** RTPROT_*: who put it there. */
  readonly protocol: number
  /** RT_SCOPE_*. */
  readonly scope: number
  /** RTN_*. */
  readonly type: number
  readonly flags: number
  readonly values: AttributeValues<typeof ROUTE_ATTRIBUTES>
  readonly unknown: readonly RawAttribute[]
}

export type RouteFailure = 'too-short' | AttributeFailure

/**
 * The body of an RTM_NEWROUTE, RTM_DELROUTE or RTM_GETROUTE message.
 *   byte  bits  struct rtmsg, host byte order
 *   0     8     family
 *   1     8     length of the destination's prefix
 *   2     8     length of the source's prefix
 *   3     8     differentiated services field
 *   4     8     table
 *   5     8     protocol
 *   6     8     scope
 *   7     8     type
 *   8     32    flags
 *   12          attributes
 */
export function encodeRoute(route: RouteMessage): Buffer {
  const {family, destinationLength, sourceLength, tos, table, protocol, scope, type, flags} = route
  const header = Buffer.from([family, destinationLength, sourceLength, tos, table, protocol, scope, type, 0, 0, 0, 0])
  header.writeUInt32LE(flags, 8)
  return Buffer.concat([header, encodeAttributes(ROUTE_ATTRIBUTES, route.values, route.unknown)])
}

/** Reads the body of a message about a route; unknown attributes are views of it. */
export function decodeRoute(body: Buffer): Decoded<RouteMessage, RouteFailure> {
  if (body.length < HEADER_BYTES) return rejected('too-short')
  const attributes = decodeAttributes(ROUTE_ATTRIBUTES, body.subarray(HEADER_BYTES))
  if (!attributes.ok) return attributes
  const [family, destinationLength, sourceLength, tos, table, protocol, scope, type] = body as unknown as Octets
  const flags = body.readUInt32LE(8)
  return decoded({
    ...{family, destinationLength, sourceLength, tos, table, protocol, scope, type, flags},
    ...attributes.value,
  })
}

const HEADER_BYTES = 12
type Octets = readonly [number, number, number, number, number, number, number, number]

const HOP_BYTES = 8
/** Each takes eight bytes at least, and an attribute has 64 KiB. */
const MAX_HOPS = 8_192

function encodeHop({flags, weight, index, values}: RouteHop): Buffer {
  const attributes = encodeAttributes(HOP_ATTRIBUTES, values)
  const header = Buffer.alloc(HOP_BYTES)
  header.writeUInt16LE(HOP_BYTES + attributes.length, 0)
  header[2] = flags
  header[3] = weight - 1
  header.writeInt32LE(index, 4)
  return Buffer.concat([header, attributes])
}

function decodeHops(bytes: Buffer): readonly RouteHop[] | undefined {
  const list: RouteHop[] = []
  for (let at = 0; at < bytes.length && list.length < MAX_HOPS; ) {
    if (bytes.length - at < HOP_BYTES) return undefined
    const lengthBytes = bytes.readUInt16LE(at)
    if (lengthBytes < HOP_BYTES || lengthBytes > bytes.length - at) return undefined
    const attributes = decodeAttributes(HOP_ATTRIBUTES, bytes.subarray(at + HOP_BYTES, at + lengthBytes))
    if (!attributes.ok) return undefined
    const [flags, weight] = [bytes.readUInt8(at + 2), bytes.readUInt8(at + 3) + 1]
    list.push({flags, weight, index: bytes.readInt32LE(at + 4), values: attributes.value.values})
    at += align(lengthBytes)
  }
  return list
}
