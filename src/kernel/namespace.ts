import {closeSync, openSync} from 'node:fs'
import {errorText, HactlError} from '../errors.ts'
import {enterNetwork, type SystemResult} from './libc.ts'

/** Where `ip netns add` keeps network namespaces. ip-netns(8) */
const DIRECTORY = '/run/netns'
/** That of the calling thread. proc(5) */
const OWN = '/proc/thread-self/ns/net'

/**
 * Moves this process to a network namespace by its name: this thread, whatever it starts from now on, and the sockets
 * that it opens. Threads that are there already stay, so name look-ups of theirs (dns.lookup) stay outside. Throws
 * `HactlError` when there is no such namespace or it may not be entered. keepalived.conf(5), net_namespace; setns(2)
 */
export function enterNetNamespace(name: string): void {
  if (!/^[^/]+$/.test(name) || name === '.' || name === '..') {
    throw new HactlError('INVALID_CONFIGURATION', `${name} is no name of a network namespace`, LIST_HINT)
  }
  const path = `${DIRECTORY}/${name}`
  const fd = openNamespace(path, name)
  const here = openSync(OWN, 'r')
  const entered = enterNetwork(fd)
  closeSync(fd)
  if (!entered.ok) throw notEntered(name, path, entered.reason)
  started = here
}

/**
 * Runs `work` in the network namespace that this process was started in, as the process connector needs it. `work` must
 * be done when it returns: what it awaits comes to pass in `net_namespace`.
 */
export function inStartingNamespace<Result>(work: () => Result): Result {
  if (started === undefined) return work()
  // Not by its name, which may be gone by now.
  const back = openSync(OWN, 'r')
  mustEnter(enterNetwork(started))
  try {
    return work()
  } finally {
    const returned = enterNetwork(back)
    closeSync(back)
    mustEnter(returned)
  }
}

/** The namespace of the beginning, kept open so that it can be entered again. */
let started: number | undefined

const LIST_HINT = 'show those that exist with: ip netns list'

function openNamespace(path: string, name: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as {code?: string}).code !== 'ENOENT') throw notEntered(name, path, errorText(error))
    throw new HactlError(
      'NOT_FOUND',
      `there is no network namespace ${name} (${path})`,
      `make it with: ip netns add ${name}`,
    )
  }
}

function notEntered(name: string, path: string, reason: string): HactlError {
  if (reason === 'EPERM') {
    const hint = 'run it as root, or give the service AmbientCapabilities=CAP_SYS_ADMIN too'
    return new HactlError('PERMISSION', `may not enter the network namespace ${name}`, hint)
  }
  const text = reason === 'EINVAL' ? 'it is none' : reason
  return new HactlError('FAILED', `the network namespace ${name} (${path}) cannot be entered: ${text}`, LIST_HINT)
}

/** Going on in the wrong namespace would put addresses on the wrong interfaces. */
function mustEnter(entered: SystemResult): void {
  if (!entered.ok) throw new Error(`a network namespace that was open cannot be entered: ${entered.reason}`)
}
