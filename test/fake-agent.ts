import type {
  AgentEvent,
  AgentStatus,
  ConfigReply,
  MoveReply,
  Override,
  Vip,
  VirtualRouter,
  WhyReply,
} from '../src/control/model.ts'
import type {AgentHandlers, CheckHandlers, LvsHandlers, Observed} from '../src/control/routes.ts'
import type {WatchEvent} from '../src/control/watch-model.ts'
import type {JournalRecord} from '../src/core/journal/record.ts'
import {HactlError} from '../src/errors.ts'
import {fakeChecks} from './fake-checks.ts'
import {type ConfigHandlers, fakeConfigs} from './fake-configs.ts'
import {fakeLvs} from './fake-lvs.ts'

/** A moment that everything in the fake agent was seen at. */
export const SEEN_AT = '2026-01-31T08:05:09.123Z'

/** One address as an agent reports it. */
export function fakeVip(fields: Partial<Vip> = {}): Vip {
  return {
    address: '10.0.0.10',
    prefixLength: 24,
    interface: 'eth0',
    label: null,
    instance: 'VI_1',
    advertised: true,
    wanted: true,
    present: true,
    ...fields,
  }
}

/** One virtual router as an agent reports it: a master. */
export function fakeRouter(fields: Partial<VirtualRouter> = {}): VirtualRouter {
  return {
    name: 'VI_1',
    interface: 'eth0',
    device: null,
    group: null,
    vrid: 51,
    family: 4,
    version: 2,
    transport: 'multicast',
    state: 'master',
    since: '2026-01-31T08:02:07.000Z',
    reason: 'no advertisement from 10.0.0.2 for 3609 ms',
    held: null,
    observed: false,
    priority: {base: 100, effective: 110},
    advertIntervalMs: 1000,
    downTimerAdverts: 3,
    masterDownIntervalMs: 3609.375,
    preempt: true,
    preemptDelayMs: 0,
    source: '10.0.0.1',
    heard: null,
    splitBrain: null,
    faults: [],
    tracking: [{kind: 'script', name: 'chk_nginx', state: 'good', adds: 10, weight: 10, detail: null}],
    vips: [fakeVip(), fakeVip({address: '10.0.0.11'})],
    peers: [],
    counters: {
      advertisementsSent: 182,
      advertisementsReceived: 12,
      becameMaster: 1,
      releasedMaster: 0,
      priorityZeroSent: 0,
      priorityZeroReceived: 0,
      garpSent: 10,
      neighbourAdvertisementsSent: 0,
      intervalsDiffering: 0,
      splitBrains: 0,
      addressListsDiffering: 0,
      sendErrors: 0,
      rejected: {'bad-checksum': 0, 'wrong-ttl': 2},
    },
    ...fields,
  }
}

/** A second virtual router: a backup with one address. */
export const backupRouter = (): VirtualRouter =>
  fakeRouter({
    name: 'VI_2',
    vrid: 52,
    state: 'backup',
    reason: 'advertisement from 10.0.0.2 with priority 150',
    priority: {base: 100, effective: 100},
    // Whoever was silent for long is not shown as master.
    heard: {address: '10.0.0.2', priority: 150, lastSeen: new Date().toISOString()},
    tracking: [],
    vips: [fakeVip({address: '10.0.0.20', instance: 'VI_2', wanted: false, present: false})],
  })

/** What the fake agent's journal holds, oldest first. */
export const RECORDS: readonly JournalRecord[] = [
  {
    seq: 1,
    at: '2026-01-31T08:02:03.000Z',
    kind: 'tracker-changed',
    text: 'script chk_nginx is good: exit status 0',
    facts: {tracker: 'script chk_nginx'},
  },
  {
    seq: 2,
    at: '2026-01-31T08:02:07.000Z',
    kind: 'transition',
    instance: 'VI_1',
    text: 'backup -> master: no advertisement from 10.0.0.2 for 3609 ms',
    facts: {from: 'backup', to: 'master'},
  },
]

/** What a fake agent can be told to do. */
export interface FakeAgent {
  readonly handlers: AgentHandlers
  /** Sends an event to every reader of events. */
  readonly emit: (event: AgentEvent) => void
  /** Sends a line to every reader of `watch`. */
  readonly tell: (event: WatchEvent) => void
  readonly readers: () => number
  /** The calls that were made, by the name of the route. */
  readonly calls: string[]
}

