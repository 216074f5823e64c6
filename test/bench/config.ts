import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {quantile} from '../lab/capture.ts'
import {startAgent} from '../lab/daemon.ts'
import {withLab} from '../lab/lab.ts'
import {missingForLab} from '../lab/peers.ts'
import {repoRoot} from '../lab/repo-root.ts'

const VIRTUAL_SERVERS = 10_000
const REAL_SERVERS = 4
const DEFAULT_ROUNDS = 7
/** Wall time of validation over that of `keepalived -t` that is accepted. */
const MAX_TIME_RATIO = 1
const MAX_START_MS = 3_000

/** What one run took. */
interface Run {
  readonly ms: number
  /** Peak resident memory as last seen, MB. */
  readonly peakMb: number
}

/**
 * Validates 10,000 virtual servers with four real servers each beside `keepalived -t`, in turn, and starts an agent on
 * them. Exit code 1 when validation is slower or the agent takes too long.
 */
export async function benchConfig([rounds = String(DEFAULT_ROUNDS)]: readonly string[]): Promise<number> {
  const reason = missingForLab(['ip', 'keepalived'])
  if (reason !== undefined) throw new Error(`no comparison can be made here: ${reason}`)
  const directory = mkdtempSync(join(tmpdir(), 'hactl-bench-'))
  const file = join(directory, 'big.conf')
  const text = bigConfig()
  writeFileSync(file, text)
  try {
    const hactl = [
      process.execPath,
      join(repoRoot(), 'bin', 'run.cjs'),
      'validate',
      'config',
      '--offline',
      '--quiet',
      file,
    ]
    const measured = {hactl: [] as Run[], keepalived: [] as Run[]}
    for (let round = -1; round < Number(rounds); round++) {
      const runs = {hactl: await run(hactl), keepalived: await run(['keepalived', '-t', '-f', file])}
      if (round < 0) continue
      measured.hactl.push(runs.hactl)
      measured.keepalived.push(runs.keepalived)
    }
    return report(measured, await startMs(text))
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

function bigConfig(): string {
  const lines = ['global_defs {', '    router_id big', '}', '']
  lines.push('vrrp_instance VI_1 {', '    interface eth0', '    virtual_router_id 51', '    virtual_ipaddress {')
  lines.push('        10.255.0.1/24', '    }', '}', '')
  for (let i = 0; i < VIRTUAL_SERVERS; i++) {
    lines.push(`virtual_server 10.${i >> 16}.${(i >> 8) & 255}.${i & 255} 80 {`, '    delay_loop 6', '    lb_algo rr')
    lines.push('    lb_kind NAT', '    protocol TCP', '')
    for (let r = 1; r <= REAL_SERVERS; r++) {
      lines.push(`    real_server 192.168.${i % 250}.${r} 80 {`, '        weight 1', '        TCP_CHECK {')
      lines.push('            connect_timeout 3', '        }', '    }')
    }
    lines.push('}', '')
  }
  return `${lines.join('\n')}\n`
}

async function run([file = '', ...args]: readonly string[]): Promise<Run> {
  const {NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env} = process.env
  const before = process.hrtime.bigint()
  const child = spawn(file, args, {env, stdio: 'ignore'})
  let peakMb = 0
  const look = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid))
  }, 5)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearInterval(look)
  const ms = Number(process.hrtime.bigint() - before) / 1e6
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} exited with ${code}`)
  return {ms, peakMb}
}

/** The high-water mark of a process, MB. proc(5). */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
  } catch {
    return 0
  }
}

async function startMs(config: string): Promise<number> {
  return withLab(async lab => {
    const host = await lab.host('director')
    await host.attach(await lab.segment(), {interface: 'eth0', address: '10.255.0.9/24'})
    const before = process.hrtime.bigint()
    await startAgent(host, {config})
    return Number(process.hrtime.bigint() - before) / 1e6
  })
}

function report(
  measured: {readonly hactl: readonly Run[]; readonly keepalived: readonly Run[]},
  start: number,
): number {
  const median = (runs: readonly Run[], figure: (run: Run) => number): number => quantile(runs.map(figure), 0.5)
  const [ours, theirs] = [measured.hactl, measured.keepalived]
  const times = [median(ours, ({ms}) => ms), median(theirs, ({ms}) => ms)] as const
  const peaks = [median(ours, ({peakMb}) => peakMb), median(theirs, ({peakMb}) => peakMb)] as const
  const ratio = times[0] / times[1]
  const lines = [
    `${''.padEnd(16)}${'hactl'.padStart(10)}${'keepalived'.padStart(12)}${'ratio'.padStart(8)}`,
    row('wall time, ms', times),
    row('peak memory, MB', peaks),
    `validation: ${ratio.toFixed(2)} x keepalived -t, at most ${MAX_TIME_RATIO} (${ratio <= MAX_TIME_RATIO ? 'good' : 'TOO SLOW'})`,
    `agent answers after ${start.toFixed(0)} ms, at most ${MAX_START_MS} (${start <= MAX_START_MS ? 'good' : 'TOO SLOW'})`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return ratio <= MAX_TIME_RATIO && start <= MAX_START_MS ? 0 : 1
}

const row = (name: string, [ours, theirs]: readonly [number, number]): string =>
  `${name.padEnd(16)}${ours.toFixed(0).padStart(10)}${theirs.toFixed(0).padStart(12)}${(ours / theirs).toFixed(2).padStart(8)}`
