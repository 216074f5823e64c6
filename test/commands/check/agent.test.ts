import {once} from 'node:events'
import {describe, expect, onTestFinished, test} from 'vitest'
import {failingCheck, fakeCheck} from '../../fake-checks.ts'
import {runHactl, startHactl} from '../run-hactl.ts'
import {hasTerminals, runInTerminal} from '../run-in-terminal.ts'
import {checkAgent, runCheck} from './run-check.ts'

const seen = <Value>(value: Value) => ({observedAt: '2026-01-31T08:05:09.123Z', value})

test('the list has problems first and everything in full where it is piped', async () => {
  const {code, stdout, stderr} = await runCheck(['list'])
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  const lines = stdout.split('\n').map(line => line.replace(/ {2,}\d+ (?:d|min|h|s|ms) {2,}/, '  AGO  '))
  expect(lines[0]).toMatch(/^SERVICE {4}REAL SERVER {2}CHECK {6}STATE {19}SINCE/)
  expect(lines.slice(1)).toEqual([
    'group web  10.0.0.2:80  HTTP_GET   down  AGO  status 503 where 200-299 is wanted, 12.25 ms',
    'group web  10.0.0.3:80  TCP_CHECK  paused (kernel update)  AGO  0.3 ms',
    'fwmark 5   10.0.0.9:53  DNS_CHECK  unknown, down           -      -',
    'group web  10.0.0.1:80  HTTP_GET   up  AGO  status 200, 1.4 ms',
    '',
  ])
})

test('what is asked for reaches the agent', async () => {
  const {calls} = await runCheck(['list', 'fwm/5', '10.0.0.9:53', '--failing'])
  expect(calls).toEqual(['checks {"service":"fwm/5","real":"10.0.0.9:53","failing":true}'])
  expect((await runCheck(['history', 'group web', '-n', '7'])).calls).toEqual([
    'checkHistory {"service":"group web","limit":7}',
  ])
  expect((await runCheck(['run', 'group web', '10.0.0.1:80'])).calls).toEqual([
    'runChecks {"service":"group web","real":"10.0.0.1:80"}',
  ])
  expect((await runCheck(['pause', 'group web', '--reason', 'kernel update', '--for', '2h'])).calls).toEqual([
    'pauseChecks {"service":"group web","reason":"kernel update","forSeconds":7200}',
  ])
  expect((await runCheck(['resume', 'group web'])).calls).toEqual(['resumeChecks {"service":"group web"}'])
})

test('where no check fails, and where there is none, a line says so', async () => {
  const none = {checks: () => seen([]), checkHistory: () => seen([])}
  expect((await runCheck(['list', '--failing'], none)).stdout).toBe('no check fails\n')
  expect((await runCheck(['list'], none)).stdout).toBe('no checks\n')
  expect((await runCheck(['history'], none)).stdout).toBe('no check has run\n')
  const shown = await runCheck(['show', 'group web', '10.0.0.1:80'], none)
  expect(shown).toMatchObject({code: 5, stdout: ''})
  expect(shown.stderr).toContain('hactl: there is no check of 10.0.0.1:80 of group web\n')
})

test('show tells the exact reason, when it runs next and what it found before', async () => {
  const {code, stdout} = await runCheck(['show', 'group web', '10.0.0.2:80'])
  expect(code).toBe(0)
  expect(stdout).toContain('target       http://www.example.org/health at 10.0.0.2:80\n')
  expect(stdout).toContain('failures     3 one after the other, 3 make it down\n')
  expect(stdout).toContain('found        failed: status 503 where 200-299 is wanted, 12.25 ms\n')
  expect(stdout).toContain('next run     2026-01-31 08:05:14.000 (in 0 ms)\n')
  expect(stdout).toContain('runs         40, 3 failed\n')
  expect(stdout).toMatch(/\n\nTIME .* LATENCY {2}WHAT\n2026-01-31 08:05:08\.000 {2}failed +12\.25 ms {2}status 503/)
})

test('show tells why and until when a check is paused', async () => {
  const {stdout} = await runCheck(['show', 'group web', '10.0.0.3:80'])
  expect(stdout).toContain('paused       since 2026-01-31 08:04:00.000, until 2026-01-31 09:04:00.000\n')
  expect(stdout).toContain('override     7\nreason       kernel update\n')
  expect(stdout).toContain('next run     none\n')
})

test('history leaves out what is the same in every line', async () => {
  const {stdout} = await runCheck(['history', 'group web', '10.0.0.1:80'])
  expect(stdout).toBe(`TIME                     RESULT  LATENCY  WHAT
2026-01-31 08:05:08.000  good     1.4 ms  status 200
`)
  const {stdout: all} = await runCheck(['history', 'group web'])
  expect(all.split('\n', 1)[0]).toBe('TIME                     REAL SERVER  CHECK        RESULT   LATENCY  WHAT')
})

