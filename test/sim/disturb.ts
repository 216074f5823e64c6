import type {IpAddress} from '../../src/core/ip.ts'
import {priority} from '../../src/core/units.ts'
import {OWNER_PRIORITY} from '../../src/core/vrrp/config.ts'
import {memberOf, type SimNode, type SimRouter, type SimUnit, stateOf} from './segment.ts'
import {crashNode, cutKey, drawPriority, oneIn, pick, regroup, startNode, USUAL_DELAY_MS, type World} from './world.ts'

/** Something goes wrong, is repaired, or is changed by somebody. */
export function disturb(world: World): void {
  const {random, nodes} = world
  world.disturbances++
  const node = pick(random, nodes)
  const dead = nodes.filter(({alive}) => !alive)
  if (dead.length > 0 && oneIn(random, 3)) startNode(world, pick(random, dead))
  // A process that does not run is not told anything either.
  else if (node.stalledUntil <= world.segment.now) pick(random, DISTURBANCES)(world, node)
}

type Disturbance = (world: World, node: SimNode) => void

const DISTURBANCES: readonly Disturbance[] = [
  (world, node) => crashNode(world, node),
  (world, node) => world.segment.stop(node),
  (world, node) => {
    if (!node.alive) startNode(world, node)
  },
  (world, node) => {
    // Killed and back at once.
    if (!node.alive) return
    crashNode(world, node)
    world.segment.run(laterBy(world, world.random(400)))
    startNode(world, node)
  },
  toggleFault,
  toggleLinkFault,
  changePriority,
  changePriority,
  partition,
  cutOneWay,
  ({faults}) => {
    faults.cuts.clear()
  },
  ({faults, random}) => {
    faults.lossPercent = oneIn(random, 2) ? 0 : random(60)
  },
  ({faults, random}) => {
    faults.maxDelayMs = oneIn(random, 2) ? USUAL_DELAY_MS : 1 + random(4_000)
  },
  ({faults, random}) => {
    faults.duplicatePercent = oneIn(random, 2) ? 0 : random(80)
  },
  (world, node) => world.segment.stall(node, world.random(8_000)),
  (world, node) => world.segment.stall(node, world.random(8_000), {suspended: true}),
  killStalled,
  toggleHold,
  orderTakeOver,
  reload,
  reload,
  (world, node) => regroup(world, node, pick(world.random, world.groupings)),
  flood,
  (world, node) => world.segment.event(anyRouter(world, node), {type: 'addresses-lost'}),
  toggleWaiting,
]

const laterBy = ({segment}: World, ms: number): World['segment']['now'] => (segment.now + ms) as World['segment']['now']

const anyRouter = ({random, routers}: World, node: SimNode): SimRouter =>
  pick(random, routers[node.number] as readonly SimRouter[])

const anyUnit = ({random}: World, node: SimNode): SimUnit => pick(random, node.units)

function toggleFault(world: World, node: SimNode): void {
  const router = anyRouter(world, node)
  const broken = memberOf(router).own.faults.length > 0
  world.segment.change(router, {faults: broken ? [] : ['a script fails']})
}

function toggleLinkFault(world: World, node: SimNode): void {
  const link = world.random(2)
  const faults = oneIn(world.random, 2) ? [] : ['the link is down']
  for (const unit of node.units) {
    world.segment.changeUnit(unit, i => {
      const router = unit.routers[i] as SimRouter
      return world.domains[router.domain]?.link === link ? {faults} : {}
    })
  }
}

/** An owner keeps its priority, whatever it tracks. */
function changePriority(world: World, node: SimNode): void {
  const drawn = drawPriority(world.random)
  const {set} = pick(world.random, world.domains)
  for (const unit of node.units) {
    world.segment.changeUnit(unit, i => {
      const router = unit.routers[i] as SimRouter
      const concerned = world.domains[router.domain]?.set === set && !owns(router)
      return concerned ? {priority: drawn} : {}
    })
  }
}

const owns = (router: SimRouter): boolean => memberOf(router).config.priority === OWNER_PRIORITY

function partition({random, nodes, faults}: World): void {
  const link = random(2)
  const sides = nodes.map(() => random(2))
  for (const from of nodes) {
    for (const to of nodes) if (sides[from.number] !== sides[to.number]) faults.cuts.add(cutKey({link}, from, to))
  }
}

