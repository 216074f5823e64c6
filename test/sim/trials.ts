import {after} from '../../src/core/units.ts'
import {OWNER_PRIORITY} from '../../src/core/vrrp/config.ts'
import {masterDownIntervalMs, skewMs} from '../../src/core/vrrp/timing.ts'
import {memberOf, type SimNode, type SimRouter, type SimUnit, stateOf} from './segment.ts'
import {expectRightMasters, holdersOf, isFit, pass, settlingMs} from './simulate.ts'
import {crashNode, cutKey, type Domain, longestDownMs, pick, startNode, USUAL_DELAY_MS, type World} from './world.ts'

/** What happens to a network in which nothing is wrong, and of which it is known exactly what has to follow. */
export function runTrials(world: World): void {
  for (let i = 0; i < TRIALS_A_ROUND; i++) {
    const masters = world.segment.units.filter(({routers}) => routers.every(({holds}) => holds))
    pick(world.random, TRIALS)(world, pick(world.random, masters))
  }
}

/** Not every one of them says something of every unit. */
const TRIALS_A_ROUND = 3

type Trial = (world: World, master: SimUnit) => void

const TRIALS: readonly Trial[] = [
  masterLeaves,
  masterDies,
  masterReturns,
  othersStall,
  othersStart,
  masterOversleeps,
  memberUnheard,
  processRestarts,
  loneMasterWakes,
]

/** Clocks differ by so much, and packets take their time: milliseconds. */
const MARGIN_MS = 5 * USUAL_DELAY_MS + 5

/** RFC 9568 section 6.4.2: after priority 0 the best of the others waits its skew alone; a group, the longest. */
function masterLeaves(world: World, master: SimUnit): void {
  const {segment, random} = world
  const {node} = master
  const heirs = heirsOf(world, master)
  if (heirs.length === 0) return
  const boundMs = Math.max(...master.routers.map(router => waitMs(world, router, heirs, 'leaves')))
  const how = random(3)
  if (how === 0) segment.stop(node)
  else segment.changeUnit(master, i => (i > 0 ? {} : how === 1 ? {faults: ['a script fails']} : {held: 'released'}))
  pass(world, boundMs + MARGIN_MS)
  expectHeld(world, master, 'after it said that it leaves')
  repair(world, node)
}

/** RFC 9568 section 6.1: nobody before the time of the best, and the best then. */
function masterDies(world: World, master: SimUnit): void {
  const heirs = heirsOf(world, master)
  if (heirs.length === 0) return
  const {node} = master
  const waits = master.routers.map(router => waitMs(world, router, heirs, 'dies'))
  const lastAt = master.routers.map(router => lastAdvertAt(world, router))
  crashNode(world, node)
  const earliestAt = Math.max(...waits.map((wait, i) => wait + (lastAt[i] as number)))
  const untilMs = earliestAt - world.segment.now
  pass(world, Math.max(0, untilMs - MARGIN_MS))
  for (const {domain} of master.routers) {
    if (untilMs > MARGIN_MS && holdersOf(world, domain).length > 0) throw new Error(`${domain} is taken over too early`)
  }
  pass(world, 2 * MARGIN_MS)
  expectHeld(world, master, 'after it died')
  repair(world, node)
}

/** Back after somebody has taken over, it is not master before its time, and only if it may preempt. */
function masterReturns(world: World, master: SimUnit): void {
  const {node} = master
  const owns = isOwner(master)
  if (heirsOf(world, master).length === 0) return
  crashNode(world, node)
  pass(world, settlingMs(world))
  startNode(world, node)
  if (!owns) expectReturn(world, master)
  repair(world, node)
}

function expectReturn(world: World, master: SimUnit): void {
  const {preempt, preemptDelayMs} = memberOf(master.routers[0] as SimRouter).config
  const isBest = heirsOf(world, master).every(heir => priorityOf(heir) < priorityOf(master))
  pass(world, preemptDelayMs)
  if (preemptDelayMs > 0) expectHolding(master, false, 'before its preempt_delay was over')
  pass(world, settlingMs(world))
  if (isBest) expectHolding(master, preempt, `with ${preempt ? 'preempt' : 'nopreempt'}, some time after its return`)
}

/** Nodes that slept find packets waiting, and take nothing over. */
function othersStall(world: World, master: SimUnit): void {
  const durationMs = world.random(2 * longestDownMs(world))
  for (const node of world.nodes) if (node !== master.node) world.segment.stall(node, durationMs)
  expectUndisturbed(world, master, durationMs, 'after the others slept')
}

/** Who starts beside a master to which it yields changes nothing. */
function othersStart(world: World, master: SimUnit): void {
  const {random, nodes} = world
  const node = pick(random, nodes)
  if (node === master.node || node.units.some(isOwner)) return
  const idle = node.units.every(({routers}) => routers.every(({holds}) => !holds))
  if (!idle) return
  if (random(2) === 0) world.segment.stop(node)
  else crashNode(world, node)
  pass(world, random(1_000))
  startNode(world, node)
  expectUndisturbed(world, master, settlingMs(world), `after ${node.name} started`)
}

