import type {
  CheckedRealServer,
  CheckedSorryServer,
  CheckedVirtualServer,
  CheckerPlan,
  CheckerTimes,
  HttpProbePlan,
  ProbeConnection,
  ProbePlan,
} from '../../../src/core/check/plan.ts'
import type {ProbedWeight, ProbeResult} from '../../../src/core/check/result.ts'
import type {IpAddress} from '../../../src/core/ip.ts'

/** An address that is known to be one. */
export const ip = (text: string): IpAddress => text as IpAddress

/** What a probe connects to, 10.0.0.1:80 unless told otherwise. */
export const connection = (changes: Partial<ProbeConnection> = {}): ProbeConnection => ({
  address: ip('10.0.0.1'),
  port: 80,
  bindAddress: undefined,
  bindPort: undefined,
  bindInterface: undefined,
  fwmark: 0,
  timeoutMs: 5000,
  ...changes,
})

/** delay_loop 3, retry 2, delay_before_retry 1. */
export const timing = (changes: Partial<CheckerTimes> = {}): CheckerTimes => ({
  delayLoopMs: 3000,
  retry: 2,
  delayBeforeRetryMs: 1000,
  warmupMs: 0,
  alpha: false,
  logAllFailures: false,
  ...changes,
})

/** A checker, TCP_CHECK unless told otherwise. */
export function checker(changes: Partial<CheckerTimes> = {}, probe?: ProbePlan): CheckerPlan {
  return {key: 'key', timing: timing(changes), probe: probe ?? {type: 'tcp', connection: connection()}}
}

/** HTTP_GET of these pages. */
export function pages(paths: readonly string[], changes: Partial<HttpProbePlan> = {}): HttpProbePlan {
  const page = {host: 'www.example.org', digest: undefined, status: [{from: 200, to: 299}], regex: undefined}
  return {
    type: 'http',
    connection: connection(),
    tls: undefined,
    protocol: '1.1',
    fastRecovery: false,
    pages: paths.map(path => ({path, ...page, tlsCompliant: undefined})),
    ...changes,
  }
}

/** A real server without checkers, weight 1. */
export const realServer = (name: string, changes: Partial<CheckedRealServer> = {}): CheckedRealServer => ({
  name,
  address: ip('10.0.0.1'),
  port: 80,
  weight: 1,
  destinationPort: undefined,
  inhibitOnFailure: false,
  checkers: [],
  ...changes,
})

/** A sorry server. */
export const sorryServer = (changes: Partial<CheckedSorryServer> = {}): CheckedSorryServer => ({
  address: ip('10.0.0.99'),
  port: 80,
  destinationPort: undefined,
  inhibit: false,
  ...changes,
})

/** A virtual server with quorum 1. */
export const virtualServer = (
  realServers: readonly CheckedRealServer[],
  changes: Partial<CheckedVirtualServer> = {},
): CheckedVirtualServer => ({
  name: '192.0.2.1 80',
  services: [],
  quorum: 1,
  hysteresis: 0,
  haSuspend: false,
  sorryServer: undefined,
  realServers,
  ...changes,
})

/** A success, with a weight or without. */
export const good = (weight?: ProbedWeight): ProbeResult => ({ok: true, latencyMs: 1, detail: undefined, weight})

/** A failure. */
export const bad: ProbeResult = {ok: false, latencyMs: 1, reason: 'refused'}
