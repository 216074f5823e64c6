import type {VirtualRouter} from '../control/model.ts'
import {counted, elapsedMs, formatDuration, formatInterval} from '../core/format.ts'
import type {ClusterService} from '../watch/model.ts'
import type {ClusterFacts, NodeFacts} from './facts.ts'
import type {PreflightLine, Way} from './model.ts'

/** Two nodes of a cluster by their positions. */
export interface FromTo {
  readonly from: number
  readonly to: number
}

/** The position of the node to move to and all that was looked at. */
export interface Preflight {
  /** Null: there is not exactly one that is known. */
  readonly from: number | null
  /** Null: no node could be master. */
  readonly to: number | null
  readonly way: Way
  readonly lines: readonly PreflightLine[]
}

/** Figures of an agent are as old as this at most, milliseconds. */
const FIGURES_AGE_MS = 1_000
/** The greatest that is not the address owner's. RFC 9568 section 5.2.4 */
const MAX_PRIORITY = 254
/** An event loop that is later than this part of an interval puts the next advertisement at risk. */
const MAX_LAG_PART = 1 / 3

/**
 * Whether a virtual router can move from its holder to a node without harm: one line for each thing looked at. Without
 * `to` the backup about which least is to be said, and of those the one of the highest priority.
 */
export function preflight(
  facts: ClusterFacts,
  wish: {readonly to: number | undefined; readonly drill: boolean},
): Preflight {
  const holders = holdersOf(facts)
  const [from = null] = holders.length === 1 ? holders : []
  const common = [holderLine(facts, holders), silentLine(facts)]
  const judged = candidates(facts, wish.to, holders).map(to => {
    const way = from === null ? 'takeover' : wayOf(facts, {from, to})
    return {to, way, lines: linesOf(facts, {from, to, way, drill: wish.drill})}
  })
  const priority = (to: number): number => facts.nodes[to]?.router?.priority.effective ?? 0
  judged.sort((a, b) => refusals(a.lines) - refusals(b.lines) || priority(b.to) - priority(a.to))
  const best = judged[0]
  if (best !== undefined) return {from, to: best.to, way: best.way, lines: [...common, ...best.lines]}
  const none: PreflightLine = {check: 'target', ok: false, text: noTarget(facts, wish.to, holders)}
  return {from, to: null, way: 'takeover', lines: [...common, none]}
}

/** How many lines say no. */
export const refusals = (lines: readonly PreflightLine[]): number => lines.filter(({ok}) => !ok).length

/** Whether operators have moved virtual routers of a node by hand. */
export function isMoved({overrides, group}: NodeFacts): boolean {
  const names = new Set(group.map(({name}) => name))
  return overrides.some(
    ({kind, instance}) => (kind === 'takeover' || kind === 'release') && instance !== null && names.has(instance),
  )
}

/** Positions of the nodes that are master and whose word counts. */
function holdersOf({nodes}: ClusterFacts): readonly number[] {
  return nodes.flatMap(({state, router}, i) =>
    state !== 'unknown' && router?.state === 'master' && !router.observed ? [i] : [],
  )
}

/** A named target is one as long as it has the router and does not hold it. */
function candidates({nodes}: ClusterFacts, to: number | undefined, holders: readonly number[]): readonly number[] {
  const others = nodes.flatMap(({router}, i) => (router === null || holders.includes(i) ? [] : [i]))
  if (to !== undefined) return others.filter(i => i === to)
  return others.filter(i => nodes[i]?.state !== 'unknown')
}

function noTarget({nodes, routerName}: ClusterFacts, to: number | undefined, holders: readonly number[]): string {
  const node = to === undefined ? undefined : nodes[to]
  if (node === undefined || to === undefined) return `no other node that answers has ${routerName}`
  if (holders.includes(to)) return `${node.name} holds it already`
  return `${node.name} ${node.state === 'unknown' ? `does not answer: ${node.problem}` : `has no ${routerName}`}`
}

function holderLine({nodes, routerName}: ClusterFacts, holders: readonly number[]): PreflightLine {
  const check = 'holder'
  const names = holders.map(i => nodes[i]?.name).join(' and ')
  if (holders.length > 1) return {check, ok: false, text: `split brain: ${names} hold ${routerName}`}
  const router = nodes[holders[0] ?? -1]?.router
  if (router) {
    const text = `${names} alone holds ${routerName}, priority ${router.priority.effective}`
    return {check, ok: true, text}
  }
  const heard = nodes.flatMap(({router: each}) => each?.heard ?? []).find(({priority}) => priority > 0)
  if (heard === undefined) return {check, ok: false, text: `no node that answers holds ${routerName}`}
  return {check, ok: false, text: `${heard.address} holds ${routerName}, which is none of these nodes`}
}

