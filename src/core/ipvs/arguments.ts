import {type IpAddress, type IpFamily, ipFamily, ipToBytes, parseIp} from '../ip.ts'
import {destinationFault, type Fault, fault, MAX_TIMEOUT_SECONDS, prefixLengths, serviceFault} from './faults.ts'
import {
  type Destination,
  type DestinationId,
  type ForwardingMethod,
  type IpvsTimeouts,
  type Persistence,
  PLAIN_TUNNEL,
  type SchedulerFlag,
  type Service,
  type ServiceId,
  type SyncDaemon,
  type SyncRole,
  type Tunnel,
} from './model.ts'
import {destinationName, serviceFamily, serviceName} from './names.ts'
import {schedulerFlagNames} from './scheduler-flags.ts'
import {shown} from './shown.ts'

/** What was built, or the argument that is wrong with one line that says what is permitted. */
export type Built<Value> = {readonly ok: true; readonly value: Value} | ({readonly ok: false} & Fault)

/** What can be said of a service; what is left out is as it was, or else the default of ipvsadm(8). */
export interface ServiceSettings {
  readonly scheduler?: string | undefined
  /** With commas; "none": no flags. */
  readonly schedulerFlags?: string | undefined
  /** Seconds; 0: not persistent. */
  readonly persistent?: number | undefined
  /** "255.255.255.0", "24" or "/24". */
  readonly netmask?: string | undefined
  /** "none": no engine. */
  readonly engine?: string | undefined
  readonly onePacket?: boolean | undefined
}

/** What can be said of a real server; what is left out is as it was, or else the default of ipvsadm(8). */
export interface DestinationSettings {
  readonly method?: string | undefined
  readonly weight?: number | undefined
  readonly upperThreshold?: number | undefined
  readonly lowerThreshold?: number | undefined
  readonly tunnelType?: string | undefined
  readonly tunnelPort?: number | undefined
  readonly tunnelChecksum?: string | undefined
}

/** What can be said of a sync daemon; what is left out is the kernel's choice. */
export interface DaemonSettings {
  readonly role?: string | undefined
  readonly interface?: string | undefined
  readonly id?: number | undefined
  readonly maxLength?: number | undefined
  readonly group?: string | undefined
  readonly port?: number | undefined
  readonly ttl?: number | undefined
}

/** Seconds; what is left out, and 0, stays as it is. */
export interface TimeoutSettings {
  readonly tcp?: number | undefined
  readonly tcpFin?: number | undefined
  readonly udp?: number | undefined
}

/** A service out of what was given; `before` is the one that is edited. */
export function buildService({
  id,
  given,
  before,
}: {
  readonly id: ServiceId
  readonly given: ServiceSettings
  readonly before?: Service | undefined
}): Built<Service> {
  const scheduler = given.scheduler ?? before?.scheduler ?? 'wlc'
  const flags = flagsOf(given.schedulerFlags, scheduler, before)
  if (!flags.ok) return flags
  const persistence = persistenceOf(id, given, before?.persistence)
  if (!persistence.ok) return persistence
  const service: Service = {
    id,
    scheduler,
    schedulerFlags: flags.value,
    onePacket: given.onePacket ?? before?.onePacket ?? false,
    persistence: persistence.value,
  }
  const wrong = serviceFault(service) ?? combinationFault(service)
  return wrong ? {ok: false, ...wrong} : {ok: true, value: service}
}

/** A real server of a service out of what was given; `before` is the one that is edited. */
export function buildDestination({
  service,
  id,
  given,
  before,
}: {
  readonly service: Service
  readonly id: DestinationId
  readonly given: DestinationSettings
  readonly before?: Destination | undefined
}): Built<Destination> {
  const method = given.method === undefined ? (before?.method ?? 'dr') : METHODS.get(given.method.toLowerCase())
  if (method === undefined) return wrong('method', given.method ?? '', 'nat, dr or tun')
  const tunnel = tunnelOf(method, given, before?.tunnel)
  if (!tunnel.ok) return tunnel
  const destination: Destination = {
    address: id.address,
    port: id.port,
    method,
    weight: given.weight ?? before?.weight ?? 1,
    upperThreshold: given.upperThreshold ?? before?.upperThreshold ?? 0,
    lowerThreshold: given.lowerThreshold ?? before?.lowerThreshold ?? 0,
    tunnel: tunnel.value,
  }
  const problem = portFault(service, destination) ?? destinationFault(service.id, destination)
  return problem ? {ok: false, ...problem} : {ok: true, value: destination}
}

