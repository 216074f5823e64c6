import type {VirtualRouter} from '../control/model.ts'

/** What the nodes have of one virtual router: one entry for each node, in their order; undefined: not there. */
export type MatchedRouter = readonly (VirtualRouter | undefined)[]

/**
 * Finds out which virtual routers of different nodes are one: those of one family and VRID that have an address in
 * common, or are called the same, or where one hears the other. The best evidence counts first. Those of the first node
 * come first, in its order.
 */
export function matchRouters(nodes: readonly ReadonlyMap<string, VirtualRouter>[]): readonly MatchedRouter[] {
  const sets: (VirtualRouter | undefined)[][] = []
  const index = new Map<string, Set<(VirtualRouter | undefined)[]>>()
  const add = (set: (VirtualRouter | undefined)[], node: number, router: VirtualRouter): void => {
    set[node] = router
    for (const key of keysOf(router)) {
      const known = index.get(key)
      if (known) known.add(set)
      else index.set(key, new Set([set]))
    }
  }
  for (const [node, routers] of nodes.entries()) {
    const open = new Set(routers.values())
    for (const {router, set} of proposals(open, index)) {
      if (!open.has(router) || set[node] !== undefined) continue
      open.delete(router)
      add(set, node, router)
    }
    for (const router of open) {
      const set = nodes.map((): VirtualRouter | undefined => undefined)
      sets.push(set)
      add(set, node, router)
    }
  }
  return sets
}

/** What the nodes have of all virtual routers, and what `matchRouters` made of it. */
export interface Matching {
  readonly nodes: readonly ReadonlyMap<string, VirtualRouter>[]
  readonly matched: readonly MatchedRouter[]
}

/**
 * What `matchRouters` would make of nodes that differ from earlier ones only in what does not count for it: the entries
 * of those whose virtual routers are the same objects are the same ones. Undefined: they differ in more.
 */
export function matchedAsBefore(
  nodes: Matching['nodes'],
  {nodes: before, matched}: Matching,
): readonly MatchedRouter[] | undefined {
  if (nodes.length !== before.length) return undefined
  if (!nodes.every((routers, node) => isAlike(routers, before[node]))) return undefined
  return matched.map(set => {
    const now = set.map((router, node) => router && nodes[node]?.get(router.name))
    return now.every((router, node) => router === set[node]) ? set : now
  })
}

/** In the same order, too. */
function isAlike(
  routers: ReadonlyMap<string, VirtualRouter>,
  before: ReadonlyMap<string, VirtualRouter> | undefined,
): boolean {
  if (routers === before) return true
  if (routers.size !== before?.size) return false
  const others = before.values()
  for (const router of routers.values()) {
    const other: VirtualRouter | undefined = others.next().value
    if (other === undefined) return false
    if (router !== other && evidenceOf(router) !== evidenceOf(other)) return false
  }
  return true
}

const EVIDENCE = new WeakMap<VirtualRouter, string>()

/** All by which it is matched, as one string. */
function evidenceOf(router: VirtualRouter): string {
  const known = EVIDENCE.get(router)
  if (known !== undefined) return known
  const {family, vrid, name, vips, source} = router
  const made = JSON.stringify([family, vrid, name, vips.map(({address}) => address), source, heardBy(router)])
  EVIDENCE.set(router, made)
  return made
}

interface Proposal {
  readonly router: VirtualRouter
  readonly set: (VirtualRouter | undefined)[]
  readonly score: number
}

/** What might belong together, the best first. */
function proposals(
  routers: ReadonlySet<VirtualRouter>,
  index: ReadonlyMap<string, ReadonlySet<(VirtualRouter | undefined)[]>>,
): readonly Proposal[] {
  const found: Proposal[] = []
  for (const router of routers) {
    const sets = new Set<(VirtualRouter | undefined)[]>()
    for (const key of keysOf(router)) {
      let looked = 0
      for (const set of index.get(key) ?? []) {
        if (looked++ >= MAX_ALIKE) break
        sets.add(set)
      }
    }
    for (const set of sets) {
      const score = Math.max(...set.map(member => (member === undefined ? 0 : scoreOf(member, router))))
      if (score > 0) found.push({router, set, score})
    }
  }
  return found.toSorted((a, b) => b.score - a.score)
}

/** By what a virtual router can be found: its name, its addresses, and who speaks and is heard for it. */
function keysOf(router: VirtualRouter): readonly string[] {
  const {family, vrid, name, vips, source} = router
  const found = [
    `name ${name}`,
    ...vips.slice(0, MAX_ALIKE).map(({address}) => `vip ${address}`),
    ...[...heardBy(router), ...(source === null ? [] : [source])].map(address => `wire ${address}`),
  ]
  return found.map(key => `${family} ${vrid} ${key}`)
}

/** The addresses of others that speak for it. */
function heardBy({peers, heard}: VirtualRouter): readonly string[] {
  return [...peers.slice(0, MAX_ALIKE).map(({address}) => address), ...(heard === null ? [] : [heard.address])]
}

/** How many of one kind are looked at. */
const MAX_ALIKE = 64

/** How much speaks for two of one family and VRID being one; 0: nothing. */
function scoreOf(a: VirtualRouter, b: VirtualRouter): number {
  const sameName = a.name === b.name
  const addresses = new Set(a.vips.map(({address}) => address))
  const shared = b.vips.filter(({address}) => addresses.has(address)).length
  const share = shared / Math.max(1, addresses.size, b.vips.length)
  const hears =
    (b.source !== null && heardBy(a).includes(b.source)) || (a.source !== null && heardBy(b).includes(a.source))
  return (shared > 0 ? 4 + share : 0) + (sameName ? 3 : 0) + (hears ? 2 : 0)
}
