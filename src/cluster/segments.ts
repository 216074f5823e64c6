import type {Member, VirtualRouter} from './node.ts'

/** Which interfaces of the nodes are on one network. */
export interface Segments {
  /** Equal for interfaces on one network. */
  of(member: Pick<Member, 'node' | 'instance'>): string
}

/**
 * Interfaces of one virtual router are on one network, whatever they are called. One that has no counterpart on a node
 * is taken to be on the network of the interface of its name there.
 */
export function segmentsOf(routers: readonly VirtualRouter[]): Segments {
  const parents = new Map<string, string>()
  const rootOf = (key: string): string => {
    let root = key
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent
    return root
  }
  const join = (a: string, b: string): void => {
    const [rootA, rootB] = [rootOf(a), rootOf(b)]
    if (rootA !== rootB) parents.set(rootB, rootA)
  }
  const members = routers.flatMap(router => router.members)
  const paired = new Set<string>()
  for (const {
    members: [first, ...others],
  } of routers) {
    for (const other of others) {
      if (!first) continue
      join(keyOf(first), keyOf(other))
      paired.add(`${keyOf(first)} ${other.node}`)
      paired.add(`${keyOf(other)} ${first.node}`)
    }
  }
  const byName = new Map<string, Member[]>()
  for (const member of members) {
    const {interface: name = ''} = member.instance
    const known = byName.get(name)
    if (!known) byName.set(name, [member])
    else if (!known.some(({node}) => node === member.node)) known.push(member)
  }
  for (const [first, ...others] of byName.values()) {
    for (const other of others) {
      if (!first) continue
      const isPaired = paired.has(`${keyOf(first)} ${other.node}`) || paired.has(`${keyOf(other)} ${first.node}`)
      if (!isPaired) join(keyOf(first), keyOf(other))
    }
  }
  return {of: member => rootOf(keyOf(member))}
}

const keyOf = ({node, instance}: Pick<Member, 'node' | 'instance'>): string => `${node} ${instance.interface ?? ''}`
