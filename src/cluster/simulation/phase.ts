import {trackAdds} from '../../core/track/tracking.ts'
import {after, type MonotonicMs} from '../../core/units.ts'
import type {Phase, TimelineEntry, Violation} from '../proof.ts'
import {asTrack} from '../tracks.ts'
import type {Component, SimRouter} from './component.ts'
import {describeFault, type Fault, noticeMs, schedule} from './fault.ts'
import {isReachable, nextDeadlineOf, type Occurrence, runWorld, stateOf, type World} from './world.ts'

/** One phase as it went, for every virtual router of the component. */
export interface PhaseOutcome {
  /** By virtual router. */
  readonly phases: readonly Phase[]
  /** Nodes that keep addresses only because they cannot know that they are cut off. */
  readonly cutOffNodes: readonly number[]
  /** False when it took too many steps. */
  readonly finished: boolean
}

/** Breaks something or puts it right, lets enough time pass, and judges what came of it. */
export function runFaultPhase(world: World, fault: Fault, kind: 'fault' | 'repair', maxSteps: number): PhaseOutcome {
  const {component} = world
  if (kind === 'fault') awaitAdvertisement(world, fault.node, maxSteps)
  const noticed = noticeMs(fault, component, kind)
  const before: Before = {at: world.now, holders: heldNow(world)}
  world.log = []
  const settledAt = after(world.now, noticed + settlingMs(component))
  const end = after(world.now, noticed + windowMs(component))
  const finished = runWorld(world, {end, scheduled: schedule(fault, world, kind), maxSteps})
  return judge(world, {
    kind,
    fault,
    before,
    settledAt,
    title: describeFault(fault, component, kind),
    finished,
    starts: [],
  })
}

/** How a start went. */
export interface StartCourse extends Pick<Change, 'title' | 'settledAt' | 'finished' | 'starts'> {
  readonly startedAt: MonotonicMs
}

/** Judges a start: everything since `startedAt`, with what is still moving after `settledAt` held to be restless. */
export function judgeStart(world: World, {startedAt, ...course}: StartCourse): PhaseOutcome {
  const before: Before = {at: startedAt, holders: new Set()}
  return judge(world, {...course, kind: 'start', fault: undefined, before})
}

/** A fault is worst just after an advertisement: the others have the whole time yet to wait. */
function awaitAdvertisement(world: World, node: number, maxSteps: number): void {
  const due = nextDeadlineOf(world, node)
  if (due !== undefined) runWorld(world, {end: after(due, HEARD_AFTER_MS), scheduled: [], maxSteps})
}

/** By then an advertisement that was due has been heard. */
const HEARD_AFTER_MS = 1

/** By then everything is at rest, if it ever is: two takeovers in a row, and a delay. Milliseconds. */
export const settlingMs = ({longestTakeoverMs, longestDelayMs}: Component): number =>
  2.5 * longestTakeoverMs + longestDelayMs

/** How long each change is watched, milliseconds. */
export const windowMs = (component: Component): number => settlingMs(component) + 1.5 * component.longestTakeoverMs

interface Before {
  readonly at: MonotonicMs
  /** Numbers of the simulated routers that held their addresses. */
  readonly holders: ReadonlySet<number>
}

interface Change {
  readonly kind: Phase['kind']
  readonly fault: Fault | undefined
  readonly before: Before
  readonly settledAt: MonotonicMs
  readonly title: string
  readonly finished: boolean
  /** Nodes that are started later than the first. */
  readonly starts: readonly TimelineEntry[]
}

const heldNow = ({holds}: World): ReadonlySet<number> =>
  new Set(holds.flatMap((held, number) => (held ? [number] : [])))

/** What can be said of one virtual router when a phase ends. */
interface Standing {
  readonly numbers: readonly number[]
  /** Who holds the addresses and is heard, and who is not heard. */
  readonly main: readonly number[]
  readonly isolated: readonly number[]
  readonly restless: boolean
}

