import type {AgentStatus, RouterCounters, VirtualRouter} from '../../control/model.ts'
import {AGENT_METRICS, CHECK_METRICS, IPVS_METRICS, VRRP_METRICS} from '../../core/metrics/catalogue.ts'
import {type CheckMetrics, LATENCY_BOUNDS_SECONDS} from '../../core/metrics/check-metrics.ts'
import {type IpvsMetrics, REAL_NUMBERS, SERVICE_NUMBERS} from '../../core/metrics/ipvs-metrics.ts'
import {type HistogramSample, histogramText, type Metric, metricText, type Sample} from '../../core/metrics/text.ts'
import type {LoopLag} from '../channel.ts'

/** A process of the agent. */
export interface ProcessPicture {
  readonly name: 'supervisor' | 'vrrp' | 'check'
  readonly up: boolean
  /** ISO 8601; null: it never started. */
  readonly startedAt: string | null
  readonly restarts: number
  readonly lag: LoopLag | null
  /** Resident memory; undefined where the process is gone. */
  readonly memoryBytes: number | undefined
}

/** The metrics of the agent and its processes, in pieces of text. */
export function* agentText(status: AgentStatus, processes: readonly ProcessPicture[]): Generator<string> {
  const {build, ...of} = AGENT_METRICS
  const {configuration} = status
  yield* metricText(build, [[[status.version, process.version], 1]])
  yield* metricText(of.started, [alone(timestamp(status.startedAt))])
  yield* metricText(of.observes, [alone(flag(status.observes))])
  yield* metricText(of.overrides, [alone(status.overrides)])
  yield* metricText(of.stateWritable, [alone(flag(status.stateProblem === null))])
  yield* metricText(of.configurationLoaded, [alone(timestamp(configuration.loadedAt))])
  yield* metricText(of.configurationAccepted, [alone(flag(configuration.refused === null))])
  yield* metricText(of.configurationErrors, [alone(configuration.errors)])
  yield* metricText(of.configurationWarnings, [alone(configuration.warnings)])
  const each = (value: (process: ProcessPicture) => number | undefined): Sample[] =>
    processes.flatMap(one => {
      const found = value(one)
      return found === undefined ? [] : [[[one.name], found] as const]
    })
  const started = ({startedAt}: ProcessPicture) => (startedAt === null ? undefined : timestamp(startedAt))
  yield* metricText(
    of.processUp,
    each(({up}) => flag(up)),
  )
  yield* metricText(of.processStarted, each(started))
  yield* metricText(
    of.processRestarts,
    each(({restarts}) => restarts),
  )
  yield* metricText(
    of.processMemory,
    each(({memoryBytes}) => memoryBytes),
  )
  const lags = processes.flatMap(({name, lag}): Sample[] =>
    lag === null
      ? []
      : [
          [[name, 'median'], lag.p50 / 1_000],
          [[name, 'p99'], lag.p99 / 1_000],
          [[name, 'max'], lag.max / 1_000],
        ],
  )
  yield* metricText(of.eventLoopLag, lags)
}

/** Whether the metrics of checkers and of the kernel are among those of this scrape. */
export function partsText(parts: {readonly [part: string]: boolean}): Generator<string> {
  return metricText(
    AGENT_METRICS.scrapePart,
    Object.entries(parts).map(([part, here]): Sample => [[part], flag(here)]),
  )
}

/** The metrics of virtual routers, in pieces of text. */
export function* vrrpText(routers: readonly VirtualRouter[]): Generator<string> {
  const {info, state, since, rejected, ...of} = VRRP_METRICS
  const each = (metric: Metric, value: (router: VirtualRouter) => number): Generator<string> =>
    metricText(
      metric,
      mapped(routers, (router): Sample => [[router.name], value(router)]),
    )
  yield* metricText(
    info,
    mapped(routers, ({name, interface: device, vrid, family, version, group}): Sample => {
      return [[name, device, String(vrid), String(family), String(version), group ?? ''], 1]
    }),
  )
  yield* metricText(
    state,
    routers.flatMap(router => ROUTER_STATES.map((one): Sample => [[router.name, one], flag(router.state === one)])),
  )
  yield* each(since, router => timestamp(router.since))
  yield* each(of.priority, ({priority}) => priority.effective)
  yield* each(of.basePriority, ({priority}) => priority.base)
  yield* each(of.held, ({held}) => flag(held !== null))
  yield* each(of.observed, ({observed}) => flag(observed))
  yield* each(of.interval, ({advertIntervalMs}) => advertIntervalMs / 1_000)
  yield* each(of.addressesWanted, ({vips}) => vips.filter(({wanted}) => wanted).length)
  yield* each(of.addressesPresent, ({vips}) => vips.filter(({present}) => present).length)
  yield* each(of.rivals, ({splitBrain}) => splitBrain?.length ?? 0)
  for (const [field, metric] of ROUTER_COUNTERS) yield* each(metric, ({counters}) => counters[field])
  yield* metricText(
    rejected,
    routers.flatMap(({name, counters}) =>
      Object.entries(counters.rejected).map(([reason, count]): Sample => [[name, reason], count]),
    ),
  )
}

