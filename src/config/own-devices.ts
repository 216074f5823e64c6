import {type IpAddress, type IpFamily, ipFamily} from '../core/ip.ts'
import {familyOf} from './build/instance-addresses.ts'
import type {Config, GlobalConfig, InstanceConfig, VipConfig} from './config.ts'

/** An interface that the agent makes on top of another one. keepalived.conf(5), use_vmac and use_ipvlan. */
export interface OwnDevice {
  readonly type: 'macvlan' | 'ipvlan'
  /** At most 15 bytes. */
  readonly name: string
  /** The interface that it is on top of. */
  readonly base: string
  /** Of the addresses that it carries. */
  readonly family: IpFamily
  /** "00:00:5e:00:01:33"; an ipvlan has that of its base. */
  readonly mac: string | undefined
  readonly mode: 'private' | 'bridge' | 'vepa'
  /** An address that an ipvlan has all the time. */
  readonly address: {readonly address: IpAddress; readonly prefixLength: number} | undefined
  /** The group of interfaces that it is put into, a number or a name of /etc/iproute2/group. */
  readonly group: string | undefined
}

/** The interfaces of one virtual router. */
export interface OwnDevices {
  readonly own: {readonly ownDevice: OwnDevice | undefined; readonly transmitBase: boolean}
  readonly addressDevices: readonly OwnDevice[]
  /** The interface that an address goes to in place of the one that its line names; undefined: as the line says. */
  readonly deviceFor: (vip: VipConfig) => string | undefined
}

/** What interfaces are called where the text does not say. */
const DEFAULT_PREFIX = 'vrrp'
/** IFNAMSIZ without its zero. <linux/if.h> */
const LONGEST_NAME = 15

/**
 * The interfaces of all virtual routers, by the names of these. Names that are given are taken first; the others are
 * PREFIX.VRID, then for IPv6 PREFIX6.VRID, then PREFIX1.VRID and so on, in the order of the text: first that of the
 * virtual router, then those of its addresses. Two with one virtual MAC on one interface are the same. As keepalived
 * 2.2.7 does it, except that it also leaves out names of interfaces that it finds on the host.
 */
export function ownDevicesOf(config: Config): ReadonlyMap<string, OwnDevices> {
  const names = new DeviceNames(config.global)
  for (const instance of config.instances) {
    const given = instance.vmac?.name ?? instance.ipvlan?.name
    const base = instance.interface
    if (given !== undefined && base !== undefined) names.give(given, identityOf(instance, base), instance.name)
  }
  return new Map(config.instances.map(instance => [instance.name, devicesOf(instance, names)]))
}

/** The interfaces of a virtual router that has none of its own. */
export const NO_OWN_DEVICES: OwnDevices = {
  own: {ownDevice: undefined, transmitBase: false},
  addressDevices: [],
  deviceFor: () => undefined,
}

function devicesOf(instance: InstanceConfig, names: DeviceNames): OwnDevices {
  const family = familyOf(instance)
  const {interface: base} = instance
  const ownDevice = ownDeviceOf(instance, family, names)
  const addressDevices = new Map<string, OwnDevice>()
  const wants = ({device, flags}: VipConfig): boolean =>
    device !== undefined && device !== base && (instance.vmacForAddresses || flags?.includes('use_vmac') === true)
  for (const vip of [...instance.vips, ...instance.excludedVips]) {
    const {device} = vip
    if (device === undefined || !wants(vip) || addressDevices.has(keyOf(vip))) continue
    const vipFamily = ipFamily(vip.address)
    const mac = macFor(instance.vmac?.mac, vipFamily, instance.vrid)
    const name = names.forAddresses({vrid: instance.vrid, family: vipFamily, identity: `${device} ${mac}`})
    addressDevices.set(keyOf(vip), {...macvlan(name, device, mac), family: vipFamily})
  }
  return {
    own: {ownDevice, transmitBase: instance.vmacTransmitBase},
    addressDevices: [...addressDevices.values()],
    deviceFor: vip => {
      if (wants(vip)) return addressDevices.get(keyOf(vip))?.name
      // A virtual interface of one family has no addresses of the other: they go to the one below it.
      return ownDevice && vip.device === undefined && ipFamily(vip.address) !== family ? base : undefined
    },
  }
}

