import type {VipConfig} from '../../config/config.ts'
import {encodeGratuitousArp} from '../../core/arp/gratuitous-arp.ts'
import {ipFamily} from '../../core/ip.ts'
import {encodeNeighbourAdvertisementFrame} from '../../core/ndp/neighbour-advertisement.ts'
import type {InterfaceIndex} from '../../core/units.ts'
import type {FrameSender} from '../../kernel/frame-sender.ts'
import type {NodeSettings} from '../channel.ts'
import {type AnnouncementSpacing, extraVips, spacingOf} from './announcement-plan.ts'
import {holdsVip} from './hold-objects.ts'
import {deviceOf} from './network-view.ts'
import type {Router} from './router.ts'

/** The interface that an address is on, as it is now; undefined where it is not there or has no hardware address. */
export type FindDevice = (vip: VipConfig) => {readonly index: InterfaceIndex; readonly mac: string} | undefined

interface Announcement {
  readonly router: Router
  readonly vip: VipConfig
  readonly index: InterfaceIndex
  /** The same for each time that it is sent. */
  readonly frame: Buffer
  readonly spacing: AnnouncementSpacing
}

/** Announcements that are sent a few times more, round by round. */
interface Repeats {
  readonly announcements: readonly Announcement[]
  /** The next one to send. */
  at: number
  rounds: number
}

interface Queue {
  readonly waiting: Announcement[]
  /** How often each address waits, by router and address. */
  readonly counts: Map<string, number>
}

/** Announcements waiting for their turn at one place; far above 255 routers' bursts, and bounded. */
const MAX_WAITING = 20_000
/** Repeats sent in one turn of the loop, so that no advertisement waits for more: about a millisecond. */
const REPEATS_A_TURN = 128
/** What an interface without hardware addresses shows, such as lo. */
const NO_MAC = '00:00:00:00:00:00'

/**
 * Sends gratuitous ARP and unsolicited neighbour advertisements: at once where no spacing is configured, else one after
 * the other on the interfaces that share a spacing. Repeats without a spacing follow in later turns of the loop: when
 * many virtual routers become master together, each address is announced once before any is announced again. What
 * waits is dropped when its router stops being master or no longer holds the address, and with a spacing nothing waits
 * more often than one burst has it.
 */
export class Announcer {
  readonly #sender: Pick<FrameSender, 'send'>
  readonly #forwardsIpv6: (device: string) => boolean
  readonly #queues = new Map<string, Queue>()
  readonly #repeats: Repeats[] = []
  #waitingRepeats = 0
  #repeating = false
  readonly #extra = new Map<Router, NodeJS.Timeout>()
  #groups: NodeSettings['garpGroups'] = []

  /** `forwardsIpv6`: whether an interface forwards, for the router flag of neighbour advertisements. */
  constructor(sender: Pick<FrameSender, 'send'>, forwardsIpv6: (device: string) => boolean) {
    this.#sender = sender
    this.#forwardsIpv6 = forwardsIpv6
  }

  /** Takes the interfaces that share a spacing; what waits already goes on as it was. keepalived.conf(5), garp_group */
  configure(groups: NodeSettings['garpGroups']): void {
    this.#groups = groups
  }

