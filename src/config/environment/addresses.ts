import {type IpAddress, type IpFamily, ipFamily, ipToBytes} from '../../core/ip.ts'
import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {InstanceConfig, VipConfig} from '../config.ts'
import type {HostCheck} from './check.ts'
import type {HostAddress, HostView} from './host.ts'

/** Checks of addresses against those that this host has. */
export const ADDRESS_CHECKS: readonly HostCheck[] = [
  ({instances}, host, lack) => {
    for (const instance of instances) {
      const {name, interface: device, source, unicastPeers, ipvlan, position, at} = instance
      if (device === undefined || source || ipvlan) continue
      const family = familyOf(instance)
      const found = host.interface(device)
      if (typeof found === 'string' || found.addresses === 'unknown' || found.running === false) continue
      if (found.addresses.some(({address}) => ipFamily(address) === family)) continue
      const needs = unicastPeers.length > 0 ? 'unicast_src_ip' : 'mcast_src_ip'
      const message = `${name}: ${device} has no IPv${family} address of its own to advertise from`
      lack('interface-without-address', at.interface ?? position, message, `give it one, or set ${needs}`)
    }
  },
  ({instances}, host, lack) => {
    for (const {name, source, unicastPeers, vmac, at, position} of instances) {
      // With multicast an address that one does not have works all the same.
      if (!source || unicastPeers.length === 0 || vmac || !allKnown(instances, host)) continue
      if (host.holderOf(source.address) !== undefined || mayUseAnyAddress(ipFamily(source.address), host)) continue
      const message = `${name}: this host does not have ${source.address}, so the virtual router stays in fault`
      lack('source-not-here', at.source ?? position, message, 'use an address of this node')
    }
  },
  ({instances}, host, lack) => {
    for (const {name, source, unicastPeers} of instances) {
      for (const {address, position} of unicastPeers) {
        const holder = address === source?.address ? undefined : host.holderOf(address)
        if (holder === undefined) continue
        const message = `${name}: the peer ${address} is this host itself (${holder})`
        lack('peer-is-here', position, message, 'list the other nodes only')
      }
    }
  },
  ({instances}, host, lack) => {
    if (host.running !== undefined) return
    for (const {name, priority, vips, excludedVips} of instances) {
      if (priority === OWNER_PRIORITY) continue
      for (const {address, position} of [...vips, ...excludedVips]) {
        const holder = host.holderOf(address)
        if (holder === undefined) continue
        const what = `${holder} has ${address} already, although nothing runs here that would hold it as master`
        const message = `${name}: ${what}`
        const hint = 'remove it from the network configuration, or set priority 255 if this host owns it'
        lack('vip-already-here', position, message, hint)
      }
    }
  },
  ({instances}, host, lack) => {
    for (const instance of instances) {
      const foreign = foreignVips(instance, host)
      const [lone, ...otherLone] = foreign.filter(({vip}) => isLone(vip))
      if (lone) {
        const {vip, device} = lone
        const what = `no address of ${device} is in a network with ${vip.address}${andMore(otherLone)}`
        lack(
          'vip-off-subnet',
          vip.position,
          `${instance.name}: ${what}`,
          'neighbours reach it only by a route to this host',
        )
      }
      const [bringing, ...others] = foreign.filter(({vip}) => !isLone(vip))
      if (!bringing) continue
      const {vip, device} = bringing
      const {address, prefixLength, position} = vip
      const message =
        `${instance.name}: ${device} has no address of its own in the network of ${address}/${prefixLength}` +
        andMore(others)
      lack('vip-other-network', position, message, 'right if only the master is to have an address there')
    }
  },
]

const familyOf = ({vips, nativeIpv6}: InstanceConfig): IpFamily => {
  const first = vips[0]
  return nativeIpv6 ? 6 : first ? ipFamily(first.address) : 4
}

/** What an interface has besides the virtual addresses; undefined: it is not known. */
function ownAddresses(instance: InstanceConfig, device: string, host: HostView): readonly HostAddress[] | undefined {
  const found = host.interface(device)
  if (typeof found === 'string' || found.addresses === 'unknown' || found.running === false) return undefined
  const virtual = new Set([...instance.vips, ...instance.excludedVips].map(({address}) => address))
  return found.addresses.filter(({address}) => !virtual.has(address))
}

/** Where no interface is known, an address that is not found may be there all the same. */
const allKnown = (instances: readonly InstanceConfig[], host: HostView): boolean =>
  instances.every(({interface: device}) => {
    const found = device === undefined ? 'absent' : host.interface(device)
    return found === 'absent' || (found !== 'unknown' && found.addresses !== 'unknown' && found.running !== false)
  })

/** Whether a socket may be bound to an address of another host. ip(7) ip_nonlocal_bind. */
const mayUseAnyAddress = (family: IpFamily, host: HostView): boolean =>
  host.sysctl(`net/ipv${family}/ip_nonlocal_bind`) === '1'

interface ForeignVip {
  readonly vip: VipConfig
  readonly device: string
}

/** The virtual addresses that are in no network of their interface; a lone one may be in that of another. */
function foreignVips(instance: InstanceConfig, host: HostView): readonly ForeignVip[] {
  const all = [...instance.vips, ...instance.excludedVips]
  const brought = networksOf(all.filter(vip => !isLone(vip)))
  const found: ForeignVip[] = []
  for (const vip of all) {
    const device = vip.device ?? instance.interface
    const own = device === undefined ? undefined : ownAddresses(instance, device, host)
    if (device === undefined || own === undefined || vip.peer || !isForeign(vip, own)) continue
    if (!isLone(vip) || !brought.some(network => inNetwork(vip.address, network))) found.push({vip, device})
  }
  return found
}

/** The networks of addresses, each once. */
function networksOf(addresses: readonly HostAddress[]): readonly HostAddress[] {
  const networks: HostAddress[] = []
  for (const address of addresses) {
    if (networks.length >= MAX_NETWORKS) break
    const known = networks.some(
      network => network.prefixLength === address.prefixLength && inNetwork(address.address, network),
    )
    if (!known) networks.push(address)
  }
  return networks
}

const MAX_NETWORKS = 64

/** Whether an address brings no network with it. */
const isLone = ({address, prefixLength}: VipConfig): boolean => prefixLength === (ipFamily(address) === 4 ? 32 : 128)

const andMore = (others: readonly unknown[]): string => (others.length > 0 ? ` (and ${others.length} more)` : '')

/** True when the interface has addresses of that family, and none is in a network with this one. */
function isForeign({address, prefixLength}: VipConfig, own: readonly HostAddress[]): boolean {
  const family = ipFamily(address)
  const same = own.filter(other => ipFamily(other.address) === family && !isLinkLocal(other.address))
  if (same.length === 0 || isLinkLocal(address)) return false
  return !same.some(other => inNetwork(address, other) || inNetwork(other.address, {address, prefixLength}))
}

const isLinkLocal = (address: IpAddress): boolean => /^fe[89ab]/.test(address)

function inNetwork(address: IpAddress, {address: other, prefixLength}: HostAddress): boolean {
  const a = ipToBytes(address)
  const b = ipToBytes(other)
  const whole = prefixLength >> 3
  if (a.length !== b.length || !a.subarray(0, whole).equals(b.subarray(0, whole))) return false
  const rest = 8 - (prefixLength & 7)
  return rest === 8 || (a[whole] ?? 0) >> rest === (b[whole] ?? 0) >> rest
}
