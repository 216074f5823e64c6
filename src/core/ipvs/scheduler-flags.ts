import type {SchedulerFlag} from './model.ts'

const GENERIC: readonly (readonly [string, SchedulerFlag])[] = [
  ['flag-1', 1],
  ['flag-2', 2],
  ['flag-3', 3],
]

/** The schedulers that have names for their flags. <linux/ip_vs.h> IP_VS_SVC_F_SCHED_SH_* and IP_VS_SVC_F_SCHED_MH_* */
const NAMED = ['sh', 'mh']

/** The names of a scheduler's flags, its own ones first. ipvsadm(8) -b */
export function schedulerFlagNames(scheduler: string): ReadonlyMap<string, SchedulerFlag> {
  const own: readonly (readonly [string, SchedulerFlag])[] = NAMED.includes(scheduler)
    ? [
        [`${scheduler}-fallback`, 1],
        [`${scheduler}-port`, 2],
      ]
    : []
  return new Map([...own, ...GENERIC])
}

/** A flag of a scheduler as it is called: "sh-port", or "flag-1" where it has no name. */
export function schedulerFlagName(scheduler: string, flag: SchedulerFlag): string {
  for (const [name, meant] of schedulerFlagNames(scheduler)) if (meant === flag) return name
  return `flag-${flag}`
}
