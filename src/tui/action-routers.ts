import type {MoveReply, VirtualRouter} from '../control/model.ts'
import {formatDuration} from '../core/format.ts'
import type {ClusterPicture, ClusterRouter, ClusterService} from '../watch/model.ts'
import {type ActionPlan, type ActionRequest, type Effect, REASON, reasonOf, whyNoOrders} from './action-plan.ts'
import {commandLine} from './command-words.ts'
import {countedMany, listed} from './numbers.ts'
import {nameOf} from './sorting.ts'
import {isInService, routerOf} from './views/real-state.ts'

/** T: another node becomes master of a virtual router. */
export function planTakeover(request: ActionRequest): ActionPlan | string {
  const found = routerAsked(request)
  if (typeof found === 'string') return found
  const {cluster, picture} = found
  const target = request.where ?? takeoverTarget(found, request.node)
  if (typeof target === 'string') return target
  const refused = whyNotMaster(found, target)
  if (refused !== null) return refused
  const name = nameOf(picture, target)
  const router = routerOn(cluster, target) as VirtualRouter
  const {address} = picture.nodes[target] as ClusterPicture['nodes'][number]
  const giver =
    cluster.holders.length === 0
      ? 'nobody is master of it now'
      : `${holdersOf(found)} gives it up, ${withPriority(found, target)} takes it`
  const held: readonly Effect[] =
    router.held === null ? [] : [{text: `this ends on ${name}: ${router.held}`, tone: 'warning'}]
  return {
    title: `Take over ${cluster.name} on ${name}?`,
    effects: [
      ...withoutReals(found, target),
      {text: giver},
      ...moved(found, target),
      ...alsoHeld(found, target),
      ...held,
      {text: `override on ${name}: a priority above that of the master, until U ends it`},
      ...silentNodes(found),
    ],
    steps: [
      {
        node: address,
        commandLine: commandLine({verb: ['vrrp', 'takeover'], args: [router.name]}, address),
        send: async agent => moveLines((await agent.takeover({name: router.name})).item),
      },
    ],
    where: target,
    choices: positions(found).filter(i => whyNotMaster(found, i) === null),
    questions: [],
  }
}

/** R: a node is no master of a virtual router until told otherwise. */
export function planRelease(request: ActionRequest): ActionPlan | string {
  const found = routerAsked(request)
  if (typeof found === 'string') return found
  const {cluster, picture} = found
  const target = request.where ?? releaseTarget(found, request.node)
  if (typeof target === 'string') return target
  const refused = whyNotReleased(found, target)
  if (refused !== null) return refused
  const name = nameOf(picture, target)
  const router = routerOn(cluster, target) as VirtualRouter
  const {address} = picture.nodes[target] as ClusterPicture['nodes'][number]
  const reason = reasonOf(request.answers)
  return {
    title: `Release ${cluster.name} on ${name}?`,
    effects: [
      ...successor(found, target, router),
      ...moved(found, target),
      {text: `override on ${name}: not master of it, also after a restart, until U ends it`},
      ...silentNodes(found),
    ],
    steps: [
      {
        node: address,
        commandLine: commandLine({verb: ['vrrp', 'release'], args: [router.name], flags: reason}, address),
        send: async agent => moveLines((await agent.release({name: router.name, ...reason})).item),
      },
    ],
    where: target,
    choices: positions(found).filter(i => whyNotReleased(found, i) === null),
    questions: [REASON],
  }
}

/** U on a virtual router: ends a release or a takeover. */
export function planResume(request: ActionRequest): ActionPlan | string {
  const found = routerAsked(request)
  if (typeof found === 'string') return found
  const {cluster, picture} = found
  const target = request.where ?? resumeTarget(found, request.node)
  if (typeof target === 'string') return target
  const refused = whyNotAsked(found, target)
  if (refused !== null) return refused
  const name = nameOf(picture, target)
  const router = routerOn(cluster, target) as VirtualRouter
  const {address} = picture.nodes[target] as ClusterPicture['nodes'][number]
  const {held} = router
  if (held?.startsWith('maintenance')) {
    return `${name} is in maintenance: end that with ${commandLine(MAINTENANCE_OFF, address)}`
  }
  const ends =
    held === null
      ? `nothing holds ${cluster.name} on ${name}: a takeover there ends, if there was one`
      : `ends: ${held}`
  return {
    title: `End the release or takeover of ${cluster.name} on ${name}?`,
    effects: [
      {text: ends},
      {text: 'the configured priorities decide again who is master', tone: 'warning'},
      ...moved(found, target),
      ...silentNodes(found),
    ],
    steps: [
      {
        node: address,
        commandLine: commandLine({verb: ['vrrp', 'resume'], args: [router.name]}, address),
        send: async agent => moveLines((await agent.resume({name: router.name})).item),
      },
    ],
    where: target,
    choices: positions(found).filter(i => whyNotAsked(found, i) === null),
    questions: [],
  }
}

