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

/** Reports each kind of violation of a virtual router once, at the first node concerned. */
export function reportViolations(
  router: VirtualRouter,
  runs: readonly Run[],
  causes: readonly ClusterFinding[],
  findings: ClusterFindings,
): void {
  const phases = runs.flatMap(run => run.phases)
  for (const {violation, name} of KINDS) {
    const wrong = phases.filter(({violations}) => violations.includes(violation))
    const [first] = wrong
    if (!first) continue
    const member = memberConcerned(router, violation, first)
    const others = router.members.filter(other => other !== member)
    const cases = new Set(wrong.map(({title}) => title)).size - 1
    const more = andMore(cases)
    const message = `${router.name}: ${whatHappens(violation, first)} ${when(first)}${more}`
    const codes = [...new Set(causes.filter(cause => explains(cause, violation)).map(({code}) => code))]
    findings.report({
      name,
      router: router.name,
      at: placeOf(member),
      message,
      ...(codes.length > 0 ? {hint: `${enumerated(codes)} ${codes.length > 1 ? 'say' : 'says'} why`} : {}),
      related: others.map(other => remarkOn(other, undefined, `${other.instance.name} on ${other.nodeName}`)),
    })
  }
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

const andMore = (cases: number): string => (cases > 0 ? ` (and in ${counted(cases, 'more case')})` : '')

const KINDS: readonly {readonly violation: Violation; readonly name: Report['name']}[] = [
  {violation: 'no-holder', name: 'proof-no-holder'},
  {violation: 'two-holders', name: 'proof-two-holders'},
  {violation: 'group-split', name: 'proof-group-split'},
  {violation: 'flapping', name: 'proof-flapping'},
  {violation: 'failed-node-wins', name: 'proof-failed-node-wins'},
]

const explains = ({severity, code}: ClusterFinding, violation: Violation): boolean =>
  violation === 'failed-node-wins' ? code === WEIGHT_TOO_SMALL : severity === 'error' && !NOT_PROTOCOL.includes(code)

const WEIGHT_TOO_SMALL = 'HC2017'
/** Errors that have no effect on who becomes master: addresses that differ. */
const NOT_PROTOCOL = ['HC2009']

function memberConcerned({members}: VirtualRouter, violation: Violation, {holders}: Phase): Member {
  const [first] = members as readonly [Member]
  if (violation !== 'failed-node-wins') return first
  return members.find(({nodeName}) => holders.includes(nodeName)) ?? first
}
