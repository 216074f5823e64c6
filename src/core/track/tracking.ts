import type {Priority} from '../units.ts'
import {OWNER_PRIORITY} from '../vrrp/config.ts'

/** What a tracked thing is held to be; `unknown` until it has been seen once. */
export type Verdict = 'unknown' | 'good' | 'bad'

/** One thing that an instance tracks, as it stands. */
export interface Track {
  readonly kind: 'interface' | 'script' | 'file' | 'process' | 'bfd'
  /** For instance "script chk_nginx". */
  readonly label: string
  /** -254..254; 0 means that bad is a fault. */
  readonly weight: number
  /** The weight counts with the other sign; where it is 0, good is a fault. */
  readonly reverse: boolean
  /** Of a file: whether it could be read; only its value counts. */
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
 * unknown; what a file holds is multiplied by its weight; the sum is held to 1..254. Weight 0: bad is a fault, and an
 * unknown script or process keeps the router in init. An interface or a BFD session that nobody has seen is down. The
 * address owner's 255 is never changed, and nothing with a weight is a fault of his. keepalived.conf(5), measured.
 */
export function evaluateTracks(base: Priority, tracks: readonly Track[]): Tracking {
  const faults: string[] = []
  const waitingFor: string[] = []
  let sum: number = base
  for (const track of tracks) {
    const effect = effectOf(track)
    if (effect === 'unknown') waitingFor.push(track.label)
    else if (effect !== 'fault') sum += effect
    else if (base !== OWNER_PRIORITY || track.weight === 0) faults.push(faultText(track))
  }
  const effective = base === OWNER_PRIORITY ? base : (Math.min(254, Math.max(1, sum)) as Priority)
  return {priority: effective, faults, waitingFor}
}

/** What one track adds to the priority now; `reverse` turns the sign round, and not when it counts. */
export function trackAdds(base: Priority, track: Track): number {
  const effect = base === OWNER_PRIORITY ? 0 : effectOf(track)
  return typeof effect === 'number' ? effect : 0
}

/** A file whose value comes to this is a fault; keepalived has no more than the greatest of the others. */
const FILE_FAULT = -254
const FILE_GREATEST = 253

function effectOf(track: Track): number | 'fault' | 'unknown' {
  const {kind, weight, reverse} = track
  if (kind === 'file') return fileEffect(track)
  const verdict = track.verdict === 'unknown' && isDownUntilSeen(kind) ? 'bad' : track.verdict
  if (weight !== 0) return verdict === (weight > 0 ? 'good' : 'bad') ? signed(weight, reverse) : 0
  if (verdict === 'unknown') return 'unknown'
  return (verdict === 'bad') === reverse ? 0 : 'fault'
}

/** A file that is not there or was never read holds 0. */
function fileEffect({weight, reverse, value = 0}: Track): number | 'fault' {
  if (weight === 0) return (value !== 0) === reverse ? 0 : 'fault'
  const product = signed(value * weight, reverse)
  return product <= FILE_FAULT ? 'fault' : Math.min(FILE_GREATEST, product)
}

function faultText({kind, label, value = 0, detail}: Track): string {
  if (kind === 'file') return `${label} holds ${value}`
  // What is said of an interface names it already.
  if (kind === 'interface' && detail) return detail
  return detail ? `${label}: ${detail}` : `${label} is bad`
}

/** A BFD session is down until it says otherwise, and an interface that nobody knows is not there. RFC 5880, 6.2. */
const isDownUntilSeen = (kind: Track['kind']): boolean => kind === 'interface' || kind === 'bfd'

/** Without a negative zero. */
const signed = (n: number, reverse: boolean): number => (reverse ? 0 - n : n + 0)
