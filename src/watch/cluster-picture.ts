import {clusterRouters, type JudgedRouters} from './cluster-routers.ts'
import {clusterServices, type JudgedServices} from './cluster-services.ts'
import type {ClusterPicture, NodePicture} from './model.ts'
import {nodeFindings} from './node-problems.ts'
import {isSameProblem, problemsOf} from './problems.ts'

/** What one picture can give the next so that it need not be found out again. */
interface Work {
  readonly routers: JudgedRouters
  readonly services: JudgedServices
}

const WORK = new WeakMap<ClusterPicture, Work>()

/**
 * Puts the nodes beside each other, as of `nowMs` (of this host, milliseconds since 1970). The same nodes make the same
 * picture; a `previous` one of the same nodes saves work, keeps keys as they were, and lets the version grow.
 */
export function clusterPicture(
  nodes: readonly NodePicture[],
  nowMs: number,
  previous?: ClusterPicture,
): ClusterPicture {
  const work = previous === undefined ? undefined : WORK.get(previous)
  const moment = {nodes, nowMs}
  const judged = clusterRouters(moment, work?.routers)
  const routers = judged.judged.map(({row}) => row)
  const services = clusterServices(nodes, routers, work?.services)
  const problems = problemsOf([
    ...judged.judged.flatMap(({findings}) => findings),
    ...nodeFindings(moment),
    ...services.findings,
  ])
  const made = {nowMs, nodes, routers, services: services.rows, problems}
  const picture: ClusterPicture = {...made, version: versionAfter(previous, made)}
  WORK.set(picture, {routers: judged, services})
  return picture
}

function versionAfter(previous: ClusterPicture | undefined, next: Omit<ClusterPicture, 'version'>): number {
  if (previous === undefined) return 1
  const isSame =
    next.nodes.length === previous.nodes.length &&
    next.nodes.every((node, position) => isSameNode(node, previous.nodes[position])) &&
    next.problems.length === previous.problems.length &&
    next.problems.every((problem, position) => isSameProblem(problem, previous.problems[position]))
  return isSame ? previous.version : previous.version + 1
}

/** Its silence may have grown, and its clock seem to be a little different. */
function isSameNode(a: NodePicture, b: NodePicture | undefined): boolean {
  if (b === undefined) return false
  const names: readonly (keyof NodePicture)[] = [
    'state',
    'problem',
    'isWhole',
    'isReadOnly',
    'refusedLines',
    'agent',
    'routers',
    'services',
    'servicesProblem',
    'journal',
  ]
  return names.every(name => a[name] === b[name])
}