test.each([
  ['good', {runChecks: () => seen({checks: [fakeCheck()]})}, 0],
  ['bad', {runChecks: () => seen({checks: [fakeCheck(), failingCheck()]})}, 1],
])('a run that is %s ends with its exit code', async (_what, handlers, code) => {
  expect(await runCheck(['run', 'group web'], handlers)).toMatchObject({code, stderr: ''})
  expect(await runCheck(['run', 'group web', '--json'], handlers)).toMatchObject({code})
  const {stdout} = await runCheck(['run', 'group web', '-v'], handlers)
  expect(stdout).toContain('target       http://www.example.org/health at 10.0.0.1:80\n')
})

test.each(['list', 'history'])('%s --json is what the agent answered', async verb => {
  const {code, stdout} = await runCheck([verb, 'group web', '--json'])
  expect(code).toBe(0)
  const reply = JSON.parse(stdout)
  expect(reply).toMatchObject({apiVersion: 'v1', observedAt: '2026-01-31T08:05:09.123Z'})
  expect(reply.items).toHaveLength(3)
})

test('list --watch prints what changes, as a line of JSON where that is wanted', async () => {
  let asked = 0
  const {socketPath} = await checkAgent({checks: () => seen([++asked === 1 ? fakeCheck() : failingCheck()])})
  const child = startHactl(['check', 'list', '--watch', '--json'], {HACTL_SOCKET: socketPath})
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let stdout = ''
  while (stdout.split('\n').length < 3) stdout += (await once(child.stdout as NodeJS.ReadableStream, 'data'))[0]
  const states = stdout
    .split('\n')
    .slice(0, 2)
    .map(line => JSON.parse(line).items[0].state)
  expect(states).toEqual(['up', 'down'])
})

test('show --json has the results of each check', async () => {
  const {items} = JSON.parse((await runCheck(['show', 'group web', '--json'])).stdout)
  expect(items).toHaveLength(3)
  expect(items[0].results).toEqual([items[0].last])
})

test.each<[string, string, number]>([
  ['list --sort size', '--sort: "size" is none', 2],
  ['list --columns', 'nonexistent flag: --columns', 2],
  ['history -n 0', '--limit: "0" is no whole number from 1 to 10000', 2],
  ['pause fwm/5 --for soon', 'soon is not a time', 2],
  ['show', 'SERVICE is missing', 2],
  ['pause', 'SERVICE is missing', 2],
  ['resume', 'SERVICE is missing', 2],
  ['run', 'SERVICE is missing', 2],
  ['run fwm/5 --digest 0', '--digest is for a URL', 2],
  ['list fwm/6', 'no service fwm/6', 5],
  ['show fwm/5 10.0.0.8:53', 'no real server 10.0.0.8:53', 5],
  ['pause fwm/6', 'no service fwm/6', 5],
])('%s fails', async (line, message, code) => {
  const {stderr, ...outcome} = await runCheck(line.split(' '))
  expect(outcome).toMatchObject({code, stdout: ''})
  expect(stderr.split('\n', 1)[0]).toBe(`hactl: ${message}`)
  const json = await runCheck([...line.split(' '), '--json'])
  expect(json).toMatchObject({code, stderr: ''})
  expect(JSON.parse(json.stdout).error.message).toBe(message)
})

test.each(['list', 'show fwm/5', 'history', 'run fwm/5', 'pause fwm/5', 'resume fwm/5'])(
  '%s without an agent exits 3',
  async line => {
    const {code, stdout, stderr} = await runHactl(['check', ...line.split(' '), '--socket', '/nonexistent'])
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toContain('no agent answers on /nonexistent')
  },
)

const name = hasTerminals ? 'in a terminal' : 'in a terminal (skipped: there is no script(1))'
describe.skipIf(!hasTerminals)(name, () => {
  test('no line of the list is wider than 80 columns', async () => {
    const {socketPath} = await checkAgent({
      checks: () =>
        seen([
          failingCheck({virtualServer: '2001:db8:1:2:3:4:5:6 443', realServer: '[2001:db8:aaaa:bbbb::10]:443'}),
          fakeCheck({number: 2}),
        ]),
    })
    const {code, shown} = await runInTerminal(['check', 'list'], {env: {HACTL_SOCKET: socketPath}, typed: []})
    expect(code).toBe(0)
    const lines = shown.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
    expect(lines[1]).toContain('down')
  })

  test('a service is chosen by its number', async () => {
    const {socketPath, calls} = await checkAgent()
    const {code, shown} = await runInTerminal(['check', 'pause'], {
      env: {HACTL_SOCKET: socketPath},
      typed: [[/service \(number or name\): /, '1\r']],
    })
    expect(shown).toContain('  1  group web  down: 1 check\n  2  fwmark 5   down: 1 check\n')
    expect(code).toBe(0)
    expect(calls.at(-1)).toBe('pauseChecks {"service":"group web"}')
  })
})
