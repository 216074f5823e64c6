import type {Destination, Service, ServiceEntry, ServiceId, ServiceRules} from '../core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../core/ipvs/names.ts'
import {destinationInTable} from '../core/ipvs/overrides.ts'
import {plainDestination} from '../core/ipvs/rules.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'
import type {DestinationHold, WantedService} from '../core/ipvs/wanted.ts'

/** One service as the kernel has it and as it is wanted; both undefined: there is none. */
export interface Situation {
  readonly id: ServiceId
  readonly actual: ServiceEntry | undefined
  readonly wanted: WantedService | undefined
}

/** The rules of a service as they are when nobody holds a real server and all of them are well, by `destinationKey`. */
export interface Rules {
  readonly service: Service
  readonly destinations: ReadonlyMap<string, Destination>
  readonly holds: ReadonlyMap<string, DestinationHold>
  /** What checks say of real servers, of those too that are not there yet, by `destinationKey`; undefined: nothing. */
  readonly checked: WantedService['checked']
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
  return ids.map(id => {
    const key = serviceKey(id)
    return {id, actual: entries.get(key), wanted: wantedOf.get(key)}
  })
}

/** Every service that the kernel has or that is wanted, those of the kernel first and in its order. */
export const everySituation = (table: IpvsTable, wanted: readonly WantedService[]): Promise<readonly Situation[]> =>
  mapSituations(table, {wanted, each: situation => situation})

/** What becomes of each of them as it is read. */
export async function mapSituations<Value>(
  table: IpvsTable,
  {wanted, each}: {readonly wanted: readonly WantedService[]; readonly each: (situation: Situation) => Value},
): Promise<readonly Value[]> {
  const wantedOf = byService(wanted)
  const there = await table.mapServices(actual => {
    const {id} = actual.service
    const key = serviceKey(id)
    return {key, value: each({id, actual, wanted: wantedOf.get(key)})}
  })
  const keys = new Set(there.map(({key}) => key))
  const missing = wanted.filter(({service}) => !keys.has(serviceKey(service.id)))
  return [
    ...there.map(({value}) => value),
    ...missing.map(one => each({id: one.service.id, actual: undefined, wanted: one})),
  ]
}

/** The entries of these services in the kernel, by `serviceKey`. */
export async function entriesOf(
  table: IpvsTable,
  ids: readonly ServiceId[],
): Promise<ReadonlyMap<string, ServiceEntry>> {
  const entries =
    ids.length > FEW ? await entriesAmong(table, ids) : await Promise.all(ids.map(id => table.service(id)))
  return new Map(entries.flatMap(entry => (entry === undefined ? [] : [[serviceKey(entry.service.id), entry]])))
}

async function entriesAmong(table: IpvsTable, ids: readonly ServiceId[]): Promise<readonly ServiceEntry[]> {
  const all = await table.services()
  if (all.length === 0) return all
  const asked = new Set(ids.map(serviceKey))
  return all.filter(({service}) => asked.has(serviceKey(service.id)))
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
  return {service, destinations, holds, checked: wanted?.checked}
}

/** What the kernel should have by such rules. */
export function effective({service, destinations, holds, checked}: Rules): ServiceRules {
  const inTable: Destination[] = []
  for (const [key, destination] of destinations) {
    const there = destinationInTable({destination, hold: holds.get(key), checked: checked?.get(key)})
    if (there !== undefined) inTable.push(there)
  }
  return {service, destinations: inTable}
}

/** The rules of a service in the kernel, without what it counted. */
export function rulesOfEntry({service, destinations}: ServiceEntry): ServiceRules {
  return {service, destinations: destinations.map(plainDestination)}
}
