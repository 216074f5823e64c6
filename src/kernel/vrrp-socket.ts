import {createSocket, type Socket} from 'raw-socket'
import {type IpAddress, ipToBytes} from '../core/ip.ts'
import {errnoName} from '../core/netlink/errno.ts'
import type {InterfaceIndex} from '../core/units.ts'
import {VRRP_PROTOCOL} from '../core/vrrp/packet.ts'
import type {SendResult} from './arp-sender.ts'
import {descriptorByCookie} from './descriptors.ts'
import {
  dropsOf,
  errorMessage,
  receiveNow,
  SO_COOKIE,
  type SocketOption,
  type SystemResult,
  setCloseOnExec,
  setReceiveBuffer,
  setSocketInt,
  setSocketOption,
} from './libc.ts'

/** What went wrong outside a call. After 'interface-gone' and 'receive-failed' close the socket and open another. */
export type VrrpSocketError =
  | {readonly type: 'interface-gone'; readonly reason: string}
  | {readonly type: 'receive-failed'; readonly reason: string}
  | {readonly type: 'handler-threw'; readonly error: unknown}

export interface VrrpSocketOptions {
  readonly interfaceName: string
  readonly interfaceIndex: InterfaceIndex
  /** The multicast group to join, 224.0.0.18. */
  readonly group: IpAddress
  /** Takes a whole IPv4 packet with its header; the buffer is the receiver's to keep. */
  readonly onPacket: (packet: Buffer) => void
  /** Called from the event loop, never from within `send`, `drain` or `close`. */
  readonly onError: (error: VrrpSocketError) => void
}

/** `step` names the call that failed, `reason` its error. */
export type OpenedVrrpSocket =
  | {readonly ok: true; readonly socket: VrrpSocket}
  | {readonly ok: false; readonly step: string; readonly reason: string}

/** What a socket did since it was opened. */
export interface VrrpSocketCounters {
  /** Packets handed to `onPacket`. */
  readonly received: number
  /** Packets the kernel dropped since the receive buffer was full. SO_MEMINFO */
  readonly dropped: number
  /** Packets too long to be an advertisement. */
  readonly tooLong: number
  readonly sent: number
  readonly sendFailed: number
  /** Exceptions out of `onPacket`. */
  readonly handlerErrors: number
}

/**
 * A raw IPv4 socket for protocol 112 on one interface: receives what is sent to the group or to this host there, sends
 * whole packets with their headers, and never hears itself.
 *
 * raw-socket calls its listeners outside any callback scope of Node: exceptions, ticks and promises behave oddly there.
 * So its listener only asks for an immediate; packets are read and delivered from that, in the same turn of the loop.
 */
export class VrrpSocket {
  readonly #socket: Socket
  readonly #fd: number
  readonly #options: VrrpSocketOptions
  #usable = true
  #closed = false
  #draining = false
  #immediate: NodeJS.Immediate | undefined
  #received = 0
  #tooLong = 0
  #sent = 0
  #sendFailed = 0
  #handlerErrors = 0

