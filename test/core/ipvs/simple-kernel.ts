import type {Destination, IpvsChange, Service, ServiceRules} from '../../../src/core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../../src/core/ipvs/names.ts'

/** What the kernel does with changes, in the plainest way; a change that it would refuse throws. */
export class SimpleKernel {
  readonly #services = new Map<string, {service: Service; destinations: Map<string, Destination>}>()

  constructor(rules: readonly ServiceRules[]) {
    for (const {service, destinations} of rules) {
      const byName = new Map(destinations.map(real => [destinationKey(real), real]))
      this.#services.set(serviceKey(service.id), {service, destinations: byName})
    }
  }

  apply(change: IpvsChange): void {
    const key = serviceKey('service' in change ? change.service.id : change.id)
    const entry = this.#services.get(key)
    if (change.type === 'add-service') {
      if (entry) throw new Error(`EEXIST: ${key}`)
      this.#services.set(key, {service: change.service, destinations: new Map()})
      return
    }
    if (!entry) throw new Error(`ENOENT: ${key}`)
    if (change.type === 'edit-service') entry.service = change.service
    else if (change.type === 'delete-service') this.#services.delete(key)
    else {
      const name = destinationKey(change.destination)
      if (entry.destinations.has(name) === (change.type === 'add-destination')) throw new Error(`${key} ${name}`)
      if (change.type === 'delete-destination') entry.destinations.delete(name)
      else entry.destinations.set(name, change.destination)
    }
  }

  rules(): readonly ServiceRules[] {
    return [...this.#services.values()].map(({service, destinations}) => ({
      service,
      destinations: [...destinations.values()],
    }))
  }

  /** The services with a real server of a weight. */
  live(): ReadonlySet<string> {
    const live = [...this.#services].filter(([, {destinations}]) => [...destinations.values()].some(isLive))
    return new Set(live.map(([key]) => key))
  }
}

const isLive = ({weight}: Destination): boolean => weight > 0