/** A sync daemon out of what was given. */
export function buildDaemon(given: DaemonSettings): Built<SyncDaemon> {
  const role = buildRole(given.role)
  if (!role.ok) return role
  const device = given.interface
  if (device === undefined) return missing('interface', 'the interface to send on or listen on')
  if (!/^[^\s/:]{1,15}$/.test(device) || device === '.' || device === '..') {
    return wrong('interface', device, 'the name of an interface, at most 15 bytes without spaces and /')
  }
  const group = groupOf(given.group)
  if (!group.ok) return group
  for (const [argument, min, max] of DAEMON_NUMBERS) {
    const value = given[argument]
    if (value !== undefined && !within(value, min, max)) return wrong(argument, value, `${min} to ${max}`)
  }
  return {
    ok: true,
    value: {
      role: role.value,
      interface: device,
      syncId: given.id ?? 0,
      maxLengthBytes: given.maxLength,
      group: group.value,
      port: given.port,
      ttl: given.ttl,
    },
  }
}

/** Which of the two sync daemons is meant. */
export function buildRole(given: string | undefined): Built<SyncRole> {
  if (given === undefined) return missing('role', 'master or backup')
  return given === 'master' || given === 'backup' ? {ok: true, value: given} : wrong('role', given, 'master or backup')
}

/** Timeouts out of what was given, at least one of them. */
export function buildTimeouts(given: TimeoutSettings): Built<IpvsTimeouts> {
  for (const argument of ['tcp', 'tcpFin', 'udp'] as const) {
    const value = given[argument]
    if (value !== undefined && !within(value, 0, MAX_TIMEOUT_SECONDS)) {
      return wrong(argument, value, `0 to ${MAX_TIMEOUT_SECONDS} seconds`)
    }
  }
  const {tcp = 0, tcpFin = 0, udp = 0} = given
  if (tcp + tcpFin + udp === 0) return missing('tcp', `seconds for tcp, tcpFin or udp, 1 to ${MAX_TIMEOUT_SECONDS}`)
  return {ok: true, value: {tcpSeconds: tcp, tcpFinSeconds: tcpFin, udpSeconds: udp}}
}

const METHODS: ReadonlyMap<string, ForwardingMethod> = new Map([
  ['nat', 'nat'],
  ['dr', 'dr'],
  ['tun', 'tun'],
])

const DAEMON_NUMBERS = [
  ['id', 0, 255],
  ['maxLength', 1, 65_507],
  ['port', 1, 65_535],
  ['ttl', 1, 255],
] as const

const wrong = (argument: string, given: string | number, permitted: string): {readonly ok: false} & Fault => ({
  ok: false,
  ...fault(argument, given, permitted),
})

const missing = (argument: string, permitted: string): {readonly ok: false} & Fault => ({
  ok: false,
  argument,
  message: `${argument} is missing: ${permitted}`,
})

/** Flags of another scheduler do not go on when the scheduler changes. */
function flagsOf(
  given: string | undefined,
  scheduler: string,
  before: Service | undefined,
): Built<readonly SchedulerFlag[]> {
  if (given === undefined) {
    return {ok: true, value: before?.scheduler === scheduler ? before.schedulerFlags : []}
  }
  if (given === 'none') return {ok: true, value: []}
  const names = schedulerFlagNames(scheduler)
  const flags = new Set<SchedulerFlag>()
  for (const name of given.split(',')) {
    const flag = names.get(name)
    if (flag === undefined) {
      return wrong(
        'schedulerFlags',
        name,
        `${[...names.keys()].join(', ')} with scheduler ${shown(scheduler)}, or none`,
      )
    }
    flags.add(flag)
  }
  return {ok: true, value: [...flags].toSorted()}
}

