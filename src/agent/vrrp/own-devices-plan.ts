import type {OwnDevice} from '../../config/own-devices.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import {MACVLAN_MODE} from '../../core/netlink/link-info.ts'
import type {Link} from '../../core/netlink/picture.ts'
import type {WantedSysctl} from './own-devices-sysctls.ts'

/** The alias of interfaces that the agent made: "ip link" shows it, and after an unclean end they are known by it. */
export const OWN_ALIAS = 'hactl'

/** An interface that some virtual router needs. */
export interface WantedDevice {
  readonly device: OwnDevice
  /** Whether it needs the link-local address of the interface below it, to send from. */
  readonly linkLocal: boolean
}

/** The links of this namespace, for looking up. */
export interface Links {
  readonly byName: ReadonlyMap<string, Link>
  readonly byIndex: ReadonlyMap<number, Link>
}

/** What is to be done about one interface. */
export type Verdict =
  | {readonly type: 'keep'; readonly link: Link; readonly base: Link}
  | {readonly type: 'make'; readonly base: Link}
  /** Another one of ours, or one that stands in the way, goes first. */
  | {readonly type: 'remove'; readonly link: Link}
  | {readonly type: 'refuse'; readonly reason: string}

/** Makes the links ready for looking up. */
export const linksOf = (links: readonly Link[]): Links => ({
  byName: new Map(links.map(link => [link.name, link])),
  byIndex: new Map(links.map(link => [link.index, link])),
})

/** The interfaces that these virtual routers need, each once. */
export function wantedDevices(routers: readonly RouterConfig[]): readonly WantedDevice[] {
  const wanted = new Map<string, WantedDevice>()
  const want = (device: OwnDevice, linkLocal: boolean): void => {
    const known = wanted.get(device.name)
    wanted.set(device.name, known ? {...known, linkLocal: known.linkLocal || linkLocal} : {device, linkLocal})
  }
  for (const {ownDevice, addressDevices, transmitBase} of routers) {
    // Advertisements and announcements of IPv6 come from a link-local address of the interface that they leave from.
    if (ownDevice) want(ownDevice, ownDevice.family === 6 && ownDevice.address === undefined && !transmitBase)
    for (const device of addressDevices) want(device, device.family === 6)
  }
  return [...wanted.values()]
}

/**
 * The virtual routers with the names that their interfaces have: a macvlan in private mode that somebody made on the
 * same interface with the same MAC address is taken as it is, since the kernel brings no second one up.
 */
export function withFoundNames(routers: readonly RouterConfig[], links: readonly Link[]): readonly RouterConfig[] {
  const {byName} = linksOf(links)
  const found = new Map<string, string>()
  for (const {device} of wantedDevices(routers)) {
    const base = byName.get(device.base)
    if (device.type !== 'macvlan' || base === undefined || byName.has(device.name)) continue
    const match = links.find(link => link.alias !== OWN_ALIAS && isDevice(link, device, base))
    if (match) found.set(device.name, match.name)
  }
  if (found.size === 0) return routers
  const named = (device: OwnDevice): OwnDevice => ({...device, name: found.get(device.name) ?? device.name})
  return routers.map(router => {
    const own = new Set(router.addressDevices.map(({name}) => name))
    const placed = <Vip extends {readonly device?: string | undefined}>(vip: Vip): Vip => {
      const name = vip.device !== undefined && own.has(vip.device) ? found.get(vip.device) : undefined
      return name === undefined ? vip : {...vip, device: name}
    }
    return {
      ...router,
      ownDevice: router.ownDevice && named(router.ownDevice),
      addressDevices: router.addressDevices.map(named),
      vips: router.vips.map(placed),
      excludedVips: router.excludedVips.map(placed),
    }
  })
}

/** The part of `Links` that one interface is judged by. */
export interface LinkTables {
  readonly byName: Pick<Links['byName'], 'get'>
  readonly byIndex: Pick<Links['byIndex'], 'get'>
}

