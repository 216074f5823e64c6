import {macFromBytes} from '../arp/gratuitous-arp.ts'
import type {IpAddress, IpFamily} from '../ip.ts'
import type {InterfaceIndex} from '../units.ts'
import {ADDRESS_FAMILY, ADDRESS_FLAG, ADDRESS_MESSAGE_TYPE, type AddressMessage, decodeAddress} from './address.ts'
import {decodeLink, LINK_FLAG, LINK_MESSAGE_TYPE, type LinkMessage} from './link.ts'
import {decodeLinkInfo} from './link-info.ts'
import type {NetlinkMessage} from './message.ts'

/** A network interface as the kernel last described it. */
export interface Link {
  readonly index: InterfaceIndex
  readonly name: string
  /** IFF_UP and IFF_RUNNING: what a virtual router needs, as keepalived judges it. */
  readonly up: boolean
  /** IFF_UP: the administrator wants it. */
  readonly enabled: boolean
  readonly running: boolean
  readonly lowerUp: boolean
  readonly loopback: boolean
  /** ARPHRD_*: 1 Ethernet. <linux/if_arp.h> */
  readonly hardwareType: number
  /** RFC 2863: 6 up, 2 down, 0 unknown. */
  readonly operState: number
  readonly carrier: boolean
  /** Bytes. */
  readonly mtu: number
  /** "02:00:00:00:00:01"; empty where the link has no hardware address of six bytes. */
  readonly mac: string
  /** "macvlan", "veth"; empty for hardware. */
  readonly kind: string
  /** MACVLAN_MODE or IPVLAN_FLAG; undefined for other kinds. */
  readonly mode: number | undefined
  /** The routing table of a VRF; undefined for other kinds. */
  readonly table: number | undefined
  /** Index of the interface below it, where that is in this namespace. */
  readonly base: number | undefined
  /** Index of the bridge, bond or VRF that it belongs to. */
  readonly master: number | undefined
  /** Free text of the administrator; empty where there is none. */
  readonly alias: string
}

/** An address on an interface as the kernel last described it. */
export interface InterfaceAddress {
  readonly index: InterfaceIndex
  readonly family: IpFamily
  readonly address: IpAddress
  readonly prefixLength: number
  /** The other end of a point-to-point link; the address itself elsewhere. */
  readonly peer: IpAddress
  readonly broadcast: IpAddress | undefined
  readonly label: string | undefined
  /** RT_SCOPE_*: 0 global, 253 link, 254 host. */
  readonly scope: number
  /** IFA_F_*. */
  readonly flags: number
  /** IPv4: behind another address of its network. */
  readonly secondary: boolean
  /** IFAPROT_*, who put it there; 0 where nobody says. */
  readonly protocol: number
}

/** How a picture came to differ from what it was. */
export type NetworkChange =
  | {readonly type: 'link-appeared'; readonly link: Link}
  | {readonly type: 'link-changed'; readonly link: Link; readonly before: Link}
  | {readonly type: 'link-went'; readonly link: Link}
  | {readonly type: 'address-appeared'; readonly address: InterfaceAddress}
  | {readonly type: 'address-changed'; readonly address: InterfaceAddress; readonly before: InterfaceAddress}
  | {readonly type: 'address-went'; readonly address: InterfaceAddress}
  /** What was missed has been made up for by the changes before this one. */
  | {readonly type: 'resynchronised'}

/** Links by index, and the addresses of each index by identity. Changed in place: there are thousands at times. */
export interface NetworkPicture {
  readonly links: Map<number, Link>
  readonly addresses: Map<number, Map<string, InterfaceAddress>>
}

export const emptyPicture = (): NetworkPicture => ({links: new Map(), addresses: new Map()})

/**
 * Takes one message of a dump or of the kernel's notifications into the picture. Messages that are about something else
 * or cannot be read change nothing.
 */
export function applyMessage(picture: NetworkPicture, message: NetlinkMessage): readonly NetworkChange[] {
  switch (message.type) {
    case LINK_MESSAGE_TYPE.new:
    case LINK_MESSAGE_TYPE.delete: {
      const link = decodeLink(message.body)
      // A bridge tells of its ports by the same messages: a port that leaves is no link that went.
      if (!link.ok || link.value.family !== FAMILY_OF_LINKS || link.value.index < 1) return []
      return message.type === LINK_MESSAGE_TYPE.new
        ? putLink(picture, linkOf(link.value))
        : dropLink(picture, link.value.index)
    }
    case ADDRESS_MESSAGE_TYPE.new:
    case ADDRESS_MESSAGE_TYPE.delete: {
      const decodedMessage = decodeAddress(message.body)
      const address = decodedMessage.ok ? addressOf(decodedMessage.value) : undefined
      if (!address) return []
      return message.type === ADDRESS_MESSAGE_TYPE.new ? putAddress(picture, address) : dropAddress(picture, address)
    }
    default:
      return []
  }
}

