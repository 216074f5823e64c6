import {describe, expect, it} from 'vitest'
import {after, type Priority, priority} from '../../src/core/units.ts'
import {masterDownIntervalMs} from '../../src/core/vrrp/timing.ts'
import {seededRandom} from './random.ts'
import {Segment, type SimRouter, simConfig} from './segment.ts'

/** Seeds tried in one run; `SIM_SEED` tries one alone. */
const SEEDS = process.env.SIM_SEED ? [Number(process.env.SIM_SEED)] : Array.from({length: 150}, (_, i) => i + 1)
const STEPS = 120
/** Delay of a packet, at most, milliseconds: far below any interval used here. */
const MAX_DELAY_MS = 2

interface World {
  readonly segment: Segment
  readonly random: (below: number) => number
  readonly sides: Map<SimRouter, number>
  lossPercent: number
}

/** Anything, or one of three, so that equals meet often. */
const drawPriority = (random: World['random']): Priority =>
  priority(random(2) === 0 ? 1 + random(254) : 100 + random(3))

function makeWorld(seed: number): World {
  const random = seededRandom(seed)
  const sides = new Map<SimRouter, number>()
  const world: World = {
    random,
    sides,
    lossPercent: 0,
    segment: new Segment((from, to) => {
      if (sides.get(from) !== sides.get(to) || random(100) < world.lossPercent) return undefined
      return (random(1000) * MAX_DELAY_MS) / 1000
    }),
  }
  const version = random(2) === 0 ? 2 : 3
  const advertIntervalMs = version === 2 ? 1000 : [10, 100, 1000][random(3)]
  const count = 2 + random(4)
  for (let i = 0; i < count; i++) {
    const config = simConfig({
      version,
      ...(advertIntervalMs === undefined ? {} : {advertIntervalMs}),
      priority: drawPriority(random),
      preempt: random(4) > 0,
      preemptDelayMs: random(4) === 0 ? random(5) * 1000 : 0,
    })
    sides.set(world.segment.add(`r${i}`, config), 0)
  }
  return world
}

/** Addresses are on a router exactly while it is master; a dead one keeps what it held. */
function checkHolders({segment}: World): void {
  for (const router of segment.routers.values()) {
    if (router.alive) expect(router.holds, router.name).toBe(router.state.name === 'master')
  }
}

function disturb(world: World): void {
  const {segment, random, sides} = world
  const routers = [...segment.routers.values()]
  const router = routers[random(routers.length)] as SimRouter
  switch (random(9)) {
    case 0:
      router.alive = false
      return
    case 1:
      segment.event(router, {type: 'stopped'})
      router.alive = false
      return
    case 2:
      segment.change(router, {faults: router.conditions.faults.length > 0 ? [] : ['eth0 is down']})
      return
    case 3:
      segment.change(router, {priority: drawPriority(random)})
      return
    case 4:
      for (const each of routers) sides.set(each, random(2))
      return
    case 5:
      world.lossPercent = random(60)
      return
    case 6:
      segment.event(router, {type: 'addresses-lost'})
      return
    default:
      if (!router.alive) segment.start(router, random(2) === 0 ? after(segment.now, random(200)) : undefined)
  }
}

/** Everything works again, and everybody gets the time to find out. */
function heal(world: World): void {
  const {segment} = world
  world.lossPercent = 0
  let longestMs = 0
  for (const router of segment.routers.values()) {
    world.sides.set(router, 0)
    if (!router.alive) segment.start(router)
    segment.change(router, {faults: []})
    const {version, advertIntervalMs, preemptDelayMs} = router.config
    longestMs = Math.max(longestMs, masterDownIntervalMs(version, priority(1), advertIntervalMs) + preemptDelayMs)
  }
  segment.run(after(segment.now, 3 * longestMs + 1000), () => checkHolders(world))
}

describe('many routers, one clock, everything that goes wrong', () => {
  it.each(SEEDS)('seed %i: addresses only on masters, and one master once the network heals', seed => {
    const world = makeWorld(seed)
    const {segment, random} = world
    const intervalMs = segment.router('r0').config.advertIntervalMs
    for (const router of segment.routers.values()) segment.start(router)
    let transitions = 0
    for (let i = 0; i < STEPS; i++) {
      segment.run(after(segment.now, random(5 * intervalMs)), () => checkHolders(world))
      disturb(world)
      checkHolders(world)
      transitions = segment.log.filter(line => line.includes(' -> ')).length
    }
    expect(transitions).toBeGreaterThan(5)
    heal(world)
    const masters = [...segment.routers.values()].filter(router => router.holds)
    expect(masters.map(router => router.name)).toHaveLength(1)
    const [master] = masters as [SimRouter]
    const best = [...segment.routers.values()].every(
      other => !other.config.preempt || other.conditions.priority <= master.conditions.priority,
    )
    expect(best, 'nobody who may preempt has a greater priority').toBe(true)
  })
})
