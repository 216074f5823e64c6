import {readdirSync, readFileSync} from 'node:fs'
import {OwnProcess, type ProcessSettings} from '../../../src/agent/own-process.ts'
import {sleep} from './tools.ts'

/** What the process is given one after the other, and how long it is late after each, ms; then it may compute on. */
interface Plan {
  readonly hasty: boolean
  readonly steps: readonly {readonly settings: ProcessSettings; readonly lateMs?: readonly number[]}[]
  readonly thenComputeForEver?: boolean
}

const plan = JSON.parse(process.argv[2] ?? '') as Plan
const complaints: string[] = []
const own = new OwnProcess({hasty: plan.hasty, complain: text => complaints.push(text)})

const field = (text: string, name: string): string => new RegExp(`^${name}:?\\s+(.*)$`, 'm').exec(text)?.[1] ?? ''
const threads = (): readonly string[] => readdirSync('/proc/self/task').map(thread => `/proc/self/task/${thread}`)
/** The fields of proc(5), /proc/PID/stat, from the third on, so that [0] is the state. */
const stat = (path: string): readonly string[] =>
  readFileSync(`${path}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []

function facts() {
  const status = readFileSync('/proc/self/status', 'latin1')
  return {
    name: field(status, 'Name'),
    nice: [...new Set(threads().map(thread => Number(stat(thread)[16])))],
    processors: [
      ...new Set(threads().map(thread => field(readFileSync(`${thread}/status`, 'latin1'), 'Cpus_allowed_list'))),
    ],
    priority: Number(stat('/proc/self')[37]),
    policy: Number(stat('/proc/self')[38]),
    policies: [...new Set(threads().map(thread => Number(stat(thread)[38])))],
    locked: field(status, 'VmLck') !== '0 kB',
    limit: field(readFileSync('/proc/self/limits', 'latin1'), 'Max realtime timeout').split(/\s+/)[1],
  }
}

function compute(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

async function main(): Promise<void> {
  const found: unknown[] = [facts()]
  for (const {settings, lateMs = []} of plan.steps) {
    own.apply(settings)
    for (const ms of lateMs) {
      await sleep(150)
      compute(ms)
    }
    await sleep(lateMs.length > 0 ? 150 : 0)
    found.push(facts())
  }
  process.stdout.write(`${JSON.stringify({found, complaints})}\n`)
  if (plan.thenComputeForEver) compute(60_000)
  // A process that one of these ends has not exited with 0.
  for (const signal of ['SIGUSR1', 'SIGUSR2', 36]) process.kill(process.pid, signal)
  await sleep(50)
  process.exit(0)
}

void main()
