import type {LvsHold} from '../control/lvs-model.ts'
import {
  type AgentStatus,
  API_VERSION,
  type ItemReply,
  type RouterStateName,
  type VirtualRouter,
} from '../control/model.ts'
import type {WatchedReal} from '../control/watch-model.ts'
import type {ClusterPicture, ClusterReal, ClusterRouter, ClusterService, NodeState, Problem} from '../watch/model.ts'
import {isKnown} from '../watch/node-problems.ts'
import {problemsOf, type VerdictState, verdictOf} from './cluster-verdict.ts'

/** A cluster as `--json` prints it. */
export interface ClusterReport {
  readonly verdict: VerdictState
  readonly summary: string
  /** The worst first. */
  readonly problems: readonly Problem[]
  readonly nodes: readonly NodeReport[]
  readonly routers: readonly RouterReport[]
  readonly services: readonly ServiceReport[]
}

/** One node; `agent` is null where nothing that it said counts. */
export interface NodeReport {
  readonly name: string
  readonly given: string
  readonly state: NodeState
  readonly problem: string | null
  readonly silentMs: number | null
  readonly clockAheadMs: number
  /** It is reached by a socket that takes no orders. */
  readonly isReadOnly: boolean
  readonly servicesProblem: string | null
  readonly agent: AgentStatus | null
}

/** One virtual router; nodes that are known not to have it are left out of `onNodes`. */
export interface RouterReport {
  readonly name: string
  readonly vrid: number
  readonly family: 4 | 6
  readonly addresses: readonly string[]
  /** Names of nodes. */
  readonly holders: readonly string[]
  readonly heldSince: string | null
  readonly problem: Problem | null
  readonly onNodes: readonly RouterOnNodeReport[]
}

/** A virtual router on one node: `unknown`, and nothing more, where that node is silent. */
export interface RouterOnNodeReport {
  readonly node: string
  readonly state: RouterStateName | 'unknown'
  /** The effective one. */
  readonly priority: number | null
  /** By the clock of that node. */
  readonly since: string | null
  readonly reason: string | null
  readonly held: string | null
}

/** One virtual service: sums over the nodes that are known. */
export interface ServiceReport extends Omit<ClusterService, 'onNodes' | 'realServers'> {
  /** Names of the nodes that have it. */
  readonly nodes: readonly string[]
  readonly realServers: readonly RealReport[]
}

/** One real server. */
export interface RealReport extends Omit<ClusterReal, 'onNodes'> {
  readonly onNodes: readonly RealOnNodeReport[]
}

/** A real server on one node. */
export interface RealOnNodeReport {
  readonly node: string
  readonly weight: number
  readonly present: boolean
  readonly standing: WatchedReal['standing']
  readonly held: LvsHold | null
}

/** Everything about a cluster but its journals, as an answer. */
export function clusterReply(picture: ClusterPicture): ItemReply<'Cluster', ClusterReport> {
  const {state, summary} = verdictOf(picture)
  const names = picture.nodes.map(({address}) => address.name)
  const item: ClusterReport = {
    verdict: state,
    summary,
    problems: problemsOf(picture),
    nodes: nodeReports(picture),
    routers: picture.routers.map(router => routerReport(router, picture.nodes)),
    services: picture.services.map(service => serviceReport(service, names)),
  }
  return {apiVersion: API_VERSION, kind: 'Cluster', observedAt: new Date(picture.nowMs).toISOString(), item}
}

const nodeReports = ({nodes}: ClusterPicture): readonly NodeReport[] =>
  nodes.map(node => ({
    name: node.address.name,
    given: node.address.given,
    state: node.state,
    problem: node.problem,
    silentMs: node.silentMs,
    clockAheadMs: node.clockAheadMs,
    isReadOnly: node.isReadOnly,
    servicesProblem: node.servicesProblem,
    agent: isKnown(node) ? node.agent : null,
  }))

function routerReport(router: ClusterRouter, nodes: ClusterPicture['nodes']): RouterReport {
  const {name, vrid, family, vips, holders, heldSinceMs, problem} = router
  return {
    name,
    vrid,
    family,
    addresses: vips,
    holders: holders.map(at => nodes[at]?.address.name ?? '?'),
    heldSince: heldSinceMs === null ? null : new Date(heldSinceMs).toISOString(),
    problem,
    onNodes: nodes.flatMap((node, at): readonly RouterOnNodeReport[] => {
      const on = router.onNodes[at]
      if (isKnown(node) && !on) return []
      const {name: nodeName} = node.address
      return on?.isKnown ? [{node: nodeName, ...told(on.router)}] : [{node: nodeName, ...NOTHING_KNOWN}]
    }),
  }
}

const told = ({state, priority, since, reason, held}: VirtualRouter) => ({
  state,
  priority: priority.effective,
  since,
  reason,
  held,
})

const NOTHING_KNOWN = {state: 'unknown', priority: null, since: null, reason: null, held: null} as const

function serviceReport(
  {onNodes: there, realServers, ...service}: ClusterService,
  names: readonly string[],
): ServiceReport {
  return {
    ...service,
    nodes: onNodes(there, names, () => ({})).map(({node}) => node),
    realServers: realServers.map(({onNodes: reals, ...real}) => ({
      ...real,
      onNodes: onNodes(reals, names, ({weight, present, standing, held}) => ({weight, present, standing, held})),
    })),
  }
}

/** What there is of a thing on each node that has it, with the name of the node. */
function onNodes<There, Told extends object>(
  there: readonly (There | null)[],
  names: readonly string[],
  tell: (there: There) => Told,
): readonly ({readonly node: string} & Told)[] {
  return there.flatMap((one, at) => (one === null ? [] : [{node: names[at] ?? '?', ...tell(one)}]))
}
