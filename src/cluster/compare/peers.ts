import type {IpAddress} from '../../core/ip.ts'
import {type ClusterFindings, enumerated} from '../findings.ts'
import {type ClusterNode, isUnicast, type Member, type VirtualRouter} from '../node.ts'
import {placeOf, remarkOn} from './differing.ts'

/** Finds unicast peers that do not name each other. */
export function comparePeers(router: VirtualRouter, nodes: readonly ClusterNode[], findings: ClusterFindings): void {
  const members = router.members.filter(({instance}) => isUnicast(instance))
  reportShared(router, findings)
  if (members.length < 2) return
  const lacking = new Set<Member>()
  for (const [i, a] of members.entries()) {
    for (const b of members.slice(i + 1)) {
      if (!reportMissing(router, [a, b], nodes, findings)) continue
      lacking.add(a)
      lacking.add(b)
    }
  }
  const known = new Set([
    ...members.map(({source}) => source),
    ...members.flatMap(({node}) => nodes[node]?.addresses ?? []),
  ])
  const allKnown = members.every(({sourceIs}) => sourceIs !== 'made-up')
  for (const member of members) {
    reportOwn(router, member, nodes[member.node]?.addresses ?? [], findings)
    if (allKnown && !lacking.has(member)) reportElsewhere(router, member, known, findings)
  }
}

/** Whether a member sends its advertisements to another. */
export function namesAsPeer(sender: Member, receiver: Member, addresses: readonly IpAddress[]): boolean {
  return sender.instance.unicastPeers.some(({address}) => address === receiver.source || addresses.includes(address))
}

/** True when one of the two does not name the other. */
function reportMissing(
  router: VirtualRouter,
  [a, b]: readonly [Member, Member],
  nodes: readonly ClusterNode[],
  findings: ClusterFindings,
): boolean {
  // Nodes with one address for both have been told so.
  if (a.source === b.source) return false
  const reaches = (from: Member, to: Member): boolean => namesAsPeer(from, to, nodes[to.node]?.addresses ?? [])
  const [aToB, bToA] = [reaches(a, b), reaches(b, a)]
  if (aToB && bToA) return false
  const [odd, other] = bToA ? [a, b] : [b, a]
  const both = !aToB && !bToA
  findings.report({
    name: 'nodes-peer-missing',
    router: router.name,
    at: placeOf(odd, 'unicastPeers'),
    message: `${router.name}: ${describeLack(odd, other, both)}`,
    hint: adviceOn(odd, other, both),
    related: [remarkOn(other, 'unicastPeers', `unicast_peer of ${other.nodeName}`)],
  })
  return true
}

function adviceOn(odd: Member, other: Member, both: boolean): string {
  if (other.sourceIs === 'made-up') {
    return `name the address of ${other.nodeName}, and set unicast_src_ip on each node`
  }
  const own = odd.sourceIs === 'made-up' ? 'the own address' : odd.source
  return `add ${other.source} to unicast_peer${both ? `, and ${own} to that of ${other.nodeName}` : ''}`
}

function describeLack(odd: Member, other: Member, both: boolean): string {
  const address = other.sourceIs === 'made-up' ? '' : ` (${other.source})`
  const named = enumerated(odd.instance.unicastPeers.map(peer => peer.address))
  if (both) {
    return (
      `unicast_peer is ${named} and not ${other.nodeName}${address}, nor does that name this node: ` +
      'neither hears the other, and both hold the addresses'
    )
  }
  if (other.sourceIs === 'made-up' || odd.sourceIs === 'made-up') {
    return (
      `unicast_peer is ${named} here and on ${other.nodeName}: one of them is not heard, ` +
      'and nothing makes the other yield'
    )
  }
  return (
    `unicast_peer is ${named} and not ${other.nodeName}${address}, which hears nothing from here: ` +
    'nothing makes it yield'
  )
}

function reportShared(router: VirtualRouter, findings: ClusterFindings): void {
  for (const [i, a] of router.members.entries()) {
    const b = router.members.slice(i + 1).find(({source, node}) => source === a.source && node !== a.node)
    if (!b || a.sourceIs !== 'configured' || b.sourceIs !== 'configured') continue
    findings.report({
      name: 'nodes-source-shared',
      router: router.name,
      at: placeOf(b, 'source'),
      message:
        `${router.name}: the source address ${b.source} is that of ${a.nodeName} too: ` +
        'each takes the other for itself',
      hint: 'use the own address of each node',
      related: [remarkOn(a, 'source', `source address of ${a.nodeName}`)],
    })
    return
  }
}

/** An own address that only the host knows; one that the text names is found in that text alone. */
function reportOwn(
  router: VirtualRouter,
  {node, instance}: Member,
  addresses: readonly IpAddress[],
  findings: ClusterFindings,
): void {
  const own = instance.unicastPeers.find(
    ({address}) => addresses.includes(address) && address !== instance.source?.address,
  )
  if (!own) return
  findings.report({
    name: 'nodes-peer-own',
    router: router.name,
    at: {node, position: own.position},
    message: `${router.name}: ${own.address} is an address of this node, and no peer: it hears itself`,
    hint: 'list the other nodes only',
  })
}

function reportElsewhere(
  router: VirtualRouter,
  {node, instance}: Member,
  known: ReadonlySet<IpAddress>,
  findings: ClusterFindings,
): void {
  const strange = instance.unicastPeers.filter(({address}) => !known.has(address))
  const [first] = strange
  if (!first) return
  const names = enumerated(strange.map(({address}) => address))
  const [what, are] = strange.length > 1 ? ['peers', 'are'] : ['peer', 'is']
  findings.report({
    name: 'nodes-peer-elsewhere',
    router: router.name,
    at: {node, position: first.position},
    message: `${router.name}: the ${what} ${names} ${are} none of the nodes given`,
    hint: 'give the files of all nodes, or remove a peer that is gone',
  })
}
