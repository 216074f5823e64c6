import {DIAGNOSTIC_KINDS} from '../config/diagnostic-codes.ts'
import {counted} from '../core/format.ts'
import {placeOf, remarkOn} from './compare/differing.ts'
import {type ClusterFinding, type ClusterFindings, enumerated, type Report} from './findings.ts'
import type {Member, VirtualRouter} from './node.ts'
import type {Phase, Run, Violation} from './proof.ts'
import type {Component} from './simulation/component.ts'
import {describeFault, type Fault} from './simulation/fault.ts'

/** A fault in which a node could not know that it was cut off. */
export interface CutOff {
  readonly fault: Fault
  readonly component: Component
}

/**
 * Reports each kind of violation of a virtual router once, at the first node concerned. Where comparing has found the
 * reason, that finding says it all, and the simulation only confirms it, at the same place.
 */
export function reportViolations(
  router: VirtualRouter,
  runs: readonly Run[],
  causes: readonly Cause[],
  findings: ClusterFindings,
): void {
  const phases = runs.flatMap(run => run.phases)
  for (const {violation, name} of KINDS) {
    const wrong = phases.filter(({violations}) => violations.includes(violation))
    const explained = wrong.filter(phase => causes.some(cause => explains(cause, violation, phase)))
    const open = wrong.filter(phase => !explained.includes(phase))
    reportConfirmed(router, violation, explained, causes, findings)
    const [first] = open
    if (!first) continue
    const member = memberConcerned(router, violation, first)
    const others = router.members.filter(other => other !== member)
    const because = first.because === null ? '' : `: ${first.because}`
    findings.report({
      name,
      router: router.name,
      at: placeOf(member),
      message: `${router.name}: ${sentenceOf(violation, open)}${because}`,
      hint: HINTS[violation],
      related: others.map(other => remarkOn(other, undefined, `${other.instance.name} on ${other.nodeName}`)),
    })
  }
}

/** A finding of comparing, and the number of the node in whose file it is. */
export interface Cause {
  readonly finding: ClusterFinding
  readonly node: number
}

function reportConfirmed(
  router: VirtualRouter,
  violation: Violation,
  phases: readonly Phase[],
  causes: readonly Cause[],
  findings: ClusterFindings,
): void {
  const reasons = causes.filter(cause => phases.some(phase => explains(cause, violation, phase)))
  const [first] = reasons
  if (!first) return
  const codes = [...new Set(reasons.map(({finding}) => finding.code))]
  findings.report({
    name: 'proof-confirms',
    router: router.name,
    at: {node: first.node, position: first.finding.position},
    message:
      `${router.name}: simulated, ${sentenceOf(violation, phases)}: ` +
      `${enumerated(codes)} ${codes.length > 1 ? 'say' : 'says'} why`,
  })
}

/** Says once, as what can be expected, that a node which is cut off cannot know it. */
export function reportCutOff(cutOff: readonly CutOff[], findings: ClusterFindings): void {
  const [first] = cutOff
  if (!first) return
  const {fault, component} = first
  const concerned = component.routers.find(({member}) => member.node === fault.node)
  if (!concerned) return
  const cases = new Set(cutOff.map(each => describeFault(each.fault, each.component, 'fault'))).size - 1
  const more = andMore(cases)
  findings.report({
    name: 'proof-cut-off-node',
    at: placeOf(concerned.member),
    message:
      `when ${describeFault(fault, component, 'fault')}${more}, the node that is cut off keeps the addresses: ` +
      'it cannot know, and no protocol prevents it',
    hint: 'track what lies beyond the link, such as a script that asks the gateway',
  })
}

/** What happens, as a sentence has it. */
export function whatHappens(violation: Violation, {holders, cutOff}: Phase): string {
  const main = holders.filter(holder => !cutOff.includes(holder))
  switch (violation) {
    case 'no-holder':
      return 'nobody holds the addresses'
    case 'two-holders':
      return `${enumerated(main)} ${main.length > 2 ? 'all' : 'both'} hold the addresses`
    case 'group-split':
      return 'the members of its sync group are on different nodes'
    case 'flapping':
      return 'the addresses do not come to rest'
    case 'failed-node-wins':
      return `${enumerated(main)} keeps the addresses`
  }
}

/** After what it happens, as a sentence has it. */
export const when = ({kind, title}: Pick<Phase, 'kind' | 'title'>): string =>
  kind === 'start' ? `when ${title}` : `after ${title}`

/** What happens and when, of several phases the first. */
function sentenceOf(violation: Violation, phases: readonly Phase[]): string {
  const [first] = phases as readonly [Phase]
  const more = new Set(phases.map(({title}) => title)).size - 1
  return `${whatHappens(violation, first)} ${when(first)}${andMore(more)}`
}

const andMore = (cases: number): string => (cases > 0 ? ` (and in ${counted(cases, 'more case')})` : '')

const KINDS: readonly {readonly violation: Violation; readonly name: Report['name']}[] = [
  {violation: 'no-holder', name: 'proof-no-holder'},
  {violation: 'two-holders', name: 'proof-two-holders'},
  {violation: 'group-split', name: 'proof-group-split'},
  {violation: 'flapping', name: 'proof-flapping'},
  {violation: 'failed-node-wins', name: 'proof-failed-node-wins'},
]

const HINTS: {readonly [violation in Violation]: string} = {
  'no-holder': 'the timeline of the simulation shows how it comes to that',
  'two-holders': 'the timeline of the simulation shows how it comes to that',
  'group-split': 'write the same vrrp_sync_group on all nodes',
  flapping: 'give all members of a sync group their highest priority on the same node',
  'failed-node-wins': 'a greater weight, or none, so that a failure is a fault; and nopreempt on no node',
}

/** Whether what comparing found is the reason of a violation. */
function explains({finding: {severity, code, node}}: Cause, violation: Violation, {holders}: Phase): boolean {
  if (violation === 'failed-node-wins') return code === WEIGHT_TOO_SMALL && holders.includes(node)
  return severity === 'error' && !NOT_PROTOCOL.includes(code)
}

const WEIGHT_TOO_SMALL = DIAGNOSTIC_KINDS['nodes-weight-too-small'].code
/** Errors that have no effect on who becomes master: addresses that differ. */
const NOT_PROTOCOL: readonly string[] = [DIAGNOSTIC_KINDS['nodes-addresses-differ'].code]

function memberConcerned({members}: VirtualRouter, violation: Violation, {holders}: Phase): Member {
  const [first] = members as readonly [Member]
  if (violation !== 'failed-node-wins') return first
  return members.find(({nodeName}) => holders.includes(nodeName)) ?? first
}
