import {existsSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {compareNodes} from '../../src/cluster/compare-nodes.ts'
import type {ClusterNode} from '../../src/cluster/node.ts'
import type {Violation} from '../../src/cluster/proof.ts'
import {proveCluster} from '../../src/cluster/prove-cluster.ts'
import {loadConfig} from '../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus} from '../config/support.ts'
import {codesOf, violationsOf} from './pairs.ts'

const EXAMPLES = fileURLToPath(new URL('../../../shared/examples/', import.meta.url))
const hasExamples = existsSync(EXAMPLES)

const load = (...paths: readonly string[]): readonly ClusterNode[] =>
  paths.map(path => ({name: path.slice(path.lastIndexOf('/') + 1), loaded: loadConfig(path)}))

/** Two files, what is wrong between them, the codes that say so, and what goes wrong when it is simulated. */
type Judged = readonly [string, string, string, readonly string[], readonly Violation[]]

/** Every pair of `pairs.tsv`, judged by reading the files. */
const LISTED: readonly Judged[] = [
  // The word that stands among the addresses of 003 is a mistake in that file; the addresses are the same.
  ['003', '004', 'nothing', [], []],
  [
    '029',
    '031',
    'unicast between strangers, equal priorities, other real servers',
    ['HC2012', 'HC2021', 'HC2037'],
    ['two-holders'],
  ],
  ['029', '032', 'unicast between strangers, other real servers', ['HC2021', 'HC2037'], ['two-holders']],
  ['030', '031', 'unicast between strangers, other real servers', ['HC2021', 'HC2037'], ['two-holders']],
  [
    '030',
    '032',
    'unicast between strangers, equal priorities, both MASTER, other real servers',
    ['HC2012', 'HC2015', 'HC2021', 'HC2037'],
    ['two-holders'],
  ],
  ['112', '113', 'equal priorities', ['HC2012'], []],
]

/** More that belong together, by their contents. */
const FOUND: readonly Judged[] = [
  ['224', '225', 'two virtual routers with state MASTER on the node of the lower priority', ['HC2016'], []],
  [
    '248',
    '249',
    'the same file on both nodes, source address included',
    ['HC2012', 'HC2015', 'HC2024'],
    ['two-holders'],
  ],
  // Files that were changed for the other node as they should be.
  ...[
    ['029', '030'],
    ['031', '032'],
    ['061', '062'],
    ['066', '067'],
    ['081', '082'],
    ['101', '102'],
    ['108', '109'],
    ['151', '152'],
    ['160', '161'],
    ['163', '164'],
    ['198', '199'],
    ['212', '213'],
    ['220', '221'],
    ['226', '227'],
    ['261', '263'],
    ['275', '276'],
  ].map(([a = '', b = '']): Judged => [a, b, 'nothing', [], []]),
]

describe.skipIf(!hasCorpus)(corpusName('pairs out of collected configurations'), () => {
  it('are all judged that are listed', () => {
    const rows = readFileSync(`${CORPUS}pairs/pairs.tsv`, 'utf8').trim().split('\n')
    const listed = rows.filter(row => /^\d/.test(row)).map(row => row.split('\t').filter((_, i) => i === 0 || i === 2))
    expect(listed).toEqual(LISTED.map(([a, b]) => [`${a}.conf`, `${b}.conf`]))
  })

  it.each([...LISTED, ...FOUND])('%s and %s: %s', (a, b, _, compared, proven) => {
    const nodes = load(`${CORPUS}wild/${a}.conf`, `${CORPUS}wild/${b}.conf`)
    expect(codesOf(compareNodes(nodes))).toEqual(compared)
    const proof = proveCluster(nodes)
    expect(violationsOf(proof)).toEqual(proven)
    // Whatever goes wrong is explained by what was found before.
    expect(codesOf(proof.findings)).toEqual([])
  })
})

describe.skipIf(!hasExamples)(hasExamples ? 'examples' : 'examples (skipped: ../shared/examples is not there)', () => {
  // The times are those of the examples' own README: a silent master, and one that says that it leaves.
  it.each([
    ['dr-pair', 'director1.conf dies', 3_609],
    ['dr-pair', 'director1.conf is stopped', 609],
    ['nginx-pair', 'director1.conf dies', 6_609],
    ['nginx-pair', 'director1.conf is stopped', 609],
  ])('%s works as written: when %s a takeover takes %i ms', (name, title, expectedMs) => {
    const nodes = load(`${EXAMPLES}${name}/director1.conf`, `${EXAMPLES}${name}/director2.conf`)
    expect(codesOf(compareNodes(nodes))).toEqual([])
    const {routers, findings} = proveCluster(nodes)
    expect(codesOf(findings)).toEqual([])
    expect(routers.map(({verdict}) => verdict)).toEqual(['proven'])
    const run = routers[0]?.runs.find(each => each.title === title)
    expect(Math.abs((run?.phases[0]?.takeoverMs ?? 0) - expectedMs)).toBeLessThan(2)
  })

  it('nginx-pair moves the address when nginx is gone', () => {
    const nodes = load(`${EXAMPLES}nginx-pair/director1.conf`, `${EXAMPLES}nginx-pair/director2.conf`)
    const run = proveCluster(nodes).routers[0]?.runs.find(
      ({title}) => title === 'script chk_nginx fails on director1.conf',
    )
    expect(run?.phases.map(({holders}) => holders)).toEqual([['director2.conf'], ['director1.conf']])
  })
})
