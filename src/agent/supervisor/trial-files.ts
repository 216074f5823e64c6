import {createHash} from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {dirname, join} from 'node:path'
import {rewriteFile} from '../../config/rewrite-file.ts'
import {LIMITS} from '../../config/text/source-lines.ts'
import {errorText, HactlError} from '../../errors.ts'
import {readStateFile} from '../state-file.ts'

/** A trial as the state directory keeps it; times are ISO 8601, UTC. */
export interface StoredTrial {
  readonly id: string
  /** The configuration file. */
  readonly file: string
  /** Its permissions before, for the case that somebody removes it. */
  readonly mode: number
  readonly since: string
  readonly until: string
  readonly seconds: number
  /** SHA-256 of the file before, and of what is on trial. */
  readonly before: string
  readonly given: string
}

/** What of a trial is on disk: `trial.json`, and the whole file from before in `trial.conf`, both for root alone. */
export class TrialFiles {
  readonly #list: string
  readonly #text: string

  constructor(stateDirectory: string) {
    this.#list = join(stateDirectory, 'trial.json')
    this.#text = join(stateDirectory, 'trial.conf')
  }

  /** The trial that an earlier run left, and what was wrong with the file. */
  read(): {readonly trial: StoredTrial | undefined; readonly problem: string | undefined} {
    const {entries, problem} = readStateFile(this.#list, isStored)
    return {trial: entries[0], problem}
  }

  /** Keeps a trial and the file from before it, so that no power cut takes them away. Throws `HactlError` FAILED. */
  keep(trial: StoredTrial, before: Buffer): void {
    try {
      writeWhole(this.#text, before, 0o600)
      writeWhole(this.#list, Buffer.from(`${JSON.stringify([trial])}\n`), 0o600)
    } catch (error) {
      this.#removeAll()
      const message = `the present configuration could not be kept for later: ${errorText(error)}`
      throw new HactlError('FAILED', message, 'nothing was changed', {cause: error})
    }
  }

  /** Ends a trial on disk. Throws `HactlError` FAILED when it is still there. */
  forget(): void {
    try {
      rmSync(this.#list, {force: true})
      syncDirectory(dirname(this.#list))
    } catch (error) {
      throw new HactlError('FAILED', `${this.#list} could not be removed: ${errorText(error)}`, undefined, {
        cause: error,
      })
    }
    this.#removeAll()
  }

  /** Whether the file is what it was before the trial. */
  isBack({file, before}: StoredTrial): boolean {
    const present = bytesOf(file)
    return present !== undefined && hashOf(present) === before
  }

  /**
   * Puts the file from before in its place again. One that is not what was put on trial was edited meanwhile, and is
   * kept beside it; answers under which name. Throws `HactlError` when the file stays as it is.
   */
  putBack(trial: StoredTrial): string | null {
    const {file, mode, id} = trial
    const before = bytesOf(this.#text)
    if (before === undefined || hashOf(before) !== trial.before) {
      throw new HactlError('FAILED', `${this.#text} is not what was kept there`, `${file} stays as it is`)
    }
    const present = bytesOf(file)
    if (present === undefined) {
      writeWhole(file, before, mode)
      return null
    }
    const hash = hashOf(present)
    if (hash === trial.before) return null
    const keptAs = hash === trial.given ? null : keepBeside(realpathSync(file), id)
    replaceFile(file, before)
    return keptAs
  }

  #removeAll(): void {
    for (const path of [this.#list, this.#text]) {
      for (const each of [path, `${path}.new`]) {
        try {
          rmSync(each, {force: true})
        } catch {
          // Without its list the text means nothing; the next trial writes over it.
        }
      }
    }
  }
}

/** SHA-256, hexadecimal. */
export const hashOf = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

/** The bytes of a regular file; undefined where there is none. Throws what the disk says, and for one far too large. */
export function bytesOf(file: string): Buffer | undefined {
  try {
    const stat = statSync(file)
    if (!stat.isFile()) throw new HactlError('FAILED', `${file} is no regular file`, undefined)
    if (stat.size > LIMITS.bytes)
      throw new HactlError('FAILED', `${file} has more than ${LIMITS.bytes} bytes`, undefined)
    return readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Puts other bytes into a file, whole or not at all, also over a power cut. Throws `HactlError`. */
export function replaceFile(file: string, bytes: Buffer | string): void {
  rewriteFile(file, bytes)
  syncDirectory(dirname(realpathSync(file)))
}

/** The edited file gets a second name: no disk space is needed for that. */
function keepBeside(target: string, id: string): string {
  const beside = `${target}.edited-${id}`
  rmSync(beside, {force: true})
  try {
    linkSync(target, beside)
  } catch {
    copyFileSync(target, beside)
  }
  return beside
}

function writeWhole(path: string, bytes: Buffer, mode: number): void {
  const fresh = `${path}.new`
  rmSync(fresh, {force: true})
  const descriptor = openSync(fresh, 'wx', mode)
  try {
    writeFileSync(descriptor, bytes)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(fresh, path)
  syncDirectory(dirname(path))
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function isStored(value: unknown): value is StoredTrial {
  if (typeof value !== 'object' || value === null) return false
  const {id, file, mode, since, until, seconds, before, given} = value as Partial<StoredTrial>
  const texts = [id, file, since, until, before, given]
  return (
    texts.every(text => typeof text === 'string' && text !== '') &&
    [mode, seconds].every(number => Number.isSafeInteger(number) && Number(number) > 0) &&
    [since, until].every(time => !Number.isNaN(Date.parse(String(time))))
  )
}
