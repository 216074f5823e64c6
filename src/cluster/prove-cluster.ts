import {buildCluster, type Cluster} from './cluster.ts'
import {compareCluster} from './compare-nodes.ts'
import {type ClusterFinding, enumerated, newClusterFindings} from './findings.ts'
import type {ClusterNode, VirtualRouter} from './node.ts'
import type {ProofResult, RouterProof, Run} from './proof.ts'
import {type CutOff, reportCutOff, reportViolations} from './report-violations.ts'
import {buildComponent, componentsOf} from './simulation/component.ts'
import {type ComponentOutcome, runComponent} from './simulation/run-component.ts'

/**
 * Runs the machines of all nodes under simulated time: started together and one after another, and then through every
 * single fault and its repair. Says after which of them a virtual router has no holder or two, and how long a takeover
 * takes. The same nodes always give the same result.
 */
export function proveCluster(nodes: readonly ClusterNode[]): ProofResult {
  const cluster = buildCluster(nodes)
  const causes = nodes.length > 1 ? compareCluster(cluster, nodes.length) : []
  const findings = newClusterFindings(cluster.nodes)
  const proofs = new Map<VirtualRouter, RouterProof>()
  const leftOut = notSimulated(cluster, nodes.length)
  const cutOff: CutOff[] = []
  let steps = 0
  for (const virtualRouters of componentsOf(cluster)) {
    if (virtualRouters.every(({members}) => members.length < 2)) {
      for (const router of virtualRouters) proofs.set(router, proofOf(router, [], undefined))
      continue
    }
    const component = buildComponent(cluster, virtualRouters)
    const outcome = runComponent(component, Math.min(MAX_COMPONENT_STEPS, MAX_STEPS - steps))
    steps += outcome.steps
    for (const fault of outcome.cutOff) cutOff.push({fault, component})
    const names = new Set(virtualRouters.map(({name}) => name))
    const codes = codesAbout(names, causes)
    if (!outcome.complete)
      leftOut.push(`${enumerated([...names])}: not every fault was simulated: there are too many steps`)
    for (const [i, router] of virtualRouters.entries()) {
      const runs = outcome.runs[i] ?? []
      reportViolations(router, runs, codes, findings)
      proofs.set(router, proofOf(router, runs, outcome))
    }
  }
  reportCutOff(cutOff, findings)
  return {
    nodes: cluster.nodes.map(({name}) => name),
    routers: cluster.routers.flatMap(router => proofs.get(router) ?? []),
    findings: findings.list(),
    leftOut,
    steps,
  }
}

/** So many steps of machines take about a second and a half. */
const MAX_STEPS = 3_000_000
/** One set of virtual routers must not use up what the others need. */
const MAX_COMPONENT_STEPS = 1_000_000

/** What holds for all nodes and is not simulated; sentences. */
function notSimulated({nodes, routers}: Cluster, given: number): string[] {
  const sentences: string[] = []
  if (given > nodes.length) sentences.push(`${given} nodes are given; only the first ${nodes.length} were simulated`)
  const slow = routers.filter(({members}) => members.some(({instance}) => instance.downTimerAdverts !== 3))
  const [first] = slow
  if (first) {
    const others = slow.length > 1 ? ` (and ${slow.length - 1} more)` : ''
    sentences.push(`${first.name}${others}: down_timer_adverts was taken to be 3, so takeovers take another time`)
  }
  return sentences
}

/** The codes of what was found by comparing, which may be why something goes wrong. */
function codesAbout(names: ReadonlySet<string>, causes: readonly ClusterFinding[]): readonly ClusterFinding[] {
  return causes.filter(({router, severity}) => router !== undefined && names.has(router) && severity !== 'info')
}

function proofOf(router: VirtualRouter, runs: readonly Run[], outcome: ComponentOutcome | undefined): RouterProof {
  const survived = runs.flatMap(({phases}) =>
    phases.filter(({kind, violations}) => kind === 'fault' && violations.length === 0),
  )
  const takeovers = survived.flatMap(({takeoverMs}) => takeoverMs ?? [])
  const isViolated = runs.some(({phases}) => phases.some(({violations}) => violations.length > 0))
  return {
    name: router.name,
    vrid: router.vrid,
    family: router.family,
    nodes: router.members.map(({nodeName}) => nodeName),
    verdict: verdictOf(router, outcome, isViolated),
    faults: router.members.length < 2 ? 0 : (outcome?.faults ?? 0),
    takeoverMs: takeovers.length > 0 ? {least: Math.min(...takeovers), most: Math.max(...takeovers)} : null,
    withoutHolderMs: survived.reduce((most, {withoutHolderMs}) => Math.max(most, withoutHolderMs), 0),
    runs: router.members.length < 2 ? [] : runs,
  }
}

function verdictOf(
  {members}: VirtualRouter,
  outcome: ComponentOutcome | undefined,
  isViolated: boolean,
): RouterProof['verdict'] {
  if (members.length < 2) return 'alone'
  if (isViolated) return 'violated'
  return outcome?.complete ? 'proven' : 'left-out'
}
