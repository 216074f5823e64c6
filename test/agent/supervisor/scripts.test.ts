import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {TrackerStanding} from '../../../src/agent/channel.ts'
import {startCommand} from '../../../src/agent/supervisor/run-command.ts'
import {ScriptRunner} from '../../../src/agent/supervisor/script-runner.ts'
import {whyInsecure} from '../../../src/agent/supervisor/start-script.ts'
import type {Config} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'

/** The script of `config`, as tracked. */
const CHK: ReadonlySet<string> = new Set(['chk'])
/** Scripts run as whoever runs the tests. */
const ME = userInfo().username

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-scripts-'))
})
afterEach(() => rmSync(directory, {recursive: true}))

const at = (name: string): string => join(directory, name)

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !condition(); i++) await new Promise(resolve => setTimeout(resolve, 10))
  expect(condition(), what).toBe(true)
}

function config(script: string): Config {
  const text = `
    vrrp_script chk { script "${script}"
      interval 0.05
      timeout 1
      user ${ME}
    }
    vrrp_instance VI_1 {
      interface eth0
      virtual_router_id 7
      virtual_ipaddress { 10.0.0.1 }
      track_script { chk }
    }
    global_defs { script_user ${ME} }`
  const {config: parsed, diagnostics} = parseConfig({file: 'test.conf', text})
  expect(diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
  return parsed
}

describe('a command', () => {
  it('ends with its status, its signal, its timeout or the reason why it could not start', async () => {
    const run = (argv: [string, ...string[]], timeoutMs = 5_000) => startCommand(argv, {timeoutMs, runAs: undefined})
    expect(await run(['/bin/sh', '-c', 'exit 3']).result).toEqual({type: 'exited', status: 3})
    expect(await run(['/bin/sh', '-c', 'kill -SEGV $$']).result).toEqual({type: 'killed', signal: 'SIGSEGV'})
    expect(await run(['/bin/sleep', '60'], 50).result).toEqual({type: 'timed-out', afterMs: 50})
    const missing = await run([at('absent')]).result
    expect(missing).toEqual({type: 'not-started', reason: `there is no ${at('absent')}`})
    writeFileSync(at('plain'), 'x', {mode: 0o644})
    expect(await run([at('plain')]).result).toMatchObject({type: 'not-started'})
  })

  // keepalived gives what is neither a program nor names its interpreter to a shell.
  it('is read by a shell when it is a text that does not say by what', async () => {
    writeFileSync(at('text'), 'exit $1\n', {mode: 0o755})
    const argv: [string, ...string[]] = [at('text'), '3']
    expect(await startCommand(argv, {timeoutMs: 5_000, runAs: undefined}).result).toEqual({type: 'exited', status: 3})
  })

  it('counts as timed out when it does not mind being asked to end, once it is killed', async () => {
    const argv: [string, ...string[]] = ['/bin/sh', '-c', "trap '' TERM; while :; do sleep 1; done"]
    const {result, ended} = startCommand(argv, {timeoutMs: 200, runAs: undefined})
    expect(await result).toEqual({type: 'timed-out', afterMs: 200})
    expect(await ended).toEqual({type: 'killed', signal: 'SIGKILL'})
  })

  it('has not timed out when it ended in time and the agent stood still meanwhile', async () => {
    const {result} = startCommand(['/bin/sleep', '0.1'], {timeoutMs: 200, runAs: undefined})
    // Timers are what runs next.
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500))
    expect(await result).toEqual({type: 'exited', status: 0})
  })

  it('gets no shell, no agent variables, nothing on its standard streams', async () => {
    process.env.LD_LIBRARY_PATH = '/tmp'
    const script = `{ env; ls -l /proc/$$/fd; printf '%s\\n' "$@"; } > ${at('out')}`
    await startCommand(['/bin/sh', '-c', script, 'x', '$HOME; exit 1'], {timeoutMs: 5_000, runAs: undefined}).result
    delete process.env.LD_LIBRARY_PATH
    const out = readFileSync(at('out'), 'utf8')
    expect(out).toContain('$HOME; exit 1')
    expect(out).not.toContain('LD_LIBRARY_PATH')
    expect(out).not.toMatch(/[02] -> (?!\/dev\/null)/)
  })

  it.runIf(process.getuid?.() === 0)('runs as the user it is to run as, and with no group of ours', async () => {
    chmodSync(directory, 0o777)
    const argv: [string, ...string[]] = ['/bin/sh', '-c', `id -u >${at('id')}; id -G >>${at('id')}`]
    await startCommand(argv, {timeoutMs: 5_000, runAs: {uid: 65534, gid: 65533}}).result
    expect(readFileSync(at('id'), 'utf8')).toBe('65534\n65533\n')
  })

  it('is killed with its whole process group', async () => {
    const argv: [string, ...string[]] = ['/bin/sh', '-c', `sleep 60 & echo $! > ${at('pid')}; wait`]
    expect(await startCommand(argv, {timeoutMs: 300, runAs: undefined}).result).toMatchObject({type: 'timed-out'})
    const pid = Number(readFileSync(at('pid'), 'utf8'))
    await until('the grandchild is gone', () => !existsSync(`/proc/${pid}`) || isZombie(pid))
  })
})

