import type {VirtualRouter} from '../../src/control/model.ts'
import type {WatchedService} from '../../src/control/watch-model.ts'
import type {JournalRecord} from '../../src/core/journal/record.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {ClusterPicture, NodePicture} from '../../src/watch/model.ts'
import {fakeVip} from '../fake-agent.ts'
import {agent, ago as before, check, NOW_MS, node, real, realOut, router, service} from '../watch/nodes.ts'

/** Three nodes that are well and agree: one router held by lb1, one service with two real servers. */
export const quietPicture = (): ClusterPicture =>
  clusterPicture(
    ['lb1', 'lb2', 'lb3'].map((name, at) =>
      node(name, [router(at + 1, at === 0 ? 'master' : 'backup')], {has: [service([real('10.0.0.1:80')])]}),
    ),
    NOW_MS,
  )

/**
 * Three nodes, of which lb3 is silent, and five virtual routers: VI_1 is well, VI_2 a split brain, VI_3 without a holder,
 * VI_4 held by lb2, VI_5 known to lb3 alone. Two services: one with a failing check, one whose real servers are drained
 * and paused. VI_1 changed 65 s ago, in both journals; the clock of lb2 is 1,500 ms ahead.
 */
export const troubledPicture = (nowMs = NOW_MS): ClusterPicture => clusterPicture(troubledNodes(), nowMs)

/** The nodes of `troubledPicture`. */
export function troubledNodes(): readonly NodePicture[] {
  return [
    node('lb1', routersOf(1), {journal: JOURNAL_1, has: SERVICES}),
    node('lb2', routersOf(2), {
      journal: JOURNAL_2,
      has: SERVICES,
      clockAheadMs: 1_500,
      agent: {...agent({sharedHash: 'cccccccccccc', onDisk: 'changed'}), version: '0.2.0'},
    }),
    node(
      'lb3',
      [routerCalled('VI_1', 'backup', {host: 3, vrid: 51}), routerCalled('VI_5', 'master', {host: 3, vrid: 55})],
      {
        state: 'unknown',
        silentMs: 23_000,
        problem: 'connection refused',
      },
    ),
  ]
}

/** A picture of this many routers and services, for figures about large clusters; every tenth has trouble. */
export function largePicture(routers: number, services: number, reals: number): ClusterPicture {
  const nodes = ['lb1', 'lb2', 'lb3'].map((name, at) =>
    node(
      name,
      Array.from({length: routers}, (_, index) =>
        routerCalled(`VI_${index + 1}`, at === index % 3 ? 'master' : 'backup', {host: at + 1, vrid: index + 1}),
      ),
      {
        has: Array.from({length: services}, (_, index) =>
          service(
            Array.from({length: reals}, (_, of) => (of === 0 && index % 10 === 0 ? realOut : real)(`10.1.${of}.1:80`)),
            {name: `10.2.${index >> 8}.${index & 255}:80/tcp`},
          ),
        ),
      },
    ),
  )
  return clusterPicture(nodes, NOW_MS)
}

interface Place {
  /** The last part of the node's address. */
  readonly host: number
  readonly vrid: number
}

function routerCalled(
  name: string,
  state: VirtualRouter['state'],
  {host, vrid, ...fields}: Place & Partial<VirtualRouter>,
): VirtualRouter {
  const isMaster = state === 'master'
  const vips = [fakeVip({address: `10.0.0.${vrid % 256}`, instance: name, wanted: isMaster, present: isMaster})]
  return router(host, state, {name, vrid, vips, tracking: [], ...fields})
}

const PEER = {
  address: '10.0.0.2',
  priority: 90,
  intervalMs: 1_000,
  firstHeard: before(3_600_000),
  lastHeard: before(400),
  advertisements: 3_600,
  rejected: {'wrong-password': 3},
}

function routersOf(host: 1 | 2): readonly VirtualRouter[] {
  const isFirst = host === 1
  const heard = {address: isFirst ? '10.0.0.2' : '10.0.0.1', priority: 100, lastSeen: before(300)}
  return [
    routerCalled('VI_1', isFirst ? 'master' : 'backup', {
      host,
      vrid: 51,
      since: before(isFirst ? 65_000 : 63_500),
      reason: isFirst ? 'no advertisement from 10.0.0.2 for 3609 ms' : 'it began',
      priority: {base: 100, effective: isFirst ? 110 : 90},
      peers: isFirst ? [PEER] : [],
    }),
    routerCalled('VI_2', 'master', {host, vrid: 52, heard}),
    routerCalled('VI_3', isFirst ? 'fault' : 'init', {host, vrid: 53, faults: isFirst ? ['eth1 is down'] : []}),
    routerCalled('VI_4', isFirst ? 'backup' : 'master', {host, vrid: 54, held: isFirst ? 'kernel update' : null}),
  ]
}

const SERVICES: readonly WatchedService[] = [
  service([real('10.0.0.21:80'), realOut('10.0.0.22:80')], {name: '10.0.0.51:80/tcp', configured: '10.0.0.51 80'}),
  service(
    [
      real('10.0.0.31:443', {
        weight: 0,
        held: {type: 'drained', since: before(60_000), reason: 'disk', weight: 3},
      }),
      real('10.0.0.32:443', {
        checks: [check({state: 'paused', pause: {id: '7', since: before(60_000), reason: 'renewal', until: null}})],
      }),
    ],
    {name: '10.0.0.51:443/tcp', configured: '10.0.0.51 443'},
  ),
]

const JOURNAL_1: readonly JournalRecord[] = [
  {seq: 1, at: before(3_700_000), kind: 'agent-started', text: 'the agent started', facts: {version: '0.1.0'}},
  {
    seq: 2,
    at: before(3_600_000),
    kind: 'transition',
    instance: 'VI_1',
    text: 'init -> backup: it began',
    facts: {from: 'init', to: 'backup', priority: 110, basePriority: 110},
  },
  {
    seq: 3,
    at: before(65_000),
    kind: 'transition',
    instance: 'VI_1',
    text: 'backup -> master: no advertisement from 10.0.0.2 for 3609 ms',
    facts: {from: 'backup', to: 'master', priority: 110, basePriority: 110},
  },
]

/** By a clock that is 1,500 ms ahead: this was after lb1 became master. */
const JOURNAL_2: readonly JournalRecord[] = [
  {
    seq: 8,
    at: before(62_500),
    kind: 'transition',
    instance: 'VI_1',
    text: 'master -> backup: 10.0.0.1 has priority 110',
    facts: {from: 'master', to: 'backup', priority: 90, basePriority: 100},
  },
]
