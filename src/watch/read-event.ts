import type {Check, CheckPause} from '../control/check-model.ts'
import type {LvsHold} from '../control/lvs-model.ts'
import type {
  AgentStatus,
  Peer,
  ProcessStatus,
  RouterCounters,
  TrackStatus,
  Vip,
  VirtualRouter,
} from '../control/model.ts'
import type {
  WatchEvent,
  WatchedCheck,
  WatchedRates,
  WatchedReal,
  WatchedService,
  WatchedServices,
} from '../control/watch-model.ts'
import type {JournalKind, JournalRecord} from '../core/journal/record.ts'
import {boolean, lacking, list, number, object, oneOf, orNull, record, type Shape, text, WRONG} from './shapes.ts'

/**
 * Reads one line of `GET /v1/watch` (parsed JSON); undefined: it is none. What a newer agent tells besides is left out,
 * and what an older one does not tell is taken to be the usual, as long as the rest makes sense without it.
 */
export function readWatchEvent(value: unknown): WatchEvent | undefined {
  const type = (value as {readonly type?: unknown} | null | undefined)?.type
  if (typeof type !== 'string' || !Object.hasOwn(EVENTS, type)) return undefined
  const read = EVENTS[type as WatchEvent['type']](value)
  return read === WRONG ? undefined : read
}

/** A string whose meaning is for people, or for whoever knows the word. */
const word = <Word extends string>(): Shape<Word> => text as Shape<Word>
const none = <Value>(shape: Shape<Value>): Shape<Value | null> => lacking<Value | null>(orNull(shape), null)
const zero = lacking(number, 0)
const empty = lacking(text, '')
const counts = lacking(record(number, 200), {})
/** Left out where it is not told. */
const optional = <Value>(shape: Shape<Value>): Shape<Value> =>
  lacking<Value | undefined>(shape, undefined) as Shape<Value>

const MAX_ROUTERS = 10_000
const MAX_SERVICES = 20_000
const MAX_REALS = 20_000

const tracker = object<TrackStatus>({
  kind: word(),
  name: text,
  state: oneOf('unknown', 'good', 'bad'),
  adds: zero,
  weight: zero,
  detail: none(text),
})

const vip = object<Vip>({
  address: text,
  prefixLength: zero,
  interface: empty,
  label: none(text),
  instance: empty,
  advertised: lacking(boolean, true),
  wanted: lacking(boolean, false),
  present: lacking(boolean, false),
})

const peer = object<Peer>({
  address: text,
  priority: none(number),
  intervalMs: none(number),
  firstHeard: empty,
  lastHeard: empty,
  advertisements: zero,
  rejected: counts,
})

const counters = object<RouterCounters>({
  advertisementsSent: zero,
  advertisementsReceived: zero,
  becameMaster: zero,
  releasedMaster: zero,
  priorityZeroSent: zero,
  priorityZeroReceived: zero,
  garpSent: zero,
  neighbourAdvertisementsSent: zero,
  sendErrors: zero,
  addressListsDiffering: zero,
  intervalsDiffering: zero,
  splitBrains: zero,
  rejected: counts,
})

const router = object<VirtualRouter>({
  name: text,
  interface: empty,
  device: none(text),
  group: none(text),
  vrid: number,
  family: oneOf(4, 6),
  version: oneOf(2, 3),
  transport: lacking(oneOf('multicast', 'unicast'), 'multicast'),
  state: oneOf('init', 'backup', 'master', 'fault'),
  since: text,
  reason: empty,
  held: none(text),
  observed: lacking(boolean, false),
  priority: object<VirtualRouter['priority']>({base: number, effective: number}),
  advertIntervalMs: number,
  downTimerAdverts: lacking(number, 3),
  masterDownIntervalMs: number,
  preempt: lacking(boolean, true),
  preemptDelayMs: zero,
  source: none(text),
  heard: none(object<NonNullable<VirtualRouter['heard']>>({address: text, priority: number, lastSeen: text})),
  splitBrain: none(
    list(
      object<{readonly rival: string; readonly how: 'advertises' | 'answers'}>({
        rival: text,
        how: oneOf('advertises', 'answers'),
      }),
      100,
    ),
  ),
  faults: lacking(list(text, 1_000), []),
  tracking: lacking(list(tracker, 1_000), []),
  vips: lacking(list(vip, 5_000), []),
  peers: lacking(list(peer, 1_000), []),
  counters,
})