const isZombie = (pid: number): boolean => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

describe('tracked scripts', () => {
  it('tell of changes alone, with the reason', async () => {
    const changes: TrackerStanding[] = []
    const runner = new ScriptRunner(standing => changes.push(standing))
    writeFileSync(at('flag'), '')
    runner.configure(config(`/usr/bin/test -e ${at('flag')}`), CHK)
    await until('good', () => changes.length === 1)
    rmSync(at('flag'))
    await until('bad', () => changes.length === 2)
    runner.stop()
    expect(changes).toEqual([
      {kind: 'script', name: 'chk', verdict: 'good', detail: 'exit status 0'},
      {kind: 'script', name: 'chk', verdict: 'bad', detail: 'exit status 1'},
    ])
  })

  it('lets a shell open a file that is given in place of a program', async () => {
    const changes: TrackerStanding[] = []
    const runner = new ScriptRunner(standing => changes.push(standing))
    writeFileSync(at('flag'), '')
    runner.configure(config(`<${at('flag')}`), CHK)
    await until('good', () => changes.length === 1)
    rmSync(at('flag'))
    await until('bad', () => changes.length === 2)
    runner.stop()
    expect(changes.map(({verdict}) => verdict)).toEqual(['good', 'bad'])
  })

  it('keep their standing over a reload unless their command changes', async () => {
    const runner = new ScriptRunner(() => {})
    runner.configure(config('/bin/true'), CHK)
    await until('good', () => runner.standings[0]?.verdict === 'good')
    runner.configure(config('/bin/true'), CHK)
    expect(runner.standings[0]?.verdict).toBe('good')
    runner.configure(config('/bin/false'), CHK)
    expect(runner.standings[0]?.verdict).toBe('unknown')
    await until('bad', () => runner.standings[0]?.verdict === 'bad')
    runner.stop()
    expect(runner.standings).toEqual([])
  })
})

describe('enable_script_security', () => {
  it.runIf(process.getuid?.() === 0)('finds what others than root could exchange', () => {
    writeFileSync(at('mine.sh'), '', {mode: 0o755})
    mkdirSync(at('open'))
    chmodSync(at('open'), 0o777)
    writeFileSync(at('open/script.sh'), '', {mode: 0o755})
    symlinkSync(at('mine.sh'), at('open/link.sh'))
    writeFileSync(at('theirs.sh'), '', {mode: 0o755})
    chownSync(at('theirs.sh'), 65534, 65534)
    expect(whyInsecure(at('mine.sh'))).toBeUndefined()
    expect(whyInsecure('/bin/sh')).toBeUndefined()
    expect(whyInsecure(at('open/script.sh'))).toBe(`${at('open')} can be changed by others than root`)
    expect(whyInsecure(at('open/link.sh'))).toBe(`${at('open')} can be changed by others than root`)
    expect(whyInsecure(at('theirs.sh'))).toBe(`${at('theirs.sh')} belongs to another user than root`)
    expect(whyInsecure('true')).toBe('true is not an absolute path')
  })

  it.runIf(process.getuid?.() === 0)('keeps root from running it', async () => {
    writeFileSync(at('any.sh'), '#!/bin/sh\n')
    chmodSync(at('any.sh'), 0o777)
    const changes: TrackerStanding[] = []
    const runner = new ScriptRunner(standing => changes.push(standing))
    const careful = config(at('any.sh'))
    runner.configure({...careful, global: {...careful.global, enableScriptSecurity: true}}, CHK)
    await until('a verdict', () => changes.length === 1)
    runner.stop()
    expect(changes[0]).toMatchObject({verdict: 'bad'})
    expect(changes[0]?.detail).toContain('can be changed by others than root (enable_script_security)')
  })
})
