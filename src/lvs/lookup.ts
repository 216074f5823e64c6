import type {DestinationId, ServiceId} from '../core/ipvs/model.ts'
import {type AnyProtocol, PROTOCOLS, parseDestinationName, parseServiceName, serviceName} from '../core/ipvs/names.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'
import {HactlError} from '../errors.ts'
import type {LvsKeeper} from './keeper.ts'
import {type Situation, situationsOf} from './situation.ts'

/** Where names are looked up. */
export interface Whereabouts {
  readonly table: IpvsTable
  readonly keeper: LvsKeeper | undefined
}

/**
 * The services that a name means: one by its address or mark, or those of a name in the configuration. There is at
 * least one of them, here or wanted. Throws `HactlError`: USAGE, NOT_FOUND.
 */
export async function findServices(where: Whereabouts, name: string | undefined): Promise<readonly Situation[]> {
  const {id, configured = []} = meaningOf(where, name)
  const situations = await read(where, id === undefined ? configured : candidates(id))
  const found = situations.filter(({actual, wanted}) => actual !== undefined || wanted !== undefined)
  if (found.length === 0) {
    const message = `there is no service ${situations.length === 1 ? nameOf(situations) : name}`
    throw new HactlError('NOT_FOUND', message, 'see them with: hactl lvs list')
  }
  if (id !== undefined && found.length > 1) {
    throw new HactlError('USAGE', `${name} is several services: name one of ${found.map(nameOfOne).join(', ')}`)
  }
  return found
}

/** The service to be made under this name; TCP where no protocol is given. Throws `HactlError`: USAGE, REFUSED. */
export async function findNewService(where: Whereabouts, name: string | undefined): Promise<Situation> {
  const {id: meant, configured = []} = meaningOf(where, name)
  if (meant === undefined) {
    const message = `there is ${name} already, in the configuration: ${configured.map(serviceName).join(', ')}`
    throw new HactlError('REFUSED', message, 'change it: hactl lvs edit-service')
  }
  const id: ServiceId = meant.type === 'any-protocol' ? {...meant, type: 'address', protocol: 'tcp'} : meant
  const [situation] = await read(where, [id])
  return situation ?? {id, actual: undefined, wanted: undefined}
}

/** The real server of a service that a name means; without a port it has that of the service. Throws USAGE. */
export function findDestination(id: ServiceId, name: string | undefined): DestinationId {
  if (name === undefined || name === '') throw new HactlError('USAGE', `real is missing: ${REAL_FORMS}`)
  const parsed = parseDestinationName(name, {defaultPort: id.type === 'address' ? id.port : 0})
  if (!parsed.ok) throw new HactlError('USAGE', parsed.message)
  return parsed.id
}

const SERVICE_FORMS = 'ADDRESS:PORT/PROTOCOL, fwm/MARK, fwm6/MARK, or the name from the configuration'
const REAL_FORMS = 'ADDRESS:PORT of the real server'

/** One service by its own name, or those that the configuration calls so, at least one. */
type Meaning =
  | {readonly id: ServiceId | AnyProtocol; readonly configured?: undefined}
  | {readonly id?: undefined; readonly configured: readonly ServiceId[]}

function meaningOf({keeper}: Whereabouts, name: string | undefined): Meaning {
  if (name === undefined || name.trim() === '') throw new HactlError('USAGE', `service is missing: ${SERVICE_FORMS}`)
  const parsed = parseServiceName(name.trim())
  if (parsed.ok) return {id: parsed.id}
  if (!parsed.maybeConfigured) throw new HactlError('USAGE', parsed.message)
  const words = oneLine(name)
  const ids = (keeper?.wanted() ?? [])
    .filter(({configured}) => configured !== undefined && oneLine(configured) === words)
    .map(({service}) => service.id)
  if (ids.length > 0) return {configured: ids}
  if (keeper === undefined) {
    throw new HactlError('USAGE', parsed.message, 'names from the configuration are known to the agent alone')
  }
  // Whoever writes words means a name; what has none of its forms is no name of anything.
  if (/\s/.test(words)) throw new HactlError('NOT_FOUND', `the configuration has no virtual server ${quoted(words)}`)
  throw new HactlError('USAGE', parsed.message)
}

function candidates(id: ServiceId | AnyProtocol): readonly ServiceId[] {
  if (id.type !== 'any-protocol') return [id]
  const {address, port} = id
  return PROTOCOLS.map(protocol => ({type: 'address', protocol, address, port}))
}

const read = ({table, keeper}: Whereabouts, ids: readonly ServiceId[]): Promise<readonly Situation[]> =>
  situationsOf(table, {ids, wanted: keeper?.wanted() ?? []})

const nameOfOne = ({id}: Situation): string => serviceName(id)
const nameOf = (situations: readonly Situation[]): string => situations.map(nameOfOne).join(', ')
const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ')
const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
