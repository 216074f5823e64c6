import type {Config} from '../../config/config.ts'
import {parseConfig} from '../../config/parse.ts'
import {readBack} from '../../config/read-back.ts'
import {summarizeReload} from '../../config/reload-plan.ts'
import {type RouterConfig, routersOf} from '../../config/router-config.ts'
import {CHECK_ROUTES} from '../../control/check-routes.ts'
import {LVS_ROUTES} from '../../control/lvs-routes.ts'
import type {AgentStatus, Override, ReloadReply, VirtualRouter, WhyReply} from '../../control/model.ts'
import type {AgentHandlers, CheckHandlers, LvsHandlers, Observed} from '../../control/routes.ts'
import {explain} from '../../core/journal/why.ts'
import {HactlError} from '../../errors.ts'
import type {Board} from './board.ts'
import {type CheckProcess, isLvsOverride} from './check-process.ts'
import {effectiveConfig} from './effective-config.ts'
import type {Journal} from './journal.ts'
import type {Operations} from './operations.ts'
import type {Trials} from './trials.ts'
import type {Watch} from './watch.ts'

/** Records answered when the caller names no limit. */
const DEFAULT_JOURNAL_LIMIT = 100

/** What the API needs of the supervisor. */
export interface HandlerSources {
  readonly board: Board
  readonly journal: Journal
  readonly operations: Operations
  readonly check: Pick<CheckProcess, 'call' | 'overrides' | 'cancelOverride'>
  readonly watch: Pick<Watch, 'subscribe'>
  readonly trials: Pick<Trials, 'apply' | 'confirm' | 'rollback'>
  config(): Config
  /** The virtual routers as they run, with what operators changed. */
  running(): readonly RouterConfig[]
  status(): AgentStatus
  reload(options: {force: boolean}): Promise<ReloadReply>
  stop(): void
}

const now = <Value>(value: Value): Observed<Value> => ({observedAt: new Date().toISOString(), value})

/** The API's calls, answered from the board and the journal, or carried out by the operations. */
export function makeHandlers(sources: HandlerSources): AgentHandlers {
  const {board, journal, operations, check, trials} = sources
  const overrides = async (): Promise<readonly Override[]> => [...operations.list, ...(await check.overrides())]
  const observed = <Value>(value: Value): Observed<Value> => ({observedAt: board.observedAt, value})
  /** In the first moments of an agent nothing is known of what its configuration names. */
  const known = (name: string): string => {
    if (board.router(name) !== undefined || !sources.running().some(router => router.name === name)) return name
    throw new HactlError('TIMED_OUT', `nothing is known of ${name} yet: the vrrp process is starting`, 'ask again')
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
      const config = effective ? effectiveConfig(sources.config(), sources.running()) : sources.config()
      return now({file, loadedAt, ...readBack(config, {mode, secrets: false})})
    },
    configDiff: async ({text = ''}) =>
      now({
        ...summarizeReload(sources.config(), parseConfig({file: 'candidate', text}).config),
        overrides: (await overrides()).map(({instance, text: what}) => `${instance ?? 'all'}: ${what}`),
      }),
    applyConfig: async application => now(await trials.apply(application)),
    confirmConfig: ({id}) => now(trials.confirm(id)),
    rollbackConfig: async ({id}) => now(await trials.rollback(id)),
    routers: () => observed(board.routers),
    router: ({name}) => observed(board.requireRouter(known(name))),
    why: ({name}) => observed(whyOf(board.requireRouter(known(name)), sources)),
    vips: () => observed(board.vips),
    takeover: async ({name}) => now(await operations.takeover(known(name))),
    release: async ({name, ...holding}) => now(await operations.release(known(name), holding)),
    resume: async ({name}) => now(await operations.resume(known(name))),
    setPriority: async ({name, ...given}) => now(await operations.setPriority(known(name), given)),
    activate: async ({name, ...how}) => now(await operations.activate(known(name), how)),
    maintenance: async ({on, ...holding}) => now(await operations.maintenance(on === true, holding)),
    overrides: async () => now(await overrides()),
    cancelOverride: async ({id}) => now(await (isLvsOverride(id) ? check.cancelOverride(id) : operations.cancel(id))),
    announce: ({address}) => now(operations.addresses.announce(address)),
    addVip: async ({instance, line = ''}) => now(await operations.addresses.add(instance, line)),
    removeVip: async ({instance, address = ''}) => now(await operations.addresses.remove(instance, address)),
    journal: ({instance, kind, limit}) => {
      const records = journal.records.filter(
        record =>
          (instance === undefined || record.instance === instance) && (kind === undefined || record.kind === kind),
      )
      return now(records.slice(-(limit ?? DEFAULT_JOURNAL_LIMIT)))
    },
    events: listener => board.subscribe(listener),
    watch: (listener, room) => sources.watch.subscribe(listener, room),
    ...checkProcessHandlers(check),
  }
}

/** Everything that concerns IPVS and checkers is asked of the process that owns them. */
function checkProcessHandlers(check: HandlerSources['check']): LvsHandlers & CheckHandlers {
  const names = Object.keys({...LVS_ROUTES, ...CHECK_ROUTES}) as (keyof LvsHandlers | keyof CheckHandlers)[]
  const calls = names.map(name => [name, (input: object) => check.call(name, input)] as const)
  return Object.fromEntries(calls) as unknown as LvsHandlers & CheckHandlers
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
