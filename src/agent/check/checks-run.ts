import {type CheckerState, initialChecker, standingOfCheckers} from '../../core/check/checker.ts'
import {checkerKind, checkerTarget} from '../../core/check/describe.ts'
import type {CheckNews} from '../../core/check/news.ts'
import type {CheckedRealServer, CheckedVirtualServer, CheckerPlan, CheckPlan} from '../../core/check/plan.ts'
import {initialVirtualServer, type RealServerState, type VirtualServerState} from '../../core/check/virtual-server.ts'
import {serviceName} from '../../core/ipvs/names.ts'
import {ResultHistory} from './checks-history.ts'
import {KindCounters} from './checks-metrics.ts'
import type {Pause} from './checks-pauses.ts'
import type {Probed} from './checks-scheduler.ts'

/** A checker that runs. A reload that leaves it as it is keeps this very object. */
export class CheckerRun implements Probed {
  readonly plan: CheckerPlan
  readonly kind: string
  readonly target: string
  readonly timeoutMs: number
  readonly isProgram: boolean
  readonly history = new ResultHistory()
  /** Its place among the checkers of its real server, counted from 1. */
  number: number
  realServer: RealServerRun
  counters: KindCounters
  state: CheckerState
  /** When it came to count as it does, milliseconds since 1970; undefined: it has from the start. */
  since: number | undefined
  pause: Pause | undefined
  runs = 0
  failed = 0

  constructor(plan: CheckerPlan, {number, realServer}: Pick<CheckerRun, 'number' | 'realServer'>) {
    this.plan = plan
    this.kind = checkerKind(plan.probe)
    this.target = checkerTarget(plan.probe)
    this.timeoutMs = timeoutOf(plan)
    this.isProgram = plan.probe.type === 'misc'
    this.number = number
    this.realServer = realServer
    this.counters = realServer.server.countersOf(this.kind)
    this.state = initialChecker(plan)
  }

  /** Files and sessions tell by themselves how they stand: no clock runs them. */
  get isTold(): boolean {
    return this.plan.probe.type === 'file' || this.plan.probe.type === 'bfd'
  }

  /** Why it does not run, apart from its real server's turn that has not come. */
  get isSuspended(): boolean {
    return this.realServer.server.suspended
  }
}

/** A real server that is checked. */
export class RealServerRun {
  readonly plan: CheckedRealServer
  readonly server: VirtualServerRun
  /** Its place in its virtual server, counted from 0. */
  readonly place: number
  checkers: readonly CheckerRun[] = []

  constructor(plan: CheckedRealServer, {server, place}: Pick<RealServerRun, 'server' | 'place'>) {
    this.plan = plan
    this.server = server
    this.place = place
  }

  /** What its checkers say of it together. */
  get standing(): RealServerState {
    return standingOfCheckers(this.checkers.map(({state}) => state))
  }
}

/** A virtual server with its real servers as they are. */
export class VirtualServerRun {
  readonly plan: CheckedVirtualServer
  /** By the checker's name in a configuration; what was counted before a reload counts on. */
  readonly kinds: Map<string, KindCounters>
  /** Its services in IPVS: "192.0.2.1:80/tcp". */
  readonly services: readonly string[]
  realServers: readonly RealServerRun[] = []
  state: VirtualServerState = {quorumUp: false, realServers: []}
  /** `ha_suspend`: none of its addresses is on this host. */
  suspended = false

  constructor(plan: CheckedVirtualServer, kinds: Map<string, KindCounters>) {
    this.plan = plan
    this.kinds = kinds
    this.services = plan.services.map(serviceName)
  }

  get checkers(): readonly CheckerRun[] {
    return this.realServers.flatMap(({checkers}) => checkers)
  }

  countersOf(kind: string): KindCounters {
    const known = this.kinds.get(kind)
    if (known !== undefined) return known
    const counters = new KindCounters()
    this.kinds.set(kind, counters)
    return counters
  }
}

/** Whether it has to have one of its addresses on this host: one that has marks alone has none that could be here. */
export const needsAddress = ({plan}: VirtualServerRun): boolean =>
  plan.haSuspend && plan.services.some(({type}) => type === 'address')

