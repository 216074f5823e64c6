import type {Config, Diagnostic, LoadedConfig} from '../../config/config.ts'
import {describeChanges} from '../../config/diff.ts'
import {whyRestartNeeded} from '../../config/restart-needed.ts'
import {type RouterConfig, routersOf} from '../../config/router-config.ts'
import type {Trial} from '../../control/config-model.ts'
import type {AgentStatus, ReloadReply} from '../../control/model.ts'
import type {JournalEntry, JournalRecord} from '../../core/journal/record.ts'
import {after, type MonotonicMs} from '../../core/units.ts'
import {errorText} from '../../errors.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import type {FromVrrp, Resumption, ToVrrp, TrackerStanding} from '../channel.ts'
import {NEW_SPACE_OPTIONS} from '../new-space.ts'
import {type OwnedObject, ownedBy} from '../owned-objects.ts'
import {StatusReporter} from './agent-status.ts'
import {nodeSettings, type Running, whatRuns} from './assignment.ts'
import {Belongings} from './belongings.ts'
import {Board} from './board.ts'
import {CheckProcess} from './check-process.ts'
import {Child} from './child.ts'
import {childOptions} from './child-options.ts'
import {Configured} from './configured.ts'
import {Firewall} from './firewall.ts'
import {Journal} from './journal.ts'
import {LocalIgmp} from './local-igmp.ts'
import {log, logRecord} from './log.ts'
import {Notifier} from './notifier.ts'
import {type OperationSources, Operations} from './operations.ts'
import {Overrides, textOf} from './overrides.ts'
import {ProcessControl} from './process-control.ts'
import {place, reply} from './reload-reply.ts'
import {runShutdownScript} from './startup-scripts.ts'
import {describeChange, Trackers} from './trackers.ts'
import {Watch} from './watch.ts'

/** `hactl agent run`: where everything is. */
export interface SupervisorOptions {
  readonly configFile: string
  readonly socketPath: string
  readonly stateDir: string
  readonly version: string
  /** Virtual routers are only looked at, until an operator activates them one by one. */
  readonly observe: boolean
  /** ADDRESS:PORT where metrics are served beside the sockets; undefined: nowhere. */
  readonly metrics: string | undefined
}

/** A vrrp process that is silent for three of its shortest intervals is as good as dead; within these bounds, ms. */
const STALL_INTERVALS = 3
const MIN_STALL_MS = 1_000
const MAX_STALL_MS = 5_000
/** What a timer of Node can wait for, milliseconds. */
const LONGEST_TIMER_MS = 0x7fff_ffff
/** How long notify scripts may run on after everything is withdrawn, milliseconds. */
const DRAIN_NOTIFIES_MS = 5_000

type Facts = JournalEntry['facts']

