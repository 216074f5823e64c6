import {execFile} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {promisify} from 'node:util'
import {errorText} from '../errors.ts'

/**
 * Loads a module of the kernel by modprobe(8), without a shell; resolves to why that cannot be, one line, or undefined
 * where it is loaded. Never rejects.
 */
export async function loadModule(name: string): Promise<string | undefined> {
  if (process.geteuid?.() !== 0) return 'only root may load it'
  try {
    await promisify(execFile)(await loaderPath(), ['--', name], {env: {PATH: PROGRAM_PATHS}, timeout: TIMEOUT_MS})
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** The program by which the kernel itself loads modules. */
const LOADER_SETTING = '/proc/sys/kernel/modprobe'
const USUAL_LOADER = '/sbin/modprobe'
const PROGRAM_PATHS = '/usr/sbin:/sbin:/usr/bin:/bin'
const TIMEOUT_MS = 10_000
const MAX_REASON = 200

async function loaderPath(): Promise<string> {
  const setting = await readFile(LOADER_SETTING, 'utf8').catch(() => '')
  return setting.trim() === '' ? USUAL_LOADER : setting.trim()
}

/** What the program wrote last, or why it could not be started. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return errorText(error)
  if ('code' in error && error.code === 'ENOENT') return 'there is no modprobe(8)'
  if ('killed' in error && error.killed === true) return 'modprobe(8) does not end'
  const written = 'stderr' in error ? String(error.stderr).trim() : ''
  const last = written.slice(written.lastIndexOf('\n') + 1)
  return (last === '' ? errorText(error) : last).replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON)
}
