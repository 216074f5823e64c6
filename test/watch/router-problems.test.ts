import {describe, expect, it, test} from 'vitest'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {NodePicture, Problem} from '../../src/watch/model.ts'
import {seededRandom} from '../sim/random.ts'
import {ago, NOW_MS, node, router} from './nodes.ts'

const shown = ({severity, kind, text}: Problem): string => `${severity} ${kind}: ${text}`
const problemsOf = (nodes: readonly NodePicture[]): readonly string[] =>
  clusterPicture(nodes, NOW_MS).problems.map(shown)

const SILENT = {state: 'unknown', silentMs: 20_000, problem: 'connection refused'} as const
const NEVER = {state: 'unknown', silentMs: null, problem: 'connection refused', isWhole: false, agent: null} as const
const HEARD = {address: '10.0.0.1', priority: 110, lastSeen: ago(500)}
const ETH0 = {faults: ['interface eth0 is down']}

test('a master and a backup: nothing is wrong', () => {
  const picture = clusterPicture([node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'backup')])], NOW_MS)
  expect(picture.problems).toEqual([])
  expect(picture.routers).toMatchObject([
    {key: '4/51/VI_1', name: 'VI_1', holders: [0], heldSinceMs: NOW_MS - 3_600_000, problem: null},
  ])
})

describe('the problems of a virtual router', () => {
  it.each<[string, readonly NodePicture[], readonly string[]]>([
    [
      'two masters',
      [node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'master')])],
      ['critical split-brain: SPLIT BRAIN: VI_1 is held by lb1 and lb2'],
    ],
    [
      'a master that one backup does not hear: it hears a node that is silent here',
      [
        node('lb1', [router(1, 'master')]),
        node('lb2', [router(2, 'backup', {heard: {address: '10.0.0.3', priority: 120, lastSeen: ago(500)}})]),
        node('lb3', [router(3, 'master')], SILENT),
      ],
      [
        'critical split-brain: SPLIT BRAIN: VI_1 is held by lb1 and lb3',
        'unknown node-silent: lb3 does not answer: connection refused',
      ],
    ],
    [
      'a master that has just become it: the backup still has the one before',
      [
        node('lb1', [router(1, 'master', {since: ago(900)})]),
        node('lb2', [router(2, 'backup', {heard: {address: '10.0.0.9', priority: 120, lastSeen: ago(500)}})]),
      ],
      [],
    ],
    [
      'a takeover that goes on',
      [node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'master', {since: ago(900)})])],
      [],
    ],
    [
      'two masters of 100 ms for longer than 300 ms',
      [
        node('lb1', [router(1, 'master', {advertIntervalMs: 100})]),
        node('lb2', [router(2, 'master', {advertIntervalMs: 100, since: ago(500)})]),
      ],
      ['critical split-brain: SPLIT BRAIN: VI_1 is held by lb1 and lb2'],
    ],
    [
      'a master that has not been heard since another took over: it may be dead',
      [
        node('lb1', [router(1, 'master')], {state: 'late', silentMs: 4_500}),
        node('lb2', [router(2, 'master', {since: ago(4_000)})]),
      ],
      [],
    ],
    [
      'a master that said so again since another took over',
      [
        node('lb1', [router(1, 'master')], {state: 'late', silentMs: 3_500}),
        node('lb2', [router(2, 'master', {since: ago(4_000)})]),
      ],
      ['critical split-brain: SPLIT BRAIN: VI_1 is held by lb1 and lb2'],
    ],
    [
      'a master whose clock was set back since',
      [node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'master', {since: ago(-3_600_000)})])],
      ['critical split-brain: SPLIT BRAIN: VI_1 is held by lb1 and lb2'],
    ],
    [
      'a rival that only a node knows',
      [node('lb1', [router(1, 'master', {splitBrain: [{rival: '10.0.0.9', how: 'answers'}]})])],
      ['critical split-brain: SPLIT BRAIN: VI_1 is held by lb1 and 10.0.0.9, which answers for it'],
    ],
    [
      'a rival that is another node',
      [
        node('lb1', [router(1, 'master', {splitBrain: [{rival: '10.0.0.2', how: 'advertises'}]})]),
        node('lb2', [router(2, 'backup')]),
      ],
      ['critical split-brain: SPLIT BRAIN: VI_1 is held by lb1 and lb2'],
    ],
    [
      'nobody',
      [node('lb1', [router(1, 'fault', ETH0)]), node('lb2', [router(2, 'backup', {held: 'released by an operator'})])],
      [
        'critical no-holder: no holder of VI_1: ' +
          'lb1 is in fault (interface eth0 is down), lb2 is kept from it (released by an operator)',
      ],
    ],
    [
      'nobody, but not for longer than a takeover takes',
      [node('lb1', [router(1, 'fault', {...ETH0, since: ago(3_000)})]), node('lb2', [router(2, 'backup')])],
      ['warning router-fault: VI_1 is in fault on lb1: interface eth0 is down'],
    ],
    ['a master that is no node of ours', [node('lb1', [router(3, 'backup', {heard: HEARD})])], []],
    [
      'a master that is no node of ours and has been silent for a minute',
      [node('lb1', [router(3, 'backup', {heard: {...HEARD, lastSeen: ago(60_000)}})])],
      ['critical no-holder: no holder of VI_1: lb1 is backup'],
    ],
    [
      'a master that is a node which says that it is none',
      [node('lb1', [router(1, 'backup')]), node('lb2', [router(2, 'backup', {heard: HEARD})])],
      ['critical no-holder: no holder of VI_1: lb1 is backup, lb2 is backup'],
    ],
    [
      'only silent nodes could have it',
      [node('lb1', [router(1, 'fault', ETH0)]), node('lb2', [router(2, 'master')], SILENT)],
      [
        'unknown holder-unknown: it is unknown who holds VI_1: ' +
          'lb2 does not answer, lb1 is in fault (interface eth0 is down)',
        'unknown node-silent: lb2 does not answer: connection refused',
      ],
    ],
    [
      'a node that never answered could have it',
      [node('lb1', [router(1, 'fault', ETH0)]), node('lb2', [], NEVER)],
      [
        'unknown holder-unknown: it is unknown who holds VI_1: ' +
          'lb2 does not answer, lb1 is in fault (interface eth0 is down)',
        'unknown node-silent: lb2 does not answer: connection refused',
      ],
    ],
    [
      'a node that is being connected to could have it',
      [node('lb1', [router(1, 'fault', ETH0)]), node('lb2', [], {...NEVER, state: 'connecting'})],
      ['warning router-fault: VI_1 is in fault on lb1: interface eth0 is down'],
    ],
    [
      'the backup is silent',
      [node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'backup')], SILENT)],
      [
        'unknown node-silent: lb2 does not answer: connection refused',
        'warning no-backup: VI_1 has no backup: lb2 does not answer',
      ],
    ],
    [
      'one of two backups is in fault',
      [node('lb1', [router(1, 'master')]), node('lb2', [router(2, 'fault', ETH0)]), node('lb3', [router(3, 'backup')])],
      ['warning router-fault: VI_1 is in fault on lb2: interface eth0 is down'],
    ],
    [
      'one of two backups is held',
      [
        node('lb1', [router(1, 'master')]),
        node('lb2', [router(2, 'backup', {held: 'kernel update'})]),
        node('lb3', [router(3, 'backup')]),
      ],
      ['warning held: VI_1 is kept from being master on lb2: kernel update'],
    ],
    [
      'a master that only looks does not hold it',
      [node('lb1', [router(1, 'master', {observed: true})]), node('lb2', [router(2, 'fault', ETH0)])],
      [
        'critical no-holder: no holder of VI_1: lb1 only looks at it, lb2 is in fault (interface eth0 is down)',
        'warning observed: VI_1 is only looked at on lb1, which does nothing for it',
      ],
    ],
    [
      'a master without its addresses',
      [
        node('lb1', [router(1, 'master', {vips: router(1, 'master').vips.map(vip => ({...vip, present: false}))})]),
        node('lb2', [router(2, 'backup')]),
      ],
      ['critical router-fault: lb1 is master of VI_1 without 10.0.0.10 and 10.0.0.11'],
    ],
  ])('%s', (_, nodes, expected) => expect(problemsOf(nodes)).toEqual(expected))
})

