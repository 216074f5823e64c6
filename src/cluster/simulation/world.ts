import {evaluateTracks} from '../../core/track/tracking.ts'
import {after, earliest, type MonotonicMs, monotonicMs} from '../../core/units.ts'
import type {Conditions, VrrpAction, VrrpState} from '../../core/vrrp/state.ts'
import {
  type GroupEvent,
  initialMember,
  type MemberEvent,
  nextGroupDeadline,
  type SyncMember,
  stepGroup,
} from '../../core/vrrp/sync-group.ts'
import {asTrack} from '../tracks.ts'
import type {Component, SimRouter} from './component.ts'
import {watchForRest} from './rest.ts'

/** How an interface of a node is; `cut`: its link is up, and nothing passes. */
export type LinkState = 'down' | 'cut'

/** Something that happened to one simulated router. */
export interface Occurrence {
  readonly at: MonotonicMs
  /** Its number. */
  readonly router: number
  readonly from: VrrpState['name']
  readonly to: VrrpState['name']
  readonly faults: readonly string[]
}

/** The nodes of a component at one moment. It is changed in place; `copyWorld` keeps a moment. */
export interface World {
  readonly component: Component
  now: MonotonicMs
  /** By unit. */
  readonly units: (readonly SyncMember[])[]
  readonly deadlines: (MonotonicMs | undefined)[]
  /** Units whose deadline has to be asked for again. */
  readonly stale: Set<number>
  /** By simulated router: whether the virtual addresses are on its node. */
  readonly holds: boolean[]
  /** Numbers of the nodes that run. */
  readonly alive: Set<number>
  /** What is broken: interfaces as "NODE NAME", and things that are tracked. */
  readonly links: Map<string, LinkState>
  readonly failed: Set<string>
  deliveries: Delivery[]
  log: Occurrence[]
  steps: number
}

/** A change that comes of itself while the world runs. */
export interface Scheduled {
  readonly at: MonotonicMs
  readonly apply: (world: World) => void
}

interface Delivery {
  readonly at: MonotonicMs
  readonly to: number
  readonly event: MemberEvent
}

/** How long a packet takes, milliseconds: far below any interval. */
const TRAVEL_MS = 0.01
/**
 * Each node's timers ring so much later than those of the node before it, milliseconds: a tie to the microsecond, which
 * never lasts between real hosts, is broken, since a packet of the one is there before the other's timer.
 */
const LATENESS_MS = 2 * TRAVEL_MS

/** A component whose nodes have not been started. */
export function newWorld(component: Component): World {
  const world: World = {
    component,
    now: monotonicMs(0),
    units: [],
    deadlines: component.units.map(() => undefined),
    stale: new Set(),
    holds: component.routers.map(() => false),
    alive: new Set(),
    links: new Map(),
    failed: new Set(),
    deliveries: [],
    log: [],
    steps: 0,
  }
  for (const {routers} of component.units) world.units.push(routers.map(number => freshMember(world, number)))
  return world
}

/** The same moment again, to go on from in another way; with nothing in its log and no steps counted. */
export function copyWorld(world: World): World {
  return {
    ...world,
    units: [...world.units],
    deadlines: [...world.deadlines],
    stale: new Set(world.stale),
    holds: [...world.holds],
    alive: new Set(world.alive),
    links: new Map(world.links),
    failed: new Set(world.failed),
    deliveries: [...world.deliveries],
    log: [],
    steps: 0,
  }
}

/** Starts a node from nothing. */
export function startNode(world: World, node: number): void {
  world.alive.add(node)
  for (const [unit, {node: of, routers}] of world.component.units.entries()) {
    if (of !== node) continue
    world.units[unit] = routers.map(number => freshMember(world, number))
    stepUnit(world, unit, {type: 'started', resumeUntil: undefined})
  }
}

/** A node is gone, with what it had. `orderly`: it says so first. */
export function endNode(world: World, node: number, {orderly}: {readonly orderly: boolean}): void {
  for (const [unit, {node: of, routers}] of world.component.units.entries()) {
    if (of !== node) continue
    if (orderly) stepUnit(world, unit, {type: 'stopped'})
    for (const number of routers) world.holds[number] = false
    world.deadlines[unit] = undefined
    world.stale.delete(unit)
  }
  world.alive.delete(node)
}

/** Changes an interface of a node; undefined: it works. */
export function setLink(world: World, node: number, name: string, state: LinkState | undefined): void {
  if (state === undefined) world.links.delete(linkKey(node, name))
  else world.links.set(linkKey(node, name), state)
  refreshNode(world, node)
}

/** A thing that a node tracks fails or returns. */
export function setThing(world: World, node: number, thing: string, failed: boolean): void {
  if (failed) world.failed.add(thing)
  else world.failed.delete(thing)
  refreshNode(world, node)
}

/** Whether a simulated router is heard at all: its node runs, and its interface passes packets. */
export function isReachable(world: World, number: number): boolean {
  const {member, link} = world.component.routers[number] as SimRouter
  return world.alive.has(member.node) && (world.links.size === 0 || !world.links.has(linkKey(member.node, link)))
}

/** The state of a simulated router. */
export function stateOf({component, units}: World, number: number): VrrpState {
  const {unit, member} = component.places[number] as Component['places'][number]
  const members = units[unit] as readonly SyncMember[]
  return (members[member] as SyncMember).state
}

/** When the routers of a node have something to do next; undefined: never. */
export function nextDeadlineOf(world: World, node: number): MonotonicMs | undefined {
  const deadlines = deadlinesOf(world)
  return earliest(world.component.units.map((unit, i) => (unit.node === node ? deadlines[i] : undefined)))
}

