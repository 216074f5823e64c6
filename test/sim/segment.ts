import {type IpAddress, ipFromBytes} from '../../src/core/ip.ts'
import {
  after,
  centiseconds,
  centisecondsToMs,
  type MonotonicMs,
  monotonicMs,
  priority,
  vrid,
} from '../../src/core/units.ts'
import {VRRP_GROUP4, type VrrpConfig} from '../../src/core/vrrp/config.ts'
import {describeFollowing, describeTransition} from '../../src/core/vrrp/describe.ts'
import type {Conditions, VrrpAction, VrrpEvent, VrrpState} from '../../src/core/vrrp/state.ts'
import {
  type GroupEvent,
  initialMember,
  type MemberEvent,
  nextGroupDeadline,
  type SyncMember,
  stepGroup,
} from '../../src/core/vrrp/sync-group.ts'

/** One node: it runs or not, hears or not, and has a clock of its own. */
export interface SimNode {
  readonly name: string
  readonly number: number
  readonly units: SimUnit[]
  /** False after a crash, or before the start. */
  alive: boolean
  /** Hears and is heard; a cut node keeps its links. */
  connected: boolean
  /** Until then nothing runs, and packets wait; milliseconds of the segment. */
  stalledUntil: number
  readonly waiting: Delivery[]
  /** Its monotonic clock: where it was at 0 of the segment, and how fast it is. */
  readonly clock: {offsetMs: number; rate: number}
}

/** Virtual routers of a node that move together. */
export interface SimUnit {
  readonly node: SimNode
  readonly routers: SimRouter[]
  members: readonly SyncMember[]
  /** When its timers are due, in milliseconds of the segment. */
  due: number
}

/** One simulated virtual router of one node. */
export interface SimRouter {
  readonly name: string
  /** Number of the virtual router: those of the same number hear each other. */
  readonly domain: number
  readonly source: IpAddress
  unit: SimUnit
  /** Its place among the members of its unit. */
  index: number
  /** Whether the virtual addresses are on its interface. */
  holds: boolean
  sent: number
  announced: number
}

interface Delivery {
  readonly at: number
  readonly to: SimRouter
  readonly from: SimRouter | undefined
  readonly event: Extract<VrrpEvent, {type: 'advertisement-received'}>
}

/** How a packet travels: the delay of each of its copies in milliseconds; none means lost. */
export type Travel = (from: SimRouter, to: SimRouter) => readonly number[]

/** What the segment runs, and who looks on. */
export interface SegmentOptions {
  readonly travel?: Travel
  /** The machine; another one than the real one shows what the simulation finds. */
  readonly step?: typeof stepGroup
  readonly deadline?: typeof nextGroupDeadline
  /** Packets before timers after a stall, as the agent's loop has it. */
  readonly packetsFirst?: boolean
  /** Sees each unit after each of its steps. */
  readonly onStep?: (unit: SimUnit, before: readonly SyncMember[]) => void
  readonly onAction?: (router: SimRouter, action: VrrpAction) => void
  /** Whether transitions and actions are written down in words. */
  readonly writes?: boolean
}

/** A version 2 or 3 configuration with keepalived's defaults and the values given. */
export function simConfig(over: Partial<VrrpConfig> = {}): VrrpConfig {
  return {
    family: 4,
    downTimerAdverts: 3,
    transport: {type: 'multicast', group: VRRP_GROUP4},
    hmac: undefined,
    lowerPriorityNoAdvert: false,
    higherPrioritySendAdvert: false,
    ownerIgnoreAdverts: false,
    skipCheckAdvertAddresses: false,
    timerExpiredBackup: undefined,
    vrid: vrid(51),
    version: 3,
    initialState: 'backup',
    priority: priority(100),
    advertIntervalMs: centisecondsToMs(centiseconds(100)),
    preempt: true,
    preemptDelayMs: 0,
    authentication: undefined,
    checksumWithoutPseudoHeader: false,
    garp: {
      delayMs: 5000,
      repeat: 5,
      refreshMs: 0,
      refreshRepeat: 1,
      lowerPriorityDelayMs: 5000,
      lowerPriorityRepeat: 5,
    },
    vips: [{address: '10.0.0.100' as IpAddress}],
    ...over,
  }
}

/** The member that a simulated router is to the machine. */
export const memberOf = ({unit, index}: SimRouter): SyncMember => unit.members[index] as SyncMember
/** Its state. */
export const stateOf = (router: SimRouter): VrrpState => memberOf(router).state

