import type {VipConfig} from '../../config/config.ts'
import type {GroupConfig, RouterConfig} from '../../config/router-config.ts'
import {goesOnAs, routerIdentity, sameMeaning} from '../../config/router-identity.ts'
import type {VirtualRouter} from '../../control/model.ts'
import type {IpAddress} from '../../core/ip.ts'
import type {JournalEntry, JournalKind} from '../../core/journal/record.ts'
import {trackAdds} from '../../core/track/tracking.ts'
import {earliest, type MonotonicMs} from '../../core/units.ts'
import {describeTransition} from '../../core/vrrp/describe.ts'
import {nextDeadline, step} from '../../core/vrrp/machine.ts'
import {peekVrid} from '../../core/vrrp/packet.ts'
import {FAILURE_MEANING, receiveAdvertisement, sameAddresses} from '../../core/vrrp/receive.ts'
import type {Step, VrrpEvent, VrrpState} from '../../core/vrrp/state.ts'
import {errorText} from '../../errors.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {OwnedAddress, Resumption, TrackerStanding} from '../channel.ts'
import {AddressHolder, keyOf} from './address-holder.ts'
import {causeOf} from './cause.ts'
import type {Kernel} from './kernel.ts'
import {removeLeftovers} from './leftovers.ts'
import {LinkWatch} from './link-watch.ts'
import {describeVips, deviceOf, interfacesOf, isPresent, linkConditions} from './network-view.ts'
import {announce, perform} from './perform.ts'
import {
  conditionsOf,
  describeRouter,
  isMaster,
  newRouter,
  type Router,
  rememberHeard,
  sameConditions,
  trackerKey,
  tracksOf,
} from './router.ts'

/** What the vrrp process is to run. */
export interface Assignment {
  readonly instances: readonly RouterConfig[]
  readonly groups: readonly GroupConfig[]
  readonly trackers: readonly TrackerStanding[]
  readonly owned: readonly OwnedAddress[]
  readonly resume: readonly Resumption[]
}

/** Where the director's news go. */
export interface DirectorListener {
  onJournal(entry: JournalEntry): void
  /** `urgent`: its state changed; otherwise only figures did. */
  onRouterChanged(router: Router, urgent: boolean): void
  /** The earliest deadline may lie before the one armed. */
  onDeadline(at: MonotonicMs): void
}

/** Changes of the network come by the thousand at times: the routers look at the outcome this often at most, ms. */
const LOOK_SPACING_MS = 20

/**
 * All virtual routers of this node: hands packets, changes of the network, script results and the clock to their
 * machines, and the machines' orders to the kernel.
 */
export class Director {
  readonly #kernel: Kernel
  readonly #listener: DirectorListener
  readonly #routers = new Map<string, Router>()
  readonly #trackers = new Map<string, TrackerStanding>()
  readonly #links = new LinkWatch()
  /** Every address that moves: none of them is anybody's own. */
  #vips: ReadonlySet<IpAddress> = new Set()
  /** From the goodbye on nothing may bring a router back. */
  #withdrawn = false
  #lookScheduled = false
  #lookedAt = monotonicNow()

  constructor(kernel: Kernel, listener: DirectorListener) {
    this.#kernel = kernel
    this.#listener = listener
  }

