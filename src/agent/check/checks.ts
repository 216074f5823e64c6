import type {Override} from '../../control/model.ts'
import type {CheckHandlers, Observed} from '../../control/routes.ts'
import {checkerStep, firstDelayMs} from '../../core/check/checker.ts'
import {describeFailure} from '../../core/check/describe.ts'
import type {CheckNews} from '../../core/check/news.ts'
import type {CheckPlan, MiscProbePlan} from '../../core/check/plan.ts'
import type {ProbeResult} from '../../core/check/result.ts'
import type {Standings} from '../../core/check/standing.ts'
import {virtualServerStep} from '../../core/check/virtual-server.ts'
import {counted} from '../../core/format.ts'
import type {ServiceId} from '../../core/ipvs/model.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {HactlError} from '../../errors.ts'
import type {NetworkProbePlan, ProbeOptions} from '../../probe/probe.ts'
import {type AddressWatch, watchAddresses} from './check-addresses.ts'
import {appliesTo, type ChecksParts, cancelPause, makeChecksHandlers} from './checks-calls.ts'
import {CheckJournal} from './checks-journal.ts'
import {checkMetrics} from './checks-metrics.ts'
import {Pauses, pauseOverride} from './checks-pauses.ts'
import {
  type CheckerRun,
  needsAddress,
  newsOfEnd,
  type Servers,
  settle,
  succeed,
  type VirtualServerRun,
} from './checks-run.ts'
import {ProbeScheduler, type SchedulerLimits} from './checks-scheduler.ts'
import {StandingsBoard} from './checks-standings.ts'
import {toldResult} from './checks-told.ts'

/** What is asked of the owner of the checkers. */
export type ChecksCallName = keyof CheckHandlers | 'cancelOverride' | 'checkMetrics'

/** What the checkers need of the process around them. */
export interface ChecksOptions {
  /** Makes one probe of the network; `probe` of src/probe, as a rule. */
  readonly probe: (plan: NetworkProbePlan, options: ProbeOptions) => Promise<ProbeResult>
  /** Has the supervisor run a program; `signal`: its result does not matter any more. Never rejects. */
  readonly run: (probe: MiscProbePlan, signal: AbortSignal) => Promise<ProbeResult>
  /** Has IPVS follow; `changed`: the services whose standings differ from before. Never rejects. */
  readonly follow: (standings: Standings, changed: readonly ServiceId[]) => Promise<void>
  readonly tell: (news: readonly CheckNews[]) => void
  readonly journal: (entry: JournalEntry) => void
  /** Checkers of these services are in another state, or are paused or not: for those who watch. */
  readonly onSeen?: (services: readonly ServiceId[]) => void
  /** What operators have paused: the whole list, and why it cannot be kept. */
  readonly tellOverrides: (overrides: {readonly list: readonly Override[]; readonly problem: string | null}) => void
  /** 0..1, for the start of each checker; `Math.random` unless given. */
  readonly random?: () => number
  readonly limits?: Partial<SchedulerLimits>
  /** Where the addresses of the host are from; netlink unless given. */
  readonly watchAddresses?: typeof watchAddresses
}

/** How the checks are to run. */
export interface ChecksSettings {
  readonly stateDirectory: string
  /** Checkers run, and nobody is told of what they find but the journal. */
  readonly observing: boolean
  /** What tracked files hold; one that cannot be read is missing. */
  readonly files: {readonly [name: string]: number}
}

/** A virtual server that is looked for again runs its checkers within that time, milliseconds. */
const RESUMED_WITHIN_MS = 1_000

/** Runs every checker when it is due, and decides by their results which real servers are in service. */
export class Checks {
  readonly #options: ChecksOptions
  readonly #journal: CheckJournal
  readonly #scheduler: ProbeScheduler<CheckerRun>
  readonly #board = new StandingsBoard()
  readonly #pauses = new Pauses(() => this.#pausesChanged())
  readonly #parts: ChecksParts
  readonly #handlers: CheckHandlers
  #servers: Servers | undefined
  #observing = true
  #files = new Map<string, number>()
  #addresses: AddressWatch | undefined
  /** Virtual servers that have changed since IPVS was told last, and what others are to be told. */
  readonly #changed = new Set<VirtualServerRun>()
  #news: CheckNews[] = []
  #flushing: NodeJS.Immediate | undefined

