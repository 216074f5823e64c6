import type {Priority} from '../units.ts'

/** Silent intervals before a backup takes over. RFC 9568 section 6.1, Active_Down_Interval. */
export const DOWN_INTERVALS = 3

/**
 * How much longer than three intervals a backup waits, milliseconds, so that the highest priority is first.
 * Version 2: (256 - priority) / 256 s whatever the interval (RFC 3768 section 6.1);
 * version 3: (256 - priority) / 256 of the master's interval (RFC 9568 section 6.1).
 */
export function skewMs(version: 2 | 3, priority: Priority, intervalMs: number): number {
  return ((256 - priority) * (version === 2 ? 1000 : intervalMs)) / 256
}

/** How long a master may be silent before a backup of this priority takes over, milliseconds. */
export function masterDownIntervalMs(version: 2 | 3, priority: Priority, intervalMs: number): number {
  return DOWN_INTERVALS * intervalMs + skewMs(version, priority, intervalMs)
}
