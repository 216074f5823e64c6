import type {Check, CheckRecord} from '../control/check-model.ts'
import type {AgentClient} from '../control/client.ts'
import type {ListReply} from '../control/model.ts'
import {HactlError} from '../errors.ts'
import type {ChecksReply} from './check-flags.ts'
import type {CheckWithResults} from './check-views.ts'
import {given} from './lvs-flags.ts'

/** Which checkers are asked for. */
export interface WhichChecks {
  readonly service: string
  readonly real: string | undefined
}

/** So many results of each checker are shown, and so many of all of them asked for at most. */
const RESULTS_EACH = 10
const MOST_RESULTS = 10_000

/** Checkers with what they found when they ran last. Throws NOT_FOUND where there is none. */
export async function checksWithResults(
  agent: AgentClient,
  {service, real}: WhichChecks,
): Promise<ListReply<'Check', CheckWithResults>> {
  const which = {service, ...given({real})}
  const reply = await agent.checks(which)
  requireChecks(reply, {service, real})
  // Some run more often than others.
  const limit = Math.min(reply.items.length * RESULTS_EACH * 2, MOST_RESULTS)
  const history = await agent.checkHistory({...which, limit})
  const byChecker = new Map<string, CheckRecord[]>()
  for (const record of history.items) {
    const records = byChecker.get(checkerKey(record))
    if (records === undefined) byChecker.set(checkerKey(record), [record])
    else records.push(record)
  }
  const items = reply.items.map(check => {
    const records = byChecker.get(checkerKey(check)) ?? []
    const results = records.slice(-RESULTS_EACH).map(({at, ok, latencyMs, text}) => ({at, ok, latencyMs, text}))
    return {...check, results}
  })
  return {...reply, items}
}

function requireChecks({items}: ChecksReply, {service, real}: WhichChecks): void {
  if (items.length > 0) return
  const of = real === undefined ? service : `${real} of ${service}`
  throw new HactlError('NOT_FOUND', `there is no check of ${of}`, 'see: hactl check list')
}

type Place = Pick<Check, 'virtualServer' | 'realServer' | 'number'>

const checkerKey = ({virtualServer, realServer, number}: Place): string =>
  JSON.stringify([virtualServer, realServer, number])
