import {type Decoded, decoded, rejected} from '../decoded.ts'
import {
  type AttributeFailure,
  attribute,
  decodeAttributes,
  encodeAttributes,
  octets,
  u8,
  u16,
  u32,
  zeroTerminated,
} from './attributes.ts'

/** What kind of virtual interface a link is, and what its kind alone has. */
export type LinkInfo =
  | {readonly kind: 'macvlan'; readonly mode: number; readonly flags: number}
  | {readonly kind: 'ipvlan'; readonly mode: number; readonly flags: number}
  | {readonly kind: 'vrf'; readonly table: number}
  /** Any other kind, "veth" or "bridge", with its data as they are. */
  | {readonly kind: 'other'; readonly name: string; readonly data: Buffer | undefined}

/** MACVLAN_MODE_*. <linux/if_link.h> */
export const MACVLAN_MODE = {private: 1, vepa: 2, bridge: 4} as const
/** IPVLAN_MODE_L2: the kernel answers ARP for its addresses. <linux/if_link.h> */
export const IPVLAN_MODE_L2 = 0
/** IPVLAN_F_*; bridge is neither. <linux/if_link.h> */
export const IPVLAN_FLAG = {bridge: 0, private: 1, vepa: 2} as const

/** IFLA_INFO_*, the attributes within IFLA_LINKINFO. <linux/if_link.h> */
export const LINK_INFO_ATTRIBUTES = {
  kind: attribute(1, zeroTerminated),
  data: attribute(2, octets),
} as const

/** IFLA_MACVLAN_*. <linux/if_link.h> */
export const MACVLAN_ATTRIBUTES = {mode: attribute(1, u32), flags: attribute(2, u16)} as const

/** IFLA_IPVLAN_*. <linux/if_link.h> */
export const IPVLAN_ATTRIBUTES = {mode: attribute(1, u16), flags: attribute(2, u16)} as const

/** IFLA_VRF_*: the routing table of a VRF. <linux/if_link.h> */
export const VRF_ATTRIBUTES = {table: attribute(1, u32)} as const

/** Within IFLA_AF_SPEC, by family: AF_INET6 holds INET6_ATTRIBUTES. <linux/if_link.h> */
export const FAMILY_ATTRIBUTES = {inet6: attribute(10, octets)} as const

/** IFLA_INET6_*. <linux/if_link.h> */
export const INET6_ATTRIBUTES = {
  /** Where link-local addresses come from: ADDRESS_GENERATION. */
  addressGeneration: attribute(8, u8),
} as const

/** IN6_ADDR_GEN_MODE_*: from the hardware address, or not at all. <linux/if_link.h> */
export const ADDRESS_GENERATION = {eui64: 0, none: 1} as const

/** The value of IFLA_LINKINFO. */
export function encodeLinkInfo(info: LinkInfo): Buffer {
  const whole = (kind: string, data: Buffer | undefined): Buffer => encodeAttributes(LINK_INFO_ATTRIBUTES, {kind, data})
  switch (info.kind) {
    case 'macvlan':
      return whole('macvlan', encodeAttributes(MACVLAN_ATTRIBUTES, {mode: info.mode, flags: info.flags || undefined}))
    case 'ipvlan':
      return whole('ipvlan', encodeAttributes(IPVLAN_ATTRIBUTES, {mode: info.mode, flags: info.flags}))
    case 'vrf':
      return whole('vrf', encodeAttributes(VRF_ATTRIBUTES, {table: info.table}))
    case 'other':
      return whole(info.name, info.data)
  }
}

/** Reads the value of IFLA_LINKINFO; a kind without data has zeros. */
export function decodeLinkInfo(bytes: Buffer): Decoded<LinkInfo, AttributeFailure> {
  const outer = decodeAttributes(LINK_INFO_ATTRIBUTES, bytes)
  if (!outer.ok) return outer
  const {kind = '', data} = outer.value.values
  switch (kind) {
    case 'macvlan': {
      const inner = decodeAttributes(MACVLAN_ATTRIBUTES, data ?? NOTHING)
      if (!inner.ok) return inner
      return decoded({kind, mode: inner.value.values.mode ?? 0, flags: inner.value.values.flags ?? 0})
    }
    case 'ipvlan': {
      const inner = decodeAttributes(IPVLAN_ATTRIBUTES, data ?? NOTHING)
      if (!inner.ok) return inner
      return decoded({kind, mode: inner.value.values.mode ?? 0, flags: inner.value.values.flags ?? 0})
    }
    case 'vrf': {
      const inner = decodeAttributes(VRF_ATTRIBUTES, data ?? NOTHING)
      if (!inner.ok) return inner
      return decoded({kind, table: inner.value.values.table ?? 0})
    }
    default:
      return decoded({kind: 'other', name: kind, data})
  }
}

/** The value of IFLA_AF_SPEC that says where link-local addresses come from. */
export const encodeAddressGeneration = (mode: number): Buffer =>
  encodeAttributes(FAMILY_ATTRIBUTES, {inet6: encodeAttributes(INET6_ATTRIBUTES, {addressGeneration: mode})})

/** Where link-local addresses come from, out of the value of IFLA_AF_SPEC; undefined: no IPv6 on this link. */
export function decodeAddressGeneration(bytes: Buffer): Decoded<number | undefined, AttributeFailure> {
  const families = decodeAttributes(FAMILY_ATTRIBUTES, bytes)
  if (!families.ok) return families
  const inet6 = families.value.values.inet6
  if (inet6 === undefined) return decoded(undefined)
  const inner = decodeAttributes(INET6_ATTRIBUTES, inet6)
  return inner.ok ? decoded(inner.value.values.addressGeneration) : rejected(inner.failure)
}

const NOTHING = Buffer.alloc(0)
