import type {SyncGroupConfig} from '../../config/config.ts'
import type {Cluster} from '../cluster.ts'
import {type ClusterFindings, enumerated} from '../findings.ts'
import type {VirtualRouter} from '../node.ts'

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
