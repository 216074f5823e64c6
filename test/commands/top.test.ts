import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {temporaryDirectory} from '../control/temporary.ts'
import {deadNode, watchedNode, watchedNodes} from './cluster-nodes.ts'
import {runHactl} from './run-hactl.ts'
import {hasTerminals, runInTerminal} from './run-in-terminal.ts'

test('top dashboard --once: the overview as plain text', async () => {
  const {code, stdout, stderr} = await runHactl(['top', 'dashboard', '--once', ...(await watchedNodes())])
  const [head, , problems, , nodes, first, second, , routers, router, ...rest] = stdout.split('\n')
  expect(head).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}2 nodes, 1 virtual router, 0 services$/)
  expect(problems).toBe('no problems')
  expect(nodes).toMatch(/^NODE +STATE +MASTER OF +VERSION +RUNNING +LOOP LAG P99 +CONFIGURATION +WHERE$/)
  expect(first).toMatch(/^lb1 +live +1 of 1 +0\.1\.0 +3 min \d+ s +1\.5 ms +0123456789ab +unix:/)
  expect(second).toMatch(/^lb2 +live +0 of 1 /)
  expect(routers).toMatch(/^ROUTER +VRID +ADDRESSES +lb1 +lb2 +HELD FOR +LAST CAUSE$/)
  expect(router).toMatch(/^VI_1 +51 +10\.0\.0\.10 \+1 +MASTER 110 +BACKUP 100 +3 min \d+ s /)
  expect(rest).toEqual([''])
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test('top dashboard --json: the same for programs, without --once, too', async () => {
  const {code, stdout} = await runHactl(['top', 'dashboard', '--json', ...(await watchedNodes())])
  expect(JSON.parse(stdout)).toMatchObject({kind: 'Cluster', item: {verdict: 'ok', routers: [{holders: ['lb1']}]}})
  expect(code).toBe(0)
})

test('top dashboard without a terminal: exit 2 and the flag that helps', async () => {
  expect(await runHactl(['top', 'dashboard', ...deadNode('lb1')])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'hactl: the dashboard needs a terminal; --once prints it as text, --json as JSON\n',
  })
})

test.skipIf(!hasTerminals)('top dashboard on a terminal shows the nodes until q', async () => {
  const [, node = ''] = await watchedNode('lb1')
  const {code, shown} = await runInTerminal(['top', 'dashboard', '--node', node], {env: {}, typed: [[/VI_1/, 'q']]})
  expect(shown).toContain('lb1')
  expect(code).toBe(0)
})

test.each([
  [60, /^lb1 M1 {2}lb2 B1 \| ok\n$/],
  [10, /^ok\n$/],
])('top line in %d columns', async (width, line) => {
  const {code, stdout, stderr} = await runHactl(['top', 'line', '--width', String(width), ...(await watchedNodes())])
  expect(stdout).toMatch(line)
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test('top line: nobody there is told in the line, and is no failure but for --exit-code', async () => {
  const flags = deadNode('lb1')
  expect(await runHactl(['top', 'line', ...flags])).toEqual({code: 0, stdout: 'lb1 ? | SILENT lb1\n', stderr: ''})
  expect((await runHactl(['top', 'line', '--exit-code', ...flags])).code).toBe(3)
})

test('top line: what fails is told in the line', async () => {
  const env = {XDG_CONFIG_HOME: temporaryDirectory()}
  mkdirSync(join(env.XDG_CONFIG_HOME, 'hactl'))
  writeFileSync(join(env.XDG_CONFIG_HOME, 'hactl', 'contexts.json'), 'no JSON')
  expect(await runHactl(['top', 'line', '--width', '40'], env)).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\? the file of contexts is damaged: .{1,8}\.\.\n$/),
    stderr: '',
  })
  expect((await runHactl(['top', 'line', '--exit-code'], env)).code).toBe(3)
})

test.each([[['--width', '0']], [['--width', 'x']], [['--node', 'lb1']], [['--timeout', '0s']], [['--colour']]])(
  'top line %j: a wrong flag is told as everywhere',
  async flags => {
    const {code, stdout, stderr} = await runHactl(['top', 'line', ...flags])
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toMatch(/^hactl: .+\n/)
  },
)
