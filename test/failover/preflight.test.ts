import {describe, expect, it} from 'vitest'
import type {AgentStatus, VirtualRouter} from '../../src/control/model.ts'
import type {WatchedReal, WatchedService} from '../../src/control/watch-model.ts'
import type {ClusterFacts, NodeFacts} from '../../src/failover/facts.ts'
import {preflight, refusals} from '../../src/failover/preflight.ts'
import type {ClusterService} from '../../src/watch/model.ts'
import {fakeRouter, fakeStatus, fakeVip} from '../fake-agent.ts'

const AT = '2026-01-31T08:05:09.000Z'
const heardAt = (ms: number): string => new Date(Date.parse(AT) - ms).toISOString()

const lb1 = (fields: Partial<VirtualRouter> = {}): VirtualRouter =>
  fakeRouter({source: '10.0.0.1', tracking: [], priority: {base: 150, effective: 150}, ...fields})

const lb2 = (fields: Partial<VirtualRouter> = {}): VirtualRouter =>
  fakeRouter({
    state: 'backup',
    source: '10.0.0.2',
    tracking: [],
    priority: {base: 100, effective: 100},
    heard: {address: '10.0.0.1', priority: 150, lastSeen: heardAt(700)},
    ...fields,
  })

const agent = (fields: Partial<AgentStatus['configuration']> = {}, lagMs = 2): AgentStatus => {
  const status = fakeStatus()
  const processes = status.processes.map(each => ({
    ...each,
    state: 'running' as const,
    loopLagMs: {p50: 0.1, p99: lagMs, max: lagMs},
  }))
  const configuration = {...status.configuration, refused: null, trial: null, sharedHash: 'abc', ...fields}
  return {...status, configuration, processes}
}

const node = (name: string, router: VirtualRouter | null, fields: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  state: 'live',
  problem: null,
  agent: agent(),
  router,
  group: router === null ? [] : [router],
  observedAt: AT,
  overrides: [],
  syncDaemons: null,
  servicesProblem: null,
  ...fields,
})

const facts = (nodes: readonly NodeFacts[], services: readonly ClusterService[] = []): ClusterFacts => ({
  routerName: 'VI_1',
  nodes,
  services,
  vips: ['10.0.0.10', '10.0.0.11'],
})

const judge = (nodes: readonly NodeFacts[], to?: number, drill = false) => preflight(facts(nodes), {to, drill})

/** The texts of the lines that say no. */
const no = (...given: Parameters<typeof judge>): readonly string[] =>
  judge(...given)
    .lines.filter(({ok}) => !ok)
    .map(({check, text}) => `${check}: ${text}`)

const real = (name: string, fields: Partial<WatchedReal> = {}): WatchedReal => ({
  name,
  method: 'dr',
  weight: 1,
  present: true,
  activeConnections: 0,
  inactiveConnections: 0,
  rates: {connections: 0, bytesIn: 0, bytesOut: 0},
  standing: 'in',
  isSorryServer: false,
  held: null,
  checks: [],
  ...fields,
})

const service = (...onNodes: readonly (readonly WatchedReal[] | null)[]): ClusterService => ({
  name: '10.0.0.10:80/tcp',
  configured: null,
  onNodes: onNodes.map(realServers =>
    realServers === null
      ? null
      : ({name: '10.0.0.10:80/tcp', configured: null, realServers} as unknown as WatchedService),
  ),
  activeConnections: 0,
  connectionsPerSecond: 0,
  bytesInPerSecond: 0,
  bytesOutPerSecond: 0,
  realServers: [],
  problem: null,
})

