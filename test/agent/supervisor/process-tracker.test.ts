import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {copyFileSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {TrackerStanding} from '../../../src/agent/channel.ts'
import {ProcessTracker} from '../../../src/agent/supervisor/process-tracker.ts'
import type {TrackProcessConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'

let directory: string
/** A copy of sleep(1) under a name that nothing else on this machine has. */
let program: string
let name: string
let tracker: ProcessTracker
let changes: string[]
let awaited: (() => void) | undefined
const children: ChildProcess[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-processes-'))
  name = `hx${basename(directory).slice(-6)}`
  program = join(directory, name)
  copyFileSync('/bin/sleep', program)
  changes = []
  tracker = newTracker()
})
afterEach(() => {
  tracker.stop()
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(directory, {recursive: true})
})

/** Where the kernel does not tell of processes, they are counted every second: the same comes out, later. */
function newTracker(): ProcessTracker {
  return new ProcessTracker({
    onChange: ({name: changed, verdict}) => {
      changes.push(`${changed} ${verdict}`)
      awaited?.()
    },
    onTrouble: () => {},
  })
}

function start(args: readonly string[] = ['1000'], options: {argv0?: string} = {}): ChildProcess {
  const child = spawn(program, args, {stdio: 'ignore', ...options})
  children.push(child)
  return child
}

const ended = (child: ChildProcess): Promise<unknown> =>
  new Promise(resolve => {
    child.once('exit', resolve)
    child.kill('SIGKILL')
  })

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${changes.join(', ')} and no more`)), 15_000)
    awaited = () => {
      if (!condition()) return
      clearTimeout(timer)
      awaited = undefined
      resolve()
    }
    awaited()
  })
}

const heard = (count: number): Promise<void> => until(() => changes.length >= count)

/** `vrrp_track_process` blocks by name. */
function processes(blocks: {readonly [block: string]: string}): readonly TrackProcessConfig[] {
  const text = Object.entries(blocks)
    .map(([block, lines]) => `vrrp_track_process ${block} {\n${lines}\n}\n`)
    .join('')
  return parseConfig({file: 'test.conf', text}).config.trackProcesses
}

const verdicts = (of: ProcessTracker = tracker): readonly TrackerStanding['verdict'][] =>
  of.standings.map(({verdict}) => verdict)

describe('tracked processes', () => {
  it('are known as soon as they are watched', () => {
    start()
    tracker.configure(processes({a: `process ${name}`, b: `process ${name}\nquorum 2`}), undefined)
    expect(tracker.standings).toEqual([
      {kind: 'process', name: 'a', verdict: 'good', detail: '1 process runs'},
      {kind: 'process', name: 'b', verdict: 'bad', detail: '1 process runs, at least 2 have to'},
    ])
    expect(changes).toEqual([])
  })

  it('are seen when they begin and when they end', async () => {
    tracker.configure(processes({a: `process ${name}`}), undefined)
    expect(verdicts()).toEqual(['bad'])
    const child = start()
    await heard(1)
    await ended(child)
    await heard(2)
    expect(changes).toEqual(['a good', 'a bad'])
  })

  it('have to be as many as the quorum, and no more than the most', async () => {
    const blocks = {
      two: `process ${name}\nquorum 2`,
      most: `process ${name}\nquorum_max 1`,
      none: `process ${name}\nquorum_max 0`,
    }
    tracker.configure(processes(blocks), undefined)
    expect(verdicts()).toEqual(['bad', 'bad', 'good'])
    start()
    await heard(2)
    expect(verdicts()).toEqual(['bad', 'good', 'bad'])
    const second = start()
    await heard(4)
    expect(verdicts()).toEqual(['good', 'bad', 'bad'])
    await ended(second)
    await heard(6)
    expect(verdicts()).toEqual(['bad', 'good', 'bad'])
  })

  it('are told apart by their arguments', async () => {
    const blocks = {
      exact: `process ${program} 1000 2000`,
      partial: `process ${program} 1000\nparam_match partial`,
      initial: `process ${program} 10\nparam_match initial`,
      bare: `process ${program}\nparam_match`,
      full: `process ${program}\nfull_command`,
    }
    tracker.configure(processes(blocks), undefined)
    start(['1000'])
    await heard(3)
    expect(verdicts()).toEqual(['bad', 'good', 'good', 'bad', 'good'])
    start(['1000', '2000'])
    await heard(4)
    expect(verdicts()).toEqual(['good', 'good', 'good', 'bad', 'good'])
  })

  it('are seen when a process becomes another program', async () => {
    tracker.configure(processes({a: `process ${name}`}), undefined)
    const child = spawn('/bin/sh', ['-c', `read go; exec ${program} 1000`], {stdio: ['pipe', 'ignore', 'ignore']})
    children.push(child)
    expect(verdicts()).toEqual(['bad'])
    child.stdin.end('go\n')
    await heard(1)
    expect(changes).toEqual(['a good'])
  })

  // prctl(2), PR_SET_NAME; proc(5), /proc/PID/comm.
  it('are seen when a process changes its name', async () => {
    tracker.configure(processes({a: `process ${name}x`, b: `process ${name}`}), undefined)
    const script = `read go; printf ${name}x > /proc/$$/comm; read go; printf other > /proc/$$/comm; read go`
    const child = spawn('/bin/sh', ['-c', script], {stdio: ['pipe', 'ignore', 'ignore']})
    children.push(child)
    child.stdin.write('go\n')
    await heard(1)
    child.stdin.write('go\n')
    await heard(2)
    expect(changes).toEqual(['a good', 'a bad'])
  })

  it('count after their delays, and not when they return in time', async () => {
    const blocks = {
      slow: `process ${name}\nterminate_delay 30`,
      quick: `process ${name}`,
      late: `process ${name}\nfork_delay 0.2`,
    }
    tracker.configure(processes(blocks), undefined)
    const first = start()
    await until(() => verdicts().every(verdict => verdict === 'good'))
    await ended(first)
    await until(() => changes.includes('quick bad'))
    expect(tracker.standings[0]).toMatchObject({verdict: 'good'})
    start()
    await until(() => changes.filter(change => change === 'quick good').length === 2)
    expect(changes.filter(change => change.startsWith('slow'))).toEqual(['slow good'])
  })

  it('keep their standing over a reload, unless the pattern changes', async () => {
    start()
    tracker.configure(processes({a: `process ${name}`}), undefined)
    expect(verdicts()).toEqual(['good'])
    tracker.configure(processes({a: `process ${name}\nquorum 2`}), undefined)
    expect(changes).toEqual(['a bad'])
    start()
    await heard(2)
    tracker.configure(processes({a: `process ${name}-not`}), undefined)
    expect(verdicts()).toEqual(['bad'])
    expect(changes).toEqual(['a bad', 'a good'])
    tracker.configure([], undefined)
    expect(tracker.standings).toEqual([])
  })

  it('are found when what the kernel told of them was lost', async () => {
    tracker.configure(processes({a: `process ${name}`}), 4096)
    await told()
    // Nobody reads meanwhile: the buffer is full long before the last one begins.
    const storm = 'i=0; while [ $i -lt 1000 ]; do i=$((i+1)); (:); done'
    const script = `${storm}; ${program} 1000 >/dev/null 2>&1 </dev/null & echo $!`
    const pid = Number(execFileSync('/bin/sh', ['-c', script], {encoding: 'utf8'}))
    try {
      await heard(1)
      expect(changes).toEqual(['a good'])
    } finally {
      process.kill(pid, 'SIGKILL')
    }
    await heard(2)
    expect(changes).toEqual(['a good', 'a bad'])
  })

  /** Resolves when events are heard, so that they can be lost. */
  async function told(): Promise<void> {
    const child = start()
    await heard(1)
    await ended(child)
    await heard(2)
    changes.length = 0
  }
})
