import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, vi} from 'vitest'
import {Checks, type ChecksOptions} from '../../../src/agent/check/checks.ts'
import type {Check, CheckReply} from '../../../src/control/check-model.ts'
import type {Override} from '../../../src/control/model.ts'
import type {CheckNews} from '../../../src/core/check/news.ts'
import type {CheckedRealServer, CheckedVirtualServer, CheckerPlan, CheckPlan} from '../../../src/core/check/plan.ts'
import type {ProbeResult} from '../../../src/core/check/result.ts'
import type {Standings} from '../../../src/core/check/standing.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {serviceName} from '../../../src/core/ipvs/names.ts'
import type {JournalEntry} from '../../../src/core/journal/record.ts'
import type {NetworkProbePlan, ProbeOptions} from '../../../src/probe/probe.ts'

/** A probe that found nothing wrong. */
export const GOOD: ProbeResult = {ok: true, latencyMs: 1.5, detail: undefined, weight: undefined}
/** A probe of a port where nobody listens. */
export const REFUSED: ProbeResult = {ok: false, latencyMs: 0.5, reason: 'refused'}

/** A TCP_CHECK each second that fails at once when it fails. */
export function checker(address: string, timing: Partial<CheckerPlan['timing']> = {}): CheckerPlan {
  return {
    key: `TCP_CHECK ${address} ${JSON.stringify(timing)}`,
    timing: {
      delayLoopMs: 1_000,
      retry: 0,
      delayBeforeRetryMs: 1_000,
      warmupMs: 0,
      alpha: false,
      logAllFailures: false,
      ...timing,
    },
    probe: {
      type: 'tcp',
      connection: {
        address: address as IpAddress,
        port: 80,
        bindAddress: undefined,
        bindPort: undefined,
        bindInterface: undefined,
        fwmark: 0,
        timeoutMs: 2_000,
      },
    },
  }
}

/** A real server with one TCP_CHECK. */
export function realServer(address: string, fields: Partial<CheckedRealServer> = {}): CheckedRealServer {
  return {
    name: `${address}:80`,
    address: address as IpAddress,
    port: 80,
    weight: 1,
    destinationPort: undefined,
    inhibitOnFailure: false,
    checkers: [checker(address)],
    ...fields,
  }
}

/** A virtual server on port 80. */
export function virtualServer(
  address: string,
  realServers: readonly CheckedRealServer[],
  fields: Partial<CheckedVirtualServer> = {},
): CheckedVirtualServer {
  return {
    name: `${address} 80`,
    services: [{type: 'address', protocol: 'tcp', address: address as IpAddress, port: 80}],
    quorum: 1,
    hysteresis: 0,
    haSuspend: false,
    sorryServer: undefined,
    realServers,
    ...fields,
  }
}

/** Answers a probe; a test changes what by `answer`. */
export type Answer = (plan: NetworkProbePlan, options: ProbeOptions) => ProbeResult | Promise<ProbeResult>

/** Everything that one engine was asked and has told. */
export interface Driven {
  readonly checks: Checks
  answer: Answer
  readonly probed: {readonly address: string; readonly at: number; readonly page: number | undefined}[]
  readonly followed: {readonly standings: Standings; readonly changed: readonly string[]}[]
  readonly news: CheckNews[]
  readonly journal: JournalEntry[]
  overrides: readonly Override[]
  readonly configure: (
    virtualServers: readonly CheckedVirtualServer[],
    settings?: {readonly files?: {readonly [name: string]: number}; readonly observing?: boolean} & Partial<CheckPlan>,
  ) => Standings
  readonly list: (input?: object) => Promise<readonly Check[]>
  readonly order: (name: 'runChecks' | 'pauseChecks' | 'resumeChecks', input: object) => Promise<readonly Check[]>
  readonly advance: (ms: number) => Promise<void>
}

/** State directory of the test that runs. */
export let directory = ''
const running: Checks[] = []

/** Fake time and a state directory for each test of a file. */
export function useFakeTime(): void {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hactl-checks-'))
    vi.useFakeTimers()
  })
  afterEach(() => {
    for (const checks of running.splice(0)) checks.stop()
    vi.useRealTimers()
    rmSync(directory, {recursive: true, force: true})
  })
}

/** An engine whose probes answer at once what `answer` says, and are good until it says otherwise. */
export function driven(options: Partial<ChecksOptions> = {}): Driven {
  const checks = new Checks({
    probe: async (plan, probeOptions) => {
      run.probed.push({address: plan.connection.address, at: Math.round(performance.now()), page: probeOptions.page})
      return run.answer(plan, probeOptions)
    },
    run: async () => GOOD,
    follow: async (standings, changed) => {
      run.followed.push({standings, changed: changed.map(serviceName)})
    },
    tell: news => run.news.push(...news),
    journal: entry => run.journal.push(entry),
    tellOverrides: ({list}) => {
      run.overrides = list
    },
    random: () => 0,
    ...options,
  })
  running.push(checks)
  const run: Driven = {
    checks,
    answer: () => GOOD,
    probed: [],
    followed: [],
    news: [],
    journal: [],
    overrides: [],
    configure: (virtualServers, {files = {}, observing = false, tellsOfStart = false} = {}) =>
      checks.configure({virtualServers, tellsOfStart}, {stateDirectory: directory, observing, files}),
    list: async (input = {}) => (await checks.call('checks', input)).value as readonly Check[],
    order: async (name, input) => ((await checks.call(name, input)).value as CheckReply).checks,
    advance: async ms => {
      await vi.advanceTimersByTimeAsync(ms)
    },
  }
  return run
}

/** Which of the answers goes to whom: those who are named are refused. */
export const refusing =
  (...addresses: readonly string[]): Answer =>
  plan =>
    addresses.includes(plan.connection.address) ? REFUSED : GOOD

/** How the destinations of a service stand, in short: "in 1", "inhibited", "out". */
export function stands(standings: Standings, service: string): {readonly [destination: string]: string} {
  const found = [...(standings.get(service) ?? [])]
  return Object.fromEntries(
    found.map(([name, standing]) => [name, standing.type === 'in' ? `in ${standing.weight}` : standing.type]),
  )
}