function judge(world: World, change: Change): PhaseOutcome {
  const {component} = world
  const numbersOf = numbersByRouter(component)
  const standings = numbersOf.map((numbers): Standing => {
    const holders = numbers.filter(number => world.holds[number])
    return {
      numbers,
      main: holders.filter(number => isReachable(world, number)),
      isolated: holders.filter(number => !isReachable(world, number)),
      restless: world.log.some(
        ({router, to, at}) => to === 'master' && at > change.settledAt && numbers.includes(router),
      ),
    }
  })
  const split = splitRouters(component, standings, change)
  const cutOffNodes = new Set<number>()
  const phases = standings.map((standing, router): Phase => {
    const judged = violationsOf(world, standing, change, split.has(router))
    if (judged.cutOff) for (const number of standing.isolated) cutOffNodes.add(nodeOf(component, number))
    return phaseOf(world, standing, change, judged)
  })
  return {phases, cutOffNodes: [...cutOffNodes], finished: change.finished}
}

function numbersByRouter({virtualRouters, routers}: Component): readonly (readonly number[])[] {
  const numbers: number[][] = virtualRouters.map(() => [])
  for (const [number, {router}] of routers.entries()) numbers[router]?.push(number)
  return numbers
}

const nodeOf = ({routers}: Component, number: number): number => (routers[number] as SimRouter).member.node

interface Judged extends Pick<Phase, 'violations' | 'because'> {
  /** Whether a node keeps addresses because it cannot know that it is cut off. */
  readonly cutOff: boolean
}

function violationsOf(world: World, standing: Standing, change: Change, split: boolean): Judged {
  const {numbers, main, isolated, restless} = standing
  if (numbers.length < 2) return {violations: [], cutOff: false, because: null}
  if (restless) return {violations: ['flapping'], cutOff: false, because: null}
  const violations: Violation[] = []
  const grouped = numbers.some(number => (world.component.routers[number] as SimRouter).member.group !== undefined)
  // A group follows its other members, and the one that is cut off cannot know; the node keeps all of them.
  const kept = isolated.length > 0 && grouped
  if (main.length > 1) violations.push('two-holders')
  if (main.length === 0 && !kept) violations.push('no-holder')
  if (split) violations.push('group-split')
  const because = failedNodeWins(world, standing, change)
  if (because !== undefined) violations.push('failed-node-wins')
  return {violations, cutOff: isolated.length > 0, because: because ?? null}
}

/** Why the holder is who it is, where what it tracks has failed and somebody else could have taken over. */
function failedNodeWins(world: World, {numbers, main}: Standing, {kind, fault}: Change): string | undefined {
  const [holder, ...others] = main
  if (kind !== 'fault' || !fault || holder === undefined || others.length > 0) return undefined
  if (!isWeakened(world.component.routers[holder] as SimRouter, fault)) return undefined
  const ready = numbers.filter(number => number !== holder && stateOf(world, number).name === 'backup')
  const priorityOf = (number: number): number => stateOf(world, number).conditions.priority
  const [best] = ready.toSorted((a, b) => priorityOf(b) - priorityOf(a))
  if (best === undefined) return undefined
  const {member} = world.component.routers[best] as SimRouter
  const [ours, theirs] = [priorityOf(holder), priorityOf(best)]
  return theirs > ours && !member.instance.preempt
    ? `its priority is ${ours} and that of ${member.nodeName} ${theirs}, but nopreempt there leaves it alone`
    : `its priority is still ${ours}, that of ${member.nodeName} ${theirs}`
}

/** Whether something that the holder tracks has failed, and its priority is there to tell. */
function isWeakened({member, tracks, watched}: SimRouter, fault: Fault): boolean {
  if (member.node !== fault.node) return false
  if (fault.kind !== 'tracked-fails' && fault.kind !== 'link-down') return false
  const [kind, name] =
    fault.kind === 'tracked-fails' ? [fault.tracked, fault.name] : (['interface', fault.interface] as const)
  if (kind === 'interface' && watched.includes(name)) return false
  return tracks.some(({track, healthy}) => {
    if (track.kind !== kind || track.name !== name) return false
    const [good, bad] = [healthy, healthy === 'good' ? ('bad' as const) : ('good' as const)]
    const [before, now] = [good, bad].map(verdict => trackAdds(member.instance.priority, asTrack(track, verdict)))
    return (now ?? 0) < (before ?? 0)
  })
}

