import {diffRules, removeAll} from '../../core/ipvs/diff.ts'
import type {IpvsChange, ServiceEntry, ServiceRules} from '../../core/ipvs/model.ts'
import {parseServiceName, serviceKey} from '../../core/ipvs/names.ts'
import type {IpvsTable} from '../../core/ipvs/table.ts'
import {changeRefused} from '../../lvs/kernel-failure.ts'
import type {Names} from './lvs-keeper.ts'

/** What became of the services in the kernel. */
export interface ServicesMade {
  /** "3 services and 12 real servers added, 1 changed"; undefined: nothing was done. */
  readonly text: string | undefined
  /** What the kernel refused, in words. */
  readonly problems: readonly string[]
  /** The names of the services that are not as they are to be. */
  readonly failed: ReadonlySet<string>
}

/** What the kernel is to have, and how far that goes. */
export interface Aim {
  readonly wanted: readonly ServiceRules[]
  /** What may be removed where it is not wanted. */
  readonly owned: Names
  /** Only these services, by name; undefined: all. */
  readonly only?: ReadonlySet<string> | undefined
}

/** So many changes go to the kernel before anything else gets its turn. */
const MAX_CHANGES_AT_ONCE = 1_000

/** Makes the kernel's services those that are wanted, by the least changes; what is refused stops nothing else. */
export async function makeServices(table: IpvsTable, {wanted, owned, only}: Aim): Promise<ServicesMade> {
  const concerned = ({service}: ServiceRules): boolean => only === undefined || only.has(serviceKey(service.id))
  const changes = diffRules({
    wanted: only === undefined ? wanted : wanted.filter(concerned),
    actual: only === undefined ? await table.services() : await entriesNamed(table, only),
    mayRemove: (service, destination = service) => owned.get(service)?.has(destination) === true,
  })
  return makeChanges(table, changes)
}

/**
 * Makes services that are in the kernel as `before` what is wanted, without reading them: where one is not so any more,
 * it fails as a rule.
 */
export function changeServices(
  table: IpvsTable,
  {before, wanted}: {readonly before: readonly ServiceRules[]; readonly wanted: readonly ServiceRules[]},
): Promise<ServicesMade> {
  return makeChanges(table, diffRules({wanted, actual: before, mayRemove: removeAll}))
}

async function makeChanges(table: IpvsTable, changes: readonly IpvsChange[]): Promise<ServicesMade> {
  const counts = new Map<string, number>()
  const problems: string[] = []
  const failed = new Set<string>()
  for (let at = 0; at < changes.length; at += MAX_CHANGES_AT_ONCE) {
    const some = changes.slice(at, at + MAX_CHANGES_AT_ONCE)
    const results = await table.change(some)
    for (const [i, change] of some.entries()) {
      const result = results[i] ?? {ok: false, reason: 'EIO'}
      if (result.ok) {
        counts.set(change.type, (counts.get(change.type) ?? 0) + 1)
        continue
      }
      const name = serviceKey(serviceOf(change))
      // Its real servers fail because it does.
      if (!failed.has(name)) problems.push(changeRefused(change, result).text)
      failed.add(name)
    }
  }
  return {text: countsText(counts), problems, failed}
}

/** So many services are read at a time where not the whole table is. */
const READ_AT_ONCE = 16
/** More of them than this, and the whole table is read. */
const READ_ONE_BY_ONE = 128

/** These services as the kernel has them: to read some takes no longer where there are many others. */
async function entriesNamed(table: IpvsTable, names: ReadonlySet<string>): Promise<readonly ServiceEntry[]> {
  if (names.size > READ_ONE_BY_ONE) {
    return (await table.services()).filter(({service}) => names.has(serviceKey(service.id)))
  }
  const ids = [...names].flatMap(name => {
    const parsed = parseServiceName(name)
    return parsed.ok && parsed.id.type !== 'any-protocol' ? [parsed.id] : []
  })
  const entries: ServiceEntry[] = []
  for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
    const some = await Promise.all(ids.slice(at, at + READ_AT_ONCE).map(id => table.service(id)))
    entries.push(...some.flatMap(entry => entry ?? []))
  }
  return entries
}

const serviceOf = (change: IpvsChange): ServiceRules['service']['id'] =>
  'service' in change ? change.service.id : change.id

const VERBS = [
  ['add', 'added'],
  ['edit', 'changed'],
  ['delete', 'removed'],
] as const

function countsText(counts: ReadonlyMap<string, number>): string | undefined {
  const parts = VERBS.flatMap(([verb, past]) => {
    const services = plural(counts.get(`${verb}-service`) ?? 0, 'service')
    const destinations = plural(counts.get(`${verb}-destination`) ?? 0, 'real server')
    const what = [...services, ...destinations].join(' and ')
    return what === '' ? [] : [`${what} ${past}`]
  })
  return parts.length === 0 ? undefined : parts.join(', ')
}

const plural = (count: number, noun: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`]
