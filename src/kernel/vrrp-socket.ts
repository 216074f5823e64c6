import {createSocket, type Socket} from 'raw-socket'
import type {IpAddress, IpFamily} from '../core/ip.ts'
import {errnoName} from '../core/netlink/errno.ts'
import type {ArrivedPacket} from '../core/vrrp/arrived.ts'
import type {OutgoingPacket} from '../core/vrrp/send.ts'
import {descriptorByCookie} from './descriptors.ts'
import type {SendResult} from './frame-sender.ts'
import {receiveIpv6, sendIpv6} from './ipv6-message.ts'
import {dropsOf, errorMessage, receiveNow, SO_COOKIE, type SystemResult, sendTo, setReceiveBuffer} from './libc.ts'
import {socketAddress4} from './socket-address.ts'
import {type BoundDevice, changeMembership, type Prepared, prepareSocket} from './vrrp-socket-options.ts'

/** What went wrong outside a call. After 'interface-gone' and 'receive-failed' close the socket and open another. */
export type VrrpSocketError =
  | {readonly type: 'interface-gone'; readonly reason: string}
  | {readonly type: 'receive-failed'; readonly reason: string}
  | {readonly type: 'handler-threw'; readonly error: unknown}

export interface VrrpSocketOptions {
  readonly family: IpFamily
  /** 112, or 51 with an Authentication Header. */
  readonly protocol: OutgoingPacket['protocol']
  /** An interface, or a VRF device; undefined: packets from every interface, sent as the routes say. */
  readonly device: BoundDevice | undefined
  /** Bytes, which the kernel doubles; undefined: room for some thousand packets. */
  readonly receiveBufferBytes: number | undefined
  /** The buffer is the receiver's to keep. */
  readonly onPacket: (packet: ArrivedPacket) => void
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
  /** Packets too long to be an advertisement, or without what the kernel has to tell of them. */
  readonly tooLong: number
  readonly sent: number
  readonly sendFailed: number
  /** Exceptions out of `onPacket`. */
  readonly handlerErrors: number
}

/**
 * A raw socket for VRRP, with or without an Authentication Header: receives what is sent to this host and to the groups
 * it joined, and never hears its own multicast. IPv4 packets are sent and received with their headers; of IPv6 the
 * kernel tells hop limit and addresses, and is told them.
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

  /** Opens and binds, and joins no group yet; needs CAP_NET_RAW and the main thread of a process. */
  static open(options: VrrpSocketOptions): OpenedVrrpSocket {
    const {family, protocol, device, receiveBufferBytes = RECEIVE_BUFFER_BYTES} = options
    let socket: Socket
    try {
      socket = createSocket({protocol, addressFamily: family === 4 ? 1 : 2, bufferSize: 1})
    } catch (error) {
      return {ok: false, step: 'socket', reason: reasonOf(error)}
    }
    // Reading goes past raw-socket: its own reader takes one packet a turn, into one shared buffer.
    socket.wrap.removeAllListeners('recvReady')
    const fd = descriptorOf(socket)
    const prepared: Prepared =
      fd === undefined
        ? {ok: false, step: 'descriptor', reason: 'EBADF'}
        : prepareSocket(fd, {family, device, receiveBufferBytes})
    if (fd !== undefined && prepared.ok) return {ok: true, socket: new VrrpSocket(socket, fd, options)}
    socket.on('error', ignore)
    socket.close()
    return prepared.ok ? {ok: false, step: 'descriptor', reason: 'EBADF'} : prepared
  }

  /** Sends a packet of this socket's family now; never waits and never throws. A gone interface is reported as well. */
  send(packet: OutgoingPacket): SendResult {
    if (!this.#usable) return {ok: false, reason: 'EBADF'}
    const sent = this.#transmit(packet)
    if (sent.ok) {
      this.#sent++
      return {ok: true}
    }
    this.#sendFailed++
    const {reason} = sent
    if (reason === 'ENODEV' || reason === 'ENXIO') this.#report({type: 'interface-gone', reason})
    return {ok: false, reason}
  }

  /** Joins a multicast group; one that is joined already is "EADDRINUSE". */
  join(group: IpAddress): SystemResult {
    return this.#changeMembership('join', group)
  }

  leave(group: IpAddress): SystemResult {
    return this.#changeMembership('leave', group)
  }

  /** Bytes, which the kernel doubles; undefined: room for some thousand packets. */
  setReceiveBuffer(lengthBytes: number | undefined): SystemResult {
    return this.#usable ? setReceiveBuffer(this.#fd, lengthBytes ?? RECEIVE_BUFFER_BYTES) : NOT_OPEN
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
        const got = this.#options.family === 4 ? receive4(this.#fd) : receiveIpv6(this.#fd)
        if (!got.ok) {
          this.#receiveFailed(got.reason)
          break
        }
        count++
        if (got.packet) this.#deliver(got.packet)
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

  #transmit({family, bytes, source, destination, ttl}: OutgoingPacket): SystemResult {
    if (family !== this.#options.family) return {ok: false, reason: 'EAFNOSUPPORT'}
    if (family === 4) return sendTo(this.#fd, bytes, socketAddress4(destination))
    const scope = this.#options.device?.index ?? 0
    return sendIpv6(this.#fd, {bytes, source, destination, hopLimit: ttl, scope})
  }

  #changeMembership(change: 'join' | 'leave', group: IpAddress): SystemResult {
    if (!this.#usable) return NOT_OPEN
    return changeMembership(this.#fd, change, {group, index: this.#options.device?.index ?? 0})
  }

  #deliver(packet: ArrivedPacket): void {
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
const HIGHEST_ERRNO = 133
const NOT_OPEN: SystemResult = {ok: false, reason: 'EBADF'}

type Received =
  | {readonly ok: true; readonly packet: ArrivedPacket | undefined}
  | {readonly ok: false; readonly reason: string}

/** The packet is undefined where it was too long. */
function receive4(fd: number): Received {
  const got = receiveNow(fd, RECEIVE_BUFFER)
  if (!got.ok) return got
  if (got.value > RECEIVE_BUFFER.length) return {ok: true, packet: undefined}
  return {ok: true, packet: {family: 4, bytes: Buffer.from(RECEIVE_BUFFER.subarray(0, got.value))}}
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