function cutOneWay({random, nodes, faults}: World, from: SimNode): void {
  faults.cuts.add(cutKey({link: random(2)}, from, pick(random, nodes)))
}

/** A process that does not answer is killed; it was last seen before it stopped. */
function killStalled(world: World, node: SimNode): void {
  if (!node.alive) return
  const aliveAt = world.segment.clockOf(node)
  const durationMs = world.random(6_000)
  world.segment.stall(node, durationMs + 1)
  world.segment.run(laterBy(world, durationMs))
  crashNode(world, node, aliveAt)
  startNode(world, node)
}

function toggleHold(world: World, node: SimNode): void {
  const units = oneIn(world.random, 2) ? node.units : [anyUnit(world, node)]
  const held = oneIn(world.random, 2) ? 'released by the operator' : undefined
  // The group is held by any of its members.
  for (const unit of units) world.segment.changeUnit(unit, i => (i === 0 || held === undefined ? {held} : {}))
}

/** The caller raises the priority before. */
function orderTakeOver(world: World, node: SimNode): void {
  if (!node.alive) return
  const unit = anyUnit(world, node)
  const {set} = world.domains[unit.routers[0]?.domain ?? 0] as World['domains'][number]
  for (const other of node.units) {
    world.segment.changeUnit(other, i => {
      const router = other.routers[i] as SimRouter
      return world.domains[router.domain]?.set === set && !owns(router) ? {priority: priority(254)} : {}
    })
  }
  const ready = unit.routers.every(router => ['backup', 'master'].includes(stateOf(router).name))
  const free = unit.members.every(({state}) => state.conditions.held === undefined)
  world.segment.unitEvent(unit, {type: 'take-over-ordered'})
  for (const router of unit.routers) {
    const {name} = stateOf(router)
    if (ready && free && name !== 'master') throw new Error(`${router.name} was ordered to take over and is ${name}`)
  }
}

/** Some values of a set change on a node, and of one router its interval. */
function reload(world: World, node: SimNode): void {
  const {random, domains, segment} = world
  const {set} = pick(random, domains)
  const preempt = !oneIn(random, 3)
  const preemptDelayMs = preempt && oneIn(random, 3) ? (1 + random(5)) * 1_000 : 0
  const lowerPriorityNoAdvert = oneIn(random, 5)
  const base = drawPriority(random)
  for (const unit of node.units) {
    const mine = unit.routers.map(router => domains[router.domain]?.set === set)
    if (!mine.includes(true)) continue
    const configs = unit.members.map(({config}, i) => {
      if (!mine[i]) return config
      const {intervalMs, version} = domains[unit.routers[i]?.domain ?? 0] as World['domains'][number]
      const advertIntervalMs = version === 3 && intervalMs > 100 && oneIn(random, 4) ? intervalMs / 2 : intervalMs
      const common = {...config, advertIntervalMs, lowerPriorityNoAdvert}
      if (config.priority === OWNER_PRIORITY) return common
      const timerExpiredBackup = preempt || oneIn(random, 2) ? undefined : priority(254)
      return {...common, preempt, preemptDelayMs, priority: base, timerExpiredBackup}
    })
    segment.configure(
      unit,
      configs,
      unit.members.map(({own}, i) => ({...own, priority: configs[i]?.priority ?? own.priority})),
    )
  }
}

/** Somebody sends a lot in the name of a host that is no router: lower priorities, and priority 0. */
function flood(world: World, node: SimNode): void {
  const router = anyRouter(world, node)
  const {config, state} = memberOf(router)
  const lower = oneIn(world.random, 3) ? 0 : Math.max(1, state.conditions.priority - 1)
  for (let i = 0; i < 100; i++) {
    const event = {
      type: 'advertisement-received',
      source: (config.family === 4 ? '10.9.9.9' : 'fe80::9:9:9') as IpAddress,
      priority: priority(Math.min(254, lower)),
      intervalMs: config.advertIntervalMs,
    } as const
    world.segment.send(router, event, (i * config.advertIntervalMs) / 100)
  }
}

function toggleWaiting(world: World, node: SimNode): void {
  const router = anyRouter(world, node)
  const waits = memberOf(router).own.waitingFor.length > 0
  world.segment.change(router, {waitingFor: waits ? [] : ['script chk']})
}
