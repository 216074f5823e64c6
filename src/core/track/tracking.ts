import type {Priority} from '../units.ts'
import {OWNER_PRIORITY} from '../vrrp/config.ts'

/** What a tracked thing is held to be; `unknown` until it has been seen once. */
export type Verdict = 'unknown' | 'good' | 'bad'

/** One thing that an instance tracks, as it stands. */
export interface Track {
  /** For instance "script chk_nginx". */
  readonly label: string
  /** -253..253; 0 means that bad is a fault. */
  readonly weight: number
  /** The weight counts with the other sign; where it is 0, good is a fault. */
  readonly reverse: boolean
  readonly verdict: Verdict
  /** What a tracked file holds: it is multiplied by the weight. */
  readonly value?: number | undefined
  /** Why it is bad or good: "exit status 1"; undefined when there is nothing to say. */
  readonly detail: string | undefined
}

/** What all tracks of an instance come to. */
export interface Tracking {
  readonly priority: Priority
  readonly faults: readonly string[]
  readonly waitingFor: readonly string[]
}

/**
 * Adds the tracks up as keepalived does: weight above 0 is added while good, below 0 while bad, nothing while
 * unknown; the sum is held to 1..254. The address owner's 255 is never changed. Weight 0: bad is a fault, and
 * unknown keeps the router in init.
 */
export function evaluateTracks(base: Priority, tracks: readonly Track[]): Tracking {
  const faults: string[] = []
  const waitingFor: string[] = []
  let sum: number = base
  for (const track of tracks) {
    sum += trackAdds(base, track)
    if (track.weight !== 0) continue
    if (track.verdict === 'unknown') waitingFor.push(track.label)
    else if (isBad(track)) faults.push(track.detail ? `${track.label}: ${track.detail}` : `${track.label} is bad`)
  }
  const effective = base === OWNER_PRIORITY ? base : (Math.min(254, Math.max(1, sum)) as Priority)
  return {priority: effective, faults, waitingFor}
}

/** What one track adds to the priority now; `reverse` turns the sign round, and not when it counts. */
export function trackAdds(base: Priority, {weight, reverse, verdict}: Track): number {
  if (base === OWNER_PRIORITY || verdict === 'unknown' || weight === 0) return 0
  if (verdict !== (weight > 0 ? 'good' : 'bad')) return 0
  return reverse ? -weight : weight
}

const isBad = (track: Track): boolean => (track.verdict === 'bad') !== track.reverse
