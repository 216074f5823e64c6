import {describe, expect, it} from 'vitest'
import {compareNodes} from '../../src/cluster/compare-nodes.ts'
import type {Phase, ProofResult, RouterProof, Run} from '../../src/cluster/proof.ts'
import {proveCluster} from '../../src/cluster/prove-cluster.ts'
import {renderProof} from '../../src/cluster/render-proof.ts'
import {priority} from '../../src/core/units.ts'
import {masterDownIntervalMs, skewMs} from '../../src/core/vrrp/timing.ts'
import {codesOf, edit, GROUPED, nodesOf, PLAIN, UNICAST, violationsOf} from './pairs.ts'

const prove = (...texts: readonly string[]): ProofResult => proveCluster(nodesOf(...texts))

function onlyRouter({routers}: ProofResult): RouterProof {
  const [router, ...others] = routers
  if (!router || others.length > 0) throw new Error(`${routers.length} virtual routers, not 1`)
  return router
}

function runOf({runs}: RouterProof, title: string, from?: string): Run {
  const found = runs.find(run => run.title === title && (from === undefined || run.holdersBefore.includes(from)))
  if (!found) throw new Error(`no ${title} among ${runs.map(run => run.title).join(', ')}`)
  return found
}

const faultOf = (router: RouterProof, title: string, from?: string): Phase =>
  runOf(router, title, from).phases[0] as Phase

const VERSION_2 = {version: 2, downTimerAdverts: 3} as const

/** A virtual router that may be written in one line. */
const instance = (name: string, lines: string): string => `vrrp_instance ${name} {\n${lines}\n}\n`

describe('the proof of a pair that works', () => {
  const router = onlyRouter(prove(...PLAIN))

  it('goes through every single fault of each node', () => {
    expect(router).toMatchObject({name: 'VI_1', vrid: 51, nodes: ['a', 'b'], verdict: 'proven', faults: 10})
    expect(router.runs.map(({title}) => title)).toEqual([
      'all nodes start together',
      'the nodes start one after another, a first',
      'the nodes start one after another, b first',
      ...['a', 'b'].flatMap(node => [
        `${node} dies`,
        `${node} is stopped`,
        `eth0 of ${node} goes down`,
        `eth0 of ${node} is cut while its link stays up`,
        `script chk fails on ${node}`,
      ]),
    ])
    for (const run of router.runs) {
      for (const {violations, holders, cutOff} of run.phases) {
        expect(violations).toEqual([])
        expect(holders.filter(holder => !cutOff.includes(holder))).toHaveLength(1)
      }
    }
  })

  // RFC 3768 section 6.1: the fault comes just after an advertisement, so that this is the longest it can take.
  it.each([
    ['a dies', masterDownIntervalMs(VERSION_2, priority(100), 1_000)],
    ['a is stopped', skewMs(2, priority(100), 1_000)],
    ['eth0 of a goes down', masterDownIntervalMs(VERSION_2, priority(100), 1_000)],
  ])('takes as long as the formula says when %s', (title, expected) => {
    const {takeoverMs, holders} = faultOf(router, title)
    expect(holders).toEqual(['b'])
    expect(Math.abs((takeoverMs ?? 0) - expected)).toBeLessThan(2)
  })

  // keepalived.conf(5), down_timer_adverts.
  it('waits for as many silent intervals as the nodes agree on', () => {
    const patient = PLAIN.map(text => edit(text, 'advert_int 1', 'advert_int 1\n  down_timer_adverts 5'))
    const expected = masterDownIntervalMs({version: 2, downTimerAdverts: 5}, priority(100), 1_000)
    const {takeoverMs} = faultOf(onlyRouter(prove(...patient)), 'a dies')
    expect(expected).toBe(5_609.375)
    expect(Math.abs((takeoverMs ?? 0) - expected)).toBeLessThan(2)
  })

  it('takes longer where a script has to notice it first', () => {
    const {takeoverMs} = faultOf(router, 'script chk fails on a')
    const atMost = 2_000 + masterDownIntervalMs(VERSION_2, priority(100), 1_000)
    expect(takeoverMs).toBeLessThanOrEqual(atMost)
    expect(takeoverMs).toBeGreaterThan(atMost - 1_001)
  })

  it('has no time without a holder where the master goes on until it is relieved', () => {
    expect(faultOf(router, 'script chk fails on a').withoutHolderMs).toBe(0)
    const {takeoverMs, withoutHolderMs} = faultOf(router, 'a dies')
    expect(withoutHolderMs).toBe(takeoverMs)
    expect(router.withoutHolderMs).toBe(takeoverMs)
  })

  it('leaves the master alone where the backup fails, and brings it back where it had failed itself', () => {
    const {takeoverMs, holders} = faultOf(router, 'b dies')
    expect([takeoverMs, holders]).toEqual([null, ['a']])
    expect(runOf(router, 'a dies').phases.map(({holders: held}) => held)).toEqual([['b'], ['a']])
  })

  it('tells the course of a fault in few lines', () => {
    const {timeline} = faultOf(router, 'eth0 of a goes down')
    expect(timeline.map(({text}) => text)).toEqual([
      'eth0 of a goes down',
      'a goes to fault: eth0 is down',
      'b becomes master',
    ])
    expect(faultOf(router, 'script chk fails on a').timeline[1]).toEqual({
      atMs: 2_000,
      text: 'it is noticed, at the latest',
    })
  })

  it('is two lines for people', () => {
    expect(renderProof(prove(...PLAIN))).toBe(
      'VI_1: 10 faults, always exactly one holder\n' +
        '  takeover within 3.6 s when the master dies, its link goes down or it is cut off; ' +
        '609 ms when it is stopped; 5.6 s when script chk fails\n',
    )
  })

  it('says once that a node which is cut off cannot know it', () => {
    const {findings} = prove(...PLAIN)
    expect(findings.map(({code, severity}) => [code, severity])).toEqual([['HC2106', 'info']])
    expect(faultOf(router, 'eth0 of a is cut while its link stays up')).toMatchObject({
      holders: ['b', 'a'],
      cutOff: ['a'],
    })
  })

  it('is the same every time, and the same as JSON', () => {
    const result = prove(...PLAIN)
    expect(prove(...PLAIN)).toEqual(result)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })
})

