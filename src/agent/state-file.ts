import {closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync} from 'node:fs'
import {open, rename, rm} from 'node:fs/promises'
import {errorText} from '../errors.ts'

/** A list that a file of the state directory held, and what was wrong with the file. */
export interface StateFile<Entry> {
  readonly entries: readonly Entry[]
  readonly problem: string | undefined
}

/** Far above what the agent ever writes. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

/** Reads a list of sound entries. A missing file is an empty list; a damaged one is set aside and reported. */
export function readStateFile<Entry>(
  path: string,
  isSound: (value: unknown) => value is Entry,
  maxBytes = MAX_FILE_BYTES,
): StateFile<Entry> {
  try {
    if (statSync(path).size > maxBytes) throw new Error('it is too large')
    const text = readFileSync(path, 'utf8')
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value)) throw new Error('it is no list')
    const entries = value.filter(isSound)
    const damaged = value.length - entries.length
    const problem = damaged === 0 ? undefined : `${path}: ${damaged} damaged entries are left out`
    return {entries, problem}
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {entries: [], problem: undefined}
    setAside(path)
    return {entries: [], problem: `${path} could not be used and was set aside: ${errorText(error)}`}
  }
}

/** Writes a value whole to a new file, syncs it and puts it in place; throws what the disk says. */
export function writeStateFile(path: string, value: unknown): void {
  const fresh = `${path}.new`
  try {
    const fd = openSync(fresh, 'w', 0o640)
    try {
      writeSync(fd, `${JSON.stringify(value)}\n`)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, {force: true})
    throw error
  }
}

/** The same without waiting for the disk; one after the other is the caller's to see to. Rejects with what it says. */
export async function saveStateFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`
  try {
    const file = await open(fresh, 'w', 0o640)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, {force: true}).catch(() => {})
    throw error
  }
}

/** Keeps a damaged file for whoever wants to know, out of the way. */
export function setAside(path: string): void {
  try {
    renameSync(path, `${path}.damaged`)
  } catch {
    // It stays where it is, and is read again next time.
  }
}
