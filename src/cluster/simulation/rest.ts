import {after, type MonotonicMs} from '../../core/units.ts'
import type {VrrpState} from '../../core/vrrp/state.ts'
import type {SyncMember} from '../../core/vrrp/sync-group.ts'

/** What has to repeat itself before nothing else can happen any more. */
export interface Moving {
  readonly units: readonly (readonly SyncMember[])[]
  /** Packets on their way. */
  readonly inFlight: number
  /** How many changes there have been, of states and from outside. */
  readonly changes: number
}

/** Looks at a world once an interval, and notices when it only repeats itself. */
export interface RestWatch {
  /** When it wants to look next. */
  at(): MonotonicMs
  /** True when everything is as it was once before, with no change since. */
  look(moving: Moving): boolean
}

/**
 * The machines are deterministic: where every timer is as far away as it was at an earlier moment, and nothing has
 * changed in between, the same follows for ever. A world of different intervals may take long to repeat itself, and is
 * then watched to its end.
 */
export function watchForRest(now: MonotonicMs, everyMs: number): RestWatch {
  const seen = new Set<string>()
  let at = after(now, everyMs)
  let changes = -1
  return {
    at: () => at,
    look(moving) {
      if (moving.changes !== changes) seen.clear()
      changes = moving.changes
      const picture = pictureOf(moving, at, everyMs)
      at = after(at, everyMs)
      if (picture === undefined) return false
      if (seen.has(picture)) return true
      seen.add(picture)
      return false
    },
  }
}

/** Everything that decides what happens next, with moments as distances from now. */
function pictureOf({units, inFlight}: Moving, now: MonotonicMs, everyMs: number): string | undefined {
  if (inFlight > 0) return undefined
  return units.map(members => members.map(({state}) => stateText(state, now, everyMs)).join(' ')).join('\n')
}

function stateText(state: VrrpState, now: MonotonicMs, everyMs: number): string {
  // A timer that ran out long ago and still waits for the rest of its group waits on; nothing depends on how long.
  const distance = (at: MonotonicMs): number => Math.max(-2 * everyMs, Math.round((at - now) * 1_000) / 1_000)
  const ahead = (at: MonotonicMs | undefined): number => (at === undefined || at <= now ? 0 : distance(at))
  switch (state.name) {
    case 'init':
    case 'fault':
      return state.name
    case 'backup': {
      const {conditions, masterDownAt, masterIntervalMs, preemptAt} = state
      return `b${conditions.priority},${distance(masterDownAt)},${masterIntervalMs},${ahead(preemptAt)}`
    }
    case 'master': {
      const {conditions, advertAt, lastAdvertAt, answerFrom, rival} = state
      const beside = rival ? `,${distance(rival.since)},${distance(rival.at)}` : ''
      return `m${conditions.priority},${distance(advertAt)},${distance(lastAdvertAt)},${ahead(answerFrom)}${beside}`
    }
  }
}
