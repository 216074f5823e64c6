import {clusterPicture} from './cluster-picture.ts'
import type {ClusterPicture, NodeAddress} from './model.ts'
import {type LinkLimits, NodeLink, type WatchClient, type WatchClock} from './node-link.ts'

/** How a cluster is watched; whatever is left out is as it is for people. */
export interface ClusterWatchOptions {
  readonly clock?: WatchClock
  readonly limits?: Partial<LinkLimits>
  /** How each node is asked; default: by its address, through ssh without ever asking for a password. */
  readonly client?: (address: NodeAddress) => WatchClient
}

/** How long it may take until every node has told everything. */
export interface WholeOptions {
  readonly timeoutMs: number
}

/** Changes are put together to one new picture at most this often, milliseconds. */
const PICTURE_EVERY_MS = 400
/** After a change following quiet, for what comes with it, milliseconds. */
const SETTLE_MS = 20
/** Without any change: ages grow, and what is silent becomes unknown; milliseconds. */
const AGE_EVERY_MS = 1_000

/** Watches all nodes at once and keeps one picture of them. */
export class ClusterWatch {
  readonly #links: readonly NodeLink[]
  readonly #clock: WatchClock
  readonly #listeners = new Set<(picture: ClusterPicture) => void>()
  readonly #waiting = new Set<() => void>()
  readonly #age: NodeJS.Timeout
  #picture: ClusterPicture
  #madeAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** Connects to every node at once. */
  constructor(addresses: readonly NodeAddress[], {clock = HOST_CLOCK, limits = {}, client}: ClusterWatchOptions = {}) {
    this.#clock = clock
    const onChange = (): void => this.#changed()
    this.#links = addresses.map(
      address => new NodeLink(address, {clock, limits, onChange, ...(client && {client: client(address)})}),
    )
    this.#picture = clusterPicture(this.#nodes(), clock.wallMs())
    this.#age = setInterval(() => this.#changed(), AGE_EVERY_MS)
  }

  /** The newest picture; the same object until something differs or a second has passed. */
  picture(): ClusterPicture {
    return this.#picture
  }

  /** Calls back with each new picture, at most four times a second; returns what ends that. */
  subscribe(listener: (picture: ClusterPicture) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves to a new picture once every node has told everything or has failed, or when the time is over. */
  whole({timeoutMs}: WholeOptions): Promise<ClusterPicture> {
    return new Promise(resolve => {
      const finish = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        this.#make()
        resolve(this.#picture)
      }
      const look = (): void => {
        if (this.#closed || this.#links.every(link => link.isSettled())) finish()
      }
      const timer = setTimeout(finish, timeoutMs)
      this.#waiting.add(look)
      look()
    })
  }

  /** Ends every connection and every ssh; resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#age)
    clearTimeout(this.#timer)
    this.#listeners.clear()
    for (const look of [...this.#waiting]) look()
    await Promise.all(this.#links.map(link => link.close()))
  }

  #nodes() {
    return this.#links.map(link => link.picture())
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look()
    if (this.#closed || this.#timer !== undefined) return
    const sinceMs = this.#clock.monotonicMs() - this.#madeAt
    this.#timer = setTimeout(() => this.#make(), Math.max(SETTLE_MS, PICTURE_EVERY_MS - sinceMs))
  }

  #make(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#madeAt = this.#clock.monotonicMs()
    this.#picture = clusterPicture(this.#nodes(), this.#clock.wallMs(), this.#picture)
    for (const listener of [...this.#listeners]) listener(this.#picture)
  }
}

const HOST_CLOCK: WatchClock = {wallMs: () => Date.now(), monotonicMs: () => performance.now()}
