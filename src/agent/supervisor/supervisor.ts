import {hostname} from 'node:os'
import {join} from 'node:path'
import type {Config, Diagnostic, LoadedConfig} from '../../config/config.ts'
import {describeChanges} from '../../config/diff.ts'
import {loadConfig} from '../../config/load.ts'
import {groupsOf, routersOf} from '../../config/router-config.ts'
import type {AgentStatus, ReloadReply} from '../../control/model.ts'
import type {JournalEntry, JournalRecord} from '../../core/journal/record.ts'
import {after, type MonotonicMs} from '../../core/units.ts'
import {errorText, HactlError} from '../../errors.ts'
import type {FromCheck, FromVrrp, OwnedAddress, Resumption, ToCheck, ToVrrp, TrackerStanding} from '../channel.ts'
import {Board} from './board.ts'
import {Child} from './child.ts'
import {Journal} from './journal.ts'
import {log, logRecord} from './log.ts'
import {Notifier} from './notifier.ts'
import {addressesOf, readOwnedAddresses, writeOwnedAddresses} from './owned-addresses.ts'
import {ScriptRunner} from './script-runner.ts'

/** `hactl agent run`: where everything is. */
export interface SupervisorOptions {
  readonly configFile: string
  readonly socketPath: string
  readonly stateDir: string
  readonly version: string
}

/** A virtual router advertises once an interval, so backups cannot move before this many after it last turned. */
const RESUME_INTERVALS = 2
/** A vrrp process that is silent for three of its shortest intervals is as good as dead; within these bounds, ms. */
const STALL_INTERVALS = 3
const MIN_STALL_MS = 1_000
const MAX_STALL_MS = 5_000
/** How long a reload may take to reach the vrrp process, milliseconds. */
const CONFIGURED_WITHIN_MS = 5_000
/** How long notify scripts may run on after everything is withdrawn, milliseconds. */
const DRAIN_NOTIFIES_MS = 5_000

type Facts = JournalEntry['facts']

/** The supervisor without its sockets and signals: configuration, children, scripts, journal. */
export class Supervisor {
  readonly board = new Board()
  readonly journal: Journal
  readonly #options: SupervisorOptions
  readonly #startedAt = new Date().toISOString()
  readonly #scripts = new ScriptRunner((standing, before) => this.#scriptChanged(standing, before.verdict))
  readonly #notifier = new Notifier(entry => this.journal.append(entry))
  readonly #vrrp: Child<FromVrrp, ToVrrp>
  readonly #check: Child<FromCheck, ToCheck>
  #loaded: LoadedConfig
  #loadedAt = this.#startedAt
  #refused: string | null = null
  #owned: readonly OwnedAddress[] = []
  #ownedProblem: string | null = null
  #resume: readonly Resumption[] = []
  /** Number of the configuration that the vrrp process was given last. */
  #configured = 0
  #onConfigured: (() => void) | undefined
  #reloading: Promise<unknown> = Promise.resolve()