  private constructor(socket: Socket, fd: number, options: VrrpSocketOptions) {
    this.#socket = socket
    this.#fd = fd
    this.#options = options
    OPEN_SOCKETS.add(this)
    socket.on('error', error => {
      // raw-socket closes it now, and its descriptor may be another file's soon.
      this.#usable = false
      this.#report({type: 'receive-failed', reason: reasonOf(error)})
    })
    socket.wrap.on('recvReady', () => {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined
        this.drain(PACKETS_A_TURN)
      })
    })
  }

  /** Opens, binds and joins; needs CAP_NET_RAW, and must be called in the main thread of a process. */
  static open(options: VrrpSocketOptions): OpenedVrrpSocket {
    let socket: Socket
    try {
      socket = createSocket({protocol: VRRP_PROTOCOL, bufferSize: 1})
    } catch (error) {
      return {ok: false, step: 'socket', reason: reasonOf(error)}
    }
    // Reading goes past raw-socket: its own reader takes one packet a turn, into one shared buffer.
    socket.wrap.removeAllListeners('recvReady')
    const prepared = prepare(socket, options)
    if (prepared.ok) return {ok: true, socket: new VrrpSocket(socket, prepared.fd, options)}
    socket.on('error', ignore)
    socket.close()
    return prepared
  }

  /** Sends a whole IPv4 packet now; never waits and never throws. An interface that is gone is reported as well. */
  send(packet: Buffer, destination: IpAddress): SendResult {
    // raw-socket would open a bare socket in place of a closed one.
    if (!this.#usable) return {ok: false, reason: 'EBADF'}
    try {
      this.#socket.wrap.send(packet, 0, packet.length, destination, ignore)
      this.#sent++
      return {ok: true}
    } catch (error) {
      this.#sendFailed++
      const reason = reasonOf(error)
      if (reason === 'ENODEV' || reason === 'ENXIO') this.#report({type: 'interface-gone', reason})
      return {ok: false, reason}
    }
  }

  /**
   * Delivers the packets that wait in the kernel right now, at most `limit` of them, and answers how many. Called from
   * within `onPacket` it does nothing.
   */
  drain(limit: number): number {
    if (this.#draining) return 0
    this.#draining = true
    let count = 0
    try {
      while (this.#usable && count < limit) {
        const got = receiveNow(this.#fd, RECEIVE_BUFFER)
        if (!got.ok) {
          this.#receiveFailed(got.reason)
          break
        }
        count++
        if (got.value <= RECEIVE_BUFFER.length) this.#deliver(Buffer.from(RECEIVE_BUFFER.subarray(0, got.value)))
        else this.#tooLong++
      }
    } finally {
      this.#draining = false
    }
    return count
  }

  /** The counters so far; `dropped` is 0 once the socket is closed. */
  counters(): VrrpSocketCounters {
    return {
      received: this.#received,
      dropped: this.#usable ? dropsOf(this.#fd) : 0,
      tooLong: this.#tooLong,
      sent: this.#sent,
      sendFailed: this.#sendFailed,
      handlerErrors: this.#handlerErrors,
    }
  }

  /** Closes the socket and leaves the group; no callback comes after it, and a second call does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#usable = false
    OPEN_SOCKETS.delete(this)
    clearImmediate(this.#immediate)
    try {
      this.#socket.close()
    } catch {
      // Only a listener of 'close' could throw, and there is none.
    }
  }

  #deliver(packet: Buffer): void {
    this.#received++
    try {
      this.#options.onPacket(packet)
    } catch (error) {
      this.#handlerErrors++
      this.#report({type: 'handler-threw', error})
    }
  }

  #receiveFailed(reason: string): void {
    if (reason === 'EAGAIN' || reason === 'EINTR') return
    // An interface that goes down leaves one ENETDOWN; the socket works again once it is up.
    if (reason === 'ENETDOWN') return
    this.#report({type: reason === 'ENODEV' ? 'interface-gone' : 'receive-failed', reason})
  }

  #report(error: VrrpSocketError): void {
    setImmediate(() => {
      if (!this.#closed) this.#options.onError(error)
    })
  }
}

/** raw-socket closes a socket that is garbage-collected, and its watcher alone keeps nothing alive. */
const OPEN_SOCKETS = new Set<VrrpSocket>()

/** More than the 1,056 bytes of an advertisement with 255 addresses. */
const RECEIVE_BUFFER = Buffer.alloc(4096)
const PACKETS_A_TURN = 256
const RECEIVE_BUFFER_BYTES = 1024 * 1024
/** The highest that needs no extra privilege, TC_PRIO_INTERACTIVE. socket(7) */
const PRIORITY = 6
/** IFNAMSIZ with its zero. <linux/if.h> */
const INTERFACE_NAME_BYTES = 16
const HIGHEST_ERRNO = 133

const SO_PRIORITY: SocketOption = {level: 1, name: 12}
const SO_BINDTODEVICE: SocketOption = {level: 1, name: 25}
const IP_HDRINCL: SocketOption = {level: 0, name: 3}
const IP_MULTICAST_IF: SocketOption = {level: 0, name: 32}
const IP_MULTICAST_LOOP: SocketOption = {level: 0, name: 34}
const IP_ADD_MEMBERSHIP: SocketOption = {level: 0, name: 35}
const IP_MULTICAST_ALL: SocketOption = {level: 0, name: 49}

type Prepared =
  | {readonly ok: true; readonly fd: number}
  | {readonly ok: false; readonly step: string; readonly reason: string}

function prepare(socket: Socket, options: VrrpSocketOptions): Prepared {
  const fd = descriptorOf(socket)
  if (fd === undefined) return {ok: false, step: 'descriptor', reason: 'EBADF'}
  const name = Buffer.from(`${options.interfaceName}\0`)
  if (name.length > INTERFACE_NAME_BYTES) return {ok: false, step: 'SO_BINDTODEVICE', reason: 'ENODEV'}
  // struct ip_mreqn: group, local address (unused), interface index.
  const membership = Buffer.alloc(12)
  ipToBytes(options.group).copy(membership, 0)
  membership.writeInt32LE(options.interfaceIndex, 8)

  const steps: readonly (readonly [string, () => SystemResult])[] = [
    ['FD_CLOEXEC', () => setCloseOnExec(fd)],
    ['SO_BINDTODEVICE', () => setSocketOption(fd, SO_BINDTODEVICE, name)],
    ['IP_MULTICAST_ALL', () => setSocketInt(fd, IP_MULTICAST_ALL, 0)],
    ['IP_HDRINCL', () => setSocketInt(fd, IP_HDRINCL, 1)],
    ['IP_MULTICAST_LOOP', () => setSocketInt(fd, IP_MULTICAST_LOOP, 0)],
    ['IP_MULTICAST_IF', () => setSocketOption(fd, IP_MULTICAST_IF, membership)],
    ['SO_PRIORITY', () => setSocketInt(fd, SO_PRIORITY, PRIORITY)],
    ['SO_RCVBUF', () => setReceiveBuffer(fd, RECEIVE_BUFFER_BYTES)],
    ['IP_ADD_MEMBERSHIP', () => setSocketOption(fd, IP_ADD_MEMBERSHIP, membership)],
  ]
  for (const [step, run] of steps) {
    const result = run()
    if (!result.ok) return {ok: false, step, reason: result.reason}
    // Until it was bound the socket took packets of every interface.
    if (step === 'IP_MULTICAST_ALL') discardWaiting(fd)
  }
  return {ok: true, fd}
}

function discardWaiting(fd: number): void {
  for (let count = 0; count < PACKETS_A_TURN; count++) if (!receiveNow(fd, RECEIVE_BUFFER).ok) return
}

/** raw-socket tells no descriptor. */
function descriptorOf(socket: Socket): number | undefined {
  const cookie = Buffer.alloc(8)
  try {
    socket.wrap.getOption(SO_COOKIE.level, SO_COOKIE.name, cookie, cookie.length)
  } catch {
    return undefined
  }
  return descriptorByCookie(cookie)
}

let errnoByMessage: Map<string, string> | undefined

/** raw-socket's errors carry the text of strerror(3) and no number. */
function reasonOf(error: unknown): string {
  if (errnoByMessage === undefined) {
    errnoByMessage = new Map()
    for (let errno = 1; errno <= HIGHEST_ERRNO; errno++) errnoByMessage.set(errorMessage(errno), errnoName(errno))
  }
  const text = error instanceof Error ? error.message : String(error)
  return errnoByMessage.get(text) ?? text
}

function ignore(): void {
  // The outcome is known already.
}
