import type {LvsCounters, LvsOrigin, LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {HactlError} from '../errors.ts'

/** What a column has: a text, a number that may be shortened, or nothing. */
export type LvsValue = string | number | null

/** A column of the list of services. */
export interface LvsColumn {
  readonly head: string
  readonly doc: string
  /** Numbers end where each other end. */
  readonly right?: boolean
  readonly service: (service: LvsService) => LvsValue
  readonly real: (real: LvsRealServer) => LvsValue
}

/** Every column of the list of services by its name. */
export const LVS_COLUMNS = {
  name: {head: 'SERVICE', doc: 'the service, and under it its real servers', service: s => s.name, real: r => r.name},
  method: {
    head: 'METHOD',
    doc: 'scheduler of a service, forwarding method of a real server',
    service: schedulerText,
    real: r => r.method,
  },
  weight: {head: 'WEIGHT', doc: 'share of a real server', right: true, service: () => null, real: r => r.weight},
  active: {
    head: 'ACTIVE',
    doc: 'connections that are established',
    right: true,
    service: s => sum(s, r => r.activeConnections),
    real: r => r.activeConnections,
  },
  inactive: {
    head: 'INACTIVE',
    doc: 'other connections, and all of UDP',
    right: true,
    service: s => sum(s, r => r.inactiveConnections),
    real: r => r.inactiveConnections,
  },
  state: {head: 'STATE', doc: 'held, missing, changed by others, not ours', service: serviceState, real: realState},
  persistence: {
    head: 'PERSISTENCE',
    doc: 'how long clients stay, and which are one',
    service: persistenceText,
    real: () => null,
  },
  clients: {
    head: 'CLIENTS',
    doc: 'clients that are kept to a real server',
    right: true,
    service: s => sum(s, r => r.persistentConnections),
    real: r => r.persistentConnections,
  },
  upper: {
    head: 'UPPER',
    doc: 'no new connections above so many; 0: no limit',
    right: true,
    service: () => null,
    real: r => r.upperThreshold,
  },
  lower: {
    head: 'LOWER',
    doc: 'new connections again below so many',
    right: true,
    service: () => null,
    real: r => r.lowerThreshold,
  },
  tunnel: {head: 'TUNNEL', doc: 'how packets are wrapped', service: () => null, real: tunnelText},
  origin: {head: 'ORIGIN', doc: 'who made it', service: s => s.origin, real: r => r.origin},
  configured: {
    head: 'CONFIGURED',
    doc: 'its name in the configuration',
    service: s => s.configured ?? '-',
    real: () => null,
  },
  connections: counter('CONNS', 'connections since it was zeroed', c => c.connections),
  'packets-in': counter('PKTS IN', 'packets to the real servers', c => c.packetsIn),
  'packets-out': counter('PKTS OUT', 'packets from them, seen with nat only', c => c.packetsOut),
  'bytes-in': counter('BYTES IN', 'bytes to the real servers', c => c.bytesIn),
  'bytes-out': counter('BYTES OUT', 'bytes from them, seen with nat only', c => c.bytesOut),
  'connection-rate': counter('CONNS/S', 'connections a second', c => c.connectionRate),
  'packet-rate-in': counter('PKTS/S IN', 'packets a second', c => c.packetRateIn),
  'packet-rate-out': counter('PKTS/S OUT', 'packets a second', c => c.packetRateOut),
  'byte-rate-in': counter('BYTES/S IN', 'bytes a second', c => c.byteRateIn),
  'byte-rate-out': counter('BYTES/S OUT', 'bytes a second', c => c.byteRateOut),
} as const satisfies {readonly [name: string]: LvsColumn}

export type LvsColumnName = keyof typeof LVS_COLUMNS

/** Columns that are shown together. */
export const COLUMN_SETS = {
  usual: ['name', 'method', 'weight', 'active', 'inactive', 'state'],
  stats: ['name', 'connections', 'packets-in', 'packets-out', 'bytes-in', 'bytes-out'],
  rate: ['name', 'connection-rate', 'packet-rate-in', 'packet-rate-out', 'byte-rate-in', 'byte-rate-out'],
  thresholds: ['name', 'weight', 'active', 'inactive', 'upper', 'lower', 'state'],
  persistent: ['name', 'weight', 'active', 'inactive', 'clients', 'persistence'],
} as const satisfies {readonly [name: string]: readonly LvsColumnName[]}

/** Reads the names of columns, with commas between them; the service is always the first. Throws USAGE. */
export function columnsNamed(flag: string, text: string): readonly LvsColumnName[] {
  const names = text.split(',').map(word => {
    const name = word.trim()
    if (isColumn(name)) return name
    const hint = `there is ${Object.keys(LVS_COLUMNS).join(', ')}`
    throw new HactlError('USAGE', `${flag}: "${name.slice(0, 80)}" is no column`, hint)
  })
  return [...new Set<LvsColumnName>(['name', ...names])]
}

/** How a service is held, missing or changed; "-": it is as it should be. */
export function serviceState({present, drift, origin}: LvsService): string {
  if (present && drift === null && isOrdinary(origin)) return ORDINARY
  return stateText([...whereFrom(origin), ...(present ? [] : ['missing']), ...drifted(drift)])
}

/** How a real server is held, missing or changed; "-": it is as it should be. */
export function realState(real: LvsRealServer): string {
  const {present, drift, origin, held, checked} = real
  if (present && drift === null && held === null && checked === null && isOrdinary(origin)) return ORDINARY
  const holding = held === null ? [] : [held.reason === null ? held.type : `${held.type} (${held.reason})`]
  const missing = isMissing(real) ? ['missing'] : []
  return stateText([...holding, ...checkedWords(checked), ...missing, ...drifted(drift), ...whereFrom(origin)])
}

/** True where the kernel should have a real server, and has not. */
export const isMissing = ({present, held, checked}: LvsRealServer): boolean =>
  !present && held?.type !== 'disabled' && checked?.standing !== 'out'

/** How it stands by its checks, where that is worth a word. */
function checkedWords(checked: LvsRealServer['checked']): readonly string[] {
  if (checked === null) return []
  const {standing, isSorryServer} = checked
  if (isSorryServer) return [standing === 'in' ? 'sorry server in use' : 'sorry server']
  return standing === 'in' ? [] : [standing]
}

/** The scheduler of a service and its flags: "sh (sh-fallback, sh-port)". */
export function schedulerText({scheduler, schedulerFlags, onePacket}: LvsService): string {
  const flags = [...schedulerFlags, ...(onePacket ? ['ops'] : [])]
  return flags.length === 0 ? scheduler : `${scheduler} (${flags.join(', ')})`
}

/** How clients of a service are kept together: "300 s /24 sip"; "-": they are not. */
export function persistenceText({persistence, family}: LvsService): string {
  if (persistence === null) return '-'
  const {timeoutSeconds, prefixLength, engine} = persistence
  const whole = prefixLength === (family === 4 ? 32 : 128)
  return [`${timeoutSeconds} s`, ...(whole ? [] : [`/${prefixLength}`]), ...(engine === null ? [] : [engine])].join(' ')
}

/** How packets to a real server are wrapped: "gue, port 6080, csum"; "-": they are not. */
export function tunnelText({tunnel}: LvsRealServer): string {
  if (tunnel === null) return '-'
  const {type, port, checksum} = tunnel
  return [type, ...(port === 0 ? [] : [`port ${port}`]), ...(checksum === 'nocsum' ? [] : [checksum])].join(', ')
}

const isColumn = (name: string): name is LvsColumnName => Object.hasOwn(LVS_COLUMNS, name)

function counter(head: string, doc: string, value: (counters: LvsCounters) => number): LvsColumn {
  return {head, doc, right: true, service: ({counters}) => value(counters), real: ({counters}) => value(counters)}
}

function sum({realServers}: LvsService, value: (real: LvsRealServer) => number): number {
  return realServers.reduce((total, real) => total + value(real), 0)
}

/** What the configuration made needs no word; who made what is read past the agent is not known. */
const isOrdinary = (origin: LvsOrigin): boolean => origin !== 'foreign' && origin !== 'override'

const whereFrom = (origin: LvsOrigin): readonly string[] => (isOrdinary(origin) ? [] : [origin])

const drifted = (drift: string | null): readonly string[] => (drift === null ? [] : [`changed by others: ${drift}`])
const stateText = (parts: readonly string[]): string => (parts.length === 0 ? ORDINARY : parts.join(', '))
/** There is nothing to say. */
const ORDINARY = '-'