const MAINTENANCE_OFF = {verb: ['agent', 'maintenance', 'off'], args: []}

interface Found {
  readonly picture: ClusterPicture
  readonly cluster: ClusterRouter
}

function routerAsked({picture, subject}: ActionRequest): Found | string {
  const key = subject.type === 'router' ? subject.key : subject.type === 'problem' ? subject.problem.subject : undefined
  const cluster = picture.routers.find(router => router.key === key)
  if (cluster !== undefined) return {picture, cluster}
  return subject.type === 'router' ? 'that virtual router is not there any more' : 'this is for virtual routers: view 1'
}

/** As a node that is known says it. */
function routerOn({onNodes}: ClusterRouter, node: number): VirtualRouter | undefined {
  const there = onNodes[node]
  return there?.isKnown ? there.router : undefined
}

const positions = ({picture}: Found): readonly number[] => picture.nodes.map((_, i) => i)

/** Why a node cannot be asked about it; null: it can. */
function whyNotAsked({picture, cluster}: Found, node: number): string | null {
  const silent = whyNoOrders(picture.nodes[node])
  if (silent !== null) return silent
  return routerOn(cluster, node) === undefined ? `${nameOf(picture, node)} does not have ${cluster.name}` : null
}

function whyNotMaster(found: Found, node: number): string | null {
  return whyNotAsked(found, node) ?? whyNotFit(found, node)
}

/** Why it would not become master there, whoever orders it; null: it would. */
function whyNotFit({picture, cluster}: Found, node: number): string | null {
  const router = routerOn(cluster, node)
  const name = nameOf(picture, node)
  if (router === undefined) return `${cluster.name} is not known on ${name}`
  if (router.observed) return `${cluster.name} is only observed on ${name}: hactl vrrp activate makes it run`
  if (router.state === 'master') return `${name} is master of ${cluster.name} already`
  if (router.state === 'backup') return null
  return `${name} cannot be master of ${cluster.name}: ${router.faults[0] ?? router.reason}`
}

function whyNotReleased(found: Found, node: number): string | null {
  const {picture, cluster} = found
  const refused = whyNotAsked(found, node)
  const router = routerOn(cluster, node)
  if (refused !== null || router === undefined) return refused
  const name = nameOf(picture, node)
  if (router.observed) return `${cluster.name} is only observed on ${name}: it is not master there`
  return router.held === null ? null : `${cluster.name} is held on ${name} already (${router.held}): U ends that`
}

/** The chosen node where it has it and is not its only master; else the best backup. */
function takeoverTarget(found: Found, chosen: number): number | string {
  const {cluster} = found
  const isHolder = cluster.holders.includes(chosen)
  if (cluster.onNodes[chosen] != null && !isHolder) return chosen
  return (
    bestBackup(found, i => whyNotMaster(found, i) === null) ??
    `no node that is known is fit to be master of ${cluster.name}`
  )
}

function releaseTarget({picture, cluster}: Found, chosen: number): number | string {
  const {holders, name} = cluster
  const [holder] = holders
  if (holders.includes(chosen)) return chosen
  if (holder === undefined) return `no node that is known is master of ${name}`
  if (holders.length === 1) return holder
  return `${name} is held by ${listed(holders.map(i => nameOf(picture, i)))}: choose one of them with h or l`
}

function resumeTarget(found: Found, chosen: number): number | string {
  const {cluster} = found
  const heldOn = positions(found).filter(i => routerOn(cluster, i)?.held != null)
  const [first] = heldOn
  if (first !== undefined) return heldOn.includes(chosen) ? chosen : first
  // Only its agent knows of a takeover.
  return cluster.onNodes[chosen] != null ? chosen : (cluster.holders[0] ?? `nothing is known to hold ${cluster.name}`)
}

/** The fit node with the highest priority, one that nothing holds if there is any. */
function bestBackup(found: Found, isMeant: (node: number) => boolean): number | undefined {
  const {cluster} = found
  const rank = (node: number): number => {
    const router = routerOn(cluster, node)
    return router === undefined ? -1 : router.priority.effective - (router.held === null ? 0 : HELD_RANK)
  }
  return positions(found)
    .filter(isMeant)
    .sort((a, b) => rank(b) - rank(a))[0]
}

/** More than a priority can be. */
const HELD_RANK = 1_000

/** "lb1 (priority 150) and lb2 (priority 100)" */
const holdersOf = (found: Found): string => listed(found.cluster.holders.map(i => withPriority(found, i)))