test('virtual routers with one cause share a line', () => {
  const many = (host: number, state: 'master' | 'fault') =>
    [1, 2, 3, 4].map(vrid => router(host, state, {name: `VI_${vrid}`, vrid, ...(state === 'fault' && ETH0)}))
  const nodes = [node('lb1', many(1, 'master')), node('lb2', many(2, 'fault'))]
  expect(problemsOf(nodes)).toEqual([
    'warning no-backup: 4 virtual routers (VI_1, VI_2, VI_3, …) have no backup: lb2 is in fault (interface eth0 is down)',
  ])
  expect(clusterPicture(nodes, NOW_MS).routers.map(({problem}) => problem?.text)).toContain(
    'VI_4 has no backup: lb2 is in fault (interface eth0 is down)',
  )
})

test('after a takeover the node that went down is no holder any more, before it is unknown', () => {
  const gone = node('lb1', [router(1, 'master')], {silentMs: 1_500})
  const [row] = clusterPicture([gone, node('lb2', [router(2, 'master', {since: ago(1_000)})])], NOW_MS).routers
  expect(row).toMatchObject({holders: [1], heldSinceMs: NOW_MS - 1_000})
})

test('times of a node are put into the time of this host', () => {
  const routers = [router(1, 'master', {since: ago(-50_000)})]
  const [row] = clusterPicture([node('lb1', routers, {clockAheadMs: 60_000})], NOW_MS).routers
  expect(row).toMatchObject({
    heldSinceMs: NOW_MS - 10_000,
    lastCause: {node: 0, atMs: NOW_MS - 10_000, text: 'it began'},
  })
})

test('two known nodes that hold one virtual router are never told as no problem', () => {
  const random = seededRandom(7)
  let held = 0
  for (let run = 0; run < 3_000; run++) {
    const states = ['master', 'master', 'backup', 'fault', 'init'] as const
    const nodes = [1, 2, 3].map(host => {
      const state = (['live', 'late', 'unknown'] as const)[random(3)] ?? 'live'
      const known = state !== 'unknown'
      const there = random(5) > 0
      const routers = [1, 2].map(vrid =>
        router(host, states[random(states.length)] ?? 'init', {
          name: random(4) > 0 ? `VI_${vrid}` : `other_${vrid}`,
          vrid,
          since: ago(60_000 + random(100_000)),
          advertIntervalMs: 100 + random(10_000),
          observed: false,
          held: random(4) > 0 ? null : 'held',
        }),
      )
      return node(`lb${host}`, there ? routers : [], {state, silentMs: known ? random(6_000) : 10_000})
    })
    const {routers, problems} = clusterPicture(nodes, NOW_MS)
    for (const {key, onNodes, problem} of routers) {
      const masters = onNodes.filter(on => on?.isKnown && on.router.state === 'master')
      if (masters.length < 2) continue
      held++
      expect(problem).toMatchObject({kind: 'split-brain', severity: 'critical', subject: key})
      expect(problems.filter(({kind}) => kind === 'split-brain')).not.toEqual([])
    }
  }
  expect(held).toBeGreaterThan(500)
})
