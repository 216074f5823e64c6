import type {IpAddress} from '../../core/ip.ts'
import type {MonotonicMs} from '../../core/units.ts'
import type {Context} from './context.ts'
import {entry, noteMovement, stateNews} from './news.ts'
import {perform} from './perform.ts'
import {checkRivals} from './rivals.ts'
import type {Router} from './router.ts'
import type {Advance, Unit} from './unit.ts'

/** Does what an event asks for, advertisements first; what happened is told afterwards. */
export function carryOut(context: Context, unit: Unit, {actions, movements}: Advance, now: MonotonicMs): void {
  const {kernel, listener} = context
  for (const {member, action} of actions) {
    const router = unit.routers[member] as Router
    if (router.observed) continue
    if (action.type === 'report-lower-priority') lowerPriorityHeard(context, router, action)
    else perform(kernel, router, action)
  }
  for (const movement of movements) {
    const {router} = movement
    listener.onJournal(noteMovement(movement, now))
    const news = router.observed ? undefined : stateNews(router, undefined)
    if (news) listener.onNews(news)
    checkRivals(context, router, now)
    listener.onRouterChanged(router, true)
  }
  if (unit.deadline !== undefined) listener.onDeadline(unit.deadline)
}

function lowerPriorityHeard(
  {listener}: Context,
  router: Router,
  {source, priority}: {readonly source: IpAddress; readonly priority: number},
): void {
  const {config, state} = router
  const text = `${source} advertises lower priority ${priority}`
  listener.onJournal(entry('lower-priority-heard', router, text, {source, priority}))
  listener.onNews({type: 'lower-priority-heard', name: config.name, priority: state.conditions.priority})
}