/** "lb1 (priority 150)" */
function withPriority({picture, cluster}: Found, node: number): string {
  const router = routerOn(cluster, node)
  return `${nameOf(picture, node)}${router === undefined ? '' : ` (priority ${router.priority.effective})`}`
}

/** Without a successor an agent is master again after this much more, milliseconds; agent/supervisor/operations.ts. */
const SUCCESSOR_GRACE_MS = 1_500

function successor(found: Found, target: number, router: VirtualRouter): readonly Effect[] {
  const {cluster, picture} = found
  if (router.state !== 'master') return [{text: `${nameOf(picture, target)} is not master of it now`}]
  const other = cluster.holders.find(i => i !== target)
  if (other !== undefined) return [{text: `${withPriority(found, other)} is master of it, too, and stays it`}]
  const next = bestBackup(found, i => i !== target && whyNotFit(found, i) === null)
  const held = next === undefined ? null : (routerOn(cluster, next)?.held ?? null)
  if (next !== undefined && held === null) {
    return [...withoutReals(found, next), {text: `${withPriority(found, next)} is to take over`}]
  }
  const why = next === undefined ? 'no known node is fit' : `${nameOf(picture, next)} is held: ${held}`
  const waitMs = router.masterDownIntervalMs + SUCCESSOR_GRACE_MS
  const outage = `out of service for about ${formatDuration(waitMs)}, then it is taken back`
  const text = `NOBODY is to take over (${why}): ${outage}`
  return [{text, tone: 'bad'}]
}

/** What goes along: its sync group, its addresses and the connections to them. */
function moved({picture, cluster}: Found, target: number): readonly Effect[] {
  const group = routerOn(cluster, target)?.group ?? null
  const others =
    group === null ? [] : picture.routers.filter(other => other !== cluster && routerOn(other, target)?.group === group)
  const all = [cluster, ...others]
  const addresses = all.flatMap(({vips}) => vips)
  const services = servicesOf(picture, all)
  const active = services.reduce((sum, {activeConnections}) => sum + activeConnections, 0)
  return [
    ...(others.length === 0 ? [] : [{text: `moves with it (sync group ${group}): ${listed(others.map(o => o.name))}`}]),
    {text: `addresses: ${addresses.length === 0 ? 'none' : listed(addresses)}`},
    ...(services.length === 0
      ? []
      : [
          {
            text: `${countedMany(active, 'active connection')} to ${countedMany(services.length, 'service')} at them`,
            isFigure: true,
          },
        ]),
  ]
}

/** Services of the addresses that would be answered by nobody there. */
function withoutReals({picture, cluster}: Found, target: number): readonly Effect[] {
  const node = picture.nodes[target]
  return servicesOf(picture, [cluster]).flatMap((service): readonly Effect[] => {
    const there = service.onNodes[target]
    const name = node?.address.name
    if (there === null || there === undefined) {
      return [{text: `${service.name} is not there on ${name}`, tone: 'bad'}]
    }
    const problem = node?.servicesProblem ?? null
    if (there.realServers.some(real => isInService(real, problem))) return []
    return [{text: `${service.name} has no real server in service on ${name}`, tone: 'bad'}]
  })
}

function servicesOf(picture: ClusterPicture, routers: readonly ClusterRouter[]): readonly ClusterService[] {
  return picture.services.filter(service => {
    const router = routerOf(service, picture)
    return router !== undefined && routers.includes(router)
  })
}

/** What else the node is master of. */
function alsoHeld({picture, cluster}: Found, target: number): readonly Effect[] {
  const others = picture.routers.filter(other => other !== cluster && other.holders.includes(target))
  if (others.length === 0) return []
  return [{text: `${nameOf(picture, target)} is master already of ${listed(others.map(({name}) => name))}`}]
}

function silentNodes({picture, cluster}: Found): readonly Effect[] {
  return picture.nodes.flatMap(({address}, i): readonly Effect[] => {
    const there = cluster.onNodes[i]
    if (there === null || there === undefined || there.isKnown) return []
    return [{text: `${address.name} does not answer: what it does is not known`, tone: 'unknown'}]
  })
}

/** What became of virtual routers that were moved, one a line. */
function moveLines({routers, override}: MoveReply): readonly string[] {
  const lines = routers.map(({name, from, to, master, tookMs}) => {
    const where = to === 'master' ? '' : master === null ? ', no master is heard' : `, ${master} is master`
    if (from === to) return `${name} is ${to.toUpperCase()}${where}`
    return `${name}: ${from.toUpperCase()} -> ${to.toUpperCase()}${where} (after ${formatDuration(tookMs)})`
  })
  return override === null ? lines : [...lines, `override ${override.id}: ${override.text}`]
}
