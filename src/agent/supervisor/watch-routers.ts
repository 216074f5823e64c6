import type {Peer, VirtualRouter} from '../../control/model.ts'

/** Figures of a virtual router are told when they are older than this, milliseconds. */
export const FIGURES_EVERY_MS = 10_000

interface Told {
  /** As it was told last. */
  told: VirtualRouter
  /** As it is. */
  now: VirtualRouter
  toldAtMs: number
}

/** What readers were told of each virtual router, and so what is to be told of it next. */
export class WatchedRouters {
  readonly #routers = new Map<string, Told>()

  /** These are all there are, and have just been told. */
  reset(routers: readonly VirtualRouter[], nowMs: number): void {
    this.#routers.clear()
    for (const router of routers) this.#routers.set(router.name, {told: router, now: router, toldAtMs: nowMs})
  }

  /** Takes a picture in; answers whether it is to be told at once, and then counts as told. */
  changed(router: VirtualRouter, nowMs: number): boolean {
    const known = this.#routers.get(router.name)
    if (known === undefined) {
      this.#routers.set(router.name, {told: router, now: router, toldAtMs: nowMs})
      return true
    }
    known.now = router
    if (sameButFigures(known.told, router)) return false
    known.told = router
    known.toldAtMs = nowMs
    return true
  }

  /**
   * Those whose figures are due, the oldest first, which then count as told. At most as many as are due in `sinceMs`,
   * the time since the last call, when they are spread over the interval: never all of them in one turn.
   */
  due(nowMs: number, sinceMs: number): readonly VirtualRouter[] {
    const most = Math.max(1, Math.ceil((this.#routers.size * sinceMs) / FIGURES_EVERY_MS))
    const due = [...this.#routers.values()]
      .filter(({told, now, toldAtMs}) => told !== now && nowMs - toldAtMs >= FIGURES_EVERY_MS)
      .sort((a, b) => a.toldAtMs - b.toldAtMs)
      .slice(0, most)
    for (const each of due) {
      each.told = each.now
      each.toldAtMs = nowMs
    }
    return due.map(({now}) => now)
  }
}

/** Whether two pictures of a virtual router differ in nothing but what is counted, and when somebody was heard last. */
export function sameButFigures(a: VirtualRouter, b: VirtualRouter): boolean {
  if (a === b) return true
  for (const field of Object.keys(b) as (keyof VirtualRouter)[]) {
    if (field === 'counters' || field === 'heard' || field === 'peers') continue
    if (!same(a[field], b[field])) return false
  }
  if (a.heard?.address !== b.heard?.address || a.heard?.priority !== b.heard?.priority) return false
  return samePeers(a.peers, b.peers)
}

/** The latest comes first, so that two who speak in turn change places all the time: that alone is nothing new. */
function samePeers(a: readonly Peer[], b: readonly Peer[]): boolean {
  if (a.length !== b.length) return false
  return b.every((peer, i) => {
    const before = a[i]?.address === peer.address ? a[i] : a.find(({address}) => address === peer.address)
    return (
      before !== undefined &&
      before.priority === peer.priority &&
      before.intervalMs === peer.intervalMs &&
      Object.keys(peer.rejected).every(failure => Object.hasOwn(before.rejected, failure))
    )
  })
}

/** Whether two values of a picture, which is what JSON can hold, are the same. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(b)
  return (
    Object.keys(a).length === names.length &&
    names.every(name => same((a as {[name: string]: unknown})[name], (b as {[name: string]: unknown})[name]))
  )
}
