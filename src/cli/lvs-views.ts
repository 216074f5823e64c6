import type {
  LvsChecked,
  LvsConnection,
  LvsConnectionCount,
  LvsCounters,
  LvsInfo,
  LvsOrigin,
  LvsPersistence,
  LvsRealServer,
  LvsService,
  LvsSyncDaemon,
} from '../control/lvs-model.ts'
import {elapsedMs, formatDuration, formatTime} from '../core/format.ts'
import {aligned} from './aligned.ts'
import {COLUMN_SETS, isMissing, schedulerText, tunnelText} from './lvs-columns.ts'
import {serviceTree, sortedServices} from './lvs-tree.ts'
import {properties, table} from './table.ts'

type Property = readonly [string, string]

/** Everything about each of some services. */
export function serviceDetails(services: readonly LvsService[]): string {
  return sortedServices(services)
    .map(service => {
      const reals =
        service.realServers.length === 0 ? 'no real servers' : serviceTree([service], {columns: COLUMN_SETS.usual})
      return `${properties(serviceProperties(service))}\n\n${reals}`
    })
    .join('\n\n')
}

/** Everything about a real server of each of some services; `now` is ISO 8601. */
export function realDetails(services: readonly LvsService[], now: string): string {
  return sortedServices(services)
    .flatMap(service => service.realServers.map(real => properties(realProperties(service, real, now))))
    .join('\n\n')
}

/** Tracked connections, one a line. */
export function connectionTable(connections: readonly LvsConnection[]): string {
  if (connections.length === 0) return 'no connections'
  return aligned<LvsConnection>(
    [
      {head: 'CLIENT', cell: ({client, clientPort}) => endpoint(client, clientPort)},
      {head: 'PROTO', cell: ({protocol}) => protocol},
      {head: 'SERVICE', cell: ({virtual, virtualPort}) => endpoint(virtual, virtualPort)},
      {head: 'REAL SERVER', cell: ({real, realPort}) => endpoint(real, realPort)},
      {head: 'STATE', cell: ({state, engine}) => (engine === null ? state : `${state} (${engine})`)},
      {head: 'EXPIRES', cell: ({expiresInSeconds}) => `${expiresInSeconds} s`, right: true},
    ],
    connections,
  )
}

/** How many connections there are, a line for each real server of each service. */
export function connectionCounts(counts: readonly LvsConnectionCount[]): string {
  if (counts.length === 0) return 'no connections'
  return aligned<LvsConnectionCount>(
    [
      {head: 'SERVICE', cell: ({virtual, virtualPort}) => endpoint(virtual, virtualPort)},
      {head: 'PROTO', cell: ({protocol}) => protocol},
      {head: 'REAL SERVER', cell: ({real, realPort}) => endpoint(real, realPort)},
      {head: 'CONNECTIONS', cell: ({connections}) => String(connections), right: true},
      {head: 'STATES', cell: ({states}) => statesText(states)},
    ],
    counts,
  )
}

/** What IPVS is, and after how long it forgets connections. */
export function infoText({version, connectionTableSize, timeouts}: LvsInfo): string {
  return properties([
    ['tcp', `${timeouts.tcp} s`],
    ['tcpfin', `${timeouts.tcpFin} s`],
    ['udp', `${timeouts.udp} s`],
    ['IPVS', `version ${version}, a table of ${connectionTableSize} for connections`],
  ])
}

/** Synchronization daemons, one a line. */
export function daemonTable(daemons: readonly LvsSyncDaemon[]): string {
  if (daemons.length === 0) return 'no sync daemon runs'
  const orDefault = (value: string | number | null): string => (value === null ? '-' : String(value))
  return table<LvsSyncDaemon>(
    [
      {head: 'ROLE', cell: ({role}) => role},
      {head: 'INTERFACE', cell: daemon => daemon.interface, shrinks: true},
      {head: 'ID', cell: ({id}) => String(id)},
      {head: 'MAX LENGTH', cell: ({maxLength}) => orDefault(maxLength)},
      {head: 'GROUP', cell: ({group}) => orDefault(group), shrinks: true},
      {head: 'PORT', cell: ({port}) => orDefault(port)},
      {head: 'TTL', cell: ({ttl}) => orDefault(ttl)},
      {head: 'ORIGIN', cell: ({origin}) => origin},
    ],
    daemons,
  )
}

