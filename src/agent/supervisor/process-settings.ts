import type {Config} from '../../config/config.ts'
import type {ProcessSettings} from '../own-process.ts'

/** The agent's other processes, by what `agent status` calls them. */
export type ChildName = 'vrrp' | 'check'

/**
 * The kernel kills what computes in real-time priority without ever waiting. JavaScript takes longer than keepalived's
 * 10 ms to start or to collect garbage, so shorter limits are lifted to what the watchdog grants, microseconds.
 */
const LEAST_REAL_TIME_LIMIT_US = 5_000_000
/** The priority that the vrrp process has where the configuration says nothing, so that it need not wait. sched(7) */
const USUAL_VRRP_PRIORITY = 1
/** A child gets no less to withdraw what it owns, ms: with keepalived's 0 its addresses would stay behind. */
const LEAST_CHILD_WAIT_MS = 1_500

/** How a child is to run. keepalived.conf(5), `vrrp_priority` and what follows it */
export function processSettings({global}: Config, child: ChildName): ProcessSettings {
  const common = {
    greatestAutoPriority: Math.max(0, global.maxAutoPriority),
    autoPriorityDelayMs: global.minAutoPriorityDelayUs / 1_000,
  }
  if (child === 'check') {
    return {
      ...common,
      name: global.checkerProcessName ?? 'hactl_check',
      nice: global.checkerNice,
      realTime: asked(global.checkerRealTimePriority),
      realTimeLimitUs: Math.max(LEAST_REAL_TIME_LIMIT_US, global.checkerRealTimeLimitUs),
      processors: global.checkerCpuAffinity,
      keepInMemory: global.checkerNoSwap,
    }
  }
  // A nice value has no effect in real-time priority, so whoever sets one wants none.
  const usual = global.vrrpNice === 0 ? {priority: USUAL_VRRP_PRIORITY, asked: false} : undefined
  return {
    ...common,
    name: global.vrrpProcessName ?? 'hactl_vrrp',
    nice: global.vrrpNice,
    realTime: asked(global.vrrpRealTimePriority) ?? usual,
    realTimeLimitUs: Math.max(LEAST_REAL_TIME_LIMIT_US, global.vrrpRealTimeLimitUs),
    processors: global.vrrpCpuAffinity,
    keepInMemory: global.vrrpNoSwap,
  }
}

/** What the supervisor is called. keepalived.conf(5), `process_name` */
export const supervisorName = ({global}: Config): string => global.processName ?? 'hactl'

/** How long a child may take to withdraw and end, milliseconds. keepalived.conf(5), `child_wait_time` */
export const childWaitMs = ({childWaitTimeMs}: Config): number => Math.max(LEAST_CHILD_WAIT_MS, childWaitTimeMs)

const asked = (priority: number | undefined): ProcessSettings['realTime'] =>
  priority === undefined ? undefined : {priority, asked: true}
