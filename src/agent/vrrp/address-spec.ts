import type {VipConfig, VipFlag} from '../../config/config.ts'
import {ipFamily, ipv4Broadcast, ipv4Network} from '../../core/ip.ts'
import {ADDRESS_FLAG} from '../../core/netlink/address.ts'
import type {InterfaceAddress} from '../../core/netlink/picture.ts'
import type {AddressSpec} from '../../kernel/addresses.ts'
import type {Network} from '../../kernel/network.ts'
import {type LinkLookup, type Translated, translated} from './link-lookup.ts'

/** A line of virtual_ipaddress and the like in the kernel's terms. keepalived.conf(5), virtual_ipaddress. */
export const addressSpecOf = (vip: VipConfig, device: string, links: LinkLookup): Translated<AddressSpec> =>
  translated(links, needs => ({
    index: needs.index(device),
    address: vip.address,
    prefixLength: prefixLengthOf(vip),
    scope: vip.scope ?? 0,
    flags: flagsOf(vip),
    ...(vip.peer === undefined ? {} : {peer: vip.peer.address}),
    ...(vip.label === undefined ? {} : {label: vip.label}),
    ...broadcastOf(vip),
    ...lifetimeOf(vip),
  }))

/** The length that the kernel shows: on a point-to-point link that of the other end. */
export const prefixLengthOf = ({peer, prefixLength}: Pick<VipConfig, 'peer' | 'prefixLength'>): number =>
  peer?.prefixLength ?? prefixLength

/** Whether the kernel has an address on an interface, with whatever options. */
export function isAddressPresent(
  network: Pick<Network, 'link' | 'addressesOf'>,
  vip: Pick<VipConfig, 'address' | 'prefixLength' | 'peer'>,
  device: string,
): boolean {
  const link = network.link(device)
  return link !== undefined && placesOf(network.addressesOf(link.index)).has(`${vip.address}/${prefixLengthOf(vip)}`)
}

/** By the list that they were made from: the network gives another list when an address comes or goes. */
const places = new WeakMap<readonly InterfaceAddress[], ReadonlySet<string>>()

function placesOf(held: readonly InterfaceAddress[]): ReadonlySet<string> {
  let found = places.get(held)
  if (!found) {
    found = new Set(held.map(({address, prefixLength}) => `${address}/${prefixLength}`))
    places.set(held, found)
  }
  return found
}

function broadcastOf(vip: VipConfig): Pick<AddressSpec, 'broadcast'> {
  if (vip.broadcast === undefined) return {}
  if (vip.broadcast === '+') return {broadcast: ipv4Broadcast(vip.address, vip.prefixLength)}
  if (vip.broadcast === '-') return {broadcast: ipv4Network(vip.address, vip.prefixLength)}
  return {broadcast: vip.broadcast}
}

const FLAGS: {readonly [Flag in VipFlag]?: number} = {
  home: ADDRESS_FLAG.home,
  mngtmpaddr: ADDRESS_FLAG.manageTemporary,
  noprefixroute: ADDRESS_FLAG.noPrefixRoute,
  autojoin: ADDRESS_FLAG.autojoin,
}

/** An IPv6 address is not looked for twice unless `-nodad` asks for it: it moves with somebody's knowledge. */
function flagsOf({address, flags = []}: VipConfig): number {
  const noDad = ipFamily(address) === 6 && !flags.includes('-nodad') ? ADDRESS_FLAG.noDad : 0
  return flags.reduce((bits, flag) => bits | (FLAGS[flag] ?? 0), noDad)
}

const LONGEST6 = 128

/** A lone IPv6 address is deprecated, so that nothing that starts here comes from it unless it is bound to it. */
function lifetimeOf(vip: VipConfig): Pick<AddressSpec, 'preferredLifetime'> {
  const {address, preferredLifetime: given} = vip
  if (ipFamily(address) === 4 || given === 'forever') return {}
  const seconds = given ?? (prefixLengthOf(vip) === LONGEST6 ? 0 : undefined)
  return seconds === undefined ? {} : {preferredLifetime: seconds}
}
