/** What a backup's patience depends on. */
export interface TimerInput {
  readonly version: 2 | 3
  readonly intervalMs: number
  /** Of the backup. */
  readonly priority: number
}

/**
 * Skew_Time, milliseconds: RFC 3768 section 6.1 (version 2: of one second, whatever the interval) and RFC 9568
 * section 6.1 (version 3: of the interval). Written down here again so that the program is not measured by itself.
 */
export const skewTimeMs = ({version, intervalMs, priority}: TimerInput): number =>
  ((256 - priority) / 256) * (version === 2 ? 1_000 : intervalMs)

/** Last advertisement of a silent master to the first of its backup, milliseconds. */
export const takeoverMs = (input: TimerInput): number => 3 * input.intervalMs + skewTimeMs(input)
