import {describe, expect, it} from 'vitest'
import type {Phase, ProofResult, RouterProof, Run} from '../../src/cluster/proof.ts'
import {proveCluster} from '../../src/cluster/prove-cluster.ts'
import {renderProof} from '../../src/cluster/render-proof.ts'
import {priority} from '../../src/core/units.ts'
import {masterDownIntervalMs, skewMs} from '../../src/core/vrrp/timing.ts'
import {codesOf, edit, GROUPED, nodesOf, PLAIN, UNICAST} from './pairs.ts'

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

/** A virtual router that may be written in one line. */
const instance = (name: string, lines: string): string => `vrrp_instance ${name} {\n${lines}\n}\n`

const MANY_INSTANCES = Array.from({length: 20}, (_, i) => i + 1)
const manyOf = (priorityText: string): string =>
  MANY_INSTANCES.map(i =>
    instance(
      `VI_${i}`,
      ` interface eth${i % 4}\n virtual_router_id ${i}\n ${priorityText}\n virtual_ipaddress {\n 10.0.${i}.1/24\n }`,
    ),
  ).join('')

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
    ['a dies', masterDownIntervalMs(2, priority(100), 1_000)],
    ['a is stopped', skewMs(2, priority(100), 1_000)],
    ['eth0 of a goes down', masterDownIntervalMs(2, priority(100), 1_000)],
  ])('takes as long as the formula says when %s', (title, expected) => {
    const {takeoverMs, holders} = faultOf(router, title)
    expect(holders).toEqual(['b'])
    expect(Math.abs((takeoverMs ?? 0) - expected)).toBeLessThan(2)
  })

  it('takes longer where a script has to notice it first', () => {
    const {takeoverMs} = faultOf(router, 'script chk fails on a')
    const atMost = 2_000 + masterDownIntervalMs(2, priority(100), 1_000)
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

  it('is one line for people', () => {
    expect(renderProof(prove(...PLAIN))).toBe('VI_1: 10 faults, takeover 0.6 to 5.6 s, always exactly one holder\n')
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

  it('finds a group whose members prefer different nodes, which never comes to rest', () => {
    const swap = (text: string, own: string, other: string): string => {
      const [outer = '', inner = ''] = text.split('vrrp_instance INNER')
      return `${outer}vrrp_instance INNER${edit(inner, `priority ${own}`, `priority ${other}`)}`
    }
    const result = prove(swap(GROUPED[0], '150', '100'), swap(GROUPED[1], '100', '150'))
    expect(codesOf(result.findings)).toEqual(['HC2104'])
    expect(renderProof(result)).toContain('OUTER: goes wrong without any fault')
    expect(renderProof(result)).toMatch(/the addresses do not come to rest when all nodes start together/)
  })

  it('finds members of a group on different nodes', () => {
    const ungrouped = (text: string): string =>
      edit(text, 'vrrp_sync_group G {\n  group {\n    OUTER\n    INNER\n  }\n}', '')
    const third = GROUPED[1].replaceAll('priority 100', 'priority 50')
    const result = prove(ungrouped(GROUPED[0]), ungrouped(GROUPED[1]), third)
    expect(codesOf(result.findings)).toEqual(['HC2103'])
    expect(result.findings.find(({code}) => code === 'HC2103')?.message).toBe(
      'OUTER: the members of its sync group are on different nodes after eth0 of a goes down (and in 1 more case)',
    )
  })

  it('finds a node that keeps the addresses although what it tracks has failed', () => {
    const texts = PLAIN.map(text => edit(text, '-60', '-20')) as [string, string]
    const result = prove(...texts)
    const [finding] = result.findings.filter(({severity}) => severity !== 'info')
    expect(finding).toMatchObject({
      code: 'HC2105',
      node: 'a',
      message: 'VI_1: a keeps the addresses after script chk fails on a',
      hint: 'HC2017 says why',
    })
    expect(renderProof(result)).toBe(
      'VI_1: 10 faults, takeover 0.6 to 3.6 s, 1 case in which it goes wrong\n' +
        '  a keeps the addresses after script chk fails on a, with a as master before\n' +
        '    0 ms  script chk fails on a\n' +
        '     2 s  it is noticed, at the latest\n',
    )
  })

  it('names two holders once, and what comparing found as the reason', () => {
    const result = prove(PLAIN[0], edit(PLAIN[1], 's3cret', 'other'))
    const serious = result.findings.filter(({severity}) => severity !== 'info')
    expect(serious).toHaveLength(1)
    expect(serious[0]).toMatchObject({
      code: 'HC2102',
      router: 'VI_1',
      message: 'VI_1: a and b both hold the addresses when all nodes start together (and in 2 more cases)',
      hint: 'HC2004 says why',
      related: [{node: 'b'}],
    })
    expect(result.findings).toHaveLength(1)
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
  const tracked = (block: string, lines: string): readonly [string, string] => [
    `${block}\n${instance('VI_1', ` interface eth0\n virtual_router_id 9\n priority 150\n virtual_ipaddress {\n 10.0.0.9\n }\n ${lines}`)}`,
    `${block}\n${instance('VI_1', ` interface eth0\n virtual_router_id 9\n priority 100\n virtual_ipaddress {\n 10.0.0.9\n }\n ${lines}`)}`,
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

describe('the effort', () => {
  it('is small: two nodes with twenty virtual routers each', () => {
    const before = performance.now()
    const result = prove(manyOf('priority 150'), manyOf('priority 100'))
    expect(performance.now() - before).toBeLessThan(2_000)
    expect(result.routers).toHaveLength(20)
    expect(result.routers.every(({verdict}) => verdict === 'proven')).toBe(true)
    expect(result.steps).toBeGreaterThan(10_000)
  })

  it('is bounded, whatever the intervals are, and says what it leaves out', () => {
    const slow = (own: string): string =>
      instance(
        'VI_1',
        ` version 3\n interface eth0\n virtual_router_id 9\n ${own}\n virtual_ipaddress {\n 10.0.0.9\n }`,
      )
    const groupOf = (own: string): string =>
      `${slow(`${own}\n advert_int 40`)}${slow(`${own}\n advert_int 0.01`).replace('VI_1', 'VI_2').replace('9\n', '8\n').replace('10.0.0.9', '10.0.0.8')}
vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\n`
    const result = prove(groupOf('priority 150'), groupOf('priority 100'))
    expect(result.steps).toBeLessThan(1_100_000)
    expect(result.leftOut).toEqual(['VI_1 and VI_2: not every fault was simulated: there are too many steps'])
    expect(result.routers.map(({verdict}) => verdict)).toEqual(['left-out', 'left-out'])
    expect(renderProof(result)).toContain('left out: VI_1 and VI_2')
  }, 20_000)

  it('looks at ten nodes', () => {
    const texts = Array.from({length: 12}, (_, i) => edit(UNICAST[0], 'priority 150', `priority ${100 + i}`))
    const result = prove(...texts.map(text => text.replace(/unicast_(src_ip|peer) [^}]*?\n( {2}})?/g, '')))
    expect(result.nodes).toHaveLength(10)
    expect(result.leftOut).toEqual(['12 nodes are given; only the first 10 were simulated'])
  })
})