function ownDeviceOf(instance: InstanceConfig, family: IpFamily, names: DeviceNames): OwnDevice | undefined {
  const {vmac, ipvlan, vrid, interface: base} = instance
  if (base === undefined || !(vmac || ipvlan)) return undefined
  const name = names.forRouter({vrid, family, identity: identityOf(instance, base), router: instance.name})
  if (vmac) return {...macvlan(name, base, macFor(vmac.mac, family, vrid)), family, group: vmac.group}
  if (!ipvlan) return undefined
  const {address, prefixLength, mode, group} = ipvlan
  const held = address && {address, prefixLength: prefixLength ?? (ipFamily(address) === 4 ? 32 : 128)}
  return {type: 'ipvlan', name, base, family, mac: undefined, mode, address: held, group}
}

/** Addresses of each family on an interface have one of their own, since their virtual MACs differ. */
const keyOf = ({device, address}: VipConfig): string => `${device} ${ipFamily(address)}`

/** What the kernel tells two interfaces on top of one apart by: their MAC; ipvlans share that of their base. */
function identityOf(instance: InstanceConfig, base: string): string {
  const {vmac, vrid, name} = instance
  return vmac ? `${base} ${macFor(vmac.mac, familyOf(instance), vrid)}` : `${base} ipvlan ${name}`
}

interface Naming {
  readonly vrid: number
  readonly family: IpFamily
  readonly identity: string
}

/** Gives names to interfaces, each to one only. */
class DeviceNames {
  readonly #global: GlobalConfig
  readonly #byIdentity = new Map<string, string>()
  readonly #given = new Map<string, string>()
  readonly #taken = new Set<string>()

  constructor(global: GlobalConfig) {
    this.#global = global
  }

  /** Of two that are given one name the second has none. */
  give(name: string, identity: string, router: string): void {
    if (this.#taken.has(name) || this.#byIdentity.has(identity)) return
    this.#taken.add(name)
    this.#byIdentity.set(identity, name)
    this.#given.set(router, name)
  }

  forRouter(naming: Naming & {readonly router: string}): string {
    return this.#given.get(naming.router) ?? this.#name(naming, this.#global.vmacPrefix)
  }

  forAddresses(naming: Naming): string {
    return this.#name(naming, this.#global.vmacAddressPrefix ?? this.#global.vmacPrefix)
  }

  #name({vrid, family, identity}: Naming, prefix = DEFAULT_PREFIX): string {
    const known = this.#byIdentity.get(identity)
    if (known !== undefined) return known
    const infixes = ['', ...(family === 6 ? ['6'] : []), ...Array.from({length: MOST_NAMES}, (_, i) => String(i + 1))]
    const candidates = infixes.map(infix => longestThatFits(prefix, `${infix}.${vrid}`))
    const name = candidates.find(candidate => !this.#taken.has(candidate)) ?? longestThatFits(prefix, `.${vrid}`)
    this.#taken.add(name)
    this.#byIdentity.set(identity, name)
    return name
  }
}

/** More interfaces than one VRID has in a configuration that anybody writes. */
const MOST_NAMES = 1_024

const macvlan = (name: string, base: string, mac: string): Omit<OwnDevice, 'family'> => ({
  type: 'macvlan',
  name,
  base,
  mac,
  mode: 'private',
  address: undefined,
  group: undefined,
})

/** RFC 9568 section 7.3, or as given; of five octets given the VRID is the sixth. */
function macFor(given: string | undefined, family: IpFamily, vrid: number): string {
  const octet = (n: number): string => n.toString(16).padStart(2, '0')
  if (given === undefined) return `00:00:5e:00:0${family === 4 ? 1 : 2}:${octet(vrid)}`
  const octets = given.split(':').map(text => octet(Number.parseInt(text, 16)))
  return (octets.length === 5 ? [...octets, octet(vrid)] : octets).join(':')
}

const longestThatFits = (prefix: string, rest: string): string =>
  `${prefix.slice(0, LONGEST_NAME - rest.length)}${rest}`