  constructor(options: ChecksOptions) {
    this.#options = options
    this.#journal = new CheckJournal(options.journal)
    this.#scheduler = new ProbeScheduler<CheckerRun>({
      start: (checker, signal) => this.#start(checker, signal),
      mayRun: checker => checker.pause === undefined && !checker.isSuspended,
      intervalMs: ({plan}) => plan.timing.delayLoopMs,
      onResult: (checker, result) => this.#onResult(checker, result),
      onLate: ({waited, missed}) => {
        const text = `${counted(waited, 'check')} waited for others to end, ${counted(missed, 'interval')} missed`
        this.#journal.note(text, {waited, missed})
      },
      ...(options.limits && {limits: options.limits}),
    })
    this.#parts = {
      servers: () => this.#configured(),
      scheduler: this.#scheduler,
      pauses: this.#pauses,
      noteOrder: (text, facts) => this.#journal.note(text, facts, 'operator'),
    }
    this.#handlers = makeChecksHandlers(this.#parts)
  }

  /**
   * Has this run from now on; what is known of checkers that stay as they are is kept. Answers the standings with which
   * IPVS is to begin: changes that were to be followed are among them.
   */
  configure(plan: CheckPlan, {stateDirectory, observing, files}: ChecksSettings): Standings {
    const problem = this.#pauses.open(stateDirectory)
    if (problem !== undefined) this.#journal.note(problem, {}, 'journal-damaged')
    this.#changed.clear()
    this.#flush()
    this.#observing = observing
    this.#files = new Map(Object.entries(files))
    const before = this.#servers
    const {servers, added, removed} = succeed(plan, before)
    this.#servers = servers
    for (const checker of removed) this.#scheduler.remove(checker)
    for (const {checkers} of servers.values()) for (const checker of checkers) this.#takeTold(checker)
    this.#tell(settle(servers, before, plan), undefined)
    this.#board.configure(servers.values())
    this.#watchAddresses()
    this.#pausesChanged()
    const random = this.#options.random ?? Math.random
    for (const checker of added) this.#scheduler.add(checker, firstDelayMs(checker.plan, random()))
    this.#flush()
    return this.#board.standings
  }

  /** All virtual servers; undefined before there is a configuration. */
  get servers(): Servers | undefined {
    return this.#servers
  }

  /** What a tracked file holds; undefined: it cannot be read. */
  fileChanged(name: string, value: number | undefined): void {
    if (value === undefined) this.#files.delete(name)
    else this.#files.set(name, value)
    const results: {readonly checker: CheckerRun; readonly result: ProbeResult}[] = []
    for (const {checkers} of this.#servers?.values() ?? []) {
      for (const checker of checkers) {
        const {probe} = checker.plan
        if (probe.type !== 'file' || probe.trackFile !== name || checker.pause !== undefined) continue
        const result = toldResult(probe, this.#files)
        if (result !== undefined) results.push({checker, result})
      }
    }
    // What the file puts into service goes first: no quorum is lost for a moment in between.
    results.sort((a, b) => Number(b.result.ok) - Number(a.result.ok))
    for (const {checker, result} of results) this.#onResult(checker, result)
  }

  /** Answers a call; rejects with a `HactlError`. */
  async call(name: ChecksCallName, input: object): Promise<Observed<unknown>> {
    if (name === 'checkMetrics') {
      return {observedAt: new Date().toISOString(), value: checkMetrics(this.#configured().values())}
    }
    if (name === 'cancelOverride') return cancelPause(this.#parts, String('id' in input ? input.id : ''))
    const handler = this.#handlers[name] as (input: object) => Promise<Observed<unknown>>
    return handler(input)
  }

  /** Ends all probes, and tells that everything has stopped. */
  stop(): void {
    this.#scheduler.stop()
    this.#pauses.close()
    this.#addresses?.close()
    this.#changed.clear()
    if (this.#servers !== undefined) this.#news.push(...newsOfEnd(this.#servers))
    this.#flush()
  }

  #configured(): Servers {
    if (this.#servers === undefined) throw new HactlError('TIMED_OUT', 'the check process is starting', 'ask again')
    return this.#servers
  }

  #start({plan: {probe}, state}: CheckerRun, signal: AbortSignal): Promise<ProbeResult> {
    if (probe.type === 'misc') return this.#options.run(probe, signal)
    if (probe.type === 'file' || probe.type === 'bfd') throw new Error(`nothing is probed for ${probe.type}`)
    return this.#options.probe(probe, {page: state.page, signal})
  }

  /** Files and sessions count before anything is probed. */
  #takeTold(checker: CheckerRun): void {
    const result = toldResult(checker.plan.probe, this.#files)
    const last = checker.history.get(0)
    if (result === undefined || checker.pause !== undefined) return
    if (last?.ok !== result.ok || last.text !== (result.ok ? result.detail : result.reason)) this.#take(checker, result)
  }

  #onResult(checker: CheckerRun, result: ProbeResult): number {
    const before = checker.state
    const nextInMs = this.#take(checker, result)
    const {state, realServer, plan} = checker
    const {server, place} = realServer
    const reason = result.ok ? undefined : describeFailure(plan.probe, result.reason, before.page)
    const isNew = state.up !== before.up || state.addedWeight !== before.addedWeight
    let isTold = false
    if (isNew || server.state.realServers[place]?.untold === true) {
      const event = {...realServer.standing, realServer: place, reason: state.up ? undefined : reason}
      const step = virtualServerStep(server.plan, server.state, event)
      isTold = step.news.length > 0
      if (step.state !== server.state) {
        server.state = step.state
        this.#changed.add(server)
      }
      this.#tell(step.news, result.ok && result.detail ? describeFailure(plan.probe, result.detail) : undefined)
    }
    if (reason !== undefined && !isTold && plan.timing.logAllFailures) this.#noteFailure(checker, reason)
    return nextInMs
  }

  /** What a result means for its checker; answers how long until the next probe, milliseconds. */
  #take(checker: CheckerRun, result: ProbeResult): number {
    const now = Date.now()
    const {state: before, realServer} = checker
    const wasOk = checker.history.get(0)?.ok
    checker.history.add(result, now)
    checker.counters.add(result)
    checker.runs++
    if (!result.ok) checker.failed++
    const step = checkerStep(checker.plan, before, {result, configuredWeight: realServer.plan.weight})
    checker.state = step.state
    if (step.state.up !== before.up) checker.since = now
    if (step.state.up !== before.up || result.ok !== wasOk) this.#options.onSeen?.(realServer.server.plan.services)
    return step.nextInMs
  }

  #noteFailure({realServer, state, plan, number}: CheckerRun, reason: string): void {
    const virtualServer = realServer.server.plan.name
    const failures = state.up ? ` (${state.failures} of ${plan.timing.retry + 1})` : ''
    this.#journal.note(
      `check of real server ${realServer.plan.name} of ${virtualServer} failed${failures}: ${reason}`,
      {
        virtualServer,
        realServer: realServer.plan.name,
        number,
        reason,
      },
    )
  }

  #tell(news: readonly CheckNews[], because: string | undefined): void {
    for (const each of news) this.#journal.news(each, because)
    this.#news.push(...news)
    // What happens in one turn of the loop reaches IPVS as one change.
    if (this.#changed.size + this.#news.length > 0) this.#flushing ??= setImmediate(() => this.#flush())
  }

  #flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    const changed = this.#board.update(this.#changed)
    this.#changed.clear()
    if (changed.length > 0) void this.#options.follow(this.#board.standings, changed)
    const news = this.#news
    this.#news = []
    if (news.length > 0 && !this.#observing) this.#options.tell(news)
  }

  #pausesChanged(): void {
    const servers = this.#servers ?? NO_SERVERS
    const {list, problem} = this.#pauses
    for (const server of servers.values()) {
      let differs = false
      const meant = list.filter(({virtualServer}) => virtualServer === null || virtualServer === server.plan.name)
      for (const {plan, checkers} of server.realServers) {
        const pause = meant.find(({realServer}) => realServer === null || realServer === plan.name)
        for (const checker of checkers) {
          const wasPaused = checker.pause !== undefined
          differs ||= checker.pause !== pause
          checker.pause = pause
          if (pause !== undefined && !wasPaused) this.#scheduler.cancel(checker)
          if (pause === undefined && wasPaused) this.#resume(checker)
        }
      }
      if (differs) this.#options.onSeen?.(server.plan.services)
    }
    const shown = list.map(pause => pauseOverride(pause, appliesTo(servers, pause)))
    this.#options.tellOverrides({list: shown, problem: problem ?? null})
  }

  /** A checker runs again: soon, and not all of them at one moment. */
  #resume(checker: CheckerRun): void {
    const withinMs = Math.min(checker.plan.timing.delayLoopMs, RESUMED_WITHIN_MS)
    this.#scheduler.hasten(checker, (this.#options.random ?? Math.random)() * withinMs)
    const {probe} = checker.plan
    const result = probe.type === 'file' ? toldResult(probe, this.#files) : undefined
    if (result !== undefined) this.#onResult(checker, result)
  }

  #watchAddresses(): void {
    const isWanted = [...(this.#servers?.values() ?? [])].some(needsAddress)
    if (!isWanted) {
      this.#addresses?.close()
      this.#addresses = undefined
    }
    if (isWanted && this.#addresses === undefined) {
      this.#addresses = (this.#options.watchAddresses ?? watchAddresses)({
        onChange: () => this.#look(),
        onError: text => this.#journal.note(`addresses are not watched for ha_suspend: ${text}`, {}, 'kernel-error'),
      })
    }
    this.#look()
  }

  #look(): void {
    for (const server of this.#servers?.values() ?? []) {
      const wasSuspended = server.suspended
      server.suspended = needsAddress(server) && !this.#isHere(server)
      if (wasSuspended === server.suspended) continue
      this.#options.onSeen?.(server.plan.services)
      if (wasSuspended) this.#journal.note(`checks of ${server.plan.name} run again`)
      else this.#journal.note(`checks of ${server.plan.name} are suspended: none of its addresses is here`)
      for (const checker of server.checkers) {
        if (wasSuspended) this.#resume(checker)
        else this.#scheduler.cancel(checker)
      }
    }
  }

  #isHere({plan}: VirtualServerRun): boolean {
    return plan.services.some(id => id.type === 'address' && this.#addresses?.has(id.address) === true)
  }
}

const NO_SERVERS: Servers = new Map()
