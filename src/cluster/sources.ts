import {type IpAddress, ipFamily, ipFromBytes} from '../core/ip.ts'
import type {Candidate, ClusterNode, Member} from './node.ts'

/** Where a member advertises from, and how that is known. */
export type Source = Pick<Member, 'source' | 'sourceIs'>

/**
 * The addresses that the members of one virtual router advertise from: what the text or the host says, or else the
 * peer that others name and that is nobody else's, or else one made up.
 */
export function sourcesOf(members: readonly Candidate[], nodes: readonly ClusterNode[]): readonly Source[] {
  const known = members.map(member => configuredSource(member, nodes[member.node]?.addresses ?? [], members))
  const taken = new Set(known.flatMap(source => source ?? []))
  return members.map((member, i): Source => {
    const configured = known[i]
    if (configured !== undefined) return {source: configured, sourceIs: 'configured'}
    const deduced = deducedSource(i, members, taken)
    if (deduced === undefined) return {source: madeUpAddress(member), sourceIs: 'made-up'}
    taken.add(deduced)
    return {source: deduced, sourceIs: 'deduced'}
  })
}

function configuredSource(
  {instance, family}: Candidate,
  own: readonly IpAddress[],
  members: readonly Candidate[],
): IpAddress | undefined {
  if (instance.source) return instance.source.address
  const suitable = own.filter(address => ipFamily(address) === family)
  const named = new Set(members.flatMap(({instance: {unicastPeers}}) => unicastPeers.map(({address}) => address)))
  return suitable.find(address => named.has(address)) ?? suitable[0]
}

/** The address that most others name as a peer; rather one that the node does not name itself. */
function deducedSource(
  index: number,
  members: readonly Candidate[],
  taken: ReadonlySet<IpAddress>,
): IpAddress | undefined {
  const own = new Set(members[index]?.instance.unicastPeers.map(({address}) => address))
  const votes = new Map<IpAddress, number>()
  for (const [i, {instance}] of members.entries()) {
    if (i === index) continue
    for (const {address} of instance.unicastPeers) {
      if (!taken.has(address)) votes.set(address, (votes.get(address) ?? 0) + (own.has(address) ? 1 : 1_000))
    }
  }
  let best: IpAddress | undefined
  for (const [address, count] of votes) if (best === undefined || count > (votes.get(best) ?? 0)) best = address
  return best
}

/** RFC 5737 and RFC 3849 keep these for examples, so that they are nobody's. */
function madeUpAddress({node, family}: Candidate): IpAddress {
  if (family === 4) return ipFromBytes(Buffer.from([192, 0, 2, node + 1]))
  return ipFromBytes(Buffer.from([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, node + 1]))
}
