import type {LvsConnection, LvsConnectionCount} from '../control/lvs-model.ts'
import type {IpAddress} from '../core/ip.ts'
import type {IpvsConnection, ServiceId} from '../core/ipvs/model.ts'
import {HactlError} from '../errors.ts'

/** Which connections are asked for; what is undefined excludes none. */
export interface ConnectionFilter {
  /** Services by address of which it must be one. */
  readonly services: readonly Extract<ServiceId, {readonly type: 'address'}>[] | undefined
  /** Port 0 or undefined: any. */
  readonly real: {readonly address: IpAddress; readonly port: number | undefined} | undefined
  readonly client: IpAddress | undefined
  readonly state: string | undefined
}

/** The first connections that the filter lets through; the rest is not read. */
export async function listConnections(
  connections: AsyncIterable<IpvsConnection>,
  {filter, limit}: {readonly filter: ConnectionFilter; readonly limit: number},
): Promise<readonly LvsConnection[]> {
  const found: LvsConnection[] = []
  const isWanted = matcher(filter)
  for await (const connection of connections) {
    if (!isWanted(connection)) continue
    found.push({...connection, engine: connection.engine ?? null})
    if (found.length >= limit) break
  }
  return found
}

/** Pairs of a service and a real server that are counted; a table of IPVS has hardly more. */
const MAX_COUNTS = 100_000

/** How many connections that the filter lets through each real server of each service has, most of them first. */
export async function countConnections(
  connections: AsyncIterable<IpvsConnection>,
  filter: ConnectionFilter,
): Promise<readonly LvsConnectionCount[]> {
  const counts = new Map<string, {count: number; first: IpvsConnection; states: Map<string, number>}>()
  const isWanted = matcher(filter)
  for await (const connection of connections) {
    if (!isWanted(connection)) continue
    const {protocol, virtual, virtualPort, real, realPort, state} = connection
    const key = `${protocol} ${virtual} ${virtualPort} ${real} ${realPort}`
    let entry = counts.get(key)
    if (entry === undefined) {
      if (counts.size >= MAX_COUNTS) {
        const message = `these are connections of more than ${MAX_COUNTS} real servers`
        throw new HactlError('REFUSED', message, 'ask for one service or one client')
      }
      entry = {count: 0, first: connection, states: new Map()}
      counts.set(key, entry)
    }
    entry.count++
    entry.states.set(state, (entry.states.get(state) ?? 0) + 1)
  }
  return [...counts.values()]
    .sort((a, b) => b.count - a.count)
    .map(({count, first: {protocol, virtual, virtualPort, real, realPort}, states}) => ({
      protocol,
      virtual,
      virtualPort,
      real,
      realPort,
      connections: count,
      states: Object.fromEntries(states),
    }))
}

/** Built once, since a table may have millions of connections. */
function matcher({services, real, client, state}: ConnectionFilter): (connection: IpvsConnection) => boolean {
  const virtuals = services && new Set(services.map(id => `${id.protocol.toUpperCase()} ${id.address} ${id.port}`))
  const wantedState = state?.toUpperCase()
  const isOfService = ({protocol, virtual, virtualPort}: IpvsConnection): boolean =>
    virtuals === undefined ||
    virtuals.has(`${protocol} ${virtual} ${virtualPort}`) ||
    // A persistent service of port 0 has connections to every port.
    virtuals.has(`${protocol} ${virtual} 0`)
  return connection =>
    (client === undefined || connection.client === client) &&
    (wantedState === undefined || connection.state === wantedState) &&
    (real === undefined || (connection.real === real.address && (!real.port || connection.realPort === real.port))) &&
    isOfService(connection)
}