/** Virtual routers of which a sync group wants to be on one node, and that are on several. */
function splitRouters(
  component: Component,
  standings: readonly Standing[],
  {kind, fault}: Change,
): ReadonlySet<number> {
  const split = new Set<number>()
  if (kind === 'fault' && fault?.kind === 'link-cut') return split
  for (const {routers} of component.units) {
    if (routers.length < 2) continue
    const grouped = routers.map(number => (component.routers[number] as SimRouter).router)
    const holders = grouped.map(router => standings[router]?.main ?? [])
    if (holders.some(main => main.length !== 1)) continue
    const nodes = new Set(holders.map(([number]) => nodeOf(component, number as number)))
    const [first] = grouped
    if (nodes.size > 1 && first !== undefined) split.add(first)
  }
  return split
}

function phaseOf(world: World, standing: Standing, change: Change, {violations, because}: Judged): Phase {
  const {component} = world
  const {numbers, main, isolated} = standing
  const {before, kind, title} = change
  const own = world.log.filter(({router}) => numbers.includes(router))
  const nameOf = (number: number): string => (component.routers[number] as SimRouter).member.nodeName
  return {
    kind,
    title,
    holders: [...main, ...isolated].map(nameOf),
    cutOff: isolated.map(nameOf),
    takeoverMs: takeover(standing, change, own),
    withoutHolderMs: kind === 'start' ? 0 : withoutHolder(world, standing, before, own),
    timeline: timelineOf(own, change, component, nameOf),
    violations,
    because,
  }
}

/** From the change until the one who holds the addresses in the end has them; null when that is who had them. */
function takeover({main}: Standing, {before}: Change, own: readonly Occurrence[]): number | null {
  const [holder] = main
  if (holder === undefined || before.holders.has(holder)) return null
  const taken = own.findLast(({router, to}) => router === holder && to === 'master')
  return taken ? rounded(taken.at - before.at) : null
}

/** How long nobody who is heard held the addresses. */
function withoutHolder(world: World, {numbers}: Standing, before: Before, own: readonly Occurrence[]): number {
  const reachable = new Set(numbers.filter(number => isReachable(world, number)))
  const holders = new Set(numbers.filter(number => before.holders.has(number) && reachable.has(number)))
  let since = before.at
  let sum = 0
  for (const {at, router, to} of own) {
    if (holders.size === 0) sum += at - since
    since = at
    if (to !== 'master') holders.delete(router)
    else if (reachable.has(router)) holders.add(router)
  }
  return rounded(holders.size === 0 ? sum + world.now - since : sum)
}

function timelineOf(
  own: readonly Occurrence[],
  {title, before, fault, kind, starts}: Change,
  component: Component,
  nameOf: (number: number) => string,
): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [{atMs: 0, text: title}, ...starts]
  const noticed = fault && kind !== 'start' ? noticeMs(fault, component, kind) : 0
  if (noticed > 0) entries.push({atMs: rounded(noticed), text: 'it is noticed, at the latest'})
  for (const {at, router, from, to, faults} of own) {
    const text = describeChange(nameOf(router), from, to, faults)
    if (text !== undefined) entries.push({atMs: rounded(at - before.at), text})
  }
  entries.sort((a, b) => a.atMs - b.atMs)
  if (entries.length <= MAX_ENTRIES) return entries
  const last = entries.at(-1) as TimelineEntry
  const left = entries.length - MAX_ENTRIES
  return [...entries.slice(0, MAX_ENTRIES), {atMs: last.atMs, text: `and ${left} more changes`}]
}

const MAX_ENTRIES = 8

function describeChange(
  node: string,
  from: Occurrence['from'],
  to: Occurrence['to'],
  faults: readonly string[],
): string | undefined {
  if (to === 'master') return `${node} becomes master`
  if (to === 'fault') return `${node} goes to fault: ${faults[0] ?? ''}`
  return to === 'backup' && from === 'master' ? `${node} yields` : undefined
}

/** Tenths of a millisecond are enough for anybody. */
const rounded = (ms: number): number => Math.round(ms * 10) / 10
