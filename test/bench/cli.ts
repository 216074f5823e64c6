import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startServer} from '../../src/control/server.ts'
import {fakeAgent} from '../fake-agent.ts'

/** Wall time of a command over that of an empty Node program: what is accepted. */
const MAX_RATIO = 4
const WARM_UPS = 5
const DEFAULT_ROUNDS = 60

/**
 * Measures the wall time of `hactl vrrp status` against an agent in another process, beside `node -e 0`. The two take
 * turns, so that a change of the machine's speed meets both. Exit code 1 above the limit.
 */
export async function benchCli(argv: readonly string[]): Promise<number> {
  const [mode, value] = argv
  if (mode === 'serve' && value !== undefined) return serve(value)
  const rounds = mode === undefined ? DEFAULT_ROUNDS : Number(mode)
  const directory = mkdtempSync(join(tmpdir(), 'hactl-bench-'))
  const socketPath = join(directory, 'agent.sock')
  const agent = spawn(process.execPath, [__filename, 'cli', 'serve', socketPath], {stdio: ['pipe', 'pipe', 'inherit']})
  try {
    await once(agent.stdout, 'data')
    return report(measure(socketPath, rounds))
  } finally {
    agent.kill()
    rmSync(directory, {recursive: true, force: true})
  }
}

/** Wall times of each contender, milliseconds. */
type Measured = {readonly [name: string]: readonly number[]}

function measure(socketPath: string, rounds: number): Measured {
  const hactl = join(__dirname, '..', 'bin', 'run.cjs')
  const contenders: readonly (readonly [string, readonly string[]])[] = [
    ['node -e 0', ['-e', '0']],
    ['hactl vrrp status', [hactl, 'vrrp', 'status', '--socket', socketPath]],
    ['hactl vrrp status --json', [hactl, 'vrrp', 'status', '--json', '--socket', socketPath]],
    ['hactl --help', [hactl, '--help']],
  ]
  const times = new Map(contenders.map(([name]) => [name, [] as number[]]))
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const [name, argv] of contenders) {
      const ms = wallTimeMs(argv)
      if (round >= 0) times.get(name)?.push(ms)
    }
  }
  return Object.fromEntries(times)
}

function wallTimeMs(argv: readonly string[]): number {
  const {NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env} = process.env
  const before = process.hrtime.bigint()
  const {status, stderr} = spawnSync(process.execPath, argv, {env, stdio: ['ignore', 'pipe', 'pipe']})
  const ms = Number(process.hrtime.bigint() - before) / 1e6
  if (status !== 0) throw new Error(`${argv.join(' ')} exited with ${status}: ${stderr}`)
  return ms
}

function report(measured: Measured): number {
  const base = quantile(measured['node -e 0'] ?? [], 0.5)
  process.stdout.write(
    `${'wall time, ms'.padEnd(28)}${'median'.padStart(8)}${'p10'.padStart(8)}${'p90'.padStart(8)}    ratio\n`,
  )
  for (const [name, times] of Object.entries(measured)) {
    const figures = [0.5, 0.1, 0.9].map(q => quantile(times, q).toFixed(1).padStart(8)).join('')
    process.stdout.write(`${name.padEnd(28)}${figures}${(quantile(times, 0.5) / base).toFixed(2).padStart(9)}\n`)
  }
  const ratio = quantile(measured['hactl vrrp status'] ?? [], 0.5) / base
  const good = ratio <= MAX_RATIO
  process.stdout.write(
    `hactl vrrp status: ${ratio.toFixed(2)} x node -e 0, at most ${MAX_RATIO} (${good ? 'good' : 'TOO SLOW'})\n`,
  )
  return good ? 0 : 1
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** The agent's part, in a process of its own. */
async function serve(socketPath: string): Promise<number> {
  await startServer({socketPath, mode: 0o600, access: 'full', handlers: fakeAgent().handlers, version: 'bench'})
  process.stdout.write('ready\n')
  await once(process.stdin.resume(), 'end')
  return 0
}
