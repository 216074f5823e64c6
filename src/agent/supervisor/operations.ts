import type {RouterConfig} from '../../config/router-config.ts'
import type {MoveReply, Override, VirtualRouter} from '../../control/model.ts'
import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import {HactlError} from '../../errors.ts'
import {AddressOperations} from './address-operations.ts'
import type {Board} from './board.ts'
import {type NewOverride, type OverrideChange, type Overrides, type StoredOverride, textOf} from './overrides.ts'

/** What operations need of the supervisor. */
export interface OperationSources {
  readonly board: Board
  readonly overrides: Overrides
  /** The virtual routers of the configuration, without overrides. */
  configured(): readonly RouterConfig[]
  /** Gives the vrrp process what is to run now, and resolves when it has taken it. */
  apply(): Promise<void>
  /** An order that is no state: become master now, or announce addresses. */
  order(order: Order): void
  note(text: string, instance: string | null): void
}

/** What the vrrp process is asked to do once. */
export type Order =
  | {readonly type: 'take-over'; readonly name: string}
  | {readonly type: 'announce'; readonly name: string; readonly addresses: readonly string[]}

/** For how long, and why. */
export interface Holding {
  readonly forSeconds?: number | undefined
  readonly reason?: string | undefined
  readonly force?: boolean | undefined
}

interface Hold {
  readonly given: NewOverride
  /** What it puts an end to. */
  readonly ends: (override: StoredOverride) => boolean
  readonly routers: readonly VirtualRouter[]
  readonly force: boolean
}

/** A take-over happens at once or not at all, milliseconds. */
const TAKEN_WITHIN_MS = 3_000
/** A master that is not beaten says so in this time, milliseconds. */
const ANSWERED_WITHIN_MS = 300
/** What a neighbour may need on top of its silence and of the loaded machine it runs on, milliseconds. */
const SUCCESSOR_GRACE_MS = 1_500
/** How old what is known of others may be, milliseconds. */
const FIGURES_AGE_MS = 1_000
const MAX_PRIORITY = 254
const MAX_REASON = 200

/** Moves that operators order at run time. Each says what came of it, and is taken back when it would do harm. */
export class Operations {
  /** What they do with virtual addresses. */
  readonly addresses: AddressOperations
  readonly #sources: OperationSources

  constructor(sources: OperationSources) {
    this.#sources = sources
    this.addresses = new AddressOperations(sources)
  }

  /** What operators changed, as the API shows it. */
  get list(): readonly Override[] {
    const {overrides} = this.#sources
    const configured = this.#sources.configured()
    return overrides.list.map(override => overrides.describe(override, configured))
  }