/** By the names of the configuration, in its order. */
export type Servers = ReadonlyMap<string, VirtualServerRun>

/** What a configuration comes to, held against what ran before it. */
export interface Succession {
  readonly servers: Servers
  readonly added: readonly CheckerRun[]
  readonly removed: readonly CheckerRun[]
}

/** Makes what a configuration wants to run; what is known of checkers that stay as they are goes with them. */
export function succeed(plan: CheckPlan, before: Servers | undefined): Succession {
  const left = new Set([...(before?.values() ?? [])].flatMap(({checkers}) => checkers))
  const added: CheckerRun[] = []
  const servers = new Map<string, VirtualServerRun>()
  for (const serverPlan of plan.virtualServers) {
    const old = before?.get(serverPlan.name)
    const server = new VirtualServerRun(serverPlan, old?.kinds ?? new Map())
    server.suspended = old?.suspended ?? needsAddress(server)
    const oldRealServers = new Map(old?.realServers.map(each => [each.plan.name, each]))
    server.realServers = serverPlan.realServers.map((realPlan, place) => {
      const realServer = new RealServerRun(realPlan, {server, place})
      const known = oldRealServers.get(realPlan.name)?.checkers ?? []
      realServer.checkers = realPlan.checkers.map((checkerPlan, index) => {
        const kept = known.find(checker => left.has(checker) && checker.plan.key === checkerPlan.key)
        if (kept === undefined) {
          const made = new CheckerRun(checkerPlan, {number: index + 1, realServer})
          // After a reload keepalived gives a new checker all its retries, at a start none.
          if (before !== undefined) made.state = {...made.state, checkedBefore: true}
          added.push(made)
          return made
        }
        left.delete(kept)
        kept.number = index + 1
        kept.realServer = realServer
        return kept
      })
      return realServer
    })
    servers.set(serverPlan.name, server)
  }
  return {servers, added, removed: [...left]}
}

/** Puts the virtual servers into the states that their checkers come to; answers what is to be told of that. */
export function settle(
  servers: Servers,
  before: Servers | undefined,
  {tellsOfStart}: Pick<CheckPlan, 'tellsOfStart'>,
): readonly CheckNews[] {
  const news: CheckNews[] = [...(before === undefined ? [] : newsOfRemoved(servers, before))]
  for (const server of servers.values()) {
    const old = before?.get(server.plan.name)
    const known = new Map(old?.realServers.map(({plan, place}) => [plan.name, old.state.realServers[place]]))
    const step = initialVirtualServer(server.plan, {
      realServers: server.realServers.map(({standing}) => standing),
      before: server.realServers.map(({plan}) => known.get(plan.name)),
      quorumUp: old?.state.quorumUp,
      tellsOfStart,
    })
    server.state = step.state
    news.push(...step.news)
  }
  return news
}

/** The end of everything that is up: of a real server before that of its virtual server. */
export function newsOfEnd(servers: Servers): readonly CheckNews[] {
  return [...servers.values()].flatMap(server => [
    ...server.realServers.filter(isUp).map(realServer => stopped(server, realServer)),
    stopped(server, undefined),
  ])
}

function newsOfRemoved(servers: Servers, before: Servers): readonly CheckNews[] {
  return [...before.values()].flatMap(server => {
    const now = servers.get(server.plan.name)
    const stay = new Set(now?.realServers.map(({plan}) => plan.name))
    const gone = server.realServers.filter(realServer => isUp(realServer) && !stay.has(realServer.plan.name))
    const news = gone.map(realServer => stopped(server, realServer))
    return now === undefined ? [...news, stopped(server, undefined)] : news
  })
}

const isUp = ({server, place}: RealServerRun): boolean => server.state.realServers[place]?.up === true

const stopped = ({plan}: VirtualServerRun, realServer: RealServerRun | undefined): CheckNews => ({
  type: 'stopped',
  virtualServer: plan.name,
  realServer: realServer?.plan.name,
})

function timeoutOf({probe}: CheckerPlan): number {
  if (probe.type === 'file' || probe.type === 'bfd') return 0
  return probe.type === 'misc' ? probe.timeoutMs : probe.connection.timeoutMs
}
