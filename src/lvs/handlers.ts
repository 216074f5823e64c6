import type {LvsConnection, LvsConnectionCount, LvsService} from '../control/lvs-model.ts'
import type {InputOf, LvsHandlers, Observed} from '../control/routes.ts'
import {type IpAddress, parseIp} from '../core/ip.ts'
import type {ServiceId} from '../core/ipvs/model.ts'
import {parseDestinationName, serviceName} from '../core/ipvs/names.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'
import {HactlError} from '../errors.ts'
import {type ConnectionFilter, countConnections, listConnections} from './connections.ts'
import type {LvsKeeper} from './keeper.ts'
import {findDestination, findServices, type Whereabouts} from './lookup.ts'
import {type OrderQueue, orderQueue} from './order-queue.ts'
import {addReal, deleteReal, disableReal, drainReal, editReal, enableReal, undrainReal} from './real-orders.ts'
import {flush, restore} from './restore-orders.ts'
import {addService, deleteService, editService} from './service-orders.ts'
import {readDaemons, readInfo, setTimeouts, startSync, stopSync, zero} from './setting-orders.ts'
import {mapSituations, type Situation} from './situation.ts'
import {serviceView} from './views.ts'

/** Whom the calls are about. */
export interface LvsSources {
  /** The kernel's table; rejects with a HactlError where there is none. */
  readonly table: () => Promise<IpvsTable>
  /** Undefined: the kernel's table is all that is known. */
  readonly keeper: LvsKeeper | undefined
  /** Through which everything goes that changes the table; one of its own unless given. */
  readonly queue?: OrderQueue
}

/** Connections answered when the caller names no limit. */
const DEFAULT_CONNECTION_LIMIT = 1000

/** The calls that concern IPVS. What changes something runs one after the other, each of it wholly or not at all. */
export function makeLvsHandlers({table, keeper, queue = orderQueue()}: LvsSources): LvsHandlers {
  type Work<Input, Value> = (where: Whereabouts, input: Input) => Promise<Value>
  const observe = async <Value>(value: Promise<Value>): Promise<Observed<Value>> => {
    const seen = await value
    return {observedAt: new Date().toISOString(), value: seen}
  }
  const run = async <Input, Value>(work: Work<Input, Value>, input: Input): Promise<Value> =>
    work({table: await table(), keeper}, input)
  const read =
    <Input, Value>(work: Work<Input, Value>) =>
    (input: Input): Promise<Observed<Value>> =>
      observe(run(work, input))
  const write =
    <Input, Value>(work: Work<Input, Value>) =>
    (input: Input): Promise<Observed<Value>> =>
      observe(queue.run(() => run(work, input)))
  return {
    lvsInfo: read(readInfo),
    lvsServices: read(readServices),
    lvsConnections: read(readConnections),
    lvsConnectionCounts: read(readConnectionCounts),
    lvsSync: read(readDaemons),
    addService: write(addService),
    editService: write(editService),
    deleteService: write(deleteService),
    addReal: write(addReal),
    editReal: write(editReal),
    deleteReal: write(deleteReal),
    drainReal: write(drainReal),
    undrainReal: write(undrainReal),
    disableReal: write(disableReal),
    enableReal: write(enableReal),
    zeroLvs: write(zero),
    flushLvs: write(flush),
    setLvsTimeouts: write(setTimeouts),
    startSync: write(startSync),
    stopSync: write(stopSync),
    restoreLvs: write(restore),
  }
}

async function readServices(where: Whereabouts, {service}: InputOf<'lvsServices'>): Promise<readonly LvsService[]> {
  const {table, keeper} = where
  const each = (situation: Situation): LvsService | undefined =>
    serviceView(situation, keeper === undefined ? 'unknown' : 'foreign')
  const views =
    service === undefined
      ? await mapSituations(table, {wanted: keeper?.wanted() ?? [], each})
      : (await findServices(where, service)).map(each)
  return views.filter(view => view !== undefined)
}

async function readConnections(
  where: Whereabouts,
  {limit = DEFAULT_CONNECTION_LIMIT, ...input}: InputOf<'lvsConnections'>,
): Promise<readonly LvsConnection[]> {
  const filter = await filterOf(where, input)
  return listConnections(where.table.connections(), {filter, limit})
}

async function readConnectionCounts(
  where: Whereabouts,
  input: InputOf<'lvsConnectionCounts'>,
): Promise<readonly LvsConnectionCount[]> {
  return countConnections(where.table.connections(), await filterOf(where, input))
}

async function filterOf(
  where: Whereabouts,
  {service, real, client, state}: InputOf<'lvsConnectionCounts'>,
): Promise<ConnectionFilter> {
  const services = service === undefined ? undefined : (await findServices(where, service)).map(({id}) => byAddress(id))
  return {services, real: realOf(services, real), client: clientOf(client), state}
}

function byAddress(id: ServiceId): Extract<ServiceId, {readonly type: 'address'}> {
  if (id.type === 'address') return id
  const message = `the kernel does not tell which connections ${serviceName(id)} has`
  throw new HactlError('USAGE', message, 'ask for those of a real server or a client: leave the service out')
}

function realOf(services: readonly ServiceId[] | undefined, real: string | undefined): ConnectionFilter['real'] {
  if (real === undefined) return undefined
  const [only, ...others] = services ?? []
  if (only !== undefined && others.length === 0) return findDestination(only, real)
  // Of several services, each has its own port.
  const parsed = parseDestinationName(real, {defaultPort: 0})
  if (!parsed.ok) throw new HactlError('USAGE', parsed.message)
  return parsed.id
}

function clientOf(client: string | undefined): IpAddress | undefined {
  if (client === undefined) return undefined
  const parsed = parseIp(client)
  if (parsed.ok) return parsed.value
  throw new HactlError(
    'USAGE',
    `client ${JSON.stringify(client.slice(0, 80))} is not an address: 192.0.2.1 or 2001:db8::1`,
  )
}