  /** Becomes master now, with all of its sync group, by a priority above that of the present master. */
  async takeover(name: string): Promise<MoveReply> {
    const {overrides} = this.#sources
    await this.#lookAfresh(name)
    await this.#listen(name)
    const routers = this.#movingWith(name)
    for (const router of routers) requireFit(router)
    const moving = routers.filter(({state}) => state !== 'master')
    if (moving.length === 0) throw new HactlError('REFUSED', `${name} is master already`)
    const raised = moving.flatMap((router): readonly NewOverride[] => {
      const priority = winningPriority(router)
      return priority === undefined ? [] : [{...forever(router.name), kind: 'takeover', priority}]
    })
    const change = overrides.change(raised, endsFor(routers, ['release']))
    const {held} = overrides.apply(this.#sources.configured())
    const stillHeld = routers.flatMap(router => held.get(router.name) ?? [])[0]
    if (stillHeld !== undefined) {
      overrides.undo(change)
      throw new HactlError('REFUSED', `${name} is not to be master: ${stillHeld}`, 'end the maintenance first')
    }
    const startedAt = Date.now()
    await this.#apply(change)
    this.#sources.order({type: 'take-over', name})
    const areMaster = (): boolean => moving.every(router => this.#router(router.name).state === 'master')
    const taken = await this.#until(areMaster, TAKEN_WITHIN_MS)
    // A master that we do not beat answers at once.
    if (taken) await this.#until(() => !areMaster(), ANSWERED_WITHIN_MS)
    const stays = taken && areMaster()
    this.#sources.note(`takeover ordered: ${stays ? 'it is master' : 'it did not stay master'}`, name)
    if (!stays) {
      overrides.undo(change)
      await this.#sources.apply()
      const {reason} = this.#router(name)
      throw new HactlError('TIMED_OUT', `${name} did not stay master: ${reason}`, `hactl vrrp why ${name} says more`)
    }
    return this.#moved(routers, change.added.find(({instance}) => instance === name) ?? change.added[0], startedAt)
  }

  /** Is no master until told otherwise, and its sync group neither. */
  release(name: string, holding: Holding): Promise<MoveReply> {
    const routers = this.#movingWith(name)
    const given: NewOverride = {...this.#holding(holding), kind: 'release', instance: name}
    return this.#hold({given, ends: endsFor(routers, ['takeover']), routers, force: holding.force === true})
  }

  /** Ends releases and takeovers of it and of its sync group. */
  async resume(name: string): Promise<MoveReply> {
    const routers = this.#movingWith(name)
    const gone = this.#sources.overrides.remove(endsFor(routers, ['release', 'takeover']))
    if (gone.length === 0) throw new HactlError('NOT_FOUND', `nothing holds ${name} and nothing raised it`)
    const startedAt = Date.now()
    await this.#sources.apply()
    this.#sources.note('takeovers and releases are over', name)
    return this.#moved(routers, undefined, startedAt)
  }

  async setPriority(name: string, given: {readonly priority?: number; readonly reset?: boolean}): Promise<MoveReply> {
    const {overrides} = this.#sources
    const router = this.#router(name)
    const config = this.#sources.configured().find(each => each.name === name)
    if (config?.priority === OWNER_PRIORITY) {
      throw new HactlError('REFUSED', `${name} is the owner of its addresses: its priority is 255`)
    }
    let added: StoredOverride | undefined
    if (given.reset) {
      const gone = overrides.remove(({kind, instance}) => instance === name && isPriority(kind))
      if (gone.length === 0) throw new HactlError('NOT_FOUND', `${name} has its configured priority`)
    } else if (given.priority === undefined || given.priority < 1 || given.priority > MAX_PRIORITY) {
      throw new HactlError('USAGE', 'a priority of 1 to 254, or reset')
    } else added = overrides.add({...forever(name), kind: 'priority', priority: given.priority})
    await this.#sources.apply()
    this.#sources.note(`priority ${given.priority ?? 'as configured'} by an operator`, name)
    return this.#moved([router], added, Date.now())
  }

  async maintenance(on: boolean, holding: Holding): Promise<MoveReply> {
    const {board, overrides} = this.#sources
    if (on) {
      const given: NewOverride = {...this.#holding(holding), kind: 'maintenance', instance: null}
      return this.#hold({given, ends: () => false, routers: board.routers, force: holding.force === true})
    }
    const gone = overrides.remove(({kind}) => kind === 'maintenance')
    if (gone.length === 0) throw new HactlError('NOT_FOUND', 'this node is not in maintenance')
    const before = board.routers
    await this.#sources.apply()
    this.#sources.note('maintenance is over', null)
    return this.#moved(before, undefined, Date.now())
  }

  async activate(name: string, {force}: {readonly force?: boolean}): Promise<MoveReply> {
    await this.#lookAfresh(name)
    const routers = this.#movingWith(name).filter(({observed}) => observed)
    if (routers.length === 0) throw new HactlError('REFUSED', `${name} runs already`)
    const present = routers.flatMap(({vips}) => vips.filter(vip => vip.present).map(vip => vip.address))
    if (present.length > 0 && !force) {
      const message = `${present.join(', ')} is on this host: another daemon here seems to be master of ${name}`
      throw new HactlError('REFUSED', message, 'take the instance out of its configuration first, or use --force')
    }
    const given = routers.map((router): NewOverride => ({...forever(router.name), kind: 'activated'}))
    const change = this.#sources.overrides.change(given)
    await this.#apply(change)
    const {added} = change
    this.#sources.note(`runs from now on, no longer only observed`, name)
    return this.#moved(routers, added.find(({instance}) => instance === name) ?? added[0], Date.now())
  }

  async cancel(id: string): Promise<Override> {
    const [gone] = this.#sources.overrides.remove(override => override.id === id)
    if (!gone) throw new HactlError('NOT_FOUND', `there is no override ${id}`, 'hactl agent overrides lists them')
    await this.#sources.apply()
    const described = this.#sources.overrides.describe(gone, this.#sources.configured())
    this.#sources.note(`override taken back: ${described.text}`, gone.instance)
    return described
  }

  /** Steps down, and is master again when nobody else is in the time that a neighbour may need. */
  async #hold({given, ends, routers, force}: Hold): Promise<MoveReply> {
    const {overrides} = this.#sources
    const change = overrides.change([given], ends)
    const startedAt = Date.now()
    await this.#apply(change)
    const masters = routers.filter(({state, observed}) => state === 'master' && !observed)
    const orphans = (): readonly string[] =>
      masters.map(({name}) => name).filter(name => !hasSuccessor(this.#router(name), startedAt))
    const waitMs = Math.max(0, ...masters.map(({masterDownIntervalMs}) => masterDownIntervalMs)) + SUCCESSOR_GRACE_MS
    await this.#until(() => orphans().length === 0, waitMs)
    const alone = orphans()
    if (alone.length > 0 && !force) {
      overrides.undo(change)
      await this.#sources.apply()
      // There is nobody to wait for, and the others of a sync group follow.
      for (const name of alone) this.#sources.order({type: 'take-over', name})
      const again = await this.#until(() => alone.every(name => this.#router(name).state === 'master'), TAKEN_WITHIN_MS)
      const outcome = again ? 'this node is master again' : 'this node may be master again'
      const message = `nobody took over ${alone.join(', ')} within ${Math.round(waitMs)} ms: ${outcome}`
      this.#sources.note(message, given.instance)
      throw new HactlError('REFUSED', message, 'see that the neighbour runs, or use --force')
    }
    const without = alone.length > 0 ? `; nobody took over ${alone.join(', ')}` : ''
    this.#sources.note(`${textOf(change.added[0] as StoredOverride)}${without}`, given.instance)
    return this.#moved(routers, change.added[0], startedAt)
  }

  /** Gives the vrrp process what is to run; what it does not take is not to stand either. */
  async #apply(change: OverrideChange): Promise<void> {
    try {
      await this.#sources.apply()
    } catch (error) {
      this.#sources.overrides.undo(change)
      this.#sources.apply().catch(() => {})
      throw error
    }
  }

  #moved(before: readonly VirtualRouter[], added: StoredOverride | undefined, startedAt: number): MoveReply {
    const {overrides} = this.#sources
    return {
      routers: before.map(({name, state: from}) => {
        const router = this.#router(name)
        const {state: to, since} = router
        const master = to === 'master' ? 'this node' : masterHeard(router)
        return {name, from, to, master, tookMs: Math.max(0, Date.parse(since) - startedAt)}
      }),
      override: added ? overrides.describe(added, this.#sources.configured()) : null,
    }
  }

  #holding({forSeconds, reason}: Holding): Pick<StoredOverride, 'until' | 'reason'> {
    const until = forSeconds === undefined ? null : new Date(Date.now() + forSeconds * 1_000).toISOString()
    return {until, ...(reason === undefined ? {} : {reason: reason.slice(0, MAX_REASON)})}
  }

  /** Who is heard and what is there is told once a second; with a configuration everything is. */
  async #lookAfresh(name: string): Promise<void> {
    this.#router(name)
    await this.#sources.apply()
  }

  /** A backup that has just begun hears the master soon, or becomes it. */
  async #listen(name: string): Promise<void> {
    const deaf = (): readonly VirtualRouter[] =>
      this.#movingWith(name).filter(({state, heard, observed}) => state === 'backup' && heard === null && !observed)
    const waitMs = Math.max(0, ...deaf().map(({masterDownIntervalMs}) => masterDownIntervalMs + FIGURES_AGE_MS))
    await this.#until(() => deaf().length === 0, waitMs)
  }

  /** A virtual router and those that move with it: its sync group. */
  #movingWith(name: string): readonly VirtualRouter[] {
    const router = this.#router(name)
    if (router.group === null) return [router]
    return this.#sources.board.routers.filter(({group}) => group === router.group)
  }

