import {once} from 'node:events'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {expect, test} from 'vitest'
import type {AgentHandlers} from '../../src/control/routes.ts'
import {HactlError} from '../../src/errors.ts'
import {temporaryDirectory, temporaryServer} from '../control/temporary.ts'
import {backupRouter, fakeAgent, fakeRouter, fakeVip, SEEN_AT} from '../fake-agent.ts'
import {runHactl, startHactl} from './run-hactl.ts'

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}`

/** Runs one command against a fake agent. */
async function run(argv: readonly string[], overrides: Partial<AgentHandlers> = {}) {
  const {socketPath, agent} = await temporaryServer({agent: fakeAgent(overrides)})
  return {...(await runHactl(argv, {HACTL_SOCKET: socketPath})), agent, socketPath}
}

const seen = <Value>(value: Value) => ({observedAt: SEEN_AT, value})

test('vrrp status: a line for each virtual router', async () => {
  const {code, stdout, stderr} = await run(['vrrp', 'status'])
  const [head, first, second, ...rest] = stdout.split('\n')
  expect(head).toMatch(/^NAME +STATE +PRIORITY +VRID +INTERFACE +SINCE +MASTER +VIPS$/)
  expect(first).toMatch(/^VI_1 +MASTER +110 \(100\) +51 +eth0 +\d+ d.* this node +10\.0\.0\.10 \+1$/)
  expect(second).toMatch(/^VI_2 +BACKUP +100 +52 +eth0 +\d+ d.* 10\.0\.0\.2 +10\.0\.0\.20$/)
  expect(rest).toEqual([''])
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test('vrrp status NAME: that one alone', async () => {
  const {code, stdout} = await run(['vrrp', 'status', 'VI_2'])
  expect(stdout.trim().split('\n')).toHaveLength(2)
  expect(stdout).toMatch(/\nVI_2 /)
  expect(code).toBe(0)
})

test('no virtual router is a sentence, not an empty table', async () => {
  const {code, stdout} = await run(['vrrp', 'status'], {routers: () => seen([])})
  expect({code, stdout}).toEqual({code: 0, stdout: 'no virtual routers are configured\n'})
})

test('vrrp show: everything about one', async () => {
  const {code, stdout} = await run(['vrrp', 'show', 'VI_1'])
  expect(stdout).toMatch(/^name {12}VI_1\nstate {11}MASTER\n/)
  for (const part of ['110, base 100', 'VRRP version 2', 'wrong-ttl 2', 'script chk_nginx', '10.0.0.11/24']) {
    expect(stdout).toContain(part)
  }
  expect(code).toBe(0)
})

test('vrrp why: the reason, then the chain of causes with times', async () => {
  const {code, stdout} = await run(['vrrp', 'why', 'VI_1'])
  expect(stdout).toMatch(
    new RegExp(
      [
        String.raw`^VI_1 is MASTER since ${TIME} \(\d+ d.*\) because no advertisement from 10\.0\.0\.2 for 3609 ms`,
        '',
        `${TIME}  script chk_nginx is good: exit status 0`,
        `${TIME}  VI_1: backup -> master: no advertisement from 10\\.0\\.0\\.2 for 3609 ms\n$`,
      ].join('\n'),
    ),
  )
  expect(code).toBe(0)
})

test('vip list: every address and whether it is here', async () => {
  const vips = [
    fakeVip(),
    fakeVip({present: false}),
    fakeVip({wanted: false}),
    fakeVip({wanted: false, present: false}),
  ]
  const {code, stdout} = await run(['vip', 'list'], {vips: () => seen(vips)})
  const here = stdout.split('\n').map(line => line.split(/ {2,}/)[4])
  expect(here).toEqual(['HERE', 'yes', 'missing', 'yes, unwanted', 'no', undefined])
  expect(code).toBe(0)
})

test('agent status: itself and its processes', async () => {
  const {code, stdout} = await run(['agent', 'status'])
  expect(stdout).toContain('0 errors, 1 warning')
  expect(stdout).toMatch(
    /\nvrrp +101 +running .* 0 +61\.0 MB +0\.21 ms \/ 1\.5 ms \/ 2\.31 ms\ncheck +- +dead +- +3 +- +-\n$/,
  )
  expect(code).toBe(0)
})

test('agent reload: the changes; refused: exit 6 and where it is wrong', async () => {
  const good = await run(['agent', 'reload', '--force'])
  expect(good).toMatchObject({code: 0, stdout: 'VI_1: priority 100 -> 110\n', stderr: ''})
  expect(good.agent.calls).toEqual(['reload --force'])
  const diagnostic = {
    code: 'HC0001',
    severity: 'error',
    class: 'syntax',
    file: '/etc/hactl/hactl.conf',
    line: 3,
    column: 5,
    message: 'unknown keyword "prioritty"',
    hint: 'did you mean priority?',
  } as const
  const refused = {reload: () => seen({applied: false, diagnostics: [diagnostic], changes: []})}
  const bad = await run(['agent', 'reload'], refused)
  expect(bad).toMatchObject({code: 6, stdout: ''})
  expect(bad.stderr).toMatch(
    /^\/etc\/hactl\/hactl\.conf:3:5: error: unknown keyword "prioritty" \[HC0001\]\n {2}help: did you mean priority\?\nhactl: .*refused.*\n$/,
  )
  const json = await run(['agent', 'reload', '--json'], refused)
  expect(json.code).toBe(6)
  expect(JSON.parse(json.stdout).item).toMatchObject({applied: false, diagnostics: [diagnostic]})
  expect(json.stderr).toBe('')
})

test('agent reload refused for many errors: the first ones, how many there are, and where all of them are told', async () => {
  const diagnostic = (severity: 'error' | 'warning' | 'info', line: number) =>
    ({
      code: 'HC1201',
      severity,
      class: 'syntax',
      file: '/none.conf',
      line,
      column: 1,
      message: 'no',
      hint: null,
    }) as const
  const diagnostics = [
    diagnostic('info', 1),
    diagnostic('warning', 2),
    ...Array.from({length: 12}, (_, at) => diagnostic('error', 10 + at)),
  ]
  const refused = {reload: () => seen({applied: false, diagnostics, changes: []})}
  const {code, stdout, stderr} = await run(['agent', 'reload'], refused)
  expect({code, stdout}).toEqual({code: 6, stdout: ''})
  expect(stderr.trimEnd().split('\n')).toEqual([
    ...Array.from({length: 10}, (_, at) => `/none.conf:${10 + at}:1: error: no [HC1201]`),
    'and 2 errors, 1 warning, 1 remark; see: hactl validate config',
    'hactl: the configuration was refused for 12 errors; the agent goes on with the one it has',
  ])
})

test('agent reload applied: warnings are told, remarks only counted', async () => {
  const place = {code: 'HC1801', class: 'semantic', file: '/none.conf', line: 7, column: 1, hint: null} as const
  const diagnostics = [
    {...place, severity: 'info', message: 'remark'},
    {...place, severity: 'warning', message: 'careful'},
  ] as const
  const {code, stdout, stderr} = await run(['agent', 'reload'], {
    reload: () => seen({applied: true, diagnostics, changes: []}),
  })
  expect({code, stdout}).toEqual({code: 0, stdout: 'nothing changed\n'})
  expect(stderr).toBe('/none.conf:7:1: warning: careful [HC1801]\nand 1 remark; see: hactl validate config\n')
})

test('agent stop returns when the agent is gone, and gives up in time', async () => {
  const handlers = fakeAgent().handlers
  const stop = (): ReturnType<AgentHandlers['stop']> => {
    setTimeout(() => served.server.close(), 150)
    return seen({pid: process.pid})
  }
  const served = await temporaryServer({agent: fakeAgent({...handlers, stop})})
  const startedAt = Date.now()
  const stopped = await runHactl(['agent', 'stop', '--socket', served.socketPath])
  expect(stopped).toMatchObject({code: 0, stdout: `the agent (pid ${process.pid}) has stopped\n`})
  expect(Date.now() - startedAt).toBeGreaterThan(150)
  const stays = await run(['agent', 'stop', '--timeout', '1'])
  expect(stays).toMatchObject({code: 8, stderr: expect.stringContaining('was not gone after 1 s')})
})

test.each([
  ['vrrp status', 'VirtualRouter', 'items'],
  ['vrrp status VI_1', 'VirtualRouter', 'item'],
  ['vrrp show VI_1', 'VirtualRouter', 'item'],
  ['vrrp why VI_1', 'Why', 'item'],
  ['vip list', 'Vip', 'items'],
  ['agent status', 'AgentStatus', 'item'],
  ['agent reload', 'Reload', 'item'],
])('%s --json prints the answer of the agent and nothing else', async (line, kind, holds) => {
  const {code, stdout, stderr} = await run([...line.split(' '), '--json'])
  const reply = JSON.parse(stdout)
  expect(reply).toMatchObject({apiVersion: 'v1', kind, observedAt: SEEN_AT})
  expect(reply[holds]).toBeDefined()
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test.each<[number, string, string, Partial<AgentHandlers>]>([
  [5, 'vrrp show NOPE', 'NOT_FOUND', {}],
  [5, 'vrrp why NOPE', 'NOT_FOUND', {}],
  [5, 'vrrp status NOPE', 'NOT_FOUND', {}],
  [2, 'vrrp status --nonsense', 'USAGE', {}],
  [2, 'vrrp status A B', 'USAGE', {}],
  [2, 'vrrp why', 'USAGE', {}],
  [2, 'agent stop --timeout x', 'USAGE', {}],
  [2, 'vrrp statsu', 'USAGE', {}],
  [2, 'nonsense', 'USAGE', {}],
  [1, 'vip list', 'FAILED', {vips: () => thrown(new Error('boom'))}],
  [4, 'agent stop', 'PERMISSION', {stop: () => thrown(new HactlError('PERMISSION', 'no', 'be root'))}],
  [
    6,
    'agent reload',
    'INVALID_CONFIGURATION',
    {reload: () => thrown(new HactlError('INVALID_CONFIGURATION', 'no', 'x'))},
  ],
  [7, 'agent reload', 'REFUSED', {reload: () => thrown(new HactlError('REFUSED', 'no', 'use --force'))}],
  [8, 'agent reload', 'TIMED_OUT', {reload: () => thrown(new HactlError('TIMED_OUT', 'no', 'wait'))}],
])('exit code %i: %s', async (code, line, errorCode, overrides) => {
  const plain = await run(line.split(' '), overrides)
  expect(plain.code).toBe(code)
  expect(plain.stdout).toBe('')
  expect(plain.stderr).toMatch(/^hactl: [^\n]+\n( {2}[^\n]+\n)?$/)
  const json = await run([...line.split(' '), '--json'], overrides)
  expect(json.code).toBe(code)
  expect(json.stderr).toBe('')
  expect(JSON.parse(json.stdout).error).toMatchObject({code: errorCode, message: expect.stringMatching(/./)})
})

function thrown(error: Error): never {
  throw error
}

test('exit code 3: no agent, in words', async () => {
  const socket = join(temporaryDirectory(), 'none.sock')
  for (const line of ['vrrp status', 'vrrp watch', 'vrrp status --watch', 'agent stop', 'agent dial-stdio']) {
    const {code, stdout, stderr} = await runHactl([...line.split(' '), '--socket', socket])
    expect({line, code, stdout}).toEqual({line, code: 3, stdout: ''})
    expect(stderr).toBe(
      `hactl: no agent answers on ${socket}\n  start it with: hactl agent run, or name its socket with --socket\n`,
    )
  }
})

test('vrrp watch: a line for each thing that happens; Ctrl-C exits 130', async () => {
  const {socketPath, agent} = await temporaryServer()
  const child = startHactl(['vrrp', 'watch', 'VI_1', '--socket', socketPath])
  const lines: string[] = []
  if (child.stdout) createInterface(child.stdout).on('line', line => lines.push(line))
  await expect.poll(() => lines.length).toBe(1)
  const record = {seq: 9, at: SEEN_AT, kind: 'transition', text: 'master -> backup: told so', facts: {}} as const
  agent.emit({type: 'journal', at: SEEN_AT, record: {...record, instance: 'VI_2'}})
  agent.emit({type: 'journal', at: SEEN_AT, record: {...record, instance: 'VI_1'}})
  await expect.poll(() => lines.length).toBe(2)
  expect(lines[0]).toMatch(new RegExp(`^${TIME}  VI_1: MASTER since ${TIME}: no advertisement`))
  expect(lines[1]).toMatch(new RegExp(`^${TIME}  VI_1: master -> backup: told so$`))
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect(code).toBe(130)
})

test('vrrp watch --json: NDJSON; a pipe that closes early is no failure', async () => {
  const {socketPath, agent} = await temporaryServer()
  const child = startHactl(['vrrp', 'watch', '--json', '--socket', socketPath])
  let stderr = ''
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  const [chunk] = await once(child.stdout ?? child, 'data')
  expect(JSON.parse(String(chunk).split('\n')[0] ?? '')).toMatchObject({type: 'snapshot'})
  child.stdout?.destroy()
  const closed = once(child, 'close')
  const timer = setInterval(() => agent.emit({type: 'router', at: SEEN_AT, router: fakeRouter()}), 20)
  const [code] = await closed
  clearInterval(timer)
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test('vrrp status --watch shows a change, not a counter', async () => {
  const {socketPath, agent} = await temporaryServer()
  const child = startHactl(['vrrp', 'status', 'VI_2', '--watch', '--json', '--socket', socketPath])
  const lines: string[] = []
  if (child.stdout) createInterface(child.stdout).on('line', line => lines.push(line))
  await expect.poll(() => lines.length).toBe(1)
  const router = backupRouter()
  agent.emit({type: 'router', at: SEEN_AT, router: {...router, counters: {...router.counters, garpSent: 99}}})
  agent.emit({type: 'router', at: SEEN_AT, router: {...router, state: 'fault'}})
  await expect.poll(() => lines.length).toBe(2)
  expect(lines.map(line => JSON.parse(line)[0].state)).toEqual(['backup', 'fault'])
  child.kill('SIGINT')
  expect((await once(child, 'close'))[0]).toBe(130)
})

test('help: for the program, a topic and a command; the version', async () => {
  const help = await runHactl(['--help'])
  expect(help).toMatchObject({code: 0, stderr: ''})
  for (const topic of ['agent', 'vip', 'vrrp']) expect(help.stdout).toMatch(new RegExp(`^ {2}${topic} `, 'm'))
  expect((await runHactl([])).stdout).toBe(help.stdout)
  const topic = await runHactl(['vrrp'])
  expect(topic).toMatchObject({code: 0, stderr: ''})
  expect(topic.stdout).toMatch(/vrrp why .*chain of causes/)
  const command = await runHactl(['help', 'vrrp', 'status'])
  expect(command.stdout).toBe((await runHactl(['vrrp', 'status', '--help'])).stdout)
  for (const flag of ['--watch', '--json', '--socket', '--host', 'HACTL_HOST']) expect(command.stdout).toContain(flag)
  expect((await runHactl(['--version'])).stdout).toMatch(/^hactl \d+\.\d+\.\d+/)
})

test('a slip of the finger gets a proposal', async () => {
  const {stderr, code} = await runHactl(['vrrp', 'shwo'])
  expect({code, stderr}).toEqual({
    code: 2,
    stderr: 'hactl: unknown command "vrrp shwo"\n  did you mean "hactl vrrp show"? see: hactl --help\n',
  })
})
