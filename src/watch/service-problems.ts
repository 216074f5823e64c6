import type {WatchedReal, WatchedService} from '../control/watch-model.ts'
import type {ClusterReal, ClusterService, NodePicture} from './model.ts'
import {type Finding, listed} from './problems.ts'

/** What a virtual service is judged by besides itself. */
export interface ServiceContext {
  readonly nodes: readonly NodePicture[]
  /** Whether a node, by its position, gets the packets for the service; of one without an address here, every node. */
  readonly isHolder: (node: number) => boolean
}

/** A row without its verdict. */
export type ServiceFacts = Pick<ClusterService, 'name' | 'onNodes'>
export type RealFacts = Pick<ClusterReal, 'name' | 'onNodes'>

/** Whatever is wrong with a virtual service itself. */
export function serviceFindings(service: ServiceFacts, context: ServiceContext): readonly Finding[] {
  return [...withoutRealServers(service, context), ...drift(service, context)]
}

function withoutRealServers(service: ServiceFacts, context: ServiceContext): readonly Finding[] {
  const there = present(service.onNodes, context)
  const empty = there.filter(({value}) => value.realServers.every(({isSorryServer}) => isSorryServer))
  const down = there.filter(({value, node}) => !empty.some(other => other.node === node) && !hasRealServer(value))
  const found: Finding[] = []
  if (empty.length > 0) {
    const on = listed(empty.map(({name}) => name))
    found.push(
      finding(service, 'warning', 'service-down', on, (about, verb) => {
        return `${about} ${verb('has', 'have')} no real servers on ${on}`
      }),
    )
  }
  if (down.length > 0) {
    const isServed = !down.some(({node}) => context.isHolder(node))
    const on = listed(down.map(({name}) => name))
    const reason = mostFrequent(down.flatMap(({value}) => reasonsOf(value.realServers)))
    const sorry = down.some(({value}) =>
      value.realServers.some(({isSorryServer, weight}) => isSorryServer && weight > 0),
    )
    const rest = `${reason === undefined ? '' : `: ${reason}`}${sorry ? '; its sorry server answers' : ''}`
    found.push(
      finding(service, isServed ? 'warning' : 'critical', 'service-down', on + rest, (about, verb) => {
        return `${about} ${verb('has', 'have')} no working real server on ${on}${rest}`
      }),
    )
  }
  return found
}

/** Takes new connections. */
const hasRealServer = ({realServers}: WatchedService): boolean =>
  realServers.some(({isSorryServer, weight, standing}) => {
    return !isSorryServer && weight > 0 && (standing === null || standing === 'in')
  })

function drift(service: ServiceFacts, context: ServiceContext): readonly Finding[] {
  return present(service.onNodes, context).flatMap(({value, name, node}) => {
    // Said once for the whole node.
    if (context.nodes[node]?.servicesProblem !== null) return []
    const what = value.drift ?? (value.present ? null : 'it is missing')
    if (what === null) return []
    const cause = `${name}: ${what}`
    return [
      finding(service, 'warning', 'drift', cause, (about, verb) => {
        return `${about} ${verb('is', 'are')} not in IPVS as wanted on ${cause}`
      }),
    ]
  })
}

/** Whatever is wrong with one real server of a virtual service. */
export function realFindings(real: RealFacts, service: ServiceFacts, context: ServiceContext): readonly Finding[] {
  if (isWell(real, service)) return []
  const there = present(real.onNodes, context).filter(({value}) => !value.isSorryServer)
  if (there.length === 0) return []
  const found = (kind: Finding['kind'], cause: string, say: Finding['say']): Finding => {
    const about = `${real.name} of ${service.name}`
    return {severity: 'warning', kind, subject: service.name, about, plural: 'real servers', cause, say}
  }
  return [
    ...outOf(there, found),
    ...held(there, found),
    ...paused(there, found),
    ...missing(real, service, context, found),
  ]
}

/** The quick way for most of many real servers. */
function isWell({onNodes}: RealFacts, service: ServiceFacts): boolean {
  for (const [node, real] of onNodes.entries()) {
    if (real === null) {
      if (service.onNodes[node] !== null) return false
      continue
    }
    const {standing, held: hold, checks} = real
    if (standing === 'out' || standing === 'inhibited' || hold !== null) return false
    for (const {state, pause} of checks) if (state === 'down' || pause !== null) return false
  }
  return true
}

