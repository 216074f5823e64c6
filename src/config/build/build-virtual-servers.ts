import type {IpFamily} from '../../core/ip.ts'
import type {Findings} from '../findings.ts'
import type {RealServerConfig, ServerGroupConfig, VirtualServerConfig} from '../lvs-config.ts'
import type {Item} from '../schema/schema.ts'
import {NAT} from '../tables/forwarding-method.ts'
import {asNetmask, DEFAULT_PERSISTENCE_SECONDS, type PersistenceGranularity} from '../tables/persistence.ts'
import type {ServiceProtocol, VirtualServerHead, VirtualServerSettings} from '../tables/virtual-server.ts'
import type {ServerGroupSettings} from '../tables/virtual-server-group.ts'
import {buildRealServers, type LvsSources, type ServerParent} from './build-real-servers.ts'
import {buildServerGroups, type ServerGroups} from './build-server-groups.ts'
import {definitionHint} from './definition-hint.ts'
import {type Report, reporter} from './reporter.ts'
import {serviceFamily} from './service-family.ts'
import {buildSorryServer} from './sorry-server.ts'

/** Everything of LVS as it stands in the text. */
export interface LvsSettings {
  readonly virtualServerGroups: readonly Item<ServerGroupSettings>[]
  readonly virtualServers: readonly GivenVirtualServer[]
}

/** Everything of LVS, complete. */
export interface LvsObjects {
  readonly virtualServerGroups: readonly ServerGroupConfig[]
  readonly virtualServers: readonly VirtualServerConfig[]
}

type GivenVirtualServer = Item<VirtualServerSettings & VirtualServerHead>

/** Completes virtual servers as keepalived does, and leaves out those that cannot work. */
export function buildVirtualServers(
  {virtualServerGroups, virtualServers}: LvsSettings,
  sources: LvsSources,
): LvsObjects {
  const groups = buildServerGroups(virtualServerGroups, sources.findings)
  const built: VirtualServerConfig[] = []
  const taken = new Map<string, VirtualServerConfig>()
  for (const server of virtualServers) {
    const config = buildVirtualServer(server, groups, sources)
    if (!config) continue
    reportDuplicate(config, taken, sources.findings)
    built.push(config)
  }
  return {virtualServerGroups: [...groups.groups.values()], virtualServers: built}
}

type VirtualReport = Report<VirtualServerSettings>

function buildVirtualServer(
  server: GivenVirtualServer,
  {groups, leftOut}: ServerGroups,
  sources: LvsSources,
): VirtualServerConfig | undefined {
  const {service} = server
  const report = reporter<VirtualServerSettings>(server, sources.findings)
  const group = service.type === 'group' ? groups.get(service.group) : undefined
  if (service.type === 'group' && !group) {
    // What is wrong with a group that was left out has been said.
    if (leftOut.has(service.group)) return undefined
    const hint = definitionHint('virtual_server_group', service.group, groups.keys())
    report('server-group-unknown', undefined, 'it is left out: there is no such virtual_server_group', hint)
    return undefined
  }
  const protocol = protocolOf(server, group, report)
  const scheduler = server.scheduling.scheduler ?? 'wlc'
  if (server.scheduling.scheduler === undefined) {
    report('service-incomplete', undefined, 'it has no scheduler; wlc is used', 'lvs_sched wlc')
  }
  if (!server.method) {
    report('service-incomplete', undefined, 'it has no forwarding method; NAT is used', 'lvs_method NAT')
  }
  const method = server.method ?? NAT
  const parent: ServerParent = {
    service,
    group,
    method,
    settings: server,
    family: serviceFamily(server, group, method, report),
  }
  const sorryServer = buildSorryServer(parent, report)
  const realServers = buildRealServers(parent, sources)
  if (realServers.length === 0) {
    const message = 'it has no real server; it is left out'
    report('real-servers-missing', undefined, message, 'real_server ADDRESS PORT { … }')
    return undefined
  }
  const {global} = sources
  return {
    ...server,
    family: parent.family,
    protocol,
    scheduling: {...server.scheduling, scheduler},
    onePacket: onePacketOf(server, protocol, report),
    method,
    ...persistenceOf(parent, report),
    haSuspend: haSuspendOf(parent, report),
    ...quorumOf(server, realServers, report),
    smtpAlert: server.smtpAlert ?? global.smtpAlertChecker ?? global.smtpAlert ?? false,
    sorryServer,
    realServers,
  }
}

/** True for marks, whose packets can be of any protocol. */
function isMarked({service}: VirtualServerHead, group: ServerGroupConfig | undefined): boolean {
  return service.type === 'fwmark' || (group?.members.every(member => member.type === 'fwmark') ?? false)
}