/** Looks at what is there, and says what is to be done. */
export function judge(device: OwnDevice, {byName, byIndex}: LinkTables): Verdict {
  const base = byName.get(device.base)
  if (base === undefined) return {type: 'refuse', reason: `interface ${device.base} does not exist`}
  const link = byName.get(device.name)
  if (link === undefined) return {type: 'make', base}
  // On top of a macvlan the kernel takes the interface below that one.
  const lowest = base.kind === device.type ? (byIndex.get(base.base ?? 0) ?? base) : base
  if (isDevice(link, device, lowest)) return {type: 'keep', link, base}
  const replaceable = link.alias === OWN_ALIAS || (device.type === 'macvlan' && isPrivateMacvlan(link))
  if (replaceable) return {type: 'remove', link}
  const kind = device.type === 'macvlan' ? 'macvlan in private mode' : 'ipvlan of ours'
  return {type: 'refuse', reason: `interface ${device.name} exists already and is no ${kind}`}
}

/** Why what has the name of an interface is not that interface; undefined: it is, or there is none. */
export function strangerText(device: OwnDevice, links: LinkTables): string | undefined {
  const verdict = judge(device, links)
  if (verdict.type === 'remove') return `interface ${device.name} is replaced`
  return verdict.type === 'refuse' ? verdict.reason : undefined
}

/**
 * The settings of the interfaces and of those below them, the same as keepalived 2.2.7 makes, except that virtual
 * interfaces of IPv6 do not listen to router advertisements.
 */
export function settingsOf(kept: ReadonlyMap<OwnDevice, Link>, bases: ReadonlyMap<string, Link>): WantedSysctl[] {
  const settings: WantedSysctl[] = []
  for (const [{family, type}, {name, index}] of kept) {
    const set = (of: 4 | 6, setting: string, value: string): void => {
      settings.push({family: of, interface: name, index, name: setting, value})
    }
    if (family === 6) {
      // A virtual MAC address must not become an address of this host, nor its segment the way out.
      set(6, 'accept_ra', '0')
      set(6, 'autoconf', '0')
      continue
    }
    set(6, 'disable_ipv6', '1')
    if (type !== 'macvlan') continue
    // ARP is answered for the addresses of the interface itself only, packets from addresses of this host are taken,
    // and the way back may lead over the interface below.
    set(4, 'arp_ignore', '1')
    set(4, 'accept_local', '1')
    set(4, 'rp_filter', '0')
    set(4, 'promote_secondaries', '1')
  }
  for (const {name, index} of bases.values()) {
    settings.push({family: 4, interface: name, index, name: 'arp_ignore', value: '1'})
    settings.push({family: 4, interface: name, index, name: 'arp_filter', value: '1'})
  }
  return settings
}

/** The interfaces whose other addresses stay when the first of their network goes: `promote_secondaries`. */
export function promotions(routers: readonly RouterConfig[], {byName}: Links): readonly WantedSysctl[] {
  const names = new Set(
    routers.flatMap(({promoteSecondaries, interface: device}) => (promoteSecondaries ? device : [])),
  )
  return [...names].flatMap(name => {
    const index = byName.get(name)?.index
    return index === undefined ? [] : {family: 4, interface: name, index, name: 'promote_secondaries', value: '1'}
  })
}

/** The number of a group of interfaces; undefined: it has a name that nobody looked up. */
export function groupNumber(group: string): number | undefined {
  if (group === 'default') return 0
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(group) ? Number(group) : Number.NaN
  return value <= 0xffff_ffff ? value : undefined
}

function isDevice(link: Link, {type, mac, mode}: OwnDevice, base: Link): boolean {
  if (link.kind !== type || link.base !== base.index) return false
  // All ipvlans of an interface have one mode, that of the last: a different one is none of its own.
  return type === 'ipvlan' || (link.mac === mac && link.mode === MACVLAN_MODE[mode])
}

const isPrivateMacvlan = ({kind, mode}: Link): boolean => kind === 'macvlan' && mode === MACVLAN_MODE.private
