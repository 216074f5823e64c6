import {type IpAddress, ipFamily} from '../core/ip.ts'
import {
  ADDRESS_FAMILY,
  ADDRESS_FLAG,
  ADDRESS_MESSAGE_TYPE,
  type AddressMessage,
  encodeAddress,
} from '../core/netlink/address.ts'
import {MESSAGE_FLAG} from '../core/netlink/message.ts'
import type {InterfaceIndex} from '../core/units.ts'
import type {NetlinkRequest} from './netlink-requests.ts'

/** An address as it is to be, or to be no more; the kernel takes the first four to tell which it is. */
export interface AddressSpec {
  readonly index: InterfaceIndex
  readonly address: IpAddress
  /** Of the network of the peer, where there is one. */
  readonly prefixLength: number
  /** The other end of a point-to-point link. */
  readonly peer?: IpAddress
  /** RT_SCOPE_*: 0 global, 253 link, 254 host; 0 where it is left out. */
  readonly scope?: number
  readonly broadcast?: IpAddress
  /** Begins with the interface's name. */
  readonly label?: string
  /** IFA_F_*; where it is left out, an IPv6 address is not looked for twice: it moves with somebody's knowledge. */
  readonly flags?: number
  /** Seconds for which it is preferred (IPv6); for ever where it is left out. */
  readonly preferredLifetime?: number
  /** IFAPROT_*: who put it there; OWN_PROTOCOL where it is left out. */
  readonly protocol?: number
}

/** The protocol tag of addresses that hactl put on an interface, IFA_PROTO; shown as "proto 0x70". Linux 5.18. */
export const OWN_PROTOCOL = 0x70

/** Asks for an address; EEXIST where it is there already, with whatever scope and label. */
export function addressAddition(spec: AddressSpec): NetlinkRequest {
  const {address, flags = ipFamily(address) === 4 ? 0 : ADDRESS_FLAG.noDad, preferredLifetime, protocol} = spec
  const message = messageOf(spec)
  const body = encodeAddress({
    ...message,
    scope: spec.scope ?? 0,
    values: {
      ...message.values,
      label: spec.label,
      broadcast: spec.broadcast,
      cacheInfo: preferredLifetime === undefined ? undefined : lifetimes(preferredLifetime),
      flags: flags === 0 ? undefined : flags,
      protocol: protocol ?? OWN_PROTOCOL,
    },
  })
  return {type: ADDRESS_MESSAGE_TYPE.new, flags: MESSAGE_FLAG.create | MESSAGE_FLAG.exclusive, body}
}

/**
 * Takes off an address, whoever put it there; EADDRNOTAVAIL where it is not. Where it was the first of its network,
 * Linux takes the others of that network off with it, unless net.ipv4.conf.*.promote_secondaries is set.
 */
export const addressRemoval = (spec: AddressSpec): NetlinkRequest => ({
  type: ADDRESS_MESSAGE_TYPE.delete,
  flags: 0,
  body: encodeAddress(messageOf(spec)),
})

function messageOf({index, address, prefixLength, peer}: AddressSpec): AddressMessage {
  return {
    family: ipFamily(address) === 4 ? ADDRESS_FAMILY.ipv4 : ADDRESS_FAMILY.ipv6,
    prefixLength,
    flags: 0,
    scope: 0,
    index,
    // Without IFA_ADDRESS a removal would not look at the prefix length.
    values: {address: peer ?? address, local: address},
    unknown: [],
  }
}

const FOREVER = 0xffff_ffff

/** struct ifa_cacheinfo: preferred and valid lifetime in seconds, and two times that the kernel sets. */
function lifetimes(preferred: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(preferred, 0)
  bytes.writeUInt32LE(FOREVER, 4)
  return bytes
}