/** Handlers that answer with made-up values; `overrides` replace any of them. */
export function fakeAgent(overrides: Partial<AgentHandlers> = {}): FakeAgent {
  const calls: string[] = []
  const routers = [fakeRouter(), backupRouter()]
  const events = fakeStream<AgentEvent>([{type: 'snapshot', at: SEEN_AT, routers}])
  const watch = fakeStream(fakeWatch(routers))
  const find = (name: string): VirtualRouter => {
    const router = routers.find(candidate => candidate.name === name)
    if (router === undefined) throw new HactlError('NOT_FOUND', `no virtual router ${name}`, 'there is VI_1, VI_2')
    return router
  }
  const seen = <Value>(call: string, value: Value): Observed<Value> => {
    calls.push(call)
    return {observedAt: SEEN_AT, value}
  }
  const handlers: AgentHandlers = {
    status: () => seen('status', fakeStatus()),
    reload: ({force}) =>
      seen(force ? 'reload --force' : 'reload', {
        applied: true,
        diagnostics: [],
        changes: ['VI_1: priority 100 -> 110'],
      }),
    stop: () => seen('stop', {pid: process.pid}),
    config: ({effective}) => seen(effective ? 'config --effective' : 'config', FAKE_CONFIG),
    configDiff: () => seen('configDiff', {changes: [], kept: 3, overrides: []}),
    routers: () => seen('routers', routers),
    router: ({name}) => seen('router', find(name)),
    why: ({name}) => seen('why', whyOf(find(name))),
    takeover: ({name}) => seen(`takeover ${name}`, moved(find(name), 'master')),
    release: ({name, forSeconds}) => seen(`release ${name} ${forSeconds ?? '-'}`, moved(find(name), 'backup')),
    resume: ({name}) => seen(`resume ${name}`, moved(find(name), 'master')),
    setPriority: ({name, priority}) => seen(`setPriority ${name} ${priority ?? 'reset'}`, moved(find(name), 'master')),
    activate: ({name}) => seen(`activate ${name}`, moved(find(name), 'backup')),
    maintenance: ({on}) => seen(`maintenance ${on}`, moved(find('VI_1'), on ? 'backup' : 'master')),
    overrides: () => seen('overrides', [fakeOverride()]),
    cancelOverride: ({id}) => seen(`cancelOverride ${id}`, fakeOverride({id})),
    announce: ({address}) => seen(`announce ${address ?? 'all'}`, {announced: ['10.0.0.10/24 on eth0 (VI_1)']}),
    addVip: ({line}) => seen(`addVip ${line}`, fakeOverride({kind: 'vip-added', text: `one address more: ${line}`})),
    removeVip: ({address}) =>
      seen(`removeVip ${address}`, fakeOverride({kind: 'vip-removed', text: `one address less: ${address}`})),
    vips: () =>
      seen(
        'vips',
        routers.flatMap(({vips}) => vips),
      ),
    journal: ({limit}) => seen('journal', RECORDS.slice(-(limit ?? 100))),
    events: events.subscribe,
    watch: watch.subscribe,
    ...recorded({...fakeLvs, ...fakeChecks, ...fakeConfigs}, calls),
    ...overrides,
  }
  return {handlers, emit: events.emit, tell: watch.emit, readers: () => events.readers() + watch.readers(), calls}
}

/** A stream that begins with these events. */
function fakeStream<Event>(first: readonly Event[]) {
  const listeners = new Set<(event: Event) => void>()
  return {
    subscribe: (listener: (event: Event) => void) => {
      listeners.add(listener)
      for (const event of first) listener(event)
      return () => listeners.delete(listener)
    },
    emit: (event: Event): void => {
      for (const listener of listeners) listener(event)
    },
    readers: () => listeners.size,
  }
}

/** What a fake agent tells a reader of `watch` at first. */
export function fakeWatch(routers: readonly VirtualRouter[]): readonly WatchEvent[] {
  return [
    {type: 'snapshot', at: SEEN_AT, routers},
    {type: 'agent', at: SEEN_AT, agent: fakeStatus()},
    ...RECORDS.map(record => ({type: 'journal', at: record.at, record}) as const),
    {type: 'services', at: SEEN_AT, all: true, services: [], gone: [], problem: null, everyMs: 2_000},
    {type: 'ready', at: SEEN_AT},
  ]
}

type Recorded = LvsHandlers & CheckHandlers & ConfigHandlers

/** The same handlers, which note the names of their calls. */
function recorded(handlers: Recorded, calls: string[]): Recorded {
  const noting = Object.entries(handlers).map(([name, handler]) => [
    name,
    (input: never) => {
      calls.push(name)
      return handler(input)
    },
  ])
  return Object.fromEntries(noting) as Recorded
}

/** Something that an operator changed. */
export function fakeOverride(fields: Partial<Override> = {}): Override {
  return {
    id: '3',
    kind: 'priority',
    instance: 'VI_1',
    text: 'priority 150',
    since: '2026-01-31T08:02:07.000Z',
    until: null,
    applies: true,
    ...fields,
  }
}

const moved = ({name, state: from}: VirtualRouter, to: 'master' | 'backup'): MoveReply => ({
  routers: [{name, from, to, master: to === 'master' ? 'this node' : '10.0.0.2', tookMs: 12}],
  override: fakeOverride(),
})

const FAKE_CONFIG: ConfigReply = {
  file: '/etc/hactl/hactl.conf',
  loadedAt: '2026-01-31T08:02:00.000Z',
  text: 'global_defs {\n  router_id director-1\n}\n',
  config: {global: {routerId: 'director-1'}},
}

function whyOf({name, state, since, reason}: VirtualRouter): WhyReply {
  return {name, state, since, because: reason, chain: RECORDS}
}

/** An agent's account of itself; its check process is dead. */
export function fakeStatus(fields: Partial<AgentStatus> = {}): AgentStatus {
  return {
    version: '0.1.0',
    node: 'director-1',
    pid: process.pid,
    startedAt: '2026-01-31T08:02:00.000Z',
    configuration: {
      file: '/etc/hactl/hactl.conf',
      loadedAt: '2026-01-31T08:02:00.000Z',
      errors: 0,
      warnings: 1,
      refused: null,
      hash: '0123456789ab',
      sharedHash: 'ba9876543210',
      onDisk: 'same',
      trial: null,
    },
    processes: [
      {
        name: 'vrrp',
        pid: 101,
        state: 'running',
        startedAt: '2026-01-31T08:02:00.100Z',
        restarts: 0,
        loopLagMs: {p50: 0.21, p99: 1.5, max: 2.31},
        memoryBytes: 61_000_000,
      },
      {name: 'check', pid: null, state: 'dead', startedAt: null, restarts: 3, loopLagMs: null, memoryBytes: null},
    ],
    memoryBytes: 82_000_000,
    overrides: 0,
    observes: false,
    stateDirectory: '/var/lib/hactl',
    stateProblem: null,
    socket: '/run/hactl/agent.sock',
    ...fields,
  }
}