  #router(name: string): VirtualRouter {
    return this.#sources.board.requireRouter(name)
  }

  async #until(isSo: () => boolean, withinMs: number): Promise<boolean> {
    if (isSo()) return true
    return new Promise(resolve => {
      const finish = (so: boolean): void => {
        clearTimeout(timer)
        unsubscribe()
        resolve(so)
      }
      const timer = setTimeout(() => finish(isSo()), withinMs)
      let unsubscribe = (): void => {}
      unsubscribe = this.#sources.board.subscribe(event => {
        // The first event comes before there is anything to unsubscribe.
        if (event.type !== 'journal' && isSo()) setImmediate(finish, true)
      })
    })
  }
}

const forever = (instance: string): Pick<StoredOverride, 'instance' | 'until'> => ({instance, until: null})

const isPriority = (kind: StoredOverride['kind']): boolean => kind === 'priority' || kind === 'takeover'

/** Overrides of these kinds for any of these virtual routers. */
function endsFor(
  routers: readonly VirtualRouter[],
  kinds: readonly StoredOverride['kind'][],
): (override: StoredOverride) => boolean {
  const names = new Set(routers.map(({name}) => name))
  return ({kind, instance}) => instance !== null && names.has(instance) && kinds.includes(kind)
}

/** Throws where a virtual router cannot be master, whatever its priority. */
function requireFit({name, state, faults, reason, observed}: VirtualRouter): void {
  if (observed) throw new HactlError('REFUSED', `${name} is only observed`, `hactl vrrp activate ${name}`)
  if (state !== 'fault' && state !== 'init') return
  throw new HactlError('REFUSED', `${name} cannot be master: ${faults[0] ?? reason}`, 'mend that first')
}

