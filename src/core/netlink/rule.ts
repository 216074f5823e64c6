import {type Decoded, decoded, rejected} from '../decoded.ts'
import {
  type AttributeFailure,
  type AttributeValues,
  attribute,
  decodeAttributes,
  encodeAttributes,
  type Format,
  ipAddress,
  type RawAttribute,
  u8,
  u32,
  u64be,
  zeroTerminated,
} from './attributes.ts'

/** RTM_* of rules. <linux/rtnetlink.h> */
export const RULE_MESSAGE_TYPE = {new: 32, delete: 33, get: 34} as const

/** RTNLGRP_IPV4_RULE and RTNLGRP_IPV6_RULE, the groups that hear of rules. <linux/rtnetlink.h> */
export const GROUP_IPV4_RULE = 8
export const GROUP_IPV6_RULE = 19

/** FR_ACT_*: what a rule does. <linux/fib_rules.h> */
export const RULE_ACTION = {table: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8} as const
/** FIB_RULE_INVERT: the rule is for all packets but these. <linux/fib_rules.h> */
export const RULE_FLAG_INVERT = 2

/** Two numbers of a range, in the host's byte order. */
interface Range {
  readonly start: number
  readonly end: number
}

const range16: Format<Range> = {
  encode: ({start, end}) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt16LE(start, 0)
    bytes.writeUInt16LE(end, 2)
    return bytes
  },
  decode: bytes => (bytes.length === 4 ? {start: bytes.readUInt16LE(0), end: bytes.readUInt16LE(2)} : undefined),
}

const range32: Format<Range> = {
  encode: ({start, end}) => {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32LE(start, 0)
    bytes.writeUInt32LE(end, 4)
    return bytes
  },
  decode: bytes => (bytes.length === 8 ? {start: bytes.readUInt32LE(0), end: bytes.readUInt32LE(4)} : undefined),
}

/** FRA_*. <linux/fib_rules.h> */
export const RULE_ATTRIBUTES = {
  destination: attribute(1, ipAddress),
  source: attribute(2, ipAddress),
  /** The interface that packets came through. */
  inInterface: attribute(3, zeroTerminated),
  /** The preference of the rule to go on with. */
  target: attribute(4, u32),
  preference: attribute(6, u32),
  mark: attribute(10, u32),
  /** Realms: from in the high half, to in the low one. */
  flow: attribute(11, u32),
  tunnelId: attribute(12, u64be),
  suppressGroup: attribute(13, u32),
  suppressPrefixLength: attribute(14, u32),
  table: attribute(15, u32),
  markMask: attribute(16, u32),
  /** The interface that the program of the packets is bound to. */
  outInterface: attribute(17, zeroTerminated),
  /** 1: the table is that of the VRF. */
  l3mdev: attribute(19, u8),
  userIds: attribute(20, range32),
  /** RTPROT_*: who put it there. */
  protocol: attribute(21, u8),
  ipProtocol: attribute(22, u8),
  sourcePorts: attribute(23, range16),
  destinationPorts: attribute(24, range16),
} as const

/** A message about one rule: struct fib_rule_hdr and its attributes. <linux/fib_rules.h> */
export interface RuleMessage {
  /** AF_*. */
  readonly family: number
  readonly destinationLength: number
  readonly sourceLength: number
  readonly tos: number
  /** 0 where the attribute has the number. */
  readonly table: number
  /** FR_ACT_*. */
  readonly action: number
  /** FIB_RULE_*. */
  readonly flags: number
  readonly values: AttributeValues<typeof RULE_ATTRIBUTES>
  readonly unknown: readonly RawAttribute[]
}

export type RuleFailure = 'too-short' | AttributeFailure

/**
 * The body of an RTM_NEWRULE, RTM_DELRULE or RTM_GETRULE message.
 *   byte  bits  struct fib_rule_hdr, host byte order
 *   0     8     family
 *   1     8     length of the destination's prefix
 *   2     8     length of the source's prefix
 *   3     8     differentiated services field
 *   4     8     table
 *   5     16    reserved
 *   7     8     action
 *   8     32    flags
 *   12          attributes
 */
export function encodeRule(rule: RuleMessage): Buffer {
  const {family, destinationLength, sourceLength, tos, table, action, flags} = rule
  const header = Buffer.from([family, destinationLength, sourceLength, tos, table, 0, 0, action, 0, 0, 0, 0])
  header.writeUInt32LE(flags, 8)
  return Buffer.concat([header, encodeAttributes(RULE_ATTRIBUTES, rule.values, rule.unknown)])
}

/** Reads the body of a message about a rule; unknown attributes are views of it. */
export function decodeRule(body: Buffer): Decoded<RuleMessage, RuleFailure> {
  if (body.length < HEADER_BYTES) return rejected('too-short')
  const attributes = decodeAttributes(RULE_ATTRIBUTES, body.subarray(HEADER_BYTES))
  if (!attributes.ok) return attributes
  const [family, destinationLength, sourceLength, tos, table, , , action] = body as unknown as Octets
  const flags = body.readUInt32LE(8)
  return decoded({...{family, destinationLength, sourceLength, tos, table, action, flags}, ...attributes.value})
}

const HEADER_BYTES = 12
type Octets = readonly [number, number, number, number, number, number, number, number]
