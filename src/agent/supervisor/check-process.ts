import type {Config} from '../../config/config.ts'
import type {Override, ProcessStatus} from '../../control/model.ts'
import type {CheckNews} from '../../core/check/news.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import type {CheckCallName, FromCheck, ServicesTold, ToCheck, TrackerStanding} from '../channel.ts'
import type {ProcessSettings} from '../own-process.ts'
import {CheckCalls} from './check-calls.ts'
import {checkedFiles, fileValues} from './check-files.ts'
import {Child, type ChildOptions} from './child.ts'
import {log} from './log.ts'
import {type LvsConfig, lvsConfigOf, syncDaemons} from './lvs-settings.ts'
import {MiscRunner} from './misc-runner.ts'

/** What the check process needs of the supervisor. */
export interface CheckProcessOptions {
  /** How it is started, and who hears of its end. */
  readonly child: Omit<ChildOptions<FromCheck>, 'onStarted' | 'onMessage' | 'nodeOptions'>
  readonly stateDirectory: string
  readonly journal: (entry: JournalEntry) => void
  readonly isMaster: (instance: string) => boolean
  /** How everything stands that is tracked; of it, files that a FILE_CHECK follows. */
  readonly tracked: () => readonly TrackerStanding[]
  /** Is told of real servers and quorums that changed. */
  readonly onNews: (news: readonly CheckNews[]) => void
}

/** Who watches the services. */
export interface ServicesListener {
  readonly onServices: (message: ServicesTold) => void
  /** The process is gone; the next one tells everything anew. */
  readonly onDied: () => void
}

/** Ten thousand services take a busy machine their time: silence after which the process counts as stalled, ms. */
const STALL_MS = 8_000
/** Tens of thousands of real servers take their time to be withdrawn, milliseconds. */
const LEAST_STOP_MS = 30_000
const STOPPED = -1
/** How long a reload waits for IPVS, milliseconds; it goes on by itself. */
const CONFIGURED_WITHIN_MS = 5_000

