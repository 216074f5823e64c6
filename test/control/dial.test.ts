import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {afterEach, expect, test, vi} from 'vitest'
import {agentClient} from '../../src/control/client.ts'
import {readOnlySocket} from '../../src/control/socket-paths.ts'
import {temporaryDirectory, temporaryServer} from './temporary.ts'

const HACTL = join(import.meta.dirname, '..', '..', 'bin', 'run.cjs')

afterEach(() => vi.unstubAllEnvs())

/** Puts a program named ssh first in the PATH; it is run with the arguments that ssh would get. */
function fakeSsh(script: string): string {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'ssh'), `#!/bin/sh\n${script}\n`, {mode: 0o755})
  vi.stubEnv('PATH', `${directory}${delimiter}${process.env.PATH}`)
  return directory
}

test('a socket that is not there: no agent runs', async () => {
  const socket = join(temporaryDirectory(), 'none.sock')
  const failure = {code: 'AGENT_NOT_RUNNING', message: `no agent answers on ${socket}`, hint: expect.any(String)}
  await expect(agentClient({socket}).routers()).rejects.toMatchObject(failure)
})

test('through ssh the same calls work, writes included', async () => {
  const {socketPath, agent} = await temporaryServer()
  // Drops the options and the host, runs the rest as a login shell would.
  fakeSsh(`while [ "$1" != -- ]; do shift; done; shift 2; shift
    unset HACTL_HOST; eval "exec ${process.execPath} ${HACTL} $*"`)
  const client = agentClient({host: 'ssh://admin@director-1:2222', socket: socketPath})
  expect((await client.routers()).items).toHaveLength(2)
  expect((await client.reload()).item.applied).toBe(true)
  expect(agent.calls).toEqual(['routers', 'reload'])
})

test('user, host and port are handed to ssh apart, and nothing can pass for an option', async () => {
  const directory = fakeSsh('printf "%s\\n" "$@" > "$(dirname "$0")/argv"; exit 255')
  const client = agentClient({host: 'ssh://admin@director-1:2222', socket: "/run/it's.sock"})
  await expect(client.routers()).rejects.toMatchObject({code: 'AGENT_NOT_RUNNING'})
  const argv = ['-T', '-l', 'admin', '-p', '2222', '--', 'director-1', 'hactl', 'agent', 'dial-stdio']
  expect(readFileSync(join(directory, 'argv'), 'utf8')).toBe(
    `${[...argv, '--socket', "'/run/it'\\''s.sock'"].join('\n')}\n`,
  )
})

test.each([
  'director-1',
  'ssh://',
  'ssh://-oProxyCommand=x',
  'ssh://-l@host',
  'ssh://a b',
  'ssh://host;reboot',
  'tcp://h',
])('%s names no host', async host => {
  fakeSsh('exit 0')
  await expect(agentClient({host}).routers()).rejects.toMatchObject({code: 'USAGE'})
})

test.each([
  [255, 'AGENT_NOT_RUNNING', 'cannot reach'],
  [127, 'AGENT_NOT_RUNNING', 'no hactl on'],
  [3, 'AGENT_NOT_RUNNING', 'no agent answers on'],
  [4, 'PERMISSION', 'no permission'],
])('an ssh that exits with %i is explained', async (status, code, message) => {
  fakeSsh(`exit ${status}`)
  const failure = agentClient({host: 'ssh://director-1'}).routers()
  await expect(failure).rejects.toMatchObject({code, message: expect.stringContaining(message)})
})

test('without ssh that is said', async () => {
  const directory = temporaryDirectory()
  vi.stubEnv('PATH', directory)
  await expect(agentClient({host: 'ssh://director-1'}).routers()).rejects.toMatchObject({code: 'FAILED'})
})

/** Runs something as nobody. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot)('without permission for the socket: that is said, with the group', async () => {
  const {socketPath} = await temporaryServer()
  chmodSync(dirname(socketPath), 0o755)
  await asNobody(async () => {
    const failure = {code: 'PERMISSION', hint: expect.stringContaining('group hactl')}
    await expect(agentClient({socket: socketPath}).routers()).rejects.toMatchObject(failure)
  })
})

test.skipIf(!isRoot)('reads fall back to the socket for reading, writes do not', async () => {
  const full = await temporaryServer()
  const readOnly = {socketPath: readOnlySocket(full.socketPath), mode: 0o666, access: 'read-only'} as const
  await temporaryServer({...readOnly, agent: full.agent})
  chmodSync(dirname(full.socketPath), 0o755)
  await asNobody(async () => {
    const client = agentClient({socket: full.socketPath})
    expect((await client.routers()).items).toHaveLength(2)
    await expect(client.reload()).rejects.toMatchObject({code: 'PERMISSION'})
  })
  expect(full.agent.calls).toEqual(['routers'])
})
