/** What the check process has counted, for `GET /metrics`; JSON. Times in seconds, as Prometheus wants them. */
export interface CheckMetrics {
  readonly virtualServers: readonly VirtualServerMetrics[]
  /** Checkers together, one entry for each virtual server and kind, since there may be tens of thousands. */
  readonly checkers: readonly CheckerMetrics[]
}

/** How a virtual server stands. */
export interface VirtualServerMetrics {
  /** `CheckedVirtualServer.name` */
  readonly name: string
  readonly quorumUp: boolean
  readonly quorum: number
  /** Sum of the weights of the real servers that are up. */
  readonly weight: number
  /** Whether its sorry server is in service; undefined without one. */
  readonly sorryServerUsed?: boolean | undefined
  readonly realServers: readonly {
    /** `CheckedRealServer.name` */
    readonly name: string
    readonly up: boolean
    /** Its weight with what checkers add to it. */
    readonly weight: number
  }[]
}

/** The checkers of one kind of one virtual server. */
export interface CheckerMetrics {
  readonly virtualServer: string
  /** "TCP_CHECK", "HTTP_GET", … */
  readonly kind: string
  /** How many there are, and how many of them count as down now. */
  readonly checkers: number
  readonly down: number
  /** Since the check process started; both only grow. */
  readonly runs: number
  readonly failed: number
  readonly latency: LatencyHistogram
}

/** How long probes took: each counted once, under the first bound that it is not above, or beyond all of them. */
export interface LatencyHistogram {
  /** As many as `LATENCY_BOUNDS_SECONDS`, and one more for what took longer. */
  readonly counts: readonly number[]
  readonly sumSeconds: number
}

/** Upper bounds of `LatencyHistogram`, seconds. */
export const LATENCY_BOUNDS_SECONDS = [0.001, 0.0025, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10] as const

/** Where a latency is counted: an index of `LatencyHistogram.counts`. */
export function latencyBucket(latencySeconds: number): number {
  const place = LATENCY_BOUNDS_SECONDS.findIndex(bound => latencySeconds <= bound)
  return place === -1 ? LATENCY_BOUNDS_SECONDS.length : place
}
