import {readOnlySocket} from '../control/socket-paths.ts'
import {HactlError} from '../errors.ts'
import type {NodeAddress} from './model.ts'

/**
 * Reads where an agent is asked: `local`, `ssh://[USER@]HOST[:PORT][/SOCKET]` or `unix:SOCKET`.
 * Throws `HactlError` USAGE.
 */
export function parseNodeAddress(given: string): NodeAddress {
  if (given === 'local') return {name: 'local', given, target: {}}
  if (given.length > MAX_GIVEN_CHARS || /\p{Cc}/u.test(given)) throw notAnAddress(given)
  const socket = /^unix:(\/.+)$/.exec(given)?.[1]
  if (socket !== undefined) return {name: nameOfSocket(socket), given, target: {socket}}
  const [, authority, host, there] = SSH.exec(given) ?? []
  if (authority === undefined || host === undefined) throw notAnAddress(given)
  const name = host.replace(/^\[|\]$/g, '')
  return {name, given, target: {host: `ssh://${authority}`, ...(there !== undefined && {socket: there})}}
}

/** Reads several; where two would have one name the second gets a number: "lb1", "lb1 (2)". Throws as above. */
export function nodeAddresses(given: readonly string[]): readonly NodeAddress[] {
  if (given.length > MAX_NODES) {
    const message = `${given.length} nodes are more than a cluster has here: at most ${MAX_NODES}`
    throw new HactlError('USAGE', message, 'name fewer with --node')
  }
  const taken = new Set<string>()
  return given.map(text => {
    const address = parseNodeAddress(text)
    let {name} = address
    for (let number = 2; taken.has(name); number++) name = `${address.name} (${number})`
    taken.add(name)
    return {...address, name}
  })
}

/** Whether an address is that of a socket for reading only. */
export function isReadOnlyAddress({target: {socket}}: NodeAddress): boolean {
  return socket?.endsWith(readOnlySocket('.sock')) === true
}

/** How many nodes are watched at once. */
const MAX_NODES = 64
const MAX_GIVEN_CHARS = 1_000

/** What ssh would take for an option is no host: neither user nor host begins with a dash. */
const SSH = /^ssh:\/\/((?:[\w.][\w.-]*@)?([\w.][\w.-]*|\[[0-9a-fA-F:.%\w]+\])(?::[0-9]{1,5})?)(?:\/|(\/.+))?$/

/** The file's own name; of the usual file name, that of its directory: /run/lb2/agent.sock is "lb2". */
function nameOfSocket(path: string): string {
  const parts = path.split('/').filter(part => part !== '')
  const stem = (part: string | undefined): string => (part ?? '').replace(/(-ro)?\.sock$/, '')
  const last = stem(parts.at(-1))
  return (last === 'agent' ? parts.at(-2) : last) || path
}

function notAnAddress(given: string): HactlError {
  const message = `${JSON.stringify(given.slice(0, 100))} names no node`
  return new HactlError('USAGE', message, 'write local, ssh://USER@HOST[:PORT] or unix:/PATH/TO/agent.sock')
}
