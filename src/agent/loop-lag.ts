import {monitorEventLoopDelay} from 'node:perf_hooks'
import type {LoopLag} from './channel.ts'

const RESOLUTION_MS = 20

/** Starts to measure how late this process' event loop runs; each call of the result reports and starts anew. */
export function measureLoopLag(): () => LoopLag {
  const histogram = monitorEventLoopDelay({resolution: RESOLUTION_MS})
  histogram.enable()
  return () => {
    const lateness = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? Math.max(0, Math.round(nanoseconds / 1e4) / 100 - RESOLUTION_MS) : 0
    const lag = {
      p50: lateness(histogram.percentile(50)),
      p99: lateness(histogram.percentile(99)),
      max: histogram.count > 0 ? lateness(histogram.max) : 0,
    }
    histogram.reset()
    return lag
  }
}
