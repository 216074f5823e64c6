import type {Check, CheckReply} from '../../control/check-model.ts'
import type {Override} from '../../control/model.ts'
import type {CheckHandlers, Observed} from '../../control/routes.ts'
import {HactlError} from '../../errors.ts'
import {covers, type Pause, type PauseScope, type Pauses, pauseOverride} from './checks-pauses.ts'
import type {CheckerRun, Servers} from './checks-run.ts'
import type {ProbeScheduler} from './checks-scheduler.ts'
import {checkView, isFailing, recordsOf, type Selection, select, type Which} from './checks-views.ts'

/** What the calls of the API work on. */
export interface ChecksParts {
  /** Throws TIMED_OUT while there is no configuration yet. */
  readonly servers: () => Servers
  readonly scheduler: ProbeScheduler<CheckerRun>
  readonly pauses: Pauses
  /** Writes down what an operator ordered. */
  readonly noteOrder: (text: string, facts: {readonly [key: string]: string | null}) => void
}

/** Checkers that a call runs at most: each takes its time, and somebody waits. */
const MAX_RUN_AT_ONCE = 64
const RECORDS_UNLESS_GIVEN = 100

/** The calls of the API that concern checkers. */
export function makeChecksHandlers({servers, scheduler, pauses, noteOrder}: ChecksParts): CheckHandlers {
  const view = (checker: CheckerRun): Check => {
    const dueAt = scheduler.dueAt(checker)
    const nextInMs = dueAt === undefined ? undefined : Math.max(0, dueAt - performance.now())
    return checkView(checker, {now: Date.now(), nextInMs})
  }
  const reply = (checkers: readonly CheckerRun[]): Observed<CheckReply> => seen({checks: checkers.map(view)})
  return {
    checks: async ({service, real, failing}) => {
      const {checkers} = select(servers(), {service, real})
      return seen((failing === true ? checkers.filter(isFailing) : checkers).map(view))
    },
    checkHistory: async ({service, real, limit = RECORDS_UNLESS_GIVEN}) =>
      seen(recordsOf(select(servers(), {service, real}).checkers, limit)),
    runChecks: async ({service, real}) => {
      const checkers = required(select(servers(), {service, real}))
      if (checkers.length > MAX_RUN_AT_ONCE) {
        const message = `these are ${checkers.length} checkers, and ${MAX_RUN_AT_ONCE} at most can be run at once`
        throw new HactlError('REFUSED', message, 'name a real server')
      }
      // What a file or a session says counts already.
      const ran = await Promise.all(checkers.map(each => each.isTold || scheduler.runNow(each)))
      return reply(checkers.filter((_, i) => ran[i] !== undefined))
    },
    pauseChecks: async ({service, real, reason, forSeconds}) => {
      const selection = select(servers(), {service, real})
      const checkers = required(selection)
      const until = forSeconds === undefined ? null : new Date(Date.now() + forSeconds * 1_000).toISOString()
      const why = reason === undefined || reason.trim() === '' ? null : reason.trim()
      await pauses.add(scopesOf(selection, {service, real}), {reason: why, until})
      const text = `checks of ${inWords({service, real})} paused`
      noteOrder(why === null ? text : `${text}: ${why}`, {...factsOf({service, real}), until})
      return reply(checkers)
    },
    resumeChecks: async ({service, real}) => {
      const selection = select(servers(), {service, real})
      const {checkers} = selection
      const scopes = scopesOf(selection, {service, real})
      const goes = (pause: Pause): boolean => scopes.some(scope => covers(scope, pause))
      const broader = checkers.map(({pause}) => pause).find(pause => pause !== undefined && !goes(pause))
      if (broader !== undefined) {
        const message = `they are paused together with others by ${broader.id}`
        throw new HactlError('REFUSED', message, `resume those too: hactl agent override cancel ${broader.id}`)
      }
      if (pauses.list.some(goes)) {
        await pauses.remove(goes)
        noteOrder(`checks of ${inWords({service, real})} resumed`, factsOf({service, real}))
      }
      return reply(checkers)
    },
  }
}

/** Ends one pause by its name among the overrides; rejects with NOT_FOUND, or as `Pauses.remove` does. */
export async function cancelPause(
  {pauses, servers, noteOrder}: Pick<ChecksParts, 'pauses' | 'servers' | 'noteOrder'>,
  id: string,
): Promise<Observed<Override>> {
  const pause = pauses.list.find(each => each.id === id)
  if (!pause) throw new HactlError('NOT_FOUND', `there is no override ${id}`, 'hactl agent overrides lists them')
  const described = pauseOverride(pause, appliesTo(servers(), pause))
  await pauses.remove(each => each.id === id)
  noteOrder(`override taken back: ${described.instance ?? 'all virtual servers'}: ${described.text}`, {id})
  return seen(described)
}

/** Whether the configuration has anything that a pause concerns. */
export function appliesTo(servers: Servers, {virtualServer, realServer}: PauseScope): boolean {
  const meant = virtualServer === null ? [...servers.values()] : [servers.get(virtualServer)]
  return meant.some(server => server?.realServers.some(({plan}) => realServer === null || plan.name === realServer))
}

/** What is meant as pauses name it: new real servers of a virtual server that is paused are paused, too. */
function scopesOf({parts}: Selection, {service, real}: Which): readonly PauseScope[] {
  if (service === undefined && real === undefined) return [{virtualServer: null, realServer: null}]
  return parts.flatMap(({server, realServers}): readonly PauseScope[] => {
    const virtualServer = server.plan.name
    if (real === undefined) return [{virtualServer, realServer: null}]
    return realServers.map(({plan}) => ({virtualServer, realServer: plan.name}))
  })
}

function required({checkers}: Selection): readonly CheckerRun[] {
  if (checkers.length === 0) throw new HactlError('NOT_FOUND', 'the configuration has no checker')
  return checkers
}

function inWords({service, real}: Which): string {
  if (real === undefined) return service ?? 'all virtual servers'
  return service === undefined ? real : `${real} of ${service}`
}

const factsOf = ({service, real}: Which): {readonly [key: string]: string | null} => ({
  service: service ?? null,
  real: real ?? null,
})

const seen = <Value>(value: Value): Observed<Value> => ({observedAt: new Date().toISOString(), value})