/** What leads from one picture to another, in an order in which it could have happened. */
export function diffPictures(before: NetworkPicture, after: NetworkPicture): readonly NetworkChange[] {
  const changes: NetworkChange[] = []
  for (const [index, held] of before.addresses) {
    const kept = after.addresses.get(index)
    for (const [key, address] of held) if (!kept?.has(key)) changes.push({type: 'address-went', address})
  }
  for (const [index, link] of before.links) if (!after.links.has(index)) changes.push({type: 'link-went', link})
  for (const [index, link] of after.links) changes.push(...linkChange(before.links.get(index), link))
  for (const [index, held] of after.addresses) {
    const known = before.addresses.get(index)
    for (const [key, address] of held) changes.push(...addressChange(known?.get(key), address))
  }
  return changes
}

/** AF_UNSPEC. */
const FAMILY_OF_LINKS = 0
const MAC_BYTES = 6

function linkOf({index, flags, hardwareType, values}: LinkMessage): Link {
  const enabled = (flags & LINK_FLAG.up) !== 0
  const running = (flags & LINK_FLAG.running) !== 0
  return {
    index: index as InterfaceIndex,
    name: values.name ?? '',
    up: enabled && running,
    enabled,
    running,
    lowerUp: (flags & LINK_FLAG.lowerUp) !== 0,
    loopback: (flags & LINK_FLAG.loopback) !== 0,
    hardwareType,
    operState: values.operState ?? 0,
    carrier: values.carrier === 1,
    mtu: values.mtu ?? 0,
    mac: values.hardwareAddress?.length === MAC_BYTES ? macFromBytes(values.hardwareAddress) : '',
    ...kindOf(values.linkInfo),
    base: values.baseNamespace === undefined ? values.base : undefined,
    master: values.master,
    alias: values.alias ?? '',
  }
}

/** A kind whose data cannot be read is one that we do not know. */
function kindOf(bytes: Buffer | undefined): Pick<Link, 'kind' | 'mode' | 'table'> {
  const info = bytes && decodeLinkInfo(bytes)
  if (!info?.ok) return {kind: '', mode: undefined, table: undefined}
  switch (info.value.kind) {
    case 'macvlan':
      return {kind: 'macvlan', mode: info.value.mode, table: undefined}
    case 'ipvlan':
      return {kind: 'ipvlan', mode: info.value.flags, table: undefined}
    case 'vrf':
      return {kind: 'vrf', mode: undefined, table: info.value.table}
    case 'other':
      return {kind: info.value.name, mode: undefined, table: undefined}
  }
}

function addressOf({family, prefixLength, flags, scope, index, values}: AddressMessage): InterfaceAddress | undefined {
  const address = values.local ?? values.address
  const known = family === ADDRESS_FAMILY.ipv4 || family === ADDRESS_FAMILY.ipv6
  if (!known || address === undefined || index < 1) return undefined
  const allFlags = values.flags ?? flags
  return {
    index: index as InterfaceIndex,
    family: family === ADDRESS_FAMILY.ipv4 ? 4 : 6,
    address,
    prefixLength,
    peer: values.address ?? address,
    broadcast: values.broadcast,
    label: values.label,
    scope,
    flags: allFlags,
    // IPv6 gives the same bit to temporary addresses.
    secondary: family === ADDRESS_FAMILY.ipv4 && (allFlags & ADDRESS_FLAG.secondary) !== 0,
    protocol: values.protocol ?? 0,
  }
}

function putLink(picture: NetworkPicture, link: Link): readonly NetworkChange[] {
  const before = picture.links.get(link.index)
  picture.links.set(link.index, link)
  return linkChange(before, link)
}

function dropLink(picture: NetworkPicture, index: number): readonly NetworkChange[] {
  const changes: NetworkChange[] = []
  for (const address of picture.addresses.get(index)?.values() ?? []) changes.push({type: 'address-went', address})
  picture.addresses.delete(index)
  const link = picture.links.get(index)
  if (link) changes.push({type: 'link-went', link})
  picture.links.delete(index)
  return changes
}

function putAddress(picture: NetworkPicture, address: InterfaceAddress): readonly NetworkChange[] {
  let held = picture.addresses.get(address.index)
  if (held === undefined) {
    held = new Map()
    picture.addresses.set(address.index, held)
  }
  const key = identityOf(address)
  const before = held.get(key)
  held.set(key, address)
  return addressChange(before, address)
}

function dropAddress(picture: NetworkPicture, address: InterfaceAddress): readonly NetworkChange[] {
  const held = picture.addresses.get(address.index)
  const key = identityOf(address)
  const before = held?.get(key)
  if (held === undefined || before === undefined) return []
  held.delete(key)
  if (held.size === 0) picture.addresses.delete(address.index)
  return [{type: 'address-went', address: before}]
}

function linkChange(before: Link | undefined, link: Link): readonly NetworkChange[] {
  if (before === undefined) return [{type: 'link-appeared', link}]
  return sameFields(before, link) ? [] : [{type: 'link-changed', link, before}]
}

function addressChange(before: InterfaceAddress | undefined, address: InterfaceAddress): readonly NetworkChange[] {
  if (before === undefined) return [{type: 'address-appeared', address}]
  return sameFields(before, address) ? [] : [{type: 'address-changed', address, before}]
}

/** What the kernel tells two addresses of an interface apart by. */
const identityOf = ({address, prefixLength, peer}: InterfaceAddress): string => `${address}/${prefixLength} ${peer}`

function sameFields<Entry extends object>(a: Entry, b: Entry): boolean {
  for (const name of Object.keys(a) as (keyof Entry)[]) if (a[name] !== b[name]) return false
  return true
}
