import type {Peer} from '../../control/model.ts'
import type {Priority} from '../../core/units.ts'

interface Entry {
  readonly address: string
  priority: number | null
  intervalMs: number | null
  readonly firstHeard: number
  lastHeard: number
  advertisements: number
  rejected: Map<string, number>
}

/** Whoever forges senders must not fill the memory; a cluster has ten nodes. */
const MAX_PEERS = 24
const MAX_KINDS = 40

/** Every router that was heard for one virtual router, with what it said last. */
export class Peers {
  readonly #entries = new Map<string, Entry>()

  /** Somebody sent an advertisement that is one. */
  heard(address: string, {priority, intervalMs}: {readonly priority: Priority; readonly intervalMs: number}): void {
    const entry = this.#entry(address, {counts: true})
    if (!entry) return
    entry.priority = priority
    entry.intervalMs = intervalMs
    entry.advertisements++
  }

  /** Somebody sent what is not obeyed. */
  rejected(address: string, failure: string): void {
    const entry = this.#entry(address, {counts: false})
    if (!entry || (entry.rejected.size >= MAX_KINDS && !entry.rejected.has(failure))) return
    entry.rejected.set(failure, (entry.rejected.get(failure) ?? 0) + 1)
  }

  /** The latest first. */
  get list(): readonly Peer[] {
    return [...this.#entries.values()]
      .toSorted((a, b) => b.lastHeard - a.lastHeard)
      .map(({address, priority, intervalMs, firstHeard, lastHeard, advertisements, rejected}) => ({
        address,
        priority,
        intervalMs,
        firstHeard: new Date(firstHeard).toISOString(),
        lastHeard: new Date(lastHeard).toISOString(),
        advertisements,
        rejected: Object.fromEntries(rejected),
      }))
  }

  #entry(address: string, {counts}: {readonly counts: boolean}): Entry | undefined {
    const at = Date.now()
    const known = this.#entries.get(address)
    if (known) {
      known.lastHeard = at
      return known
    }
    if (this.#entries.size >= MAX_PEERS && !this.#makeRoom(counts)) return undefined
    const entry: Entry = {
      address,
      priority: null,
      intervalMs: null,
      firstHeard: at,
      lastHeard: at,
      advertisements: 0,
      rejected: new Map(),
    }
    this.#entries.set(address, entry)
    return entry
  }

  /**
   * Who never said anything that counts goes first. A peer that did goes only for another one that does, the longest
   * silent first: whoever cannot sign pushes nobody out.
   */
  #makeRoom(counts: boolean): boolean {
    const byAge = [...this.#entries].toSorted(([, a], [, b]) => a.lastHeard - b.lastHeard)
    const [gone] = byAge.find(([, {advertisements}]) => advertisements === 0) ?? (counts ? (byAge[0] ?? []) : [])
    if (gone === undefined) return false
    this.#entries.delete(gone)
    return true
  }
}
