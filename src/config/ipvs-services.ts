import {type IpAddress, type IpFamily, ipFamily, ipFromBytes, ipToBytes} from '../core/ip.ts'
import {netmaskLength} from '../core/ipvs/arguments.ts'
import {destinationFault, serviceFault} from '../core/ipvs/faults.ts'
import {
  type Destination,
  type IpvsProtocol,
  type Persistence,
  PLAIN_TUNNEL,
  type SchedulerFlag,
  type Service,
  type ServiceId,
} from '../core/ipvs/model.ts'
import {destinationKey, destinationName, serviceKey, serviceName} from '../core/ipvs/names.ts'
import {sameDestination, sameService} from '../core/ipvs/rules.ts'
import type {ConfiguredService} from '../core/ipvs/wanted.ts'
import type {Config} from './config.ts'
import type {RealServerConfig, ServerGroupConfig, VirtualServerConfig} from './lvs-config.ts'
import type {ForwardingMethod} from './tables/forwarding-method.ts'
import type {GroupMember} from './tables/virtual-server-group.ts'

/** The services of a configuration, each once, and a line for everything that cannot be as it is written. */
export interface ConfiguredServices {
  readonly services: readonly ConfiguredService[]
  readonly problems: readonly string[]
}

/** More services than this are not made of one configuration: a line of a group can mean 2^127. */
const MAX_SERVICES = 65_536

/**
 * What IPVS is to have by the blocks `virtual_server`, with every real server and sorry server. Where two of them are
 * for one service, the earlier decides what the service and a real server that both have is like, as with keepalived.
 * What the kernel would refuse for certain is left out.
 */
export function ipvsServicesOf(config: Config): ConfiguredServices {
  const merged = new Map<string, Merged>()
  const problems: string[] = []
  const tell = (server: VirtualServerConfig, problem: string): void => {
    problems.push(`virtual_server ${server.name}: ${problem}`)
  }
  for (const [server, ids] of idsOfVirtualServers(config, tell)) {
    addServer(server, ids, merged, problem => tell(server, problem))
  }
  const services = [...merged.values()].map(({name, service, destinations, sorryServers}) => ({
    name,
    service,
    destinations: [...destinations.values()],
    sorryServers: [...sorryServers],
  }))
  return {services, problems}
}

/**
 * Every virtual server with what packets it gets, in their order; one that is left out gets none. `tell` hears what
 * cannot be as it is written.
 */
export function idsOfVirtualServers(
  {virtualServers, virtualServerGroups}: Config,
  tell: (server: VirtualServerConfig, problem: string) => void,
): readonly (readonly [server: VirtualServerConfig, ids: readonly ServiceId[]])[] {
  const groups = new Map(virtualServerGroups.map(group => [group.name, group]))
  const known = new Set<string>()
  return virtualServers.map(server => {
    const group = server.service.type === 'group' ? groups.get(server.service.group) : undefined
    const ids = idsOf(server, group, problem => tell(server, problem))
    if (known.size + ids.length > MAX_SERVICES) {
      tell(server, `with its ${ids.length} services there are more than ${MAX_SERVICES}; it is left out`)
      return [server, []]
    }
    for (const id of ids) known.add(serviceKey(id))
    return [server, ids]
  })
}

type SorryServerConfig = NonNullable<VirtualServerConfig['sorryServer']>

interface Merged {
  readonly name: string
  readonly service: Service
  readonly destinations: Map<string, Destination>
  /** Keys of those that are nothing else. */
  readonly sorryServers: Set<string>
}

type Tell = (problem: string) => void

