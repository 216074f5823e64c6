import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {DEFAULT_SOCKET} from '../../../src/control/socket-paths.ts'
import {temporaryDirectory} from '../../control/temporary.ts'
import {runHactl} from '../run-hactl.ts'
import {lvsAgent} from './run-lvs.ts'

const NOTE = 'hactl: no agent runs here: straight to the kernel\n'

test.each(['list', 'flush -y', 'sync status'])('%s: an agent that was named has to answer', async line => {
  const socket = join(temporaryDirectory(), 'nobody.sock')
  const argv = ['lvs', ...line.split(' ')]
  const byVariable = await runHactl(argv, {HACTL_SOCKET: socket})
  const byFlag = await runHactl([...argv, '--socket', socket])
  for (const {code, stdout, stderr} of [byVariable, byFlag]) {
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(/^hactl: no agent answers on .*nobody\.sock\n/)
  }
})

const named = existsSync(DEFAULT_SOCKET)
const whom = 'where no agent was named and none runs, the kernel is asked, with a note'
test.skipIf(named)(named ? `${whom} (skipped: an agent runs)` : whom, async () => {
  // Whether this kernel has IPVS or not.
  const noted = await runHactl(['lvs', 'list'], {HACTL_SOCKET: ''})
  expect(noted.stderr.startsWith(NOTE)).toBe(true)
  const direct = await runHactl(['lvs', 'list', '--direct'])
  expect({...noted, stderr: noted.stderr.replace(NOTE, '')}).toEqual(direct)
  expect(direct.code).not.toBe(3)
})

test('--direct asks no agent, not even one that was named', async () => {
  const {socketPath, calls} = await lvsAgent()
  await runHactl(['lvs', 'list', '--direct', '--socket', socketPath])
  expect(calls).toEqual([])
  await runHactl(['lvs', 'list', '--socket', socketPath])
  expect(calls).toHaveLength(1)
})
