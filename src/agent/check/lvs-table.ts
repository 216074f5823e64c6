import type {Destination, ServiceRules} from '../../core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../core/ipvs/names.ts'
import type {IpvsTable} from '../../core/ipvs/table.ts'
import type {ServiceOverride} from '../../core/ipvs/wanted.ts'
import type {JournalKind} from '../../core/journal/record.ts'
import {orderRefused} from '../../lvs/kernel-failure.ts'
import type {LvsSettings} from '../channel.ts'
import {type Keeper, overlay, together} from './lvs-keeper.ts'
import type {TakenBack} from './lvs-overrides.ts'
import type {LvsStore} from './lvs-store.ts'
import {changeServices, makeServices} from './services.ts'
import {makeDaemons} from './sync-daemons.ts'

/** What the kernel's table is brought about with. */
export interface LvsTableOptions {
  readonly store: LvsStore
  readonly keeper: Keeper
  readonly note: (kind: JournalKind, text: string) => void
  readonly onFlushed: () => void
}

/** What is still to be done; services are named, or all. */
interface Due {
  flush: boolean
  services: 'all' | ReadonlySet<string>
  daemons: boolean
  timeouts: boolean
}

const NOTHING_DUE = (): Due => ({flush: false, services: new Set(), daemons: false, timeouts: false})

/** Brings IPVS to what is wanted, one kind of thing after the other, and remembers what is left to do. */
export class LvsTable {
  readonly #options: LvsTableOptions
  #due = NOTHING_DUE()
  /** What was told last of what failed; it is not told again each time. */
  readonly #told = new Map<string, string>()

  constructor(options: LvsTableOptions) {
    this.#options = options
  }

  /** Everything is to be looked at again: a start, or a reload. */
  configure({flush}: Pick<LvsSettings, 'flush'>): void {
    this.#due = {flush, services: 'all', daemons: true, timeouts: true}
    this.#told.clear()
  }

  /** The kernel has begun anew. */
  forget(): void {
    this.#due = {...this.#due, services: 'all', daemons: true, timeouts: true}
  }

  daemonsChanged(): void {
    this.#due.daemons = true
  }

  /** Something failed as a whole, and stays due. */
  failed(text: string): void {
    this.#complain('IPVS', [text])
  }

  get isDone(): boolean {
    const {flush, services, daemons, timeouts} = this.#due
    return !flush && services !== 'all' && services.size === 0 && !daemons && !timeouts
  }

  /** Whether there is anything that could be done or undone: without that, the kernel need not have IPVS. */
  hasAnything(): boolean {
    const {keeper, store} = this.#options
    const {owned, ownedDaemons, timeoutsBefore} = store.state
    const {tcpSeconds, tcpFinSeconds, udpSeconds} = keeper.timeouts()
    return (
      this.#due.flush ||
      keeper.wanted().length + keeper.daemons().length + owned.size + ownedDaemons.size > 0 ||
      tcpSeconds + tcpFinSeconds + udpSeconds > 0 ||
      timeoutsBefore !== undefined
    )
  }

