import {alone, converted, whole} from '../schema/arguments.ts'
import {setting, settings} from '../schema/entries.ts'
import {type Argument, type Entry, REFUSED, type Schema} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {renamed} from './deprecated.ts'
import {held, MAX_UNSIGNED, optional} from './global-arguments.ts'

/** How the processes share the processors, in `global_defs`. */
export interface GlobalSchedulingSettings {
  /** Greatest real-time priority taken by itself when late; 0: none, -1: none, and not advised to. */
  readonly maxAutoPriority: number
  readonly minAutoPriorityDelayUs: number
  readonly vrrpNice: number
  readonly checkerNice: number
  readonly bfdNice: number
  readonly vrrpNoSwap: boolean
  readonly checkerNoSwap: boolean
  readonly bfdNoSwap: boolean
  readonly vrrpRealTimePriority: number | undefined
  readonly checkerRealTimePriority: number | undefined
  readonly bfdRealTimePriority: number | undefined
  /** Numbers of processors; none: all. */
  readonly vrrpCpuAffinity: readonly number[]
  readonly checkerCpuAffinity: readonly number[]
  readonly bfdCpuAffinity: readonly number[]
  readonly vrrpRealTimeLimitUs: number
  readonly checkerRealTimeLimitUs: number
  readonly bfdRealTimeLimitUs: number
}

/** CPU_SETSIZE - 1 of <sched.h>. */
const LAST_CPU = 1_023

const CPUS: Argument<readonly number[]> = {
  form: `CPU …, each 0..${LAST_CPU}`,
  read: cursor => {
    const cpus = new Set<number>()
    const first = cursor.require()
    if (first === REFUSED) return REFUSED
    for (let given = first as typeof first | undefined; given; given = cursor.next()) {
      const cpu = Number(given.text)
      if (!/^\d{1,4}$/.test(given.text) || cpu > LAST_CPU) {
        const message = `${cursor.show(given)} is not the number of a processor; all processors are used`
        return cursor.fail(given, message, `0 to ${LAST_CPU}, with spaces between them`)
      }
      cpus.add(cpu)
    }
    return [...cpus]
  },
  print: cpus => (cpus.length === 0 ? undefined : cpus.join(' ')),
}

/** Several lines add up; a wrong number takes them all back. */
function affinity(process: string, what: string): Entry<readonly number[]> {
  const name = `${process}_cpu_affinity`
  const entry = setting(name, CPUS, {
    initial: [] as readonly number[],
    doc: `processors that the process of the ${what} runs on`,
    defaultText: 'all',
  })
  return {
    ...entry,
    repeats: 'collects',
    read: (statement, previous, context) => {
      const cpus = readArguments(statement, CPUS, context)
      if (cpus === REFUSED) return statement.words.length > 0 && previous.length > 0 ? [] : REFUSED
      return [...new Set([...previous, ...cpus])]
    },
  }
}

const nice = (process: string, what: string): Entry<number> =>
  setting(`${process}_priority`, whole({min: -20, max: 19}), {
    initial: 0,
    doc: `nice value of the process of the ${what}: the lower, the more it runs`,
    defaultText: '0',
  })

const noSwap = (process: string, what: string): Entry<boolean> =>
  setting(`${process}_no_swap`, alone(true), {
    initial: false,
    doc: `keep the process of the ${what} in memory`,
    defaultText: 'off',
  })

const realTimePriority = (process: string, what: string): Entry<number | undefined> =>
  setting(`${process}_rt_priority`, held({min: 1, max: 99}), {
    initial: undefined,
    doc: `real-time priority of the process of the ${what}`,
    defaultText: 'none',
  })

/** keepalived takes 1 as 2. */
const LIMIT_US: Argument<number> = {
  ...converted(whole({min: 1, max: MAX_UNSIGNED}), us => Math.max(2, us), Number),
  form: `1..${MAX_UNSIGNED} microseconds`,
}

const realTimeLimit = (process: string, what: string): Entry<number> =>
  settings(
    {
      [`${process}_rlimit_rttime`]: LIMIT_US,
      [`${process}_rlimit_rtime`]: renamed(LIMIT_US, `${process}_rlimit_rttime`),
    },
    {
      initial: 10_000,
      doc: `longest time that the process of the ${what} may compute without waiting, in real-time priority`,
      defaultText: '10000',
    },
  )

const VRRP = ['vrrp', 'virtual routers'] as const
const CHECKER = ['checker', 'virtual servers'] as const
const BFD = ['bfd', 'BFD sessions'] as const

/** The entries of how the processes share the processors, in `global_defs`. */
export const GLOBAL_SCHEDULING: Schema<GlobalSchedulingSettings> = {
  maxAutoPriority: setting('max_auto_priority', optional(whole({min: -1, max: 99}), 99), {
    initial: 0,
    doc: 'greatest real-time priority to take by itself when late; 0 for none, -1 for none without the advice',
    defaultText: '0; 99 when no number is named',
  }),
  minAutoPriorityDelayUs: setting(
    'min_auto_priority_delay',
    {...whole({min: 1, max: 10_000_000}), form: '1..10000000 microseconds'},
    {
      initial: 1_000_000,
      doc: 'lateness from which the real-time priority is raised',
      defaultText: '1000000',
    },
  ),
  vrrpNice: nice(...VRRP),
  checkerNice: nice(...CHECKER),
  bfdNice: nice(...BFD),
  vrrpNoSwap: noSwap(...VRRP),
  checkerNoSwap: noSwap(...CHECKER),
  bfdNoSwap: noSwap(...BFD),
  vrrpRealTimePriority: realTimePriority(...VRRP),
  checkerRealTimePriority: realTimePriority(...CHECKER),
  bfdRealTimePriority: realTimePriority(...BFD),
  vrrpCpuAffinity: affinity(...VRRP),
  checkerCpuAffinity: affinity(...CHECKER),
  bfdCpuAffinity: affinity(...BFD),
  vrrpRealTimeLimitUs: realTimeLimit(...VRRP),
  checkerRealTimeLimitUs: realTimeLimit(...CHECKER),
  bfdRealTimeLimitUs: realTimeLimit(...BFD),
}
