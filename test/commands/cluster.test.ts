import {expect, test} from 'vitest'
import {temporaryDirectory} from '../control/temporary.ts'
import {backup, deadNode, dumbNode, HEALTHY, master, watchedNode, watchedNodes} from './cluster-nodes.ts'
import {runHactl} from './run-hactl.ts'

const status = (...flags: readonly string[]) => runHactl(['cluster', 'status', ...flags])
const line = (...flags: readonly string[]) => runHactl(['top', 'line', ...flags])

const splitNodes = async () => [
  ...(await watchedNode('lb1', [master])),
  ...(await watchedNode('lb2', [{...master, source: '10.0.0.2'}])),
]
const halfNodes = async () => [...(await watchedNode('lb1', [master])), ...deadNode('lb2')]
const warnedNodes = async () => {
  const configuration = {...HEALTHY.configuration, onDisk: 'changed'} as const
  return [...(await watchedNode('lb1', [master], {...HEALTHY, configuration})), ...(await watchedNode('lb2', [backup]))]
}

test('cluster status: one line, then virtual routers with a column a node', async () => {
  const {code, stdout, stderr} = await status(...(await watchedNodes()))
  const [verdict, empty, head, first, ...rest] = stdout.split('\n')
  expect([verdict, empty]).toEqual(['OK: 2 nodes, 1 virtual router, 0 services', ''])
  expect(head).toMatch(/^ROUTER +VRID +ADDRESSES +lb1 +lb2 +HELD FOR$/)
  expect(first).toMatch(/^VI_1 +51 +10\.0\.0\.10 \+1 +MASTER 110 +BACKUP 100 +3 min \d s$/)
  expect(rest).toEqual([''])
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

// Monitoring Plugins Development Guidelines: 0 ok, 1 warning, 2 critical, 3 unknown.
test.each([
  ['all is well', watchedNodes, 0, /^OK: 2 nodes, 1 virtual router, 0 services\n/],
  ['a file that was not reloaded', warnedNodes, 1, /^WARNING: lb1 does not run what is in .*hactl\.conf/],
  ['two masters', splitNodes, 2, /^CRITICAL: SPLIT BRAIN: VI_1 is held by lb1 and lb2\b/],
  ['a node that is not there', halfNodes, 3, /^UNKNOWN: lb2 does not answer: no agent answers on /],
])('%s: the exit code of --exit-code alone, and the first line', async (_, nodes, exitCode, first) => {
  const flags = await nodes()
  const [plain, coded] = [await status(...flags), await status('--exit-code', ...flags)]
  expect(plain.stdout).toMatch(first)
  expect(coded.stdout).toMatch(first)
  expect([plain.code, coded.code]).toEqual([0, exitCode])
})

test('what a silent node held is not shown as if it still did', async () => {
  const {stdout} = await status(...(await watchedNode('lb1', [backup])), ...deadNode('lb2'))
  expect(stdout).toMatch(/^UNKNOWN: /)
  expect(stdout).not.toContain('MASTER')
})

test('a node that takes the connection and says nothing costs the time of --timeout', async () => {
  const flags = ['--timeout', '1s', ...(await watchedNode('lb1', [master])), ...(await dumbNode('lb2'))]
  const {code, stdout} = await status('--exit-code', ...flags)
  expect(stdout).toMatch(/^UNKNOWN: lb2 has not told everything yet/)
  expect(stdout).toMatch(/\nVI_1 .*MASTER 110/)
  expect(code).toBe(3)
  expect((await line(...flags)).stdout).toMatch(/^lb1 M1 {2}lb2 \? \| SILENT lb2/)
})

test('--json has the verdict, what is wrong, and who holds what', async () => {
  const {code, stdout} = await status('--json', '--exit-code', ...(await splitNodes()))
  const {kind, item} = JSON.parse(stdout)
  expect(kind).toBe('Cluster')
  expect(item).toMatchObject({verdict: 'critical', routers: [{name: 'VI_1', holders: ['lb1', 'lb2']}]})
  expect(item.nodes.map(({name, state}: {name: string; state: string}) => [name, state])).toEqual([
    ['lb1', 'live'],
    ['lb2', 'live'],
  ])
  expect(code).toBe(2)
})

test.each([[['--node', 'lb1']], [['--nodes', 'local']], [['--timeout', 'soon']], [['--context', 'nope']]])(
  'a monitoring plug-in that is called with %j has found out nothing',
  async flags => {
    const {code, stdout, stderr} = await status('--exit-code', ...flags)
    expect(code).toBe(3)
    expect(stdout).toMatch(/^UNKNOWN: .+\n$/)
    expect(stderr).toMatch(/^hactl: /)
    expect((await status(...flags)).stdout).toBe('')
  },
)

test('nodes come from a context, and from --host and --socket', async () => {
  const [, one = '', , two = ''] = await watchedNodes()
  const env = {XDG_CONFIG_HOME: temporaryDirectory()}
  await runHactl(['context', 'add', 'prod', one, two, '--use'], env)
  expect((await runHactl(['top', 'line'], env)).stdout).toBe('lb1 M1  lb2 B1 | ok\n')
  expect((await runHactl(['top', 'line', '--node', two], env)).stdout).toMatch(/^lb2 B1 \| /)
  const socket = one.replace('unix:', '')
  expect((await runHactl(['top', 'line', '--socket', socket], env)).stdout).toBe('lb1 M1 | ok\n')
})