function silentLine({nodes}: ClusterFacts): PreflightLine {
  const silent = nodes.filter(({state}) => state === 'unknown')
  if (silent.length === 0) return {check: 'nodes', ok: true, text: `${counted(nodes.length, 'node')}, all answer`}
  const text = silent.map(({name, problem}) => `${name} does not answer${problem === null ? '' : `: ${problem}`}`)
  return {check: 'nodes', ok: false, text: text.join('; ')}
}

interface Judged {
  readonly from: number | null
  readonly to: number
  readonly way: Way
  readonly drill: boolean
}

function linesOf(facts: ClusterFacts, {from, to, way, drill}: Judged): readonly PreflightLine[] {
  const target = facts.nodes[to] as NodeFacts
  const {router} = target
  if (router === null || target.state === 'unknown') {
    return [{check: 'target', ok: false, text: noTarget(facts, to, [])}]
  }
  const holder = from === null ? undefined : facts.nodes[from]
  const alone = [
    fitLine(target, router),
    ...(drill ? [overridesLine(facts, {from, to, way})] : []),
    lagLine(target, router),
  ]
  if (holder?.router == null) return alone
  const held = holder as NodeFacts & {readonly router: VirtualRouter}
  return [
    ...alone,
    hearsLine(target, router, held),
    addressesLine(target, held),
    configurationLine(target, held),
    checksLine(facts, {from: from as number, to}),
    wayLine(facts, {from: from as number, to}, way),
  ]
}

/** Backup, and nothing keeps it from being master. A sync group moves whole. */
function fitLine({name, group}: NodeFacts, router: VirtualRouter): PreflightLine {
  const whys = (group.length > 0 ? group : [router]).flatMap(each => {
    const {state, faults, reason, held, observed} = each
    if (observed) return [`${each.name} is only observed`]
    if (held !== null) return [`${each.name} is not to be master: ${held}`]
    if (state === 'fault' || state === 'init') return [`${each.name} is ${state.toUpperCase()}: ${faults[0] ?? reason}`]
    return []
  })
  const ok = whys.length === 0
  return {check: 'target', ok, text: `${name}: ${ok ? `${router.state}, and fit to be master` : whys.join('; ')}`}
}

/** A drill puts back what it found, which is possible while nobody has moved the target by hand. */
function overridesLine({nodes}: ClusterFacts, {from, to, way}: Omit<Judged, 'drill'>): PreflightLine {
  const moved = [to, ...(way === 'release' && from !== null ? [from] : [])].filter(i => isMoved(nodes[i] as NodeFacts))
  const check = 'drill'
  if (moved.length === 0) return {check, ok: true, text: 'everything can be put back as it is'}
  const names = moved.map(i => nodes[i]?.name).join(' and ')
  return {check, ok: false, text: `${names}: a takeover or a release stands there, which a drill would end`}
}

function lagLine({name, agent}: NodeFacts, {advertIntervalMs}: VirtualRouter): PreflightLine {
  const check = 'event loop'
  const child = agent?.processes.find(each => each.name === 'vrrp')
  if (child === undefined || child.state !== 'running') {
    return {check, ok: false, text: `${name}: the vrrp process is ${child?.state ?? 'not known'}`}
  }
  if (child.loopLagMs === null) return {check, ok: true, text: `${name}: not measured yet`}
  const lagMs = child.loopLagMs.p99
  const ok = lagMs <= advertIntervalMs * MAX_LAG_PART
  const text = `${name}: late by ${formatInterval(lagMs)} (p99) at an interval of ${formatInterval(advertIntervalMs)}`
  return {check, ok, text}
}

function hearsLine(
  target: NodeFacts,
  router: VirtualRouter,
  holder: NodeFacts & {router: VirtualRouter},
): PreflightLine {
  const check = 'hears the holder'
  const {heard, masterDownIntervalMs} = router
  if (heard === null) return {check, ok: false, text: `${target.name} hears no master`}
  const {source} = holder.router
  if (heard.address !== source) {
    return {check, ok: false, text: `${target.name} hears ${heard.address}, and ${holder.name} sends from ${source}`}
  }
  const silentMs = elapsedMs({from: heard.lastSeen, to: target.observedAt})
  const ok = silentMs <= masterDownIntervalMs + FIGURES_AGE_MS
  const text = `${target.name} heard ${holder.name} (${source}) ${formatDuration(silentMs)} before it was asked`
  return {check, ok, text}
}

