import {expect, test} from 'vitest'
import type {LvsRealServer, LvsService} from '../../../src/control/lvs-model.ts'
import {startServer} from '../../../src/control/server.ts'
import {HactlError} from '../../../src/errors.ts'
import {fakeAgent} from '../../fake-agent.ts'
import {fakeLvs, fakeReal, fakeService} from '../../fake-lvs.ts'
import {runHactl, startHactl} from '../run-hactl.ts'
import {lvsAgent, runLvs} from './run-lvs.ts'

const SERVICE = '192.0.2.1:80/tcp'
const REAL = '10.0.0.1:80'
const DRAIN = ['drain-real', SERVICE, REAL, '-y', '--wait']

const held = {type: 'drained', since: '2026-01-31T08:02:07.000Z', reason: null, weight: 3} as const
const drained = (fields: Partial<LvsRealServer>): LvsRealServer => fakeReal({weight: 0, held, ...fields})

/** Answers of an agent, the last one for ever. */
function looks(...services: readonly (LvsService | HactlError)[]) {
  const rest = [...services]
  return {
    lvsServices: () => {
      const service = rest.length > 1 ? rest.shift() : rest[0]
      if (service instanceof HactlError) throw service
      return {observedAt: '', value: service === undefined ? [] : [service]}
    },
  }
}

const active = (activeConnections: number, inactiveConnections = 40): LvsService =>
  fakeService({realServers: [drained({activeConnections, inactiveConnections})]})

test('--wait returns when the active connections have ended', async () => {
  const {code, stdout, stderr, calls} = await runLvs(DRAIN, looks(active(2), active(1), active(0)))
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  expect(stdout).toMatch(
    /weight 3 -> 0\nactive connections: 12\n10\.0\.0\.1:80 of 192\.0\.2\.1:80\/tcp has no active connections any more \(after .*\)\n$/,
  )
  expect(calls.map(call => call.split(' ')[0])).toEqual(['drainReal', 'lvsServices', 'lvsServices', 'lvsServices'])
})

test.each<[string, readonly string[], readonly LvsService[]]>([
  ['with --all the inactive ones, too', ['--all'], [active(0, 1), active(0, 0)]],
  [
    'for UDP all of them, since none is ever active',
    [],
    [
      fakeService({protocol: 'udp', realServers: [drained({activeConnections: 0, inactiveConnections: 1})]}),
      fakeService({protocol: 'udp', realServers: [drained({activeConnections: 0, inactiveConnections: 0})]}),
    ],
  ],
  [
    'what the agent has not put into the table yet',
    [],
    [fakeService({realServers: [drained({activeConnections: 0, present: false})]}), active(0)],
  ],
])('--wait waits for %s', async (_, flags, services) => {
  const {code, calls} = await runLvs([...DRAIN, ...flags], looks(...services))
  expect(code).toBe(0)
  expect(calls.filter(call => call.startsWith('lvsServices'))).toHaveLength(services.length)
})

test('--wait --timeout: exit code 8 and how to end it, when connections stay', async () => {
  const {code, stdout, stderr} = await runLvs([...DRAIN, '--timeout', '1s'], looks(active(1)))
  expect(code).toBe(8)
  expect(stdout).not.toContain('any more')
  expect(stderr).toMatch(
    /^hactl: 10\.0\.0\.1:80 of .*: it still has 1 active connection after .*\n {2}it stays drained; end that with: hactl lvs undrain-real 192\.0\.2\.1:80\/tcp 10\.0\.0\.1:80\n$/,
  )
})

test.each<[string, number, LvsService | HactlError]>([
  ['somebody ends the draining', 7, fakeService()],
  ['somebody removes it', 5, fakeService({realServers: []})],
  ['somebody removes the service', 5, new HactlError('NOT_FOUND', 'no such service')],
])('--wait ends when %s: exit code %d', async (_, exit, service) => {
  const {code, stderr} = await runLvs(DRAIN, looks(active(3), service))
  expect(code).toBe(exit)
  expect(stderr).toMatch(/^hactl: .*10\.0\.0\.1:80/)
})

test('--wait waits on while the agent is started again', async () => {
  const first = await lvsAgent(looks(active(3)))
  const env = {HACTL_SOCKET: first.socketPath}
  const waiting = runHactl(['lvs', ...DRAIN], env)
  await expect.poll(() => first.calls.filter(call => call.startsWith('lvsServices')).length).toBeGreaterThan(0)
  await first.close()
  // Nobody answers at all for more than one look.
  await expect(runHactl(['lvs', 'list'], env)).resolves.toMatchObject({code: 3})
  const {handlers} = fakeAgent({...fakeLvs, ...looks(new HactlError('FAILED', 'it starts'), active(1), active(0))})
  const second = await startServer({
    socketPath: first.socketPath,
    mode: 0o600,
    access: 'full',
    version: '1.2.3',
    handlers,
  })
  try {
    expect(await waiting).toMatchObject({code: 0, stdout: expect.stringContaining('no active connections any more')})
  } finally {
    await second.close()
  }
})

test('Ctrl-C leaves it drained and says so', async () => {
  const {socketPath, calls} = await lvsAgent(looks(active(3)))
  const child = startHactl(['lvs', ...DRAIN], {HACTL_SOCKET: socketPath})
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  await expect.poll(() => calls.filter(call => call.startsWith('lvsServices')).length).toBeGreaterThan(0)
  child.kill('SIGINT')
  await expect.poll(() => child.exitCode).toBe(130)
  expect(stderr).toBe(
    'hactl: 10.0.0.1:80 of 192.0.2.1:80/tcp stays drained; end that with: hactl lvs undrain-real 192.0.2.1:80/tcp 10.0.0.1:80\n',
  )
  expect(calls.filter(call => call.startsWith('undrainReal'))).toEqual([])
})
