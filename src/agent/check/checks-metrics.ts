import {effectiveWeight, liveWeight} from '../../core/check/virtual-server.ts'
import {
  type CheckerMetrics,
  type CheckMetrics,
  LATENCY_BOUNDS_SECONDS,
  latencyBucket,
  type VirtualServerMetrics,
} from '../../core/metrics/check-metrics.ts'
import type {VirtualServerRun} from './checks-run.ts'

/** What the checkers of one kind of one virtual server have done since the process started; it only grows. */
export class KindCounters {
  runs = 0
  failed = 0
  readonly counts: number[] = Array.from({length: LATENCY_BOUNDS_SECONDS.length + 1}, () => 0)
  sumSeconds = 0

  add({ok, latencyMs}: {readonly ok: boolean; readonly latencyMs: number}): void {
    const seconds = latencyMs / 1_000
    const bucket = latencyBucket(seconds)
    this.runs++
    if (!ok) this.failed++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sumSeconds += seconds
  }
}

/** Everything that is measured of the checks. */
export function checkMetrics(servers: Iterable<VirtualServerRun>): CheckMetrics {
  const virtualServers: VirtualServerMetrics[] = []
  const checkers: CheckerMetrics[] = []
  for (const server of servers) {
    virtualServers.push(virtualServerMetrics(server))
    checkers.push(...checkerMetrics(server))
  }
  return {virtualServers, checkers}
}

function virtualServerMetrics({plan, state}: VirtualServerRun): VirtualServerMetrics {
  return {
    name: plan.name,
    quorumUp: state.quorumUp,
    quorum: plan.quorum,
    weight: liveWeight(plan, state),
    sorryServerUsed: plan.sorryServer === undefined ? undefined : !state.quorumUp,
    realServers: plan.realServers.map((realServer, place) => {
      const known = state.realServers[place] ?? {up: true, addedWeight: 0}
      return {name: realServer.name, up: known.up, weight: effectiveWeight(realServer, known)}
    }),
  }
}

function checkerMetrics({plan, realServers, kinds}: VirtualServerRun): readonly CheckerMetrics[] {
  const numbers = new Map<string, {checkers: number; down: number}>()
  for (const {checkers} of realServers) {
    for (const {kind, state} of checkers) {
      const number = numbers.get(kind) ?? {checkers: 0, down: 0}
      number.checkers++
      if (!state.up) number.down++
      numbers.set(kind, number)
    }
  }
  return [...kinds].map(([kind, {runs, failed, counts, sumSeconds}]) => ({
    virtualServer: plan.name,
    kind,
    ...(numbers.get(kind) ?? {checkers: 0, down: 0}),
    runs,
    failed,
    latency: {counts: [...counts], sumSeconds},
  }))
}
