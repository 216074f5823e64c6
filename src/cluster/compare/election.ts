import {DIAGNOSTIC_KINDS} from '../../config/diagnostic-codes.ts'
import {evaluateTracks} from '../../core/track/tracking.ts'
import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {ClusterFindings} from '../findings.ts'
import type {ClusterNode, Member, VirtualRouter} from '../node.ts'
import {asTrack, healthyVerdict, labelOf, type MemberTrack, tracksOf} from '../tracks.ts'
import {nodesOf, placeOf, remarkOn} from './differing.ts'

/** Finds what makes the election of a virtual router go another way than it was meant to. */
export function compareElection(router: VirtualRouter, nodes: readonly ClusterNode[], findings: ClusterFindings): void {
  const ranked = router.members
    .map(member => ({member, priority: priorityOf(member)}))
    .toSorted((a, b) => b.priority - a.priority)
  reportEqual(router, ranked, findings)
  reportStates(router, ranked, findings)
  reportPreemption(router, ranked, nodes, findings)
  reportWeights(router, ranked, findings)
}

interface Ranked {
  readonly member: Member
  /** Effective, while all that it tracks is well. */
  readonly priority: number
}

/** The effective priority while all is well but one thing that it tracks. */
function priorityOf(member: Member, failed?: MemberTrack): number {
  const tracks = tracksOf(member).map(track => {
    const healthy = healthyVerdict(track)
    const isFailed = failed !== undefined && track.kind === failed.kind && track.name === failed.name
    return asTrack(track, isFailed ? opposite(healthy) : healthy)
  })
  return evaluateTracks(member.instance.priority, tracks).priority
}

/** The most that weights make of a priority. */
const MAX_PRIORITY = 254

const opposite = (verdict: 'good' | 'bad'): 'good' | 'bad' => (verdict === 'good' ? 'bad' : 'good')

function reportEqual(router: VirtualRouter, ranked: readonly Ranked[], findings: ClusterFindings): void {
  const [first, second] = ranked.filter(({priority}) => ranked.filter(other => other.priority === priority).length > 1)
  if (!first || !second) return
  const alike = ranked.filter(({priority}) => priority === first.priority).map(({member}) => member)
  const [one, ...others] = alike as [Member, ...Member[]]
  const odd = others.at(-1) ?? second.member
  const {name} = router
  const weighted = alike.some(({instance}) => instance.priority !== first.priority)
  const most = first.priority === MAX_PRIORITY ? 'the most that weights can make,' : 'weights included,'
  const priority = `priority ${first.priority}${weighted ? `, ${most}` : ''}`
  const where = {
    router: name,
    at: placeOf(odd, 'priority'),
    related: [one, ...others.slice(0, -1)].map(member =>
      remarkOn(member, 'priority', `priority of ${member.nodeName}`),
    ),
  }
  const rest = alike.filter(member => member !== odd)
  if (first.priority === OWNER_PRIORITY) {
    const message = `${name}: priority 255 here and on ${nodesOf(rest)}: only one node can own the addresses`
    findings.report({...where, name: 'nodes-owner-twice', message, hint: 'use 254 or less on all nodes but the owner'})
    return
  }
  const intended = alike.every(({instance}) => !instance.preempt)
  const message = intended
    ? `${name}: ${priority} here and on ${nodesOf(rest)}: with nopreempt whoever is master stays it`
    : `${name}: ${priority} here and on ${nodesOf(rest)}: whoever is master first stays it, whatever was meant`
  findings.report({
    ...where,
    name: intended ? 'nodes-priority-equal-nopreempt' : 'nodes-priority-equal',
    message,
    ...(intended ? {} : {hint: 'give the node that is to be master a higher priority'}),
  })
}

function reportStates(router: VirtualRouter, ranked: readonly Ranked[], findings: ClusterFindings): void {
  const {name, members} = router
  const masters = members.filter(({instance}) => instance.initialState === 'master')
  const [first, ...others] = masters
  // Two owners are told so already.
  if (!first || masters.filter(({instance}) => instance.priority === OWNER_PRIORITY).length > 1) return
  const second = others.at(-1)
  if (second) {
    const rest = masters.filter(member => member !== second)
    findings.report({
      name: 'nodes-state-both-master',
      router: name,
      at: placeOf(second, 'initialState'),
      message: `${name}: state MASTER here and on ${nodesOf(rest)}: only one can be, and priority decides which`,
      hint: 'use state BACKUP on all nodes but one, or on all',
      related: rest.map(member => remarkOn(member, 'initialState', `state MASTER of ${member.nodeName}`)),
    })
    return
  }
  const [best] = ranked
  const its = ranked.find(({member}) => member === first)
  if (!best || !its || best.priority <= its.priority) return
  findings.report({
    name: 'nodes-state-not-highest',
    router: name,
    at: placeOf(first, 'initialState'),
    message:
      `${name}: state MASTER, but the priority ${its.priority} is less than ${best.priority} of ` +
      `${best.member.nodeName}, which takes over`,
    hint: 'state decides nothing: give the node that is to be master the higher priority',
    related: [remarkOn(best.member, 'priority', `priority of ${best.member.nodeName}`)],
  })
}

