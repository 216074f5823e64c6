import {type Decoded, decoded, rejected} from '../decoded.ts'
import {
  type AttributeFailure,
  type AttributeValues,
  attribute,
  decodeAttributes,
  encodeAttributes,
  octets,
  type RawAttribute,
  u8,
  u32,
  zeroTerminated,
} from './attributes.ts'

/** RTM_* of links. <linux/rtnetlink.h> */
export const LINK_MESSAGE_TYPE = {new: 16, delete: 17, get: 18} as const

/** RTNLGRP_LINK, the group that hears of links. <linux/rtnetlink.h> */
export const GROUP_LINK = 1

/** IFF_*: `up` is what the administrator wants, `running` whether it can carry traffic. <linux/if.h> */
export const LINK_FLAG = {up: 0x1, loopback: 0x8, running: 0x40, lowerUp: 0x10000} as const

/** IFLA_*. <linux/if_link.h> */
export const LINK_ATTRIBUTES = {
  /** The hardware address. */
  hardwareAddress: attribute(1, octets),
  name: attribute(3, zeroTerminated),
  mtu: attribute(4, u32),
  /** Index of the interface that this one is on top of; of a veth the other end, which may be in another namespace. */
  base: attribute(5, u32),
  /** Index of the bridge, bond or VRF that it belongs to. */
  master: attribute(10, u32),
  /** RFC 2863: 0 unknown, 1 not present, 2 down, 3 lower layer down, 4 testing, 5 dormant, 6 up. */
  operState: attribute(16, u8),
  /** What kind of virtual interface it is: decodeLinkInfo. */
  linkInfo: attribute(18, octets),
  /** Free text of the administrator. */
  alias: attribute(20, zeroTerminated),
  /** Settings by family: decodeAddressGeneration. */
  familySettings: attribute(26, octets),
  /** The group of interfaces that it is in. */
  group: attribute(27, u32),
  /** 1 while the link has a carrier. */
  carrier: attribute(33, u8),
  /** Our number for the namespace that `base` is in; missing: this one. */
  baseNamespace: attribute(37, u32),
} as const

/** A message about one link: struct ifinfomsg and its attributes. <linux/rtnetlink.h> */
export interface LinkMessage {
  /** AF_UNSPEC for the link itself; AF_BRIDGE for its being a port of a bridge, AF_INET6 for its IPv6 settings. */
  readonly family: number
  /** ARPHRD_*: 1 Ethernet, 772 loopback. <linux/if_arp.h> */
  readonly hardwareType: number
  readonly index: number
  /** LINK_FLAG and others. */
  readonly flags: number
  /** Which flags a request is about. */
  readonly change: number
  readonly values: AttributeValues<typeof LINK_ATTRIBUTES>
  readonly unknown: readonly RawAttribute[]
}

export type LinkFailure = 'too-short' | AttributeFailure

/**
 * The body of an RTM_NEWLINK, RTM_DELLINK or RTM_GETLINK message.
 *   byte  bits  struct ifinfomsg, host byte order
 *   0     8     family
 *   2     16    hardware type
 *   4     32    index
 *   8     32    flags
 *   12    32    change
 *   16          attributes
 */
export function encodeLink(link: LinkMessage): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header[0] = link.family
  header.writeUInt16LE(link.hardwareType, 2)
  header.writeInt32LE(link.index, 4)
  header.writeUInt32LE(link.flags, 8)
  header.writeUInt32LE(link.change, 12)
  return Buffer.concat([header, encodeAttributes(LINK_ATTRIBUTES, link.values, link.unknown)])
}

/** Reads the body of a message about a link; unknown attributes are views of it. */
export function decodeLink(body: Buffer): Decoded<LinkMessage, LinkFailure> {
  if (body.length < HEADER_BYTES) return rejected('too-short')
  const attributes = decodeAttributes(LINK_ATTRIBUTES, body.subarray(HEADER_BYTES))
  if (!attributes.ok) return attributes
  return decoded({
    family: body[0] as number,
    hardwareType: body.readUInt16LE(2),
    index: body.readInt32LE(4),
    flags: body.readUInt32LE(8),
    change: body.readUInt32LE(12),
    ...attributes.value,
  })
}

/** The body of a request for all links. */
export const encodeLinkDump = (): Buffer => Buffer.alloc(HEADER_BYTES)

const HEADER_BYTES = 16