describe('the proof', () => {
  it('tries faults from each node that can be master, where nothing is preempted', () => {
    const texts = UNICAST.map(text => edit(text, 'unicast_src_ip', 'nopreempt\n  unicast_src_ip')) as [string, string]
    const router = onlyRouter(prove(...texts))
    expect(router.verdict).toBe('proven')
    expect(faultOf(router, 'a dies', 'a').holders).toEqual(['b'])
    expect(runOf(router, 'a dies', 'a').phases[1]?.holders).toEqual(['b'])
    expect(faultOf(router, 'b dies', 'b').holders).toEqual(['a'])
    expect(router.faults).toBe(8)
    expect(router.runs.filter(({kind}) => kind !== 'start')).toHaveLength(16)
  })

  it('moves a sync group as a whole', () => {
    const {routers, findings} = prove(...GROUPED)
    expect(codesOf(findings)).toEqual([])
    expect(routers.map(({name, verdict}) => [name, verdict])).toEqual([
      ['OUTER', 'proven'],
      ['INNER', 'proven'],
    ])
    const inner = faultOf(routers[1] as RouterProof, 'eth0 of a goes down')
    expect(inner.holders).toEqual(['b'])
    expect(inner.timeline.map(({text}) => text)).toContain('a goes to fault: OUTER: eth0 is down')
  })

  // Measured with keepalived 2.2.7: started together, one of the two is master of both, and nothing moves after that.
  it('leaves a group whose members prefer different nodes with whoever is first', () => {
    const swap = (text: string, from: string, to: string): string => {
      const [outer = '', inner = ''] = text.split('vrrp_instance INNER')
      return `${outer}vrrp_instance INNER${edit(inner, `priority ${from}`, `priority ${to}`)}`
    }
    const nodes = nodesOf(swap(GROUPED[0], '150', '100'), swap(GROUPED[1], '100', '150'))
    expect(compareNodes(nodes).map(({code, message}) => [code, message])).toEqual([
      [
        'HC2040',
        'sync group G: OUTER has its highest priority on a, INNER on b: ' +
          'neither takes over from the other, and whoever is first stays master',
      ],
    ])
    const result = proveCluster(nodes)
    expect(codesOf(result.findings)).toEqual([])
    const holders = result.routers.map(router => runOf(router, 'a dies').phases.map(phase => phase.holders))
    expect(holders).toEqual([
      [['b'], ['b']],
      [['b'], ['b']],
    ])
  })

  it('finds nodes that relieve each other for ever', () => {
    const priorities = [
      {sender: 1, peer: 0, own: 200},
      {sender: 0, peer: 1, own: 150},
      {sender: 2, peer: 0, own: 100},
    ]
    // In each virtual router of the group another node has the highest priority, and not everybody hears of it.
    const textOf = (node: number): string => {
      const blocks = [0, 1, 2].map(router => {
        const turned = (which: number): number => (which + router) % 3
        const {peer = 0, own = 0} = priorities.find(({sender}) => turned(sender) === node) ?? {}
        const addresses = `unicast_src_ip 10.${router}.0.${node}\n unicast_peer {\n 10.${router}.0.${turned(peer)}\n }`
        const lines = `interface eth${router}\n virtual_router_id 5${router}\n priority ${own}\n ${addresses}`
        return instance(`VI_${router}`, `${lines}\n virtual_ipaddress {\n 10.${router}.0.100\n }`)
      })
      return `${blocks.join('')}vrrp_sync_group G {\n group {\n VI_0\n VI_1\n VI_2\n }\n}\n`
    }
    const result = prove(...[0, 1, 2].map(textOf))
    expect(violationsOf(result)).toContain('flapping')
    expect(renderProof(result)).toContain('the addresses do not come to rest when all nodes start together')
  })

  it('finds a node that keeps the addresses although what it tracks has failed, and shows why', () => {
    const texts = PLAIN.map(text => edit(text, '-60', '-20')) as [string, string]
    const result = prove(...texts)
    const [finding] = result.findings.filter(({code}) => code === 'HC2108')
    expect(finding).toMatchObject({
      node: 'a',
      message: 'VI_1: simulated, a keeps the addresses after script chk fails on a: HC2017 says why',
    })
    expect(renderProof(result)).toBe(
      'VI_1: 10 faults, 1 case in which it goes wrong\n' +
        '  takeover within 3.6 s when the master dies, its link goes down or it is cut off; ' +
        '609 ms when it is stopped\n' +
        '  a keeps the addresses after script chk fails on a, with a as master before\n' +
        '    its priority is still 130, that of b 100\n' +
        '    0 ms  script chk fails on a\n' +
        '     2 s  it is noticed, at the latest\n',
    )
  })

  it('says what goes wrong once, at the place of the reason that comparing found', () => {
    const nodes = nodesOf(PLAIN[0], edit(PLAIN[1], 's3cret', 'other'))
    const {findings} = proveCluster(nodes)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      code: 'HC2108',
      severity: 'info',
      router: 'VI_1',
      node: 'b',
      position: compareNodes(nodes)[0]?.position,
      message:
        'VI_1: simulated, a and b both hold the addresses when all nodes start together (and in 2 more cases): ' +
        'HC2004 says why',
    })
  })

  it('tells when each node was started', () => {
    const router = onlyRouter(prove(PLAIN[0], edit(PLAIN[1], 's3cret', 'other')))
    const {timeline} = faultOf(router, 'the nodes start one after another, a first')
    expect(timeline.map(({text}) => text)).toEqual([
      'the nodes start one after another, a first',
      'a becomes master',
      'b starts',
      'b becomes master',
    ])
  })

  it('does not wait for a virtual router that nobody else has', () => {
    const result = prove(PLAIN[0], 'global_defs {\n}\n')
    expect(onlyRouter(result)).toMatchObject({verdict: 'alone', faults: 0, runs: []})
    expect(result.findings).toEqual([])
    expect(renderProof(result)).toBe('VI_1: only on a, nothing to simulate\n')
  })

  it('takes three nodes through the same', () => {
    const router = onlyRouter(prove(...PLAIN, edit(PLAIN[1], 'priority 100', 'priority 50')))
    expect(router).toMatchObject({verdict: 'proven', faults: 15})
    expect(faultOf(router, 'a dies').holders).toEqual(['b'])
    // 150 - 60 is less than 100 and more than 50.
    expect(faultOf(router, 'script chk fails on a').holders).toEqual(['b'])
  })
})