function reportPreemption(
  router: VirtualRouter,
  ranked: readonly Ranked[],
  nodes: readonly ClusterNode[],
  findings: ClusterFindings,
): void {
  const [best, second] = ranked
  const holding = router.members.filter(({instance}) => !instance.preempt)
  const [holder] = holding
  if (!best || !holder || holding.length === router.members.length) return
  // It was taken back and reported in that file.
  if (router.members.some(member => member.instance.preempt && wasCorrected(member, nodes))) return
  const {name} = router
  const tie = best.priority === second?.priority
  if (!best.member.instance.preempt || tie) {
    const rest = router.members.filter(({instance}) => instance.preempt)
    findings.report({
      name: 'nodes-nopreempt-one',
      router: name,
      at: placeOf(holder, 'preempt'),
      message: `${name}: nopreempt here and not on ${nodesOf(rest)}, which takes over whenever its priority is higher`,
      related: rest.map(member => remarkOn(member, 'preempt', `preempt on ${member.nodeName}`)),
    })
    return
  }
  findings.report({
    name: 'nodes-nopreempt-useless',
    router: name,
    at: placeOf(holder, 'preempt'),
    message:
      `${name}: nopreempt here, but not on ${best.member.nodeName}, which has the highest priority: it takes over ` +
      'again as soon as it returns',
    hint: `set nopreempt on ${best.member.nodeName} too, or nowhere`,
    related: [remarkOn(best.member, 'preempt', `preempt on ${best.member.nodeName}`)],
  })
}

function wasCorrected({node, instance}: Member, nodes: readonly ClusterNode[]): boolean {
  const {at} = instance
  const {code} = DIAGNOSTIC_KINDS['preempt-corrected']
  return (nodes[node]?.loaded.diagnostics ?? []).some(
    finding =>
      finding.code === code &&
      finding.position.file === at.preempt?.file &&
      finding.position.line === at.preempt.line &&
      finding.position.column === at.preempt.column,
  )
}

/** The master of those that are there, whatever is left of them, has to fall below the next when something fails. */
function reportWeights(router: VirtualRouter, ranked: readonly Ranked[], findings: ClusterFindings): void {
  for (const [i, {member, priority}] of ranked.entries()) {
    const next = ranked[i + 1]
    if (!next || next.priority === priority || priority === OWNER_PRIORITY) continue
    for (const track of tracksOf(member)) {
      if (track.weight === 0 || track.kind === 'file') continue
      const left = priorityOf(member, track)
      if (left < next.priority) reportHeldBack(router, member, track, next.member, findings)
      else {
        const gap = priority - next.priority
        const tie = left === next.priority ? 'which equals that of' : 'still more than that of'
        findings.report({
          name: 'nodes-weight-too-small',
          router: router.name,
          at: {node: member.node, position: track.position},
          message:
            `${router.name}: without ${labelOf(track)} (weight ${track.weight}) the priority is ${left} of ` +
            `${priority}, ${tie} ${next.member.nodeName}: its failure moves nothing`,
          hint: track.weight < 0 ? `weight -${gap + 1} or less` : `weight ${gap + 1} or more`,
          related: [remarkOn(next.member, 'priority', `${next.member.nodeName} has ${next.priority}`)],
        })
      }
    }
  }
}

/** A backup with nopreempt lets even a lower priority be; where it has weights itself, its own file is told so. */
function reportHeldBack(
  router: VirtualRouter,
  member: Member,
  track: MemberTrack,
  next: Member,
  findings: ClusterFindings,
): void {
  if (next.instance.preempt || tracksOf(next).some(({weight}) => weight !== 0)) return
  findings.report({
    name: 'nodes-weight-too-small',
    router: router.name,
    at: {node: member.node, position: track.position},
    message:
      `${router.name}: when ${labelOf(track)} fails, the priority falls below that of ${next.nodeName}, which has ` +
      'nopreempt and does not take over: its failure moves nothing',
    hint: 'track without a weight, so that a failure is a fault; or remove nopreempt',
    related: [remarkOn(next, 'preempt', `nopreempt on ${next.nodeName}`)],
  })
}
