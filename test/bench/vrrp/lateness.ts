import {join} from 'node:path'
import {type AdvertFilter, gapsMs, quantile} from '../../lab/capture.ts'
import {repoRoot} from '../../lab/repo-root.ts'
import {sleep} from '../../lab/wait.ts'
import {type Cost, costSince, type Usage, usageOf} from './cost.ts'
import {type Crowd, INTERVAL_MS, type Node, STATUS} from './crowd.ts'

/** How punctual a master was and what it cost. */
export interface Lateness {
  readonly adverts: number
  /** Time since the advertisement before, over the interval, milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** How many were later than `LATE_MS`. */
  readonly late: number
  readonly statusCommands: number
  readonly master: Cost
  readonly backup: Cost
}

/** The latest that an advertisement may be, milliseconds. */
export const LATE_MS = 20

/**
 * Watches a crowd at rest while `hactl vrrp status` runs every second on the master's host. Beside keepalived the same
 * command runs and finds no agent: the start of a program is most of what it costs the machine.
 */
export async function measureLateness(crowd: Crowd, seconds: number): Promise<Lateness> {
  const {better, worse, capture} = crowd
  const fromMs = Date.now()
  const before: readonly Usage[] = [better, worse].map(usage)
  const command = [process.execPath, join(repoRoot(), 'bin', 'run.cjs'), ...STATUS]
  let statusCommands = 0
  for (; Date.now() < fromMs + seconds * 1_000; statusCommands++) {
    const {code} = await better.host.run(command, {check: false})
    if (crowd.program === 'hactl' && code !== 0) throw new Error(`hactl vrrp status ended with ${code}`)
    await sleep(fromMs + (statusCommands + 1) * 1_000 - Date.now())
  }
  const [master, backup] = [better, worse].map((node, i) => costSince(before[i] as Usage, usage(node)))
  await capture.settle()
  const errors = excessesMs(crowd, {source: better.address, fromMs})
  return {
    adverts: errors.length,
    p50Ms: quantile(errors, 0.5),
    p99Ms: quantile(errors, 0.99),
    maxMs: Math.max(...errors),
    late: errors.filter(error => error > LATE_MS).length,
    statusCommands,
    master: master as Cost,
    backup: backup as Cost,
  }
}

/** How much longer than the interval each time between two advertisements of one virtual router was, milliseconds. */
export function excessesMs({capture}: Crowd, filter: AdvertFilter, vrids?: readonly number[]): readonly number[] {
  const times = new Map<number, number[]>()
  for (const {vrid, atMs} of capture.adverts(filter)) {
    if (vrids && !vrids.includes(vrid)) continue
    const known = times.get(vrid)
    if (known) known.push(atMs)
    else times.set(vrid, [atMs])
  }
  return [...times.values()].flatMap(each => gapsMs(each)).map(gap => gap - INTERVAL_MS)
}

function usage({daemon}: Node): Usage {
  if (!daemon) throw new Error('nothing runs')
  return usageOf(daemon.process.tree())
}