function persistenceOf(
  id: ServiceId,
  {persistent, netmask, engine}: ServiceSettings,
  before: Persistence | undefined,
): Built<Persistence | undefined> {
  const family = serviceFamily(id)
  const timeoutSeconds = persistent ?? before?.timeoutSeconds ?? 0
  if (timeoutSeconds === 0) {
    if (netmask !== undefined) return wrong('netmask', netmask, 'none without persistence; give persistent too')
    if (engine !== undefined && engine !== 'none') {
      return wrong('engine', engine, 'none without persistence; give persistent too')
    }
    return {ok: true, value: undefined}
  }
  const [, longest] = prefixLengths(family)
  const prefixLength = netmask === undefined ? (before?.prefixLength ?? longest) : prefixOf(netmask, family)
  if (prefixLength === undefined) {
    const forms = family === 4 ? '0.0.0.0 to 255.255.255.255 without gaps, or 0 to 32' : '1 to 128'
    return wrong('netmask', netmask ?? '', forms)
  }
  const used = engine === undefined ? before?.engine : engine === 'none' ? undefined : engine
  return {ok: true, value: {timeoutSeconds, prefixLength, engine: used}}
}

/** The length of a prefix, given as it or as a netmask of IPv4. */
function prefixOf(text: string, family: IpFamily): number | undefined {
  const digits = /^\/?(\d{1,3})$/.exec(text)?.[1]
  if (digits !== undefined) {
    const length = Number(digits)
    const [min, max] = prefixLengths(family)
    return within(length, min, max) ? length : undefined
  }
  const parsed = parseIp(text)
  return family === 4 && parsed.ok ? netmaskLength(parsed.value) : undefined
}

/** The length of the prefix that a netmask of IPv4 means; undefined where it has gaps or is no netmask. */
export function netmaskLength(netmask: IpAddress): number | undefined {
  if (ipFamily(netmask) !== 4) return undefined
  const hostBits = ~ipToBytes(netmask).readUInt32BE(0) >>> 0
  return (hostBits & (hostBits + 1)) === 0 ? Math.clz32(hostBits) : undefined
}

/** What the kernel would take, but to no effect. */
function combinationFault({id, onePacket}: Service): Fault | undefined {
  const {protocol} = id.type === 'address' ? id : {protocol: 'udp'}
  if (onePacket && protocol !== 'udp') {
    return {
      argument: 'onePacket',
      message: `onePacket is not permitted for ${serviceName(id)}: only UDP and marks are scheduled packet by packet`,
    }
  }
  return undefined
}

/** Only NAT changes the port of packets. */
function portFault({id}: Service, destination: Destination): Fault | undefined {
  const {method, port} = destination
  if (method === 'nat' || id.type === 'fwmark' || port === id.port) return undefined
  const message = `real server ${destinationName(destination)}: method ${method} cannot change the port`
  return {argument: 'real', message: `${message}; it has to be ${id.port}, or left out`}
}

/** What concerns tunnels does not go on when the method or the type of the tunnel changes. */
function tunnelOf(
  method: ForwardingMethod,
  {tunnelType, tunnelPort, tunnelChecksum}: DestinationSettings,
  before: Tunnel | undefined,
): Built<Tunnel> {
  if (method !== 'tun') {
    for (const [argument, given] of [
      ['tunnelType', tunnelType],
      ['tunnelPort', tunnelPort],
      ['tunnelChecksum', tunnelChecksum],
    ] as const) {
      if (given !== undefined) return wrong(argument, given, `none with method ${method}; only tun has tunnels`)
    }
    return {ok: true, value: PLAIN_TUNNEL}
  }
  const type = tunnelType ?? before?.type ?? 'ipip'
  if (type !== 'ipip' && type !== 'gue' && type !== 'gre') return wrong('tunnelType', type, 'ipip, gue or gre')
  const earlier = before?.type === type ? before : PLAIN_TUNNEL
  const checksum = tunnelChecksum ?? earlier.checksum
  if (checksum !== 'nocsum' && checksum !== 'csum' && checksum !== 'remcsum') {
    return wrong('tunnelChecksum', checksum, 'nocsum, csum or remcsum')
  }
  const port = tunnelPort ?? earlier.port
  if (type === 'gue' && port === 0) return missing('tunnelPort', '1 to 65535 with tunnelType gue')
  return {ok: true, value: {type, port, checksum}}
}

function groupOf(given: string | undefined): Built<IpAddress | undefined> {
  if (given === undefined) return {ok: true, value: undefined}
  const parsed = parseIp(given)
  const [first = 0] = parsed.ok ? ipToBytes(parsed.value) : []
  if (parsed.ok && (ipFamily(parsed.value) === 4 ? first >> 4 === 0xe : first === 0xff)) return parsed
  return wrong('group', given, 'the address of a multicast group, such as 224.0.0.81 or ff02::51')
}

const within = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max
