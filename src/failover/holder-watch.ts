import type {ClusterWatch} from '../watch/cluster-watch.ts'
import type {ClusterPicture, ClusterRouter} from '../watch/model.ts'

/** What is used of a watch of all nodes. */
export type Pictures = Pick<ClusterWatch, 'picture' | 'subscribe'>

/** What is seen of one virtual router's holders. */
export interface HoldersNow {
  /** Positions of the nodes that say that they are master, of those that are known. */
  readonly holders: readonly number[]
  /** For how long there have been two or more now, milliseconds; 0: there are not. */
  readonly twoForMs: number
}

/** Sees who holds a virtual router, over all nodes and all the time. */
export class HolderWatch {
  readonly #key: string
  readonly #unsubscribe: () => void
  readonly #waiting = new Set<() => void>()
  #holders: readonly number[] = []
  #twoSince: number | undefined
  #twoMs = 0
  #closed = false

  constructor(pictures: Pictures, key: string) {
    this.#key = key
    this.#see(pictures.picture())
    this.#unsubscribe = pictures.subscribe(picture => this.#see(picture))
  }

  get now(): HoldersNow {
    const twoForMs = this.#twoSince === undefined ? 0 : performance.now() - this.#twoSince
    return {holders: this.#holders, twoForMs}
  }

  /** For how long there were two or more holders since this was made, milliseconds. */
  get twoHoldersMs(): number {
    return this.#twoMs + this.now.twoForMs
  }

  /** Waits until it is so, looking at each picture and in between; answers whether it came to be. */
  until(isSo: (now: HoldersNow) => boolean, withinMs: number): Promise<boolean> {
    return new Promise(resolve => {
      const giveUpAt = performance.now() + withinMs
      const look = (): void => {
        const so = isSo(this.now)
        if (!so && !this.#closed && performance.now() < giveUpAt) return
        clearInterval(timer)
        this.#waiting.delete(look)
        resolve(so)
      }
      const timer = setInterval(look, LOOK_EVERY_MS)
      this.#waiting.add(look)
      look()
    })
  }

  /** Sees no more; who waits is told no. */
  close(): void {
    this.#closed = true
    this.#unsubscribe()
    for (const look of [...this.#waiting]) look()
  }

  #see({routers}: ClusterPicture): void {
    this.#holders = claimants(routers.find(({key}) => key === this.#key))
    if (this.#holders.length > 1) this.#twoSince ??= performance.now()
    else if (this.#twoSince !== undefined) {
      this.#twoMs += performance.now() - this.#twoSince
      this.#twoSince = undefined
    }
    for (const look of [...this.#waiting]) look()
  }
}

/**
 * Whoever said last that it is master. `holders` of the picture leaves out who was not heard since another one became
 * it; here a node has stepped down only when it has said so.
 */
const claimants = (router: ClusterRouter | undefined): readonly number[] =>
  (router?.onNodes ?? []).flatMap((there, i) =>
    there?.isKnown && there.router.state === 'master' && !there.router.observed ? [i] : [],
  )

const LOOK_EVERY_MS = 50
