import {type Decoded, decoded, rejected} from '../decoded.ts'
import {
  type AttributeFailure,
  type AttributeValues,
  attribute,
  decodeAttributes,
  encodeAttributes,
  ipAddress,
  octets,
  type RawAttribute,
  u8,
  u32,
  zeroTerminated,
} from './attributes.ts'

/** RTM_* of addresses. <linux/rtnetlink.h> */
export const ADDRESS_MESSAGE_TYPE = {new: 20, delete: 21, get: 22} as const

/** RTNLGRP_IPV4_IFADDR and RTNLGRP_IPV6_IFADDR, the groups that hear of addresses. <linux/rtnetlink.h> */
export const GROUP_IPV4_ADDRESS = 5
export const GROUP_IPV6_ADDRESS = 9

/** AF_* as messages name the families. <bits/socket.h> */
export const ADDRESS_FAMILY = {unspecified: 0, ipv4: 2, ipv6: 10} as const

/** IFA_F_*. <linux/if_addr.h> */
export const ADDRESS_FLAG = {
  secondary: 0x01,
  noDad: 0x02,
  dadFailed: 0x08,
  home: 0x10,
  tentative: 0x40,
  permanent: 0x80,
  manageTemporary: 0x100,
  noPrefixRoute: 0x200,
  autojoin: 0x400,
} as const

/** IFA_*. <linux/if_addr.h> */
export const ADDRESS_ATTRIBUTES = {
  /** The address; on a point-to-point link the peer's. */
  address: attribute(1, ipAddress),
  /** The address of this host; IPv6 has it on point-to-point links only. */
  local: attribute(2, ipAddress),
  label: attribute(3, zeroTerminated),
  broadcast: attribute(4, ipAddress),
  /** struct ifa_cacheinfo: preferred and valid lifetime in seconds, created and updated in hundredths of a second. */
  cacheInfo: attribute(6, octets),
  /** All flags; the header has room for eight of them only. */
  flags: attribute(8, u32),
  /** IFAPROT_*: who put it there. Linux 5.18. */
  protocol: attribute(11, u8),
} as const

/** A message about one address: struct ifaddrmsg and its attributes. <linux/if_addr.h> */
export interface AddressMessage {
  readonly family: number
  readonly prefixLength: number
  /** The lowest eight flags. */
  readonly flags: number
  /** RT_SCOPE_*: 0 global, 253 link, 254 host. <linux/rtnetlink.h> */
  readonly scope: number
  readonly index: number
  readonly values: AttributeValues<typeof ADDRESS_ATTRIBUTES>
  readonly unknown: readonly RawAttribute[]
}

export type AddressFailure = 'too-short' | AttributeFailure

/**
 * The body of an RTM_NEWADDR, RTM_DELADDR or RTM_GETADDR message.
 *   byte  bits  struct ifaddrmsg, host byte order
 *   0     8     family
 *   1     8     prefix length
 *   2     8     flags
 *   3     8     scope
 *   4     32    interface index
 *   8           attributes
 */
export function encodeAddress(address: AddressMessage): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header[0] = address.family
  header[1] = address.prefixLength
  header[2] = address.flags
  header[3] = address.scope
  header.writeUInt32LE(address.index, 4)
  return Buffer.concat([header, encodeAttributes(ADDRESS_ATTRIBUTES, address.values, address.unknown)])
}

/** Reads the body of a message about an address; unknown attributes are views of it. */
export function decodeAddress(body: Buffer): Decoded<AddressMessage, AddressFailure> {
  if (body.length < HEADER_BYTES) return rejected('too-short')
  const attributes = decodeAttributes(ADDRESS_ATTRIBUTES, body.subarray(HEADER_BYTES))
  if (!attributes.ok) return attributes
  return decoded({
    family: body[0] as number,
    prefixLength: body[1] as number,
    flags: body[2] as number,
    scope: body[3] as number,
    index: body.readUInt32LE(4),
    ...attributes.value,
  })
}

/** The body of a request for all addresses of all families. */
export const encodeAddressDump = (): Buffer => Buffer.alloc(HEADER_BYTES)

const HEADER_BYTES = 8
