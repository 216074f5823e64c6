import type {
  LvsChangeReply,
  LvsConnection,
  LvsConnectionCount,
  LvsCounters,
  LvsRealServer,
  LvsService,
  LvsSyncDaemon,
} from '../src/control/lvs-model.ts'
import type {LvsHandlers, Observed} from '../src/control/routes.ts'
import {HactlError} from '../src/errors.ts'

const OBSERVED_AT = '2026-01-31T08:05:09.123Z'
const seen = <Value>(value: Value): Observed<Value> => ({observedAt: OBSERVED_AT, value})

/** What IPVS counted, all of it different from each other. */
export function fakeCounters(fields: Partial<LvsCounters> = {}): LvsCounters {
  return {
    connections: 12_345,
    packetsIn: 678_901,
    packetsOut: 0,
    bytesIn: 987_654_321,
    bytesOut: 0,
    connectionRate: 12,
    packetRateIn: 340,
    packetRateOut: 0,
    byteRateIn: 56_789,
    byteRateOut: 0,
    ...fields,
  }
}

/** One real server as an agent reports it: up, by DR, as the configuration has it. */
export function fakeReal(fields: Partial<LvsRealServer> = {}): LvsRealServer {
  return {
    name: '10.0.0.1:80',
    address: '10.0.0.1',
    port: 80,
    origin: 'configuration',
    method: 'dr',
    weight: 3,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: null,
    activeConnections: 12,
    inactiveConnections: 40,
    persistentConnections: 2,
    present: true,
    drift: null,
    held: null,
    checked: null,
    counters: fakeCounters(),
    ...fields,
  }
}

/** One service as an agent reports it: with a real server that is up, and one that is drained. */
export function fakeService(fields: Partial<LvsService> = {}): LvsService {
  return {
    name: '192.0.2.1:80/tcp',
    configured: 'group web',
    origin: 'configuration',
    protocol: 'tcp',
    address: '192.0.2.1',
    port: 80,
    mark: null,
    family: 4,
    scheduler: 'wrr',
    schedulerFlags: [],
    onePacket: false,
    persistence: {timeoutSeconds: 300, prefixLength: 24, engine: null},
    present: true,
    drift: null,
    counters: fakeCounters({connections: 24_690}),
    realServers: [
      fakeReal(),
      fakeReal({
        name: '10.0.0.2:80',
        address: '10.0.0.2',
        weight: 0,
        activeConnections: 5,
        held: {type: 'drained', since: '2026-01-31T08:02:07.000Z', reason: 'kernel update', weight: 3},
      }),
    ],
    ...fields,
  }
}

/** A service by a mark that ipvsadm made, and one of IPv6 that differs from what is wanted. */
export const otherServices = (): readonly LvsService[] => [
  fakeService({
    name: 'fwm/5',
    configured: null,
    origin: 'foreign',
    protocol: null,
    address: null,
    port: null,
    mark: 5,
    scheduler: 'sh',
    schedulerFlags: ['sh-fallback', 'sh-port'],
    persistence: null,
    realServers: [
      fakeReal({
        name: '10.0.0.9:0',
        address: '10.0.0.9',
        port: 0,
        origin: 'foreign',
        method: 'tun',
        tunnel: {type: 'gue', port: 6080, checksum: 'csum'},
        upperThreshold: 1_000,
        lowerThreshold: 500,
      }),
    ],
  }),
  fakeService({
    name: '[2001:db8::1]:53/udp',
    configured: '2001:db8::1 53',
    protocol: 'udp',
    address: '2001:db8::1',
    port: 53,
    family: 6,
    scheduler: 'rr',
    onePacket: true,
    persistence: null,
    drift: 'scheduler rr in place of wrr',
    realServers: [
      fakeReal({
        name: '[2001:db8::a]:53',
        address: '2001:db8::a',
        port: 53,
        method: 'nat',
        activeConnections: 0,
        inactiveConnections: 0,
        present: false,
      }),
    ],
  }),
]

/** A tracked connection. */
export function fakeConnection(fields: Partial<LvsConnection> = {}): LvsConnection {
  return {
    protocol: 'TCP',
    client: '198.51.100.7',
    clientPort: 40_112,
    virtual: '192.0.2.1',
    virtualPort: 80,
    real: '10.0.0.1',
    realPort: 80,
    state: 'ESTABLISHED',
    expiresInSeconds: 899,
    engine: null,
    ...fields,
  }
}