  get routers(): readonly Router[] {
    return [...this.#routers.values()]
  }

  describe(router: Router): VirtualRouter {
    const vips = describeVips(this.#kernel.network, router.config, isMaster(router))
    return describeRouter(router, {tracks: tracksOf(router.config, this.#trackers), vips})
  }

  /** Takes a whole configuration: what is not touched by it does not notice. */
  async configure({instances, trackers, owned, resume}: Assignment): Promise<void> {
    if (this.#withdrawn) return
    for (const tracker of trackers) this.#trackers.set(trackerKey(tracker), tracker)
    this.#vips = new Set(instances.flatMap(config => config.vips.map(vip => vip.address)))
    const wanted = new Map(instances.map(config => [routerIdentity(config), config]))
    for (const [identity, router] of this.#routers) {
      const next = wanted.get(identity)
      if (!next || !goesOnAs(router.config, next)) this.#retire(identity, router)
    }
    for (const [identity, config] of wanted) {
      const router = this.#routers.get(identity)
      if (router) this.#reconfigure(router, config)
      else this.#launch(identity, config, resume)
    }
    this.#kernel.sockets.retain(new Set(instances.map(config => config.interface)))
    const removed = await removeLeftovers(this.#kernel, instances, owned)
    for (const {interface: device, address, prefixLength} of removed) {
      const text = `${address}/${prefixLength} was left on ${device} by an earlier run and is removed`
      this.#journal('leftover-removed', undefined, text, {interface: device, address})
    }
    await Promise.all(this.routers.map(router => router.holder.settled()))
  }

  trackerChanged(tracker: TrackerStanding): void {
    const key = trackerKey(tracker)
    this.#trackers.set(key, tracker)
    for (const router of this.#routers.values()) {
      if (router.config.tracks.some(track => trackerKey(track) === key)) this.#refresh(router, key)
    }
  }

  /** The network changed: links, addresses, or everything after an overrun. Looked at once for many changes. */
  networkChanged(): void {
    if (this.#lookScheduled) return
    this.#lookScheduled = true
    const waitMs = LOOK_SPACING_MS - (monotonicNow() - this.#lookedAt)
    if (waitMs <= 0) setImmediate(() => this.#look())
    else setTimeout(() => this.#look(), waitMs)
  }

  /** One packet of protocol 112 that arrived on an interface. */
  packetReceived(interfaceName: string, packet: Buffer): void {
    const router = this.#routers.get(`${interfaceName} ${peekVrid(packet)}`)
    // Other virtual routers may share the segment.
    if (!router) return
    const now = monotonicNow()
    const result = receiveAdvertisement(router.config, packet)
    if (!result.ok) {
      this.#reject(router, result.failure, packet, now)
      return
    }
    const {source, priority, intervalMs} = result.value
    router.counters.advertisementsReceived++
    if (priority === 0) router.counters.priorityZeroReceived++
    if (!sameAddresses(router.config, result.value)) router.counters.addressListsDiffering++
    if (rememberHeard(router, {source, priority, at: now}, now) && source !== router.state.conditions.source) {
      this.#journal('master-changed', router, `${source} advertises priority ${priority}`, {source, priority})
    }
    this.#dispatch(router, {type: 'advertisement-received', source, priority, intervalMs}, now)
    this.#listener.onRouterChanged(router, false)
  }

  /** Something is due, or was due while we slept: packets first, then timers, so that nobody is shouted over. */
  clockAdvanced(): void {
    this.#kernel.sockets.drain()
    const now = monotonicNow()
    for (const router of this.#routers.values()) {
      const deadline = nextDeadline(router.state)
      if (deadline === undefined || deadline > now) continue
      this.#dispatch(router, {type: 'clock-advanced'}, now)
      this.#listener.onRouterChanged(router, false)
    }
  }

  /** When `clockAdvanced` is due. */
  nextDeadline(): MonotonicMs | undefined {
    return earliest([...this.#routers.values()].map(router => nextDeadline(router.state)))
  }

  /** A socket broke, for a reason or with its interface: its routers are judged anew, which may open another one. */
  socketLost(interfaceName: string, reason: string | undefined): void {
    if (reason !== undefined) {
      this.#journal('kernel-error', undefined, `VRRP socket on ${interfaceName}: ${reason}`, {interface: interfaceName})
    }
    for (const router of this.#routers.values()) if (router.config.interface === interfaceName) this.#refresh(router)
  }

  /** Looks again at routers that are in fault or could not get a socket. */
  retryFaults(): void {
    if (this.#withdrawn) return
    for (const router of this.#routers.values()) if (router.state.name === 'fault') this.#refresh(router)
  }

  /** Says goodbye and takes every address off. Resolves when the kernel has done it. */
  async withdraw(): Promise<void> {
    for (const router of this.#routers.values()) this.#dispatch(router, {type: 'stopped'}, monotonicNow())
    this.#withdrawn = true
    await Promise.all(this.routers.map(router => router.holder.settled()))
    for (const router of this.#routers.values()) router.holder.close()
    this.#kernel.sockets.retain(new Set())
  }

  #look(): void {
    this.#lookScheduled = false
    if (this.#withdrawn) return
    this.#lookedAt = monotonicNow()
    this.#noteLinks()
    for (const router of this.#routers.values()) {
      this.#refresh(router)
      this.#checkAddresses(router)
      this.#listener.onRouterChanged(router, false)
    }
  }

  #launch(identity: string, config: RouterConfig, resume: readonly Resumption[]): void {
    const router = newRouter(
      config,
      this.#newHolder(() => router),
    )
    this.#routers.set(identity, router)
    this.#noteLinks()
    router.state = {...router.state, conditions: this.#conditions(router)}
    const resumeUntil = resume.find(({name}) => name === config.name)?.until
    this.#dispatch(router, {type: 'started', resumeUntil}, monotonicNow())
    this.#listener.onRouterChanged(router, true)
  }

  #reconfigure(router: Router, config: RouterConfig): void {
    const previous = router.config
    router.config = config
    if (sameMeaning(previous, config)) return
    const dropped = previous.vips.filter(vip => !config.vips.some(kept => keyOf(kept) === keyOf(vip)))
    if (dropped.length > 0 && !isMaster(router)) void router.holder.release(dropped)
    const conditions = this.#conditions(router)
    this.#dispatch(router, {type: 'configuration-changed', previous, conditions}, monotonicNow())
    this.#listener.onRouterChanged(router, true)
  }

  #retire(identity: string, router: Router): void {
    this.#dispatch(router, {type: 'stopped'}, monotonicNow())
    this.#routers.delete(identity)
    router.holder.close()
  }

  #dispatch(router: Router, event: VrrpEvent, now: MonotonicMs): void {
    if (this.#withdrawn) return
    const before = router.state
    let result: Step
    try {
      result = step(router.config, before, event, now)
    } catch (error) {
      this.#journal('kernel-error', router, `internal error at ${event.type}: ${errorText(error)}`, {event: event.type})
      return
    }
    router.state = result.state
    for (const action of result.actions) perform(this.#kernel, router, action)
    if (result.state.name !== before.name) this.#moved(router, before, event, now)
    const deadline = nextDeadline(result.state)
    if (deadline !== undefined) this.#listener.onDeadline(deadline)
  }

  #moved(router: Router, before: VrrpState, event: VrrpEvent, now: MonotonicMs): void {
    const {config, state} = router
    router.since = new Date()
    router.reason = describeTransition({config, before, event, after: state, now})
    if (state.name === 'master') router.counters.becameMaster++
    else router.lost.clear()
    this.#journal('transition', router, `${before.name} -> ${state.name}: ${router.reason}`, {
      from: before.name,
      to: state.name,
      cause: causeOf(before, event),
      priority: state.conditions.priority,
      basePriority: config.priority,
    })
    this.#listener.onRouterChanged(router, true)
  }

  /** Judges anew whether and how a router may run; `tracker`: what brought this about. */
  #refresh(router: Router, tracker?: string): void {
    const {conditions: before} = router.state
    const conditions = this.#conditions(router)
    if (sameConditions(before, conditions)) return
    if (before.priority !== conditions.priority) {
      const text = `priority ${before.priority} -> ${conditions.priority}${this.#weights(router)}`
      this.#journal('priority-changed', router, text, {
        from: before.priority,
        to: conditions.priority,
        base: router.config.priority,
        tracker: tracker ?? null,
      })
    }
    this.#dispatch(router, {type: 'conditions-changed', conditions}, monotonicNow())
    this.#listener.onRouterChanged(router, true)
  }

  #conditions(router: Router) {
    const {network, sockets} = this.#kernel
    const {config} = router
    const link = linkConditions(network, config, this.#vips)
    const index = network.link(config.interface)?.index
    const noSocket = index === undefined ? undefined : sockets.ensure(config.interface, index)
    const faults = noSocket === undefined ? link.faults : [...link.faults, noSocket]
    return conditionsOf(config, tracksOf(config, this.#trackers), {faults, source: link.source})
  }

  #weights({config}: Router): string {
    const applied = tracksOf(config, this.#trackers)
      .filter(track => trackAdds(config.priority, track) !== 0)
      .map(track => `${track.label} ${track.weight > 0 ? '+' : ''}${track.weight}`)
    return applied.length === 0 ? ': no weight applies' : `: ${applied.join(', ')}`
  }

  /** A master whose addresses somebody took away gets to know it. */
  #checkAddresses(router: Router): void {
    if (!isMaster(router)) return
    const {network} = this.#kernel
    const lost = router.config.vips.filter(vip => router.holder.holds(vip) && !isPresent(network, router.config, vip))
    if (lost.length === 0) return
    for (const vip of lost) router.lost.add(keyOf(vip))
    this.#dispatch(router, {type: 'addresses-lost'}, monotonicNow())
  }

  #newHolder(router: () => Router): AddressHolder {
    const {network, addresses} = this.#kernel
    return new AddressHolder(
      addresses,
      {
        onAdded: (vip, how) => this.#added(router(), vip, how),
        onRemoved: () => this.#listener.onRouterChanged(router(), false),
        onFailed: (vip, verb, reason) => {
          const text = `could not ${verb} ${vip.address}/${vip.prefixLength}: ${reason}`
          this.#journal('kernel-error', router(), text, {address: vip.address, reason})
        },
      },
      vip => network.link(deviceOf(router().config, vip))?.index,
    )
  }

  #added(router: Router, vip: VipConfig, {adopted, announce: times}: {adopted: boolean; announce: number}): void {
    const place = `${vip.address}/${vip.prefixLength} on ${deviceOf(router.config, vip)}`
    const lost = router.lost.delete(keyOf(vip))
    if (times > 0 && isMaster(router)) announce(this.#kernel, router, [vip], times)
    if (lost && !adopted) {
      const text = `${place} was removed by somebody else and is back`
      this.#journal('vip-restored', router, text, {address: vip.address})
    } else if (adopted && !router.holder.everHeld(vip)) {
      this.#journal('vip-adopted', router, `${place} was there already and is kept`, {address: vip.address})
    }
    this.#listener.onRouterChanged(router, true)
  }

  #reject(router: Router, failure: keyof typeof FAILURE_MEANING, packet: Buffer, now: MonotonicMs): void {
    const from = packet.length >= 16 ? packet.subarray(12, 16).join('.') : 'somebody'
    const complaint = router.rejections.add(failure, FAILURE_MEANING[failure], from, now)
    if (complaint) this.#journal('packets-rejected', router, complaint.text, complaint.facts)
    this.#listener.onRouterChanged(router, false)
  }

  /** One record for an interface that changed, not one for each router on it. */
  #noteLinks(): void {
    const names = new Set(this.routers.flatMap(({config}) => [...interfacesOf(config)]))
    for (const {name, from, to} of this.#links.changes(names, linkName => this.#kernel.network.link(linkName))) {
      this.#journal('link-changed', undefined, `interface ${name} is ${to}`, {interface: name, from, to})
    }
  }

  #journal(kind: JournalKind, router: Router | undefined, text: string, facts: JournalEntry['facts']): void {
    const at = new Date().toISOString()
    this.#listener.onJournal({at, kind, ...(router ? {instance: router.config.name} : {}), text, facts})
  }
}
