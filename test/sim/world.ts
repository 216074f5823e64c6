import {type IpAddress, ipFromBytes} from '../../src/core/ip.ts'
import {type MonotonicMs, monotonicMs, type Priority, priority, vrid} from '../../src/core/units.ts'
import type {VrrpConfig} from '../../src/core/vrrp/config.ts'
import {masterDownIntervalMs} from '../../src/core/vrrp/timing.ts'
import {seededRandom} from './random.ts'
import {memberOf, Segment, type SegmentOptions, type SimNode, type SimRouter, simConfig} from './segment.ts'

/** Delay of a packet while all is well, at most, milliseconds: far below any interval used here. */
export const USUAL_DELAY_MS = 2

/** A virtual router as all nodes have it. */
export interface Domain {
  readonly number: number
  /** Which of the networks it is on. */
  readonly link: number
  readonly family: 4 | 6
  readonly version: 2 | 3
  /** The longest interval of any node. */
  readonly intervalMs: number
  readonly downTimerAdverts: number
  /** Those of a set have the same priorities, and may be in a sync group together. */
  readonly set: number
}

/** What a node has for all virtual routers of a set. */
export interface Standing {
  readonly config: Pick<
    VrrpConfig,
    | 'priority'
    | 'initialState'
    | 'preempt'
    | 'preemptDelayMs'
    | 'lowerPriorityNoAdvert'
    | 'higherPrioritySendAdvert'
    | 'ownerIgnoreAdverts'
    | 'timerExpiredBackup'
  >
}

/** Everything that a seed decides, and what is broken at the moment. */
export interface World {
  readonly seed: number
  readonly random: (below: number) => number
  readonly segment: Segment
  readonly domains: readonly Domain[]
  readonly nodes: readonly SimNode[]
  /** By node: its routers, by number of the domain. */
  readonly routers: readonly (readonly SimRouter[])[]
  /** Ways to put domains together. */
  readonly groupings: readonly (readonly (readonly number[])[])[]
  readonly faults: {
    lossPercent: number
    duplicatePercent: number
    maxDelayMs: number
    /** "LINK FROM TO": nothing passes. */
    readonly cuts: Set<string>
  }
  /** By router: until when its node may go on as master after its process died. */
  readonly resumptions: Map<SimRouter, MonotonicMs>
  /** Where the trouble of a moment ago is, for bounds on what may be sent. */
  disturbances: number
}

/** True in one of so many cases. */
export const oneIn = (random: World['random'], cases: number): boolean => random(cases) === 0

/** One of a list. */
export const pick = <T>(random: World['random'], from: readonly T[]): T => from[random(from.length)] as T

/** Anything, or one of three, so that equals meet often. */
export const drawPriority = (random: World['random']): Priority =>
  priority(oneIn(random, 2) ? 1 + random(254) : 100 + random(3))

/** Two to seven nodes with up to six virtual routers each, some of them in sync groups. */
export function makeWorld(seed: number, options: Omit<SegmentOptions, 'travel'> = {}): World {
  const random = seededRandom(seed)
  const faults = {lossPercent: 0, duplicatePercent: 0, maxDelayMs: USUAL_DELAY_MS, cuts: new Set<string>()}
  const domains = drawDomains(random)
  const segment = new Segment({...options, travel: travelThrough(random, faults, domains)})
  const count = 2 + random(6)
  const nodes = Array.from({length: count}, (_, i) => segment.addNode(`n${i}`))
  const routers = nodes.map((): SimRouter[] => [])
  const standings = new Map<number, readonly Standing[]>()
  for (const {set} of domains) if (!standings.has(set)) standings.set(set, drawStandings(random, count))
  const groupings = drawGroupings(domains)
  for (const [i, node] of nodes.entries()) {
    if (oneIn(random, 2)) {
      node.clock.offsetMs = random(1_000_000_000)
      node.clock.rate = 1 + (random(401) - 200) / 1_000_000
    }
    for (const domain of domains) {
      const standing = standings.get(domain.set)?.[i] as Standing
      const config = configOf(domain, standing, random)
      const name = `${node.name}.${domain.number}`
      routers[i]?.push(segment.addRouter(name, config, {node, domain: domain.number, source: sourceOf(domain, i)}))
    }
    regroup({segment, routers}, node, groupings[0] as World['groupings'][number])
  }
  return {
    seed,
    random,
    segment,
    domains,
    nodes,
    routers,
    groupings,
    faults,
    resumptions: new Map(),
    disturbances: 0,
  }
}

/** Puts the routers of a node together as a grouping has it. */
export function regroup(
  {segment, routers}: Pick<World, 'segment' | 'routers'>,
  node: SimNode,
  grouping: World['groupings'][number],
): void {
  segment.regroup(
    node,
    grouping.map(domains => domains.map(domain => routers[node.number]?.[domain] as SimRouter)),
  )
}

/** How long a backup of the least priority waits for a silent master, in the slowest domain; milliseconds. */
export const longestDownMs = ({domains}: World): number =>
  Math.max(...domains.map(domain => masterDownIntervalMs(domain, priority(1), domain.intervalMs)))

/** The longest preempt_delay, milliseconds. */
export const longestDelayMs = ({routers}: World): number =>
  Math.max(...routers.flat().map(router => memberOf(router).config.preemptDelayMs))

function drawDomains(random: World['random']): readonly Domain[] {
  const count = 1 + random(6)
  // The first ones share their priorities; each of the others has its own.
  const together = random(count + 1)
  return Array.from({length: count}, (_, number): Domain => {
    const family = oneIn(random, 3) ? 6 : 4
    const version = family === 6 || oneIn(random, 2) ? 3 : 2
    return {
      number,
      family,
      version,
      link: random(2),
      intervalMs: version === 2 ? pick(random, [1_000, 1_000, 2_000]) : pick(random, [100, 500, 1_000, 1_000, 3_000]),
      downTimerAdverts: pick(random, [3, 3, 3, 2, 4, 5]),
      set: number < together ? 0 : number,
    }
  })
}

