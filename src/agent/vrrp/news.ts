import type {JournalEntry, JournalKind} from '../../core/journal/record.ts'
import type {NotifiedState} from '../../core/notify/notification.ts'
import {type Track, trackAdds} from '../../core/track/tracking.ts'
import type {MonotonicMs} from '../../core/units.ts'
import {describeFollowing, describeTransition} from '../../core/vrrp/describe.ts'
import type {RouterNews} from '../channel.ts'
import {causeOf, FOLLOWED} from './cause.ts'
import type {Router} from './router.ts'
import type {Movement} from './unit.ts'

/** A record of something that happened to a virtual router, or to the node when none is named. */
export function entry(
  kind: JournalKind,
  router: Router | undefined,
  text: string,
  facts: JournalEntry['facts'] = {},
): JournalEntry {
  const at = new Date().toISOString()
  return {at, kind, ...(router ? {instance: router.config.name} : {}), text, facts}
}

/** Notes a change of state on the router itself, and puts it into words. */
export function noteMovement({router, before, event, follows}: Movement, now: MonotonicMs): JournalEntry {
  const {config, state} = router
  router.since = new Date()
  router.reason = follows
    ? describeFollowing(follows.config.name, state)
    : describeTransition({config, before, event, after: state, now})
  if (state.name === 'master') router.counters.becameMaster++
  if (before.name === 'master') router.counters.releasedMaster++
  return entry('transition', router, `${before.name} -> ${state.name}: ${router.reason}`, {
    from: before.name,
    to: state.name,
    cause: follows ? FOLLOWED : causeOf(before, event),
    priority: state.conditions.priority,
    basePriority: config.priority,
  })
}

/** What scripts, pipes and mail are told of a state; `ends`: what a router that stops is told to be in. */
export function stateNews({config, state}: Router, ends: NotifiedState | undefined): RouterNews | undefined {
  const notified = state.name === 'init' ? ends : NOTIFIED[state.name]
  if (notified === undefined) return undefined
  return {type: 'state', name: config.name, state: notified, priority: state.conditions.priority}
}

const NOTIFIED = {master: 'MASTER', backup: 'BACKUP', fault: 'FAULT'} as const

/** A priority that changed, and what makes it what it is. */
export function priorityEntry(router: Router, from: number, tracks: readonly Track[], tracker?: string): JournalEntry {
  const {config, state} = router
  const to = state.conditions.priority
  const applied = tracks
    .filter(track => trackAdds(config.priority, track) !== 0)
    .map(
      track => `${track.label} ${trackAdds(config.priority, track) > 0 ? '+' : ''}${trackAdds(config.priority, track)}`,
    )
  const weights = applied.length === 0 ? 'no weight applies' : applied.join(', ')
  return entry('priority-changed', router, `priority ${from} -> ${to}: ${weights}`, {
    from,
    to,
    base: config.priority,
    tracker: tracker ?? null,
  })
}
