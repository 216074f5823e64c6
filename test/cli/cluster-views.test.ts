import {describe, expect, test, vi} from 'vitest'
import {clusterLine, lineOf} from '../../src/cli/cluster-line.ts'
import {clusterReply} from '../../src/cli/cluster-report.ts'
import {verdictLine, verdictOf} from '../../src/cli/cluster-verdict.ts'
import {overviewText, statusText} from '../../src/cli/cluster-views.ts'
import {textWidth} from '../../src/diagnostics/display-width.ts'
import type {ClusterPicture} from '../../src/watch/model.ts'
import {fakeStatus} from '../fake-agent.ts'
import {
  clusterOf,
  NOW,
  nodePicture,
  problem,
  routerPicture,
  servicePicture,
  silentNode,
  watchedReal,
} from './cluster-pictures.ts'

vi.stubEnv('TZ', 'UTC')

const backup = {state: 'backup', priority: {base: 100, effective: 100}} as const
const warning = problem({severity: 'warning', kind: 'no-backup', text: 'VI_2 has no backup', subject: '4/51/VI_2'})
const noHolder = problem({kind: 'no-holder', text: 'no holder of VI_3', subject: '4/51/VI_3'})
const silent = problem({severity: 'unknown', kind: 'node-silent', text: 'lb3 does not answer', subject: 'lb3'})

/** Three nodes, of which one is silent, and a split brain. */
const trouble = clusterOf({
  nodes: [nodePicture('lb1'), nodePicture('lb2', {state: 'late', silentMs: 3_100}), silentNode('lb3')],
  routers: [
    routerPicture('VI_2', [backup, {}, null], {
      lastCause: {node: 1, atMs: Date.parse(NOW) - 7_000, text: 'no advertisement from 10.0.0.1 for 3609 ms'},
    }),
    routerPicture('VI_1', [{}, {splitBrain: [{rival: '10.0.0.1', how: 'advertises'}]}, 'silent'], {
      problem: problem(),
    }),
    routerPicture('VI_3', [{state: 'fault'}, {...backup, held: 'released', observed: true}, null], {vips: []}),
  ],
  services: [servicePicture(), servicePicture({problem: problem({kind: 'service-down'})})],
  problems: [problem(), silent, warning],
})

describe('the verdict', () => {
  test.each<[string, Partial<ClusterPicture>, string]>([
    ['nothing wrong', {}, 'OK: 1 node, 0 virtual routers, 0 services'],
    ['a warning', {problems: [warning]}, 'WARNING: VI_2 has no backup'],
    ['critical before a warning', {problems: [warning, noHolder]}, 'CRITICAL: no holder of VI_3, and 1 more problem'],
    // What cannot be said may be critical.
    ['unknown before a warning', {problems: [warning, silent]}, 'UNKNOWN: lb3 does not answer, and 1 more problem'],
    [
      'critical before unknown',
      {problems: [silent, warning, problem()]},
      'CRITICAL: SPLIT BRAIN: VI_1 is held by lb1 and lb2, and 2 more problems',
    ],
    [
      'a node that has not told everything when the time is over',
      {nodes: [nodePicture('lb1', {state: 'connecting', isWhole: false, agent: null})]},
      'UNKNOWN: lb1 has not told everything yet',
    ],
    [
      'a silent node that no problem tells of',
      {nodes: [silentNode('lb1')]},
      'UNKNOWN: lb1 does not answer: connection refused',
    ],
    [
      'a silent node that a problem tells of',
      {nodes: [silentNode('lb3')], problems: [silent]},
      'UNKNOWN: lb3 does not answer',
    ],
    // Behind a bar monitoring plug-ins have figures, and a line ends their text.
    ['signs that mean something', {problems: [problem({text: 'a|b\nc\u001b[1m'})]}, 'CRITICAL: a/b?c?[1m'],
  ])('%s', (_, fields, line) => {
    expect(verdictLine(verdictOf(clusterOf(fields)))).toBe(line)
  })
})

