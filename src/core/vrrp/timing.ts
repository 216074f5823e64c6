import type {Priority} from '../units.ts'
import type {VrrpConfig} from './config.ts'

/** What the timers of a virtual router are made of. */
export type TimingConfig = Pick<VrrpConfig, 'version' | 'downTimerAdverts'>

/**
 * How much longer than its silent intervals a backup waits, milliseconds, so that the highest priority is first.
 * Version 2: (256 - priority) / 256 s whatever the interval (RFC 3768 section 6.1);
 * version 3: (256 - priority) / 256 of the master's interval (RFC 9568 section 6.1).
 */
export function skewMs(version: 2 | 3, priority: Priority, intervalMs: number): number {
  return ((256 - priority) * (version === 2 ? 1000 : intervalMs)) / 256
}

/**
 * How long a master may be silent before a backup of this priority takes over, milliseconds: three intervals (RFC 9568
 * section 6.1, Active_Down_Interval), or `down_timer_adverts` of them, and the skew.
 */
export function masterDownIntervalMs(
  {version, downTimerAdverts}: TimingConfig,
  priority: Priority,
  intervalMs: number,
): number {
  return downTimerAdverts * intervalMs + skewMs(version, priority, intervalMs)
}
