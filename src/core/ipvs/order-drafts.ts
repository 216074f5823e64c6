import type {Destination, DestinationId, IpvsChange, Service, ServiceId, ServiceRules} from './model.ts'
import {destinationKey, serviceKey} from './names.ts'
import {plainDestination, plainService, sameDestination, sameService} from './rules.ts'
import type {ConfiguredService, DestinationHold, DestinationOverride, ServiceOverride} from './wanted.ts'

/** The overrides while an order is worked in. */
export class OrderDrafts {
  readonly #drafts: Map<string, Draft>
  readonly #configured: Lookup
  readonly #actual: Lookup

  constructor({
    configured,
    overrides,
    actual,
  }: {
    readonly configured: readonly ConfiguredService[]
    readonly overrides: readonly ServiceOverride[]
    readonly actual: readonly ServiceRules[]
  }) {
    this.#configured = new Lookup(configured)
    this.#actual = new Lookup(actual)
    this.#drafts = new Map(
      overrides.map(({id, service, destinations}) => [
        serviceKey(id),
        {id, service, destinations: new Map(destinations.map(real => [destinationKey(real.id), real]))},
      ]),
    )
  }

  change(change: IpvsChange): void {
    switch (change.type) {
      case 'add-service':
      case 'edit-service':
        this.#setService(change.service)
        break
      case 'delete-service':
        this.#deleteService(change.id)
        break
      case 'add-destination':
      case 'edit-destination':
        this.#setDestination(change.id, change.destination, plainDestination(change.destination))
        break
      case 'delete-destination':
        this.#setDestination(change.id, change.destination, 'deleted')
        break
    }
  }

  /** A real server that others made is taken over as it is when somebody holds it. */
  hold(id: ServiceId, real: DestinationId, hold: DestinationHold | undefined): void {
    const key = destinationKey(real)
    if (hold === undefined) {
      const destinations = this.#drafts.get(serviceKey(id))?.destinations
      const held = destinations?.get(key)
      if (held) destinations?.set(key, {...held, hold: undefined})
      return
    }
    const draft = this.#takenOver(id)
    if (!draft) return
    const before = draft.destinations.get(key)
    const isKnown = before?.destination !== undefined || this.#configured.get(id)?.destinations.has(key)
    const foreign = isKnown ? undefined : this.#actual.get(id)?.destinations.get(key)
    // Nobody can hold what is not there.
    if (before?.destination === 'deleted' || !(isKnown || foreign)) return
    const destination = foreign ? plainDestination(foreign) : before?.destination
    draft.destinations.set(key, {id: {address: real.address, port: real.port}, destination, hold})
  }

  overrides(): readonly ServiceOverride[] {
    return [...this.#drafts.values()].flatMap(({id, service, destinations}) => {
      const left = [...destinations.values()].filter(
        ({destination, hold}) => destination !== undefined || hold !== undefined,
      )
      return service === undefined && left.length === 0 ? [] : [{id, service, destinations: left}]
    })
  }

  #draft(id: ServiceId): Draft {
    const key = serviceKey(id)
    const draft = this.#drafts.get(key) ?? {id, service: undefined, destinations: new Map()}
    this.#drafts.set(key, draft)
    return draft
  }

  #setService(service: Service): void {
    const {id} = service
    const draft = this.#draft(id)
    const configured = this.#configured.get(id)
    // A service that is made again begins without real servers.
    if (draft.service === 'deleted' && configured) {
      for (const [key, {address, port}] of configured.destinations) {
        draft.destinations.set(key, {id: {address, port}, destination: 'deleted', hold: undefined})
      }
    }
    draft.service = configured && sameService(configured.service, service) ? undefined : plainService(service)
  }

  #deleteService(id: ServiceId): void {
    const key = serviceKey(id)
    if (this.#configured.get(id)) this.#drafts.set(key, {id, service: 'deleted', destinations: new Map()})
    else this.#drafts.delete(key)
  }

  #setDestination(id: ServiceId, real: DestinationId, destination: Destination | 'deleted'): void {
    const key = destinationKey(real)
    const configured = this.#configured.get(id)?.destinations.get(key)
    // What nobody wants can go without a word.
    if (destination === 'deleted' && !configured && !this.#drafts.get(serviceKey(id))?.destinations.has(key)) return
    const draft = this.#takenOver(id)
    if (!draft) return
    const hold = destination === 'deleted' ? undefined : draft.destinations.get(key)?.hold
    const isConfigured =
      destination === 'deleted' ? !configured : configured !== undefined && sameDestination(configured, destination)
    draft.destinations.set(key, {
      id: {address: real.address, port: real.port},
      destination: isConfigured ? undefined : destination,
      hold,
    })
  }

  /** Undefined: there is no such service anywhere. */
  #takenOver(id: ServiceId): Draft | undefined {
    const draft = this.#draft(id)
    if (draft.service === 'deleted') return undefined
    if (draft.service === undefined && !this.#configured.get(id)) {
      const actual = this.#actual.get(id)
      if (!actual) return undefined
      draft.service = plainService(actual.service)
    }
    return draft
  }
}

interface Draft {
  readonly id: ServiceId
  service: Service | 'deleted' | undefined
  readonly destinations: Map<string, DestinationOverride>
}

interface Known {
  readonly service: Service
  readonly destinations: ReadonlyMap<string, Destination>
}

/** Services by their names; the real servers of one are looked up when it is asked for. */
class Lookup {
  readonly #rules: ReadonlyMap<string, ServiceRules>
  readonly #known = new Map<string, Known>()

  constructor(rules: readonly ServiceRules[]) {
    this.#rules = new Map(rules.map(one => [serviceKey(one.service.id), one]))
  }

  get(id: ServiceId): Known | undefined {
    const key = serviceKey(id)
    const known = this.#known.get(key)
    if (known) return known
    const rules = this.#rules.get(key)
    if (!rules) return undefined
    const {service} = rules
    const made = {service, destinations: new Map(rules.destinations.map(real => [destinationKey(real), real]))}
    this.#known.set(key, made)
    return made
  }
}
