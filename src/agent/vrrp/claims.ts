import type {IpAddress} from '../../core/ip.ts'
import type {WatchedInterface} from '../../kernel/address-conflict-watch.ts'
import type {Network} from '../../kernel/network.ts'
import {deviceOf, heldBy} from './network-view.ts'
import {isMaster, type Router} from './router.ts'

/** Where others may claim the addresses of masters, and the hardware addresses that are no claim of others. */
export function claimable(routers: readonly Router[], network: Network): readonly WatchedInterface[] {
  const vips = new Map<string, Set<IpAddress>>()
  for (const router of routers) {
    if (!isMaster(router) || router.observed) continue
    for (const vip of heldBy(router.config)) {
      const device = deviceOf(router.config, vip)
      const there = vips.get(device) ?? new Set()
      vips.set(device, there.add(vip.address))
    }
  }
  // Another interface of this host on the same segment may answer too: it reaches the same addresses.
  const ownMacs = new Set(network.links.map(({mac}) => mac).filter(mac => mac !== ''))
  return [...vips].flatMap(([name, addresses]): readonly WatchedInterface[] => {
    const link = network.link(name)
    if (!link || link.loopback) return []
    return [{name, index: link.index, vips: [...addresses], ownMacs}]
  })
}
