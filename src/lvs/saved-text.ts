import {compareEndpoints, compareServices, endpointKey, type ServicePlace} from '../core/ipvs/endpoint-order.ts'
import type {DestinationEntry, ServiceId} from '../core/ipvs/model.ts'
import {serviceFamily} from '../core/ipvs/names.ts'
import {printRulesText} from '../core/ipvs/rules-text.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'

/**
 * The rules of the kernel's table as `ipvsadm -S -n` prints them, in the order of ipvsadm(8). A service is written as
 * it is read, so that the real servers of a large table need not be there at once. Rejects as the table does.
 */
export async function savedTable(table: IpvsTable): Promise<string> {
  const written = await table.mapServices(({service, destinations}) => ({
    place: placeOf(service.id),
    text: printRulesText([{service, destinations: sorted(destinations)}]),
  }))
  return written
    .toSorted((a, b) => compareServices(a.place, b.place))
    .map(({text}) => text)
    .join('')
}

function placeOf(id: ServiceId): ServicePlace {
  const family = serviceFamily(id)
  if (id.type === 'fwmark') return {mark: id.mark, family, protocol: '', key: 0}
  return {mark: 0, family, protocol: id.protocol, key: endpointKey(id)}
}

function sorted(destinations: readonly DestinationEntry[]): readonly DestinationEntry[] {
  const keyed = destinations.map(entry => ({entry, key: endpointKey(entry)}))
  return keyed.sort((a, b) => compareEndpoints(a.key, b.key)).map(({entry}) => entry)
}