const ROUTER_STATES = ['init', 'backup', 'master', 'fault'] as const

const ROUTER_COUNTERS: readonly (readonly [field: keyof Omit<RouterCounters, 'rejected'>, metric: Metric])[] = [
  ['splitBrains', VRRP_METRICS.splitBrains],
  ['becameMaster', VRRP_METRICS.becameMaster],
  ['releasedMaster', VRRP_METRICS.releasedMaster],
  ['advertisementsSent', VRRP_METRICS.sent],
  ['advertisementsReceived', VRRP_METRICS.received],
  ['priorityZeroSent', VRRP_METRICS.zeroSent],
  ['priorityZeroReceived', VRRP_METRICS.zeroReceived],
  ['garpSent', VRRP_METRICS.garpSent],
  ['neighbourAdvertisementsSent', VRRP_METRICS.neighbourSent],
  ['sendErrors', VRRP_METRICS.sendErrors],
  ['addressListsDiffering', VRRP_METRICS.listsDiffering],
  ['intervalsDiffering', VRRP_METRICS.intervalsDiffering],
]

/** The metrics of checkers and of what they decide on, in pieces of text. */
export function* checkText({virtualServers, checkers}: CheckMetrics): Generator<string> {
  const {realUp, realWeight, duration, sorryServer, ...of} = CHECK_METRICS
  type Server = CheckMetrics['virtualServers'][number]
  type Real = Server['realServers'][number]
  type Checker = CheckMetrics['checkers'][number]
  const each = (metric: Metric, value: (server: Server) => number): Generator<string> =>
    metricText(
      metric,
      mapped(virtualServers, (server): Sample => [[server.name], value(server)]),
    )
  yield* each(of.quorumUp, ({quorumUp}) => flag(quorumUp))
  yield* each(of.quorum, ({quorum}) => quorum)
  yield* each(of.weight, ({weight}) => weight)
  yield* each(of.realServers, ({realServers}) => realServers.length)
  yield* each(of.realServersUp, ({realServers}) => realServers.filter(({up}) => up).length)
  const sorry = virtualServers.flatMap(({name, sorryServerUsed: used}): Sample[] =>
    used === undefined ? [] : [[[name], flag(used)]],
  )
  yield* metricText(sorryServer, sorry)
  const eachReal = (metric: Metric, value: (real: Real) => number): Generator<string> =>
    metricText(
      metric,
      nested(
        virtualServers,
        ({realServers}) => realServers,
        ({name}, real) => [[name, real.name], value(real)],
      ),
    )
  yield* eachReal(realUp, ({up}) => flag(up))
  yield* eachReal(realWeight, ({weight}) => weight)
  const eachKind = (metric: Metric, value: (checker: Checker) => number): Generator<string> =>
    metricText(
      metric,
      mapped(checkers, (one): Sample => [[one.virtualServer, one.kind], value(one)]),
    )
  yield* eachKind(of.checkers, one => one.checkers)
  yield* eachKind(of.checkersDown, ({down}) => down)
  yield* eachKind(of.runs, ({runs}) => runs)
  yield* eachKind(of.failures, ({failed}) => failed)
  yield* histogramText(duration, durations(checkers))
}

