import {readdirSync, stat} from 'node:fs'
import {setPriority} from 'node:os'
import {errorText} from '../errors.ts'
import {type SystemResult, setAffinity, setLimit, setScheduler} from './libc.ts'

/**
 * Lets every thread of this process run before all ordinary ones (SCHED_RR): neither an advertisement nor an address
 * that the thread pool asks the kernel for waits for somebody else's computation. `priority`: 1..99, the lowest by
 * default. What they start is ordinary again. Needs CAP_SYS_NICE. sched(7)
 */
export function runBeforeOthers(priority = LOWEST_REAL_TIME_PRIORITY): SystemResult {
  startThreadPool()
  return schedule(SCHED_RR, priority)
}

/** Lets every thread of this process run as ordinary ones do (SCHED_OTHER). sched(7) */
export const runAmongOthers = (): SystemResult => schedule(SCHED_OTHER, 0)

/** Sets the nice value, -20..19, of every thread of this process; below the present one with CAP_SYS_NICE. nice(2) */
export function setNiceness(nice: number): SystemResult {
  return forEachThread(thread => {
    try {
      setPriority(thread, nice)
      return {ok: true, value: 0}
    } catch (error) {
      return {ok: false, reason: (error as {info?: {code?: string}}).info?.code ?? errorText(error)}
    }
  })
}

/** Holds every thread of this process to these processors, numbers from 0; none means all. sched_setaffinity(2) */
export function runOn(processors: readonly number[]): SystemResult {
  const mask = Buffer.alloc(PROCESSORS / 8, processors.length === 0 ? 0xff : 0)
  for (const processor of processors) mask[processor >> 3] = (mask[processor >> 3] ?? 0) | (1 << (processor & 7))
  return forEachThread(thread => setAffinity(thread, mask))
}

/**
 * RLIMIT_RTTIME: a thread in real-time priority that computes so long without waiting once, microseconds, is killed by
 * the kernel, along with its process. getrlimit(2)
 */
export function limitRealTime(limitUs: number): SystemResult {
  const limit = Buffer.alloc(16)
  limit.writeBigUInt64LE(BigInt(limitUs), 0)
  limit.writeBigUInt64LE(BigInt(limitUs), 8)
  return setLimit(RLIMIT_RTTIME, limit)
}

/** <linux/sched.h>, <asm-generic/resource.h>, CPU_SETSIZE of <sched.h> */
const SCHED_OTHER = 0
const SCHED_RR = 2
const SCHED_RESET_ON_FORK = 0x4000_0000
const RLIMIT_RTTIME = 15
const PROCESSORS = 1_024
const LOWEST_REAL_TIME_PRIORITY = 1

function schedule(policy: number, priority: number): SystemResult {
  const parameters = Buffer.alloc(4)
  parameters.writeInt32LE(priority, 0)
  return forEachThread(thread => setScheduler(thread, policy | SCHED_RESET_ON_FORK, parameters))
}

/** Its threads begin all together, with the first work that they are given, and would begin as ordinary ones. */
function startThreadPool(): void {
  stat('/', () => {})
}

/** Linux keeps these settings for each thread; one that begins later inherits them. The first failure is the answer. */
function forEachThread(set: (thread: number) => SystemResult): SystemResult {
  let result: SystemResult = {ok: true, value: 0}
  for (const thread of threads()) {
    const each = set(thread)
    // A thread that ended meanwhile needs nothing.
    if (!each.ok && each.reason !== 'ESRCH' && result.ok) result = each
  }
  return result
}

function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number)
  } catch {
    return [0]
  }
}
