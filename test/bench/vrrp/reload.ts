import {CONFIG_FILE} from '../../lab/daemon.ts'
import {sleep, until} from '../../lab/wait.ts'
import {CHANGED_BY, type Crowd, crowdConfig, type Deviation, INTERVAL_MS, mastersAre} from './crowd.ts'
import {excessesMs} from './lateness.ts'

/** What a reload did to the virtual routers whose configuration stayed as it was, and to the others. */
export interface Reload {
  readonly untouched: number
  /** Longest time between two of their advertisements, over the interval, milliseconds. */
  readonly maxExcessMs: number
  /** How many of their advertisements were late by more than an interval, or lost. */
  readonly lost: number
  /** From the signal to the last changed priority on the wire, milliseconds. */
  readonly changedAfterMs: number
}

/** Removed and changed, in all. */
export const TOUCHED = 50

/**
 * Reloads the better node twice: the first removes one half of those that are touched and changes the other, the second
 * adds and changes them back.
 */
export async function measureReload(crowd: Crowd): Promise<readonly [Reload, Reload]> {
  const touched = crowd.vrids.slice(0, Math.min(TOUCHED, Math.floor(crowd.vrids.length / 2)))
  const half = Math.ceil(touched.length / 2)
  const deviation = {removed: touched.slice(0, half), changed: touched.slice(half)}
  return [await reloadOnce(crowd, deviation, deviation), await reloadOnce(crowd, {}, deviation)]
}

async function reloadOnce(crowd: Crowd, deviation: Deviation, touched: Required<Deviation>): Promise<Reload> {
  const {better, capture, vrids} = crowd
  const untouched = vrids.filter(vrid => !touched.removed.includes(vrid) && !touched.changed.includes(vrid))
  better.host.writeFile(CONFIG_FILE, crowdConfig(vrids, better, deviation))
  // Each has an advertisement before the signal, so that a gap at the signal is seen.
  const fromMs = Date.now()
  await sleep(2 * INTERVAL_MS)
  const signalledAtMs = Date.now()
  better.daemon?.process.signal('SIGHUP')
  const priority = better.priority + (deviation.changed === undefined ? 0 : CHANGED_BY)
  const seen = (): readonly number[] =>
    capture.adverts({source: better.address, priority, fromMs: signalledAtMs}).map(({vrid}) => vrid)
  await until(
    () => `priority ${priority} on the wire`,
    () => {
      const found = new Set(seen())
      return touched.changed.every(vrid => found.has(vrid))
    },
    {timeoutMs: 20_000, everyMs: 50},
  )
  const firsts = touched.changed.map(
    vrid => capture.adverts({source: better.address, vrid, priority, fromMs: signalledAtMs})[0]?.atMs ?? Number.NaN,
  )
  const remaining = vrids.filter(vrid => !deviation.removed?.includes(vrid))
  await mastersAre({capture, vrids: remaining}, better, Date.now())
  await sleep(3 * INTERVAL_MS)
  await capture.settle()
  const excesses = excessesMs(crowd, {source: better.address, fromMs}, untouched)
  const maxExcessMs = Math.max(...excesses)
  return {
    untouched: untouched.length,
    maxExcessMs,
    lost: excesses.filter(excess => excess > INTERVAL_MS).length,
    changedAfterMs: Math.max(...firsts) - signalledAtMs,
  }
}
