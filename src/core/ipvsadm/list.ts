import {ipFamily} from '../ip.ts'
import type {
  Counters,
  DestinationEntry,
  ForwardingMethod,
  IpvsConnection,
  IpvsInfo,
  IpvsProtocol,
  IpvsTimeouts,
  Service,
  ServiceEntry,
  SyncDaemon,
} from '../ipvs/model.ts'
import {addressPortText, addressText, type NameReverse} from './addresses.ts'
import type {ListView} from './command.ts'
import {flagsText, signedMark, unusualNetmask} from './save.ts'

/** The line that `ipvsadm -L` begins with where it lists every service. */
export const infoLine = ({version, connectionTableSize}: IpvsInfo): string =>
  `IP Virtual Server version ${version} (size=${connectionTableSize})\n`

/** The two lines over a list of services. */
export function listHeading({columns}: Pick<ListView, 'columns'>): string {
  return HEADINGS[columns]
}

/** A service and its destinations, a line each, as `ipvsadm -L` prints them. */
export function listedService(entry: ServiceEntry, view: ListView, names: NameReverse): string {
  const {service, destinations} = entry
  const title = serviceTitle(service, view, names)
  const counts = countsOf(view)
  const first = counts
    ? `${title.padEnd(33)}${counts(entry.counters).map(numberWriter(view)).join('')}`
    : `${title}${serviceSettings(service)}`
  const lines = destinations.map(destination => {
    const columns = counts
      ? counts(destination.counters).map(numberWriter(view)).join('')
      : ` ${destinationColumns(destination, view.columns)}`
    const protocol = service.id.type === 'address' ? service.id.protocol : undefined
    return `  -> ${nameText(destination, {protocol, view, names}).padEnd(28)}${columns}\n`
  })
  return `${first}\n${lines.join('')}`
}

/** The line that `ipvsadm -L --timeout` prints. */
export const timeoutsLine = ({tcpSeconds, tcpFinSeconds, udpSeconds}: IpvsTimeouts): string =>
  `Timeout (tcp tcpfin udp): ${tcpSeconds} ${tcpFinSeconds} ${udpSeconds}\n`

/** One line of `ipvsadm -L --daemon`. */
export function daemonLine({role, interface: device, syncId, maxLengthBytes, group, port, ttl}: SyncDaemon): string {
  const more = [
    maxLengthBytes === undefined ? '' : `, maxlen=${maxLengthBytes}`,
    group === undefined ? '' : `, group=${addressText(group)}`,
    port === undefined ? '' : `, port=${port}`,
    ttl === undefined ? '' : `, ttl=${ttl}`,
  ]
  return `${role} sync daemon (mcast=${device}, syncid=${syncId}${more.join('')})\n`
}

/** The two lines over a list of connections. */
export function connectionHeading(engines: boolean): string {
  const columns = ['state'.padEnd(11), 'source'.padEnd(18), 'virtual'.padEnd(18)]
  const more = engines ? ['destination'.padEnd(18), 'pe name'.padEnd(16), 'pe_data'] : ['destination']
  return `IPVS connection entries\npro expire ${[...columns, ...more].join(' ')}\n`
}

/** One line of `ipvsadm -L -c`. */
export function connectionLine(connection: IpvsConnection, engines: boolean, names: NameReverse): string {
  const {protocol, state, expiresInSeconds: seconds, engine} = connection
  const text = (address: IpvsConnection['client'], port: number): string =>
    addressPortText({address, port}, PORT_PROTOCOLS.get(protocol), names)
  const expires = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
  const columns = [
    protocol.padEnd(3),
    expires.padEnd(6),
    state.padEnd(11),
    text(connection.client, connection.clientPort).padEnd(18),
    text(connection.virtual, connection.virtualPort).padEnd(18),
  ]
  const real = text(connection.real, connection.realPort)
  const [name = '', data] = engine?.trim().split(/\s+/) ?? []
  const more = engines && data !== undefined ? [real.padEnd(16), name.padEnd(18), data] : [real]
  return `${[...columns, ...more].join(' ')}\n`
}

/** A number in at least eight columns; one of more than eight digits is cut down to K, M, G or T unless `exact`. */
export function countText(count: bigint, exact: boolean): string {
  if (exact) return ` ${String(count).padStart(8)}`
  if (count < 100_000_000n) return String(count).padStart(9)
  for (const [below, unit, divisor] of SCALES) {
    if (count < below) return `${String(count / divisor).padStart(8)}${unit}`
  }
  return `${String(count / 1_000_000_000_000n).padStart(8)}T`
}

/** Below what a count is written in which unit. */
const SCALES = [
  [1_000_000_000n, 'K', 1_000n],
  [100_000_000_000n, 'M', 1_000_000n],
  [100_000_000_000_000n, 'G', 1_000_000_000n],
] as const