  announce(router: Router, vips: readonly VipConfig[], repeat: number, device: FindDevice): void {
    const found = vips.flatMap(vip => {
      const link = device(vip)
      if (!link || link.mac === NO_MAC) return []
      const spacing = spacingOf(router.config, vip, this.#groups)
      return [{router, vip, index: link.index, frame: this.#frameFor(router, vip, link.mac), spacing}]
    })
    const spaced = found.filter(({spacing}) => spacing.intervalMs > 0)
    for (let round = 0; round < repeat; round++) for (const each of spaced) this.#enqueue(each, repeat)
    if (repeat < 1) return
    const unspaced = spaced.length === 0 ? found : found.filter(({spacing}) => spacing.intervalMs <= 0)
    for (const each of unspaced) this.#send(each)
    this.#repeatLater(unspaced, repeat - 1)
  }

  /**
   * Announces addresses on other interfaces than the one that advertises every so often, as `garp_extra_if` has it, as
   * long as the router is master; to be called when it becomes master and when its configuration changed.
   */
  followExtra(router: Router, device: FindDevice): void {
    clearTimeout(this.#extra.get(router))
    this.#extra.delete(router)
    const {seconds} = router.config.garp.extra
    if (seconds === 0 || router.state.name !== 'master' || extraVips(router.config).length === 0) return
    const timer = setTimeout(() => {
      if (router.state.name === 'master') {
        const held = extraVips(router.config).filter(vip => holdsVip(router, vip))
        this.announce(router, held, 1, device)
      }
      this.followExtra(router, device)
    }, seconds * 1_000)
    this.#extra.set(router, timer)
  }

  #repeatLater(announcements: readonly Announcement[], rounds: number): void {
    const count = announcements.length * rounds
    if (count === 0 || this.#waitingRepeats + count > MAX_WAITING) return
    this.#waitingRepeats += count
    this.#repeats.push({announcements, at: 0, rounds})
    this.#repeatSoon()
  }

  #repeatSoon(): void {
    if (this.#repeating) return
    this.#repeating = true
    setImmediate(() => {
      this.#repeating = false
      for (let sent = 0; sent < REPEATS_A_TURN && this.#repeats.length > 0; sent++) this.#repeatNext()
      if (this.#repeats.length > 0) this.#repeatSoon()
    })
  }

  #repeatNext(): void {
    const [first] = this.#repeats
    const announcement = first?.announcements[first.at]
    if (!first || !announcement) return
    if (isStillDue(announcement)) this.#send(announcement)
    this.#waitingRepeats--
    first.at++
    if (first.at < first.announcements.length) return
    first.at = 0
    first.rounds--
    this.#repeats.shift()
    // Each burst goes on when all others had their turn.
    if (first.rounds > 0) this.#repeats.push(first)
  }

  #enqueue(announcement: Announcement, most: number): void {
    const {place, intervalMs} = announcement.spacing
    const queue = this.#queues.get(place)
    if (queue) {
      const key = keyOf(announcement)
      const count = queue.counts.get(key) ?? 0
      if (count >= most || queue.waiting.length >= MAX_WAITING) return
      queue.counts.set(key, count + 1)
      queue.waiting.push(announcement)
      return
    }
    this.#send(announcement)
    this.#queues.set(place, {waiting: [], counts: new Map()})
    this.#wait(place, intervalMs)
  }

  #wait(place: string, intervalMs: number): void {
    setTimeout(
      () => {
        const next = this.#next(place)
        if (!next) {
          this.#queues.delete(place)
          return
        }
        this.#send(next)
        this.#wait(place, next.spacing.intervalMs)
      },
      // Node's timers may be up to a millisecond early.
      Math.ceil(intervalMs) + 1,
    )
  }

  #next(place: string): Announcement | undefined {
    const queue = this.#queues.get(place)
    for (let next = queue?.waiting.shift(); queue && next; next = queue.waiting.shift()) {
      const key = keyOf(next)
      queue.counts.set(key, (queue.counts.get(key) ?? 1) - 1)
      if (isStillDue(next)) return next
    }
    return undefined
  }

  #frameFor({config}: Router, vip: VipConfig, mac: string): Buffer {
    const {address} = vip
    if (ipFamily(address) === 4) return encodeGratuitousArp({address, mac})
    const forwards = this.#forwardsIpv6(deviceOf(config, vip))
    return encodeNeighbourAdvertisementFrame({address, mac, router: forwards})
  }

  #send({router: {counters}, vip, index, frame}: Announcement): void {
    if (!this.#sender.send(index, frame).ok) counters.sendErrors++
    else if (ipFamily(vip.address) === 4) counters.garpSent++
    else counters.neighbourAdvertisementsSent++
  }
}

const isStillDue = ({router, vip}: Announcement): boolean => router.state.name === 'master' && holdsVip(router, vip)

const keyOf = ({router, vip, index}: Announcement): string => `${router.config.name} ${vip.address} ${index}`
