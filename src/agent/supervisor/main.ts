import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {loadConfig} from '../../config/load.ts'
import {routersOf} from '../../config/router-config.ts'
import {startServer} from '../../control/server.ts'
import {readOnlySocket} from '../../control/socket-paths.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {errorText, HactlError} from '../../errors.ts'
import {enterNetNamespace} from '../../kernel/namespace.ts'
import {requireNetworkPrivileges} from '../../kernel/privileges.ts'
import {makeHandlers} from './handlers.ts'
import {log, unblockStandardError} from './log.ts'
import {Metrics} from './metrics.ts'
import {parseMetricsAddress, startMetricsServer} from './metrics-server.ts'
import {pidFileOf} from './process-files.ts'
import {answerDumpSignals} from './process-signals.ts'
import {runStartupScript} from './startup-scripts.ts'
import {Supervisor, type SupervisorOptions} from './supervisor.ts'
import {Trials, takeBackOverdue} from './trials.ts'

const SOCKET_MODE = 0o660
const READ_ONLY_SOCKET_MODE = 0o666
const SOCKET_GROUP = 'hactl'

/**
 * Runs an agent until it is told to stop; resolves to the exit code. Throws `HactlError` when it cannot start:
 * PERMISSION, INVALID_CONFIGURATION, AGENT_ALREADY_RUNNING, USAGE.
 */
export async function runSupervisor(options: SupervisorOptions): Promise<number> {
  unblockStandardError()
  if (options.metrics !== undefined) parseMetricsAddress(options.metrics)
  requireNetworkPrivileges()
  const recovered = takeBackOverdue(options.stateDir, Date.now())
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
  const trials = trialsOf(supervisor, options)
  const stopRequest = requestable<string>()
  const servers = await listen(options, {supervisor, trials}, () => stopRequest.request('hactl agent stop'))
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
    if (!early.signal.aborted) {
      supervisor.start()
      trials.start(recovered)
    }
    const reason = await stopRequest.asked
    trials.stop()
    await supervisor.stop(reason)
    return 0
  } finally {
    await Promise.all(servers.map(server => server.close()))
    rmSync(pidFile, {force: true})
  }
}

interface Closable {
  readonly close: () => Promise<void>
}

function trialsOf(supervisor: Supervisor, {configFile, stateDir}: SupervisorOptions): Trials {
  const trials = new Trials({
    configFile,
    stateDirectory: stateDir,
    config: () => supervisor.config,
    texts: () => supervisor.texts,
    reload: how => supervisor.reload(how),
    note: (text, facts) => {
      supervisor.journal.append({at: new Date().toISOString(), kind: 'configuration-trial', text, facts})
    },
  })
  supervisor.trial = () => trials.current
  return trials
}

interface Served {
  readonly supervisor: Supervisor
  readonly trials: Trials
}

async function listen(options: SupervisorOptions, {supervisor, trials}: Served, stop: () => void): Promise<Closable[]> {
  const handlers = makeHandlers({
    board: supervisor.board,
    journal: supervisor.journal,
    operations: supervisor.operations,
    check: supervisor.check,
    watch: supervisor.watch,
    trials,
    config: () => supervisor.config,
    running: () => supervisor.running,
    status: () => supervisor.status(),
    reload: how => supervisor.reload(how),
    stop,
  })
  const collected = new Metrics({
    status: () => supervisor.status(),
    routers: () => supervisor.board.routers,
    call: (name, input) => supervisor.check.call(name, input),
  })
  const metrics = () => collected.text()
  const common = {handlers, metrics, version: options.version, group: SOCKET_GROUP}
  const socketPath = readOnlySocket(options.socketPath)
  const servers: Closable[] = []
  try {
    servers.push(await startServer({...common, socketPath: options.socketPath, mode: SOCKET_MODE, access: 'full'}))
    servers.push(await startServer({...common, socketPath, mode: READ_ONLY_SOCKET_MODE, access: 'read-only'}))
    const {metrics: address} = options
    if (address !== undefined) servers.push(await startMetricsServer(parseMetricsAddress(address), metrics))
    return servers
  } catch (error) {
    await Promise.all(servers.map(server => server.close()))
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
