import {familyOf} from '../config/build/instance-addresses.ts'
import type {SyncGroupConfig} from '../config/config.ts'
import {matchRouters} from './match-routers.ts'
import type {Candidate, ClusterNode, Member, VirtualRouter} from './node.ts'
import {type Segments, segmentsOf} from './segments.ts'
import {sourcesOf} from './sources.ts'

/** Nodes of one cluster with what they have in common. */
export interface Cluster {
  readonly nodes: readonly ClusterNode[]
  readonly routers: readonly VirtualRouter[]
  readonly segments: Segments
}

/** How many nodes are looked at. */
export const MAX_NODES = 10

/** Puts the virtual routers of all nodes together. */
export function buildCluster(all: readonly ClusterNode[]): Cluster {
  const nodes = all.slice(0, MAX_NODES)
  const groups = nodes.map(({loaded: {config}}) => groupsByMember(config.syncGroups))
  const candidates = nodes.map(({loaded: {config}}, node) =>
    config.instances.map((instance): Candidate => ({node, instance, family: familyOf(instance)})),
  )
  const sets = matchRouters(candidates)
  const names = namesOf(sets)
  const routers = sets.map((set, i): VirtualRouter => {
    const sources = sourcesOf(set, nodes)
    const [first] = set as readonly [Candidate]
    return {
      name: names[i] ?? first.instance.name,
      vrid: first.instance.vrid,
      family: first.family,
      members: set.map((candidate, j): Member => {
        const {name = '', loaded} = nodes[candidate.node] ?? {}
        const source = sources[j] as (typeof sources)[number]
        return {
          ...candidate,
          ...source,
          nodeName: name,
          global: (loaded as ClusterNode['loaded']).config.global,
          group: groups[candidate.node]?.get(candidate.instance.name),
        }
      }),
    }
  })
  return {nodes, routers, segments: segmentsOf(routers)}
}

function groupsByMember(groups: readonly SyncGroupConfig[]): ReadonlyMap<string, SyncGroupConfig> {
  return new Map(groups.flatMap(group => group.members.map(({name}) => [name, group] as const)))
}

/** Names that tell the virtual routers apart. */
function namesOf(sets: readonly (readonly Candidate[])[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const [first] of sets) {
    const {name = ''} = first?.instance ?? {}
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return sets.map(([first]) => {
    const {name = '', vrid = 0} = first?.instance ?? {}
    return (counts.get(name) ?? 0) > 1 ? `${name} (id ${vrid})` : name
  })
}
