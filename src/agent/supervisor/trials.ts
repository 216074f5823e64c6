import {randomBytes} from 'node:crypto'
import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import type {Config, LoadedConfig} from '../../config/config.ts'
import {readMain, surroundings} from '../../config/load.ts'
import {parseConfig} from '../../config/parse.ts'
import {whyRestartNeeded} from '../../config/restart-needed.ts'
import type {ApplyReply, Trial, TrialEnd} from '../../control/config-model.ts'
import type {ReloadReply} from '../../control/model.ts'
import {counted} from '../../core/format.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {errorText, HactlError} from '../../errors.ts'
import {place, reply} from './reload-reply.ts'
import {bytesOf, hashOf, replaceFile, type StoredTrial, TrialFiles} from './trial-files.ts'

/** What trials need of the supervisor. */
export interface TrialSources {
  readonly configFile: string
  readonly stateDirectory: string
  /** The configuration that runs. */
  config(): Config
  /** The files that it was read from, and what they held. */
  texts(): ReadonlyMap<string, string>
  reload(how: {readonly force: boolean}): Promise<ReloadReply>
  note(text: string, facts: JournalEntry['facts']): void
}

/** What is to be applied. */
export interface Application {
  readonly text?: string
  /** Undefined: for good. */
  readonly confirmWithinSeconds?: number
  readonly force?: boolean
}

/** After a failure to take a configuration back it is tried again, milliseconds. */
const TRY_AGAIN_MS = 10_000

/**
 * Puts other configurations to work and takes them back unless they are confirmed in time, also over an end of the
 * agent: what there was before is on disk before anything changes.
 */
export class Trials {
  readonly #sources: TrialSources
  readonly #files: TrialFiles
  #trial: StoredTrial | undefined
  #timer: NodeJS.Timeout | undefined
  #busy = false
  #lastTrouble = ''

  constructor(sources: TrialSources) {
    this.#sources = sources
    this.#files = new TrialFiles(sources.stateDirectory)
  }

