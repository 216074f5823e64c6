import type {VipConfig} from '../../config/config.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import type {Vip} from '../../control/model.ts'
import {type IpAddress, type IpFamily, ipToBytes} from '../../core/ip.ts'
import type {InterfaceAddress} from '../../core/netlink/picture.ts'
import type {InterfaceIndex} from '../../core/units.ts'
import type {Network} from '../../kernel/network.ts'
import {isAddressPresent} from './address-spec.ts'

/** Where the addresses of an instance go unless they name another interface. */
export const homeOf = ({ownDevice, interface: device}: RouterConfig): string => ownDevice?.name ?? device

/** Where the advertisements of an instance leave from; empty for unicast that needs no interface. */
export const transmitDeviceOf = (config: RouterConfig): string =>
  config.transmitBase ? config.interface : homeOf(config)

/** Where a VIP goes. */
export const deviceOf = (config: RouterConfig, vip: VipConfig): string => vip.device ?? homeOf(config)

/** All addresses that a master holds, those in the advertisement first. */
export const heldBy = ({vips, excludedVips}: RouterConfig): readonly VipConfig[] =>
  excludedVips.length === 0 ? vips : [...vips, ...excludedVips]

/** Every interface that an instance has to do with. */
export function interfacesOf(config: RouterConfig): ReadonlySet<string> {
  const {interface: device, ownDevice, addressDevices, tracks} = config
  const tracked = tracks.flatMap(({kind, name}) => (kind === 'interface' ? name : []))
  const bases = addressDevices.map(({base}) => base)
  const names = [
    device,
    ownDevice?.name ?? '',
    ...bases,
    ...heldBy(config).map(vip => deviceOf(config, vip)),
    ...tracked,
  ]
  return new Set(names.filter(name => name !== ''))
}

/** The interfaces whose loss is a fault by itself. keepalived.conf(5), dont_track_primary and no_track. */
export function watchedInterfaces(config: RouterConfig): ReadonlySet<string> {
  const watched = new Set<string>()
  if (config.trackPrimary) {
    for (const name of [config.interface, homeOf(config)]) if (name !== '') watched.add(name)
  }
  for (const vip of heldBy(config)) {
    if (vip.device !== undefined && !vip.flags?.includes('no_track')) watched.add(vip.device)
  }
  for (const {device, noTrack} of config.routes) if (device !== undefined && !noTrack) watched.add(device)
  for (const {device, outDevice, noTrack} of config.rules) {
    if (noTrack) continue
    for (const name of [device, outDevice]) if (name !== undefined) watched.add(name)
  }
  if (!config.trackPrimary) watched.delete(homeOf(config))
  return watched
}

/** The interface a VIP goes to, for a frame about it. */
export function linkOf(
  network: Network,
  config: RouterConfig,
  vip: VipConfig,
): {index: InterfaceIndex; mac: string} | undefined {
  const link = network.link(deviceOf(config, vip))
  return link?.mac ? {index: link.index, mac: link.mac} : undefined
}

/** Whether the kernel has a VIP on its interface. */
export function isPresent(network: Network, config: RouterConfig, vip: VipConfig): boolean {
  return isAddressPresent(network, vip, deviceOf(config, vip))
}

/** The VIPs of an instance as the API shows them. */
export const describeVips = (network: Network, config: RouterConfig, wanted: boolean): readonly Vip[] =>
  heldBy(config).map((vip, i) => ({
    address: vip.address,
    prefixLength: vip.prefixLength,
    interface: deviceOf(config, vip),
    label: vip.label ?? null,
    instance: config.name,
    advertised: i < config.vips.length,
    wanted,
    present: isPresent(network, config, vip),
  }))

/**
 * The address that advertisements leave from: the configured one, or else the first of the interface that is nobody's
 * VIP; over IPv6 the link-local one (RFC 9568 section 5.1.2.1), for unicast to other addresses a global one.
 */
export function sourceOf(
  network: Pick<Network, 'link' | 'addressesOf' | 'ownProtocol'>,
  config: RouterConfig,
  allVips: ReadonlySet<IpAddress>,
): IpAddress | undefined {
  if (config.source !== undefined) return config.source.address
  const device = config.family === 6 && !config.transmitBase ? homeOf(config) : config.interface
  const link = network.link(device)
  if (!link) return undefined
  const {sources} = indexOf(network.addressesOf(link.index))
  const usable = sources[config.family].filter(
    held => !allVips.has(held.address) && held.protocol !== network.ownProtocol,
  )
  if (config.family === 4) return (usable.find(held => !held.secondary) ?? usable[0])?.address
  const wantsGlobal =
    config.transport.type === 'unicast' && config.transport.peers.some(({address}) => !isLinkLocal(address))
  return usable.find(held => isLinkLocal(held.address) !== wantsGlobal)?.address
}

/** Whether this host has an address, on whatever interface. */
export const hasAddress = (network: Pick<Network, 'links' | 'addressesOf'>, address: IpAddress): boolean =>
  network.links.some(({index}) => indexOf(network.addressesOf(index)).addresses.has(address))

/** fe80::/10. RFC 4291 section 2.5.6. */
export function isLinkLocal(address: IpAddress): boolean {
  if (!address.startsWith('fe')) return false
  const [, second = 0] = ipToBytes(address)
  return (second & 0xc0) === 0x80
}

/** What is asked of the addresses of an interface again and again. */
interface AddressIndex {
  readonly addresses: ReadonlySet<IpAddress>
  readonly sources: {readonly [family in IpFamily]: readonly InterfaceAddress[]}
}

/** By the list that it was made from: the network gives another list when an address comes or goes. */
const indexes = new WeakMap<readonly InterfaceAddress[], AddressIndex>()

function indexOf(held: readonly InterfaceAddress[]): AddressIndex {
  let index = indexes.get(held)
  if (!index) {
    index = {
      addresses: new Set(held.map(({address}) => address)),
      sources: {4: held.filter(({family}) => family === 4), 6: held.filter(({family}) => family === 6)},
    }
    indexes.set(held, index)
  }
  return index
}
