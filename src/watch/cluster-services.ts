import type {WatchedReal, WatchedService} from '../control/watch-model.ts'
import type {ClusterReal, ClusterRouter, ClusterService, NodePicture} from './model.ts'
import {isKnown} from './node-problems.ts'
import {type Finding, worstOf} from './problems.ts'
import {type RealFacts, realFindings, type ServiceContext, serviceFindings} from './service-problems.ts'

/** A row, and whatever is wrong with it and its real servers. */
export interface JudgedService {
  readonly row: ClusterService
  readonly findings: readonly Finding[]
}

/** All rows by their names, and what they were made under. */
export interface JudgedServices {
  readonly rows: readonly ClusterService[]
  readonly findings: readonly Finding[]
  readonly judged: ReadonlyMap<string, JudgedService>
  readonly basis: Basis
}

/** What every row depends on besides what nodes say of it. */
interface Basis {
  /** Of each node; null: it is silent. */
  readonly services: readonly (ReadonlyMap<string, WatchedService> | null)[]
  /** Who is known and holds which address, as one string. */
  readonly situation: string
}

/** The rows of all virtual services, the first node's first; whatever is as in `previous` is taken from there. */
export function clusterServices(
  nodes: readonly NodePicture[],
  routers: readonly ClusterRouter[],
  previous: JudgedServices | undefined,
): JudgedServices {
  const holders = holdersOfAddresses(routers)
  const basis: Basis = {
    services: nodes.map(node => (isKnown(node) ? node.services : null)),
    situation: JSON.stringify([
      nodes.map(node => [node.address.name, isKnown(node), node.servicesProblem]),
      [...holders].map(([address, positions]) => [address, [...positions]]),
    ]),
  }
  const isAsBefore = previous?.basis.situation === basis.situation
  if (isAsBefore && basis.services.every((services, node) => services === previous.basis.services[node])) {
    return previous
  }
  const before = isAsBefore ? previous.judged : new Map<string, JudgedService>()
  const judged = new Map<string, JudgedService>()
  for (const name of new Set(basis.services.flatMap(services => [...(services?.keys() ?? [])]))) {
    const onNodes = basis.services.map(services => services?.get(name) ?? null)
    const there = before.get(name)
    const isSame = there !== undefined && onNodes.every((service, node) => service === there.row.onNodes[node])
    judged.set(name, isSame ? there : judgedService(name, onNodes, {nodes, isHolder: isHolderOf(name, holders)}))
  }
  const all = [...judged.values()]
  return {
    rows: all.map(({row}) => row),
    findings: [...withoutIpvs(nodes, routers), ...all.flatMap(({findings}) => findings)],
    judged,
    basis,
  }
}

function judgedService(name: string, onNodes: ClusterService['onNodes'], context: ServiceContext): JudgedService {
  const facts = {name, onNodes}
  const own = serviceFindings(facts, context)
  const ofReals: Finding[] = []
  const realServers = realServersOf(onNodes).map(real => {
    const findings = realFindings(real, facts, context)
    ofReals.push(...findings)
    return judgedReal(real, findings)
  })
  const known = onNodes.filter(service => service !== null)
  const row: ClusterService = {
    name,
    configured: known.find(({configured}) => configured !== null)?.configured ?? null,
    onNodes,
    activeConnections: sum(realServers, ({activeConnections}) => activeConnections),
    connectionsPerSecond: sum(known, ({rates}) => rates.connections),
    bytesInPerSecond: sum(known, ({rates}) => rates.bytesIn),
    bytesOutPerSecond: sum(known, ({rates}) => rates.bytesOut),
    realServers,
    problem: worstOf([...own, ...ofReals]),
  }
  // Of a service that is down the line says why: its real servers need none each.
  const isDown = own.some(({kind}) => kind === 'service-down')
  return {row, findings: [...own, ...(isDown ? ofReals.filter(({kind}) => kind !== 'real-down') : ofReals)]}
}

function judgedReal({name, onNodes}: RealFacts, findings: readonly Finding[]): ClusterReal {
  let activeConnections = 0
  let inactiveConnections = 0
  let connectionsPerSecond = 0
  for (const real of onNodes) {
    if (real === null) continue
    activeConnections += real.activeConnections
    inactiveConnections += real.inactiveConnections
    connectionsPerSecond += real.rates.connections
  }
  return {name, onNodes, activeConnections, inactiveConnections, connectionsPerSecond, problem: worstOf(findings)}
}

/** In the order of the first node that has each. */
function realServersOf(onNodes: ClusterService['onNodes']): readonly RealFacts[] {
  const [first] = onNodes.filter(service => service !== null)
  if (first === undefined) return []
  const isAlike = onNodes.every(
    service =>
      service === null ||
      (service.realServers.length === first.realServers.length &&
        service.realServers.every(({name}, index) => name === first.realServers[index]?.name)),
  )
  // Nodes of one cluster mostly have the same in the same order.
  if (isAlike) {
    return first.realServers.map(({name}, index) => {
      return {name, onNodes: onNodes.map(service => service?.realServers[index] ?? null)}
    })
  }
  const found = new Map<string, (WatchedReal | null)[]>()
  for (const [node, service] of onNodes.entries()) {
    for (const real of service?.realServers ?? []) {
      let there = found.get(real.name)
      if (there === undefined) {
        there = onNodes.map(() => null)
        found.set(real.name, there)
      }
      there[node] = real
    }
  }
  return [...found].map(([name, reals]) => ({name, onNodes: reals}))
}

/** Positions of the nodes that hold each virtual address. */
function holdersOfAddresses(routers: readonly ClusterRouter[]): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>()
  for (const {vips, holders} of routers) {
    for (const address of vips) {
      const there = found.get(address) ?? new Set()
      found.set(address, there)
      for (const node of holders) there.add(node)
    }
  }
  return found
}

/** "192.0.2.1:80/tcp" and "[2001:db8::1]:80/tcp" have an address; a mark has none. */
function isHolderOf(name: string, holders: ReadonlyMap<string, ReadonlySet<number>>): (node: number) => boolean {
  const address = /^(?:\[([^\]]+)\]|([^:/]+)):\d+\//.exec(name)
  const positions = holders.get(address?.[1] ?? address?.[2] ?? '')
  return node => positions === undefined || positions.has(node)
}

/** A node that cannot read IPVS, which matters most where it is master of something. */
function withoutIpvs(nodes: readonly NodePicture[], routers: readonly ClusterRouter[]): readonly Finding[] {
  return nodes.flatMap((node, position) => {
    const {servicesProblem, address} = node
    if (!isKnown(node) || servicesProblem === null || node.services.size === 0) return []
    const isHolder = routers.length === 0 || routers.some(({holders}) => holders.includes(position))
    const affected = node.services.size === 1 ? 'a virtual service' : `${node.services.size} virtual services`
    const text = `${address.name} does nothing for ${affected}: ${servicesProblem}`
    return [
      {
        severity: isHolder ? 'critical' : 'warning',
        kind: 'drift',
        subject: address.name,
        about: address.name,
        plural: 'nodes',
        cause: text,
        say: () => text,
      },
    ]
  })
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  let total = 0
  for (const item of items) total += of(item)
  return total
}