describe('texts', () => {
  test('cluster status: the verdict, what is wrong, routers with a column a node and problems first', () => {
    expect(statusText(trouble).split('\n')).toEqual([
      'CRITICAL: SPLIT BRAIN: VI_1 is held by lb1 and lb2, and 2 more problems',
      '',
      'CRITICAL  SPLIT BRAIN: VI_1 is held by lb1 and lb2',
      'UNKNOWN   lb3 does not answer',
      'WARNING   VI_2 has no backup',
      '',
      'ROUTER  VRID  ADDRESSES     lb1         lb2                         lb3      HELD FOR',
      'VI_1      51  10.0.0.10 +1  MASTER 110  MASTER 110 SPLIT BRAIN      UNKNOWN  -',
      'VI_2      51  10.0.0.10 +1  BACKUP 100  MASTER 110                  UNKNOWN  3 min 2 s',
      'VI_3      51  -             FAULT       BACKUP 100 held (observed)  UNKNOWN  -',
    ])
  })

  test('cluster status of a cluster that is well', () => {
    const well = clusterOf({nodes: [nodePicture('local')], routers: [routerPicture('VI_1', [{}])]})
    expect(statusText(well).split('\n')).toEqual([
      'OK: 1 node, 1 virtual router, 0 services',
      '',
      'ROUTER  VRID  ADDRESSES     local       HELD FOR',
      'VI_1      51  10.0.0.10 +1  MASTER 110  3 min 2 s',
    ])
  })

  test('the overview: nodes too, and of a silent one nothing that it said', () => {
    const text = overviewText(trouble)
    const [head, , ...rest] = text.split('\n')
    expect(head).toBe('2026-01-31 08:05:09.000  3 nodes, 3 virtual routers, 2 services')
    expect(rest.slice(4, 8)).toEqual([
      'NODE  STATE             MASTER OF  VERSION  RUNNING    LOOP LAG P99  CONFIGURATION  WHERE',
      'lb1   live              1 of 3     0.1.0    3 min 9 s  1.5 ms        0123456789ab   ssh://lb1',
      'lb2   late for 3.1 s    2 of 3     0.1.0    3 min 9 s  1.5 ms        0123456789ab   ssh://lb2',
      'lb3   UNKNOWN for 23 s  -          -        -          -             -              ssh://lb3',
    ])
    expect(text).toContain('HELD FOR   LAST CAUSE\n')
    expect(text).toMatch(/\nVI_2 .* 3 min 2 s {2}lb2, 7 s ago: no advertisement from 10\.0\.0\.1 for 3609 ms\n/)
    expect(rest.at(-1)).toBe(
      '2 services with 2 real servers, 1 of them with a problem, 34 active connections, 6.5 a second',
    )
  })

  test.each([
    ['', {}, {}],
    [' (last reload refused)', {refused: '1 error'}, {}],
    [' (file changed)', {onDisk: 'changed'}, {}],
    [' (file missing, on trial)', {onDisk: 'missing', trial: {id: '1', since: NOW, until: NOW}}, {}],
    [' (2 overrides)', {}, {overrides: 2}],
  ])('the overview has "%s" behind the hash of a configuration', (beside, configuration, fields) => {
    const status = fakeStatus()
    const agent = {...status, ...fields, configuration: {...status.configuration, ...configuration}} as typeof status
    const text = overviewText(clusterOf({nodes: [nodePicture('lb1', {agent})]}))
    expect(text.split(' 0123456789ab')[1]?.split('ssh://')[0]?.trimEnd()).toBe(beside)
  })

  test('a node whose clock is ahead has not run longer for that', () => {
    const text = overviewText(clusterOf({nodes: [nodePicture('lb1', {clockAheadMs: 60_000})]}))
    expect(text).toContain('4 min 9 s')
    expect(text).toContain('no problems')
    expect(text).toContain('no virtual routers are known')
  })
})

