import {buildCluster, type Cluster, MAX_NODES} from './cluster.ts'
import {compareAddresses} from './compare/addresses.ts'
import {nodesOf, placeOf, remarkOn} from './compare/differing.ts'
import {compareElection} from './compare/election.ts'
import {comparePeers} from './compare/peers.ts'
import {compareProtocol} from './compare/protocol.ts'
import {compareVirtualServers} from './compare/services.ts'
import {compareSyncDaemons} from './compare/sync-daemons.ts'
import {compareSyncGroups} from './compare/sync-groups.ts'
import {type ClusterFinding, type ClusterFindings, newClusterFindings} from './findings.ts'
import {type ClusterNode, isUnicast, type Member} from './node.ts'

/**
 * Finds what only shows when the configurations of one cluster are put beside each other: what makes two nodes hold
 * the addresses, or none, or loses what passes at a takeover. Each fact is one finding.
 */
export function compareNodes(nodes: readonly ClusterNode[]): readonly ClusterFinding[] {
  return nodes.length < 2 ? [] : compareCluster(buildCluster(nodes), nodes.length)
}

/** The same for a cluster that is put together already; `given` nodes were named. */
export function compareCluster(cluster: Cluster, given: number): readonly ClusterFinding[] {
  const {nodes, routers} = cluster
  const findings = newClusterFindings(nodes)
  const [first] = nodes
  if (given > nodes.length && first) {
    const message = `${given} nodes are given; the first ${MAX_NODES} are compared`
    findings.report({name: 'nodes-not-compared', at: headOf(nodes, 0), message})
  }
  const conflicts = takenIds(cluster)
  for (const router of routers) {
    if (router.members.length > 1) {
      compareProtocol(router, findings)
      comparePeers(router, nodes, findings)
      compareAddresses(router, findings)
      compareElection(router, nodes, findings)
    } else if (!router.members.some(member => conflicts.has(member)))
      reportAlone(router.name, router.members, cluster, findings)
  }
  reportTaken(cluster, conflicts, findings)
  compareSyncGroups(cluster, findings)
  compareVirtualServers(cluster, findings)
  compareSyncDaemons(cluster, findings)
  compareHosts(cluster, findings)
  return findings.list()
}

/** The first line of a node's file. */
function headOf(nodes: readonly ClusterNode[], node: number) {
  const file = nodes[node]?.loaded.files[0] ?? nodes[node]?.name ?? ''
  return {node, position: {file, line: 1, column: 1}}
}

function reportAlone(name: string, [member]: readonly Member[], {nodes}: Cluster, findings: ClusterFindings): void {
  // A node without any is a finding of its own.
  const others = nodes.filter((node, i) => i !== member?.node && node.loaded.config.instances.length > 0)
  if (!member || others.length === 0) return
  findings.report({
    name: 'nodes-router-alone',
    router: name,
    at: placeOf(member),
    message: `${name} is on this node only: when it fails, nothing holds the addresses`,
    hint: 'add it to another node, under the same name, id and addresses',
  })
}

/** Virtual routers of different meaning that the network cannot tell apart, each with the other one. */
function takenIds({routers, segments}: Cluster): ReadonlyMap<Member, Member> {
  const users = new Map<string, Member[]>()
  for (const {members, family} of routers) {
    for (const member of members) {
      if (isUnicast(member.instance)) continue
      const key = `${segments.of(member)} ${family} ${member.instance.vrid}`
      const known = users.get(key)
      if (known) known.push(member)
      else users.set(key, [member])
    }
  }
  const conflicts = new Map<Member, Member>()
  const routerOf = new Map(routers.flatMap(router => router.members.map(member => [member, router] as const)))
  for (const members of users.values()) {
    const [first] = members
    const other = members.find(member => first && routerOf.get(member) !== routerOf.get(first))
    if (first && other && first.node !== other.node) conflicts.set(other, first)
  }
  return new Map([...conflicts].flatMap(([a, b]) => [[a, b] as const, [b, a] as const]))
}

function reportTaken(cluster: Cluster, conflicts: ReadonlyMap<Member, Member>, findings: ClusterFindings): void {
  const done = new Set<Member>()
  const routerOf = new Map(cluster.routers.flatMap(router => router.members.map(member => [member, router] as const)))
  for (const [member, other] of conflicts) {
    if (done.has(other)) continue
    done.add(member)
    const router = routerOf.get(member)
    const {name, vrid} = member.instance
    findings.report({
      name: 'nodes-vrid-taken',
      ...(router ? {router: router.name} : {}),
      at: placeOf(member, 'vrid'),
      message:
        `${name}: virtual_router_id ${vrid} is that of ${other.instance.name} on ${nodesOf([other])}: ` +
        'they take each other for one virtual router, and the addresses of one are held by nobody',
      hint: 'give each virtual router of a network its own virtual_router_id',
      related: [remarkOn(other, 'vrid', `${other.instance.name} on ${other.nodeName}`)],
    })
  }
}

/** What is not about virtual routers. */
function compareHosts({nodes}: Cluster, findings: ClusterFindings): void {
  const some = nodes.some(({loaded}) => loaded.config.instances.length > 0)
  const ids = new Map<string, number>()
  for (const [node, {name, loaded}] of nodes.entries()) {
    const {instances, global} = loaded.config
    if (some && instances.length === 0) {
      const message = `${name} has no virtual router, so it never takes over`
      findings.report({name: 'nodes-without-routers', at: headOf(nodes, node), message})
    }
    const {routerId} = global
    if (routerId === undefined) continue
    const other = ids.get(routerId)
    if (other === undefined) {
      ids.set(routerId, node)
      continue
    }
    const place = (which: number) => nodes[which]?.loaded.config.global.at.routerId ?? headOf(nodes, which).position
    findings.report({
      name: 'nodes-router-id-shared',
      at: {node, position: place(node)},
      message: `router_id ${routerId} is that of ${nodes[other]?.name} too: mails and logs do not tell them apart`,
      hint: 'name each node differently',
      related: [{node: other, position: place(other), message: `router_id of ${nodes[other]?.name}`}],
    })
  }
}