function addServer(
  server: VirtualServerConfig,
  ids: readonly ServiceId[],
  merged: Map<string, Merged>,
  tell: Tell,
): void {
  const told = new Set<string>()
  const tellOnce: Tell = problem => {
    if (told.has(problem)) return
    told.add(problem)
    tell(problem)
  }
  for (const id of ids) {
    const service = serviceOf(server, id, tellOnce)
    const wrong = serviceFault(service)
    if (wrong) {
      tellOnce(`${serviceName(id)} is left out: ${wrong.message}`)
      continue
    }
    const key = serviceKey(id)
    const earlier = merged.get(key)
    const entry = earlier ?? {
      name: server.name,
      service,
      destinations: new Map<string, Destination>(),
      sorryServers: new Set<string>(),
    }
    if (earlier && !sameService(earlier.service, service)) {
      tell(`${serviceName(id)} is as virtual_server ${earlier.name} has it, which is the earlier one`)
    }
    merged.set(key, entry)
    for (const real of server.realServers) addReal(entry, destinationOf(real, id), tellOnce)
    if (server.sorryServer) addSorryServer(entry, sorryDestination(server.sorryServer, id), tellOnce)
  }
}

function addReal({service, destinations, sorryServers}: Merged, destination: Destination, tell: Tell): void {
  const {id} = service
  const wrong = destinationFault(id, destination)
  if (wrong) {
    tell(`real_server ${destinationName(destination)} is left out: ${wrong.message}`)
    return
  }
  const key = destinationKey(destination)
  // That of another virtual server for the same service.
  const earlier = sorryServers.delete(key) ? undefined : destinations.get(key)
  if (!earlier) destinations.set(key, destination)
  else if (!sameDestination(earlier, destination)) {
    tell(`real_server ${destinationName(destination)} of ${serviceName(id)} is as an earlier one has it`)
  }
}

/** One that is a real server as well is that. */
function addSorryServer({service, destinations, sorryServers}: Merged, destination: Destination, tell: Tell): void {
  const wrong = destinationFault(service.id, destination)
  if (wrong) {
    tell(`sorry_server ${destinationName(destination)} is left out: ${wrong.message}`)
    return
  }
  const key = destinationKey(destination)
  if (destinations.has(key)) return
  destinations.set(key, destination)
  sorryServers.add(key)
}

/** What packets a virtual server gets; nothing where keepalived leaves the whole of it out. */
function idsOf(server: VirtualServerConfig, group: ServerGroupConfig | undefined, tell: Tell): readonly ServiceId[] {
  const {service, family} = server
  // There is always one where there are addresses.
  const protocol = server.protocol ?? 'udp'
  if (service.type === 'fwmark') return [{type: 'fwmark', mark: service.mark, family: family ?? 4}]
  if (service.type === 'address') {
    return [{type: 'address', protocol, address: service.address, port: service.port}]
  }
  const ids = new Map<string, ServiceId>()
  for (const member of group?.members ?? []) {
    const memberFamily = familyOf(member)
    if (family !== undefined && memberFamily !== undefined && memberFamily !== family) {
      tell(`it is IPv${family}, and its group has IPv${memberFamily}; it is left out`)
      return []
    }
    for (const id of memberIds(member, {protocol, family: memberFamily ?? family ?? 4}, tell)) {
      ids.set(serviceKey(id), id)
    }
  }
  return [...ids.values()]
}

const familyOf = (member: GroupMember): IpFamily | undefined =>
  member.type === 'addresses' ? ipFamily(member.first) : member.family

function memberIds(
  member: GroupMember,
  {protocol, family}: {readonly protocol: IpvsProtocol; readonly family: IpFamily},
  tell: Tell,
): readonly ServiceId[] {
  if (member.type === 'fwmark') {
    if (member.mark > 0) return [{type: 'fwmark', mark: member.mark, family}]
    tell('fwmark 0 of its group is left out: it is the mark of packets without one')
    return []
  }
  const {first, last, port} = member
  const addresses = addressRange(first, last)
  if (addresses) return addresses.map(address => ({type: 'address', protocol, address, port}))
  tell(`${first}-${last} of its group is left out: it has more than ${MAX_SERVICES} addresses`)
  return []
}