describe('the line', () => {
  test.each<[string, Partial<ClusterPicture>, number, string]>([
    ['all is well', {routers: [routerPicture('A', [{}]), routerPicture('B', [backup])]}, 60, 'lb1 M1 B1 | ok'],
    ['no routers', {}, 60, 'lb1 - | ok'],
    ['a node that tells nothing', {nodes: [silentNode('lb3')], problems: [silent]}, 60, 'lb3 ? | SILENT lb3'],
    ['much is wrong', trouble, 80, 'lb1 M1 B1 F1  lb2 M2 B1  lb3 ? | SPLIT BRAIN VI_1, SILENT lb3, 1 warning'],
    ['too narrow for all: what is wrong stays', trouble, 60, 'SPLIT BRAIN VI_1, SILENT lb3, 1 warning'],
    ['too narrow for that, too', trouble, 20, 'SPLIT BRAIN VI_1, ..'],
    ['far too narrow', trouble, 2, 'SP'],
    [
      'many problems',
      {problems: [problem(), noHolder, silent, silent]},
      80,
      'lb1 - | SPLIT BRAIN 4/51/VI_1, NO HOLDER 4/51/VI_3, 2 more',
    ],
    [
      'one problem of many virtual routers',
      {
        routers: ['A', 'B', 'C'].map(name => routerPicture(name, [{}], {problem: problem()})),
        problems: [problem({subject: '4/51/A'})],
      },
      60,
      'lb1 M3 | SPLIT BRAIN A +2',
    ],
    [
      'a problem without a short word',
      {problems: [problem({kind: 'process', text: 'lb1: vrrp is dead'})]},
      60,
      'lb1 - | lb1: vrrp is dead',
    ],
  ])('%s', (_, fields, width, line) => {
    expect(clusterLine(clusterOf(fields), width)).toBe(line)
  })

  // zsh expands % and $(…) in what a prompt runs, tmux(1) #[…] and #(…).
  test('has no sign that a shell or tmux acts on', () => {
    const name = '#(reboot)$(reboot)`reboot`%F{red}\\n\u001b[31m\n!1~"\''
    const line = clusterLine(clusterOf({problems: [problem({kind: 'process', text: name})]}), 200)
    expect(line).toContain('reboot')
    expect(line).not.toMatch(/[#$`%{}\\!~"'\p{Cc}]/u)
  })

  test('is never wider than it may be, with wide characters neither', () => {
    const text = '日本語のノード名 is wide, 日本語'
    for (let width = 1; width < 40; width++) {
      const line = lineOf(text, width)
      expect(textWidth(line)).toBeLessThanOrEqual(width)
      expect(textWidth(line)).toBeGreaterThanOrEqual(Math.min(width, textWidth(text)) - 1)
    }
  })
})

describe('--json', () => {
  test('has names in place of positions, and nothing that a silent node said', () => {
    const {apiVersion, kind, observedAt, item} = clusterReply(trouble)
    expect({apiVersion, kind, observedAt}).toEqual({apiVersion: 'v1', kind: 'Cluster', observedAt: NOW})
    expect(item).toMatchObject({verdict: 'critical', summary: expect.stringContaining('SPLIT BRAIN')})
    expect(item.problems).toEqual([problem(), silent, warning])
    expect(item.nodes.map(({name, state, agent}) => [name, state, agent?.version])).toEqual([
      ['lb1', 'live', '0.1.0'],
      ['lb2', 'late', '0.1.0'],
      ['lb3', 'unknown', undefined],
    ])
    const [, split] = item.routers
    expect(split).toMatchObject({name: 'VI_1', holders: ['lb1', 'lb2'], heldSince: null})
    expect(split?.onNodes.map(({node, state, priority}) => [node, state, priority])).toEqual([
      ['lb1', 'master', 110],
      ['lb2', 'master', 110],
      ['lb3', 'unknown', null],
    ])
    expect(item.routers[0]).toMatchObject({holders: ['lb2'], heldSince: '2026-01-31T08:02:07.000Z'})
    expect(item.routers[0]?.onNodes.map(({node}) => node)).toEqual(['lb1', 'lb2', 'lb3'])
    const known = clusterReply({...trouble, nodes: trouble.nodes.map(node => ({...node, state: 'live'}))})
    expect(known.item.routers[0]?.onNodes.map(({node}) => node)).toEqual(['lb1', 'lb2'])
    expect(JSON.parse(JSON.stringify(item))).toEqual(item)
  })

  test('tells of services on the nodes that have them', () => {
    const [real] = servicePicture().realServers
    if (real === undefined) throw new Error('no real server')
    const held = {kind: 'drained', reason: 'update', since: NOW} as never
    const service = servicePicture({
      onNodes: [{name: '192.0.2.1:80/tcp'} as never, null],
      realServers: [{...real, onNodes: [watchedReal({weight: 0, held}), null]}],
    })
    const nodes = [nodePicture('lb1'), nodePicture('lb2')]
    const [told] = clusterReply(clusterOf({nodes, services: [service]})).item.services
    expect(told).toMatchObject({name: '192.0.2.1:80/tcp', activeConnections: 17, nodes: ['lb1']})
    expect(told?.realServers[0]?.onNodes).toEqual([{node: 'lb1', weight: 0, present: true, standing: 'in', held}])
  })
})
