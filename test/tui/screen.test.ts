import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, onTestFinished, test} from 'vitest'
import {HACTL, NO_CONTEXTS} from '../commands/run-hactl.ts'
import {hasTerminals} from '../commands/run-in-terminal.ts'

// The program as it was built, in a terminal made by script(1), so that all bytes for the terminal can be looked at.

const directory = mkdtempSync(join(tmpdir(), 'hactl-screen-'))
afterAll(() => rmSync(directory, {recursive: true, force: true}))

const ESC = '\u001b'
const ENTER = `${ESC}[?1049h`
const LEAVE = `${ESC}[?1049l`
const SHOW_CURSOR = `${ESC}[?25h`

interface Running {
  readonly child: ChildProcess
  readonly pid: () => number
  /** Everything that was written to the terminal. */
  readonly written: () => string
  /** Waits until this was written. */
  readonly until: (text: string) => Promise<void>
  /** Waits for the end; the exit code as a shell tells it. */
  readonly ended: () => Promise<number | null>
}

/** Faults that no one made may happen when this signal comes. */
const CRASH = `process.on('SIGUSR2', () => { throw new Error('a fault for the test') })`

/** Starts the dashboard of a node that is not there; what the terminal's mode is afterwards is told at the end. */
function start(env: {readonly [name: string]: string} = {}): Running {
  const crash = join(directory, 'crash.cjs')
  const pidFile = join(directory, `${Math.random()}.pid`)
  writeFileSync(crash, `${CRASH}\nrequire('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))`)
  const run = `${process.execPath} --require ${crash} ${HACTL} top dashboard --node unix:/nonexistent/agent.sock`
  const command = `stty cols 80 rows 24; ${run}; code=$?; stty -a | grep -o -- '-\\?icanon'; exit $code`
  const {NODE_OPTIONS: _, NO_COLOR: __, ...inherited} = process.env
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: {
      ...inherited,
      XDG_CONFIG_HOME: NO_CONTEXTS,
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      LC_ALL: '',
      SHELL: '/bin/bash',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let written = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    written += chunk.toString('utf8')
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  return {
    child,
    pid: () => Number(readFileSync(pidFile, 'utf8')),
    written: () => written,
    until: text => expect.poll(() => written).toContain(text),
    ended: async () => (await closed)[0],
  }
}

/** What comes after the screen was left for good. */
const afterwards = (written: string): string => written.slice(written.lastIndexOf(LEAVE) + LEAVE.length)

describe.skipIf(!hasTerminals)('the terminal is as it was', () => {
  const signalled = (signal: NodeJS.Signals) => (running: Running) => process.kill(running.pid(), signal)
  const typed = (keys: string) => (running: Running) => running.child.stdin?.write(keys)

  const cases: readonly (readonly [string, (running: Running) => unknown, number])[] = [
    ['q', typed('q'), 0],
    ['Ctrl-C', typed('\u0003'), 0],
    ['SIGTERM', signalled('SIGTERM'), 143],
    ['SIGHUP', signalled('SIGHUP'), 129],
    ['SIGINT', signalled('SIGINT'), 130],
    ['a fault of its own', signalled('SIGUSR2'), 1],
  ]

  test.each(cases)('after %s', async (_, end, code) => {
    const running = start()
    await running.until('does not answer')
    end(running)
    expect(await running.ended()).toBe(code)
    const written = running.written()
    expect(written.split(ENTER)).toHaveLength(2)
    expect(written.split(LEAVE)).toHaveLength(2)
    expect(written.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(written.lastIndexOf(`${ESC}[?25l`))
    // Typed lines are lines again, and nothing else is written into what comes back.
    expect(afterwards(written)).toMatch(/(^|\n)icanon/)
    if (code === 0) expect(afterwards(written).trim()).toBe('icanon')
    if (code === 1) expect(afterwards(written)).toContain('a fault for the test')
  })

  test('also after a key that comes before anything is shown', async () => {
    const running = start()
    await running.until(ENTER)
    running.child.stdin?.write('\u0003')
    // By a signal, which a terminal that is not raw makes of it, it would be 130.
    expect(await running.ended()).toBe(0)
    expect(afterwards(running.written()).trim()).toBe('icanon')
  })

  test('while it waits in the background of a shell, and the screen comes back whole', async () => {
    const running = start()
    await running.until('does not answer')
    running.child.stdin?.write('\u001a')
    await running.until(LEAVE)
    await expect.poll(() => /^State:\s+T/m.test(readFileSync(`/proc/${running.pid()}/status`, 'utf8'))).toBe(true)
    process.kill(running.pid(), 'SIGCONT')
    await expect.poll(() => running.written().split(ENTER).length).toBe(3)
    await expect.poll(() => running.written().split('does not answer').length).toBeGreaterThan(2)
    running.child.stdin?.write('q')
    expect(await running.ended()).toBe(0)
  })
})

describe.skipIf(!hasTerminals)('a terminal', () => {
  test('without colours gets none', async () => {
    const running = start({NO_COLOR: '1'})
    await running.until('does not answer')
    running.child.stdin?.write('q')
    await running.ended()
    const colours = [...running.written().matchAll(new RegExp(`${ESC}\\[([\\d;]+)m`, 'g'))].map(([, code]) => code)
    expect(colours.filter(code => code !== '0')).toEqual([])
  })

  test('without UTF-8 gets none', async () => {
    const running = start({LANG: 'C'})
    await running.until('does not answer')
    running.child.stdin?.write('q')
    await running.ended()
    expect([...running.written()].filter(character => character > '\u007e')).toEqual([])
  })

  test('that is dumb is refused in one line', async () => {
    const running = start({TERM: 'dumb'})
    expect(await running.ended()).toBe(2)
    expect(running.written()).toMatch(/^hactl: .*terminal.*--once/)
    expect(running.written()).not.toContain(ESC)
  })
})