const ORIGINS: {readonly [origin in LvsOrigin]: string} = {
  configuration: 'the configuration',
  override: 'changed at run time',
  foreign: 'made by another program, and left alone',
  unknown: 'not known past the agent',
}

function serviceProperties(service: LvsService): readonly Property[] {
  return [
    ['service', service.name],
    ...(service.configured === null ? [] : [['configured', service.configured] as const]),
    ['origin', ORIGINS[service.origin]],
    ...(service.present ? [] : [['missing', 'wanted, but the kernel does not have it'] as const]),
    ...(service.drift === null ? [] : [['changed by others', service.drift] as const]),
    ['scheduler', schedulerText(service)],
    ['persistence', service.persistence === null ? 'none' : persistenceWords(service.persistence, service.family)],
    ['real servers', String(service.realServers.length)],
    ...counterProperties(service.counters),
  ]
}

function realProperties(service: LvsService, real: LvsRealServer, now: string): readonly Property[] {
  const {held} = real
  const since = held === null ? '' : `${formatTime(held.since)} (${ago(held.since, now)})`
  return [
    ['real server', real.name],
    ['service', service.name],
    ['origin', ORIGINS[real.origin]],
    ...(held === null
      ? []
      : ([
          [held.type, `since ${since}${held.reason === null ? '' : `: ${held.reason}`}`],
          ['when that ends', `weight ${held.weight}`],
        ] as const)),
    ...(real.checked === null ? [] : [['checks', checkedText(real.checked)] as const]),
    ...(isMissing(real) ? [['missing', 'wanted, but the kernel does not have it'] as const] : []),
    ...(real.drift === null ? [] : [['changed by others', real.drift] as const]),
    ['method', real.method],
    ...(real.tunnel === null ? [] : [['tunnel', tunnelText(real)] as const]),
    ['weight', real.weight === 0 ? '0: no new connections' : String(real.weight)],
    ['thresholds', thresholdText(real)],
    ['now', `${real.activeConnections} active, ${real.inactiveConnections} inactive connections`],
    ['clients kept', String(real.persistentConnections)],
    ...counterProperties(real.counters),
  ]
}

function checkedText({standing, isSorryServer}: LvsChecked): string {
  const what = isSorryServer ? 'sorry server, ' : ''
  if (standing === 'in') return `${what}in service`
  return `${what}${standing === 'out' ? 'not in the kernel' : 'with weight 0'}: hactl check show tells why`
}

const ago = (since: string, now: string): string => `${formatDuration(elapsedMs({from: since, to: now}))} ago`

function counterProperties(counters: LvsCounters): readonly Property[] {
  const {connections, packetsIn, packetsOut, bytesIn, bytesOut} = counters
  const {connectionRate, packetRateIn, packetRateOut, byteRateIn, byteRateOut} = counters
  return [
    ['connections', `${connections}, ${connectionRate}/s`],
    ['packets in', `${packetsIn}, ${packetRateIn}/s`],
    ['packets out', `${packetsOut}, ${packetRateOut}/s`],
    ['bytes in', `${bytesIn}, ${byteRateIn}/s`],
    ['bytes out', `${bytesOut}, ${byteRateOut}/s`],
  ]
}

function persistenceWords({timeoutSeconds, prefixLength, engine}: LvsPersistence, family: 4 | 6): string {
  const clients = prefixLength === (family === 4 ? 32 : 128) ? 'each client' : `clients of one /${prefixLength}`
  return `${timeoutSeconds} s, ${clients}${engine === null ? '' : `, by ${engine}`}`
}

function thresholdText({upperThreshold, lowerThreshold}: LvsRealServer): string {
  if (upperThreshold === 0) return 'none'
  const again = lowerThreshold === 0 ? 'three quarters of that' : String(lowerThreshold)
  return `no new connections above ${upperThreshold}, again below ${again}`
}

const endpoint = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

function statesText(states: LvsConnectionCount['states']): string {
  const counted = Object.entries(states).toSorted(([, a], [, b]) => b - a)
  return counted.map(([state, count]) => `${state} ${count}`).join(', ')
}
