import type {IpAddress, IpFamily} from '../core/ip.ts'
import {familyOf} from './build/instance-addresses.ts'
import type {Config, GlobalConfig, InstanceConfig, VipConfig} from './config.ts'

/** An interface that the agent makes on top of another one. keepalived.conf(5), use_vmac and use_ipvlan. */
export interface OwnDevice {
  readonly type: 'macvlan' | 'ipvlan'
  /** At most 15 bytes. */
  readonly name: string
  /** The interface that it is on top of. */
  readonly base: string
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
  /** The interface that is made for an address on another interface; undefined where none is. */
  readonly deviceFor: (vip: VipConfig) => string | undefined
}

/** What interfaces are called where the text does not say. */
const DEFAULT_PREFIX = 'vrrp'
/** IFNAMSIZ without its zero. <linux/if.h> */
const LONGEST_NAME = 15

/**
 * The names of the interfaces of virtual routers, by virtual router: as given, or PREFIX.VRID, with a 6 behind the
 * prefix for IPv6, or a number when that is taken, as keepalived does it.
 */
export function vmacNames(config: Config): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const wanting = config.instances.filter(({vmac, ipvlan}) => vmac ?? ipvlan)
  for (const {name, vmac, ipvlan} of wanting) {
    const given = vmac?.name ?? ipvlan?.name
    if (given === undefined || taken.has(given)) continue
    taken.add(given)
    names.set(name, given)
  }
  for (const instance of wanting) {
    if (names.has(instance.name)) continue
    const prefix = config.global.vmacPrefix ?? DEFAULT_PREFIX
    const found = freeName(prefix, instance.vrid, familyOf(instance), taken)
    taken.add(found)
    names.set(instance.name, found)
  }
  return names
}

/** The interfaces that a virtual router needs of its own. */
export function ownDevicesOf(
  instance: InstanceConfig,
  family: IpFamily,
  global: GlobalConfig,
  name: string | undefined,
): OwnDevices {
  const {vmac, ipvlan, vrid, interface: base, vmacTransmitBase: transmitBase} = instance
  const mac = vmac?.mac ?? undefined
  const ownDevice: OwnDevice | undefined =
    name === undefined || base === undefined
      ? undefined
      : vmac
        ? {...macvlan(name, base, macFor(mac, family, vrid)), group: vmac.group}
        : ipvlan && {
            type: 'ipvlan',
            name,
            base,
            mac: undefined,
            mode: ipvlan.mode,
            address:
              ipvlan.address === undefined
                ? undefined
                : {address: ipvlan.address, prefixLength: ipvlan.prefixLength ?? (family === 4 ? 32 : 128)},
            group: ipvlan.group,
          }
  const addressDevices = new Map<string, OwnDevice>()
  const wants = ({device, flags}: VipConfig): boolean =>
    device !== undefined && device !== base && (instance.vmacForAddresses || flags?.includes('use_vmac') === true)
  for (const vip of [...instance.vips, ...instance.excludedVips]) {
    const {device} = vip
    if (device === undefined || !wants(vip) || addressDevices.has(device)) continue
    const prefix = global.vmacAddressPrefix ?? global.vmacPrefix ?? DEFAULT_PREFIX
    const taken = new Set([...addressDevices.values()].map(each => each.name).concat(name ?? []))
    const own = freeName(prefix, vrid, family, taken)
    addressDevices.set(device, macvlan(own, device, macFor(mac, family, vrid)))
  }
  return {
    own: {ownDevice, transmitBase},
    addressDevices: [...addressDevices.values()],
    deviceFor: vip => (wants(vip) ? addressDevices.get(vip.device ?? '')?.name : undefined),
  }
}

const macvlan = (name: string, base: string, mac: string): OwnDevice => ({
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

function freeName(prefix: string, vrid: number, family: IpFamily, taken: ReadonlySet<string>): string {
  const candidates = [...(family === 4 ? [''] : ['6']), ...Array.from({length: 255}, (_, i) => String(i + 1))]
  const names = candidates.map(infix => longestThatFits(prefix, `${infix}.${vrid}`))
  return names.find(name => !taken.has(name)) ?? (names[0] as string)
}

const longestThatFits = (prefix: string, rest: string): string => `${prefix.slice(0, LONGEST_NAME - rest.length)}${rest}`
