import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {loadConfig} from '../../config/load.ts'
import {routersOf} from '../../config/router-config.ts'
import {type ApiServer, startServer} from '../../control/server.ts'
import {readOnlySocket} from '../../control/socket-paths.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {errorText, HactlError} from '../../errors.ts'
import {enterNetNamespace} from '../../kernel/namespace.ts'
import {requireNetworkPrivileges} from '../../kernel/privileges.ts'
import {makeHandlers} from './handlers.ts'
import {log, unblockStandardError} from './log.ts'
import {pidFileOf} from './process-files.ts'
import {answerDumpSignals} from './process-signals.ts'
import {runStartupScript} from './startup-scripts.ts'
import {Supervisor, type SupervisorOptions} from './supervisor.ts'

const SOCKET_MODE = 0o660
const READ_ONLY_SOCKET_MODE = 0o666
const SOCKET_GROUP = 'hactl'

/**
 * Runs an agent until it is told to stop; resolves to the exit code. Throws `HactlError` when it cannot start:
 * PERMISSION, INVALID_CONFIGURATION, AGENT_ALREADY_RUNNING.
 */
export async function runSupervisor(options: SupervisorOptions): Promise<number> {
  unblockStandardError()
  requireNetworkPrivileges()
  const loaded = loadConfig(options.configFile)
  const errors = loaded.diagnostics.filter(({severity}) => severity === 'error')
  const [first] = errors
  if (routersOf(loaded.config).length + loaded.config.virtualServers.length === 0 && first) {
    const {file, line, column} = first.position
    throw new HactlError(
      'INVALID_CONFIGURATION',
      `${file}:${line}:${column}: ${first.message}`,
      `nothing in ${options.configFile} can be run (${errors.length} errors)`,
    )
  }
  // Before anything is started or opened: all of it is to be in there.
  if (loaded.config.netNamespace !== undefined) enterNetNamespace(loaded.config.netNamespace)
  makeDirectory(dirname(options.socketPath), 0o755)
  makeDirectory(options.stateDir, 0o750)
  const supervisor = new Supervisor(options, loaded)
  const stopRequest = requestable<string>()
  const servers = await listen(options, supervisor, () => stopRequest.request('hactl agent stop'))
  const pidFile = pidFileOf(options.socketPath, loaded.config)
  try {
    writePid(pidFile)
    supervisor.journal.open()
    listenForSignals(supervisor, stopRequest.request)
    process.umask(loaded.config.global.umask)
    const early = new AbortController()
    void stopRequest.asked.then(() => early.abort())
    const journal = (entry: JournalEntry): void => void supervisor.journal.append(entry)
    if (!options.observe) await runStartupScript(loaded.config.global, {journal, signal: early.signal})
    if (!early.signal.aborted) supervisor.start()
    const reason = await stopRequest.asked
    await supervisor.stop(reason)
    return 0
  } finally {
    await Promise.all(servers.map(server => server.close()))
    rmSync(pidFile, {force: true})
  }
}

async function listen(options: SupervisorOptions, supervisor: Supervisor, stop: () => void): Promise<ApiServer[]> {
  const handlers = makeHandlers({
    board: supervisor.board,
    journal: supervisor.journal,
    operations: supervisor.operations,
    check: supervisor.check,
    config: () => supervisor.config,
    running: () => supervisor.running,
    status: () => supervisor.status(),
    reload: how => supervisor.reload(how),
    stop,
  })
  const common = {handlers, version: options.version, group: SOCKET_GROUP}
  const full = await startServer({...common, socketPath: options.socketPath, mode: SOCKET_MODE, access: 'full'})
  const socketPath = readOnlySocket(options.socketPath)
  try {
    const readOnly = await startServer({...common, socketPath, mode: READ_ONLY_SOCKET_MODE, access: 'read-only'})
    return [full, readOnly]
  } catch (error) {
    await full.close()
    throw error
  }
}

function listenForSignals(supervisor: Supervisor, stop: (reason: string) => void): void {
  answerDumpSignals(log)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal))
  process.on('SIGHUP', () => {
    supervisor.reload({force: false}).catch(error => log(`reload: ${errorText(error)}`))
  })
}

function makeDirectory(path: string, mode: number): void {
  try {
    mkdirSync(path, {recursive: true, mode})
  } catch (error) {
    throw new HactlError('FAILED', `${path} could not be made: ${errorText(error)}`, 'name another one, or make it')
  }
}

function writePid(path: string): void {
  try {
    writeFileSync(path, `${process.pid}\n`)
  } catch (error) {
    log(`${path}: ${errorText(error)}`)
  }
}

function requestable<Value>(): {asked: Promise<Value>; request: (value: Value) => void} {
  let request: (value: Value) => void = () => {}
  const asked = new Promise<Value>(resolve => {
    request = resolve
  })
  return {asked, request}
}