const USUAL_DELAYS_MS = [0.1]
/** Packets that a socket holds for a node that does not read. */
const SOCKET_HOLDS = 500
/** Clocks that run at other speeds are converted with an error below this. */
const ROUNDING_MS = 1e-6

/** Many nodes, packets with a delay. Nothing here reads the time or draws a random number. */
export class Segment {
  now = monotonicMs(0)
  readonly nodes: SimNode[] = []
  readonly units: SimUnit[] = []
  readonly routers = new Map<string, SimRouter>()
  readonly log: string[] = []
  readonly #domains = new Map<number, SimRouter[]>()
  readonly #options: SegmentOptions
  readonly #travel: Travel
  readonly #step: typeof stepGroup
  /** By time, latest first. */
  readonly #deliveries: Delivery[] = []

  constructor(options: SegmentOptions = {}) {
    this.#options = options
    this.#travel = options.travel ?? (() => USUAL_DELAYS_MS)
    this.#step = options.step ?? stepGroup
  }

  addNode(name: string): SimNode {
    const node: SimNode = {
      name,
      number: this.nodes.length,
      units: [],
      alive: false,
      connected: true,
      stalledUntil: 0,
      waiting: [],
      clock: {offsetMs: 0, rate: 1},
    }
    this.nodes.push(node)
    return node
  }

  /** A virtual router, in the sync group of a unit or alone. */
  addRouter(
    name: string,
    config: VrrpConfig,
    place: {readonly node: SimNode; readonly domain: number; readonly source?: IpAddress; readonly unit?: SimUnit},
  ): SimRouter {
    const {node, domain} = place
    const source = place.source ?? ipFromBytes(Buffer.from([10, 0, 0, node.number + 1]))
    const own: Conditions = {faults: [], waitingFor: [], held: undefined, priority: config.priority, source}
    const unit = place.unit ?? this.#addUnit(node)
    const router: SimRouter = {
      name,
      domain,
      source,
      unit,
      index: unit.routers.length,
      holds: false,
      sent: 0,
      announced: 0,
    }
    unit.routers.push(router)
    unit.members = [...unit.members, initialMember(name, config, own)]
    this.routers.set(name, router)
    const domainRouters = this.#domains.get(domain) ?? []
    domainRouters.push(router)
    this.#domains.set(domain, domainRouters)
    return router
  }

  router(name: string): SimRouter {
    const router = this.routers.get(name)
    if (!router) throw new Error(`no router ${name}`)
    return router
  }

  /** The virtual routers of one number, on all nodes. */
  domain(number: number): readonly SimRouter[] {
    return this.#domains.get(number) ?? []
  }

  /** The time on the clock of a node. */
  clockOf({clock}: SimNode): MonotonicMs {
    return monotonicMs(this.now * clock.rate + clock.offsetMs)
  }

  /** Hands one event to one router. */
  event(router: SimRouter, event: MemberEvent): void {
    this.unitEvent(router.unit, {type: 'member-event', member: router.index, event})
  }