  /** What is on trial; null: nothing. */
  get current(): Trial | null {
    if (this.#trial === undefined) return null
    const {id, since, until} = this.#trial
    return {id, since, until}
  }

  /** Takes up the trial that an earlier run left; `recovered` is what `takeBackOverdue` has told. */
  start(recovered: readonly string[]): void {
    for (const text of recovered) this.#sources.note(text, {})
    this.#trial = this.#files.read().trial
    if (this.#trial === undefined) return
    const {id, until} = this.#trial
    this.#sources.note(`the configuration on trial goes on until ${until}`, {id, until})
    this.#arm(leftMs(this.#trial, Date.now()))
  }

  /** Nothing is taken back any more by this run; the next start does it. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  /**
   * Writes a configuration to the file and puts it to work. One with errors changes nothing, unless it is forced.
   * Throws `HactlError`: REFUSED during another trial and where the file was edited, USAGE, PERMISSION, FAILED.
   */
  async apply(application: Application): Promise<ApplyReply> {
    if (this.#trial !== undefined) {
      const {id, until} = this.#trial
      throw new HactlError('REFUSED', `a configuration is on trial until ${until} (${id})`, 'it ends by itself then')
    }
    return this.#alone(() => this.#apply(application))
  }

  /** Keeps what is on trial. Throws `HactlError`: NOT_FOUND, REFUSED, FAILED. */
  confirm(id = ''): Trial {
    const trial = this.#require(id)
    if (this.#busy) throw new HactlError('REFUSED', 'it is being taken back', undefined)
    this.#files.forget()
    clearTimeout(this.#timer)
    this.#trial = undefined
    this.#sources.note(`the configuration on trial was confirmed (${trial.id})`, {id})
    return {id, since: trial.since, until: trial.until}
  }

  /** Takes back what is on trial, now. Throws `HactlError`: NOT_FOUND, REFUSED, FAILED. */
  rollback(id = ''): Promise<TrialEnd> {
    const trial = this.#require(id)
    return this.#alone(() => this.#takeBack(trial, 'it was asked for'))
  }

  async #apply({text = '', confirmWithinSeconds, force = false}: Application): Promise<ApplyReply> {
    const {configFile} = this.#sources
    if (text.trim() === '') throw new HactlError('USAGE', 'the configuration is empty', 'send its text')
    const candidate = readCandidate(configFile, text)
    const refused = this.#whyNot(candidate, force)
    const diagnostics = candidate.diagnostics.map(reply)
    if (refused !== undefined) {
      this.#sources.note(`a configuration that was sent was refused: ${refused}`, {})
      return {applied: false, refused, diagnostics, changes: [], trial: null}
    }
    const before = this.#present(force)
    const trial = confirmWithinSeconds === undefined ? undefined : this.#begin(before, text, confirmWithinSeconds)
    let reloaded: ReloadReply
    try {
      replaceFile(configFile, text)
      reloaded = await this.#sources.reload({force})
      if (!reloaded.applied) throw new HactlError('FAILED', 'the reload was refused', 'see: hactl agent status')
    } catch (error) {
      await this.#undo(before)
      throw error
    }
    if (trial !== undefined) this.#arm(leftMs(trial, Date.now()))
    const how = trial === undefined ? 'for good' : `on trial until ${trial.until} (${trial.id})`
    this.#sources.note(`a configuration that was sent was put to work ${how}`, {
      file: configFile,
      id: trial?.id ?? null,
      until: trial?.until ?? null,
    })
    return {applied: true, refused: null, diagnostics, changes: reloaded.changes, trial: this.current}
  }

  #whyNot({config, diagnostics}: LoadedConfig, force: boolean): string | undefined {
    const errors = diagnostics.filter(({severity}) => severity === 'error')
    const [first] = errors
    if (first !== undefined && !force) {
      return `it has ${counted(errors.length, 'error')}, the first at ${place(first)}: ${first.message}`
    }
    return whyRestartNeeded(this.#sources.config(), config)
  }

  /** The file as it is. Throws where it is not what runs: what comes back later would be something that never ran. */
  #present(force: boolean): Buffer {
    const {configFile} = this.#sources
    const bytes = bytesOf(configFile)
    if (bytes === undefined) {
      throw new HactlError('REFUSED', `there is no ${configFile} that could come back`, 'put the file there first')
    }
    const edited = force ? undefined : [...this.#sources.texts()].find(([file, text]) => !holds(file, text))?.[0]
    if (edited === undefined) return bytes
    const hint = 'reload the agent there or put the file back first, or: --force'
    throw new HactlError('REFUSED', `${edited} was edited and is not what runs`, hint)
  }

  #begin(before: Buffer, text: string, seconds: number): StoredTrial {
    const now = Date.now()
    const file = resolve(this.#sources.configFile)
    const trial: StoredTrial = {
      id: randomBytes(6).toString('hex'),
      file,
      mode: statSync(file).mode & 0o7777,
      since: new Date(now).toISOString(),
      until: new Date(now + seconds * 1_000).toISOString(),
      seconds,
      before: hashOf(before),
      given: hashOf(text),
    }
    this.#files.keep(trial, before)
    this.#trial = trial
    return trial
  }

  /** Makes it all as it was before an application that failed; the failure itself is told by the caller. */
  async #undo(before: Buffer): Promise<void> {
    const {configFile} = this.#sources
    try {
      if (!bytesOf(configFile)?.equals(before)) {
        replaceFile(configFile, before)
        await this.#sources.reload({force: true})
      }
      this.#files.forget()
      this.#trial = undefined
    } catch (error) {
      this.#trouble(`${configFile} could not be put back: ${errorText(error)}`)
      // With a trial it is tried again; without one nobody has said that it is to come back.
      if (this.#trial !== undefined) this.#arm(TRY_AGAIN_MS)
    }
  }

  async #takeBack(trial: StoredTrial, why: string): Promise<TrialEnd> {
    const {id, file} = trial
    const keptAs = this.#files.putBack(trial)
    let changes: readonly string[] = []
    try {
      // It ran before, whatever there is to say against it.
      const reloaded = await this.#sources.reload({force: true})
      if (!reloaded.applied) throw new HactlError('FAILED', 'the reload was refused', 'see: hactl agent status')
      ;({changes} = reloaded)
    } catch (error) {
      // A process that is slow gets the configuration all the same.
      if (!(error instanceof HactlError) || error.code !== 'TIMED_OUT') throw error
    }
    this.#files.forget()
    clearTimeout(this.#timer)
    this.#trial = undefined
    this.#sources.note(`the configuration on trial was taken back: ${why}${keptText(keptAs)}`, {id, file, keptAs})
    return {id, changes, keptAs}
  }

  #arm(waitMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#expire().catch(error => {
        this.#trouble(`the configuration on trial could not be taken back: ${errorText(error)}; it is tried again`)
        this.#arm(TRY_AGAIN_MS)
      })
    }, waitMs)
  }

  async #expire(): Promise<void> {
    const trial = this.#trial
    if (trial === undefined) return
    if (this.#busy) {
      // An operator takes it back this moment.
      this.#arm(TRY_AGAIN_MS)
      return
    }
    await this.#alone(() => this.#takeBack(trial, `nobody confirmed it within ${trial.seconds} s`))
  }

  /** The same trouble is told once. */
  #trouble(text: string): void {
    if (text === this.#lastTrouble) return
    this.#lastTrouble = text
    this.#sources.note(text, {})
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy) throw new HactlError('REFUSED', 'a configuration is being put to work', 'try again')
    this.#busy = true
    try {
      return await work()
    } finally {
      this.#busy = false
    }
  }

  #require(id: string): StoredTrial {
    const trial = this.#trial
    if (trial?.id === id) return trial
    const message =
      trial === undefined ? 'no configuration is on trial' : `another configuration is on trial: ${trial.id}`
    throw new HactlError('NOT_FOUND', message, 'it was confirmed, or taken back: see hactl agent status')
  }
}

