import {type NetConnectOpts, Socket} from 'node:net'
import type {ProbeConnection} from '../core/check/plan.ts'
import {type IpAddress, ipFamily} from '../core/ip.ts'
import {errnoName} from '../core/netlink/errno.ts'
import {
  AF_INET,
  AF_INET6,
  close,
  getSocketOption,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  type SocketOption,
  type SystemResult,
  setSocketInt,
  setSocketOption,
  socket,
} from '../kernel/libc.ts'
import {tlsErrorWords} from './tls-errors.ts'

/** A socket that has begun to connect, or why there is none, in words. */
export type Opened = {readonly ok: true; readonly socket: Socket} | {readonly ok: false; readonly reason: string}

/**
 * Begins a TCP connection from the address, the port, the interface and with the mark that the plan names. What becomes
 * of it the socket tells by `connect` or `error`.
 */
export function openConnection(connection: ProbeConnection): Opened {
  const made = connection.fwmark === 0 && connection.bindInterface === undefined ? plainSocket() : marked(connection)
  if (made.ok) made.socket.connect(connectOptions(connection))
  return made
}

/** SO_MARK and SO_BINDTODEVICE of a socket as the plan has them; a failure in words. socket(7) */
export function applyOptions(
  fd: number,
  {fwmark, bindInterface}: Pick<ProbeConnection, 'fwmark' | 'bindInterface'>,
): string | undefined {
  if (fwmark !== 0) {
    const result = setSocketInt(fd, SO_MARK, fwmark | 0)
    if (!result.ok) return `the mark ${fwmark} cannot be set: ${errorWords(result.reason)}`
  }
  if (bindInterface !== undefined) {
    const result = setSocketOption(fd, SO_BINDTODEVICE, Buffer.from(`${bindInterface}\0`, 'latin1'))
    if (!result.ok) return `cannot be bound to the interface ${bindInterface}: ${errorWords(result.reason)}`
  }
  return undefined
}

/** What is said of an error of the system: "refused" for ECONNREFUSED; its name where there are no words for it. */
export const errorWords = (code: string): string => WORDS[code] ?? code

/** What is said of an error that a socket told; with its address where it could not be bound to that. */
export function socketErrorWords(error: Error, connection: ProbeConnection): string {
  const tls = tlsErrorWords(error)
  if (tls !== undefined) return tls
  const code = errorCode(error)
  if (code === undefined) return printable(error.message, MESSAGE_CHARACTERS)
  const {bindAddress, bindPort} = connection
  if (code === 'EADDRNOTAVAIL' && bindAddress !== undefined) return `cannot be bound to ${bindAddress}: ${WORDS[code]}`
  if (code === 'EADDRINUSE' && bindPort !== undefined) return `cannot be bound to port ${bindPort}: ${WORDS[code]}`
  return errorWords(code)
}

/**
 * An error that the kernel holds of a socket that seems to have ended in order, in words: where a reset comes right
 * after data, libuv sees the end of the connection alone (uv__stream_io).
 */
export function errorAtEnd(socket: Socket): string | undefined {
  const {_handle: handle} = socket as {_handle?: {fd?: unknown} | null}
  if (typeof handle?.fd !== 'number' || handle.fd < 0) return undefined
  const value = Buffer.alloc(4)
  const errno = getSocketOption(handle.fd, SO_ERROR, value).ok ? value.readInt32LE(0) : 0
  return errno === 0 ? undefined : errorWords(errnoName(errno))
}

/** The `code` of an error of Node: "ECONNREFUSED", "ERR_SSL_WRONG_VERSION_NUMBER"; undefined where it has none. */
export function errorCode(error: Error): string | undefined {
  const {code} = error as {code?: unknown}
  return typeof code === 'string' ? code : undefined
}

/** Text from outside, fit for one line: whatever is not printable ASCII becomes a full stop, and long text is cut. */
export function printable(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut.replace(/[^ -~…]/g, '.')
}

/** "10.0.0.1:80", "[2001:db8::1]:80". */
export const endpoint = (address: IpAddress, port: number): string =>
  ipFamily(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`

/** "5 s", "250 ms". */
export const duration = (ms: number): string => (ms % 100 === 0 && ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`)

function connectOptions({address, port, bindAddress, bindPort, bindInterface}: ProbeConnection): NetConnectOpts {
  // A link-local address means something on one link only.
  const zone = bindInterface !== undefined && /^fe[89ab]/.test(address) ? `%${bindInterface}` : ''
  return {
    host: `${address}${zone}`,
    port,
    ...(bindAddress === undefined ? {} : {localAddress: bindAddress}),
    ...(bindPort === undefined ? {} : {localPort: bindPort}),
  }
}

function plainSocket(): Opened {
  return {ok: true, socket: new Socket()}
}

/** A socket with options that Node cannot set. */
function marked(connection: ProbeConnection): Opened {
  const family = ipFamily(connection.address) === 6 ? AF_INET6 : AF_INET
  const opened: SystemResult = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
  if (!opened.ok) return {ok: false, reason: errorWords(opened.reason)}
  const reason = applyOptions(opened.value, connection)
  if (reason !== undefined) {
    close(opened.value)
    return {ok: false, reason}
  }
  return {ok: true, socket: new Socket({fd: opened.value})}
}

/** <asm-generic/socket.h> */
const SOCK_STREAM = 1
const SO_MARK: SocketOption = {level: 1, name: 36}
const SO_ERROR: SocketOption = {level: 1, name: 4}
const SO_BINDTODEVICE: SocketOption = {level: 1, name: 25}

const MESSAGE_CHARACTERS = 120

const WORDS: {readonly [code: string]: string} = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'aborted',
  ETIMEDOUT: 'timeout of the system',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'no route to its network',
  ENETDOWN: 'the network is down',
  EHOSTDOWN: 'the host is down',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  ENODEV: 'there is no such interface',
  EADDRNOTAVAIL: 'the address is not on this host, or no port is free',
  EADDRINUSE: 'it is in use',
  EAFNOSUPPORT: 'this host does not have its address family',
  EINVAL: 'the address does not fit',
  EMFILE: 'no file descriptor is left',
  ENFILE: 'no file descriptor is left',
  ENOBUFS: 'no memory for sockets is left',
  ENOMEM: 'no memory is left',
}