const COUNT: LvsConnectionCount = {
  protocol: 'TCP',
  virtual: '192.0.2.1',
  virtualPort: 80,
  real: '10.0.0.1',
  realPort: 80,
  connections: 52,
  states: {ESTABLISHED: 12, FIN_WAIT: 40},
}

const DAEMON: LvsSyncDaemon = {
  role: 'master',
  interface: 'eth0',
  id: 7,
  maxLength: 1460,
  group: '224.0.0.81',
  port: 8848,
  ttl: 1,
  origin: 'configuration',
}

/** What an order that changes one thing answers. */
export function fakeChange(line: string, fields: Partial<LvsChangeReply> = {}): LvsChangeReply {
  return {changes: [line], moreChanges: 0, applied: true, activeConnections: 0, ...fields}
}

function chosen(name: string | undefined): readonly LvsService[] {
  const all = [fakeService(), ...otherServices()]
  if (name === undefined) return all
  const found = all.filter(service => service.name === name || service.configured === name)
  if (found.length > 0) return found
  throw new HactlError('NOT_FOUND', `no service ${name}`, 'see: hactl lvs list')
}

const SERVICE = '192.0.2.1:80/tcp'
const REAL = `10.0.0.1:80 of ${SERVICE}`

/** Handlers of everything that concerns IPVS, which answer with made-up values. */
export const fakeLvs: LvsHandlers = {
  lvsInfo: () => seen({version: '1.2.1', connectionTableSize: 4096, timeouts: {tcp: 900, tcpFin: 120, udp: 300}}),
  lvsServices: ({service}) => seen(chosen(service)),
  lvsConnections: () =>
    seen([
      fakeConnection(),
      fakeConnection({protocol: 'UDP', client: '2001:db8::7', virtual: '2001:db8::1', real: '2001:db8::a'}),
    ]),
  lvsConnectionCounts: () => seen([COUNT]),
  lvsSync: () => seen([DAEMON]),
  addService: () => seen(fakeChange(`+ service ${SERVICE} scheduler wrr`)),
  editService: () => seen(fakeChange(`~ service ${SERVICE}: scheduler rr -> wrr`)),
  deleteService: ({dryRun}) =>
    seen({
      changes: [`- real server ${REAL}`, `- service ${SERVICE}`],
      moreChanges: 0,
      applied: dryRun !== true,
      activeConnections: 17,
    }),
  addReal: () => seen(fakeChange(`+ real server ${REAL} dr weight 1`)),
  editReal: () => seen(fakeChange(`~ real server ${REAL}: weight 1 -> 3`)),
  deleteReal: ({dryRun}) =>
    seen(fakeChange(`- real server ${REAL}`, {applied: dryRun !== true, activeConnections: 12})),
  drainReal: () => seen(fakeChange(`~ real server ${REAL}: weight 3 -> 0`, {activeConnections: 12})),
  undrainReal: () => seen(fakeChange(`~ real server ${REAL}: weight 0 -> 3`)),
  disableReal: ({dryRun}) =>
    seen(fakeChange(`- real server ${REAL}`, {applied: dryRun !== true, activeConnections: 12})),
  enableReal: () => seen(fakeChange(`+ real server ${REAL} dr weight 3`)),
  zeroLvs: ({service}) => seen(fakeChange(`~ ${service === undefined ? 'all counters' : service}: zeroed`)),
  flushLvs: ({dryRun}) => seen(fakeChange(`- service ${SERVICE}`, {applied: dryRun !== true, activeConnections: 17})),
  setLvsTimeouts: () => seen(fakeChange('~ timeout tcp: 900 -> 600 s')),
  startSync: ({role = 'master'}) => seen(fakeChange(`+ sync daemon ${role} on eth0 id 7`)),
  stopSync: ({role = 'master'}) => seen(fakeChange(`- sync daemon ${role}`)),
  restoreLvs: ({dryRun}) => seen(fakeChange(`+ service ${SERVICE} scheduler wrr`, {applied: dryRun !== true})),
}
