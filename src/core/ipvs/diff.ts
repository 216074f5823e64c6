import type {Destination, IpvsChange, ServiceRules} from './model.ts'
import {destinationKey, serviceKey} from './names.ts'
import {plainDestination, sameDestination, sameService} from './rules.ts'

/** Whether a service, or a real server of it, may be removed where it is not wanted. */
export type MayRemove = (service: string, destination?: string) => boolean

/** Everything may be removed: what is wanted is all that is to be there. */
export const removeAll: MayRemove = () => true

/**
 * The least set of changes that makes `actual` what is `wanted`; each service and each real server stands once in both.
 * What may not be removed stays as it is, and so does a service with a real server that may not be removed.
 *
 * Whatever was added or got a weight is there before anything else loses its weight or goes, so a service that has live
 * real servers before and after has one at every moment. Everything but the names can be edited in the kernel.
 */
export function diffRules({
  wanted,
  actual,
  mayRemove,
}: {
  readonly wanted: readonly ServiceRules[]
  readonly actual: readonly ServiceRules[]
  readonly mayRemove: MayRemove
}): readonly IpvsChange[] {
  const phases: Phases = {add: [], raise: [], lower: [], edit: [], remove: []}
  const there = new Map(actual.map(rules => [serviceKey(rules.service.id), rules]))
  const kept = new Set<string>()
  for (const rules of wanted) {
    const {service} = rules
    const key = serviceKey(service.id)
    kept.add(key)
    const before = there.get(key)
    if (before === undefined) phases.add.push(...additions([rules]))
    else {
      if (!sameService(before.service, service)) phases.edit.push({type: 'edit-service', service})
      diffDestinations({key, wanted: rules, actual: before, mayRemove}, phases)
    }
  }
  const {add, raise, lower, edit, remove} = phases
  return [...add, ...raise, ...lower, ...edit, ...remove, ...removals(actual, kept, mayRemove)]
}

/** What adds services that are not there, in their order. */
export function additions(wanted: readonly ServiceRules[]): readonly IpvsChange[] {
  let count = wanted.length
  for (const {destinations} of wanted) count += destinations.length
  // An array that grows would be copied many times.
  const changes = new Array<IpvsChange>(count)
  let at = 0
  for (const {service, destinations} of wanted) {
    const {id} = service
    changes[at++] = {type: 'add-service', service}
    // An iterator's results would take as much memory as the changes.
    for (let i = 0; i < destinations.length; i++) {
      changes[at++] = {type: 'add-destination', id, destination: plainDestination(destinations[i] as Destination)}
    }
  }
  return changes
}

type Phases = {readonly [Phase in 'add' | 'raise' | 'lower' | 'edit' | 'remove']: IpvsChange[]}

function diffDestinations(
  {
    key,
    wanted,
    actual,
    mayRemove,
  }: {
    readonly key: string
    readonly wanted: ServiceRules
    readonly actual: ServiceRules
    readonly mayRemove: MayRemove
  },
  phases: Phases,
): void {
  const {id} = wanted.service
  const there = new Map(actual.destinations.map(destination => [destinationKey(destination), destination]))
  for (const destination of wanted.destinations) {
    const name = destinationKey(destination)
    const before = there.get(name)
    there.delete(name)
    if (before === undefined) phases.add.push({type: 'add-destination', id, destination: plainDestination(destination)})
    else if (!sameDestination(before, destination)) {
      const phase = destination.weight > 0 ? phases.raise : phases.lower
      phase.push({type: 'edit-destination', id, destination: plainDestination(destination)})
    }
  }
  for (const [name, {address, port}] of there) {
    if (mayRemove(key, name)) phases.remove.push({type: 'delete-destination', id, destination: {address, port}})
  }
}

function removals(actual: readonly ServiceRules[], kept: ReadonlySet<string>, mayRemove: MayRemove): IpvsChange[] {
  const destinations: IpvsChange[] = []
  const services: IpvsChange[] = []
  for (const {service, destinations: there} of actual) {
    const key = serviceKey(service.id)
    if (kept.has(key)) continue
    const removable = there.filter(destination => mayRemove(key, destinationKey(destination)))
    // The kernel removes the real servers of a service together with it.
    if (removable.length === there.length && mayRemove(key)) services.push({type: 'delete-service', id: service.id})
    else {
      for (const {address, port} of removable) {
        destinations.push({type: 'delete-destination', id: service.id, destination: {address, port}})
      }
    }
  }
  return [...destinations, ...services]
}