/** By kind alone: a dozen lines for each of thousands of virtual servers would be more than all the rest. */
function durations(checkers: CheckMetrics['checkers']): readonly HistogramSample[] {
  const kinds = new Map<string, {readonly counts: number[]; sum: number}>()
  for (const {kind, latency} of checkers) {
    const total = kinds.get(kind) ?? {counts: new Array<number>(LATENCY_BOUNDS_SECONDS.length + 1).fill(0), sum: 0}
    kinds.set(kind, total)
    for (const [i, count] of latency.counts.entries()) total.counts[i] = (total.counts[i] ?? 0) + count
    total.sum += latency.sumSeconds
  }
  return [...kinds].map(([kind, {counts, sum}]) => ({labels: [kind], bounds: LATENCY_BOUNDS_SECONDS, counts, sum}))
}

/** What the kernel counted, in pieces of text. */
export function* ipvsText({services, serviceNumbers, realNames, realNumbers}: IpvsMetrics): Generator<string> {
  const of = IPVS_METRICS
  const numbered = services.map(({name, configured, present}, n) => ({labels: [name, configured], present, n}))
  const here = numbered.filter(({present}) => present)
  const ofService = (n: number, field: (typeof SERVICE_NUMBERS)[number]): number =>
    serviceNumbers[n * SERVICE_NUMBERS.length + SERVICE_NUMBERS.indexOf(field)] ?? 0
  yield* metricText(
    of.connections,
    mapped(here, ({labels, n}): Sample => [labels, ofService(n, 'connections')]),
  )
  for (const [metric, fields] of [
    [of.packets, PACKETS],
    [of.bytes, BYTES],
  ] as const) {
    const samples = nested(
      here,
      () => fields,
      ({labels, n}, [direction, field]) => [[...labels, direction], ofService(n, field)],
    )
    yield* metricText(metric, samples)
  }
  yield* metricText(
    of.present,
    mapped(numbered, ({labels, present}): Sample => [labels, flag(present)]),
  )
  const names = realNames.split('\n')
  const owners = services.flatMap(({name, realServers}) => new Array<string>(realServers).fill(name))
  const each = (metric: Metric, field: RealNumber): Generator<string> =>
    metricText(metric, realSamples({owners, names, numbers: realNumbers}, [['', field]]))
  yield* each(of.realWeight, 'weight')
  yield* each(of.realActive, 'activeConnections')
  yield* each(of.realInactive, 'inactiveConnections')
  yield* each(of.realConnections, 'connections')
  yield* metricText(of.realPackets, realSamples({owners, names, numbers: realNumbers}, PACKETS))
  yield* metricText(of.realBytes, realSamples({owners, names, numbers: realNumbers}, BYTES))
}

type RealNumber = (typeof REAL_NUMBERS)[number]

type Directed = readonly (readonly [direction: 'in' | 'out', field: (typeof SERVICE_NUMBERS)[number]])[]
const PACKETS: Directed = [
  ['in', 'packetsIn'],
  ['out', 'packetsOut'],
]
const BYTES: Directed = [
  ['in', 'bytesIn'],
  ['out', 'bytesOut'],
]

interface PackedReals {
  /** The service of each. */
  readonly owners: readonly string[]
  readonly names: readonly string[]
  readonly numbers: Float64Array
}

/** One sample for each real server and direction; what has no direction has no label for it either. */
function* realSamples(
  {owners, names, numbers}: PackedReals,
  fields: readonly (readonly [direction: string, field: RealNumber])[],
): Generator<Sample> {
  const places = fields.map(([direction, field]) => ({direction, place: REAL_NUMBERS.indexOf(field)}))
  for (const [i, owner] of owners.entries()) {
    for (const {direction, place} of places) {
      yield [[owner, names[i] ?? '', direction], numbers[i * REAL_NUMBERS.length + place] ?? 0]
    }
  }
}

function* mapped<One>(all: readonly One[], sample: (one: One) => Sample): Generator<Sample> {
  for (const one of all) yield sample(one)
}

function* nested<One, Part>(
  all: readonly One[],
  parts: (one: One) => readonly Part[],
  sample: (one: One, part: Part) => Sample,
): Generator<Sample> {
  for (const one of all) for (const part of parts(one)) yield sample(one, part)
}

const alone = (value: number): Sample => [[], value]
const flag = (holds: boolean): number => (holds ? 1 : 0)
const timestamp = (at: string): number => Date.parse(at) / 1_000
