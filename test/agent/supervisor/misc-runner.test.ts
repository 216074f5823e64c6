import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {MiscRunner, miscResult} from '../../../src/agent/supervisor/misc-runner.ts'
import type {MiscProbePlan} from '../../../src/core/check/plan.ts'
import type {ProbeResult} from '../../../src/core/check/result.ts'

/** Programs run as whoever runs the tests. */
const POLICY = {scriptUser: {user: userInfo().username}, enableScriptSecurity: false}

let directory: string
let runner: MiscRunner
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-misc-'))
  runner = new MiscRunner({most: 2})
  runner.policy = POLICY
})
afterEach(async () => {
  await runner.cancel()
  rmSync(directory, {recursive: true, force: true})
})

const at = (name: string): string => join(directory, name)

function script(name: string, lines: string): string {
  writeFileSync(at(name), `#!/bin/sh\n${lines}\n`)
  chmodSync(at(name), 0o755)
  return at(name)
}

const plan = (words: readonly string[], more: Partial<MiscProbePlan> = {}): MiscProbePlan => ({
  type: 'misc',
  words,
  timeoutMs: 10_000,
  dynamic: false,
  user: undefined,
  ...more,
})

const reasonOf = (result: ProbeResult): string => (result.ok ? `good: ${result.detail}` : result.reason)

describe('the end of a program', () => {
  // keepalived 2.2.7, measured for each of them.
  it.each([
    [{type: 'exited', status: 0}, true, {ok: true, detail: 'exit status 0', weight: undefined}],
    [{type: 'exited', status: 1}, true, {ok: false, reason: 'exit status 1'}],
    [{type: 'exited', status: 2}, true, {ok: true, weight: {type: 'instead', weight: 0}}],
    [{type: 'exited', status: 12}, true, {ok: true, weight: {type: 'instead', weight: 10}}],
    [{type: 'exited', status: 255}, true, {ok: true, weight: {type: 'instead', weight: 253}}],
    [{type: 'exited', status: 2}, false, {ok: false, reason: 'exit status 2'}],
    [{type: 'killed', signal: 'SIGKILL'}, true, {ok: false, reason: 'killed by signal 9'}],
    [{type: 'timed-out', afterMs: 5_000}, true, {ok: false, reason: 'timeout after 5 s'}],
    [{type: 'not-started', reason: 'there is no /x'}, true, {ok: false, reason: 'cannot be run: there is no /x'}],
  ] as const)('%j, dynamic %s', (result, dynamic, wanted) => {
    expect(miscResult(result, {dynamic, latencyMs: 7})).toMatchObject({...wanted, latencyMs: 7})
  })
})

describe('programs of MISC_CHECK', () => {
  it('get their words, and nothing on their standard streams', async () => {
    const path = script(
      'words',
      `streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo $streams "$1-$2" >${at('seen')}`,
    )
    expect(await runner.run(plan([path, 'a b', '$HOME']))).toMatchObject({ok: true, detail: 'exit status 0'})
    expect(readFileSync(at('seen'), 'utf8')).toBe('/dev/null /dev/null /dev/null a b-$HOME\n')
  })

  it('tell how they end', async () => {
    expect(reasonOf(await runner.run(plan([script('one', 'exit 1')])))).toBe('exit status 1')
    expect(reasonOf(await runner.run(plan([script('killed', 'kill -9 $$')])))).toBe('killed by signal 9')
    expect(reasonOf(await runner.run(plan([at('none')])))).toBe(`cannot be run: there is no ${at('none')}`)
    const dynamic = await runner.run(plan([script('weight', 'exit 12')], {dynamic: true}))
    expect(dynamic).toMatchObject({ok: true, weight: {type: 'instead', weight: 10}})
  })

  it('end with all that they started when their time is over', async () => {
    const path = script('slow', `sleep 60 & echo $! >${at('pid')}; wait`)
    const result = await runner.run(plan([path], {timeoutMs: 1_000}))
    expect(reasonOf(result)).toBe('timeout after 1 s')
    const child = Number(readFileSync(at('pid'), 'utf8'))
    await expect.poll(() => isRunning(child)).toBe(false)
    expect(runner.running).toBe(0)
  })

  it('run so many at once, and the others after them', async () => {
    const path = script('wait', `touch ${at('started')}.$1; while [ ! -e ${at('go')} ]; do sleep 0.02; done`)
    const results = ['1', '2', '3', '4', '5'].map(name => runner.run(plan([path, name])))
    await expect.poll(() => ['1', '2'].every(name => existsSync(`${at('started')}.${name}`))).toBe(true)
    expect({running: runner.running, waiting: runner.waiting}).toEqual({running: 2, waiting: 3})
    expect(existsSync(`${at('started')}.3`)).toBe(false)
    writeFileSync(at('go'), '')
    expect((await Promise.all(results)).every(({ok}) => ok)).toBe(true)
    expect({running: runner.running, waiting: runner.waiting}).toEqual({running: 0, waiting: 0})
  })

  it('end when they are no longer wanted, and those that wait never begin', async () => {
    const path = script('wait', `touch ${at('started')}.$1; sleep 60 & echo $! >${at('pid')}.$1; wait`)
    const results = ['1', '2', '3'].map(name => runner.run(plan([path, name])))
    await expect.poll(() => ['1', '2'].every(name => existsSync(`${at('pid')}.${name}`))).toBe(true)
    await runner.cancel()
    expect((await Promise.all(results)).map(reasonOf)).toEqual(['cancelled', 'cancelled', 'cancelled'])
    expect(existsSync(`${at('started')}.3`)).toBe(false)
    for (const name of ['1', '2']) {
      const pid = Number(readFileSync(`${at('pid')}.${name}`, 'utf8'))
      await expect.poll(() => isRunning(pid)).toBe(false)
    }
    expect(await runner.run(plan([script('again', 'exit 0')]))).toMatchObject({ok: true})
  })

  it('are not started as a user that is not there', async () => {
    const path = script('never', `touch ${at('ran')}`)
    const result = await runner.run(plan([path], {user: {name: 'hactl-nobody', group: undefined}}))
    expect(reasonOf(result)).toBe('cannot be run: no user hactl-nobody on this host')
    expect(existsSync(at('ran'))).toBe(false)
  })

  it.skipIf(process.getuid?.() !== 0)('run as the user of their own (needs root)', async () => {
    chmodSync(directory, 0o777)
    const path = script('asks', `id -u >${at('who')}; id -g >>${at('who')}`)
    const user = {name: '65534', group: '65533'}
    expect(reasonOf(await runner.run(plan([path], {user})))).toBe('good: exit status 0')
    expect(readFileSync(at('who'), 'utf8')).toBe('65534\n65533\n')
  })

  it.skipIf(process.getuid?.() !== 0)('are held to script security (needs root)', async () => {
    const path = script('open', 'exit 0')
    chmodSync(path, 0o777)
    runner.policy = {...POLICY, enableScriptSecurity: true}
    expect(reasonOf(await runner.run(plan([path])))).toMatch(/^cannot be run: .*\(enable_script_security\)$/)
  })
})

function isRunning(pid: number): boolean {
  try {
    // What has ended and nobody waited for still takes signals.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
