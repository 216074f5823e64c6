import {type SystemResult, setScheduler} from './libc.ts'

/**
 * Lets this thread run before every ordinary one (SCHED_RR, lowest real-time priority): an advertisement does not wait
 * for somebody else's computation. What the thread starts is ordinary again. Needs CAP_SYS_NICE. sched(7)
 */
export function runBeforeOthers(): SystemResult {
  const parameters = Buffer.alloc(4)
  parameters.writeInt32LE(LOWEST_REAL_TIME_PRIORITY, 0)
  return setScheduler(SCHED_RR | SCHED_RESET_ON_FORK, parameters)
}

/** <linux/sched.h> */
const SCHED_RR = 2
const SCHED_RESET_ON_FORK = 0x4000_0000
const LOWEST_REAL_TIME_PRIORITY = 1
