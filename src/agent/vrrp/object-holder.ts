import {isSameRoute, isSameRule} from '../../core/netlink/same-object.ts'
import type {ChangeOutcome, KernelObject} from '../../kernel/object-changer.ts'
import type {Deletion} from '../../kernel/route-monitor.ts'
import {type HeldObject, isTracked, kernelObjectOf} from './held-object.ts'
import type {LinkLookup} from './link-lookup.ts'

/** What the kernel is asked to do; each resolves to what came of it. */
export interface ObjectOperations {
  add(object: KernelObject): Promise<ChangeOutcome>
  remove(object: KernelObject): Promise<ChangeOutcome>
}

/** How an object came to be there. */
export interface Addition {
  /** It was there already, and is left as it is. */
  readonly adopted: boolean
  /** It was held before and somebody took it away. */
  readonly restored: boolean
  /** How often an address is to be announced. */
  readonly announce: number
}

/** What the holder tells: one call an object, after the kernel has answered. */
export interface ObjectListener {
  onAdded(object: HeldObject, how: Addition): void
  onRemoved(object: HeldObject): void
  /** Once for each reason, not for each time that it is tried. */
  onFailed(object: HeldObject, verb: 'add' | 'remove', reason: string): void
}

/** A kernel that refuses an object is asked again after this, milliseconds. */
const RETRY_MS = 1_000
/** What may have gone silently is asked for this long after the network changed, milliseconds. */
const RECHECK_MS = 500
/** So many are asked for before a newer wish is looked at; all virtual routers together fit the kernel's queue. */
const CHUNK = 64
/** Addresses come first, since routes may have one as their source, and rules last, since they lead to routes. */
const ORDER = ['address', 'route', 'rule'] as const
const REVERSE_ORDER = ['rule', 'route', 'address'] as const

/**
 * Brings the addresses, routes and rules of one virtual router, or of the host, to what is wanted: wishes that come
 * while the kernel works replace each other, so that the last one wins and nothing piles up.
 */
export class ObjectHolder {
  readonly #operations: ObjectOperations
  readonly #listener: ObjectListener
  readonly #links: LinkLookup
  #wanted = new Map<string, HeldObject>()
  #announceAdded = 0
  /** Objects that may be there and are to go unless wanted. */
  readonly #toRemove = new Map<string, HeldObject>()
  readonly #held = new Map<string, HeldObject>()
  readonly #everHeld = new Set<string>()
  /** Objects that were held and that somebody took away. */
  readonly #lost = new Set<string>()
  /** Objects that are asked for anew only because they may have gone silently. */
  readonly #doubted = new Set<string>()
  /** The last complaint about each object. */
  readonly #complaints = new Map<string, {readonly verb: 'add' | 'remove'; readonly reason: string}>()
  #stale = false
  #closed = false
  #working: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #recheck: NodeJS.Timeout | undefined

  constructor(operations: ObjectOperations, listener: ObjectListener, links: LinkLookup) {
    this.#operations = operations
    this.#listener = listener
    this.#links = links
  }

  /** Whether an object is wanted now. */
  wants({key}: HeldObject): boolean {
    return this.#wanted.has(key)
  }

  /** Whether the kernel said that it has this object, and nobody took the wish back since. */
  holds({key}: HeldObject): boolean {
    return this.#held.has(key)
  }

  /** Whether it was put there, or found there, by this process and not taken away by it since. */
  everHeld({key}: HeldObject): boolean {
    return this.#everHeld.has(key)
  }

  /** Whether deletions of routes and rules have to be watched for it. */
  get hasRoutesOrRules(): boolean {
    return some(this.#wanted, object => object.kind !== 'address' && isTracked(object))
  }

  /** The wanted objects that the kernel refused when it was last asked, and why. */
  get refused(): readonly {readonly object: HeldObject; readonly reason: string}[] {
    return [...this.#complaints].flatMap(([key, {verb, reason}]) => {
      const object = this.#wanted.get(key)
      return object && verb === 'add' ? {object, reason} : []
    })
  }

