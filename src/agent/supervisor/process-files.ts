import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {Config, Diagnostic, GlobalConfig} from '../../config/config.ts'
import {configText} from '../../config/read-back.ts'
import {errorText} from '../../errors.ts'

/** Where to tell of a file that cannot be written. */
type Complain = (text: string) => void

/**
 * The agent's pid file, beside its socket: agent.sock -> agent.pid, or agent_NAME.pid with `instance NAME`. Several
 * agents have several sockets, and so they have several of these. keepalived.conf(5), instance
 */
export function pidFileOf(socketPath: string, {instanceName}: Pick<Config, 'instanceName'>): string {
  const name = basename(socketPath, '.sock')
  const suffix = instanceName === undefined ? '' : `_${instanceName.replaceAll('/', '_')}`
  return join(dirname(socketPath), `${name}${suffix}.pid`)
}

/**
 * Calls `load` while `reload_file` exists: made or emptied before, removed after it, so that who writes the
 * configuration can wait for that. keepalived.conf(5), reload_file
 */
export function whileReloadFile<Result>(
  reloadFile: GlobalConfig['reloadFile'],
  load: () => Result,
  complain: Complain,
): Result {
  const path = reloadFilePath(reloadFile)
  if (path === undefined) return load()
  attempt(path, complain, () => closeSync(openEmpty(path, 0o644)))
  try {
    return load()
  } finally {
    removeReloadFile(reloadFile, complain)
  }
}

/** Removes `reload_file`, as the end of the first reading: only that one says which file it is. */
export function removeReloadFile(reloadFile: GlobalConfig['reloadFile'], complain: Complain): void {
  const path = reloadFilePath(reloadFile)
  if (path !== undefined) attempt(path, complain, () => rmSync(path, {force: true}))
}

/**
 * Writes the errors of a configuration that is to be loaded to the file of `reload_check_config`, one a line as
 * keepalived writes them; without errors it becomes empty. Only its owner may read it.
 */
export function writeCheckLog(
  reloadCheckConfig: GlobalConfig['reloadCheckConfig'],
  diagnostics: readonly Diagnostic[],
  complain: Complain,
): void {
  if (typeof reloadCheckConfig !== 'string' || reloadCheckConfig === '/dev/null') return
  const errors = diagnostics.filter(({severity}) => severity === 'error')
  const lines = errors.map(({position, message}) => `(${position.file}: Line ${position.line}) ${message}\n`)
  attempt(reloadCheckConfig, complain, () => writeAll(reloadCheckConfig, lines.join('')))
}

/**
 * Saves a configuration as it was understood to `hactl.conf.PID.N` in `config_save_dir`, with its secrets, for its
 * owner alone. Of one run the last hundred stay. keepalived.conf(5), config_save_dir
 */
export class ConfigSaver {
  #count = 0

  save(config: Config, complain: Complain): void {
    const directory = config.global.configSaveDirectory
    if (directory === undefined) return
    const path = (n: number): string => join(directory, `hactl.conf.${process.pid}.${n}`)
    const n = this.#count++
    attempt(directory, complain, () => {
      // The umask of the configuration may leave a new folder without its owner's permission to enter it.
      if (mkdirSync(directory, {recursive: true, mode: 0o700}) !== undefined) chmodSync(directory, 0o700)
      writeAll(path(n), configText(config, {mode: 'given', secrets: true}))
      if (n >= SAVED) rmSync(path(n - SAVED), {force: true})
    })
  }
}

const SAVED = 100
/** keepalived's own, so that what waits for it need not be changed. */
const USUAL_RELOAD_FILE = '/run/keepalived.reload'

const reloadFilePath = (reloadFile: GlobalConfig['reloadFile']): string | undefined =>
  reloadFile === true ? USUAL_RELOAD_FILE : reloadFile

function writeAll(path: string, text: string): void {
  const fd = openEmpty(path, 0o600)
  try {
    writeFileSync(fd, text)
  } finally {
    closeSync(fd)
  }
}

/** Opens a regular file for writing and empties it: never through a link, and never waiting for a pipe. */
function openEmpty(path: string, mode: number): number {
  const {O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK} = constants
  const fd = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode)
  try {
    if (!fstatSync(fd).isFile()) throw new Error('it is not a regular file')
    ftruncateSync(fd)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function attempt(path: string, complain: Complain, work: () => void): void {
  try {
    work()
  } catch (error) {
    complain(`${path}: ${errorText(error)}`)
  }
}
