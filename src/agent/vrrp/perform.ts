import type {VipConfig} from '../../config/config.ts'
import {unreachable} from '../../core/never.ts'
import {LEAVING_PRIORITY} from '../../core/vrrp/config.ts'
import {encodeOutgoing} from '../../core/vrrp/send.ts'
import type {VrrpAction} from '../../core/vrrp/state.ts'
import {digests} from '../../kernel/digests.ts'
import {objectsOf} from './held-object.ts'
import {heldVips} from './hold-objects.ts'
import type {Kernel} from './kernel.ts'
import {linkOf} from './network-view.ts'
import type {Router} from './router.ts'
import {socketDeviceOf} from './socket-need.ts'

/** What the machine orders to be done, without what is only told. */
export type Order = Exclude<VrrpAction, {type: 'report-lower-priority'}>

/** Carries one order of the machine out. Never waits: what the kernel has to do goes on behind it. */
export function perform(kernel: Kernel, router: Router, order: Order): void {
  switch (order.type) {
    case 'send-advertisement':
      sendAdvertisement(kernel, router, order)
      return
    case 'add-addresses':
      void router.holder.hold(objectsOf(router.config), order.announceAdded)
      kernel.announcer.followExtra(router, vip => linkOf(kernel.network, router.config, vip))
      return
    case 'remove-addresses':
      void router.holder.release(objectsOf(router.config))
      return
    case 'announce-addresses':
      // Not before the addresses are there, and only those: a host that asks back must find them.
      void router.holder.settled().then(() => {
        if (router.state.name === 'master') announce(kernel, router, heldVips(router), order.repeat)
      })
      return
    default:
      unreachable(order)
  }
}

/** Sends gratuitous ARP or neighbour advertisements for some of a router's addresses. */
export function announce(kernel: Kernel, router: Router, vips: readonly VipConfig[], repeat: number): void {
  kernel.announcer.announce(router, vips, repeat, vip => linkOf(kernel.network, router.config, vip))
}

function sendAdvertisement(
  kernel: Kernel,
  router: Router,
  {priority}: Extract<Order, {type: 'send-advertisement'}>,
): void {
  const {config, counters, state} = router
  const {source} = state.conditions
  if (source === undefined) return
  const outgoing = encodeOutgoing(config, router.wire, {priority, source, utcMs: Date.now()}, digests)
  router.wire = outgoing.state
  const device = socketDeviceOf(config)
  let failed = 0
  for (const packet of outgoing.packets) if (!kernel.sockets.send(device, packet).ok) failed++
  counters.sendErrors += failed
  if (failed === outgoing.packets.length) return
  counters.advertisementsSent++
  if (priority === LEAVING_PRIORITY) counters.priorityZeroSent++
}