function drawStandings(random: World['random'], count: number): readonly Standing[] {
  const owner = oneIn(random, 4) ? random(count) : -1
  // Of two owners one at most may be deaf, or there is nobody to give in.
  const second = oneIn(random, 2) ? random(count) : -1
  const isDeaf = oneIn(random, 2)
  const priorities = Array.from({length: count}, () => drawPriority(random))
  return priorities.map((drawn, i): Standing => {
    const owns = owner >= 0 && (i === owner || i === second)
    const preempt = owns || !oneIn(random, 4)
    const others = priorities.filter((_, other) => other !== i)
    return {
      config: {
        priority: owns ? priority(255) : drawn,
        initialState: owns || oneIn(random, 4) ? 'master' : 'backup',
        preempt,
        preemptDelayMs: !owns && preempt && oneIn(random, 3) ? (1 + random(5)) * 1_000 : 0,
        lowerPriorityNoAdvert: oneIn(random, 5),
        higherPrioritySendAdvert: oneIn(random, 5),
        ownerIgnoreAdverts: isDeaf && i === owner,
        timerExpiredBackup: !preempt && oneIn(random, 3) ? priority(Math.max(1, ...others)) : undefined,
      },
    }
  })
}

/** All in sync groups, none, and what lies between. */
function drawGroupings(domains: readonly Domain[]): World['groupings'] {
  const shared = domains.filter(({set}) => set === 0).map(({number}) => number)
  const rest = domains.filter(({set}) => set !== 0).map(({number}) => [number])
  if (shared.length < 2) return [domains.map(({number}) => [number])]
  const half = Math.ceil(shared.length / 2)
  const halves = [shared.slice(0, half), shared.slice(half)]
  return [
    [shared, ...rest],
    [...halves, ...rest],
    [...shared.map(number => [number]), ...rest],
  ]
}

/** The configuration of a domain on a node; in version 3 it may be faster than others. */
export function configOf(domain: Domain, {config}: Standing, random: World['random']): VrrpConfig {
  const {intervalMs, version, family, downTimerAdverts, number} = domain
  const faster = version === 3 && intervalMs > 100 && oneIn(random, 6)
  return simConfig({
    ...config,
    family,
    version,
    downTimerAdverts,
    vrid: vrid(number + 1),
    advertIntervalMs: faster ? intervalMs / 2 : intervalMs,
    garp: {...simConfig().garp, delayMs: oneIn(random, 2) ? 0 : 5_000, refreshMs: oneIn(random, 4) ? 60_000 : 0},
  })
}

/** Addresses in the order of the nodes: in a group the same node wins every tie. */
function sourceOf({family, link}: Domain, node: number): IpAddress {
  if (family === 4) return ipFromBytes(Buffer.from([10, 0, link, node + 1]))
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16BE(0xfe80, 0)
  bytes[15] = node + 1
  return ipFromBytes(bytes)
}

const LOST: readonly number[] = []

function travelThrough(
  random: World['random'],
  faults: World['faults'],
  domains: readonly Domain[],
): NonNullable<SegmentOptions['travel']> {
  return (from, to) => {
    // While all is well, packets of one node arrive in the order in which they were sent.
    const usualMs = (((7 * from.unit.node.number + 3 * to.unit.node.number) % 20) * USUAL_DELAY_MS) / 20
    const {maxDelayMs} = faults
    const delay = (): number => (maxDelayMs === USUAL_DELAY_MS ? usualMs : (random(1_000) * maxDelayMs) / 1_000)
    const {lossPercent, duplicatePercent, cuts} = faults
    if (cuts.size > 0 && cuts.has(cutKey(domains[from.domain] as Domain, from.unit.node, to.unit.node))) return LOST
    if (lossPercent > 0 && random(100) < lossPercent) return LOST
    if (duplicatePercent > 0 && random(100) < duplicatePercent) return [delay(), delay(), delay()]
    return [delay()]
  }
}

/** What a cut between two nodes is called. */
export const cutKey = ({link}: Pick<Domain, 'link'>, from: SimNode, to: SimNode): string =>
  `${link} ${from.number} ${to.number}`

/** A process starts; true when it may not go on from an earlier one. */
export function startNode(world: World, node: SimNode): void {
  const {segment, resumptions} = world
  const now = segment.clockOf(node)
  const mayResume = (router: SimRouter): boolean => (resumptions.get(router) ?? Number.NEGATIVE_INFINITY) > now
  segment.start(node, router => resumptions.get(router))
  for (const {routers} of node.units) {
    const owns = routers.every(router => memberOf(router).state.conditions.priority === 255)
    const resumes = routers.every(mayResume)
    for (const router of routers) {
      if (!owns && !resumes && memberOf(router).state.name === 'master') {
        throw new Error(`${router.name} is master at its start, and was none before`)
      }
    }
  }
  for (const router of world.routers[node.number] ?? []) resumptions.delete(router)
}

/** A process dies, and the supervisor remembers until when no backup can have taken over. */
export function crashNode(world: World, node: SimNode, aliveAt: MonotonicMs = world.segment.clockOf(node)): void {
  for (const router of world.routers[node.number] ?? []) {
    const {state, config} = memberOf(router)
    const silentMs = (config.downTimerAdverts - 1) * config.advertIntervalMs
    if (node.alive && state.name === 'master') world.resumptions.set(router, monotonicMs(aliveAt + silentMs))
  }
  world.segment.crash(node)
}
