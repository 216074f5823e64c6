import type {RouterConfig} from '../../config/router-config.ts'
import {parseIp} from '../../core/ip.ts'
import type {OwnedAddress} from '../channel.ts'
import type {Kernel} from './kernel.ts'
import {deviceOf} from './network-view.ts'

/**
 * Removes what an earlier run left and no instance names any more: what the state directory lists, and what carries
 * our mark in the kernel. Addresses of instances are their holders' affair. Resolves to what really was there.
 */
export async function removeLeftovers(
  {network, addresses}: Kernel,
  instances: readonly RouterConfig[],
  owned: readonly OwnedAddress[],
): Promise<readonly OwnedAddress[]> {
  const named = new Set(
    instances.flatMap(config => config.vips.map(vip => keyOf({...vip, interface: deviceOf(config, vip)}))),
  )
  const candidates = [...owned, ...markedAddresses(network)].filter(candidate => !named.has(keyOf(candidate)))
  const removed: OwnedAddress[] = []
  for (const candidate of new Map(candidates.map(entry => [keyOf(entry), entry])).values()) {
    const index = network.link(candidate.interface)?.index
    const address = parseIp(candidate.address)
    if (index === undefined || !address.ok) continue
    const {outcome} = await addresses.remove({index, address: address.value, prefixLength: candidate.prefixLength})
    if (outcome === 'done') removed.push(candidate)
  }
  return removed
}

const keyOf = (entry: OwnedAddress): string => `${entry.interface} ${entry.address}/${entry.prefixLength}`

function markedAddresses(network: Kernel['network']): readonly OwnedAddress[] {
  return network.links.flatMap(link =>
    network
      .addressesOf(link.index)
      .filter(held => held.protocol === network.ownProtocol)
      .map(held => ({interface: link.name, address: held.address, prefixLength: held.prefixLength})),
  )
}