  /** All of these must be there, checked anew with the kernel; each address that was not is announced so many times. */
  hold(objects: readonly HeldObject[], announceAdded: number): Promise<void> {
    const wanted = new Map(objects.map(object => [object.key, object]))
    for (const [key, object] of [...this.#wanted, ...this.#held]) if (!wanted.has(key)) this.#toRemove.set(key, object)
    this.#wanted = wanted
    this.#announceAdded = announceAdded
    this.#held.clear()
    this.#doubted.clear()
    for (const key of this.#lost) if (!wanted.has(key)) this.#lost.delete(key)
    for (const key of this.#complaints.keys()) if (!wanted.has(key)) this.#complaints.delete(key)
    return this.#work()
  }

  /** None of these may be there, whoever put them there; with them goes everything that was wanted. */
  release(objects: readonly HeldObject[]): Promise<void> {
    for (const object of [...objects, ...this.#held.values(), ...this.#wanted.values()]) {
      this.#toRemove.set(object.key, object)
    }
    this.#wanted = new Map()
    this.#held.clear()
    this.#lost.clear()
    this.#doubted.clear()
    this.#complaints.clear()
    return this.#work()
  }

  /**
   * Objects that are held and whose loss matters, but that the kernel has no more: addresses as the picture of the
   * network has it, routes and rules as `noteDeletions` was told.
   */
  missing(isPresent: (address: Extract<HeldObject, {kind: 'address'}>) => boolean): readonly HeldObject[] {
    const missing: HeldObject[] = []
    for (const object of this.#held.values()) {
      if (!isTracked(object)) continue
      const gone = object.kind === 'address' ? !isPresent(object) : this.#lost.has(object.key)
      if (!gone) continue
      this.#lost.add(object.key)
      missing.push(object)
    }
    return missing
  }

  /** Notes what somebody deleted; answers whether anything was held and its loss matters: it is `missing` now. */
  noteDeletions(deletions: readonly Deletion[]): boolean {
    let noted = false
    for (const object of this.#held.values()) {
      if (object.kind === 'address' || !isTracked(object) || !this.#isAmong(object, deletions)) continue
      this.#lost.add(object.key)
      noted = true
    }
    return noted
  }

  /** Asks anew for objects that are missing, and for nothing else. */
  restore(objects: readonly HeldObject[]): Promise<void> {
    for (const {key} of objects) this.#held.delete(key)
    return this.#work()
  }

  /** Has `recheck` done for routes after a while: links or addresses changed, and there may be more of it. */
  recheckSoon(): void {
    if (this.#recheck !== undefined || !some(this.#held, object => object.kind === 'route' && isTracked(object))) return
    this.#recheck = setTimeout(() => {
      this.#recheck = undefined
      void this.recheck()
    }, RECHECK_MS)
  }

  /**
   * Asks for held routes and rules anew, since they may have gone without a word, as routes do with their interface or
   * source address. Those that are still there are not told of.
   */
  recheck(): Promise<void> {
    for (const [key, object] of this.#held) {
      if (object.kind === 'address' || !isTracked(object)) continue
      this.#held.delete(key)
      this.#doubted.add(key)
    }
    return this.#doubted.size === 0 ? this.settled() : this.#work()
  }

  /** Resolves when the kernel has answered everything asked so far. */
  settled(): Promise<void> {
    return this.#working ?? Promise.resolve()
  }

  /** Ends retries; what is under way is finished. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    clearTimeout(this.#recheck)
  }

  #work(): Promise<void> {
    this.#stale = true
    this.#working ??= this.#run().finally(() => {
      this.#working = undefined
    })
    return this.#working
  }

  async #run(): Promise<void> {
    let failed = false
    while (this.#stale) {
      this.#stale = false
      failed = false
      for (const key of this.#toRemove.keys()) if (this.#wanted.has(key)) this.#toRemove.delete(key)
      for (const kind of REVERSE_ORDER) {
        const going = this.#going(kind)
        if (going.length > 0 && (await this.#each(going, object => this.#remove(object)))) failed = true
      }
      for (const kind of ORDER) {
        const coming = this.#coming(kind)
        if (coming.length > 0 && (await this.#each(coming, object => this.#add(object)))) failed = true
      }
    }
    clearTimeout(this.#retry)
    if (failed && !this.#closed) this.#retry = setTimeout(() => void this.#work(), RETRY_MS)
  }

  #going(kind: HeldObject['kind']): readonly HeldObject[] {
    return this.#stale || this.#toRemove.size === 0
      ? []
      : [...this.#toRemove.values()].filter(each => each.kind === kind)
  }

  #coming(kind: HeldObject['kind']): readonly HeldObject[] {
    if (this.#stale) return []
    return [...this.#wanted.values()].filter(object => object.kind === kind && !this.#held.has(object.key))
  }

  /** Some at a time, until a newer wish comes; answers whether any failed. */
  async #each(objects: readonly HeldObject[], act: (object: HeldObject) => Promise<boolean>): Promise<boolean> {
    let failed = false
    for (let at = 0; at < objects.length && !this.#stale; at += CHUNK) {
      const results = await Promise.all(objects.slice(at, at + CHUNK).map(act))
      if (results.includes(false)) failed = true
    }
    return failed
  }

  async #add(object: HeldObject): Promise<boolean> {
    const {key} = object
    const translated = kernelObjectOf(object, this.#links)
    if (!translated.ok) return this.#complain(object, 'add', translated.reason)
    const announce = this.#announceAdded
    const result = await this.#operations.add(translated.spec)
    if (result.outcome === 'failed') return this.#complain(object, 'add', reasonOf(result))
    this.#complaints.delete(key)
    const doubted = this.#doubted.delete(key)
    const lost = this.#lost.delete(key)
    // A wish that came meanwhile decides what becomes of it.
    if (this.#wanted.has(key)) this.#held.set(key, object)
    else this.#toRemove.set(key, object)
    const adopted = result.outcome === 'already-there'
    if (!(doubted && adopted)) {
      const restored = !adopted && (lost || doubted)
      this.#listener.onAdded(object, {adopted, restored, announce: adopted ? 0 : announce})
    }
    this.#everHeld.add(key)
    return true
  }

  async #remove(object: HeldObject): Promise<boolean> {
    const {key, identity} = object
    const translated = kernelObjectOf(object, this.#links)
    const result: ChangeOutcome = translated.ok ? await this.#operations.remove(translated.spec) : {outcome: 'was-gone'}
    // A route or rule that the kernel would not add it may not know how to remove either, and it is not there.
    const hopeless = object.kind !== 'address' && !this.#everHeld.has(key)
    if (result.outcome === 'failed' && !(hopeless && !TRANSIENT.has(result.reason))) {
      return this.#complain(object, 'remove', reasonOf(result))
    }
    if (!this.#wanted.has(key)) this.#toRemove.delete(key)
    this.#everHeld.delete(key)
    if (result.outcome !== 'done') return true
    // The same with other options went with it, if it was there already.
    for (const held of this.#held.values()) if (held.identity === identity) this.#held.delete(held.key)
    this.#listener.onRemoved(object)
    return true
  }

  #complain(object: HeldObject, verb: 'add' | 'remove', reason: string): false {
    const last = this.#complaints.get(object.key)
    if (last?.verb === verb && last.reason === reason) return false
    this.#complaints.set(object.key, {verb, reason})
    this.#listener.onFailed(object, verb, reason)
    return false
  }

  #isAmong(object: HeldObject, deletions: readonly Deletion[]): boolean {
    const translated = kernelObjectOf(object, this.#links)
    // Its interface went, and the route with it.
    if (!translated.ok) return true
    const {kind, spec} = translated.spec
    if (kind === 'address') return false
    return deletions.some(deletion =>
      kind === 'route'
        ? deletion.kind === 'route' && isSameRoute(spec.message, deletion.message)
        : deletion.kind === 'rule' && isSameRule(spec, deletion.message),
    )
  }
}

/** Reasons that have to do with the asking, not with what is asked for. */
const TRANSIENT: ReadonlySet<string> = new Set([
  'EAGAIN',
  'EBADF',
  'EBUSY',
  'ECANCELED',
  'ENOBUFS',
  'ENOMEM',
  'ETIMEDOUT',
])

/** Asked at every change of the network, of thousands of objects at times: without a copy of them. */
function some(objects: ReadonlyMap<string, HeldObject>, matches: (object: HeldObject) => boolean): boolean {
  for (const object of objects.values()) if (matches(object)) return true
  return false
}

const reasonOf = ({reason, text}: Extract<ChangeOutcome, {outcome: 'failed'}>): string =>
  text === undefined || text === '' ? reason : `${reason} (${text})`