  /** Hands one event to one unit and performs what it asks for. */
  unitEvent(unit: SimUnit, event: GroupEvent): void {
    const {node} = unit
    if (!node.alive) return
    const now = this.clockOf(node)
    const before = unit.members
    const {members, actions} = this.#step(before, event, now)
    unit.members = members
    this.#schedule(unit)
    if (this.#options.writes) this.#writeMovements(unit, before, event, now)
    for (const {member, action} of actions) this.#perform(unit.routers[member] as SimRouter, action)
    this.#options.onStep?.(unit, before)
  }

  /** Changes what holds for one router. */
  change(router: SimRouter, conditions: Partial<Conditions>): void {
    this.changeUnit(router.unit, i => (i === router.index ? conditions : {}))
  }

  /** Changes what holds for the members of a unit. */
  changeUnit(unit: SimUnit, changes: (index: number) => Partial<Conditions>): void {
    const conditions = unit.members.map(({own}, i) => ({...own, ...changes(i)}))
    if (unit.node.alive) this.unitEvent(unit, {type: 'conditions-changed', conditions})
    else unit.members = unit.members.map((member, i) => ({...member, own: conditions[i] ?? member.own}))
  }

  /** Gives the members of a unit other configurations, by a reload. */
  configure(unit: SimUnit, configs: readonly VrrpConfig[], own: readonly Conditions[]): void {
    const members = unit.members.map((from, i) => ({
      name: from.name,
      config: configs[i] ?? from.config,
      own: own[i] ?? from.own,
      from,
    }))
    if (unit.node.alive) this.unitEvent(unit, {type: 'members-changed', members})
    else unit.members = members.map(({name, config, own: conditions}) => initialMember(name, config, conditions))
  }

  /** Puts the routers of a node together in another way, by a reload. */
  regroup(node: SimNode, groups: readonly (readonly SimRouter[])[]): void {
    const was = new Map(node.units.flatMap(({routers}) => routers).map(router => [router, memberOf(router)]))
    const units = groups.map(routers => {
      // The unit that the first of them was in goes on; two of them cannot.
      const earlier = routers[0]?.unit
      return {routers, before: earlier?.members ?? []}
    })
    for (const unit of node.units) this.units.splice(this.units.indexOf(unit), 1)
    node.units.length = 0
    for (const {routers, before} of units) {
      const unit = this.#addUnit(node)
      for (const [index, router] of routers.entries()) {
        router.unit = unit
        router.index = index
        unit.routers.push(router)
      }
      const members = routers.map(router => was.get(router) as SyncMember)
      if (!node.alive) {
        unit.members = members
        continue
      }
      unit.members = before
      const next = members.map(from => ({name: from.name, config: from.config, own: from.own, from}))
      this.unitEvent(unit, {type: 'members-changed', members: next})
    }
  }

  /** Starts all of a node. `resumeUntil`: until when each router may go on as master, by the clock of the node. */
  start(node: SimNode, resumeUntil?: (router: SimRouter) => MonotonicMs | undefined): void {
    node.alive = true
    node.waiting.length = 0
    for (const unit of node.units) {
      unit.members = unit.members.map(({name, config, own}) => initialMember(name, config, own))
      const resumeUntilEach = unit.routers.map(router => resumeUntil?.(router))
      this.unitEvent(unit, {type: 'started', resumeUntil: undefined, resumeUntilEach})
    }
  }

  /** An orderly end. */
  stop(node: SimNode): void {
    for (const unit of node.units) this.unitEvent(unit, {type: 'stopped'})
    this.crash(node)
  }

  /** The end of a process: what is on the interfaces stays there. */
  crash(node: SimNode): void {
    node.alive = false
    node.stalledUntil = 0
    node.waiting.length = 0
    for (const unit of node.units) unit.due = Number.POSITIVE_INFINITY
  }

  /** A node does not run for a while. `suspended`: its clock stands still too. */
  stall(node: SimNode, durationMs: number, {suspended = false} = {}): void {
    if (!node.alive || node.stalledUntil > this.now) return
    node.stalledUntil = this.now + durationMs
    if (suspended) node.clock.offsetMs -= durationMs * node.clock.rate
    for (const unit of node.units) this.#schedule(unit)
  }

  /** Puts an advertisement on its way to a router, as if somebody else had sent it. */
  send(to: SimRouter, event: Delivery['event'], delayMs: number): void {
    this.#queue({at: this.now + delayMs, to, from: undefined, event})
  }

  /** Runs until nothing is due before `end`. */
  run(end: MonotonicMs): void {
    for (let steps = 0; steps < 1_000_000; steps++) {
      const due = this.#next()
      if (due > end) {
        this.now = end
        return
      }
      if (due > this.now) this.now = monotonicMs(due)
      this.#runDue()
    }
    throw new Error('the simulation does not come to rest')
  }

  #addUnit(node: SimNode): SimUnit {
    const unit: SimUnit = {node, routers: [], members: [], due: Number.POSITIVE_INFINITY}
    node.units.push(unit)
    this.units.push(unit)
    return unit
  }

  #schedule(unit: SimUnit): void {
    const {clock, stalledUntil} = unit.node
    const due = (this.#options.deadline ?? nextGroupDeadline)(unit.members)
    const exact = clock.rate === 1 && clock.offsetMs === 0
    if (due === undefined) unit.due = Number.POSITIVE_INFINITY
    else unit.due = exact ? due : (due - clock.offsetMs) / clock.rate + ROUNDING_MS
    if (unit.due < stalledUntil) unit.due = stalledUntil
  }

