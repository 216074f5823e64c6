import {type IpFamily, ipFamily} from '../../core/ip.ts'
import type {GlobalConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import type {RealServerConfig, ServerGroupConfig} from '../lvs-config.ts'
import type {Item} from '../schema/schema.ts'
import type {ForwardingMethod} from '../tables/forwarding-method.ts'
import {type Endpoint, endpoint} from '../tables/lvs-arguments.ts'
import {type RealServerSettings, serverName} from '../tables/real-server.ts'
import type {ServiceKey, VirtualServerSettings} from '../tables/virtual-server.ts'
import {buildCheckers, type CheckerReferences} from './build-checkers.ts'
import {type Report, reporter} from './reporter.ts'

/** What real servers have to know of their virtual server. */
export interface ServerParent {
  readonly service: ServiceKey
  /** Of a service by group. */
  readonly group: ServerGroupConfig | undefined
  /** Undefined: both, since everything is behind tunnels. */
  readonly family: IpFamily | undefined
  readonly method: ForwardingMethod
  readonly settings: VirtualServerSettings
}

/** What else real servers are completed from. */
export interface LvsSources extends CheckerReferences {
  readonly global: Pick<GlobalConfig, 'smtpAlert' | 'smtpAlertChecker' | 'checkerLogAllFailures'>
  readonly findings: Findings
}

type GivenServer = Item<RealServerSettings & Endpoint>

/** Completes the real servers of one virtual server, and leaves out those that cannot be one of it. */
export function buildRealServers(parent: ServerParent, sources: LvsSources): readonly RealServerConfig[] {
  const taken: TakenServers = {given: new Set(), used: new Set()}
  const built: RealServerConfig[] = []
  for (const server of parent.settings.realServers) {
    const config = buildRealServer(server, parent, taken, sources)
    if (config) built.push(config)
  }
  return built
}

/**
 * The port that packets to a server go to: its own only behind NAT, for other methods leave the packet as it is. It is
 * 0 where that of the packet is kept whatever it is.
 */
export function portOf(
  {port}: Endpoint,
  method: ForwardingMethod,
  {service, group}: Pick<ServerParent, 'service' | 'group'>,
  report: (name: 'fwmark-setting-ignored' | 'port-differs', message: string, hint: string) => void,
): number {
  const ownPort = port !== 0 && method.type !== 'nat'
  const words = method.type === 'dr' ? 'direct routing' : 'a tunnel'
  if (service.type === 'address') {
    if (ownPort && port !== service.port) {
      const used = service.port === 0 ? 'that of the packet' : service.port
      report('port-differs', `${words} cannot change the port to ${port}; ${used} is used`, 'leave the port out')
      return service.port
    }
    return port === 0 ? service.port : port
  }
  if (!ownPort) return port
  if (service.type === 'fwmark') {
    const message = `${words} cannot change the port to ${port}; that of the packet stays`
    report('fwmark-setting-ignored', message, 'leave the port out')
    return 0
  }
  const members = group?.members ?? []
  const mark = members.find(member => member.type === 'fwmark')
  const other = members.find(member => member.type === 'addresses' && member.port !== port)
  if (mark) {
    const message = `${words} cannot change the port of marked packets to ${port}; theirs stays`
    report('fwmark-setting-ignored', message, 'leave the port out')
  }
  if (other?.type === 'addresses') {
    const message = `${words} cannot change the port ${other.port} of ${service.group} to ${port}; it stays`
    report('port-differs', message, 'leave the port out')
  }
  return port
}

function buildRealServer(
  server: GivenServer,
  parent: ServerParent,
  taken: TakenServers,
  sources: LvsSources,
): RealServerConfig | undefined {
  const {settings} = parent
  const report = reporter<RealServerSettings>(server, sources.findings)
  const method = server.method ?? parent.method
  if (method.type !== 'tun' && parent.family !== undefined && ipFamily(server.address) !== parent.family) {
    const message = `it is not of the family of its virtual server, IPv${parent.family}; it is left out`
    report('server-family-differs', undefined, message, 'only a tunnel (lvs_method TUN) can lead to the other family')
    return undefined
  }
  const port = portOf(server, method, parent, (name, message, hint) => report(name, undefined, message, hint))
  if (isTaken(server, port, taken, report)) return undefined
  if (server.lowerThreshold > server.upperThreshold && server.upperThreshold > 0) {
    const message = `lthreshold ${server.lowerThreshold} is above uthreshold ${server.upperThreshold}`
    report('thresholds-crossed', 'lowerThreshold', `${message}: the kernel refuses it`, 'make lthreshold the lower one')
  }
  const {global, findings} = sources
  const delayLoopMs = server.delayLoopMs ?? settings.delayLoopMs
  const retry = server.retry ?? settings.retry
  const delayBeforeRetryMs = server.delayBeforeRetryMs ?? settings.delayBeforeRetryMs
  const warmupMs = server.warmupMs ?? settings.warmupMs
  const connectTimeoutMs = server.connectTimeoutMs ?? settings.connectTimeoutMs
  const alpha = server.alpha ?? settings.alpha
  const virtualHost = server.virtualHost ?? settings.virtualHost
  const checkerParent = {
    name: server.name,
    address: server.address,
    // Checkers go to the port as it is written, even where packets do not.
    port: server.port === 0 ? port : server.port,
    portDiffers: server.port !== 0 && server.port !== port,
    delayLoopMs,
    retry,
    delayBeforeRetryMs,
    warmupMs,
    connectTimeoutMs,
    alpha,
    virtualHost,
    logAllFailures: global.checkerLogAllFailures,
  }
  return {
    ...server,
    name: port === server.port ? server.name : serverName({address: server.address, port}),
    port,
    method,
    weight: server.weight ?? settings.weight,
    inhibitOnFailure: server.inhibitOnFailure ?? settings.inhibitOnFailure,
    alpha,
    delayLoopMs,
    retry,
    delayBeforeRetryMs,
    warmupMs,
    connectTimeoutMs,
    virtualHost,
    smtpAlert: server.smtpAlert ?? global.smtpAlertChecker ?? global.smtpAlert ?? true,
    checkers: buildCheckers(server.checkers, checkerParent, sources, findings),
  }
}

function isTaken(
  {name, address, port: written}: GivenServer,
  port: number,
  {given, used}: TakenServers,
  report: Report<RealServerSettings>,
): boolean {
  if (given.has(name)) {
    report('real-server-duplicate', undefined, 'it is listed twice; this one is left out', 'put both into one')
    return true
  }
  given.add(name)
  const target = port === written ? name : endpoint.print({address, port})
  if (target === undefined || !used.has(target)) {
    used.add(target ?? name)
    return false
  }
  const message = `with its port ${port} it is the same as an earlier one; this one is left out`
  report('real-server-same', undefined, message, 'list it once')
  return true
}

/** The servers that a virtual server has already: as they are written, and where their packets go to. */
interface TakenServers {
  readonly given: Set<string>
  readonly used: Set<string>
}
