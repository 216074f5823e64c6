import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {quantile} from '../lab/capture.ts'
import {AGENT_SOCKET, startAgent} from '../lab/daemon.ts'
import {withLab} from '../lab/lab.ts'
import {missingForLab} from '../lab/peers.ts'
import {repoRoot} from '../lab/repo-root.ts'

/** Wall time of a command over that of an empty Node program: what is accepted. */
const MAX_RATIO = 4
const WARM_UPS = 5
const DEFAULT_ROUNDS = 60
const CONFIG = `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {
        10.9.0.100/24
    }
}
`

/**
 * Measures the wall time of `hactl vrrp status` against a running agent, beside `node -e 0`. The two take turns, so
 * that a change of the machine's speed meets both. Exit code 1 above the limit.
 */
export async function benchCli([rounds = String(DEFAULT_ROUNDS)]: readonly string[]): Promise<number> {
  const reason = missingForLab(['ip'])
  if (reason !== undefined) throw new Error(`no agent can be run here: ${reason}`)
  return withLab(async lab => {
    const host = await lab.host('director')
    await host.attach(await lab.segment(), {interface: 'eth0', address: '10.9.0.1/24'})
    await startAgent(host, {config: CONFIG})
    return report(measure(host.outside(AGENT_SOCKET), Number(rounds)))
  })
}

/** Wall times of each contender, milliseconds. */
type Measured = {readonly [name: string]: readonly number[]}

function measure(socketPath: string, rounds: number): Measured {
  const hactl = join(repoRoot(), 'bin', 'run.cjs')
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
