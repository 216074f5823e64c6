import type {SyncGroupConfig} from '../../config/config.ts'
import type {Cluster} from '../cluster.ts'
import {type ClusterFindings, enumerated} from '../findings.ts'
import type {Member, VirtualRouter} from '../node.ts'
import {remarkOn} from './differing.ts'

/** Finds sync groups that hold other virtual routers together on one node than on another. */
export function compareSyncGroups({nodes, routers}: Cluster, findings: ClusterFindings): void {
  const byInstance = nodes.map(() => new Map<string, VirtualRouter>())
  for (const router of routers) {
    for (const {node, instance} of router.members) byInstance[node]?.set(instance.name, router)
  }
  const groups = nodes.map(({loaded}, node) =>
    loaded.config.syncGroups.map((group): Group => {
      const members = group.members.flatMap(({name}) => byInstance[node]?.get(name) ?? [])
      return {node, group, routers: new Set(members)}
    }),
  )
  reportPreferences(groups, nodes, findings)
  const seen = new Set<string>()
  for (const group of groups.flat()) {
    for (const other of nodes.keys()) {
      if (other === group.node) continue
      comparePair(
        group,
        {node: other, groups: groups[other] ?? []},
        nodes.map(({name}) => name),
        seen,
        findings,
      )
    }
  }
}

/** Members that are to be master on different nodes hold each other off, wherever they are. */
function reportPreferences(
  groups: readonly (readonly Group[])[],
  nodes: Cluster['nodes'],
  findings: ClusterFindings,
): void {
  const done = new Set<VirtualRouter>()
  for (const {node, group, routers} of groups.flat()) {
    const shared = [...routers].filter(({members}) => members.length > 1)
    if (shared.some(router => done.has(router))) continue
    const preferences = shared.flatMap(router => preferredNode(router) ?? [])
    const [first] = preferences
    const other = preferences.find(preference => preference.member.node !== first?.member.node)
    if (!first || !other) continue
    for (const router of shared) done.add(router)
    const nameOf = ({member}: Preference): string => nodes[member.node]?.name ?? ''
    findings.report({
      name: 'nodes-group-preference',
      router: first.router.name,
      at: {node, position: group.position},
      message:
        `sync group ${group.name}: ${first.router.name} has its highest priority on ${nameOf(first)}, ` +
        `${other.router.name} on ${nameOf(other)}: ` +
        'neither takes over from the other, and whoever is first stays master',
      hint: 'give all members their highest priority on the same node',
      related: [first, other].map(({router, member}) =>
        remarkOn(member, 'priority', `${router.name} has priority ${member.instance.priority} here`),
      ),
    })
  }
}

interface Preference {
  readonly router: VirtualRouter
  readonly member: Member
}

/** The node of the highest priority, where there is one. */
function preferredNode(router: VirtualRouter): Preference | undefined {
  const [best, second] = router.members.toSorted((a, b) => b.instance.priority - a.instance.priority)
  return best && best.instance.priority !== second?.instance.priority ? {router, member: best} : undefined
}

interface Group {
  readonly node: number
  readonly group: SyncGroupConfig
  readonly routers: ReadonlySet<VirtualRouter>
}

function comparePair(
  one: Group,
  other: {readonly node: number; readonly groups: readonly Group[]},
  names: readonly string[],
  seen: Set<string>,
  findings: ClusterFindings,
): void {
  const shared = onBoth(one, one.node, other.node)
  if (shared.length < 2) return
  const [here = '', there = ''] = [names[one.node], names[other.node]]
  const counterparts = other.groups.filter(({routers}) => shared.some(router => routers.has(router)))
  const [counterpart] = counterparts.toSorted((a, b) => common(b, shared) - common(a, shared))
  const routerNames = enumerated(shared.map(({name}) => name))
  if (!counterpart) {
    const first = shared[0]?.members.find(({node}) => node === other.node)
    findings.report({
      name: 'nodes-sync-group-missing',
      at: {node: one.node, position: one.group.position},
      message:
        `sync group ${one.group.name} holds ${routerNames} together here, but no group does on ${there}: ` +
        'they can end up on both nodes, or on neither',
      hint: 'write the same vrrp_sync_group on all nodes',
      ...(shared[0] ? {router: shared[0].name} : {}),
      related: first ? [{node: other.node, position: first.instance.position, message: `in no group on ${there}`}] : [],
    })
    return
  }
  const theirs = onBoth(counterpart, one.node, other.node)
  if (theirs.length === shared.length && shared.every(router => counterpart.routers.has(router))) return
  const key = [one, counterpart]
    .map(({node, group}) => `${node} ${group.name}`)
    .toSorted()
    .join('\n')
  if (seen.has(key)) return
  seen.add(key)
  findings.report({
    name: 'nodes-sync-group-differ',
    at: {node: counterpart.node, position: counterpart.group.position},
    message:
      `sync group ${counterpart.group.name} holds ${enumerated(theirs.map(({name}) => name))} together here, ` +
      `${routerNames} on ${here}: they can end up on both nodes, or on neither`,
    hint: 'write the same members on all nodes',
    ...(shared[0] ? {router: shared[0].name} : {}),
    related: [{node: one.node, position: one.group.position, message: `sync group ${one.group.name} of ${here}`}],
  })
}

const common = ({routers}: Group, shared: readonly VirtualRouter[]): number =>
  shared.filter(router => routers.has(router)).length

/** Those members of a group that two nodes have; the others are missing there for a reason of their own. */
function onBoth({routers}: Group, a: number, b: number): readonly VirtualRouter[] {
  return [...routers].filter(
    ({members}) => members.some(({node}) => node === a) && members.some(({node}) => node === b),
  )
}
