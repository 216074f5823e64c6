import type {MonotonicMs} from '../core/units.ts'

/** Milliseconds of CLOCK_MONOTONIC to the nanosecond; the clock that timerfd counts by. */
export function monotonicNow(): MonotonicMs {
  const [seconds, nanoseconds] = process.hrtime()
  return (seconds * 1000 + nanoseconds / 1_000_000) as MonotonicMs
}
