import type {VirtualRouter} from '../../src/control/model.ts'
import type {WatchedCheck, WatchedReal, WatchedService} from '../../src/control/watch-model.ts'
import type {NodePicture} from '../../src/watch/model.ts'
import {fakeRouter, fakeStatus} from '../fake-agent.ts'

/** When the pictures of these tests are looked at, milliseconds since 1970. */
export const NOW_MS = Date.parse('2026-01-31T09:00:00.000Z')

/** So many milliseconds before `NOW_MS`, as an agent tells it. */
export const ago = (ms: number): string => new Date(NOW_MS - ms).toISOString()

/** A node that is well: live, whole, without a virtual router. */
export function node(
  name: string,
  routers: readonly VirtualRouter[] = [],
  fields: Partial<NodePicture> & {readonly has?: readonly WatchedService[]} = {},
): NodePicture {
  const {has = [], ...rest} = fields
  return {
    address: {name, given: `ssh://${name}`, target: {host: `ssh://${name}`}},
    state: 'live',
    problem: null,
    silentMs: 100,
    clockAheadMs: 0,
    isReadOnly: false,
    refusedLines: 0,
    isWhole: true,
    agent: agent(),
    routers: new Map(routers.map(router => [router.name, router])),
    services: new Map(has.map(service => [service.name, service])),
    servicesProblem: null,
    journal: [],
    ...rest,
  }
}

/** An agent that is well. */
export function agent(configuration: Partial<ReturnType<typeof fakeStatus>['configuration']> = {}) {
  const status = fakeStatus()
  const processes = status.processes.map(child => ({...child, state: 'running', restarts: 0}) as const)
  return {...status, processes, configuration: {...status.configuration, ...configuration}}
}

/** A virtual router on the node with an address that ends in `host`, an hour in its state. */
export function router(
  host: number,
  state: VirtualRouter['state'],
  fields: Partial<VirtualRouter> = {},
): VirtualRouter {
  const vips = fakeRouter().vips.map(vip => ({...vip, wanted: state === 'master', present: state === 'master'}))
  return fakeRouter({state, since: ago(3_600_000), source: `10.0.0.${host}`, vips, reason: 'it began', ...fields})
}

/** A check that is up. */
export function check(fields: Partial<WatchedCheck> = {}): WatchedCheck {
  const common = {number: 1, kind: 'TCP_CHECK', state: 'up', counts: 'up', since: null, pause: null} as const
  return {...common, latencyMs: 1, reason: null, ...fields}
}

/** A real server that is in. */
export function real(name: string, fields: Partial<WatchedReal> = {}): WatchedReal {
  return {
    name,
    method: 'dr',
    weight: 1,
    present: true,
    activeConnections: 2,
    inactiveConnections: 3,
    rates: {connections: 4, bytesIn: 5, bytesOut: 6},
    standing: 'in',
    isSorryServer: false,
    held: null,
    checks: [check()],
    ...fields,
  }
}

/** A real server that its check took out. */
export const realOut = (name: string, fields: Partial<WatchedReal> = {}): WatchedReal =>
  real(name, {
    standing: 'out',
    present: false,
    checks: [check({state: 'down', counts: 'down', reason: 'connection refused'})],
    ...fields,
  })

/** A virtual service on the first address of `router()`. */
export function service(realServers: readonly WatchedReal[], fields: Partial<WatchedService> = {}): WatchedService {
  return {
    name: '10.0.0.10:80/tcp',
    configured: '10.0.0.10 80',
    origin: 'configuration',
    scheduler: 'rr',
    present: true,
    drift: null,
    rates: {connections: 4, bytesIn: 5, bytesOut: 6},
    realServers,
    ...fields,
  }
}
