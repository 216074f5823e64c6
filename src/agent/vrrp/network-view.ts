import type {VipConfig} from '../../config/config.ts'
import type {RouterConfig} from '../../config/router-config.ts'
import type {Vip} from '../../control/model.ts'
import type {IpAddress} from '../../core/ip.ts'
import type {InterfaceIndex} from '../../core/units.ts'
import type {Network} from '../../kernel/network.ts'

/** What the interfaces of an instance allow: reasons not to run, and the address to send from. */
export function linkConditions(
  network: Network,
  config: RouterConfig,
  allVips: ReadonlySet<IpAddress>,
): {readonly faults: readonly string[]; readonly source: IpAddress | undefined} {
  const faults: string[] = []
  for (const name of interfacesOf(config)) {
    const link = network.link(name)
    if (!link) faults.push(`interface ${name} does not exist`)
    else if (!link.up) faults.push(`interface ${name} is down`)
  }
  const source = sourceOf(network, config, allVips)
  if (source === undefined && faults.length === 0) faults.push(`interface ${config.interface} has no IPv4 address`)
  return {faults, source}
}

/** The interface of an instance, and those its addresses go to. */
export function interfacesOf(config: RouterConfig): ReadonlySet<string> {
  return new Set([config.interface, ...config.vips.flatMap(vip => vip.device ?? [])])
}

/** Where a VIP goes. */
export const deviceOf = (config: RouterConfig, vip: VipConfig): string => vip.device ?? config.interface

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
  const link = network.link(deviceOf(config, vip))
  if (!link) return false
  return network
    .addressesOf(link.index)
    .some(held => held.address === vip.address && held.prefixLength === vip.prefixLength)
}

/** The VIPs of an instance as the API shows them. */
export const describeVips = (network: Network, config: RouterConfig, wanted: boolean): readonly Vip[] =>
  config.vips.map(vip => ({
    address: vip.address,
    prefixLength: vip.prefixLength,
    interface: deviceOf(config, vip),
    label: vip.label ?? null,
    instance: config.name,
    wanted,
    present: isPresent(network, config, vip),
  }))

/** The interface's first primary IPv4 address that is nobody's VIP. */
function sourceOf(network: Network, config: RouterConfig, allVips: ReadonlySet<IpAddress>): IpAddress | undefined {
  const link = network.link(config.interface)
  if (!link) return undefined
  const candidates = network
    .addressesOf(link.index)
    .filter(held => held.family === 4 && !allVips.has(held.address) && held.protocol !== network.ownProtocol)
  return (candidates.find(held => !held.secondary) ?? candidates[0])?.address
}
