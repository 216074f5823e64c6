import type {Standings} from '../../core/check/standing.ts'
import type {
  DestinationEntry,
  IpvsTimeouts,
  ServiceEntry,
  ServiceId,
  ServiceRules,
  SyncDaemon,
  SyncRole,
} from '../../core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../core/ipvs/names.ts'
import {checkedDestinations, rulesOf, wantedService, wantedServices, withOrder} from '../../core/ipvs/overrides.ts'
import type {
  ConfiguredService,
  DestinationOverride,
  OperatorOrder,
  ServiceOverride,
  WantedService,
} from '../../core/ipvs/wanted.ts'
import {HactlError} from '../../errors.ts'
import type {LvsKeeper, WantedDaemon} from '../../lvs/keeper.ts'
import type {LvsSettings} from '../channel.ts'
import type {KeptDaemon, KeptService, LvsState} from './lvs-state.ts'
import type {LvsStore} from './lvs-store.ts'
import {sameDaemon} from './sync-daemons.ts'

/** What the configuration wants of IPVS now. */
export type ConfiguredLvs = Pick<LvsSettings, 'services' | 'timeouts' | 'daemons' | 'observing'>

/** By the name of each service what there is of it: its own name, where it is the service itself, and real servers. */
export type Names = ReadonlyMap<string, ReadonlySet<string>>

/** Configuration and overrides together; what operators order goes to the disk before it goes to the kernel. */
export class Keeper implements LvsKeeper {
  readonly #store: LvsStore
  readonly #timeoutsNow: () => Promise<IpvsTimeouts>
  #configured: ConfiguredLvs = {services: [], timeouts: undefined, daemons: [], observing: true}
  #standings: Standings = new Map()
  #wanted: Wanted | undefined

  /** `timeoutsNow`: those that the kernel has. */
  constructor({store, timeoutsNow}: {readonly store: LvsStore; readonly timeoutsNow: () => Promise<IpvsTimeouts>}) {
    this.#store = store
    this.#timeoutsNow = timeoutsNow
  }

  get configured(): ConfiguredLvs {
    return this.#configured
  }

  /** What the configuration wants from now on, and how its real servers stand by their checks. */
  configure(configured: ConfiguredLvs, standings: Standings = this.#standings): void {
    this.#configured = configured
    this.#standings = standings
    this.#wanted = undefined
  }

  /** Those of other services than these, by name, are as they were. */
  useStandings(standings: Standings, changed: Iterable<string>): void {
    const before = this.#wanted
    this.#standings = standings
    if (before === undefined) return
    const services = [...before.services]
    for (const name of changed) {
      const source = before.sources.get(name)
      const service = source && wantedService(source.configured, source.override, standings.get(name))
      if (source && service) services[source.at] = service
    }
    this.#wanted = {...before, services}
  }

  wanted(): readonly WantedService[] {
    return this.#wantedNow().services
  }

