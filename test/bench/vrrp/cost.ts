import {readFileSync} from 'node:fs'

/** What processes have used up to a moment. */
export interface Usage {
  readonly atMs: number
  /** User and system time since each started. */
  readonly cpuSeconds: number
  /** Proportional share of memory. proc(5), smaps_rollup. */
  readonly pssBytes: number
}

/** What processes used in a span of time. */
export interface Cost {
  readonly cpuSecondsPerMinute: number
  readonly pssBytes: number
}

/** USER_HZ of every Linux that Node runs on. time(7) */
const TICKS_PER_SECOND = 100

/** What these processes have used together. */
export function usageOf(pids: readonly number[]): Usage {
  const sum = (of: (pid: number) => number): number => pids.reduce((total, pid) => total + of(pid), 0)
  return {atMs: performance.now(), cpuSeconds: sum(cpuSecondsOf), pssBytes: sum(pssOf)}
}

/** The difference of two usages of the same processes. */
export const costSince = (before: Usage, after: Usage): Cost => ({
  cpuSecondsPerMinute: ((after.cpuSeconds - before.cpuSeconds) / (after.atMs - before.atMs)) * 60_000,
  pssBytes: after.pssBytes,
})

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // proc(5): fields 14 and 15, the third being the first behind the name.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function pssOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes) * 1_024
}
