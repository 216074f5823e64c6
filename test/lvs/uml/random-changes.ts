import type {IpvsChange} from '../../../src/core/ipvs/model.ts'
import {destinationName, serviceName} from '../../../src/core/ipvs/names.ts'
import {oneOf, realOf, serviceOf, under} from '../../core/ipvs/generate.ts'

/** Changes of which many fail, and what has to come of each when they are made one after the other. */
export function randomChanges(
  random: () => number,
  count: number,
): {readonly changes: readonly IpvsChange[]; readonly expectedResults: readonly string[]} {
  const there = new Map<string, Set<string>>()
  const changes: IpvsChange[] = []
  const expectedResults: string[] = []
  for (let n = 0; n < count; n++) {
    const change = randomChange(random)
    changes.push(change)
    expectedResults.push(expected(there, change))
  }
  return {changes, expectedResults}
}

function randomChange(random: () => number): IpvsChange {
  // For each one that it does not know the kernel starts modprobe, and waits for it within the send.
  const scheduler = under(random, 12) === 0 ? 'none-such' : oneOf(random, ['rr', 'wrr'])
  const service = serviceOf(`10.9.0.${under(random, 6)}:80/tcp`, {scheduler})
  const destination = realOf(`10.8.0.${under(random, 6)}`, 80, {weight: oneOf(random, [0, 1, 1, 1, -1])})
  const type = oneOf(random, TYPES)
  if (type === 'add-service' || type === 'edit-service') return {type, service}
  return type === 'delete-service' ? {type, id: service.id} : {type, id: service.id, destination}
}

/** Services are deleted seldom, so that something is there. */
const TYPES: readonly IpvsChange['type'][] = [
  ...(['add-service', 'add-service', 'edit-service', 'edit-service', 'delete-service'] as const),
  ...(['add-destination', 'add-destination', 'add-destination', 'add-destination'] as const),
  ...(['edit-destination', 'edit-destination', 'delete-destination', 'delete-destination'] as const),
]

/** What net/netfilter/ipvs/ip_vs_ctl.c of Linux 6.1 answers, in the order in which it looks. */
function expected(there: Map<string, Set<string>>, change: IpvsChange): string {
  const name = serviceName('service' in change ? change.service.id : change.id)
  const destinations = there.get(name)
  if (change.type === 'add-service' || change.type === 'edit-service') {
    if (change.type === 'edit-service' && destinations === undefined) return 'ESRCH'
    if (change.type === 'add-service' && destinations !== undefined) return 'EEXIST'
    if (change.service.scheduler === 'none-such') return 'ENOENT'
    if (destinations === undefined) there.set(name, new Set())
    return 'ok'
  }
  if (destinations === undefined) return 'ESRCH'
  if (change.type === 'delete-service') {
    there.delete(name)
    return 'ok'
  }
  const real = destinationName(change.destination)
  const isWrong = 'weight' in change.destination && change.destination.weight < 0
  if (change.type !== 'delete-destination' && isWrong) return 'ERANGE'
  if (change.type === 'add-destination') {
    if (destinations.has(real)) return 'EEXIST'
    destinations.add(real)
    return 'ok'
  }
  if (!destinations.has(real)) return 'ENOENT'
  if (change.type === 'delete-destination') destinations.delete(real)
  return 'ok'
}
