import {execFileSync, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {ProcessSettings} from '../../src/agent/own-process.ts'
import {lockableRanges} from '../../src/kernel/memory.ts'
import {namespacesUnavailable, runInNamespace} from './run-in-namespace.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PLAIN: ProcessSettings = {
  name: 'plain',
  nice: 0,
  realTime: undefined,
  realTimeLimitUs: 5_000_000,
  greatestAutoPriority: 0,
  autoPriorityDelayMs: 1_000,
  processors: [],
  keepInMemory: false,
}
/** <linux/sched.h> */
const SCHED_OTHER = 0
const SCHED_RR = 2

let directory: string
let script: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-own-process-'))
  script = join(directory, 'child.cjs')
  await build({
    entryPoints: [join(ROOT, 'test/kernel/children/own-process-child.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
  })
})
afterAll(() => rmSync(directory, {recursive: true, force: true}))

interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly found: readonly Record<string, unknown>[]
  readonly complaints: readonly string[]
}

/** Runs the child with a plan; `setpriv` may take capabilities from it first. */
function run(plan: object, ...setpriv: readonly string[]): Promise<Ran> {
  const child = spawn('setpriv', [...setpriv, process.execPath, '--single-threaded-gc', script, JSON.stringify(plan)], {
    env: {...process.env, NODE_PATH: join(ROOT, 'node_modules')},
  })
  const output: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => output.push(bytes))
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      const text = Buffer.concat(output).toString()
      try {
        resolve({code, signal, ...JSON.parse(text)})
      } catch {
        reject(new Error(`it ended by ${signal} and said ${text}`))
      }
    })
  })
}

test('of the memory, files and what belongs to the C library are locked, and what V8 manages is not', () => {
  const maps = `00400000-00401000 r--p 00000000 fe:00 123                            /usr/bin/node
00e00000-00f00000 r-xp 00a00000 fe:00 123                            /usr/bin/node
05631000-0565d000 rw-p 00000000 00:00 0                              [heap]
2cca6680000-2cca66c0000 rw-p 00000000 00:00 0 
7f3774003000-7f377403f000 rwxp 00000000 00:00 0 
7f379a139000-7f379a13a000 ---p 00000000 fe:00 77                     /lib/libc.so.6
7ffd9911a000-7ffd9913b000 rw-p 00000000 00:00 0                      [stack]
7ffd9913c000-7ffd9913e000 r-xp 00000000 00:00 0                      [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0              [vsyscall]
`
  expect(lockableRanges(maps).map(({start}) => start.toString(16))).toEqual([
    '400000',
    'e00000',
    '5631000',
    '7ffd9911a000',
  ])
})

describe.skipIf(namespacesUnavailable !== undefined)('with privileges', {timeout: 60_000}, () => {
  test('a process runs as it is told, also when it is told anew', async () => {
    const last = execFileSync('nproc', {encoding: 'utf8'}).trim()
    const processors = [Number(last) - 1]
    const first = {...PLAIN, name: 'first_of_all', nice: -3, processors, keepInMemory: true}
    const {code, found, complaints} = await run({
      hasty: true,
      steps: [
        {settings: {...first, realTime: {priority: 5, asked: true}}},
        {settings: {...PLAIN, name: 'second', nice: 4}},
      ],
    })
    // Neither SIGUSR1, nor SIGUSR2, nor keepalived's signal for JSON ended it.
    expect(code).toBe(0)
    // The thread pool is part of it: it asks the kernel for addresses.
    expect(found[0]).toMatchObject({policy: SCHED_RR, policies: [SCHED_RR], priority: 1, locked: false})
    expect(found[1]).toEqual({
      name: 'first_of_all',
      nice: [-3],
      processors: [String(processors[0])],
      policy: SCHED_RR,
      policies: [SCHED_RR],
      priority: 5,
      locked: true,
      limit: '5000000',
    })
    expect(found[2]).toMatchObject({name: 'second', nice: [4], policies: [SCHED_OTHER], priority: 0, locked: false})
    expect(found[2]?.processors).toEqual((found[0] as {processors: unknown}).processors)
    expect(complaints).toEqual([])
  })

  // keepalived.conf(5), max_auto_priority; keepalived 2.2.7 measured: one step for each lateness, all back at a reload.
  test('lateness raises the priority step by step up to the greatest, and a reload takes it back', async () => {
    const settings = {...PLAIN, greatestAutoPriority: 2, autoPriorityDelayMs: 1_000}
    const {found, complaints} = await run({
      hasty: false,
      steps: [
        {settings, lateMs: [1_300]},
        {settings: {...settings, name: 'on'}, lateMs: [1_300, 1_300, 1_300]},
        {settings: PLAIN},
      ],
    })
    expect(found.map(each => [each.policy, each.priority])).toEqual([
      [SCHED_OTHER, 0],
      [SCHED_RR, 1],
      [SCHED_RR, 2],
      [SCHED_OTHER, 0],
    ])
    expect(complaints).toHaveLength(3)
    expect(complaints[2]).toMatch(/^it ran \d+ ms late, and takes real-time priority 2$/)
  })

  test('what is not permitted is told with what it takes, and the process runs on', async () => {
    const settings = {...PLAIN, nice: -5, realTime: {priority: 9, asked: true}, processors: [1_023], keepInMemory: true}
    const usual = {...PLAIN, realTime: {priority: 1, asked: false}}
    const plan = {hasty: true, steps: [{settings}, {settings: usual}]}
    const {found, complaints} = await run(plan, '--bounding-set=-sys_nice,-ipc_lock')
    expect(found[1]).toMatchObject({policy: SCHED_OTHER, locked: false})
    expect(complaints).toHaveLength(4)
    expect(complaints[0]).toMatch(/to run on processors 1023 \(EINVAL\)/)
    expect(complaints[1]).toMatch(/nice value -5 \(E(ACCES|PERM)\): it takes CAP_SYS_NICE/)
    expect(complaints[2]).toMatch(/real-time priority 9 \(EPERM\): it takes CAP_SYS_NICE/)
    expect(complaints[3]).toMatch(/to stay in memory \(E(NOMEM|PERM)\): it takes CAP_IPC_LOCK/)
  })

  test('the kernel ends what computes in real time and never waits', async () => {
    const settings = {...PLAIN, realTime: {priority: 1, asked: true}, realTimeLimitUs: 1_000_000}
    const {signal} = await run({hasty: false, steps: [{settings}], thenComputeForEver: true})
    expect(signal).toBe('SIGKILL')
  })

  test('a network namespace is entered by its name, and left for what needs it', async () => {
    expect((await runInNamespace('namespace-child.ts')).output).toEqual({
      refusals: [
        'NOT_FOUND: there is no network namespace hactl-no-such (/run/netns/hactl-no-such)',
        'INVALID_CONFIGURATION: ../netns is no name of a network namespace',
        'INVALID_CONFIGURATION: . is no name of a network namespace',
        'INVALID_CONFIGURATION:  is no name of a network namespace',
      ],
      before: true,
      moved: true,
      program: true,
      sees: true,
      briefly: true,
      back: true,
      kept: true,
    })
  })
})
