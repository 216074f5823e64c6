import type {VipConfig} from '../../config/config.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import {type IpFamily, ipFamily} from '../../core/ip.ts'
import type {NodeSettings} from '../channel.ts'
import {deviceOf, heldBy, transmitDeviceOf} from './network-view.ts'

/** Which announcements have to keep a distance from each other, and which. */
export interface AnnouncementSpacing {
  /** Announcements with the same place keep it. */
  readonly place: string
  /** Least time between two of them, milliseconds; 0 means none. */
  readonly intervalMs: number
}

/**
 * The spacing of announcements of an address: that of the `garp_group` of its physical interface, or else the global
 * one on that interface alone. Gratuitous ARP and neighbour advertisements are counted apart. keepalived.conf(5)
 */
export function spacingOf(
  config: RouterConfig,
  vip: VipConfig,
  groups: NodeSettings['garpGroups'],
): AnnouncementSpacing {
  const family = ipFamily(vip.address)
  const device = physicalDeviceOf(config, vip)
  const number = groups.findIndex(({singleInterfaces, interfaces}) =>
    [...singleInterfaces, ...interfaces].some(({name}) => name === device),
  )
  const group = groups[number]
  if (!group) return {place: `${family} ${device}`, intervalMs: globalIntervalMs(config, family)}
  const intervalMs = family === 4 ? group.garpIntervalMs : group.gnaIntervalMs
  return {place: `${family} group ${number}`, intervalMs: intervalMs ?? 0}
}

/**
 * The addresses of `garp_extra_if`: the first on every interface but the one that advertises, which switches hear
 * anyway; only interfaces that were made for the virtual router unless it says `all`.
 */
export function extraVips(config: RouterConfig): readonly VipConfig[] {
  const own = new Set([config.ownDevice, ...config.addressDevices].map(device => device?.name))
  const seen = new Set([transmitDeviceOf(config)])
  return heldBy(config).filter(vip => {
    const device = deviceOf(config, vip)
    if (seen.has(device) || !(config.garp.extra.all || own.has(device))) return false
    seen.add(device)
    return true
  })
}

/** The interface below, where that of the address was made for the virtual router. */
function physicalDeviceOf(config: RouterConfig, vip: VipConfig): string {
  const device = deviceOf(config, vip)
  const own = [config.ownDevice, ...config.addressDevices].find(made => made?.name === device)
  return own?.base ?? device
}

const globalIntervalMs = ({garp}: RouterConfig, family: IpFamily): number =>
  family === 4 ? garp.intervalMs : garp.neighbourIntervalMs
