import type {VirtualRouter} from '../../src/control/model.ts'
import type {WatchedReal} from '../../src/control/watch-model.ts'
import type {ClusterPicture, ClusterRouter, ClusterService, NodePicture, Problem} from '../../src/watch/model.ts'
import {fakeRouter, fakeStatus} from '../fake-agent.ts'

/** When all pictures are made: 3 min 2 s after the fake router became master. */
export const NOW = '2026-01-31T08:05:09.000Z'

/** A node that is known wholly. */
export function nodePicture(name: string, fields: Partial<NodePicture> = {}): NodePicture {
  return {
    address: {name, given: `ssh://${name}`, target: {host: `ssh://${name}`}},
    state: 'live',
    problem: null,
    silentMs: 120,
    clockAheadMs: 0,
    isReadOnly: false,
    refusedLines: 0,
    isWhole: true,
    agent: fakeStatus(),
    routers: new Map(),
    services: new Map(),
    servicesProblem: null,
    journal: [],
    ...fields,
  }
}

/** A node that fell silent. */
export const silentNode = (name: string): NodePicture =>
  nodePicture(name, {state: 'unknown', silentMs: 23_000, problem: 'connection refused'})

/** What a node says of a virtual router; null: it does not have it; "silent": it said master and is silent now. */
type Said = Partial<VirtualRouter> | 'silent' | null

/** A virtual router of several nodes. */
export function routerPicture(name: string, said: readonly Said[], fields: Partial<ClusterRouter> = {}): ClusterRouter {
  const onNodes = said.map(one => {
    if (one === null) return null
    const router = fakeRouter({name, ...(one === 'silent' ? {} : one)})
    return {isKnown: one !== 'silent', router}
  })
  const holders = onNodes.flatMap((on, at) => (on?.isKnown && on.router.state === 'master' ? [at] : []))
  return {
    key: `4/51/${name}`,
    name,
    vrid: 51,
    family: 4,
    vips: ['10.0.0.10', '10.0.0.11'],
    onNodes,
    holders,
    heldSinceMs: holders.length === 1 ? Date.parse(NOW) - 182_000 : null,
    lastCause: null,
    problem: null,
    ...fields,
  }
}

/** A virtual service with one real server. */
export function servicePicture(fields: Partial<ClusterService> = {}): ClusterService {
  return {
    name: '192.0.2.1:80/tcp',
    configured: '192.0.2.1 80',
    onNodes: [],
    activeConnections: 17,
    connectionsPerSecond: 3.25,
    bytesInPerSecond: 0,
    bytesOutPerSecond: 0,
    realServers: [
      {
        name: '192.0.2.10:80',
        onNodes: [],
        activeConnections: 17,
        inactiveConnections: 80,
        connectionsPerSecond: 3.25,
        problem: null,
      },
    ],
    problem: null,
    ...fields,
  }
}

/** A real server as one node tells of it. */
export const watchedReal = (fields: Partial<WatchedReal> = {}): WatchedReal => ({
  name: '192.0.2.10:80',
  method: 'dr',
  weight: 1,
  present: true,
  activeConnections: 17,
  inactiveConnections: 80,
  rates: {connections: 3.25, bytesIn: 0, bytesOut: 0},
  standing: 'in',
  isSorryServer: false,
  held: null,
  checks: [],
  ...fields,
})

/** Something wrong. */
export const problem = (fields: Partial<Problem> = {}): Problem => ({
  severity: 'critical',
  kind: 'split-brain',
  text: 'SPLIT BRAIN: VI_1 is held by lb1 and lb2',
  subject: '4/51/VI_1',
  ...fields,
})

/** A whole cluster: of one node unless told otherwise. */
export const clusterOf = (fields: Partial<ClusterPicture> = {}): ClusterPicture => ({
  version: 1,
  nowMs: Date.parse(NOW),
  nodes: [nodePicture('lb1')],
  routers: [],
  services: [],
  problems: [],
  ...fields,
})
