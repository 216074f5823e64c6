import type {GroupConfig, RouterConfig} from '../../config/router-config.ts'
import {sameMeaning} from '../../config/router-identity.ts'
import type {VirtualRouter} from '../../control/model.ts'
import type {NotifiedState} from '../../core/notify/notification.ts'
import {after, earliest, type MonotonicMs} from '../../core/units.ts'
import type {ArrivedPacket} from '../../core/vrrp/arrived.ts'
import {peekVrid} from '../../core/vrrp/packet.ts'
import {sameConditions} from '../../core/vrrp/shared-conditions.ts'
import type {MemberEvent} from '../../core/vrrp/sync-group.ts'
import {errorText} from '../../errors.ts'
import type {ForeignClaim} from '../../kernel/address-conflict-watch.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {Deletion} from '../../kernel/route-monitor.ts'
import type {NodeSettings, Resumption, TrackerStanding} from '../channel.ts'
import {type OwnedObject, ownedBy} from '../owned-objects.ts'
import {carryOut} from './carry-out.ts'
import {claimable} from './claims.ts'
import {conditionsOf, type Surroundings, trackerKey, tracksOf} from './conditions.ts'
import type {Context, DirectorListener} from './context.ts'
import {Fleet} from './fleet.ts'
import {hasLost, holderFor, holdsVip} from './hold-objects.ts'
import type {Kernel} from './kernel.ts'
import {removeLeftovers} from './leftovers.ts'
import {LookSchedule} from './look-schedule.ts'
import {describeVips, heldBy} from './network-view.ts'
import {entry, priorityEntry, stateNews} from './news.ts'
import {NodeView} from './node-view.ts'
import {withFoundNames} from './own-devices-plan.ts'
import {announce} from './perform.ts'
import {isSameUnit, phaseMs, planRouters, planUnits, type RouterPlan} from './plan.ts'
import {receive} from './reception.ts'
import {addressClaimed, checkRivals, lookForRivals} from './rivals.ts'
import {describeRouter, isMaster, newRouter, type Router} from './router.ts'
import {socketDeviceOf} from './socket-need.ts'
import {type Advance, advanceUnit, regroupUnit, startUnit, type Unit, type UnitEvent} from './unit.ts'

/** What the vrrp process is to run. */
export interface Assignment {
  readonly instances: readonly RouterConfig[]
  readonly groups: readonly GroupConfig[]
  readonly trackers: readonly TrackerStanding[]
  readonly owned: readonly OwnedObject[]
  readonly resume: readonly Resumption[]
  readonly held: readonly {readonly name: string; readonly reason: string}[]
  readonly observed: readonly string[]
  readonly observing: boolean
  readonly settings: NodeSettings
}

/** What brought a look about, and what there was to see. */
interface RefreshHow {
  readonly tracker?: string
  readonly surroundings?: Surroundings
}

/** Another filter costs the kernel a millisecond: conflicts are watched for this long after masters changed, ms. */
const CLAIMS_AFTER_MS = 250
const NO_LINES = {staticAddresses: [], staticRoutes: [], staticRules: []}

/**
 * All virtual routers of this node: hands packets, changes of the network, results of trackers and the clock to their
 * machines, and the machines' orders to the kernel.
 */
export class Director {
  readonly #context: Context
  readonly #fleet = new Fleet()
  readonly #view: NodeView
  /** From the goodbye on nothing may bring a router back. */
  #withdrawn = false
  readonly #looks = new LookSchedule(() => this.#look())
  #claimsScheduled = false

  constructor(kernel: Kernel, listener: DirectorListener) {
    this.#context = {kernel, listener}
    this.#view = new NodeView(kernel, () => this.networkChanged())
  }

  get routers(): readonly Router[] {
    return this.#fleet.routers
  }

  describe(routers: readonly Router[]): readonly VirtualRouter[] {
    const {network} = this.#context.kernel
    const surroundings = this.#view.surroundings()
    return routers.map(router => {
      const {config} = router
      const vips = describeVips(network, config, isMaster(router) && !router.observed)
      return describeRouter(router, {tracks: tracksOf(config, surroundings), vips})
    })
  }

