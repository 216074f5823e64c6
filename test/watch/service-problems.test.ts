import {describe, expect, it, test} from 'vitest'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {NodePicture} from '../../src/watch/model.ts'
import {check, NOW_MS, node, real, realOut, router, service} from './nodes.ts'

const A = '10.0.1.1:80'
const B = '10.0.1.2:80'
const HELD = {type: 'drained', since: '', reason: 'new kernel', weight: 1} as const
const PAUSE = {id: '1', since: '', reason: 'its page is being changed', until: null}

/** A master and a backup with a service each. */
const pair = (
  first: NonNullable<Parameters<typeof node>[2]>['has'],
  second: NonNullable<Parameters<typeof node>[2]>['has'] = first,
): readonly NodePicture[] => [
  node('lb1', [router(1, 'master')], {has: first ?? []}),
  node('lb2', [router(2, 'backup')], {has: second ?? []}),
]

test('what nodes say of a service is put together', () => {
  const {services, problems} = clusterPicture(
    pair([service([real(A), real(B)])], [service([real(B), real(A)])]),
    NOW_MS,
  )
  expect(problems).toEqual([])
  expect(services).toMatchObject([
    {
      name: '10.0.0.10:80/tcp',
      configured: '10.0.0.10 80',
      activeConnections: 8,
      connectionsPerSecond: 8,
      bytesInPerSecond: 10,
      bytesOutPerSecond: 12,
      problem: null,
    },
  ])
  expect(services[0]?.realServers.map(({name, onNodes}) => [name, ...onNodes.map(there => there?.name)])).toEqual([
    [A, A, A],
    [B, B, B],
  ])
})

describe('the problems of virtual services', () => {
  it.each<[string, readonly NodePicture[], readonly string[]]>([
    [
      'no real server in on the holder',
      pair([service([realOut(A), realOut(B)])], [service([real(A), real(B)])]),
      ['critical service-down: 10.0.0.10:80/tcp has no working real server on lb1: connection refused'],
    ],
    [
      'no real server in on a node that does not hold the address',
      pair([service([real(A)])], [service([realOut(A)])]),
      ['warning service-down: 10.0.0.10:80/tcp has no working real server on lb2: connection refused'],
    ],
    [
      'no real server in of a mark, which every node may get',
      pair([], [service([realOut(A)], {name: 'fwm/5'})]),
      ['critical service-down: fwm/5 has no working real server on lb2: connection refused'],
    ],
    [
      'a sorry server answers',
      pair([service([realOut(A), real('10.0.1.9:80', {isSorryServer: true, standing: null, checks: []})])]),
      [
        'critical service-down: 10.0.0.10:80/tcp has no working real server on lb1 and lb2: connection refused; ' +
          'its sorry server answers',
      ],
    ],
    [
      'a service without real servers',
      pair([service([])]),
      ['warning service-down: 10.0.0.10:80/tcp has no real servers on lb1 and lb2'],
    ],
    [
      'one real server out',
      pair([service([real(A), realOut(B)])]),
      [`warning real-down: ${B} of 10.0.0.10:80/tcp is out on lb1 and lb2: connection refused`],
    ],
    [
      'nodes disagree about a real server',
      pair([service([real(A), real(B)])], [service([real(A), realOut(B)])]),
      [`warning real-down: ${B} of 10.0.0.10:80/tcp is out on lb2 but in on lb1: connection refused`],
    ],
    [
      'a check fails that takes nothing out',
      pair([service([real(A), real(B, {checks: [check({state: 'down', reason: 'status 500'})]})])]),
      [`warning real-down: checks of ${B} of 10.0.0.10:80/tcp fail on lb1 and lb2: status 500`],
    ],
    [
      'a real server is drained',
      pair([service([real(A), real(B, {weight: 0, held: HELD})])], [service([real(A), real(B)])]),
      [`warning drained: ${B} of 10.0.0.10:80/tcp is drained on lb1: new kernel`],
    ],
    [
      'a check is paused',
      pair([service([real(A, {checks: [check({state: 'paused', pause: PAUSE})]})])], [service([real(A)])]),
      [`warning check-paused: checks of ${A} of 10.0.0.10:80/tcp are paused on lb1: its page is being changed`],
    ],
    [
      'a real server that one node does not know',
      pair([service([real(A), real(B)])], [service([real(A)])]),
      [`warning drift: ${B} of 10.0.0.10:80/tcp is not known to lb2`],
    ],
    [
      'a service that is otherwise in the kernel',
      pair([service([real(A)], {drift: 'scheduler wrr'})], [service([real(A)])]),
      ['warning drift: 10.0.0.10:80/tcp is not in IPVS as wanted on lb1: scheduler wrr'],
    ],
    [
      'a kernel without IPVS on the holder',
      pair([service([real(A)], {present: false})], [service([real(A)])]).map((picture, position) =>
        position === 0 ? {...picture, servicesProblem: 'this kernel has no IPVS'} : picture,
      ),
      ['critical drift: lb1 does nothing for a virtual service: this kernel has no IPVS'],
    ],
  ])('%s', (_, nodes, expected) => {
    const {problems} = clusterPicture(nodes, NOW_MS)
    expect(problems.map(({severity, kind, text}) => `${severity} ${kind}: ${text}`)).toEqual(expected)
  })
})

test('what a silent node said of services does not count', () => {
  const [first, second] = pair([service([realOut(A)])], [service([real(A)])])
  if (first === undefined || second === undefined) throw new Error('a pair has two nodes')
  const {services} = clusterPicture([{...first, state: 'unknown'}, second], NOW_MS)
  expect(services).toMatchObject([{onNodes: [null, {name: '10.0.0.10:80/tcp'}], activeConnections: 2, problem: null}])
})

test('real servers that are out for one reason share a line, and each has its own', () => {
  const names = [1, 2, 3, 4, 5].map(host => `10.0.1.${host}:80`)
  const {problems, services} = clusterPicture(
    pair([service([real(A), ...names.slice(1).map(name => realOut(name))])]),
    NOW_MS,
  )
  expect(problems.map(({text}) => text)).toEqual([
    '4 real servers (10.0.1.2:80 of 10.0.0.10:80/tcp, 10.0.1.3:80 of 10.0.0.10:80/tcp, 10.0.1.4:80 of 10.0.0.10:80/tcp' +
      ', …) are out on lb1 and lb2: connection refused',
  ])
  expect(services[0]?.realServers.filter(({problem}) => problem !== null)).toHaveLength(4)
})

test('rows that nothing changed in are the same objects, and the version stays', () => {
  const nodes = pair([service([real(A)]), service([real(A)], {name: '10.0.0.11:80/tcp'})])
  const first = clusterPicture(nodes, NOW_MS)
  const older = clusterPicture(
    nodes.map(picture => ({...picture, silentMs: 900})),
    NOW_MS + 800,
    first,
  )
  expect(older.services).toBe(first.services)
  expect(older.version).toBe(first.version)
  const [changed, same] = [service([real(A), realOut(B)]), nodes[0]?.services.get('10.0.0.11:80/tcp')]
  if (same === undefined) throw new Error('there is a second service')
  const services = new Map([changed, same].map(there => [there.name, there]))
  const next = clusterPicture(
    nodes.map(picture => ({...picture, services})),
    NOW_MS,
    older,
  )
  expect(next.version).toBe(older.version + 1)
  expect(next.services[0]).not.toBe(first.services[0])
  const again = clusterPicture(
    nodes.map(picture => ({...picture, services: new Map(services)})),
    NOW_MS,
    next,
  )
  expect(again.services).toEqual(next.services)
  expect(again.services[0]).toBe(next.services[0])
})
