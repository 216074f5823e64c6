import {expect, test} from 'vitest'
import type {AgentHandlers} from '../../src/control/routes.ts'
import {HactlError} from '../../src/errors.ts'
import {temporaryServer} from '../control/temporary.ts'
import {fakeAgent, fakeRouter, SEEN_AT} from '../fake-agent.ts'
import {runHactl} from './run-hactl.ts'

/** Runs one command against a fake agent. */
async function run(argv: readonly string[], overrides: Partial<AgentHandlers> = {}) {
  const {socketPath, agent} = await temporaryServer({agent: fakeAgent(overrides)})
  return {...(await runHactl(argv, {HACTL_SOCKET: socketPath})), calls: agent.calls}
}

test.each<[readonly string[], string, string]>([
  [['vrrp', 'takeover', 'VI_2'], 'takeover VI_2', 'VI_2: BACKUP -> MASTER (after 12 ms)\noverride 3: priority 150\n'],
  [
    ['vrrp', 'release', 'VI_1', '--for', '10m', '--reason', 'kernel'],
    'release VI_1 600',
    'VI_1: MASTER -> BACKUP, 10.0.0.2 is master (after 12 ms)\noverride 3: priority 150\n',
  ],
  [['vrrp', 'resume', 'VI_1'], 'resume VI_1', 'VI_1 is MASTER\noverride 3: priority 150\n'],
  [['vrrp', 'priority', 'VI_1', '150'], 'setPriority VI_1 150', 'VI_1 is MASTER\noverride 3: priority 150\n'],
  [['vrrp', 'priority', 'VI_1', '--reset'], 'setPriority VI_1 reset', 'VI_1 is MASTER\noverride 3: priority 150\n'],
  [['vrrp', 'activate', 'VI_2'], 'activate VI_2', 'VI_2 is BACKUP, 10.0.0.2 is master\noverride 3: priority 150\n'],
  [['agent', 'maintenance', 'off'], 'maintenance false', 'VI_1 is MASTER\noverride 3: priority 150\n'],
  [['agent', 'overrides', '--cancel', '7'], 'cancelOverride 7', 'taken back: priority 150\n'],
  [['vip', 'announce'], 'announce all', '10.0.0.10/24 on eth0 (VI_1)\n'],
  [['vip', 'announce', '10.0.0.10'], 'announce 10.0.0.10', '10.0.0.10/24 on eth0 (VI_1)\n'],
  [
    ['vip', 'add', '10.0.0.9/24 dev eth1'],
    'addVip 10.0.0.9/24 dev eth1',
    'VI_1: one address more: 10.0.0.9/24 dev eth1\n',
  ],
  [['vip', 'remove', '10.0.0.9', '-y'], 'removeVip 10.0.0.9', 'VI_1: one address less: 10.0.0.9\n'],
])('%j asks for %s', async (argv, call, expected) => {
  const {code, stdout, stderr, calls} = await run(argv)
  expect({code, stdout, stderr}).toEqual({code: 0, stdout: expected, stderr: ''})
  expect(calls).toEqual([call])
})

test.each<[readonly string[], RegExp]>([
  [['vrrp', 'release', 'VI_1', '--for', '10'], /10 is not a time such as 90s, 10m/],
  [['vrrp', 'priority', 'VI_1'], /a priority, or --reset/],
  [['vrrp', 'priority', 'VI_1', '150', '--reset'], /a priority, or --reset/],
  [['vrrp', 'priority', 'VI_1', '255'], /254/],
  [['vip', 'remove', '10.0.0.9'], /Take 10\.0\.0\.9 away .* Nobody can be asked here say -y/],
  [['agent', 'maintenance', 'maybe'], /on, off/],
])('%j is a usage error, and nothing is asked of the agent', async (argv, said) => {
  const {code, stdout, stderr, calls} = await run(argv)
  expect({code, stdout, calls}).toEqual({code: 2, stdout: '', calls: []})
  expect(stderr.replace(/\s+/g, ' ')).toMatch(said)
})

test('what the agent refuses exits 7', async () => {
  const release = (): never => {
    throw new HactlError('REFUSED', 'nobody took over VI_1 within 5109 ms: this node is master again', 'use --force')
  }
  const {code, stderr} = await run(['vrrp', 'release', 'VI_1'], {release})
  expect(code).toBe(7)
  expect(stderr).toContain('nobody took over VI_1')
})

test('agent overrides: a line each, or a sentence', async () => {
  const {stdout} = await run(['agent', 'overrides'])
  expect(stdout).toMatch(/^ID +NAME +WHAT +SINCE +UNTIL\n3 +VI_1 +priority 150 +\d+ d.* -\n$/)
  const none = await run(['agent', 'overrides'], {overrides: () => ({observedAt: SEEN_AT, value: []})})
  expect(none.stdout).toBe('nothing was changed at run time\n')
})

test('vrrp peers and vrrp stats', async () => {
  const peer = {
    address: '10.0.0.2',
    priority: 90,
    intervalMs: 1_000,
    firstHeard: SEEN_AT,
    lastHeard: SEEN_AT,
    advertisements: 7,
    rejected: {'authentication-data-differs': 2},
  }
  const routers = () => ({observedAt: SEEN_AT, value: [fakeRouter({peers: [peer]})]})
  const heard = await run(['vrrp', 'peers'], {routers})
  expect(heard.stdout).toMatch(/\nVI_1 +10\.0\.0\.2 +90 +1 s +.* ago +7 +authentication-data-differs 2\n$/)
  expect((await run(['vrrp', 'peers'])).stdout).toContain('no other router was heard')
  const stats = await run(['vrrp', 'stats', 'VI_1'])
  expect(stats.stdout).toMatch(/\nVI_1 +advertisements sent +182\n/)
  expect(stats.stdout).toMatch(/\nVI_1 +rejected: wrong-ttl +2\n/)
})

test('vrrp status says what must not be overlooked', async () => {
  const value = [
    fakeRouter({splitBrain: [{rival: '10.0.0.2', how: 'advertises'}]}),
    fakeRouter({name: 'VI_3', state: 'backup', held: 'maintenance: kernel'}),
    fakeRouter({name: 'VI_4', observed: true}),
  ]
  const {stdout} = await run(['vrrp', 'status'], {routers: () => ({observedAt: SEEN_AT, value})})
  expect(stdout).toMatch(/MASTER SPLIT BRAIN/)
  expect(stdout).toMatch(/VI_3 +BACKUP held/)
  expect(stdout).toMatch(/VI_4 +MASTER \(observed\)/)
})
