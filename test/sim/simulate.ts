import {after} from '../../src/core/units.ts'
import type {Conditions} from '../../src/core/vrrp/state.ts'
import type {SyncMember} from '../../src/core/vrrp/sync-group.ts'
import {disturb} from './disturb.ts'
import {memberOf, type SegmentOptions, type SimRouter, type SimUnit, stateOf} from './segment.ts'
import {runTrials} from './trials.ts'
import {
  longestDelayMs,
  longestDownMs,
  makeWorld,
  oneIn,
  pick,
  regroup,
  startNode,
  USUAL_DELAY_MS,
  type World,
} from './world.ts'

/** What is simulated: the real machine, unless another one is given. */
export type Planted = Pick<SegmentOptions, 'step' | 'deadline' | 'packetsFirst' | 'writes'>

/** How one seed went. */
export interface Course {
  /** Virtual routers times simulated seconds. */
  readonly routerSeconds: number
  readonly transitions: number
  readonly takeOvers: number
}

/** Rounds of trouble and healing of one seed. */
const ROUNDS = 3
/** Of what led to a failure so much is told when one seed runs alone. */
const LINES_TOLD = 60
/** Things that happen in a round. */
const DISTURBANCES = 30

/** Goes through one seed; throws at the first thing that is not as it must be. */
export function simulate(seed: number, planted: Planted = {}): Course {
  const watch = newWatch()
  const world = makeWorld(seed, {...planted, onStep: watch.onStep, onAction: watch.onAction})
  watch.watch(world)
  try {
    for (const node of world.nodes) startNode(world, node)
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < DISTURBANCES; i++) {
        pass(world, world.random(5_000))
        disturb(world)
      }
      heal(world)
      expectRightMasters(world, 'once the network has healed')
      expectCalm(world, watch)
      runTrials(world)
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    const told = world.segment.log.slice(-LINES_TOLD).map(line => `\n  ${line}`)
    throw new Error(
      `seed ${seed} at ${Math.round(world.segment.now)} ms: ${text}; again with SIM_SEED=${seed}${told.join('')}`,
      {
        cause: error,
      },
    )
  }
  const routers = world.routers.flat().length
  return {routerSeconds: (routers * world.segment.now) / 1_000, ...watch.counts()}
}

/** Lets time pass. */
export function pass({segment}: World, ms: number): void {
  segment.run(after(segment.now, ms))
}

/** Everything works again, but for nodes that are held, and everybody gets the time to find out. */
function heal(world: World): void {
  const {faults, segment, nodes, random} = world
  faults.lossPercent = 0
  faults.duplicatePercent = 0
  faults.cuts.clear()
  const inFlightMs = faults.maxDelayMs
  faults.maxDelayMs = USUAL_DELAY_MS
  const awake = Math.max(...nodes.map(({stalledUntil}) => stalledUntil)) - segment.now
  pass(world, Math.max(0, awake, inFlightMs))
  const free = pick(random, nodes)
  const grouping = pick(random, world.groupings)
  for (const node of nodes) {
    if (!node.alive) startNode(world, node)
    regroup(world, node, grouping)
    const isHeld = node !== free && oneIn(random, 4)
    for (const unit of node.units) {
      const well: Partial<Conditions> = {faults: [], waitingFor: [], held: isHeld ? 'maintenance' : undefined}
      segment.changeUnit(unit, () => well)
    }
  }
  pass(world, settlingMs(world))
}

/**
 * The formula's time: a takeover (RFC 9568 section 6.1), a preemption after its delay, and an owner that gives in to a
 * deaf one; with the time that packets take.
 */
export function settlingMs(world: World): number {
  const longestMs = Math.max(...world.domains.map(({intervalMs}) => intervalMs))
  return 2 * longestDownMs(world) + longestDelayMs(world) + 3 * longestMs + 10 * USUAL_DELAY_MS
}

/** Those that hold the addresses of a domain, on nodes that run. */
export const holdersOf = ({segment}: World, domain: number): readonly SimRouter[] =>
  segment.domain(domain).filter(({holds, unit}) => holds && unit.node.alive)

/** Whether a router could be master. */
export const isFit = (router: SimRouter): boolean =>
  router.unit.node.alive && ['backup', 'master'].includes(stateOf(router).name) && heldOf(router) === undefined

const heldOf = (router: SimRouter): string | undefined => stateOf(router).conditions.held

