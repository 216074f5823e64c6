import {ipFamily} from '../../core/ip.ts'
import type {VirtualServerConfig} from '../lvs-config.ts'
import type {SorryServer} from '../tables/sorry-server.ts'
import type {VirtualServerSettings} from '../tables/virtual-server.ts'
import {portOf, type ServerParent} from './build-real-servers.ts'
import type {Report} from './reporter.ts'

/** Completes the sorry server, or leaves it out when packets of the service cannot go to it. */
export function buildSorryServer(
  parent: ServerParent,
  report: Report<VirtualServerSettings>,
): VirtualServerConfig['sorryServer'] {
  const {settings, family} = parent
  const {sorryServer} = settings
  if (!sorryServer) return undefined
  const method = sorryServer.method ?? parent.method
  if (method.type !== 'tun' && family !== undefined && ipFamily(sorryServer.address) !== family) {
    const message = `the sorry server ${sorryServer.address} is not IPv${family}; it is left out`
    report('server-family-differs', 'sorryServer', message, 'a server of the same family')
    return undefined
  }
  const port = portOf(sorryServer, method, parent, (name, message, hint) =>
    report(name, 'sorryServer', `sorry server: ${message}`, hint),
  )
  return {...sorryServer, method, port, inhibit: inhibitOf({...sorryServer, port}, parent, report)}
}

/**
 * A sorry server that is a real server as well stays with weight 0 as that one does. keepalived notices it only when
 * both are written with the same port.
 */
function inhibitOf(
  {address, port, inhibit}: SorryServer,
  parent: ServerParent,
  report: Report<VirtualServerSettings>,
): boolean {
  const {settings, method} = parent
  const twin = settings.realServers.find(
    real => real.address === address && portOf(real, real.method ?? method, parent, () => {}) === port,
  )
  const wanted = twin ? (twin.inhibitOnFailure ?? settings.inhibitOnFailure) : inhibit
  if (wanted === inhibit || !twin) return inhibit
  if (twin.port === settings.sorryServer?.port) {
    const what = wanted ? 'sorry_server_inhibit is set' : 'sorry_server_inhibit is cleared'
    const message = `the sorry server is the real server ${twin.name}, whose inhibit_on_failure differs; ${what}`
    report('sorry-server-inhibit', 'sorryServer', message, wanted ? 'add sorry_server_inhibit' : 'remove it')
  }
  return wanted
}
