import {join} from 'node:path'
import {FRR_DEVICE, startFrr} from './frr.ts'
import type {Host} from './host.ts'
import type {Exit, LabProcess} from './lab-process.ts'
import {repoRoot} from './repo-root.ts'
import {keepalivedConfig, type Role} from './role.ts'
import {until} from './wait.ts'

/** A program that speaks VRRP on a host. */
export interface Daemon {
  readonly program: DaemonName
  readonly host: Host
  readonly process: LabProcess
}
export type DaemonName = 'hactl' | 'keepalived' | 'frr'

export interface DaemonOptions {
  /** Text in keepalived.conf's language. */
  readonly config: string
  /** More flags of `hactl agent run`. */
  readonly flags?: readonly string[]
}

/** Where both programs find their configuration, as on a real director. */
export const CONFIG_FILE = '/etc/keepalived/keepalived.conf'
/** Its three processes take seconds to start in User-Mode Linux, and more of them on a loaded machine. */
const START_TIMEOUT_MS = 30_000
/** The agent's socket inside its host. */
export const AGENT_SOCKET = '/run/hactl/agent.sock'

/** Starts any of the programs in a role; hactl and keepalived from the same configuration text. */
export async function startDaemon(program: DaemonName, host: Host, role: Role): Promise<Daemon> {
  if (program === 'frr') return {program, host, process: await startFrr(host, role)}
  const options = {config: keepalivedConfig(role)}
  return program === 'hactl' ? startAgent(host, options) : startKeepalived(host, options)
}

/**
 * Whether a host has a VIP. Of FRR the VIPs are always there, on an interface that has a carrier while vrrpd is master.
 */
export function holdsVip({program, host}: Pick<Daemon, 'program' | 'host'>, vip: string): boolean {
  return host.holds(vip) && (program !== 'frr' || host.carrier(FRR_DEVICE))
}

/** Starts hactl's agent; resolves when it answers on its socket. */
export async function startAgent(host: Host, {config, flags = []}: DaemonOptions): Promise<Daemon> {
  host.writeFile(CONFIG_FILE, config)
  // After a crash the old socket is still there, and would be taken for the new one.
  host.removeFile('/run/hactl')
  host.writeFile('/run/hactl/.keep', '')
  const paths = ['--config', CONFIG_FILE, '--socket', AGENT_SOCKET, '--state-dir', join(host.directory, 'state')]
  const process_ = await host.start([process.execPath, hactlPath(), 'agent', 'run', ...paths, ...flags])
  await until(
    () => `the agent's socket: ${process_.describe()}`,
    () => host.hasFile(AGENT_SOCKET) || process_.exit !== undefined,
    {timeoutMs: START_TIMEOUT_MS},
  )
  if (process_.exit) throw new Error(`the agent on ${host.name} ended: ${process_.describe()}`)
  return {program: 'hactl', host, process: process_}
}

/** Starts keepalived's VRRP part; resolves when it has read its configuration. */
export async function startKeepalived(host: Host, {config}: DaemonOptions): Promise<Daemon> {
  host.writeFile(CONFIG_FILE, config)
  const pidFiles = ['/run/keepalived.pid', '/run/vrrp.pid']
  // It takes a pid file that a crash left behind for a running daemon.
  for (const file of pidFiles) host.removeFile(file)
  // Without -G each line of its log goes to the console of the machine when there is no syslog, slowly.
  const options = ['-n', '-l', '-D', '-G', '-P', '-f', CONFIG_FILE, '-p', pidFiles[0] ?? '', '-r', pidFiles[1] ?? '']
  const process_ = await host.start(['keepalived', ...options])
  await process_.waitForOutput(/Entering (BACKUP|FAULT) STATE|Registering gratuitous ARP|\(Line \d+\)/)
  return {program: 'keepalived', host, process: process_}
}

/** Runs the hactl command line on a host, against the agent that runs there. */
export async function runHactl(host: Host, args: readonly string[]): Promise<string> {
  const command = [process.execPath, hactlPath(), ...args, '--socket', AGENT_SOCKET]
  return (await host.run(command)).stdout
}

/** SIGKILL to everything that belongs to it, with no chance to say goodbye. Its addresses stay on the interface. */
export const crash = (daemon: Daemon): Promise<void> => daemon.process.crash()

/** SIGTERM; resolves when it has left. */
export const stopGracefully = (daemon: Daemon): Promise<Exit> => daemon.process.stop()

const hactlPath = (): string => join(repoRoot(), 'bin', 'run.cjs')