describe('what is tracked', () => {
  const common = 'interface eth0\n virtual_router_id 9\n virtual_ipaddress {\n 10.0.0.9\n }'
  const tracked = (block: string, lines: string): readonly [string, string] => [
    `${block}\n${instance('VI_1', `${common}\n priority 150\n ${lines}`)}`,
    `${block}\n${instance('VI_1', `${common}\n priority 100\n ${lines}`)}`,
  ]

  it.each([
    [
      'a script without a weight',
      'vrrp_script chk {\n script "/bin/true"\n}',
      'track_script {\n chk\n }',
      'script chk fails on a',
    ],
    ['an interface', '', 'track_interface {\n eth7\n }', 'eth7 of a goes down'],
    ['an interface with a weight', '', 'track_interface {\n eth7 weight -60\n }', 'eth7 of a goes down'],
    [
      'a process',
      'vrrp_track_process web {\n process nginx\n weight 60\n}',
      'track_process {\n web\n }',
      'process web fails on a',
    ],
    [
      'a process that must not run',
      'vrrp_track_process bad {\n process x\n weight 60 reverse\n}',
      'track_process {\n bad\n }',
      'process bad fails on a',
    ],
    ['a file', 'track_file flag {\n file /tmp/flag\n}', 'track_file {\n flag\n }', 'file flag fails on a'],
  ])('moves the addresses when it fails: %s', (_, block, lines, title) => {
    const nodes = nodesOf(...tracked(block, lines))
    expect(nodes.flatMap(({loaded}) => loaded.diagnostics.filter(({severity}) => severity === 'error'))).toEqual([])
    const router = onlyRouter(proveCluster(nodes))
    expect(router.verdict).toBe('proven')
    expect(faultOf(router, title).holders).toEqual(['b'])
    expect(runOf(router, title).phases[1]?.holders).toEqual(['a'])
  })

  it('is the interface of the virtual router itself, unless that is told not to matter', () => {
    const router = onlyRouter(prove(...tracked('', 'dont_track_primary')))
    expect(faultOf(router, 'eth0 of a goes down')).toMatchObject({holders: ['b', 'a'], cutOff: ['a'], violations: []})
  })
})