/** One master for each domain, which nobody outranks who may preempt. */
export function expectRightMasters(world: World, when: string): void {
  for (const {number} of world.domains) {
    const holders = holdersOf(world, number)
    if (holders.length !== 1)
      throw new Error(`${when}, ${holders.length} hold the addresses of ${number}: ${namesOf(holders)}`)
    const [master] = holders as [SimRouter]
    const ours = stateOf(master).conditions.priority
    const better = world.segment
      .domain(number)
      .find(other => isFit(other) && memberOf(other).config.preempt && stateOf(other).conditions.priority > ours)
    if (better) throw new Error(`${when}, ${master.name} is master with ${ours}, and ${better.name} could preempt it`)
  }
}

const namesOf = (routers: readonly SimRouter[]): string => routers.map(({name}) => name).join(', ') || 'nobody'

/** Nothing moves any more, and each master advertises once an interval. */
function expectCalm(world: World, watch: Watch): void {
  const routers = world.routers.flat()
  const before = routers.map(({sent}) => sent)
  const transitions = watch.counts().transitions
  const durationMs = 2 * longestDownMs(world)
  pass(world, durationMs)
  if (watch.counts().transitions !== transitions) throw new Error('there are transitions although nothing is wrong')
  for (const [i, router] of routers.entries()) {
    const sent = router.sent - (before[i] as number)
    const due = router.holds ? durationMs / memberOf(router).config.advertIntervalMs : 0
    if (Math.abs(sent - due) > 2)
      throw new Error(`${router.name} sent ${sent} advertisements in calm, not ${Math.round(due)}`)
  }
}

interface Watch {
  readonly onStep: NonNullable<SegmentOptions['onStep']>
  readonly onAction: NonNullable<SegmentOptions['onAction']>
  watch(world: World): void
  counts(): Pick<Course, 'transitions' | 'takeOvers'>
}

/** What is looked at after every step. */
function newWatch(): Watch {
  let world: World | undefined
  let transitions = 0
  let takeOvers = 0
  const windows = new Map<SimRouter, Window>()
  return {
    watch: watched => {
      world = watched
    },
    counts: () => ({transitions, takeOvers}),
    onStep: (unit, before) => {
      expectTogether(unit)
      for (const [i, {state}] of unit.members.entries()) {
        const name = before[i]?.state.name
        if (name === state.name) continue
        transitions++
        if (state.name === 'master') takeOvers++
        if (world) windowOf(windows, unit.routers[i] as SimRouter, world).allowed += PACKETS_A_TRANSITION
      }
    },
    onAction: (router, {type}) => {
      if (!world || (type !== 'send-advertisement' && type !== 'announce-addresses')) return
      const window = windowOf(windows, router, world)
      const count = type === 'send-advertisement' ? ++window.sent : ++window.announced
      const allowed = window.allowed + PACKETS_A_TRANSITION * (world.disturbances - window.disturbances)
      if (count > allowed) throw new Error(`${router.name} did ${type} ${count} times in one interval`)
    },
  }
}

interface Window {
  endsAt: number
  sent: number
  announced: number
  allowed: number
  disturbances: number
}

/** Ten answers an interval, the beat, and one at either end. */
const PACKETS_AN_INTERVAL = 13
/** A state is announced when it is reached and when it is left; a reload says it once more. */
const PACKETS_A_TRANSITION = 2

function windowOf(windows: Map<SimRouter, Window>, router: SimRouter, {segment, disturbances}: World): Window {
  const known = windows.get(router)
  if (known && known.endsAt > segment.now) return known
  const endsAt = segment.now + memberOf(router).config.advertIntervalMs
  // What was disturbed a moment ago counts here too.
  const window = {endsAt, sent: 0, announced: 0, allowed: PACKETS_AN_INTERVAL, disturbances: disturbances - 1}
  windows.set(router, window)
  return window
}

/** Addresses are on a router exactly while it is master; a sync group is in one place; who is held is no master. */
function expectTogether({routers, members}: SimUnit): void {
  let masters = 0
  let starting = 0
  for (const [i, {state}] of members.entries()) {
    const isMaster = state.name === 'master'
    const router = routers[i] as SimRouter
    if (router.holds !== isMaster)
      throw new Error(`${router.name} is ${state.name}, and holds addresses: ${router.holds}`)
    if (isMaster && state.conditions.held !== undefined) throw new Error(`${router.name} is master although it is held`)
    if (isMaster) masters++
    else if (state.name === 'init') starting++
  }
  if (masters > 0 && masters + starting !== members.length)
    throw new Error(`a sync group is split: ${statesOf(members)}`)
}

const statesOf = (members: readonly SyncMember[]): string =>
  members.map(({name, state}) => `${name} ${state.name}`).join(', ')
