import type {Candidate} from './node.ts'

/**
 * Finds out which virtual routers of different nodes are one. The best evidence counts first, over all routers of a
 * node: a shared id and a shared address, then the name, then an address alone. Each result has one of each node at
 * most; those of the first node come first, in its order.
 */
export function matchRouters(nodes: readonly (readonly Candidate[])[]): readonly (readonly Candidate[])[] {
  const sets: Candidate[][] = []
  const index = new Map<string, Set<Candidate[]>>()
  const add = (set: Candidate[], candidate: Candidate): void => {
    set.push(candidate)
    for (const key of keysOf(candidate)) {
      const known = index.get(key)
      if (known) known.add(set)
      else index.set(key, new Set([set]))
    }
  }
  for (const candidates of nodes) {
    const open = new Set(candidates)
    const taken = new Set<Candidate[]>()
    for (const {candidate, set} of proposals(candidates, index)) {
      if (!open.has(candidate) || taken.has(set)) continue
      open.delete(candidate)
      taken.add(set)
      add(set, candidate)
    }
    for (const candidate of open) {
      const set: Candidate[] = []
      sets.push(set)
      add(set, candidate)
    }
  }
  return sets
}

interface Proposal {
  readonly candidate: Candidate
  readonly set: Candidate[]
  readonly score: number
}

/** What might belong together, the best first. */
function proposals(
  candidates: readonly Candidate[],
  index: ReadonlyMap<string, ReadonlySet<Candidate[]>>,
): readonly Proposal[] {
  const found: Proposal[] = []
  for (const candidate of candidates) {
    const sets = new Set<Candidate[]>()
    for (const key of keysOf(candidate)) {
      let looked = 0
      for (const set of index.get(key) ?? []) {
        if (looked++ >= MAX_ALIKE) break
        sets.add(set)
      }
    }
    for (const set of sets) {
      const score = Math.max(...set.map(member => scoreOf(member, candidate)))
      if (score > 0) found.push({candidate, set, score})
    }
  }
  return found.toSorted((a, b) => b.score - a.score)
}

/** What two virtual routers of different nodes can be found by. */
function keysOf({instance, family}: Candidate): readonly string[] {
  const {name, vips} = instance
  return [`name ${family} ${name}`, ...vips.slice(0, MAX_ALIKE).map(({address}) => `vip ${address}`)]
}

/** How many of one name or address are looked at. */
const MAX_ALIKE = 64

/** How much speaks for two being one; 0: nothing. An id alone is no evidence: another router may have taken it. */
function scoreOf(a: Candidate, b: Candidate): number {
  if (a.family !== b.family) return 0
  const sameName = a.instance.name === b.instance.name
  const sameId = a.instance.vrid === b.instance.vrid
  const addresses = new Set(a.instance.vips.map(({address}) => address))
  const shared = b.instance.vips.filter(({address}) => addresses.has(address)).length
  const share = shared / Math.max(1, addresses.size, b.instance.vips.length)
  const sameInterface = a.instance.interface === b.instance.interface
  if (!sameName && shared === 0) return 0
  return (shared > 0 ? 4 + share : 0) + (sameName ? 3 : 0) + (sameId ? 2 : 0) + (sameInterface ? 0.5 : 0)
}