  #next(): number {
    let due = this.#deliveries.at(-1)?.at ?? Number.POSITIVE_INFINITY
    for (const unit of this.units) if (unit.due < due) due = unit.due
    for (const node of this.nodes) if (node.waiting.length > 0 && node.stalledUntil < due) due = node.stalledUntil
    return due
  }

  /** Packets before timers, as the agent's loop has it. */
  #runDue(): void {
    if (this.#options.packetsFirst === false) this.#runTimers()
    for (const node of this.nodes) {
      if (node.waiting.length === 0 || node.stalledUntil > this.now) continue
      for (const delivery of node.waiting.splice(0)) this.#deliver(delivery)
    }
    for (let next = this.#deliveries.at(-1); next && next.at <= this.now; next = this.#deliveries.at(-1)) {
      this.#deliveries.pop()
      this.#deliver(next)
    }
    this.#runTimers()
  }

  #runTimers(): void {
    for (const unit of this.units) if (unit.due <= this.now) this.unitEvent(unit, {type: 'clock-advanced'})
  }

  #deliver(delivery: Delivery): void {
    const {to, from, event} = delivery
    const {node} = to.unit
    if (!node.alive || !node.connected) return
    if (node.stalledUntil > this.now) {
      if (node.waiting.length < SOCKET_HOLDS) node.waiting.push(delivery)
      return
    }
    // As received: neither the other version nor, in version 2, another interval is obeyed.
    const {config} = memberOf(to)
    if (from && memberOf(from).config.version !== config.version) return
    if (config.version === 2 && event.intervalMs !== config.advertIntervalMs) return
    this.event(to, event)
  }

  #perform(router: SimRouter, action: VrrpAction): void {
    this.#options.onAction?.(router, action)
    switch (action.type) {
      case 'send-advertisement':
        router.sent++
        if (action.priority === 0 || router.sent === 1) this.#write(`${router.name}: advertise ${action.priority}`)
        this.#broadcast(router, action)
        return
      case 'add-addresses':
        router.holds = true
        this.#write(`${router.name}: add-addresses`)
        return
      case 'remove-addresses':
        if (router.holds) this.#write(`${router.name}: remove-addresses`)
        router.holds = false
        return
      case 'announce-addresses':
        router.announced++
        this.#write(`${router.name}: announce-addresses x${action.repeat}`)
        return
      case 'report-lower-priority':
        this.#write(`${router.name}: report ${action.priority} of ${action.source}`)
    }
  }

  #broadcast(from: SimRouter, sent: Extract<VrrpAction, {type: 'send-advertisement'}>): void {
    if (!from.unit.node.connected) return
    const {advertIntervalMs: intervalMs} = memberOf(from).config
    const {source} = from
    const event = {type: 'advertisement-received', source, priority: sent.priority, intervalMs} as const
    for (const to of this.domain(from.domain)) {
      if (to === from) continue
      for (const delayMs of this.#travel(from, to)) this.#queue({at: this.now + delayMs, to, from, event})
    }
  }

  #queue(delivery: Delivery): void {
    const queue = this.#deliveries
    let place = queue.length
    while (place > 0 && (queue[place - 1] as Delivery).at <= delivery.at) place--
    queue.splice(place, 0, delivery)
  }

  #writeMovements(unit: SimUnit, before: readonly SyncMember[], event: GroupEvent, now: MonotonicMs): void {
    for (const [i, member] of unit.members.entries()) {
      const was = event.type === 'members-changed' ? event.members[i]?.from : before[i]
      if (!was || was.state.name === member.state.name) continue
      const why = reasonFor(event, i, {was, member, leader: unit.routers, now})
      this.#write(`${member.name}: ${was.state.name} -> ${member.state.name} (${why})`)
    }
  }

  #write(line: string): void {
    if (this.#options.writes) this.log.push(`${Math.round(this.now * 1000) / 1000}ms ${line}`)
  }
}

interface Movement {
  readonly was: SyncMember
  readonly member: SyncMember
  readonly leader: readonly SimRouter[]
  readonly now: MonotonicMs
}

function reasonFor(event: GroupEvent, index: number, {was, member, leader, now}: Movement): string {
  if (event.type === 'member-event' && event.member !== index) {
    return describeFollowing(leader[event.member]?.name ?? '', member.state)
  }
  const {conditions} = member.state
  const told: VrrpEvent =
    event.type === 'member-event'
      ? event.event
      : event.type === 'conditions-changed'
        ? {type: event.type, conditions}
        : event.type === 'members-changed'
          ? {type: 'configuration-changed', previous: was.config, conditions}
          : event.type === 'started'
            ? {type: event.type, resumeUntil: event.resumeUntilEach?.[index]}
            : event
  return describeTransition({config: member.config, before: was.state, event: told, after: member.state, now})
}

/** The moment so many milliseconds from now. */
export const later = ({now}: Segment, ms: number): MonotonicMs => after(now, ms)