/**
 * Before the configuration is read at a start: puts the file from before a trial back when nobody confirmed it in time.
 * Answers what there is to tell, a sentence each. Whatever is on disk, it does not throw.
 */
export function takeBackOverdue(stateDirectory: string, now: number): readonly string[] {
  const files = new TrialFiles(stateDirectory)
  const {trial, problem} = files.read()
  const told = problem === undefined ? [] : [`${problem}: no configuration is taken back`]
  if (trial === undefined) return told
  try {
    if (files.isBack(trial)) {
      files.forget()
      return [...told, `the configuration on trial had been taken back when the agent ended (${trial.id})`]
    }
    if (leftMs(trial, now) > 0) return told
    const keptAs = files.putBack(trial)
    files.forget()
    const why = `nobody confirmed it until ${trial.until}`
    return [...told, `the configuration on trial was taken back at the start: ${why}${keptText(keptAs)}`]
  } catch (error) {
    return [...told, `the configuration on trial could not be taken back: ${errorText(error)}; it is tried again`]
  }
}

/** How long a trial goes on, milliseconds; a clock that was set back makes it no longer than it was to be. */
const leftMs = ({until, seconds}: StoredTrial, now: number): number =>
  Math.min(seconds * 1_000, Math.max(0, Date.parse(until) - now))

const keptText = (keptAs: string | null): string =>
  keptAs === null ? '' : `; the file had been edited meanwhile, and that is kept as ${keptAs}`

function readCandidate(configFile: string, text: string): LoadedConfig {
  const included: string[] = []
  const source = {file: resolve(configFile), text, ...surroundings({})}
  const loaded = parseConfig(source, pattern => {
    included.push(pattern)
    return {files: [], problems: []}
  })
  const [first] = included
  if (first === undefined) return loaded
  const message = `the configuration includes ${first}, and only what is sent can be taken back again`
  throw new HactlError('USAGE', message, 'send one text with everything in it')
}

function holds(file: string, text: string): boolean {
  try {
    return readMain(file).text === text
  } catch {
    return false
  }
}
