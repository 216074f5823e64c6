import {buildCluster, type Cluster} from './cluster.ts'
import {placeOf} from './compare/differing.ts'
import {compareCluster} from './compare-nodes.ts'
import {type ClusterFinding, type ClusterFindings, enumerated, newClusterFindings} from './findings.ts'
import type {ClusterNode, VirtualRouter} from './node.ts'
import {notSimulated, simulatedAsKeepalived} from './not-simulated.ts'
import type {ProofResult, RouterProof, Run} from './proof.ts'
import {type Cause, type CutOff, reportCutOff, reportViolations} from './report-violations.ts'
import {likenessOf} from './simulation/alike.ts'
import {buildComponent, componentsOf} from './simulation/component.ts'
import {type ComponentOutcome, runComponent} from './simulation/run-component.ts'

/**
 * Runs the machines of all nodes under simulated time: started together and one after another, and then through every
 * single fault and its repair. Says after which of them a virtual router has no holder or two, and how long a takeover
 * takes. The same nodes always give the same result.
 */
export function proveCluster(nodes: readonly ClusterNode[]): ProofResult {
  const cluster = buildCluster(nodes)
  const compared = nodes.length > 1 ? compareCluster(cluster, nodes.length) : []
  const causes = compared.map((finding): Cause => ({finding, node: numberOf(finding, cluster)}))
  const findings = newClusterFindings(cluster.nodes)
  const proofs = new Map<VirtualRouter, RouterProof>()
  const leftOut = [...notSimulated(cluster, nodes.length)]
  const cutOff: CutOff[] = []
  const known = new Map<string, ComponentOutcome>()
  let steps = 0
  for (const virtualRouters of componentsOf(cluster)) {
    if (virtualRouters.every(({members}) => members.length < 2)) {
      for (const router of virtualRouters) proofs.set(router, proofOf(router, [], undefined))
      continue
    }
    const component = buildComponent(cluster, virtualRouters)
    const likeness = likenessOf(component)
    let outcome = known.get(likeness)
    if (!outcome) {
      outcome = runComponent(component, Math.min(MAX_COMPONENT_STEPS, MAX_STEPS - steps))
      known.set(likeness, outcome)
      steps += outcome.steps
    }
    for (const fault of outcome.cutOff) cutOff.push({fault, component})
    const names = new Set(virtualRouters.map(({name}) => name))
    const reasons = causesAbout(names, causes)
    if (!outcome.complete) {
      const sentence = `${enumerated([...names])}: not every fault was simulated: there are too many steps`
      leftOut.push(sentence)
      reportIncomplete(virtualRouters, sentence, findings)
    }
    for (const [i, router] of virtualRouters.entries()) {
      const runs = outcome.runs[i] ?? []
      reportViolations(router, runs, reasons, findings)
      proofs.set(router, proofOf(router, runs, outcome))
    }
  }
  reportCutOff(cutOff, findings)
  return {
    nodes: cluster.nodes.map(({name}) => name),
    routers: cluster.routers.flatMap(router => proofs.get(router) ?? []),
    findings: findings.list(),
    leftOut,
    asKeepalived: simulatedAsKeepalived(cluster),
    steps,
  }
}

/** A step of a machine takes 3 to 10 microseconds, the more the larger its sync group is. */
const MAX_STEPS = 2_000_000
/** One set of virtual routers must not use up what the others need. */
const MAX_COMPONENT_STEPS = 1_000_000

function reportIncomplete([router]: readonly VirtualRouter[], message: string, findings: ClusterFindings): void {
  const [member] = router?.members ?? []
  if (router && member) findings.report({name: 'proof-incomplete', router: router.name, at: placeOf(member), message})
}

const numberOf = ({node}: ClusterFinding, {nodes}: Cluster): number =>
  Math.max(
    0,
    nodes.findIndex(({name}) => name === node),
  )

/** What was found by comparing, and may be why something goes wrong. */
function causesAbout(names: ReadonlySet<string>, causes: readonly Cause[]): readonly Cause[] {
  return causes.filter(
    ({finding: {router, severity}}) => router !== undefined && names.has(router) && severity !== 'info',
  )
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
