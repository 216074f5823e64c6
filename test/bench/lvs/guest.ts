import {spawn, spawnSync} from 'node:child_process'
import {closeSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {enterNetwork} from '../../../src/kernel/libc.ts'
import {guest} from '../../lab/uml/guest.ts'
import {type Figures, type Input, PROGRAMS, type Program, type Sample, type Task} from './tasks.ts'

const RULES = '/tmp/rules'
const OUTPUT = '/tmp/output'
/** What ends the program as soon as it is loaded: its start, and for hactl a look at an empty table too. */
const WORDS = {
  ipvsadm: {start: ['--version'], restore: ['-R'], list: ['-Ln'], save: ['-S', '-n']},
  'hactl ipvsadm': {
    start: ['ipvsadm', '-Ln'],
    restore: ['ipvsadm', '-R'],
    list: ['ipvsadm', '-Ln'],
    save: ['ipvsadm', '-S', '-n'],
  },
  hactl: {
    start: ['lvs', 'list', '--direct'],
    restore: ['lvs', 'restore', '--direct', RULES],
    list: ['lvs', 'list', '--direct'],
    save: ['lvs', 'save', '--direct'],
  },
} as const

/** One run in three differs from the next by as much as a restore takes. */
const TIMES = 3

function commandOf(program: Program, task: Task, hactl: string): readonly [string, ...string[]] {
  const words = WORDS[program][task]
  return program === 'ipvsadm' ? ['ipvsadm', ...words] : [process.execPath, hactl, ...words]
}

/** Every service has a port of its own, 100 an address. */
function rulesText(services: number, destinations: number): string {
  const lines: string[] = []
  for (let at = 0; at < services; at++) {
    const service = `-t 10.${100 + (at >> 14)}.${(at >> 7) & 127}.1:${1000 + (at & 127)}`
    lines.push(`-A ${service} -s wrr`)
    for (let to = 0; to < destinations; to++)
      lines.push(`-a ${service} -r 10.1.${to >> 8}.${to & 255}:80 -m -w ${1 + to}`)
  }
  return `${lines.join('\n')}\n`
}

function timeMs([program, ...words]: readonly [string, ...string[]]): number {
  const [input, output] = [openSync(RULES, 'r'), openSync(OUTPUT, 'w')]
  try {
    const before = process.hrtime.bigint()
    const {status, stderr} = spawnSync(program, words, {stdio: [input, output, 'pipe']})
    const ms = Number(process.hrtime.bigint() - before) / 1e6
    if (status !== 0) throw new Error(`${program} ${words.join(' ')} exited with ${status}: ${stderr}`)
    return ms
  } finally {
    closeSync(input)
    closeSync(output)
  }
}

/** The most memory that the program had at once, bytes: a run of its own, for looking costs time. */
async function peakBytes([program, ...words]: readonly [string, ...string[]]): Promise<number> {
  const [input, output] = [openSync(RULES, 'r'), openSync(OUTPUT, 'w')]
  let peak = 0
  const child = spawn(program, words, {stdio: [input, output, 'ignore']})
  const timer = setInterval(() => {
    try {
      const line = /^VmHWM:\s+([0-9]+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
      peak = Math.max(peak, Number(line?.[1] ?? 0) * 1024)
    } catch {
      // It has ended.
    }
  }, 5)
  await new Promise(resolve => child.once('exit', resolve))
  clearInterval(timer)
  closeSync(input)
  closeSync(output)
  return peak
}

/**
 * Goes on in a network namespace of its own, with nothing left in the one before: all namespaces share the kernel's
 * hash of services, and each two seconds it estimates the rates of all there are. The kernel keeps destinations that
 * were deleted for two minutes and looks through all of them at each that is added: in a table that was cleared that
 * would be most of the time.
 */
function enterNewNetwork(): void {
  if (networks > 0) spawnSync('ipvsadm', ['-C'])
  const name = `bench${networks++}`
  for (const words of [
    ['netns', 'add', name],
    ['-n', name, 'link', 'set', 'lo', 'up'],
  ]) {
    const {status, stderr} = spawnSync('ip', words)
    if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`)
  }
  const descriptor = openSync(`/run/netns/${name}`, 'r')
  const entered = enterNetwork(descriptor)
  closeSync(descriptor)
  if (!entered.ok) throw new Error(`no other network namespace: ${entered.reason}`)
}

let networks = 0

function requireRules(count: number): void {
  const {stdout} = spawnSync('ipvsadm', ['-S', '-n'], {maxBuffer: 1 << 30})
  const lines = stdout.toString().split('\n').length - 1
  if (lines !== count) throw new Error(`the table has ${lines} rules where ${count} were restored`)
}

/** Runs in User-Mode Linux: every task by both programs in turn, as whole commands. */
guest(async ({hactl, sizes, rounds}: Input): Promise<Figures> => {
  const samples: Sample[] = []
  for (const {services, destinations} of sizes) {
    const size = `${services} x ${destinations}`
    writeFileSync(RULES, rulesText(services, destinations))
    for (let round = 0; round < rounds; round++) {
      for (const program of PROGRAMS) {
        for (let time = 0; time < TIMES; time++) {
          enterNewNetwork()
          for (const task of ['start', 'restore', 'list', 'save'] as const) {
            samples.push({size, program, task, ms: timeMs(commandOf(program, task, hactl))})
          }
        }
        requireRules(services * (destinations + 1))
      }
    }
    for (const program of PROGRAMS) {
      enterNewNetwork()
      for (const task of ['restore', 'list', 'save'] as const) {
        samples.push({size, program, task, peakBytes: await peakBytes(commandOf(program, task, hactl))})
      }
    }
  }
  return {samples, node: process.version}
})
