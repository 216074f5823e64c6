import {type IpAddress, ipFamily, ipToBytes} from '../../core/ip.ts'
import type {Config, Position} from '../config.ts'

/** An address that a virtual server serves. */
export interface ServiceAddress {
  /** How a message names what says so. */
  readonly what: string
  readonly address: IpAddress
  readonly position: Position
  /** Its own programs may set the address. */
  readonly brought: boolean
}

/** The single addresses that virtual servers serve, directly or by a group, in their order. */
export function serviceAddresses({virtualServers, virtualServerGroups}: Config): readonly ServiceAddress[] {
  const groups = new Map(virtualServerGroups.map(group => [group.name, group.members]))
  return virtualServers.flatMap(({name, service, position, quorumUp}) => {
    const brought = quorumUp !== undefined
    if (service.type === 'address') {
      return [{what: `virtual_server ${name}`, address: service.address, position, brought}]
    }
    if (service.type !== 'group') return []
    const members = groups.get(service.group) ?? []
    return members.flatMap(member =>
      member.type === 'addresses' && member.first === member.last
        ? [{what: `virtual_server ${name}`, address: member.first, position: member.position, brought}]
        : [],
    )
  })
}

/** The addresses that a node has because of its configuration. */
export interface HeldAddresses {
  /** False when it lists no virtual address. */
  readonly any: boolean
  isVirtual(address: IpAddress): boolean
  /** Whether the network that an address is probably in has a virtual address. */
  isNear(address: IpAddress): boolean
}

/** Puts together what a node holds, always or while it is master. */
export function heldAddresses({instances, staticAddresses}: Config): HeldAddresses {
  const virtual = instances.flatMap(({vips, excludedVips}) => [...vips, ...excludedVips]).map(({address}) => address)
  const held = new Set([...virtual, ...staticAddresses.map(({address}) => address)])
  const networks = new Set(virtual.map(probableNetwork))
  return {
    any: virtual.length > 0,
    isVirtual: address => held.has(address),
    isNear: address => networks.has(probableNetwork(address)),
  }
}

/** The first 24 bits of an IPv4 address, or 64 of an IPv6 address: as long as the prefixes of most networks are. */
function probableNetwork(address: IpAddress): string {
  return ipToBytes(address)
    .subarray(0, ipFamily(address) === 4 ? 3 : 8)
    .toString('hex')
}