  /** Does what is due; rejects where the kernel cannot be asked. */
  async makeSo(table: IpvsTable): Promise<void> {
    if (this.#due.flush) await this.#flush(table)
    await this.#makeServices(table)
    if (this.#due.timeouts) await this.#makeTimeouts(table)
    if (this.#due.daemons) await this.#makeDaemons(table)
    await this.settle()
  }

  /**
   * Brings these services, by name, to how their real servers stand by checks; `before` is what was wanted of them.
   * Nothing of it is written down: the names of everything that may be there have been, and a next start begins with
   * standings of its own.
   */
  async follow(table: IpvsTable, names: ReadonlySet<string>, before: readonly ServiceRules[]): Promise<void> {
    const {services} = this.#due
    // What is to be done with all of them is tried again by itself.
    if (services === 'all') return
    const {store, keeper} = this.#options
    this.#due.services = new Set([...services, ...names])
    const known = new Set([...names].filter(name => !services.has(name)))
    const quick = await changeServices(table, {
      before: before.filter(({service}) => known.has(serviceKey(service.id))),
      wanted: keeper.rulesOf(known),
    })
    // Others changed them too, or the kernel refuses: then they are read.
    const only = new Set([...names].filter(name => services.has(name) || quick.failed.has(name)))
    const {failed, problems} =
      only.size === 0
        ? quick
        : await makeServices(table, {wanted: keeper.rulesOf(only), owned: store.state.owned, only})
    this.#due.services = new Set([...[...services].filter(name => !names.has(name)), ...failed])
    this.#complain('services', problems)
  }

  /** Brings about what is wanted without an override; answers what the kernel refused. */
  async makeSoAgain(table: IpvsTable, {concerns, found}: Omit<TakenBack, 'state'>): Promise<string | undefined> {
    if (concerns === 'timeouts') return this.#makeTimeouts(table)
    if (concerns === 'daemons') return this.#makeDaemons(table)
    const {store, keeper} = this.#options
    const only = new Set([concerns.service])
    const wanted = withFound(keeper.rulesOf(only), found)
    const {problems} = await makeServices(table, {wanted, owned: store.state.owned, only})
    return problems[0]
  }

  /** What is ours is what is wanted from now on, and what could not be removed yet. */
  async settle(): Promise<void> {
    const {store, keeper} = this.#options
    const {state} = store
    const {services} = this.#due
    if (services === 'all') return
    const wanted = keeper.wantedNames()
    const stuck = [...state.owned].filter(([service]) => services.has(service))
    const owned = stuck.length === 0 ? wanted : together(wanted, new Map(stuck))
    const ownedDaemons = new Set(keeper.daemons().map(({role}) => role))
    if (this.#due.daemons) for (const role of state.ownedDaemons) ownedDaemons.add(role)
    const same = sameNames(owned, state.owned) && sameMembers(ownedDaemons, state.ownedDaemons)
    await store.follow(same ? state : {...state, owned, ownedDaemons})
  }

  /** Takes all that is ours away, as `lvs_flush_on_stop` has it; what operators changed is kept for the next start. */
  async withdraw(table: IpvsTable, how: LvsSettings['flushAtStop']): Promise<void> {
    const {store} = this.#options
    const {owned, ownedDaemons, timeoutsBefore} = store.state
    const daemons = await makeDaemons(table, {wanted: [], owned: ownedDaemons})
    if (timeoutsBefore) await table.setTimeouts(timeoutsBefore)
    let failed: ReadonlySet<string> = new Set()
    if (how === 'everything') {
      const result = await table.flush()
      if (!result.ok) failed = new Set(owned.keys())
    } else {
      const whole = how === 'services' ? together(owned, await namesThere(table, owned)) : owned
      const made = await makeServices(table, {wanted: [], owned: whole})
      failed = made.failed
      if (made.text !== undefined) this.#options.note('services-updated', `at the end: ${made.text}`)
      this.#complain('services', made.problems)
    }
    this.#complain('sync daemons', daemons.problems)
    const left = new Map([...owned].filter(([service]) => failed.has(service)))
    await store.follow({...store.state, owned: left, ownedDaemons: new Set(), timeoutsBefore: undefined})
  }

  async #flush(table: IpvsTable): Promise<void> {
    const result = await table.flush()
    this.#complain('lvs_flush', result.ok ? [] : [orderRefused('lvs_flush', result).message])
    if (!result.ok) return
    this.#due.flush = false
    this.#options.onFlushed()
  }

  async #makeServices(table: IpvsTable): Promise<void> {
    const {store, keeper, note} = this.#options
    const {services} = this.#due
    if (services !== 'all' && services.size === 0) return
    // Written first: whoever starts after a sudden end knows whose these are.
    const {state} = store
    const owned = together(state.owned, keeper.wantedNames())
    await store.follow(sameNames(owned, state.owned) ? state : {...state, owned})
    const only = services === 'all' ? undefined : services
    const wanted = only ? keeper.rulesOf(only) : keeper.rules()
    const {text, problems, failed} = await makeServices(table, {wanted, owned, only})
    this.#due.services = failed
    if (text !== undefined) note('services-updated', text)
    this.#complain('services', problems)
  }

  async #makeTimeouts(table: IpvsTable): Promise<string | undefined> {
    const {store, keeper} = this.#options
    const wanted = keeper.timeouts()
    const isWanted = wanted.tcpSeconds + wanted.tcpFinSeconds + wanted.udpSeconds > 0
    const {timeoutsBefore} = store.state
    this.#due.timeouts = false
    if (!isWanted && !timeoutsBefore) return undefined
    const before = timeoutsBefore ?? (await table.timeouts())
    if (isWanted) await store.follow({...store.state, timeoutsBefore: before})
    const result = await table.setTimeouts(overlay(wanted, before))
    if (result.ok && !isWanted) await store.follow({...store.state, timeoutsBefore: undefined})
    const problems = result.ok ? [] : [orderRefused('the timeouts', result).message]
    this.#due.timeouts = !result.ok
    this.#complain('timeouts', problems)
    return problems[0]
  }

  async #makeDaemons(table: IpvsTable): Promise<string | undefined> {
    const {store, keeper, note} = this.#options
    const wanted = keeper.daemons()
    const {state} = store
    const owned = new Set([...state.ownedDaemons, ...wanted.map(({role}) => role)])
    await store.follow(sameMembers(owned, state.ownedDaemons) ? state : {...state, ownedDaemons: owned})
    const {done, problems} = await makeDaemons(table, {wanted, owned})
    this.#due.daemons = problems.length > 0
    if (done.length > 0) note('sync-daemon', `sync daemon: ${done.join(', ')}`)
    this.#complain('sync daemons', problems)
    return problems[0]
  }

  /** Tells what failed, once as long as it is the same. */
  #complain(about: string, problems: readonly string[]): void {
    const [first] = problems
    const text = problems.length > 1 ? `${first} (and ${problems.length - 1} more)` : (first ?? '')
    if (this.#told.get(about) === text) return
    this.#told.set(about, text)
    if (text !== '') this.#options.note('services-failed', text)
  }
}

/** What is wanted of one service, and besides what others had there before. */
function withFound(wanted: readonly ServiceRules[], found: ServiceOverride | undefined): readonly ServiceRules[] {
  if (!found) return wanted
  const service = wanted[0]?.service ?? (found.service === 'deleted' ? undefined : found.service)
  if (!service) return wanted
  const known = new Set(wanted[0]?.destinations.map(destinationKey))
  const others = found.destinations.flatMap(({destination}): readonly Destination[] =>
    destination === undefined || destination === 'deleted' || known.has(destinationKey(destination))
      ? []
      : [destination],
  )
  return [{service, destinations: [...(wanted[0]?.destinations ?? []), ...others]}]
}

/** Every real server of the services that are ours, whoever made it. */
async function namesThere(
  table: IpvsTable,
  owned: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const ours = (await table.services()).filter(({service}) =>
    owned.get(serviceKey(service.id))?.has(serviceKey(service.id)),
  )
  return new Map(
    ours.map(({service, destinations}) => [serviceKey(service.id), new Set(destinations.map(destinationKey))]),
  )
}

function sameNames(a: ReadonlyMap<string, ReadonlySet<string>>, b: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [service, names] of a) {
    const others = b.get(service)
    if (!others || !sameMembers(names, others)) return false
  }
  return true
}

const sameMembers = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every(name => b.has(name))
