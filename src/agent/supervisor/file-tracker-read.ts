import {closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync} from 'node:fs'
import {open} from 'node:fs/promises'
import type {InitFile} from '../../config/tables/track-file.ts'
import {readFileNumber, TRACKED_FILE_BYTES} from '../../core/track/file-number.ts'
import {errorText} from '../../errors.ts'

/** What a tracked file was found to hold. */
export type FileReading =
  | {readonly type: 'number'; readonly value: number}
  /** Both count as 0. */
  | {readonly type: 'absent' | 'empty'}
  /** Something else than a number, which counts as 0. */
  | {readonly type: 'no-number'; readonly detail: string}
  /** What was known before stays. */
  | {readonly type: 'ignored'; readonly detail: string}

/** Reads a tracked file now; whatever it is, at most so many bytes, and never waiting for a writer. */
export function readTrackedFile(path: string): FileReading {
  let fd: number | undefined
  try {
    fd = openSync(path, READ_FLAGS)
    if (!fstatSync(fd).isFile()) return NO_FILE
    const bytes = Buffer.alloc(TRACKED_FILE_BYTES)
    return judged(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)))
  } catch (error) {
    return failed(error)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** The same in the thread pool: a file system that does not answer keeps nobody waiting. */
export async function readTrackedFileLater(path: string): Promise<FileReading> {
  try {
    const handle = await open(path, READ_FLAGS)
    try {
      if (!(await handle.stat()).isFile()) return NO_FILE
      const bytes = Buffer.alloc(TRACKED_FILE_BYTES)
      const {bytesRead} = await handle.read(bytes, 0, bytes.length, 0)
      return judged(bytes.subarray(0, bytesRead))
    } finally {
      await handle.close()
    }
  } catch (error) {
    return failed(error)
  }
}

/**
 * Does what `init_file` says: makes the file if it is not there, and with `overwrite` writes one that is. Answers why
 * it could not; a link in the place of the file is not followed. keepalived.conf(5), track_file.
 */
export function initialiseTrackedFile(path: string, {value, overwrite}: InitFile): string | undefined {
  const {O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW, O_NONBLOCK} = constants
  let fd: number | undefined
  try {
    fd = openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | (overwrite ? O_CREAT : O_CREAT | O_EXCL), 0o644)
    if (!fstatSync(fd).isFile()) return NO_FILE.detail
    ftruncateSync(fd)
    writeSync(fd, `${value}\n`)
    return undefined
  } catch (error) {
    return !overwrite && codeOf(error) === 'EEXIST' ? undefined : errorText(error)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** A pipe without a writer would keep the opener waiting. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK
const NO_FILE = {type: 'no-number', detail: 'it is no regular file'} as const

function judged(bytes: Buffer): FileReading {
  if (bytes.length === 0) return {type: 'empty'}
  const found = readFileNumber(bytes)
  switch (found.type) {
    case 'number':
      return found
    case 'no-number':
      return {type: 'no-number', detail: 'it holds no number'}
    case 'too-great':
      return {type: 'ignored', detail: `${found.text} is beyond 32 bits, what it held before counts`}
  }
}

function failed(error: unknown): FileReading {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return {type: 'absent'}
  return {type: 'no-number', detail: `it cannot be read: ${code ?? errorText(error)}`}
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
