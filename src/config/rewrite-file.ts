import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import {errorText, HactlError} from '../errors.ts'
import {readMain} from './load.ts'

/** The text of a file that is to be written again. Throws `HactlError` where that would not give the same bytes. */
export function readForRewriting(path: string): string {
  const {text} = readMain(path)
  if (Buffer.from(text, 'utf8').equals(readFileSync(path))) return text
  throw new HactlError('INVALID_CONFIGURATION', `${path} is not text in UTF-8`, 'convert it first, for instance: iconv')
}

/**
 * Puts another text into a file, whole or not at all: it is written beside it, with its mode and owner, and renamed. A
 * symbolic link stays, and what it names is written. Throws `HactlError` when the file stays as it was.
 */
export function rewriteFile(path: string, text: string | Uint8Array): void {
  const target = realpathSync(path)
  const beside = `${target}.hactl-${process.pid}`
  try {
    writeBeside(target, beside, text)
    renameSync(beside, target)
  } catch (error) {
    removeQuietly(beside)
    const denied = ['EACCES', 'EPERM', 'EROFS'].includes(String((error as NodeJS.ErrnoException).code))
    const message = `${path} stays as it was: ${errorText(error)}`
    throw new HactlError(denied ? 'PERMISSION' : 'FAILED', message, undefined, {cause: error})
  }
}

function writeBeside(target: string, beside: string, text: string | Uint8Array): void {
  // A run of this number that was killed may have left one; no other program writes there.
  removeQuietly(beside)
  const old = openSync(target, 'r')
  try {
    const {mode, uid, gid} = fstatSync(old)
    const descriptor = openSync(beside, 'wx', 0o600)
    try {
      writeFileSync(descriptor, text)
      fchownSync(descriptor, uid, gid)
      fchmodSync(descriptor, mode & 0o7777)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } finally {
    closeSync(old)
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It was never made, or is renamed.
  }
}
