import {expect, test} from 'vitest'
import type {ProcessStatus} from '../../src/control/model.ts'
import {formatTime} from '../../src/core/format.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {NodePicture} from '../../src/watch/model.ts'
import {agent, ago, NOW_MS, node, router} from './nodes.ts'

const TRIAL = {id: 'a', since: ago(1_000), until: ago(-30_000)}

/** A node whose vrrp process is like this. */
const withProcess = (fields: Partial<ProcessStatus>): NodePicture => {
  const status = agent()
  const [vrrp, ...others] = status.processes
  if (vrrp === undefined) throw new Error('an agent has a vrrp process')
  const routers = [router(1, 'master', {advertIntervalMs: 100})]
  return node('lb1', routers, {agent: {...status, processes: [{...vrrp, ...fields}, ...others]}})
}

const alike = (hash: string) => ({agent: agent({sharedHash: hash})})

test.each<[string, readonly NodePicture[], readonly string[]]>([
  [
    'a node that says nothing',
    [node('lb1', [], {state: 'unknown', problem: 'cannot reach ssh://lb1'})],
    ['unknown node-silent: lb1 does not answer: cannot reach ssh://lb1'],
  ],
  ['a node whose line is overdue', [node('lb1', [], {state: 'late', silentMs: 4_000})], []],
  ['a dead process', [withProcess({state: 'dead'})], ['warning process: the vrrp process of lb1 does not run']],
  [
    'a stalled process',
    [withProcess({state: 'stalled'})],
    ['warning process: the vrrp process of lb1 does not respond'],
  ],
  [
    'a process that was started again just now',
    [withProcess({restarts: 2, startedAt: ago(60_000)})],
    ['warning process: the vrrp process of lb1 was started again lately (twice since the agent started)'],
  ],
  ['a process that was started again yesterday', [withProcess({restarts: 2, startedAt: ago(86_400_000)})], []],
  [
    'a process that is late by more than a third of an interval',
    [withProcess({loopLagMs: {p50: 1, p99: 34, max: 40}})],
    [
      'warning process: the vrrp process of lb1 is 34 ms late at times, ' +
        'its shortest advertisement interval is 100 ms',
    ],
  ],
  ['a process that is a little late', [withProcess({loopLagMs: {p50: 1, p99: 33, max: 40}})], []],
  [
    'a full disk',
    [node('lb1', [], {agent: {...agent(), stateProblem: 'no space left on device'}})],
    ['warning process: lb1 cannot keep its state on disk: no space left on device'],
  ],
  [
    'a refused reload',
    [node('lb1', [], {agent: agent({refused: '2 errors'})})],
    ['warning configuration: lb1 refused its last reload: 2 errors'],
  ],
  [
    'a file that was changed',
    [node('lb1', [], {agent: agent({onDisk: 'changed'})})],
    ['warning configuration: lb1 does not run what is in /etc/hactl/hactl.conf: it was changed and not reloaded'],
  ],
  [
    'a file that is gone',
    [node('lb1', [], {agent: agent({onDisk: 'missing'})})],
    ['warning configuration: lb1 runs a configuration that is no more: there is no /etc/hactl/hactl.conf'],
  ],
  [
    'a trial',
    [node('lb1', [], {agent: agent({trial: TRIAL})})],
    [
      `warning configuration: lb1 tries a configuration until ${formatTime(TRIAL.until).slice(11, 19)} ` +
        'and takes it back then, unless it is confirmed',
    ],
  ],
  ['configurations that are alike', [node('lb1', [], alike('a')), node('lb2', [], alike('a'))], []],
  [
    'configurations that differ',
    [node('lb1', [], alike('a')), node('lb2', [], alike('b')), node('lb3', [], alike('b'))],
    ['warning configuration: configurations differ between (lb2 and lb3) and lb1: see hactl cluster diff'],
  ],
  [
    'versions that differ',
    [node('lb1'), node('lb2', [], {agent: {...agent(), version: '0.2.0'}})],
    ['warning version: versions differ: lb1 0.1.0, lb2 0.2.0'],
  ],
  [
    'clocks that are apart',
    [node('lb1', [], {clockAheadMs: -1_500}), node('lb2', [], {clockAheadMs: 1_600})],
    ['warning clock: the clock of lb2 is 3 s ahead of that of lb1'],
  ],
  ['clocks that are a little apart', [node('lb1', [], {clockAheadMs: 2_000}), node('lb2')], []],
  [
    'lines that cannot be read',
    [node('lb1', [], {refusedLines: 1})],
    ['warning version: lb1 tells things that this hactl cannot read'],
  ],
])('%s', (_, nodes, expected) => {
  const {problems} = clusterPicture(nodes, NOW_MS)
  expect(problems.map(({severity, kind, text}) => `${severity} ${kind}: ${text}`)).toEqual(expected)
})

test('what a silent node said of itself does not count', () => {
  const silent = {state: 'unknown', agent: agent({refused: '2 errors', sharedHash: 'x'}), clockAheadMs: 60_000} as const
  const {problems} = clusterPicture([node('lb1'), node('lb2', [], silent)], NOW_MS)
  expect(problems.map(({kind}) => kind)).toEqual(['node-silent'])
})
