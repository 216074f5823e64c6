import {after} from '../../core/units.ts'
import type {Phase, Run, TimelineEntry} from '../proof.ts'
import type {Component} from './component.ts'
import {describeFault, type Fault, faultsOf} from './fault.ts'
import {judgeStart, type PhaseOutcome, runFaultPhase, settlingMs, windowMs} from './phase.ts'
import {copyWorld, newWorld, runWorld, startNode, type World} from './world.ts'

/** Everything that was tried with one component. */
export interface ComponentOutcome {
  /** By virtual router, starts first. */
  readonly runs: readonly (readonly Run[])[]
  /** How many different faults there are. */
  readonly faults: number
  /** Faults in which a node kept addresses only because it could not know that it was cut off. */
  readonly cutOff: readonly Fault[]
  readonly steps: number
  /** False when steps or starting points were too many to go through all. */
  readonly complete: boolean
}

/**
 * Starts the nodes in several ways and puts them through every single fault and its repair, from every way in which
 * they come to rest: with nopreempt there is one for each node that can be master.
 */
export function runComponent(component: Component, maxSteps: number): ComponentOutcome {
  const tried = newTrials(component, maxSteps)
  const bases = new Map<string, World>()
  let wrong = false
  for (const {title, orders} of startsOf(component)) {
    const world = newWorld(component)
    const outcome = start(world, title, orders, tried.left())
    tried.spend(world)
    if (!outcome.finished) return tried.result(0, false)
    tried.add('start', title, undefined, [outcome])
    wrong ||= outcome.phases.some(({violations}) => violations.length > 0)
    remember(bases, world)
  }
  const faults = faultsOf(component)
  // What goes wrong without any fault goes wrong with each of them, and nothing is to be learnt from it.
  if (wrong) return tried.result(0, true)
  // The map grows while it is gone through.
  let number = 0
  for (const base of bases.values()) {
    if (++number > MAX_BASES) return tried.result(faults.length, false)
    for (const fault of faults) {
      const world = copyWorld(base)
      const outcomes: PhaseOutcome[] = []
      for (const kind of ['fault', 'repair'] as const) {
        outcomes.push(runFaultPhase(world, fault, kind, tried.left() - world.steps))
      }
      tried.spend(world)
      if (outcomes.some(({finished}) => !finished)) return tried.result(faults.length, false)
      tried.add(fault.kind, describeFault(fault, component, 'fault'), {base, fault}, outcomes)
      remember(bases, world)
    }
  }
  return tried.result(faults.length, true)
}

/** From so many different states of rest faults are tried. */
const MAX_BASES = 24

function remember(bases: Map<string, World>, world: World): void {
  const key = world.holds.map(held => (held ? 1 : 0)).join('')
  if (!bases.has(key)) bases.set(key, copyWorld(world))
}

interface Start {
  readonly title: string
  /** Nodes that start at the same time, one list after the other. */
  readonly orders: readonly (readonly number[])[]
}

function startsOf({nodes, cluster}: Component): readonly Start[] {
  const names = (numbers: readonly number[]): string => cluster.nodes[numbers[0] ?? 0]?.name ?? ''
  if (nodes.length < 2) return [{title: 'the node starts', orders: [nodes]}]
  const backwards = nodes.toReversed()
  return [
    {title: 'all nodes start together', orders: [nodes]},
    {title: `the nodes start one after another, ${names(nodes)} first`, orders: nodes.map(node => [node])},
    {title: `the nodes start one after another, ${names(backwards)} first`, orders: backwards.map(node => [node])},
  ]
}

function start(world: World, title: string, orders: Start['orders'], maxSteps: number): PhaseOutcome {
  const {component} = world
  const startedAt = world.now
  let finished = true
  let settledAt = startedAt
  const starts: TimelineEntry[] = []
  for (const [i, nodes] of orders.entries()) {
    const isLast = i === orders.length - 1
    const end = after(world.now, isLast ? windowMs(component) : settlingMs(component))
    settledAt = after(world.now, settlingMs(component))
    for (const node of nodes) {
      startNode(world, node)
      const name = component.cluster.nodes[node]?.name ?? ''
      if (i > 0) starts.push({atMs: Math.round(world.now - startedAt), text: `${name} starts`})
    }
    finished &&= runWorld(world, {end, scheduled: [], maxSteps: maxSteps - world.steps})
  }
  return judgeStart(world, {title, startedAt, settledAt, finished, starts})
}

interface Trials {
  left(): number
  spend(world: World): void
  add(
    kind: Run['kind'],
    title: string,
    from: {readonly base: World; readonly fault: Fault} | undefined,
    outcomes: readonly PhaseOutcome[],
  ): void
  result(faults: number, complete: boolean): ComponentOutcome
}

function newTrials(component: Component, maxSteps: number): Trials {
  const runs: Run[][] = component.virtualRouters.map(() => [])
  const cutOff: Fault[] = []
  let steps = 0
  return {
    left: () => maxSteps - steps,
    spend(world) {
      steps += world.steps
    },
    add(kind, title, from, outcomes) {
      if (from && outcomes.some(({cutOffNodes}) => cutOffNodes.length > 0)) cutOff.push(from.fault)
      for (const [router, list] of runs.entries()) {
        const phases = outcomes.map(outcome => outcome.phases[router] as Phase)
        list.push({kind, title, holdersBefore: from ? holdersOf(component, from.base, router) : [], phases})
      }
    },
    result: (faults, complete) => ({runs, faults, cutOff, steps, complete}),
  }
}

function holdersOf({routers}: Component, base: World, router: number): readonly string[] {
  return routers.flatMap((sim, number) => (sim.router === router && base.holds[number] ? [sim.member.nodeName] : []))
}
