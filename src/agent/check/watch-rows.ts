import type {LvsCounters, LvsRealServer} from '../../control/lvs-model.ts'
import type {WatchedCheck, WatchedRates, WatchedReal, WatchedService} from '../../control/watch-model.ts'
import {destinationKey, serviceKey} from '../../core/ipvs/names.ts'
import type {Situation} from '../../lvs/situation.ts'
import {serviceView} from '../../lvs/views.ts'
import type {CheckerRun, Servers} from './checks-run.ts'
import {checkerState, pauseView} from './checks-views.ts'

/** Checkers by the name of a service and of its real server. */
type Places = ReadonlyMap<string, ReadonlyMap<string, readonly CheckerRun[]>>

/** A latency is told again when it differs by more than this, milliseconds, and by more than a fifth. */
const LATENCY_STEP_MS = 1
const LATENCY_STEP = 0.2

/** Makes what is told of each service, out of what IPVS has, what is wanted, and the checkers. */
export class WatchedRows {
  #servers: Servers | undefined
  #places: Places = new Map()
  /** The latency of each checker that was told last. */
  readonly #latencies = new WeakMap<CheckerRun, number>()

  /** The virtual servers that there are now; those of an earlier configuration are forgotten. */
  use(servers: Servers | undefined): void {
    if (servers === this.#servers) return
    this.#servers = servers
    this.#places = placesOf(servers)
  }

  /** One service; undefined: it is neither there nor wanted. */
  row(situation: Situation): WatchedService | undefined {
    const view = serviceView(situation, 'foreign')
    if (view === undefined) return undefined
    const {name, configured, origin, scheduler, present, drift, counters} = view
    const checkers = this.#places.get(name)
    const realServers = view.realServers.map(real => this.#real(real, checkers?.get(real.name) ?? []))
    return {name, configured, origin, scheduler, present, drift, rates: ratesOf(counters), realServers}
  }

  #real(real: LvsRealServer, checkers: readonly CheckerRun[]): WatchedReal {
    const {name, method, weight, present, activeConnections, inactiveConnections, counters, checked, held} = real
    return {
      name,
      method,
      weight,
      present,
      activeConnections,
      inactiveConnections,
      rates: ratesOf(counters),
      standing: checked?.standing ?? null,
      isSorryServer: checked?.isSorryServer ?? false,
      held,
      checks: checkers.map(checker => this.#check(checker)),
    }
  }

  #check(checker: CheckerRun): WatchedCheck {
    const last = checker.history.get(0)
    return {
      number: checker.number,
      kind: checker.kind,
      state: checkerState(checker),
      counts: checker.state.up ? 'up' : 'down',
      since: checker.since === undefined ? null : new Date(checker.since).toISOString(),
      pause: checker.pause === undefined ? null : pauseView(checker.pause),
      latencyMs: last === undefined ? null : this.#latency(checker, last.latencyMs),
      reason: last?.ok === false ? last.text : null,
    }
  }

  /** What is told of a latency: it differs each time, and only what can be seen is worth a line. */
  #latency(checker: CheckerRun, latencyMs: number): number {
    const told = this.#latencies.get(checker)
    if (told !== undefined) {
      const stepMs = Math.abs(latencyMs - told)
      if (stepMs <= LATENCY_STEP_MS || stepMs <= LATENCY_STEP * told) return told
    }
    const rounded = Math.round(latencyMs * 10) / 10
    this.#latencies.set(checker, rounded)
    return rounded
  }
}

function placesOf(servers: Servers | undefined): Places {
  const places = new Map<string, Map<string, readonly CheckerRun[]>>()
  for (const {
    plan: {services},
    realServers,
  } of servers?.values() ?? []) {
    for (const id of services) {
      const key = serviceKey(id)
      const servicePort = id.type === 'address' ? id.port : 0
      const ofService = places.get(key) ?? new Map<string, readonly CheckerRun[]>()
      places.set(key, ofService)
      for (const {plan, checkers} of realServers) {
        if (checkers.length === 0) continue
        ofService.set(destinationKey({address: plan.address, port: plan.destinationPort ?? servicePort}), checkers)
      }
    }
  }
  return places
}

const ratesOf = ({connectionRate, byteRateIn, byteRateOut}: LvsCounters): WatchedRates => ({
  connections: connectionRate,
  bytesIn: byteRateIn,
  bytesOut: byteRateOut,
})