  constructor(options: SupervisorOptions, loaded: LoadedConfig) {
    this.#options = options
    this.#loaded = loaded
    this.journal = new Journal(options.stateDir, record => {
      logRecord(record)
      this.board.recorded(record)
      this.#notifier.onRecord(record)
    })
    this.#vrrp = new Child<FromVrrp, ToVrrp>({
      ...this.#childOptions('vrrp'),
      // Collections by helper threads make the one thread that matters wait for a core under load.
      nodeOptions: ['--single-threaded-gc'],
      onStarted: () => this.#configureVrrp(),
      onMessage: message => this.#fromVrrp(message),
    })
    this.#check = new Child<FromCheck, ToCheck>({
      ...this.#childOptions('check'),
      nodeOptions: [],
      onStarted: () => {},
      onMessage: () => {},
    })
  }

  get config(): Config {
    return this.#loaded.config
  }

  /** Starts everything. What an earlier run left is handed to the vrrp process, which cleans it up. */
  start(): void {
    const {stateDir, configFile} = this.#options
    const {owned, problem} = readOwnedAddresses(stateDir)
    this.#owned = owned
    const unclean = endedUncleanly(this.journal.records)
    const after = unclean ? ', after a run that did not end cleanly' : ''
    const text = `agent ${this.#options.version} started with ${configFile}${after}`
    this.#note('agent-started', text, {pid: process.pid, unclean})
    if (problem) this.#note('journal-damaged', problem)
    this.#logDiagnostics(this.#loaded)
    this.#use(this.#loaded)
    this.#vrrp.start()
    this.#check.start()
  }

  /** Withdraws everything in order and ends the children. */
  async stop(reason: string): Promise<void> {
    this.#note('agent-stopping', `agent stops: ${reason}`)
    this.#scripts.stop()
    const [withdrawn] = await Promise.all([this.#vrrp.stop({type: 'stop'}), this.#check.stop({type: 'stop'})])
    await this.#notifier.drain(DRAIN_NOTIFIES_MS)
    if (withdrawn) this.#saveOwned([])
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
    const count = (severity: Diagnostic['severity']): number =>
      this.#loaded.diagnostics.filter(diagnostic => diagnostic.severity === severity).length
    return {
      version: this.#options.version,
      node: this.config.global.routerId ?? hostname(),
      pid: process.pid,
      startedAt: this.#startedAt,
      configuration: {
        file: this.#options.configFile,
        loadedAt: this.#loadedAt,
        errors: count('error'),
        warnings: count('warning'),
        refused: this.#refused,
      },
      processes: [this.#vrrp.status, this.#check.status],
      stateDirectory: this.#options.stateDir,
      stateProblem: this.journal.writeFailure ?? this.#ownedProblem,
      socket: this.#options.socketPath,
    }
  }

  async #reload({force}: {readonly force: boolean}): Promise<ReloadReply> {
    let loaded: LoadedConfig
    try {
      loaded = loadConfig(this.#options.configFile)
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
    const changes = describeChanges(this.config, loaded.config)
    this.#loaded = loaded
    this.#loadedAt = new Date().toISOString()
    this.#refused = null
    const text = changes.length === 0 ? 'configuration read again: nothing changed' : `configuration: ${changes[0]}`
    const more = changes.length > 1 ? ` (and ${changes.length - 1} more)` : ''
    this.#note('configuration-loaded', `${text}${more}`, {
      file: this.#options.configFile,
      changes: changes.slice(0, 50),
    })
    this.#logDiagnostics(loaded)
    this.#use(loaded)
    this.#configureVrrp()
    await this.#awaitConfigured()
    return {applied: true, diagnostics, changes}
  }

  /** Puts a configuration to work in this process; the vrrp process gets it by `#configureVrrp`. */
  #use({config}: LoadedConfig): void {
    this.#saveOwned(distinct([...this.#owned, ...addressesOf(config)]))
    this.#notifier.configure(config)
    this.#scripts.configure(config)
    const intervals = routersOf(config).map(({advertIntervalMs}) => advertIntervalMs)
    const shortest = intervals.length > 0 ? Math.min(...intervals) : MAX_STALL_MS
    this.#vrrp.stallAfterMs = Math.min(MAX_STALL_MS, Math.max(MIN_STALL_MS, STALL_INTERVALS * shortest))
  }

  #configureVrrp(): void {
    this.#vrrp.send({
      type: 'configure',
      n: ++this.#configured,
      instances: routersOf(this.config),
      groups: groupsOf(this.config),
      trackers: this.#scripts.standings,
      owned: this.#owned,
      resume: this.#resume,
    })
    this.#resume = []
  }

  async #awaitConfigured(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new HactlError('TIMED_OUT', 'the vrrp process did not take the configuration', 'see the journal')),
        CONFIGURED_WITHIN_MS,
      )
      this.#onConfigured = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #fromVrrp(message: FromVrrp): void {
    switch (message.type) {
      case 'configured':
        // A later one is on its way: what it is asked to clean is still there.
        if (message.n !== this.#configured) return
        // What it was asked to clean is gone; from here on only the present configuration can leave anything.
        this.#saveOwned(addressesOf(this.config))
        this.#onConfigured?.()
        this.#onConfigured = undefined
        return
      case 'routers':
        this.board.update(message)
        return
      case 'journal':
        for (const entry of message.entries) this.journal.append(entry)
        return
      case 'pong':
        this.board.confirm()
    }
  }

  #scriptChanged(standing: TrackerStanding, before: string): void {
    const {name, verdict, detail} = standing
    const words = before === 'unknown' ? `is ${verdict}` : verdict === 'good' ? 'is good again' : 'went bad'
    const tracker = `script ${name}`
    this.#note('tracker-changed', `${tracker} ${words}: ${detail}`, {tracker, from: before, to: verdict})
    this.#vrrp.send({type: 'tracker', tracker: standing})
  }

  #childOptions(name: 'vrrp' | 'check') {
    return {
      name,
      modulePath: join(import.meta.dirname, `${name}.cjs`),
      onDied: (death: {pid: number; how: string; ranMs: number; aliveAt: MonotonicMs; restartInMs: number}): void => {
        if (name === 'vrrp') this.#resume = this.#resumptions(death.aliveAt)
        const soon = death.restartInMs > 0 ? `, restarts in ${death.restartInMs} ms` : ', restarted at once'
        const text = `${name} process ${death.pid} died (${death.how})${soon}`
        this.#note('process-died', text, {
          process: name,
          pid: death.pid,
          how: death.how,
          ranMs: Math.round(death.ranMs),
        })
      },
      onStalled: (silentMs: number): void => {
        const text = `${name} process did not answer for ${Math.round(silentMs)} ms and is killed`
        this.#note('process-stalled', text, {process: name, silentMs: Math.round(silentMs)})
      },
      onOutput: (line: string): void => log(`${name}: ${line}`),
    }
  }

  #resumptions(aliveAt: MonotonicMs): readonly Resumption[] {
    return this.board.routers
      .filter(({state}) => state === 'master')
      .map(({name, advertIntervalMs}) => ({name, until: after(aliveAt, RESUME_INTERVALS * advertIntervalMs)}))
  }

  #refuse(reason: string): void {
    this.#refused = reason
    this.#note('configuration-refused', `configuration not applied, the old one stays: ${reason}`)
  }

  #saveOwned(owned: readonly OwnedAddress[]): void {
    this.#owned = owned
    const before = this.#ownedProblem
    try {
      writeOwnedAddresses(this.#options.stateDir, owned)
      this.#ownedProblem = null
    } catch (error) {
      this.#ownedProblem = errorText(error)
      if (before === this.#ownedProblem) return
      log(`${this.#options.stateDir}: ${this.#ownedProblem}; after an unclean death leftovers may not be recognised`)
    }
  }

  #logDiagnostics({diagnostics}: LoadedConfig): void {
    for (const diagnostic of diagnostics) {
      log(`${place(diagnostic)}: ${diagnostic.severity} ${diagnostic.code}: ${diagnostic.message}`)
    }
  }

  #note(kind: JournalEntry['kind'], text: string, facts: Facts = {}): void {
    this.journal.append({at: new Date().toISOString(), kind, text, facts})
  }
}

/** Whether the last run began and never came to stop. */
function endedUncleanly(records: readonly JournalRecord[]): boolean {
  const last = records.findLast(({kind}) => kind === 'agent-started' || kind === 'agent-stopping')
  return last?.kind === 'agent-started'
}

const place = ({position}: Diagnostic): string => `${position.file}:${position.line}:${position.column}`

function reply(diagnostic: Diagnostic): ReloadReply['diagnostics'][number] {
  const {code, severity, position, message, hint} = diagnostic
  return {code, severity, class: diagnostic.class, ...position, message, hint: hint ?? null}
}

function distinct(owned: readonly OwnedAddress[]): readonly OwnedAddress[] {
  return [...new Map(owned.map(entry => [JSON.stringify(entry), entry])).values()]
}