function addressesLine(target: NodeFacts, holder: NodeFacts): PreflightLine {
  const there = addressesOf(target)
  const here = addressesOf(holder)
  const missing = [...here].filter(address => !there.has(address))
  const more = [...there].filter(address => !here.has(address))
  const check = 'addresses'
  if (missing.length + more.length === 0) return {check, ok: true, text: `${here.size}, the same on both`}
  const lacks = missing.length === 0 ? [] : [`${target.name} lacks ${missing.join(', ')}`]
  const has = more.length === 0 ? [] : [`${target.name} has ${more.join(', ')} besides`]
  return {check, ok: false, text: [...lacks, ...has].join('; ')}
}

const addressesOf = ({group}: NodeFacts): ReadonlySet<string> =>
  new Set(group.flatMap(({vips}) => vips.map(({address, prefixLength}) => `${address}/${prefixLength}`)))

function configurationLine(target: NodeFacts, holder: NodeFacts): PreflightLine {
  const check = 'configuration'
  const trial = [holder, target].find(({agent}) => agent?.configuration.trial)
  if (trial !== undefined) return {check, ok: false, text: `${trial.name} has a configuration on trial`}
  const here = holder.agent?.configuration
  const there = target.agent?.configuration
  // An older agent does not tell.
  if (!here?.sharedHash || !there?.sharedHash) return {check, ok: false, text: 'not known'}
  const refused = there.refused === null ? '' : `; ${target.name} has refused its last reload`
  const same = here.sharedHash === there.sharedHash
  const text = same ? `the same on both (${here.sharedHash})` : `${holder.name} and ${target.name} differ`
  return {check, ok: same && refused === '', text: text + refused}
}

/** How many real servers a node would send clients to; those that nothing checks count while they have a weight. */
function checksLine({services, nodes}: ClusterFacts, {from, to}: FromTo): PreflightLine {
  const check = 'real servers'
  const ours = services.filter(({onNodes}) => onNodes[from])
  if (ours.length === 0) return {check, ok: true, text: 'no virtual services on these addresses'}
  const problem = nodes[to]?.servicesProblem ?? null
  if (problem !== null) return {check, ok: false, text: `${nodes[to]?.name}: ${problem}`}
  const fewer = ours.filter(service => inService(service, to) < inService(service, from))
  if (fewer.length === 0) {
    const all = ours.reduce((sum, service) => sum + inService(service, to), 0)
    return {check, ok: true, text: `${nodes[to]?.name} sees ${all} in, no fewer than ${nodes[from]?.name}`}
  }
  const list = fewer.slice(0, MAX_LISTED).map(each => `${each.name} ${inService(each, to)} of ${inService(each, from)}`)
  const more = fewer.length > list.length ? `, and ${fewer.length - list.length} services more` : ''
  return {check, ok: false, text: `${nodes[to]?.name} sees fewer in: ${list.join(', ')}${more}`}
}

const MAX_LISTED = 5

function inService({onNodes}: ClusterService, node: number): number {
  const reals = onNodes[node]?.realServers ?? []
  return reals.filter(({standing, weight, present, isSorryServer}) => {
    if (isSorryServer) return false
    return standing === null ? present && weight > 0 : standing === 'in'
  }).length
}

/** Two holders for the time of one packet are less than none for a skew: the target takes over wherever it can. */
function wayOf({nodes}: ClusterFacts, {from, to}: FromTo): Way {
  const holder = nodes[from]?.router
  const target = nodes[to]?.router
  if (!holder || !target) return 'takeover'
  const adds = target.tracking.reduce((sum, track) => sum + track.adds, 0)
  const needed = holder.priority.effective + 1 - adds
  return holder.priority.effective < MAX_PRIORITY && needed <= MAX_PRIORITY ? 'takeover' : 'release'
}

/** After a release the highest priority is master next, whoever has it. */
function wayLine({nodes}: ClusterFacts, {from, to}: FromTo, way: Way): PreflightLine {
  const check = 'way'
  const holder = nodes[from] as NodeFacts
  const target = nodes[to] as NodeFacts
  if (way === 'takeover') return {check, ok: true, text: `${target.name} takes over, ${holder.name} steps down for it`}
  const known = nodes.flatMap(({router}) => router?.source ?? [])
  const stranger = nodes.flatMap(({router}) => router?.peers ?? []).find(({address}) => !known.includes(address))
  const priority = ({router}: NodeFacts): number => router?.priority.effective ?? 0
  const rival = nodes.find(
    (node, i) => i !== to && i !== from && node.router?.state === 'backup' && priority(node) >= priority(target),
  )
  const why = `priority ${priority(holder)} of ${holder.name} cannot be beaten: it releases`
  if (rival !== undefined) {
    return {check, ok: false, text: `${why}, and ${rival.name} (priority ${priority(rival)}) would follow it`}
  }
  if (stranger === undefined) return {check, ok: true, text: `${why}, and ${target.name} follows it`}
  return {check, ok: false, text: `${why}, and ${stranger.address}, which is none of these nodes, may follow it`}
}
