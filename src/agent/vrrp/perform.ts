import type {VipConfig} from '../../config/config.ts'
import {unreachable} from '../../core/never.ts'
import {LEAVING_PRIORITY, VRRP_GROUP4} from '../../core/vrrp/config.ts'
import {encodeAdvertisement} from '../../core/vrrp/packet.ts'
import type {VrrpAction} from '../../core/vrrp/state.ts'
import type {Kernel} from './kernel.ts'
import {linkOf} from './network-view.ts'
import type {Router} from './router.ts'

/** Carries one order of the machine out. Never waits: what the kernel has to do goes on behind it. */
export function perform(kernel: Kernel, router: Router, action: VrrpAction): void {
  const {config} = router
  switch (action.type) {
    case 'send-advertisement':
      sendAdvertisement(kernel, router, action)
      return
    case 'add-addresses':
      void router.holder.hold(config.vips, action.announceAdded)
      return
    case 'remove-addresses':
      void router.holder.release(config.vips)
      return
    case 'announce-addresses':
      // Not before the addresses are there, and only those: a host that asks back must find them.
      void router.holder.settled().then(() => {
        const held = router.config.vips.filter(vip => router.holder.holds(vip))
        if (router.state.name === 'master') announce(kernel, router, held, action.repeat)
      })
      return
    default:
      unreachable(action)
  }
}

/** Sends gratuitous ARP for some of a router's addresses. */
export function announce(kernel: Kernel, router: Router, vips: readonly VipConfig[], repeat: number): void {
  kernel.announcer.announce(router, vips, repeat, vip => linkOf(kernel.network, router.config, vip))
}

function sendAdvertisement(
  kernel: Kernel,
  router: Router,
  {priority}: Extract<VrrpAction, {type: 'send-advertisement'}>,
): void {
  const {config, counters, state} = router
  const {source} = state.conditions
  const socket = kernel.sockets.socket(config.interface)
  if (source === undefined || !socket) return
  router.identification = (router.identification + 1) & 0xffff
  const packet = encodeAdvertisement(
    {
      version: config.version,
      vrid: config.vrid,
      priority,
      intervalMs: config.advertIntervalMs,
      addresses: config.vips.map(vip => vip.address),
    },
    {
      source,
      destination: VRRP_GROUP4,
      identification: router.identification,
      ...(config.authentication ? {password: config.authentication.password} : {}),
      checksumWithoutPseudoHeader: config.checksumWithoutPseudoHeader,
    },
  )
  const result = socket.send(packet, VRRP_GROUP4)
  if (!result.ok) {
    counters.sendErrors++
    return
  }
  counters.advertisementsSent++
  if (priority === LEAVING_PRIORITY) counters.priorityZeroSent++
}