const two = (value: number): string => String(value).padStart(2, '0')

const PORT_PROTOCOLS: ReadonlyMap<string, IpvsProtocol> = new Map([
  ['TCP', 'tcp'],
  ['UDP', 'udp'],
])

const HEADINGS: {readonly [columns in ListView['columns']]: string} = {
  plain: heading('Prot LocalAddress:Port Scheduler Flags', '           Forward Weight ActiveConn InActConn'),
  tunnel: heading(
    'Prot LocalAddress:Port Scheduler Flags',
    '           Forward TunnelInfo    Weight ActiveConn InActConn',
  ),
  stats: columnHeading(['   Conns', '  InPkts', ' OutPkts', ' InBytes', 'OutBytes']),
  rate: columnHeading(['     CPS', '   InPPS', '  OutPPS', '   InBPS', '  OutBPS']),
  thresholds: columnHeading(['Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn ']),
  persistent: columnHeading(['Weight   ', 'PersistConn', 'ActiveConn', 'InActConn ']),
}

function heading(services: string, destinations: string): string {
  return `${services}\n  -> RemoteAddress:Port${destinations}\n`
}

function columnHeading(columns: readonly string[]): string {
  return heading(['Prot LocalAddress:Port'.padEnd(33), ...columns].join(' '), '')
}

function serviceTitle({id}: Service, view: ListView, names: NameReverse): string {
  if (id.type === 'fwmark') return `FWM  ${signedMark(id.mark)}${id.family === 6 ? ' IPv6' : ''}`
  return `${id.protocol.toUpperCase().padEnd(4)} ${nameText(id, {protocol: id.protocol, view, names})}`
}

/** Names are cut off, unless they are those of IPv6. */
function nameText(
  of: {readonly address: DestinationEntry['address']; readonly port: number},
  {
    protocol,
    view,
    names,
  }: {readonly protocol: IpvsProtocol | undefined; readonly view: ListView; readonly names: NameReverse},
): string {
  const text = addressPortText(of, protocol, names)
  return view.numeric || ipFamily(of.address) === 6 ? text : text.slice(0, 28)
}

function serviceSettings(service: Service): string {
  const {scheduler, persistence, onePacket} = service
  const flags = flagsText(service, false)
  const netmask = unusualNetmask(service)
  return [
    ` ${scheduler}`,
    flags === undefined ? '' : ` (${flags})`,
    persistence === undefined ? '' : ` persistent ${persistence.timeoutSeconds}`,
    netmask === undefined ? '' : ` mask ${netmask}`,
    persistence?.engine === undefined ? '' : ` pe ${persistence.engine}`,
    onePacket ? ' ops' : '',
  ].join('')
}

/** The numbers of a list that has nothing else. */
function countsOf({columns}: ListView): ((counters: Counters) => readonly bigint[]) | undefined {
  if (columns === 'stats') return c => [c.connections, c.packetsIn, c.packetsOut, c.bytesIn, c.bytesOut]
  if (columns === 'rate') return c => [c.connectionRate, c.packetRateIn, c.packetRateOut, c.byteRateIn, c.byteRateOut]
  return undefined
}

const numberWriter =
  ({exact}: ListView) =>
  (count: bigint): string =>
    countText(count, exact)

const METHODS: {readonly [method in ForwardingMethod]: string} = {
  nat: 'Masq',
  local: 'Local',
  tun: 'Tunnel',
  dr: 'Route',
  bypass: 'Bypass',
}

function destinationColumns(destination: DestinationEntry, columns: ListView['columns']): string {
  const {method, weight, upperThreshold, lowerThreshold, persistentConnections} = destination
  const connections = [left(destination.activeConnections, 10), left(destination.inactiveConnections, 10)]
  const forward = METHODS[method].padEnd(7)
  switch (columns) {
    case 'thresholds':
      return [left(upperThreshold, 10), left(lowerThreshold, 10), ...connections].join(' ')
    case 'persistent':
      return [left(weight, 9), left(persistentConnections, 11), ...connections].join(' ')
    case 'tunnel':
      return [forward, tunnelText(destination).padEnd(13), left(weight, 6), ...connections].join(' ')
    default:
      return [forward, left(weight, 6), ...connections].join(' ')
  }
}

const left = (value: number, width: number): string => String(value).padEnd(width)

const CHECKSUMS = {nocsum: '-c', csum: '+c', remcsum: 'r+c'} as const

function tunnelText({method, tunnel: {type, port, checksum}}: DestinationEntry): string {
  if (method !== 'tun') return 'n/a'
  if (type === 'ipip') return 'ipip'
  return [type, ...(type === 'gue' ? [port] : []), CHECKSUMS[checksum]].join(':')
}