/**
 * Lets time pass until `end`, or until nothing but repetition is left; false when that took more than `maxSteps`
 * steps.
 */
export function runWorld(
  world: World,
  {
    end,
    scheduled,
    maxSteps,
  }: {readonly end: MonotonicMs; readonly scheduled: readonly Scheduled[]; readonly maxSteps: number},
): boolean {
  const changes = scheduled.toSorted((a, b) => a.at - b.at)
  let nextChange = 0
  let delivered = 0
  const limit = world.steps + maxSteps
  const rest = watchForRest(world.now, world.component.longestIntervalMs)
  let restsAt: MonotonicMs | undefined
  while (world.steps < limit && restsAt === undefined) {
    const due = earliest([world.deliveries[delivered]?.at, changes[nextChange]?.at, ...deadlinesOf(world)])
    if (due === undefined || due > end) break
    while (restsAt === undefined && rest.at() < due) {
      const at = rest.at()
      const inFlight = world.deliveries.length - delivered
      const repeats = rest.look({units: world.units, inFlight, changes: world.log.length + nextChange})
      if (repeats && nextChange >= changes.length) restsAt = at
    }
    if (restsAt !== undefined) break
    world.now = due
    for (; (changes[nextChange]?.at ?? Number.POSITIVE_INFINITY) <= due; nextChange++) changes[nextChange]?.apply(world)
    // Packets before timers, as the agent has it.
    for (let next = world.deliveries[delivered]; next && next.at <= due; next = world.deliveries[++delivered]) {
      if (isReachable(world, next.to)) stepMember(world, next.to, next.event)
    }
    if (delivered > MANY_DELIVERED) {
      world.deliveries = world.deliveries.slice(delivered)
      delivered = 0
    }
    for (const [unit, deadline] of deadlinesOf(world).entries()) {
      if (deadline !== undefined && deadline <= due) stepUnit(world, unit, {type: 'clock-advanced'})
    }
  }
  world.deliveries = world.deliveries.slice(delivered)
  const finished = world.steps < limit
  if (finished) world.now = restsAt ?? end
  return finished
}

/** Packets that are done with are thrown away in heaps of so many. */
const MANY_DELIVERED = 4_096

const linkKey = (node: number, name: string): string => `${node} ${name}`

function freshMember(world: World, number: number): SyncMember {
  const {member, config} = world.component.routers[number] as SimRouter
  return initialMember(member.instance.name, config, conditionsOf(world, number))
}

/** What holds for one simulated router as everything stands. */
function conditionsOf(world: World, number: number): Conditions {
  const {member, config, source, watched, tracks} = world.component.routers[number] as SimRouter
  const isDown = (name: string): boolean => world.links.get(linkKey(member.node, name)) === 'down'
  const tracking = evaluateTracks(
    config.priority,
    tracks.map(({track, thing, healthy}) => {
      const failed = track.kind === 'interface' ? isDown(track.name) : world.failed.has(thing)
      return asTrack(track, failed === (healthy === 'good') ? 'bad' : 'good')
    }),
  )
  const faults = [...watched.filter(isDown).map(name => `${name} is down`), ...tracking.faults]
  return {faults, waitingFor: [], held: undefined, priority: tracking.priority, source}
}

/** Tells the routers of a node what has changed for them. */
function refreshNode(world: World, node: number): void {
  if (!world.alive.has(node)) return
  for (const [unit, {node: of, routers}] of world.component.units.entries()) {
    if (of !== node) continue
    stepUnit(world, unit, {type: 'conditions-changed', conditions: routers.map(number => conditionsOf(world, number))})
  }
}

function stepMember(world: World, number: number, event: MemberEvent): void {
  const {unit, member} = world.component.places[number] as Component['places'][number]
  stepUnit(world, unit, {type: 'member-event', member, event})
}

function stepUnit(world: World, unit: number, event: GroupEvent): void {
  const before = world.units[unit] ?? []
  const {members, actions} = stepGroup(before, event, world.now)
  const {routers} = world.component.units[unit] as Component['units'][number]
  world.steps += event.type === 'member-event' ? 1 : members.length
  world.units[unit] = members
  world.stale.add(unit)
  for (const {member, action} of actions) perform(world, routers[member] as number, action)
  for (const [i, member] of members.entries()) {
    const {state} = member
    const from = before[i]?.state.name ?? 'init'
    if (member === before[i] || from === state.name) continue
    world.log.push({at: world.now, router: routers[i] as number, from, to: state.name, faults: state.conditions.faults})
  }
}

/** When something is due next, by unit. */
function deadlinesOf({component, units, deadlines, stale}: World): readonly (MonotonicMs | undefined)[] {
  for (const unit of stale) {
    const due = nextGroupDeadline(units[unit] ?? [])
    deadlines[unit] = due && after(due, LATENESS_MS * (component.units[unit]?.node ?? 0))
  }
  stale.clear()
  return deadlines
}

function perform(world: World, number: number, action: VrrpAction): void {
  switch (action.type) {
    case 'add-addresses':
      world.holds[number] = true
      return
    case 'remove-addresses':
      world.holds[number] = false
      return
    case 'send-advertisement':
      send(world, number, action.priority)
      return
    case 'announce-addresses':
    case 'report-lower-priority':
  }
}

function send(world: World, number: number, priority: SimRouter['config']['priority']): void {
  if (!isReachable(world, number)) return
  const {source, config, hearers} = world.component.routers[number] as SimRouter
  const event: MemberEvent = {
    type: 'advertisement-received',
    source,
    priority,
    intervalMs: config.advertIntervalMs,
  }
  const at = after(world.now, TRAVEL_MS)
  for (const to of hearers) world.deliveries.push({at, to, event})
}
