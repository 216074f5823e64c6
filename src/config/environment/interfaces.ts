import type {Config, InstanceConfig, Position} from '../config.ts'
import type {HostCheck} from './check.ts'
import {type InterfaceUse, interfaceUses} from './interface-uses.ts'

/** Checks of the interfaces that a configuration names. */
export const INTERFACE_CHECKS: readonly HostCheck[] = [
  (config, host, lack) => {
    if (config.global.dynamicInterfaces) return
    const made = madeInterfaces(config)
    const absent = new Map<string, InterfaceUse[]>()
    for (const use of interfaceUses(config)) {
      const {name} = use
      const earlier = absent.get(name)
      if (earlier) earlier.push(use)
      else if (!made.has(name) && host.interface(name) === 'absent') absent.set(name, [use])
    }
    for (const [name, uses] of absent) {
      const [first] = uses.toSorted((a, b) => a.position.line - b.position.line)
      if (!first) continue
      const {position, what} = first
      const more = uses.length > 1 ? ` (named ${uses.length} times)` : ''
      const message = `${what}: this host has no interface ${name}${more}`
      lack('interface-absent', position, message, 'correct the name, or use dynamic_interfaces if it comes later')
    }
  },
  (config, host, lack) => {
    const told = new Set<string>()
    for (const instance of config.instances) {
      const {name, interface: device, dontTrackPrimary} = instance
      const found = device === undefined ? 'absent' : host.interface(device)
      if (device === undefined || typeof found === 'string' || dontTrackPrimary || told.has(device)) continue
      if (found.running !== false) continue
      told.add(device)
      const message = `${name}: the interface ${device} is down now, so its virtual routers would be in fault`
      lack('interface-down', at(instance), message, `ip link set ${device} up, or plug it in`)
    }
  },
  (config, host, lack) => {
    for (const instance of config.instances) {
      const {name, interface: device, unicastPeers} = instance
      const found = device === undefined || unicastPeers.length > 0 ? 'absent' : host.interface(device)
      if (typeof found === 'string' || found.multicast !== false) continue
      const message = `${name}: the interface ${device} has no multicast, by which it is to advertise`
      lack('interface-without-multicast', at(instance), message, 'list the other nodes in unicast_peer')
    }
  },
]

const at = ({at: {interface: given}, position}: InstanceConfig): Position => given ?? position

/** Interfaces that are made when the configuration is put into effect. */
function madeInterfaces({instances, global}: Config): ReadonlySet<string> {
  const made = new Set<string>()
  for (const {vmac, ipvlan, vrid, vmacForAddresses} of instances) {
    if (vmac || ipvlan || vmacForAddresses) {
      const prefix = global.vmacPrefix ?? 'vrrp'
      for (const middle of ['', '4', '6']) made.add(`${prefix}${middle}.${vrid}`)
    }
    if (vmac?.name !== undefined) made.add(vmac.name)
    if (ipvlan?.name !== undefined) made.add(ipvlan.name)
  }
  return made
}
