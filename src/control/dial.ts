import {connect} from 'node:net'
import type {Readable, Writable} from 'node:stream'
import {HactlError} from '../errors.ts'
import {DEFAULT_SOCKET, readOnlySocket} from './socket-paths.ts'
import {lastWords, NOT_INSTALLED, quoted, SSH_FAILED, sshArguments, UNATTENDED} from './ssh.ts'

/** Which agent: by its socket here, or on another host through ssh. */
export interface Target {
  /** Default: /run/hactl/agent.sock, there too. */
  readonly socket?: string | undefined
  /** `ssh://[USER@]HOST[:PORT]`. */
  readonly host?: string | undefined
  /**
   * Nobody is there to answer questions of ssh, and its messages must not reach the terminal: it asks none, and what it
   * says last is in the error.
   */
  readonly isUnattended?: boolean | undefined
  /** Called when a connection was made to the socket for reading because the other one is not permitted. */
  readonly onReadOnly?: (() => void) | undefined
}

/** A two-way stream of bytes to an agent. */
export interface Connection {
  readonly input: Readable
  readonly output: Writable
  /** What stands at the other end, for messages. */
  readonly where: string
  readonly close: () => void
  /** Why the connection broke, where more is known than that it did. */
  readonly explain: () => Promise<HactlError | undefined>
}

/**
 * Connects to an agent; what only reads falls back to the socket for reading.
 * Throws `HactlError`: AGENT_NOT_RUNNING, PERMISSION, USAGE.
 */
export async function dial(target: Target, access: 'read' | 'write'): Promise<Connection> {
  if (target.host !== undefined && target.host !== '') return dialSsh(target.host, target)
  const path = target.socket ?? DEFAULT_SOCKET
  try {
    return await dialSocket(path)
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES'
    if (denied && access === 'read') {
      const connection = await dialSocket(readOnlySocket(path)).catch(() => undefined)
      if (connection !== undefined) {
        target.onReadOnly?.()
        return connection
      }
    }
    throw denied ? denial(path, error) : notRunning(path, error)
  }
}

/** Passes bytes between standard input, an agent and standard output until the agent is done. */
export async function joinStdio(target: Target): Promise<void> {
  const {input, output, close} = await dial({socket: target.socket}, 'read')
  process.stdin.pipe(output)
  input.pipe(process.stdout, {end: false})
  await new Promise<void>(resolve => {
    input.once('end', resolve)
    input.once('error', () => resolve())
    output.once('error', () => resolve())
  })
  process.stdin.destroy()
  close()
}

function dialSocket(path: string): Promise<Connection> {
  return new Promise((resolve, reject) => {
    // Either end may close its half first: `dial-stdio` has to pass on what comes after.
    const socket = connect({path, allowHalfOpen: true})
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.removeListener('error', reject)
      resolve({
        input: socket,
        output: socket,
        where: path,
        close: () => socket.destroy(),
        explain: async () => undefined,
      })
    })
  })
}

function notRunning(path: string, cause: unknown): HactlError {
  const {code} = cause as NodeJS.ErrnoException
  if (code === 'EAGAIN') {
    return new HactlError('TIMED_OUT', `the agent on ${path} takes no more connections`, 'try again', {cause})
  }
  const hint = 'start it with: hactl agent run, or name its socket with --socket'
  return new HactlError('AGENT_NOT_RUNNING', `no agent answers on ${path}`, hint, {cause})
}

function denial(path: string, cause: unknown): HactlError {
  const hint = 'run this as root, or add yourself to group hactl: usermod -aG hactl $USER'
  return new HactlError('PERMISSION', `no permission for ${path}`, hint, {cause})
}

async function dialSsh(host: string, {socket, isUnattended = false}: Target): Promise<Connection> {
  const address = sshArguments(host)
  const {spawn} = await import('node:child_process')
  const remote = ['hactl', 'agent', 'dial-stdio', ...(socket === undefined ? [] : ['--socket', quoted(socket)])]
  // Of a command, messages of ssh and of the hactl over there reach the user as they are. Without a terminal of its own
  // ssh cannot ask anything on ours.
  const child = isUnattended
    ? spawn('ssh', [...UNATTENDED, ...address, ...remote], {stdio: ['pipe', 'pipe', 'pipe'], detached: true})
    : spawn('ssh', [...address, ...remote], {stdio: ['pipe', 'pipe', 'inherit']})
  const said = lastWords(child.stderr)
  const ended = new Promise<number | 'no-ssh'>(resolve => {
    child.once('error', () => resolve('no-ssh'))
    child.once('close', code => resolve(code ?? SSH_FAILED))
  })
  // A broken pipe is explained by the exit status.
  child.stdin.on('error', () => undefined)
  return {
    input: child.stdout,
    output: child.stdin,
    where: host,
    close: () => child.kill(),
    explain: async () => sshFailure(host, await ended, said()),
  }
}

/** `said` is what ssh said last where it did not reach the user; empty: nothing, or it did. */
function sshFailure(host: string, status: number | 'no-ssh', said: string): HactlError | undefined {
  const because = said === '' ? '' : `: ${said}`
  switch (status) {
    case 'no-ssh':
      return new HactlError('FAILED', 'there is no ssh here', 'install openssh-client')
    case SSH_FAILED:
      return new HactlError('AGENT_NOT_RUNNING', `cannot reach ${host}${because}`, `try: ssh ${host} true`)
    case NOT_INSTALLED:
      return new HactlError('AGENT_NOT_RUNNING', `there is no hactl on ${host}`, 'install it there, in the PATH of ssh')
    case 3:
      return new HactlError('AGENT_NOT_RUNNING', `no agent answers on ${host}`, 'start it there with: hactl agent run')
    case 4:
      return new HactlError('PERMISSION', `no permission for the agent on ${host}`, 'use a user in group hactl there')
    default:
      if (said === '' || status === 0) return undefined
      return new HactlError('AGENT_NOT_RUNNING', `${host} broke off${because}`, `try: ssh ${host} hactl version`)
  }
}
