import type {ClusterPicture} from '../watch/model.ts'

/** How far two remembered rates lie apart, milliseconds. */
export const HISTORY_EVERY_MS = 2_000
/** How many are remembered of each name: a minute. */
export const HISTORY_SAMPLES = 30
/** More services and real servers than a cluster has; what comes later is not remembered. */
const MAX_NAMES = 50_000

/** Connections per second of services and real servers, of the last minute. */
export interface RateHistory {
  /** Remembers the rates of the newest picture, at most once in `HISTORY_EVERY_MS`. */
  readonly take: (picture: ClusterPicture) => void
  /** Oldest first, by name ("service", "service real"); NaN where nothing was known. Empty: nothing is remembered. */
  readonly of: (name: string) => readonly number[]
}

/** An empty history; bounded, about 160 bytes a name. */
export function rateHistory(maxNames = MAX_NAMES): RateHistory {
  const kept = new Map<string, Kept>()
  let newest = Number.NEGATIVE_INFINITY
  const put = (name: string, value: number): void => {
    const old = kept.get(name)
    if (old !== undefined) write(old, newest, value)
    else if (kept.size < maxNames) {
      const values = new Float32Array(HISTORY_SAMPLES)
      values[newest % HISTORY_SAMPLES] = value
      kept.set(name, {values, first: newest, last: newest})
    }
  }
  return {
    take: picture => {
      const slot = Math.floor(picture.nowMs / HISTORY_EVERY_MS)
      if (slot === newest || !Number.isFinite(slot)) return
      // A clock that was set back would leave what is newer than now.
      if (slot < newest) kept.clear()
      newest = slot
      for (const {name, connectionsPerSecond, realServers} of picture.services) {
        put(name, connectionsPerSecond)
        for (const real of realServers) put(`${name} ${real.name}`, real.connectionsPerSecond)
      }
      for (const [name, {last}] of kept) if (newest - last >= HISTORY_SAMPLES) kept.delete(name)
    },
    of: name => {
      const found = kept.get(name)
      return found === undefined ? [] : read(found, newest)
    },
  }
}

/** Values by the number of their time slot, modulo `HISTORY_SAMPLES`. */
interface Kept {
  readonly values: Float32Array
  readonly first: number
  last: number
}

function write(kept: Kept, slot: number, value: number): void {
  const {values, last} = kept
  const missing = Math.min(slot - last - 1, HISTORY_SAMPLES)
  for (let i = 1; i <= missing; i++) values[(last + i) % HISTORY_SAMPLES] = Number.NaN
  values[slot % HISTORY_SAMPLES] = value
  kept.last = slot
}

function read({values, first, last}: Kept, newest: number): readonly number[] {
  const from = Math.max(first, newest - HISTORY_SAMPLES + 1)
  return Array.from({length: newest - from + 1}, (_, i) => {
    const slot = from + i
    return slot > last ? Number.NaN : (values[slot % HISTORY_SAMPLES] ?? Number.NaN)
  })
}

/** Rates as a row of symbols of equal width, the newest at the right; a blank where nothing is known. */
export function sparkline(values: readonly number[], {symbols, width}: SparklineForm): string {
  const shown = values.slice(-width)
  const most = Math.max(0, ...shown.filter(value => !Number.isNaN(value)))
  const top = symbols.length - 1
  const drawn = shown.map(value => {
    if (Number.isNaN(value)) return ' '
    if (value <= 0 || most <= 0) return symbols[0] ?? ' '
    // Whatever is more than nothing is seen.
    return symbols[Math.min(top, Math.max(1, Math.round((value / most) * top)))] ?? ' '
  })
  return drawn.join('').padStart(width)
}

/** How rates are drawn. */
export interface SparklineForm {
  /** From nothing to most; `Glyphs.spark`. */
  readonly symbols: readonly string[]
  /** Columns of the terminal. */
  readonly width: number
}
