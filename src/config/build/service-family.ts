import {type IpFamily, ipFamily} from '../../core/ip.ts'
import type {ServerGroupConfig} from '../lvs-config.ts'
import type {ForwardingMethod} from '../tables/forwarding-method.ts'
import type {VirtualServerHead, VirtualServerSettings} from '../tables/virtual-server.ts'
import {familiesOf} from './build-server-groups.ts'
import type {Report} from './reporter.ts'

/**
 * The family of a virtual server: that of its address, or else the first that is told by `ip_family`, by
 * `persistence_granularity` or by a server that is not behind a tunnel. Undefined for a group of both families behind
 * tunnels.
 */
export function serviceFamily(
  server: VirtualServerSettings & VirtualServerHead,
  group: ServerGroupConfig | undefined,
  method: ForwardingMethod,
  report: Report<VirtualServerSettings>,
): IpFamily | undefined {
  const {service} = server
  if (service.type === 'address') {
    const family = ipFamily(service.address)
    if (server.family !== undefined && server.family !== family) {
      const message = `ip_family contradicts the address, which is IPv${family}; it is ignored`
      report('family-conflict', 'family', message, 'remove it')
    }
    return family
  }
  const told = server.family ?? granularityFamily(server) ?? serverFamily(server, method)
  const groupFamilies = group ? familiesOf(group.members) : new Set<IpFamily>()
  if (told === undefined) return untoldFamily(server, groupFamilies)
  if (group && groupFamilies.size > 0 && !groupFamilies.has(told) && !hasOpenMark(group)) {
    const message = `it is IPv${told}, and ${group.name} has nothing of that family: nothing is served`
    report('server-group-family', undefined, message, 'use real servers of the family of the group, or tunnels')
  }
  return told
}

function granularityFamily({persistenceGranularity}: VirtualServerSettings): IpFamily | undefined {
  if (persistenceGranularity === undefined) return undefined
  return typeof persistenceGranularity === 'number' ? 6 : 4
}

/** The family of the first server whose packets stay as they are. */
function serverFamily(
  {realServers, sorryServer}: VirtualServerSettings,
  method: ForwardingMethod,
): IpFamily | undefined {
  const server = realServers.find(real => (real.method ?? method).type !== 'tun')
  if (server) return ipFamily(server.address)
  if (!sorryServer || (sorryServer.method ?? method).type === 'tun') return undefined
  return ipFamily(sorryServer.address)
}

/** Everything is behind tunnels: a group decides, and for a mark the servers if they agree. */
function untoldFamily(
  {realServers, sorryServer}: VirtualServerSettings,
  groupFamilies: ReadonlySet<IpFamily>,
): IpFamily | undefined {
  if (groupFamilies.size === 2) return undefined
  const [only] = groupFamilies
  if (only !== undefined) return only
  const families = new Set(realServers.map(({address}) => ipFamily(address)))
  if (sorryServer) families.add(ipFamily(sorryServer.address))
  const [family = 4] = families
  return families.size === 1 ? family : 4
}

const hasOpenMark = ({members}: ServerGroupConfig): boolean =>
  members.some(member => member.type === 'fwmark' && member.family === undefined)