describe('the pre-flight of a pair', () => {
  it('says yes to everything and takes the backup', () => {
    const {from, to, way, lines} = judge([node('lb1', lb1()), node('lb2', lb2())], undefined, true)
    expect({from, to, way, no: refusals(lines)}).toEqual({from: 0, to: 1, way: 'takeover', no: 0})
    expect(lines.map(({check}) => check)).toEqual([
      'holder',
      'nodes',
      'target',
      'drill',
      'event loop',
      'hears the holder',
      'addresses',
      'configuration',
      'real servers',
      'way',
    ])
  })

  it.each<{what: string; of?: Partial<VirtualRouter>; holder?: Partial<VirtualRouter>; says: string}>([
    {what: 'is released', of: {held: 'released by an operator'}, says: 'target: lb2: VI_1 is not to be master'},
    {what: 'is in fault', of: {state: 'fault', faults: ['eth0 is down']}, says: 'target: lb2: VI_1 is FAULT: eth0'},
    {what: 'is only observed', of: {observed: true}, says: 'target: lb2: VI_1 is only observed'},
    {what: 'hears nobody', of: {heard: null}, says: 'hears the holder: lb2 hears no master'},
    {
      what: 'hears another one',
      of: {heard: {address: '10.0.0.3', priority: 200, lastSeen: heardAt(10)}},
      says: 'hears the holder: lb2 hears 10.0.0.3, and lb1 sends from 10.0.0.1',
    },
    {
      what: 'has not heard the holder for longer than a master-down interval',
      of: {heard: {address: '10.0.0.1', priority: 150, lastSeen: heardAt(5_000)}},
      says: 'hears the holder: lb2 heard lb1 (10.0.0.1) 5 s before it was asked',
    },
    {what: 'has fewer addresses', of: {vips: [fakeVip()]}, says: 'addresses: lb2 lacks 10.0.0.11/24'},
    {what: 'has more addresses', holder: {vips: [fakeVip()]}, says: 'addresses: lb2 has 10.0.0.11/24 besides'},
  ])('says no where the target $what', ({of, holder, says}) => {
    const lines = no([node('lb1', lb1(holder)), node('lb2', lb2(of))])
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(says)
  })

  it.each<{what: string; of: Partial<NodeFacts>; says: string}>([
    {what: 'another configuration', of: {agent: agent({sharedHash: 'def'})}, says: 'configuration: lb1 and lb2 differ'},
    {
      what: 'a configuration on trial',
      of: {agent: agent({trial: {id: '1', since: AT, until: AT}})},
      says: 'configuration: lb2 has a configuration on trial',
    },
    {what: 'a late event loop', of: {agent: agent({}, 400)}, says: 'event loop: lb2: late by 400 ms'},
    {what: 'no vrrp process', of: {agent: {...agent(), processes: []}}, says: 'event loop: lb2: the vrrp process is'},
  ])('says no where the target has $what', ({of, says}) => {
    const lines = no([node('lb1', lb1()), node('lb2', lb2(), of)])
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(says)
  })

  it('counts the real servers that each node has in', () => {
    const nodes = [node('lb1', lb1()), node('lb2', lb2())]
    const three = [real('a'), real('b'), real('c', {standing: null})]
    const lineOf = (services: readonly ClusterService[]) =>
      preflight(facts(nodes, services), {to: undefined, drill: false}).lines.find(({check}) => check === 'real servers')
    expect(lineOf([])?.ok).toBe(true)
    expect(lineOf([service(three, three)])).toMatchObject({ok: true, text: 'lb2 sees 3 in, no fewer than lb1'})
    const fewer = service(three, [real('a'), real('b', {standing: 'out'}), real('c', {standing: null, weight: 0})])
    expect(lineOf([fewer])).toMatchObject({ok: false, text: 'lb2 sees fewer in: 10.0.0.10:80/tcp 1 of 3'})
    expect(lineOf([service(three, null)])).toMatchObject({ok: false, text: expect.stringContaining('0 of 3')})
    expect(lineOf([service(null, three)])?.ok).toBe(true)
  })

  it('says no to a drill that would end what an operator did on the target', () => {
    const override = {
      id: '1',
      kind: 'takeover',
      instance: 'VI_1',
      text: '',
      since: AT,
      until: null,
      applies: true,
    } as const
    const nodes = [node('lb1', lb1()), node('lb2', lb2(), {overrides: [override]})]
    expect(no(nodes, undefined, false)).toEqual([])
    expect(no(nodes, undefined, true)).toEqual([
      'drill: lb2: a takeover or a release stands there, which a drill would end',
    ])
  })
})

describe('the holder', () => {
  it('has to be exactly one', () => {
    expect(no([node('lb1', lb1()), node('lb2', lb2({state: 'master'}))])).toContain(
      'holder: split brain: lb1 and lb2 hold VI_1',
    )
    expect(no([node('lb1', lb2()), node('lb2', lb2())])[0]).toBe(
      'holder: 10.0.0.1 holds VI_1, which is none of these nodes',
    )
    expect(no([node('lb1', lb2({heard: null})), node('lb2', lb2({heard: null}))])[0]).toBe(
      'holder: no node that answers holds VI_1',
    )
  })

  it('is not taken from what a silent node said last', () => {
    const silent = {state: 'unknown', problem: 'connection refused'} as const
    const lines = no([node('lb1', lb1(), silent), node('lb2', lb2())])
    expect(lines).toContain('nodes: lb1 does not answer: connection refused')
    expect(judge([node('lb1', lb1(), silent), node('lb2', lb2())]).from).toBeNull()
  })
})

describe('the target', () => {
  const third = (priority: number, fields: Partial<VirtualRouter> = {}): VirtualRouter =>
    lb2({source: '10.0.0.3', priority: {base: priority, effective: priority}, ...fields})

  it('is the backup of the highest priority, unless more is to be said about it', () => {
    const pair = [node('lb1', lb1()), node('lb2', lb2())]
    expect(judge([...pair, node('lb3', third(120))]).to).toBe(2)
    expect(judge([...pair, node('lb3', third(120, {held: 'maintenance'}))]).to).toBe(1)
  })

  it('is the node that was named, whatever there is to be said', () => {
    const nodes = [node('lb1', lb1()), node('lb2', lb2({held: 'maintenance'})), node('lb3', third(120))]
    expect(judge(nodes, 1).to).toBe(1)
    expect(no(nodes, 0)).toEqual(['target: lb1 holds it already'])
    expect(no([...nodes, node('lb4', null)], 3)).toEqual(['target: lb4 has no VI_1'])
  })

  it('is none where nobody else has it', () => {
    expect(judge([node('lb1', lb1())]).to).toBeNull()
  })

  // RFC 9568 section 5.2.4: 255 is the owner's; what has 254 is beaten by nothing that can be given.
  it('follows a release where the priority of the holder cannot be beaten', () => {
    const holder = node('lb1', lb1({priority: {base: 254, effective: 254}}))
    expect(judge([holder, node('lb2', lb2())])).toMatchObject({way: 'release', to: 1})
    expect(no([holder, node('lb2', lb2())])).toEqual([])
    expect(no([holder, node('lb2', lb2()), node('lb3', third(120))], 1)).toEqual([
      'way: priority 254 of lb1 cannot be beaten: it releases, and lb3 (priority 120) would follow it',
    ])
    const peer = {
      ...{address: '10.0.0.9', priority: 90, intervalMs: 1000, firstHeard: AT, lastHeard: AT},
      ...{advertisements: 3, rejected: {}},
    }
    const [line] = no([holder, node('lb2', lb2({peers: [peer]}))])
    expect(line).toContain('it releases, and 10.0.0.9, which is none of these nodes, may follow it')
  })
})