type Found = (kind: Finding['kind'], cause: string, say: Finding['say']) => Finding

function outOf(there: readonly OnNode<WatchedReal>[], found: Found): readonly Finding[] {
  const out = there.filter(({value}) => value.standing === 'out' || value.standing === 'inhibited')
  if (out.length > 0) {
    const rest = there.filter(({value}) => value.standing === 'in')
    const reason = mostFrequent(reasonsOf(out.map(({value}) => value)))
    const because = reason === undefined ? '' : `: ${reason}`
    const but = rest.length === 0 ? '' : ` but in on ${listed(rest.map(({name}) => name))}`
    const where = `out on ${listed(out.map(({name}) => name))}${but}${because}`
    return [found('real-down', where, (about, verb) => `${about} ${verb('is', 'are')} ${where}`)]
  }
  const failing = there.filter(({value}) => value.checks.some(({state}) => state === 'down'))
  if (failing.length === 0) return []
  const reason = mostFrequent(reasonsOf(failing.map(({value}) => value)))
  const where = `on ${listed(failing.map(({name}) => name))}${reason === undefined ? '' : `: ${reason}`}`
  return [found('real-down', where, about => `checks of ${about} fail ${where}`)]
}

function held(there: readonly OnNode<WatchedReal>[], found: Found): readonly Finding[] {
  const holding = there.filter(({value}) => value.held !== null)
  const [first] = holding
  if (first === undefined || first.value.held === null) return []
  const {type, reason} = first.value.held
  const where = `${type} on ${listed(holding.map(({name}) => name))}${reason === null ? '' : `: ${reason}`}`
  return [found('drained', where, (about, verb) => `${about} ${verb('is', 'are')} ${where}`)]
}

function paused(there: readonly OnNode<WatchedReal>[], found: Found): readonly Finding[] {
  const pausing = there.filter(({value}) => value.checks.some(({pause}) => pause !== null))
  if (pausing.length === 0) return []
  const reason = mostFrequent(
    pausing.flatMap(({value}) => value.checks.flatMap(({pause}) => (pause?.reason ? [pause.reason] : []))),
  )
  const where = `on ${listed(pausing.map(({name}) => name))}${reason === undefined ? '' : `: ${reason}`}`
  return [found('check-paused', where, about => `checks of ${about} are paused ${where}`)]
}

/** Nodes that have the service without the real server. */
function missing(real: RealFacts, service: ServiceFacts, context: ServiceContext, found: Found): readonly Finding[] {
  const without = present(service.onNodes, context).filter(({node}) => (real.onNodes[node] ?? null) === null)
  if (without.length === 0) return []
  const on = listed(without.map(({name}) => name))
  return [found('drift', on, (about, verb) => `${about} ${verb('is', 'are')} not known to ${on}`)]
}

interface OnNode<Value> {
  readonly node: number
  readonly name: string
  readonly value: Value
}

function present<Value>(
  onNodes: readonly (Value | null)[],
  {nodes}: Pick<ServiceContext, 'nodes'>,
): readonly OnNode<Value>[] {
  const found: OnNode<Value>[] = []
  for (const [node, value] of onNodes.entries()) {
    if (value !== null) found.push({node, name: nodes[node]?.address.name ?? '', value})
  }
  return found
}

/** Why checks fail. */
function reasonsOf(realServers: readonly WatchedReal[]): readonly string[] {
  return realServers.flatMap(({checks}) =>
    checks.flatMap(({counts, state, reason}) =>
      reason !== null && (counts === 'down' || state === 'down') ? [reason] : [],
    ),
  )
}

function mostFrequent(reasons: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  let best: string | undefined
  for (const [reason, count] of counts) {
    if (best === undefined || count > (counts.get(best) ?? 0)) best = reason
  }
  return best
}

function finding(
  {name}: ServiceFacts,
  severity: Finding['severity'],
  kind: Finding['kind'],
  cause: string,
  say: Finding['say'],
): Finding {
  return {severity, kind, subject: name, about: name, plural: 'virtual services', cause, say}
}