  /** Takes a whole configuration: what is not touched by it does not notice. */
  async configure(assignment: Assignment): Promise<void> {
    if (this.#withdrawn) return
    const {trackers, owned, settings, observed, observing} = assignment
    const {network, devices, statics, announcer} = this.#context.kernel
    const instances = withFoundNames(assignment.instances, network.links)
    const looked = new Set(observed)
    const active = instances.filter(({name}) => !looked.has(name))
    const plan = planRouters(this.#fleet.byIdentity, instances, name => looked.has(name))
    // Before the sockets go that nobody else needs: whoever ends says goodbye through them.
    for (const identity of plan.retired) this.#retire(identity)
    this.#view.configure(settings, instances, trackers)
    announcer.configure(settings.garpGroups)
    if (!observing) void statics.configure(settings)
    this.#applyPlan(plan, assignment)
    this.#watchRoutes()
    await Promise.all(this.routers.map(router => router.holder.settled()))
    // Interfaces that nobody needs any more go after the routers on them have said goodbye.
    if (!observing || active.length > 0) await devices.configure(active)
    const lines = observing ? NO_LINES : settings
    const removed = await removeLeftovers(this.#context.kernel, ownedBy(active, lines), owned)
    for (const {text, facts} of removed) {
      this.#context.listener.onJournal(entry('leftover-removed', undefined, text, facts))
    }
    await Promise.all(this.routers.map(router => router.holder.settled()))
    // Whoever waited for this looks at the picture next.
    network.catchUp()
  }

  trackerChanged(tracker: TrackerStanding): void {
    const key = trackerKey(tracker)
    this.#view.trackerChanged(tracker)
    for (const unit of this.#fleet.units) {
      const tracks = ({config}: Router): boolean => config.tracks.some(track => trackerKey(track) === key)
      if (unit.routers.some(tracks)) this.#refresh(unit, {tracker: key})
    }
  }

  /** The network changed: links, addresses, or everything after an overrun; `expected`: only addresses of ours came. */
  networkChanged(how: {readonly expected: boolean} = {expected: false}): void {
    this.#looks.changed(how)
  }

  /** Somebody deleted routes and rules, or may have: those of ours that are missing come back. */
  routesDeleted(deletions: readonly Deletion[]): void {
    this.#context.kernel.statics.deleted(deletions)
    for (const unit of this.#fleet.units) {
      for (const router of unit.routers) {
        if (router.holder.noteDeletions(deletions) && hasLost(this.#context, router)) {
          this.#memberEvent(unit, router, {type: 'addresses-lost'})
        }
      }
    }
  }

  routesDoubtful(): void {
    this.#context.kernel.statics.recheck()
    for (const router of this.routers) if (isMaster(router)) void router.holder.recheck()
  }

  /** One packet that arrived on an interface. */
  packetReceived(interfaceName: string, packet: ArrivedPacket): void {
    const vrid = peekVrid(packet)
    // Other virtual routers may share the segment.
    const router = this.#fleet.meantBy(`${interfaceName} ${packet.family} ${vrid}`, packet)
    if (!router) return
    const now = monotonicNow()
    const {event, entries} = receive(router, packet, now)
    for (const each of entries) this.#context.listener.onJournal(each)
    const unit = this.#fleet.unitOf(router)
    if (event && unit) {
      this.#memberEvent(unit, router, event, now)
      checkRivals(this.#context, router, now)
    }
    this.#context.listener.onRouterChanged(router, false)
  }

  /** A virtual address of ours answers from another hardware address. */
  addressClaimed(claim: ForeignClaim): void {
    for (const router of this.routers) addressClaimed(this.#context, router, claim, monotonicNow())
  }

  /** Something is due, or was due while we slept: packets first, then timers, so that nobody is shouted over. */
  clockAdvanced(): void {
    this.#context.kernel.sockets.drain()
    const now = monotonicNow()
    const look = this.#view.nextDeadline
    if (look !== undefined && look <= now) this.#look()
    for (const unit of this.#fleet.units) {
      if (unit.deadline === undefined || unit.deadline > now) continue
      this.#dispatch(unit, {type: 'clock-advanced'}, now)
      for (const router of unit.routers) this.#context.listener.onRouterChanged(router, false)
    }
  }

  /** When `clockAdvanced` is due. */
  nextDeadline(): MonotonicMs | undefined {
    return earliest([this.#fleet.nextDeadline, this.#view.nextDeadline])
  }

  /** A socket broke, for a reason or with its interface: its routers are judged anew, which may open another one. */
  socketLost(interfaceName: string, reason: string | undefined): void {
    if (reason !== undefined) {
      const text = `VRRP socket on ${interfaceName}: ${reason}`
      this.#context.listener.onJournal(entry('kernel-error', undefined, text, {interface: interfaceName}))
    }
    this.#refreshWhere(({config}) => socketDeviceOf(config) === interfaceName)
  }

  /** Looks again at what nobody announces: faults that may have gone, a delay that is over, rivals that fell silent. */
  lookAgain(): void {
    if (this.#withdrawn) return
    this.#refreshWhere(({state}) => state.name === 'fault' || state.name === 'init')
    const now = monotonicNow()
    lookForRivals(this.#context, this.routers, now)
  }

  /** An operator's order; the supervisor has made sure that it may be. */
  takeOver(name: string): void {
    const router = this.#fleet.named(name)
    const unit = router && this.#fleet.unitOf(router)
    if (unit) this.#dispatch(unit, {type: 'take-over-ordered'}, monotonicNow())
  }

  /** Announces addresses that are held once more. */
  announce(name: string, addresses: ReadonlySet<string>): void {
    const router = this.#fleet.named(name)
    if (!router || !isMaster(router) || router.observed) return
    const vips = heldBy(router.config).filter(vip => addresses.has(vip.address) && holdsVip(router, vip))
    announce(this.#context.kernel, router, vips, router.config.garp.repeat)
  }

  /** Says goodbye and takes every address off. Resolves when the kernel has done it. */
  async withdraw(): Promise<void> {
    for (const unit of this.#fleet.units) this.#stop(unit, 'STOP')
    this.#withdrawn = true
    const {sockets, claims, devices, statics, routes} = this.#context.kernel
    claims.close()
    routes.close()
    await Promise.all(this.routers.map(router => router.holder.settled()))
    for (const router of this.routers) router.holder.close()
    this.#view.close()
    sockets.retain([])
    await statics.withdraw()
    await devices.close()
  }

  #look(): void {
    if (this.#withdrawn) return
    this.#looks.begins()
    // What the kernel has just acknowledged may not be in the picture yet.
    this.#context.kernel.network.catchUp()
    this.#noteLinks()
    const surroundings = this.#view.surroundings()
    for (const unit of this.#fleet.units) {
      this.#refresh(unit, {surroundings})
      for (const router of unit.routers) {
        if (hasLost(this.#context, router)) this.#memberEvent(unit, router, {type: 'addresses-lost'})
        if (isMaster(router)) router.holder.recheckSoon()
        this.#context.listener.onRouterChanged(router, false)
      }
    }
    this.#watchClaims()
  }

  /** Others who claim the addresses of masters; asked anew when masters or interfaces change. */
  #watchClaims(): void {
    if (this.#claimsScheduled) return
    this.#claimsScheduled = true
    setTimeout(() => {
      this.#claimsScheduled = false
      if (this.#withdrawn) return
      const {claims, network} = this.#context.kernel
      // An interface that cannot be watched is tried again at the next change; nothing else depends on it.
      claims.watch(claimable(this.routers, network))
    }, CLAIMS_AFTER_MS)
  }

  #watchRoutes(): void {
    const {routes, statics} = this.#context.kernel
    const needed = this.routers.some(
      ({config, observed}) => !observed && config.routes.length + config.rules.length > 0,
    )
    routes.watch(needed || statics.needsRouteMonitor)
  }

  #applyPlan(plan: RouterPlan, {groups, resume, held, observed}: Assignment): void {
    const names = new Set(observed)
    for (const [identity, config] of plan.kept) {
      const router = this.#fleet.byIdentity.get(identity) as Router
      // The very same object tells the machine that nothing has changed.
      if (!sameMeaning(router.config, config)) router.config = config
    }
    for (const [identity, config] of plan.added) {
      const router = newRouter(
        config,
        holderFor(this.#context, () => router),
      )
      router.observed = names.has(config.name)
      this.#fleet.byIdentity.set(identity, router)
    }
    const reasons = new Map(held.map(({name, reason}) => [name, reason]))
    for (const router of this.routers) router.held = reasons.get(router.config.name)
    this.#noteLinks()
    this.#regroup(groups, resume)
  }

  /** Puts the routers together anew; a unit that nothing has changed for does not notice. */
  #regroup(groups: readonly GroupConfig[], resume: readonly Resumption[]): void {
    const now = monotonicNow()
    const surroundings = this.#view.surroundings()
    for (const router of this.routers) router.own = conditionsOf(router.config, router.held, surroundings)
    const before = this.#fleet.units
    const members = new Map(before.flatMap(unit => unit.routers.map((router, i) => [router, unit.members[i]] as const)))
    const untils = new Map(resume.map(({name, until}) => [name, until]))
    const advances: (Advance & {readonly unit: Unit})[] = []
    for (const [position, wanted] of planUnits(this.#fleet.byIdentity, groups).entries()) {
      const {group, routers} = wanted
      if (!routers.some(router => members.has(router))) {
        const resumeUntil = routers.map(({config}) => untils.get(config.name))
        advances.push(startUnit(group, routers, resumeUntil, after(now, phaseMs(position, routers))))
        continue
      }
      const earlier = before.find(unit => isSameUnit(unit, wanted))
      advances.push(regroupUnit(earlier, wanted, router => members.get(router), now))
    }
    this.#fleet.arrange(advances.map(({unit}) => unit))
    for (const {unit, ...advance} of advances) {
      this.#carryOut(unit, advance, now)
      for (const router of unit.routers) this.#context.listener.onRouterChanged(router, true)
    }
  }

  #retire(identity: string): void {
    const router = this.#fleet.byIdentity.get(identity)
    const unit = router && this.#fleet.unitOf(router)
    if (!router || !unit) return
    const alone: Unit = {...unit, routers: [router], members: unit.members.filter((_, i) => unit.routers[i] === router)}
    this.#stop(alone, 'DELETED')
    this.#fleet.byIdentity.delete(identity)
    router.holder.close()
  }

  /** `ends`: what scripts and the like are told that its routers are in. */
  #stop(unit: Unit, ends: NotifiedState): void {
    if (this.#withdrawn) return
    const now = monotonicNow()
    this.#carryOut(unit, advanceUnit(unit, {type: 'stopped'}, now), now)
    for (const router of unit.routers) {
      const news = router.observed ? undefined : stateNews(router, ends)
      if (news) this.#context.listener.onNews(news)
    }
  }

  #dispatch(unit: Unit, event: UnitEvent, now: MonotonicMs): void {
    if (this.#withdrawn) return
    let advance: Advance
    try {
      advance = advanceUnit(unit, event, now)
    } catch (error) {
      const text = `internal error at ${event.type}: ${errorText(error)}`
      this.#context.listener.onJournal(entry('kernel-error', unit.routers[0], text, {event: event.type}))
      return
    }
    this.#carryOut(unit, advance, now)
  }

  #carryOut(unit: Unit, advance: Advance, now: MonotonicMs): void {
    carryOut(this.#context, unit, advance, now)
    if (advance.movements.length > 0) this.#watchClaims()
  }

  /** Judges anew whether and how routers may run; `tracker`: the one whose verdict brought this about. */
  #refresh(unit: Unit, {tracker, surroundings = this.#view.surroundings()}: RefreshHow = {}): void {
    const conditions = unit.routers.map(({config, held}) => conditionsOf(config, held, surroundings))
    if (conditions.every((own, i) => sameConditions(own, (unit.routers[i] as Router).own))) return
    const before = unit.routers.map(({state}) => state.conditions.priority)
    for (const [i, router] of unit.routers.entries()) router.own = conditions[i] as Router['own']
    this.#dispatch(unit, {type: 'conditions-changed', conditions}, monotonicNow())
    for (const [i, router] of unit.routers.entries()) {
      const from = before[i] as number
      const {priority} = router.state.conditions
      if (priority !== from) {
        this.#context.listener.onJournal(priorityEntry(router, from, tracksOf(router.config, surroundings), tracker))
        const news = stateNews(router, undefined)
        if (news?.type === 'state' && !router.observed) this.#context.listener.onNews({...news, type: 'priority'})
      }
      this.#context.listener.onRouterChanged(router, true)
    }
  }

  #memberEvent(unit: Unit, router: Router, event: MemberEvent, now = monotonicNow()): void {
    this.#dispatch(unit, {type: 'member-event', member: unit.routers.indexOf(router), event}, now)
  }

  #refreshWhere(which: (router: Router) => boolean): void {
    const surroundings = this.#view.surroundings()
    for (const unit of this.#fleet.units) if (unit.routers.some(which)) this.#refresh(unit, {surroundings})
  }

  /** One record for an interface that changed, not one for each router on it. */
  #noteLinks(): void {
    for (const {name, from, to} of this.#view.linkChanges()) {
      const text = `interface ${name} is ${to}`
      this.#context.listener.onJournal(entry('link-changed', undefined, text, {interface: name, from, to}))
    }
  }
}
