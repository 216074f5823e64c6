import type {Config} from '../../config/config.ts'
import {parseConfig} from '../../config/parse.ts'
import {readBack} from '../../config/read-back.ts'
import {summarizeReload} from '../../config/reload-plan.ts'
import {routersOf} from '../../config/router-config.ts'
import type {AgentStatus, ReloadReply, VirtualRouter, WhyReply} from '../../control/model.ts'
import type {AgentHandlers, Observed} from '../../control/routes.ts'
import {explain} from '../../core/journal/why.ts'
import {HactlError} from '../../errors.ts'
import type {Board} from './board.ts'
import type {Journal} from './journal.ts'

/** Records answered when the caller names no limit. */
const DEFAULT_JOURNAL_LIMIT = 100

/** What the API needs of the supervisor. */
export interface HandlerSources {
  readonly board: Board
  readonly journal: Journal
  config(): Config
  status(): AgentStatus
  reload(options: {force: boolean}): Promise<ReloadReply>
  stop(): void
}

const now = <Value>(value: Value): Observed<Value> => ({observedAt: new Date().toISOString(), value})

/** The API's calls, answered from the board and the journal; only `reload` and `stop` do anything. */
export function makeHandlers(sources: HandlerSources): AgentHandlers {
  const {board, journal} = sources
  const observed = <Value>(value: Value): Observed<Value> => ({observedAt: board.observedAt, value})
  const router = (name: string): VirtualRouter => {
    const found = board.router(name)
    if (found) return found
    const known = board.routers.map(candidate => candidate.name)
    throw new HactlError('NOT_FOUND', `no virtual router ${name}`, knownNames(known))
  }
  return {
    status: () => now(sources.status()),
    reload: async ({force}) => now(await sources.reload({force: force === true})),
    stop: () => {
      sources.stop()
      return now({pid: process.pid})
    },
    config: ({effective}) => {
      const {file, loadedAt} = sources.status().configuration
      const mode = effective ? 'effective' : 'given'
      return now({file, loadedAt, ...readBack(sources.config(), {mode, secrets: false})})
    },
    configDiff: ({text = ''}) => now(summarizeReload(sources.config(), parseConfig({file: 'candidate', text}).config)),
    routers: () => observed(board.routers),
    router: ({name}) => observed(router(name)),
    why: ({name}) => observed(whyOf(router(name), sources)),
    vips: () => observed(board.vips),
    journal: ({instance, kind, limit}) => {
      const records = journal.records.filter(
        record =>
          (instance === undefined || record.instance === instance) && (kind === undefined || record.kind === kind),
      )
      return now(records.slice(-(limit ?? DEFAULT_JOURNAL_LIMIT)))
    },
    events: listener => board.subscribe(listener),
  }
}

function whyOf(router: VirtualRouter, {journal, config}: HandlerSources): WhyReply {
  const instance = routersOf(config()).find(({name}) => name === router.name)
  const {transition, chain} = explain(journal.records, {
    instance: router.name,
    interfaces: [router.interface],
    trackers: instance?.tracks.map(({kind, name}) => `${kind} ${name}`) ?? [],
  })
  return {
    name: router.name,
    state: router.state,
    since: transition?.at ?? router.since,
    because: router.reason,
    chain,
  }
}

function knownNames(names: readonly string[]): string {
  if (names.length === 0) return 'there is none in the configuration'
  const shown = names.slice(0, 10).join(', ')
  return `there is ${shown}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`
}