/** Every address from the first to the last; undefined where there are too many. */
function addressRange(first: IpAddress, last: IpAddress): readonly IpAddress[] | undefined {
  const [start, end] = [numberOf(first), numberOf(last)]
  if (end - start >= BigInt(MAX_SERVICES)) return undefined
  const lengthBytes = ipFamily(first) === 4 ? 4 : 16
  return Array.from({length: Number(end - start) + 1}, (_, i) => {
    const hex = (start + BigInt(i)).toString(16).padStart(lengthBytes * 2, '0')
    return ipFromBytes(Buffer.from(hex, 'hex'))
  })
}

const numberOf = (address: IpAddress): bigint => BigInt(`0x${ipToBytes(address).toString('hex')}`)

function serviceOf(server: VirtualServerConfig, id: ServiceId, tell: Tell): Service {
  const {scheduling, onePacket} = server
  return {
    id,
    scheduler: scheduling.scheduler,
    schedulerFlags: scheduling.flags.map(flag => FLAGS[flag]),
    onePacket,
    persistence: persistenceOf(server, id, tell),
  }
}

const FLAGS: {readonly [flag in VirtualServerConfig['scheduling']['flags'][number]]: SchedulerFlag} = {
  'flag-1': 1,
  'flag-2': 2,
  'flag-3': 3,
}

/** keepalived tells the kernel of an engine only together with a time. */
function persistenceOf(
  {persistenceTimeoutSeconds, persistenceGranularity, persistenceEngine}: VirtualServerConfig,
  id: ServiceId,
  tell: Tell,
): Persistence | undefined {
  if (persistenceTimeoutSeconds === undefined) return undefined
  const isIpv4 = (id.type === 'fwmark' ? id.family : ipFamily(id.address)) === 4
  const longest = isIpv4 ? 32 : 128
  let prefixLength = longest
  if (typeof persistenceGranularity === 'number') prefixLength = isIpv4 ? longest : persistenceGranularity
  else if (persistenceGranularity !== undefined && isIpv4) {
    prefixLength = netmaskLength(persistenceGranularity) ?? firstRun(persistenceGranularity)
    if (netmaskLength(persistenceGranularity) === undefined) {
      tell(`persistence_granularity ${persistenceGranularity} has gaps; its first ${prefixLength} bits are used`)
    }
  }
  return {timeoutSeconds: persistenceTimeoutSeconds, prefixLength, engine: persistenceEngine}
}

/** How many ones a netmask begins with. */
const firstRun = (netmask: IpAddress): number => Math.clz32(~ipToBytes(netmask).readUInt32BE(0))

function destinationOf(real: RealServerConfig, id: ServiceId): Destination {
  const {address, method, weight, upperThreshold, lowerThreshold} = real
  return {
    address,
    port: destinationPort(real, id),
    method: method.type,
    weight,
    upperThreshold,
    lowerThreshold,
    tunnel: tunnelOf(method),
  }
}

/** keepalived gives it weight 1, and no thresholds. */
const SORRY_WEIGHT = 1

const sorryDestination = (sorryServer: SorryServerConfig, id: ServiceId): Destination => ({
  address: sorryServer.address,
  port: destinationPort(sorryServer, id),
  method: sorryServer.method.type,
  weight: SORRY_WEIGHT,
  upperThreshold: 0,
  lowerThreshold: 0,
  tunnel: tunnelOf(sorryServer.method),
})

/** Only NAT changes the port; without one of its own, that of the packet stays. */
function destinationPort(server: Pick<RealServerConfig, 'port' | 'method'>, id: ServiceId): number {
  return ownPort(server) ?? (id.type === 'address' ? id.port : 0)
}

/** The port of a real server or sorry server in IPVS; undefined: that of the service, which is 0 for a mark. */
export const ownPort = ({port, method}: Pick<RealServerConfig, 'port' | 'method'>): number | undefined =>
  method.type === 'nat' ? port : undefined

const tunnelOf = (method: ForwardingMethod): Destination['tunnel'] =>
  method.type === 'tun' ? {type: method.tunnel, port: method.port ?? 0, checksum: method.checksum} : PLAIN_TUNNEL
