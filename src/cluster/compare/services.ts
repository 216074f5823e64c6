import {serviceName} from '../../config/tables/virtual-server.ts'
import type {Cluster} from '../cluster.ts'
import type {ClusterFindings, Place} from '../findings.ts'
import {compareServices, describeService, type Service} from './service-settings.ts'

/** Finds virtual servers that are not the same on all nodes; each is compared with the first node that has it. */
export function compareVirtualServers(cluster: Cluster, findings: ClusterFindings): void {
  const services = cluster.nodes.map(({name, loaded: {config}}, node) =>
    byKey(config.virtualServers.map(server => ({node, nodeName: name, config, server}))),
  )
  const names = services.map(
    own => new Map([...own.values()].map(service => [serviceName(service.server.service), service])),
  )
  const first = services.findIndex(({size}) => size > 0)
  if (first < 0) return
  const firsts = new Map<string, Service>()
  for (const own of services) for (const [key, service] of own) if (!firsts.has(key)) firsts.set(key, service)
  const alone = aloneAddresses(cluster)
  for (const [node, own] of services.entries()) {
    if (own.size === 0) {
      reportNone(cluster, {node, other: first}, services[first]?.size ?? 0, findings)
      continue
    }
    for (const [key, reference] of firsts) {
      const service = own.get(key)
      if (service) {
        if (service !== reference) compareServices(reference, service, findings)
      } else if (!isAlone(reference, alone)) reportMissing(cluster, node, reference, names[node], findings)
    }
  }
}

function byKey(services: readonly Service[]): ReadonlyMap<string, Service> {
  const found = new Map<string, Service>()
  for (const service of services) {
    const {server} = service
    const key = `${serviceName(server.service)} ${server.protocol ?? ''} ${server.family ?? ''}`
    // Of two for one service the first is compared; its own file says that there are two.
    if (!found.has(key)) found.set(key, service)
  }
  return found
}

/** Addresses of virtual routers that are on one node only: that nothing serves them elsewhere has been said. */
function aloneAddresses({routers}: Cluster): ReadonlySet<string> {
  const lone = routers.filter(({members}) => members.length < 2).flatMap(({members}) => members)
  return new Set(
    lone.flatMap(({node, instance}) =>
      [...instance.vips, ...instance.excludedVips].map(({address}) => `${node} ${address}`),
    ),
  )
}

const isAlone = ({node, server: {service}}: Service, alone: ReadonlySet<string>): boolean =>
  service.type === 'address' && alone.has(`${node} ${service.address}`)

function headOf({nodes}: Cluster, node: number): Place {
  const {name = '', loaded} = nodes[node] ?? {}
  return {node, position: {file: loaded?.files[0] ?? name, line: 1, column: 1}}
}

function reportNone(
  cluster: Cluster,
  {node, other}: {readonly node: number; readonly other: number},
  count: number,
  findings: ClusterFindings,
): void {
  const [name, otherName] = [node, other].map(which => cluster.nodes[which]?.name ?? '')
  const server = cluster.nodes[other]?.loaded.config.virtualServers[0]
  findings.report({
    name: 'nodes-service-missing',
    at: headOf(cluster, node),
    message: `${name} has no virtual_server, ${otherName} has ${count}: nothing serves them after a takeover`,
    hint: 'write the same virtual servers on all nodes',
    related: server ? [{node: other, position: server.position, message: `the first of ${otherName}`}] : [],
  })
}

function reportMissing(
  cluster: Cluster,
  node: number,
  reference: Service,
  byName: ReadonlyMap<string, Service> | undefined,
  findings: ClusterFindings,
): void {
  const {server, nodeName} = reference
  const twin = byName?.get(serviceName(server.service))
  // Its own counterpart is missing on the other node, so it is the same service with another protocol.
  const isOther = twin !== undefined && twin.node > reference.node
  if (twin && !isOther) return
  const here = cluster.nodes[node]?.name ?? ''
  findings.report({
    name: 'nodes-service-missing',
    at: isOther ? {node, position: twin.server.position} : headOf(cluster, node),
    message: isOther
      ? `${describeService(twin.server)} here, ${describeService(server)} on ${nodeName}: they do not serve the same`
      : `${describeService(server)} of ${nodeName} is missing on ${here}: nothing serves it after a takeover`,
    hint: 'write the same virtual servers on all nodes',
    related: [{node: reference.node, position: server.position, message: `${describeService(server)} on ${nodeName}`}],
  })
}