function protocolOf(
  server: GivenVirtualServer,
  group: ServerGroupConfig | undefined,
  report: VirtualReport,
): ServiceProtocol | undefined {
  const {protocol} = server
  if (isMarked(server, group)) {
    // keepalived says nothing of a group that has marks of IPv6 only.
    const quiet = group?.members.every(member => member.type === 'fwmark' && member.family === 6) ?? false
    if (protocol !== undefined && !quiet) {
      report('fwmark-setting-ignored', 'protocol', 'a mark is of any protocol; protocol is ignored', 'remove it')
    }
    return undefined
  }
  if (protocol === undefined) {
    report('service-incomplete', undefined, 'it has no protocol; UDP is used', 'protocol TCP|UDP|SCTP')
  }
  return protocol ?? 'udp'
}

function onePacketOf(
  {onePacket}: VirtualServerSettings,
  protocol: ServiceProtocol | undefined,
  report: VirtualReport,
): boolean {
  if (!onePacket || protocol === undefined || protocol === 'udp') return onePacket
  const message = `ops is for UDP, not ${protocol.toUpperCase()}; it is cleared`
  report('one-packet-needs-udp', 'onePacket', message, 'remove it')
  return false
}

function haSuspendOf({settings, service, group}: ServerParent, report: VirtualReport): boolean {
  const marks = service.type === 'fwmark' || (group?.members.some(member => member.type === 'fwmark') ?? false)
  if (!settings.haSuspend || !marks) return settings.haSuspend
  const message = 'a mark has no address to look for, so ha_suspend is cleared'
  report('fwmark-setting-ignored', 'haSuspend', message, 'remove it')
  return false
}

function persistenceOf(
  {settings, service, group, family}: ServerParent,
  report: VirtualReport,
): Pick<VirtualServerConfig, 'persistenceTimeoutSeconds' | 'persistenceGranularity'> {
  const given = settings.persistenceGranularity
  const persistenceGranularity = given === undefined ? undefined : granularityOf(given, family, report)
  const implied = persistenceGranularity === undefined ? undefined : DEFAULT_PERSISTENCE_SECONDS
  const timeout = settings.persistenceTimeoutSeconds ?? implied
  const portless =
    service.type === 'address'
      ? service.port === 0
      : (group?.members.some(member => member.type === 'addresses' && member.port === 0) ?? false)
  if (!portless || timeout !== undefined) return {persistenceTimeoutSeconds: timeout, persistenceGranularity}
  const message = `without a port it has to be persistent; ${DEFAULT_PERSISTENCE_SECONDS} seconds are used`
  report('port-missing', undefined, message, 'name a port, or persistence_timeout')
  return {persistenceTimeoutSeconds: DEFAULT_PERSISTENCE_SECONDS, persistenceGranularity}
}

function granularityOf(
  given: PersistenceGranularity,
  family: IpFamily | undefined,
  report: VirtualReport,
): PersistenceGranularity | undefined {
  if (family === 6) {
    if (typeof given === 'number' && given >= 1 && given <= 128) return given
    const message = `persistence_granularity ${given} does not suit IPv6; it is not used`
    report('granularity-invalid', 'persistenceGranularity', message, '1 to 128')
    return undefined
  }
  if (typeof given !== 'number') return given
  const netmask = asNetmask(given)
  const message = `persistence_granularity ${given} is read as the netmask ${netmask}`
  report('granularity-unusual', 'persistenceGranularity', message, 'a netmask such as 255.255.255.0')
  return netmask
}

function quorumOf(
  {quorum, hysteresis}: VirtualServerSettings,
  realServers: readonly RealServerConfig[],
  report: VirtualReport,
): {readonly quorum: number; readonly hysteresis: number} {
  const total = realServers.reduce((sum, {weight}) => sum + weight, 0)
  let reachable = quorum
  if (quorum > total) {
    reachable = Math.max(1, total)
    const less = total === 0 ? 'it is never reached' : `${total} is used`
    const message = `quorum ${quorum} is above the weight of all real servers together, ${total}; ${less}`
    report('quorum-corrected', 'quorum', message, total === 0 ? 'give a real server a weight' : `${total} at most`)
  }
  if (hysteresis < reachable) return {quorum: reachable, hysteresis}
  const message = `hysteresis ${hysteresis} is not below quorum ${reachable}; ${reachable - 1} is used`
  report('quorum-corrected', 'hysteresis', message, `${reachable - 1} at most`)
  return {quorum: reachable, hysteresis: reachable - 1}
}

function reportDuplicate(
  config: VirtualServerConfig,
  taken: Map<string, VirtualServerConfig>,
  findings: Findings,
): void {
  const {name, service, protocol, family} = config
  const key = service.type === 'address' ? `${name} ${protocol}` : `${name} ${protocol} ${family}`
  const earlier = taken.get(key)
  if (!earlier) {
    taken.set(key, config)
    return
  }
  const message = `virtual_server ${name} is the same service as that of line ${earlier.position.line}`
  findings.report('virtual-server-duplicate', config.position, message, 'put the real servers into one')
}