/** A sync group of which one member is not heard any more is not taken over while the others are. */
function memberUnheard(world: World, master: SimUnit): void {
  const {faults, nodes, domains} = world
  const links = new Set(master.routers.map(({domain}) => (domains[domain] as Domain).link))
  if (links.size < 2) return
  for (const to of nodes) faults.cuts.add(cutKey({link: 0}, master.node, to))
  expectUndisturbed(world, master, longestDownMs(world), 'while one of its members is not heard')
  faults.cuts.clear()
  repair(world, master.node)
}

/** A master whose process is back before a backup can have taken over goes on, and nobody notices. */
function processRestarts(world: World, master: SimUnit): void {
  const {node} = master
  const shortestMs = Math.min(
    ...master.routers.map(router => {
      const {downTimerAdverts, advertIntervalMs} = memberOf(router).config
      return (downTimerAdverts - 1) * advertIntervalMs
    }),
  )
  crashNode(world, node)
  pass(world, world.random(shortestMs - MARGIN_MS))
  startNode(world, node)
  expectUndisturbed(world, master, 0, 'after its process was restarted')
  // Units with other intervals may have had to leave.
  repair(world, node)
}

/** keepalived.conf(5) of 2.4, timer_expired_backup: held up for long, a master does not wait to hear of another one. */
function loneMasterWakes(world: World, master: SimUnit): void {
  const {faults, nodes, segment} = world
  const {node, members} = master
  if (members.every(({config}) => config.timerExpiredBackup === undefined)) return
  for (const other of nodes) {
    for (const link of [0, 1]) faults.cuts.add(cutKey({link}, node, other)).add(cutKey({link}, other, node))
  }
  const durationMs = 2 * longestDownMs(world)
  segment.stall(node, durationMs)
  pass(world, durationMs + 1)
  expectHolding(master, false, 'with timer_expired_backup, as it wakes')
  faults.cuts.clear()
  repair(world, node)
}

/** A master with nopreempt that slept until another one had taken over leaves it that. */
function masterOversleeps(world: World, master: SimUnit): void {
  const {node} = master
  const {preempt} = memberOf(master.routers[0] as SimRouter).config
  const heirs = heirsOf(world, master)
  if (preempt || heirs.length === 0 || heirs.some(heir => priorityOf(heir) > priorityOf(master))) return
  const durationMs = settlingMs(world)
  world.segment.stall(node, durationMs)
  pass(world, durationMs + 2 * longestDownMs(world))
  expectHolding(master, false, 'with nopreempt, after it slept for long')
  repair(world, node)
}

/** Units of other nodes that can take over from a master. */
function heirsOf({segment}: World, master: SimUnit): readonly SimUnit[] {
  const {domain} = master.routers[0] as SimRouter
  return segment
    .domain(domain)
    .map(({unit}) => unit)
    .filter(unit => unit !== master && unit.routers.every(isFit))
}

const priorityOf = ({routers}: SimUnit): number => stateOf(routers[0] as SimRouter).conditions.priority

const isOwner = ({routers}: SimUnit): boolean =>
  routers.every(router => memberOf(router).config.priority === OWNER_PRIORITY)

/** How long the best heir of a router waits, by the formula. */
function waitMs({domains}: World, router: SimRouter, heirs: readonly SimUnit[], kind: 'leaves' | 'dies'): number {
  const {version, downTimerAdverts} = domains[router.domain] as Domain
  const intervalMs = memberOf(router).config.advertIntervalMs
  const waits = heirs.map(({routers}) => {
    const heir = stateOf(routers.find(({domain}) => domain === router.domain) as SimRouter).conditions.priority
    return kind === 'leaves'
      ? skewMs(version, heir, intervalMs)
      : masterDownIntervalMs({version, downTimerAdverts}, heir, intervalMs)
  })
  return Math.min(...waits)
}

/** When a master advertised last, on the clock of the segment. */
function lastAdvertAt({segment}: World, router: SimRouter): number {
  const state = stateOf(router)
  const {node} = router.unit
  return state.name === 'master' ? segment.now - (segment.clockOf(node) - state.lastAdvertAt) : segment.now
}

function expectHeld(world: World, master: SimUnit, when: string): void {
  for (const {domain} of master.routers) {
    const others = holdersOf(world, domain).filter(({unit}) => unit !== master)
    if (others.length === 0) throw new Error(`nobody took ${domain} over from ${master.node.name} in time, ${when}`)
  }
}

function expectHolding({routers}: SimUnit, expected: boolean, when: string): void {
  for (const {holds, name} of routers) {
    if (holds !== expected) throw new Error(`${name} ${holds ? 'is' : 'is not'} master ${when}`)
  }
}

/** Not even for a moment is anybody else master. */
function expectUndisturbed(world: World, master: SimUnit, durationMs: number, when: string): void {
  const {segment} = world
  const end = after(segment.now, durationMs + longestDownMs(world))
  const stepMs = Math.min(...world.domains.map(({intervalMs}) => intervalMs)) / 4
  while (segment.now < end) {
    pass(world, stepMs)
    for (const router of master.routers) {
      const holders = holdersOf(world, router.domain)
      if (holders.length !== 1 || holders[0] !== router)
        throw new Error(`${router.name} is not the only master ${when}`)
    }
  }
}

function repair(world: World, node: SimNode): void {
  if (!node.alive) startNode(world, node)
  for (const unit of node.units) world.segment.changeUnit(unit, () => ({faults: [], held: undefined}))
  pass(world, settlingMs(world))
  expectRightMasters(world, 'after a trial')
}
