import type {VipConfig} from '../../config/config.ts'
import {encodeGratuitousArp} from '../../core/arp/gratuitous-arp.ts'
import type {InterfaceIndex} from '../../core/units.ts'
import type {ArpSender} from '../../kernel/arp-sender.ts'
import type {Router} from './router.ts'

/** Announcements waiting for their turn on one interface; far above 255 routers' bursts, and bounded. */
const MAX_WAITING = 20_000

interface Announcement {
  readonly router: Router
  readonly vip: VipConfig
  readonly index: InterfaceIndex
  readonly mac: string
}

/**
 * Sends gratuitous ARP: at once where no spacing is configured, else one packet after the other on each interface,
 * `vrrp_garp_interval` apart. What waits is dropped when its router stops being master.
 */
export class Announcer {
  readonly #sender: Pick<ArpSender, 'send'>
  readonly #waiting = new Map<InterfaceIndex, Announcement[]>()

  constructor(sender: Pick<ArpSender, 'send'>) {
    this.#sender = sender
  }

  announce(
    router: Router,
    vips: readonly VipConfig[],
    repeat: number,
    device: (vip: VipConfig) => {index: InterfaceIndex; mac: string} | undefined,
  ): void {
    for (let round = 0; round < repeat; round++) {
      for (const vip of vips) {
        const link = device(vip)
        if (link) this.#enqueue({router, vip, ...link})
      }
    }
  }

  #enqueue(announcement: Announcement): void {
    const {index, router} = announcement
    const spacingMs = router.config.garp.intervalMs
    const waiting = this.#waiting.get(index)
    if (spacingMs <= 0 && !waiting) {
      this.#send(announcement)
      return
    }
    if (waiting) {
      if (waiting.length < MAX_WAITING) waiting.push(announcement)
      return
    }
    this.#waiting.set(index, [])
    this.#send(announcement)
    this.#wait(index, spacingMs)
  }

  #wait(index: InterfaceIndex, spacingMs: number): void {
    setTimeout(
      () => {
        const waiting = this.#waiting.get(index)
        let next = waiting?.shift()
        while (next && next.router.state.name !== 'master') next = waiting?.shift()
        if (!next) {
          this.#waiting.delete(index)
          return
        }
        this.#send(next)
        this.#wait(index, next.router.config.garp.intervalMs)
      },
      Math.max(1, spacingMs),
    )
  }

  #send({router, vip, index, mac}: Announcement): void {
    const result = this.#sender.send(index, encodeGratuitousArp({address: vip.address, mac}))
    if (result.ok) router.counters.garpSent++
    else router.counters.sendErrors++
  }
}