/** The supervisor without its sockets and signals: configuration, children, scripts, journal. */
export class Supervisor {
  readonly board = new Board()
  readonly journal: Journal
  readonly overrides: Overrides
  readonly operations: Operations
  readonly check: CheckProcess
  readonly watch: Watch
  /** What is on trial, told by whoever has trials. */
  trial: () => Trial | null = () => null
  readonly #options: SupervisorOptions
  readonly #startedAt = new Date().toISOString()
  readonly #reporter: StatusReporter
  readonly #startedAtMonotonic = monotonicNow()
  readonly #trackers = new Trackers({
    onChange: (standing, before) => this.#trackerChanged(standing, before),
    onTrouble: text => this.#note('kernel-error', text),
  })
  readonly #notifier = new Notifier(entry => this.journal.append(entry))
  readonly #firewall = new Firewall({onProblem: text => this.#note('kernel-error', text)})
  readonly #vrrp: Child<FromVrrp, ToVrrp>
  readonly #processes: ProcessControl
  #loaded: LoadedConfig
  #loadedAt = this.#startedAt
  #refused: string | null = null
  readonly #belongings: Belongings
  readonly #igmp = new LocalIgmp(text => this.#note('kernel-error', text))
  #resume: readonly Resumption[] = []
  readonly #configured = new Configured()
  #reloading: Promise<unknown> = Promise.resolve()
  #running: Running
  #overrideTimer: NodeJS.Timeout | undefined

  constructor(options: SupervisorOptions, loaded: LoadedConfig) {
    this.#options = options
    this.#reporter = new StatusReporter(options, this.#startedAt)
    this.#loaded = loaded
    this.overrides = new Overrides(options.stateDir)
    this.#belongings = new Belongings(options.stateDir, log)
    this.#running = whatRuns(loaded.config, this.overrides, options.observe)
    this.operations = new Operations(this.#operationSources())
    this.journal = new Journal(options.stateDir, record => {
      logRecord(record)
      this.board.recorded(record)
      if (record.kind === 'transition') this.check.statesChanged()
    })
    this.#vrrp = new Child<FromVrrp, ToVrrp>({
      ...childOptions('vrrp', {
        note: (...what) => this.#note(...what),
        onDied: ({aliveAt}) => {
          this.#resume = this.#resumptions(aliveAt)
        },
      }),
      // Helper threads that collect make the one that matters wait for a core.
      nodeOptions: ['--single-threaded-gc', ...NEW_SPACE_OPTIONS],
      onStarted: () => this.#configureVrrp(),
      onMessage: message => this.#fromVrrp(message),
    })
    this.check = new CheckProcess({
      child: childOptions('check', {note: (...what) => this.#note(...what)}),
      stateDirectory: options.stateDir,
      journal: entry => this.journal.append(entry),
      isMaster: name => this.board.isMaster(name),
      tracked: () => this.#trackers.standings,
      onNews: news => this.#notifier.checkNews(news),
    })
    const {board, journal, check} = this
    this.watch = new Watch({board, journal, check, status: () => this.status()})
    this.#processes = new ProcessControl({
      children: {vrrp: this.#vrrp, check: this.check},
      onReloadDue: () => void this.reload({force: false}).catch(error => log(`reload: ${errorText(error)}`)),
      tell: log,
    })
  }

  get config(): Config {
    return this.#loaded.config
  }

  /** The files that it was read from, and what they held. */
  get texts(): ReadonlyMap<string, string> {
    return this.#loaded.texts
  }

  /** The virtual routers as they run, with what operators changed. */
  get running(): readonly RouterConfig[] {
    return this.#running.routers
  }

  /** Starts everything. What an earlier run left is handed to the vrrp process, which cleans it up. */
  start(): void {
    const {configFile} = this.#options
    const unclean = endedUncleanly(this.journal.records)
    const after = unclean ? ', after a run that did not end cleanly' : ''
    const text = `agent ${this.#options.version} started with ${configFile}${after}`
    this.#note('agent-started', text, {pid: process.pid, unclean})
    const damage = [...this.#belongings.open(), ...[this.overrides.open() ?? []].flat()]
    for (const problem of damage) this.#note('journal-damaged', problem)
    this.#logDiagnostics(this.#loaded)
    void this.#use(this.#loaded, {reloaded: false})
    this.#vrrp.start()
    this.check.start()
  }

  /** Withdraws everything in order and ends the children. */
  async stop(reason: string): Promise<void> {
    this.#note('agent-stopping', `agent stops: ${reason}`)
    clearTimeout(this.#overrideTimer)
    this.#trackers.stop()
    this.#processes.stop()
    // The addresses first: what still comes for them finds its services.
    const withdrawn = await this.#vrrp.stop({type: 'stop'})
    await this.check.stop()
    await Promise.all([this.#notifier.drain(DRAIN_NOTIFIES_MS), this.#firewall.close()])
    if (!this.#options.observe) {
      await runShutdownScript(this.config.global, {journal: entry => this.journal.append(entry)})
    }
    this.#igmp.close()
    if (withdrawn) this.#belongings.own([])
    else this.#note('kernel-error', 'the vrrp process could not withdraw: the next start removes what is left')
    this.journal.close()
  }

  /** One reload after the other. */
  reload(options: {readonly force: boolean}): Promise<ReloadReply> {
    const run = this.#reloading.then(() => this.#reload(options))
    this.#reloading = run.catch(() => {})
    return run
  }

  status(): AgentStatus {
    return this.#reporter.report({
      loaded: this.#loaded,
      loadedAt: this.#loadedAt,
      refused: this.#refused,
      trial: this.trial(),
      processes: [this.#vrrp.status, this.check.status],
      overrides: this.overrides.list.length + this.check.overrideCount,
      stateProblem:
        this.journal.writeFailure ?? this.overrides.writeFailure ?? this.#belongings.problem ?? this.check.problem,
    })
  }

  async #reload({force}: {readonly force: boolean}): Promise<ReloadReply> {
    let loaded: LoadedConfig
    try {
      loaded = this.#processes.load(this.#options.configFile, this.config)
    } catch (error) {
      this.#refuse(errorText(error))
      throw error
    }
    const diagnostics = loaded.diagnostics.map(reply)
    const errors = loaded.diagnostics.filter(({severity}) => severity === 'error')
    if (errors.length > 0 && !force) {
      const first = errors[0] as Diagnostic
      this.#refuse(`${place(first)}: ${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`)
      this.#logDiagnostics(loaded)
      return {applied: false, diagnostics, changes: []}
    }
    const fixed = whyRestartNeeded(this.config, loaded.config)
    if (fixed !== undefined) {
      this.#refuse(fixed)
      return {applied: false, diagnostics, changes: []}
    }
    const before = this.config
    this.#loaded = loaded
    this.#loadedAt = new Date().toISOString()
    this.#refused = null
    const lvsConfigured = this.#use(loaded, {reloaded: true})
    this.#configureVrrp()
    // Told while the vrrp process is at work: to compare hundreds of blocks takes longer than to use them.
    const changes = describeChanges(before, loaded.config)
    const text = changes.length === 0 ? 'configuration read again: nothing changed' : `configuration: ${changes[0]}`
    const more = changes.length > 1 ? ` (and ${changes.length - 1} more)` : ''
    const facts = {file: this.#options.configFile, changes: changes.slice(0, 50)}
    this.#note('configuration-loaded', `${text}${more}`, facts)
    this.#logDiagnostics(loaded)
    await Promise.all([this.#configured.last(), lvsConfigured])
    return {applied: true, diagnostics, changes}
  }

  /** Puts a configuration to work here and in the check process; the vrrp process gets it by `#configureVrrp`. */
  #use({config}: LoadedConfig, how: {readonly reloaded: boolean}): Promise<void> {
    this.#processes.use(config)
    this.#run(how)
    this.#trackers.configure(config)
    const intervals = this.#running.routers.map(({advertIntervalMs}) => advertIntervalMs)
    const shortest = intervals.length > 0 ? Math.min(...intervals) : MAX_STALL_MS
    this.#vrrp.stallAfterMs = Math.min(MAX_STALL_MS, Math.max(MIN_STALL_MS, STALL_INTERVALS * shortest))
    return this.check.use(config, {observing: this.#running.observing})
  }

  /** Puts together what is to run, and sees to it that overrides end when they are to end. */
  #run(how: {readonly reloaded: boolean}): void {
    const before = new Set(this.#running.problems)
    this.#running = whatRuns(this.config, this.overrides, this.#options.observe)
    for (const problem of this.#running.problems) if (!before.has(problem)) log(problem)
    this.#belongings.expect(this.#mayLeave())
    this.#igmp.configure(this.config.global.disableLocalIgmp && !this.#running.observing)
    // An observer touches nothing; with the first router that runs the rest begins.
    if (!this.#running.observing || this.#activeRouters.length > 0) {
      void this.#firewall.configure(this.#activeRouters, this.config.global)
      this.#notifier.configure(this.#running.observing ? withoutPipes(this.config) : this.config, how)
    }
    clearTimeout(this.#overrideTimer)
    const {nextEnd} = this.overrides
    if (nextEnd === undefined) return
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, nextEnd - Date.now()))
    this.#overrideTimer = setTimeout(() => {
      this.#endOverrides().catch(error => log(`overrides: ${errorText(error)}`))
    }, waitMs)
  }

  async #endOverrides(): Promise<void> {
    const now = Date.now()
    const ended = this.overrides.remove(({until}) => until !== null && Date.parse(until) <= now)
    for (const override of ended) this.#note('operator', `its time is over: ${textOf(override)}`, {}, override.instance)
    await this.#applyOverrides()
  }

  async #applyOverrides(): Promise<void> {
    this.#run({reloaded: true})
    this.#configureVrrp()
    await Promise.all([this.#configured.last(), this.check.observe(this.#running.observing)])
  }

  #operationSources(): OperationSources {
    return {
      board: this.board,
      overrides: this.overrides,
      configured: () => routersOf(this.config),
      apply: () => this.#applyOverrides(),
      order: order => this.#vrrp.send(order),
      note: (text, instance) => this.#note('operator', text, {}, instance),
    }
  }

  #configureVrrp(): void {
    const {routers, groups, statics, held, observed, observing} = this.#running
    this.#vrrp.send({
      type: 'configure',
      n: this.#configured.next(),
      instances: routers,
      groups,
      held,
      observed,
      observing,
      changedSysctls: this.#belongings.sysctls,
      settings: nodeSettings(this.config, statics, this.#startedAtMonotonic),
      trackers: this.#trackers.standings,
      owned: this.#belongings.owned,
      resume: this.#resume,
    })
    this.#resume = []
  }

  #fromVrrp(message: FromVrrp): void {
    switch (message.type) {
      case 'configured':
        // What it was asked to clean is gone, unless a later one is on its way with more.
        if (this.#configured.taken(message.n)) this.#belongings.own(this.#mayLeave())
        return
      case 'routers':
        this.board.update(message)
        this.check.statesChanged()
        return
      case 'journal':
        for (const entry of message.entries) this.journal.append(entry)
        return
      case 'news':
        for (const news of message.news) this.#notifier.notify(news)
        return
      case 'devices':
        void this.#firewall.devicesChanged(message.devices)
        return
      case 'sysctls':
        this.#belongings.changed(message.changed)
        return
      case 'pong':
        this.board.confirm()
    }
  }

  #trackerChanged(standing: TrackerStanding, before: TrackerStanding): void {
    const facts = {tracker: `${standing.kind} ${standing.name}`, from: before.verdict, to: standing.verdict}
    this.#note('tracker-changed', describeChange(standing, before), facts)
    this.#vrrp.send({type: 'tracker', tracker: standing})
    this.check.trackerChanged(standing)
  }

  #resumptions(aliveAt: MonotonicMs): readonly Resumption[] {
    return this.board.masters.map(({name, advertIntervalMs, downTimerAdverts}) => ({
      name,
      until: after(aliveAt, (downTimerAdverts - 1) * advertIntervalMs),
    }))
  }

  #refuse(reason: string): void {
    this.#refused = reason
    this.#note('configuration-refused', `configuration not applied, the old one stays: ${reason}`)
  }

  get #activeRouters(): readonly RouterConfig[] {
    const observed = new Set(this.#running.observed)
    return this.#running.routers.filter(({name}) => !observed.has(name))
  }

  /** What is in the kernel if this ends without a word. */
  #mayLeave(): readonly OwnedObject[] {
    return ownedBy(this.#activeRouters, this.#running.observing ? NO_STATIC_OBJECTS : this.#running.statics)
  }

  #logDiagnostics({diagnostics}: LoadedConfig): void {
    for (const diagnostic of diagnostics) {
      log(`${place(diagnostic)}: ${diagnostic.severity} ${diagnostic.code}: ${diagnostic.message}`)
    }
  }

  #note(kind: JournalEntry['kind'], text: string, facts: Facts = {}, instance: string | null = null): void {
    const at = new Date().toISOString()
    this.journal.append({at, kind, ...(instance === null ? {} : {instance}), text, facts})
  }
}

/** Whether the last run began and never came to stop. */
function endedUncleanly(records: readonly JournalRecord[]): boolean {
  const last = records.findLast(({kind}) => kind === 'agent-started' || kind === 'agent-stopping')
  return last?.kind === 'agent-started'
}

/**
 * While another daemon serves the pipes, lines and readers of ours would mix with its own; and what becomes of servers
 * is its business to tell.
 */
const withoutPipes = (config: Config): Config => ({
  ...config,
  virtualServers: [],
  global: {...config.global, notifyFifo: undefined, vrrpNotifyFifo: undefined, lvsNotifyFifo: undefined},
})

const NO_STATIC_OBJECTS = {staticAddresses: [], staticRoutes: [], staticRules: []}