  checkedOf(service: ServiceId): WantedService['checked'] {
    const key = serviceKey(service)
    return checkedDestinations(this.#wantedNow().configured.get(key), this.#standings.get(key))
  }

  /** Everything that is wanted, by name; what is disabled is ours too, should it be there. */
  wantedNames(): Names {
    return namesOf(this.wanted())
  }

  /** What the kernel is to have. */
  rules(): readonly ServiceRules[] {
    return rulesOf(this.wanted())
  }

  /** What the kernel is to have of some services, by name. */
  rulesOf(names: Iterable<string>): readonly ServiceRules[] {
    const {services, sources} = this.#wantedNow()
    const some = [...names].flatMap(name => {
      const source = sources.get(name)
      return (source && services[source.at]) ?? []
    })
    return rulesOf(some)
  }

  daemons(): readonly WantedDaemon[] {
    return (['master', 'backup'] as const).flatMap(role => {
      const kept = this.#store.state.daemons.find(each => each.role === role)
      if (kept) return kept.daemon === 'stopped' ? [] : [{...kept.daemon, origin: 'override' as const}]
      return this.#configuredDaemon(role) ?? []
    })
  }

  /** Seconds; 0: nobody wants one in particular. */
  timeouts(): IpvsTimeouts {
    const set = this.#store.state.timeouts?.timeouts ?? NO_TIMEOUTS
    return overlay(set, this.#configured.timeouts ?? NO_TIMEOUTS)
  }

  take(order: OperatorOrder, actual: readonly ServiceEntry[]): Promise<() => Promise<void>> {
    const {state} = this.#store
    const overrides = withOrder({
      configured: this.#configured.services,
      overrides: state.services.map(({override}) => override),
      order,
      actual,
    })
    const services = this.#kept(overrides, actual)
    // What the order removes is ours until it is gone, so that whoever starts after a sudden end removes the rest.
    const ofOverrides = namesOf(wantedServices(this.#configured.services, overrides))
    return this.#save({...state, services, owned: together(state.owned, ofOverrides, removedBy(order, actual))})
  }

  async takeTimeouts(timeouts: IpvsTimeouts): Promise<() => Promise<void>> {
    const {state} = this.#store
    const timeoutsBefore = state.timeoutsBefore ?? (await this.#timeoutsNow())
    const set = overlay(timeouts, state.timeouts?.timeouts ?? NO_TIMEOUTS)
    return this.#save({...state, timeoutsBefore, timeouts: {since: new Date().toISOString(), timeouts: set}})
  }

  takeDaemon(role: SyncRole, daemon: SyncDaemon | undefined): Promise<() => Promise<void>> {
    const {state} = this.#store
    const configured = this.#configuredDaemon(role)
    const since = new Date().toISOString()
    const isConfigured = daemon === undefined ? !configured : configured !== undefined && sameDaemon(configured, daemon)
    const kept: readonly KeptDaemon[] = isConfigured ? [] : [{since, role, daemon: daemon ?? 'stopped'}]
    const daemons = [...state.daemons.filter(each => each.role !== role), ...kept]
    return this.#save({...state, daemons, ownedDaemons: new Set([...state.ownedDaemons, role])})
  }

  #wantedNow(): Wanted {
    const {services: kept} = this.#store.state
    if (this.#wanted?.of === kept) return this.#wanted
    const overrides = kept.map(({override}) => override)
    const services = wantedServices(this.#configured.services, overrides, this.#standings)
    const configured = new Map(this.#configured.services.map(one => [serviceKey(one.service.id), one]))
    const overrideOf = new Map(overrides.map(override => [serviceKey(override.id), override]))
    const sources = new Map(
      services.map(({service}, at) => {
        const key = serviceKey(service.id)
        return [key, {at, configured: configured.get(key), override: overrideOf.get(key)}]
      }),
    )
    this.#wanted = {of: kept, services, sources, configured}
    return this.#wanted
  }

  #configuredDaemon(role: SyncRole): SyncDaemon | undefined {
    return this.#configured.daemons.find(each => each.role === role)
  }

  async #save(state: LvsState): Promise<() => Promise<void>> {
    if (this.#configured.observing) {
      const message = 'this agent only observes: what IPVS has is left to others'
      throw new HactlError('REFUSED', message, 'start it without --observe, or use --direct')
    }
    const before = this.#store.state
    await this.#store.save(state)
    return async () => {
      await this.#store.follow(before)
      const {problem} = this.#store
      if (problem !== undefined) throw new HactlError('FAILED', problem)
    }
  }

  /** The overrides with what is remembered of each: those that stay as they are keep their time. */
  #kept(overrides: readonly ServiceOverride[], actual: readonly ServiceEntry[]): readonly KeptService[] {
    const since = new Date().toISOString()
    const before = new Map(this.#store.state.services.map(kept => [serviceKey(kept.override.id), kept]))
    const there = new Map(actual.map(entry => [serviceKey(entry.service.id), entry]))
    const wanted = new Map(this.wanted().map(service => [serviceKey(service.service.id), service]))
    return overrides.map(override => {
      const key = serviceKey(override.id)
      const kept = before.get(key)
      if (kept && JSON.stringify(kept.override) === JSON.stringify(override)) return kept
      const found = foundOf(override, {actual: there.get(key), wanted: wanted.get(key), before: kept?.found})
      return {since, override, found}
    })
  }
}

/** What is wanted, and what each service of it comes from, by its name: one that changes is made anew by itself. */
interface Wanted {
  readonly of: LvsState['services']
  readonly services: readonly WantedService[]
  readonly sources: ReadonlyMap<string, Source>
  readonly configured: ReadonlyMap<string, ConfiguredService>
}

interface Source {
  /** Place in the list. */
  readonly at: number
  readonly configured: ConfiguredService | undefined
  readonly override: ServiceOverride | undefined
}

/** Nothing wanted in particular. */
export const NO_TIMEOUTS: IpvsTimeouts = {tcpSeconds: 0, tcpFinSeconds: 0, udpSeconds: 0}

/** The timeouts of the first, and of the second where the first says nothing. */
export const overlay = (upper: IpvsTimeouts, lower: IpvsTimeouts): IpvsTimeouts => ({
  tcpSeconds: upper.tcpSeconds || lower.tcpSeconds,
  tcpFinSeconds: upper.tcpFinSeconds || lower.tcpFinSeconds,
  udpSeconds: upper.udpSeconds || lower.udpSeconds,
})

/** All names of several sets of services. */
export function together(...sets: readonly Names[]): Names {
  const all = new Map<string, ReadonlySet<string>>()
  for (const names of sets) {
    for (const [service, destinations] of names) {
      const before = all.get(service)
      const isMore = before === undefined || [...destinations].some(name => !before.has(name))
      if (isMore) all.set(service, before ? new Set([...before, ...destinations]) : destinations)
    }
  }
  return all
}

const namesOf = (wanted: readonly WantedService[]): Names =>
  new Map(
    wanted.map(({service, destinations}) => {
      const key = serviceKey(service.id)
      return [key, new Set([key, ...destinations.map(({destination}) => destinationKey(destination))])] as const
    }),
  )

function removedBy(order: OperatorOrder, actual: readonly ServiceEntry[]): Names {
  const names = new Map<string, Set<string>>()
  const entries = new Map(actual.map(entry => [serviceKey(entry.service.id), entry]))
  for (const change of order.changes) {
    if (change.type === 'delete-service') {
      const key = serviceKey(change.id)
      names.set(key, new Set([key, ...(entries.get(key)?.destinations ?? []).map(destinationKey)]))
    } else if (change.type === 'delete-destination') {
      const key = serviceKey(change.id)
      const destinations = names.get(key) ?? new Set()
      names.set(key, destinations.add(destinationKey(change.destination)))
    }
  }
  return names
}

/** What of a service that an operator changes others had made, besides what is known of that already. */
function foundOf(
  override: ServiceOverride,
  {
    actual,
    wanted,
    before,
  }: {
    readonly actual: ServiceEntry | undefined
    readonly wanted: WantedService | undefined
    readonly before: ServiceOverride | undefined
  },
): ServiceOverride | undefined {
  if (!actual) return before
  const known = new Set([
    ...(wanted?.destinations ?? []).map(({destination}) => destinationKey(destination)),
    ...(before?.destinations ?? []).map(({id}) => destinationKey(id)),
  ])
  const touched = new Set(override.destinations.map(({id}) => destinationKey(id)))
  const isNew = (entry: DestinationEntry): boolean =>
    touched.has(destinationKey(entry)) && !known.has(destinationKey(entry))
  const destinations = [...(before?.destinations ?? []), ...actual.destinations.filter(isNew).map(asFound)]
  const service = before?.service ?? (wanted ? undefined : actual.service)
  return service === undefined && destinations.length === 0 ? undefined : {id: override.id, service, destinations}
}

function asFound(entry: DestinationEntry): DestinationOverride {
  const {address, port, method, weight, upperThreshold, lowerThreshold, tunnel} = entry
  const destination = {address, port, method, weight, upperThreshold, lowerThreshold, tunnel}
  return {id: {address, port}, destination, hold: undefined}
}
