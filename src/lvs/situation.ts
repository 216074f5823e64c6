import type {Destination, Service, ServiceEntry, ServiceId, ServiceRules} from '../core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../core/ipvs/names.ts'
import {plainDestination} from '../core/ipvs/rules.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'
import type {DestinationHold, WantedService} from '../core/ipvs/wanted.ts'

/** One service as the kernel has it and as it is wanted; both undefined: there is none. */
export interface Situation {
  readonly id: ServiceId
  readonly actual: ServiceEntry | undefined
  readonly wanted: WantedService | undefined
}

/** The rules of a service as they are when nobody holds a real server, and who is held, by `destinationKey`. */
export interface Rules {
  readonly service: Service
  readonly destinations: ReadonlyMap<string, Destination>
  readonly holds: ReadonlyMap<string, DestinationHold>
}

/** So many services are asked for one by one; of more, the whole table is read. */
const FEW = 16

/** Reads these services from the kernel, and finds out what is wanted of each. */
export async function situationsOf(
  table: IpvsTable,
  {ids, wanted}: {readonly ids: readonly ServiceId[]; readonly wanted: readonly WantedService[]},
): Promise<readonly Situation[]> {
  const entries = await entriesOf(table, ids)
  const wantedOf = byService(wanted)
  return ids.map(id => ({id, actual: entries.get(serviceKey(id)), wanted: wantedOf.get(serviceKey(id))}))
}

/** Every service that the kernel has or that is wanted, those of the kernel first and in its order. */
export async function everySituation(
  table: IpvsTable,
  wanted: readonly WantedService[],
): Promise<readonly Situation[]> {
  const actual = await table.services()
  const wantedOf = byService(wanted)
  const there = new Set(actual.map(({service}) => serviceKey(service.id)))
  return [
    ...actual.map(entry => ({id: entry.service.id, actual: entry, wanted: wantedOf.get(serviceKey(entry.service.id))})),
    ...wanted
      .filter(({service}) => !there.has(serviceKey(service.id)))
      .map(service => ({id: service.service.id, actual: undefined, wanted: service})),
  ]
}

/** The entries of these services in the kernel, by `serviceKey`. */
export async function entriesOf(
  table: IpvsTable,
  ids: readonly ServiceId[],
): Promise<ReadonlyMap<string, ServiceEntry>> {
  const asked = new Set(ids.map(serviceKey))
  const entries =
    ids.length > FEW
      ? (await table.services()).filter(({service}) => asked.has(serviceKey(service.id)))
      : await Promise.all(ids.map(id => table.service(id)))
  return new Map(entries.flatMap(entry => (entry === undefined ? [] : [[serviceKey(entry.service.id), entry]])))
}

/** What is wanted, by `serviceKey`. */
export function byService(wanted: readonly WantedService[]): ReadonlyMap<string, WantedService> {
  return new Map(wanted.map(service => [serviceKey(service.service.id), service]))
}

/** What rules a service: what is wanted of it, and the real servers that others gave it. */
export function rulesNow({actual, wanted}: Situation): Rules | undefined {
  const service = wanted?.service ?? actual?.service
  if (service === undefined) return undefined
  const destinations = new Map<string, Destination>()
  const holds = new Map<string, DestinationHold>()
  for (const {destination, hold} of wanted?.destinations ?? []) {
    const key = destinationKey(destination)
    destinations.set(key, destination)
    if (hold !== undefined) holds.set(key, hold)
  }
  for (const entry of actual?.destinations ?? []) {
    const key = destinationKey(entry)
    if (!destinations.has(key)) destinations.set(key, plainDestination(entry))
  }
  return {service, destinations, holds}
}

/** What the kernel should have by such rules: what is drained with weight 0, and nothing that is disabled. */
export function effective({service, destinations, holds}: Rules): ServiceRules {
  const inTable: Destination[] = []
  for (const [key, destination] of destinations) {
    const hold = holds.get(key)
    if (hold?.type === 'disabled') continue
    inTable.push(hold === undefined ? destination : {...destination, weight: 0})
  }
  return {service, destinations: inTable}
}

/** The rules of a service in the kernel, without what it counted. */
export function rulesOfEntry({service, destinations}: ServiceEntry): ServiceRules {
  return {service, destinations: destinations.map(plainDestination)}
}