const processStatus = object<ProcessStatus>({
  name: oneOf('vrrp', 'check'),
  pid: none(number),
  state: oneOf('starting', 'running', 'stalled', 'dead'),
  startedAt: none(text),
  restarts: zero,
  loopLagMs: none(object<NonNullable<ProcessStatus['loopLagMs']>>({p50: number, p99: number, max: number})),
  memoryBytes: none(number),
})

const configuration = object<AgentStatus['configuration']>({
  file: text,
  loadedAt: empty,
  errors: zero,
  warnings: zero,
  refused: none(text),
  hash: empty,
  sharedHash: empty,
  onDisk: lacking(oneOf('same', 'changed', 'missing'), 'same'),
  trial: none(object<NonNullable<AgentStatus['configuration']['trial']>>({id: text, since: text, until: text})),
})

const agent = object<AgentStatus>({
  version: text,
  node: text,
  pid: number,
  startedAt: text,
  configuration,
  processes: list(processStatus, 10),
  memoryBytes: zero,
  overrides: zero,
  observes: lacking(boolean, false),
  stateDirectory: empty,
  stateProblem: none(text),
  socket: empty,
})

const fact: Shape<JournalRecord['facts'][string]> = value => {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  return Array.isArray(value) ? list(text, 1_000)(value) : text(value)
}

const journalRecord = object<JournalRecord>({
  seq: number,
  at: text,
  kind: word<JournalKind>(),
  instance: optional(text),
  text,
  facts: lacking(record(fact, 100), {}),
})

const rates = object<WatchedRates>({connections: zero, bytesIn: zero, bytesOut: zero})

const check = object<WatchedCheck>({
  number,
  kind: text,
  state: oneOf<Check['state']>('up', 'down', 'unknown', 'paused', 'suspended'),
  counts: oneOf('up', 'down'),
  since: none(text),
  pause: none(object<CheckPause>({id: text, since: text, reason: none(text), until: none(text)})),
  latencyMs: none(number),
  reason: none(text),
})

const real = object<WatchedReal>({
  name: text,
  method: word(),
  weight: number,
  present: boolean,
  activeConnections: zero,
  inactiveConnections: zero,
  rates,
  standing: none(oneOf('in', 'inhibited', 'out')),
  isSorryServer: lacking(boolean, false),
  held: none(object<LvsHold>({type: oneOf('drained', 'disabled'), since: text, reason: none(text), weight: zero})),
  checks: lacking(list(check, 100), []),
})

const service = object<WatchedService>({
  name: text,
  configured: none(text),
  origin: word(),
  scheduler: empty,
  present: boolean,
  drift: none(text),
  rates,
  realServers: list(real, MAX_REALS),
})

const EVENTS: {readonly [Type in WatchEvent['type']]: Shape<WatchEvent & {readonly type: Type}>} = {
  snapshot: object({type: oneOf('snapshot'), at: text, routers: list(router, MAX_ROUTERS)}),
  router: object({type: oneOf('router'), at: text, router}),
  journal: object({type: oneOf('journal'), at: text, record: journalRecord}),
  agent: object({type: oneOf('agent'), at: text, agent}),
  services: object<WatchedServices>({
    type: oneOf('services'),
    at: text,
    all: boolean,
    services: list(service, MAX_SERVICES),
    gone: lacking(list(text, MAX_SERVICES), []),
    problem: none(text),
    everyMs: zero,
  }),
  ready: object({type: oneOf('ready'), at: text}),
  lost: object({type: oneOf('lost'), at: text, count: zero}),
}