/** The base priority that beats the present master; undefined where no other one is needed. */
function winningPriority({name, heard, priority, tracking}: VirtualRouter): number | undefined {
  if (heard === null || heard.priority < priority.effective) return undefined
  if (heard.priority >= MAX_PRIORITY) {
    const message = `${heard.address} has priority ${heard.priority}: nothing that this node may have beats it`
    throw new HactlError('REFUSED', message, `release it there: hactl vrrp release ${name}`)
  }
  const adds = tracking.reduce((sum, track) => sum + track.adds, 0)
  const wanted = Math.max(1, heard.priority + 1 - adds)
  if (wanted <= MAX_PRIORITY) return wanted
  const message = `what ${name} tracks takes ${-adds} from its priority`
  throw new HactlError('REFUSED', message, 'mend that first, or release it on the other node')
}

/** Whom a virtual router hears as master now; null: nobody. */
function masterHeard({heard, masterDownIntervalMs}: VirtualRouter): string | null {
  if (heard === null || heard.priority === 0) return null
  return Date.now() - Date.parse(heard.lastSeen) <= masterDownIntervalMs + FIGURES_AGE_MS ? heard.address : null
}

/** Whether somebody else was heard as master since a moment. */
function hasSuccessor({state, heard}: VirtualRouter, since: number): boolean {
  return state !== 'master' && heard !== null && heard.priority > 0 && Date.parse(heard.lastSeen) >= since
}
