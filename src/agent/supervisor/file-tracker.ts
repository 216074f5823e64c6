import {type FSWatcher, statSync, watch} from 'node:fs'
import {basename, dirname} from 'node:path'
import type {TrackFileConfig} from '../../config/config.ts'
import type {TrackerStanding} from '../channel.ts'
import {type FileReading, initialiseTrackedFile, readTrackedFile, readTrackedFileLater} from './file-tracker-read.ts'

/** Where news of files go. */
export interface FileTrackerOptions {
  readonly onChange: (standing: TrackerStanding, before: TrackerStanding) => void
  /** A file that could not be initialised. */
  readonly onTrouble: (text: string) => void
}

interface Watched {
  readonly name: string
  readonly path: string
  standing: TrackerStanding
  /** One look at a time; a look asked for meanwhile is made after it. */
  looking: boolean
  timer: NodeJS.Timeout | undefined
  /** Whether the last look found nothing at all in it. */
  wasEmpty: boolean
}

interface WatchedDirectory {
  readonly watcher: FSWatcher
  /** Which directory it is, wherever its path leads now. */
  readonly identity: string
}

/**
 * Keeps what tracked files hold. Their directories are watched, so that a file that is made, replaced, rewritten or
 * removed is seen at once; a look every second finds what a watch cannot tell: directories that come and go, links that
 * lead elsewhere, files of other machines.
 */
export class FileTracker {
  readonly #options: FileTrackerOptions
  readonly #files = new Map<string, Watched>()
  readonly #directories = new Map<string, WatchedDirectory>()
  #poll: NodeJS.Timeout | undefined
  #initialised = false

  constructor(options: FileTrackerOptions) {
    this.#options = options
  }

  /** Takes all `track_file` there are, and the names of those that are tracked. All of them are known after it. */
  configure(all: readonly TrackFileConfig[], tracked: ReadonlySet<string>): void {
    for (const file of all) this.#initialise(file)
    this.#initialised = true
    const wanted = new Map(all.filter(({name}) => tracked.has(name)).map(file => [file.name, file.file]))
    for (const [name, file] of this.#files) if (wanted.get(name) !== file.path) this.#remove(name, file)
    for (const [name, path] of wanted) if (!this.#files.has(name)) this.#add(name, path)
    this.#watchDirectories()
    clearInterval(this.#poll)
    this.#poll = this.#files.size > 0 ? setInterval(() => this.#lookAtAll(), POLL_EVERY_MS) : undefined
  }

  get standings(): readonly TrackerStanding[] {
    return [...this.#files.values()].map(({standing}) => standing)
  }

  /** Ends watching; no callback comes after it. */
  stop(): void {
    clearInterval(this.#poll)
    for (const [name, file] of this.#files) this.#remove(name, file)
    this.#watchDirectories()
  }

  /** At the start `overwrite` counts; later it would undo what others have written since. */
  #initialise({name, file, initFile}: TrackFileConfig): void {
    if (!initFile) return
    const overwrite = initFile.overwrite && !this.#initialised
    const problem = initialiseTrackedFile(file, {...initFile, overwrite})
    if (problem !== undefined) this.#options.onTrouble(`track_file ${name}: ${file} is not initialised: ${problem}`)
  }

  #add(name: string, path: string): void {
    const unread: TrackerStanding = {kind: 'file', name, verdict: 'unknown', value: 0, detail: undefined}
    const reading = readTrackedFile(path)
    const standing = standingAfter(unread, reading)
    this.#files.set(name, {name, path, standing, looking: false, timer: undefined, wasEmpty: reading.type === 'empty'})
  }

  #remove(name: string, file: Watched): void {
    clearTimeout(file.timer)
    this.#files.delete(name)
  }

  #lookAtAll(): void {
    this.#watchDirectories()
    for (const file of this.#files.values()) this.#lookIn(file, 0)
  }

  /** Whoever writes a file often is looked at once in a while. */
  #lookIn(file: Watched, delayMs: number): void {
    file.timer ??= setTimeout(() => {
      file.timer = undefined
      void this.#look(file)
    }, delayMs)
  }

  async #look(file: Watched): Promise<void> {
    if (file.looking) {
      this.#lookIn(file, SETTLE_MS)
      return
    }
    file.looking = true
    const reading = await readTrackedFileLater(file.path)
    file.looking = false
    if (this.#files.get(file.name) === file) this.#found(file, reading)
  }

  #found(file: Watched, reading: FileReading): void {
    const {wasEmpty} = file
    file.wasEmpty = reading.type === 'empty'
    // A shell empties a file before it writes: only what stays empty holds nothing.
    if (file.wasEmpty && !wasEmpty) {
      this.#lookIn(file, STAYS_EMPTY_MS)
      return
    }
    const before = file.standing
    const standing = standingAfter(before, reading)
    if (sameStanding(before, standing)) return
    file.standing = standing
    this.#options.onChange(standing, before)
  }

  #watchDirectories(): void {
    const wanted = new Set([...this.#files.values()].map(({path}) => dirname(path)))
    for (const [path, {watcher, identity}] of this.#directories) {
      if (wanted.has(path) && identityOf(path) === identity) continue
      watcher.close()
      this.#directories.delete(path)
    }
    for (const path of wanted) if (!this.#directories.has(path)) this.#watchDirectory(path)
  }

  #watchDirectory(path: string): void {
    const identity = identityOf(path)
    if (identity === undefined) return
    try {
      const watcher = watch(path, (_event, name) => this.#changedIn(path, name))
      // Where it cannot be watched any more, the look every second is left.
      watcher.on('error', () => watcher.close())
      this.#directories.set(path, {watcher, identity})
    } catch {
      // No watches left, or none on this file system: the look every second does.
    }
  }

  #changedIn(directory: string, name: string | null): void {
    for (const file of this.#files.values()) {
      if (dirname(file.path) !== directory || (name !== null && basename(file.path) !== name)) continue
      this.#lookIn(file, SETTLE_MS)
    }
  }
}

const POLL_EVERY_MS = 1_000
/** Long enough for who rewrites a file to be done, short beside every interval of VRRP. */
const SETTLE_MS = 10
const STAYS_EMPTY_MS = 100

/** What a reading makes of what was known. */
function standingAfter(before: TrackerStanding, reading: FileReading): TrackerStanding {
  const {kind, name} = before
  switch (reading.type) {
    case 'number':
      return {kind, name, verdict: 'good', value: reading.value, detail: `it holds ${reading.value}`}
    case 'absent':
      return {kind, name, verdict: 'good', value: 0, detail: 'it is not there'}
    case 'empty':
      return {kind, name, verdict: 'good', value: 0, detail: 'it is empty'}
    case 'no-number':
      return {kind, name, verdict: 'bad', value: 0, detail: reading.detail}
    case 'ignored':
      return {kind, name, verdict: 'bad', value: before.value ?? 0, detail: reading.detail}
  }
}

const sameStanding = (a: TrackerStanding, b: TrackerStanding): boolean =>
  a.verdict === b.verdict && a.value === b.value && a.detail === b.detail

function identityOf(path: string): string | undefined {
  const stats = statSync(path, {throwIfNoEntry: false})
  return stats?.isDirectory() ? `${stats.dev} ${stats.ino}` : undefined
}