/** The check process as the supervisor sees it: what it is to do, what is asked of it, and what it told. */
export class CheckProcess {
  readonly #options: CheckProcessOptions
  readonly #child: Child<FromCheck, ToCheck>
  readonly #calls = new CheckCalls()
  readonly #configuring = new Map<number, () => void>()
  readonly #programs = new MiscRunner()
  #config: LvsConfig = NOTHING
  #files: ReadonlySet<string> = new Set()
  /** Counts the processes, as what is found out for one is not told to the next; or `STOPPED`. */
  #process = 0
  #observing = true
  #flushed = false
  #configured = 0
  #daemons = ''
  #watcher: ServicesListener | undefined
  #told: Extract<FromCheck, {type: 'overrides'}> = {type: 'overrides', list: [], count: 0, problem: null}
  #tells = (): void => {}
  /** Resolves when it has, and after a while in any case. */
  readonly #hasTold = new Promise<void>(resolve => {
    this.#tells = resolve
  })

  constructor(options: CheckProcessOptions) {
    this.#options = options
    this.#child = new Child<FromCheck, ToCheck>({
      ...options.child,
      nodeOptions: [],
      onStarted: () => {
        void this.#configure()
        if (this.#watcher) this.#child.send({type: 'watch', on: true})
        this.#calls.started()
      },
      onMessage: message => this.#onMessage(message),
      onDied: death => {
        this.#calls.died()
        this.#allConfigured()
        if (this.#process !== STOPPED) this.#process++
        void this.#programs.cancel()
        this.#watcher?.onDied()
        options.child.onDied(death)
      },
    })
    this.#child.stallAfterMs = STALL_MS
  }

  get status(): ProcessStatus {
    return this.#child.status
  }

  set settings(settings: ProcessSettings) {
    this.#child.settings = settings
  }

  set stopWithinMs(ms: number) {
    this.#child.stopWithinMs = Math.max(LEAST_STOP_MS, ms)
  }

  /** What operators changed of IPVS, as the process told it last: the first of it. Waits for a process that starts. */
  async overrides(): Promise<readonly Override[]> {
    await this.#hasTold
    return this.#told.list
  }

  get overrideCount(): number {
    return this.#told.count
  }

  /** Why its file is not written at present; null when it is. */
  get problem(): string | null {
    return this.#told.problem
  }

  start(): void {
    setTimeout(this.#tells, CONFIGURED_WITHIN_MS).unref()
    this.#child.start()
  }

  /** Withdraws what is ours of IPVS and ends it, and the programs that run for it. It is not started again. */
  async stop(): Promise<boolean> {
    this.#process = STOPPED
    const [stopped] = await Promise.all([this.#child.stop({type: 'stop'}), this.#programs.cancel()])
    this.#calls.stopped()
    return stopped
  }

  /** Has a configuration done; `observing`: nothing of IPVS is touched. Resolves when it is, or soon at the latest. */
  use(config: Config, {observing}: {readonly observing: boolean}): Promise<void> {
    const before = new Set(this.#config.problems)
    this.#config = lvsConfigOf(config)
    for (const problem of this.#config.problems) if (!before.has(problem)) log(problem)
    this.#observing = observing
    this.#files = checkedFiles(config)
    this.#programs.policy = config.global
    return this.#configure()
  }

  /** The same configuration, and whether IPVS is touched has changed. */
  observe(observing: boolean): Promise<void> {
    if (observing === this.#observing) return Promise.resolve()
    this.#observing = observing
    return this.#configure()
  }

  /** A virtual router changed its state: the sync daemons may follow it. */
  statesChanged(): void {
    const daemons = syncDaemons(this.#config.sync, this.#options.isMaster)
    const text = JSON.stringify(daemons)
    if (text === this.#daemons) return
    this.#daemons = text
    this.#child.send({type: 'daemons', daemons})
  }

  /** Something that is tracked has changed; what no FILE_CHECK follows is nothing to it. */
  trackerChanged({kind, name, value}: TrackerStanding): void {
    if (kind === 'file' && this.#files.has(name)) this.#child.send({type: 'file', name, value: value ?? 0})
  }

  /** Asks it; rejects with a `HactlError` when it refuses, and when it does not answer in time. */
  call(name: CheckCallName, input: object): Promise<unknown> {
    return this.#calls.call(name, n => {
      if (this.#child.pid === undefined) return false
      this.#child.send({type: 'call', n, name, input})
      return true
    })
  }

  /** Has it tell of services: everything, then what differs. Returns what ends that. One watches at a time. */
  watch(watcher: ServicesListener): () => void {
    this.#watcher = watcher
    this.#child.send({type: 'watch', on: true})
    return () => {
      if (this.#watcher !== watcher) return
      this.#watcher = undefined
      this.#child.send({type: 'watch', on: false})
    }
  }

  /** Takes one of its overrides back. */
  async cancelOverride(id: string): Promise<Override> {
    const {value} = (await this.call('cancelOverride', {id})) as {readonly value: Override}
    return value
  }

  async #configure(): Promise<void> {
    if (this.#child.pid === undefined) return
    const {stateDirectory, isMaster} = this.#options
    const {fixed, sync} = this.#config
    const daemons = syncDaemons(sync, isMaster)
    this.#daemons = JSON.stringify(daemons)
    const n = ++this.#configured
    const flush = fixed.flush && !this.#flushed
    const files = fileValues(this.#options.tracked(), this.#files)
    // Nobody knows what a process that died had not told any more; what was told already is not told again.
    const checks = {...fixed.checks, tellsOfStart: fixed.checks.tellsOfStart || this.#process > 0}
    const settings = {...fixed, checks, flush, daemons, stateDirectory, files, observing: this.#observing}
    this.#child.send({type: 'configure', n, settings})
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => this.#isConfigured(n), CONFIGURED_WITHIN_MS)
      this.#configuring.set(n, () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #isConfigured(n: number): void {
    this.#configuring.get(n)?.()
    this.#configuring.delete(n)
  }

  #allConfigured(): void {
    for (const n of [...this.#configuring.keys()]) this.#isConfigured(n)
  }

  #onMessage(message: FromCheck): void {
    switch (message.type) {
      case 'pong':
        return
      case 'configured':
        this.#isConfigured(message.n)
        return
      case 'flushed':
        this.#flushed = true
        return
      case 'answer':
        this.#calls.answered(message)
        return
      case 'journal':
        for (const entry of message.entries) this.#options.journal(entry)
        return
      case 'overrides':
        this.#told = message
        this.#tells()
        return
      case 'services':
        this.#watcher?.onServices(message)
        this.#child.send({type: 'watched'})
        return
      case 'run':
        void this.#run(message)
        return
      case 'check-news':
        this.#options.onNews(message.news)
    }
  }

  async #run({n, probe}: Extract<FromCheck, {type: 'run'}>): Promise<void> {
    const asker = this.#process
    if (asker === STOPPED) return
    const result = await this.#programs.run(probe)
    if (asker === this.#process) this.#child.send({type: 'ran', n, result})
  }
}

const NOTHING: LvsConfig = {
  fixed: {
    services: [],
    checks: {virtualServers: [], tellsOfStart: false},
    timeouts: undefined,
    flush: false,
    flushAtStop: 'entries',
  },
  sync: undefined,
  problems: [],
}

/** Names of overrides that the check process has. */
export const isLvsOverride = (id: string): boolean => id.startsWith('lvs-') || id.startsWith('check-')
