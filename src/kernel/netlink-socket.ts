import {RawNetlinkSocket} from 'netlink/dist/raw.js'
import {decodeMessages, type NetlinkMessage} from '../core/netlink/message.ts'
import {errorText, HactlError} from '../errors.ts'
import {findDescriptor} from './descriptors.ts'
import {
  AF_NETLINK,
  dropsOf,
  getSocketName,
  getSocketOption,
  receiveNow,
  SO_PROTOCOL,
  type SocketOption,
  setReceiveBuffer,
  setSocketInt,
} from './libc.ts'

export interface NetlinkSocketOptions {
  /** NETLINK_ROUTE and so on. */
  readonly protocol: number
  /** Multicast groups to join, RTNLGRP_*. */
  readonly groups?: readonly number[]
  readonly receiveBufferBytes: number
  /** Messages of the kernel, in their order; called from the event loop. */
  readonly onMessages: (messages: readonly NetlinkMessage[]) => void
  /** Messages were lost: what is known must be asked for anew. */
  readonly onOverrun: () => void
  /** The socket is broken and closed. */
  readonly onBroken: (reason: string) => void
}

/** What a socket received since it was opened. */
export interface NetlinkSocketCounters {
  readonly messages: number
  /** Datagrams that are no netlink messages, or not from the kernel. */
  readonly ignored: number
  readonly overruns: number
}

/**
 * A netlink socket of the netlink package, which opens and binds it, finds a port and watches it.
 *
 * The package's native code ends the process when something throws within its callbacks - also a tick or promise that
 * happens to run there -, when it finds an error nobody listens to, and may crash when it is closed within one. So its
 * listeners only keep what they are given and ask for an immediate; everything else happens in that, or goes past the
 * package by the descriptor: options, sending, and receiving on demand.
 */
export class NetlinkSocket {
  readonly fd: number
  readonly #raw: RawNetlinkSocket
  readonly #options: NetlinkSocketOptions
  readonly #waiting: Buffer[] = []
  #open = true
  #immediate: NodeJS.Immediate | undefined
  #overrun = false
  #broken: string | undefined
  #drops = 0
  #messages = 0
  #ignored = 0
  #overruns = 0

  private constructor(raw: RawNetlinkSocket, fd: number, options: NetlinkSocketOptions) {
    this.#raw = raw
    this.fd = fd
    this.#options = options
  }

  /** Opens, binds and joins; throws a HactlError when that cannot be. */
  static open(options: NetlinkSocketOptions): NetlinkSocket {
    const {protocol, receiveBufferBytes, groups = []} = options
    let raw: RawNetlinkSocket | undefined
    try {
      raw = new RawNetlinkSocket(protocol, {recvBufferSize: 64 * 1024, sendBufferSize: SEND_BUFFER_BYTES})
      raw.on('error', () => {})
      const fd = descriptorOf(raw, protocol)
      // Joined only after this: an overrun reported as an error is one of the things the package does not survive.
      const results = [
        setSocketInt(fd, NETLINK_NO_ENOBUFS, 1),
        setReceiveBuffer(fd, receiveBufferBytes),
        setSocketInt(fd, NETLINK_CAP_ACK, 1),
        setSocketInt(fd, NETLINK_EXT_ACK, 1),
      ]
      for (const result of results.slice(0, 2)) if (!result.ok) throw new Error(result.reason)
      const socket = new NetlinkSocket(raw, fd, options)
      socket.#listen()
      for (const group of groups) raw.addMembership(group)
      return socket
    } catch (error) {
      closeLater(raw)
      throw new HactlError('FAILED', `no netlink socket: ${errorText(error)}`, undefined, {cause: error})
    }
  }

  /** Another size of the receive buffer, bytes; the kernel doubles it. */
  resize(receiveBufferBytes: number): void {
    if (this.#open) setReceiveBuffer(this.fd, receiveBufferBytes)
  }

  /** Takes what waits in the kernel right now, at most `limit` datagrams, and hands over all messages there are. */
  drain(limit: number): void {
    for (let count = 0; this.#open && count < limit; count++) {
      const got = receiveNow(this.fd, RECEIVE_BUFFER, SENDER)
      if (!got.ok) break
      if (got.value > RECEIVE_BUFFER.length) this.#overrun = true
      else if (SENDER.readUInt32LE(SENDER_PORT_AT) !== KERNEL_PORT) this.#ignored++
      else this.#waiting.push(Buffer.from(RECEIVE_BUFFER.subarray(0, got.value)))
    }
    this.#handOver()
  }

  /**
   * Throws away what waits, at most `limit` datagrams, and answers whether nothing waits any more. What was lost until
   * then is lost with it: no overrun is reported for it later.
   */
  discard(limit: number): boolean {
    let empty = !this.#open
    for (let count = 0; !empty && count < limit; count++) empty = !receiveNow(this.fd, RECEIVE_BUFFER).ok
    this.#waiting.length = 0
    this.#overrun = false
    if (this.#open) this.#drops = dropsOf(this.fd)
    return empty
  }

  /** The number by which the kernel tells this socket. <linux/netlink.h> */
  get port(): number {
    const address = Buffer.alloc(SOCKADDR_NL_BYTES)
    return this.#open && getSocketName(this.fd, address).ok ? address.readUInt32LE(SENDER_PORT_AT) : 0
  }

  counters(): NetlinkSocketCounters {
    return {messages: this.#messages, ignored: this.#ignored, overruns: this.#overruns}
  }

  /** Closes the socket; no callback comes after it, and a second call does nothing. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    clearImmediate(this.#immediate)
    this.#waiting.length = 0
    closeLater(this.#raw)
  }

  #listen(): void {
    this.#raw.on('message', (bytes, sender) => {
      if (sender.port !== KERNEL_PORT) this.#ignored++
      else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(bytes)
      else this.#overrun = true
      this.#wake()
    })
    this.#raw.on('truncatedMessage', () => {
      this.#overrun = true
      this.#wake()
    })
    this.#raw.on('error', error => {
      if (error.code === 'ENOBUFS') this.#overrun = true
      else this.#broken = error.code
      this.#wake()
    })
  }

  #wake(): void {
    if (!this.#open) return
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      this.#handOver()
    })
  }

  #handOver(): void {
    if (!this.#open) return
    const messages: NetlinkMessage[] = []
    for (const datagram of this.#waiting.splice(0)) {
      const read = decodeMessages(datagram)
      if (read.ok) messages.push(...read.value)
      else this.#ignored++
    }
    const drops = dropsOf(this.fd)
    const overrun = this.#overrun || drops !== this.#drops
    this.#drops = drops
    this.#overrun = false
    this.#messages += messages.length
    if (overrun) this.#overruns++
    const broken = this.#broken
    if (broken !== undefined) this.close()

    if (messages.length > 0) this.#callOut(() => this.#options.onMessages(messages))
    if (overrun) this.#callOut(() => this.#options.onOverrun())
    if (broken !== undefined) this.#callOut(() => this.#options.onBroken(broken))
  }

  /** An exception of the owner's is no affair of this socket's: it is thrown where Node reports it. */
  #callOut(call: () => void): void {
    try {
      call()
    } catch (error) {
      setImmediate(() => {
        throw error
      })
    }
  }
}

const KERNEL_PORT = 0
/** Datagrams between two turns of the loop; the package reads at most 32 a turn. */
const MAX_WAITING = 4096
const SEND_BUFFER_BYTES = 256 * 1024
/** The kernel's own notifications and acknowledgements are below 32 KiB. */
const RECEIVE_BUFFER = Buffer.alloc(64 * 1024)
/** struct sockaddr_nl: family, padding, port, groups. <linux/netlink.h> */
const SOCKADDR_NL_BYTES = 12
const SENDER_PORT_AT = 4
const SENDER = Buffer.alloc(SOCKADDR_NL_BYTES)

/** SOL_NETLINK's options. <linux/netlink.h> */
const NETLINK_NO_ENOBUFS: SocketOption = {level: 270, name: 5}
const NETLINK_CAP_ACK: SocketOption = {level: 270, name: 10}
const NETLINK_EXT_ACK: SocketOption = {level: 270, name: 11}

/** The package tells no descriptor: the netlink socket of this protocol that is bound to the same port is it. */
function descriptorOf(raw: RawNetlinkSocket, protocol: number): number {
  const {port} = raw.address()
  const address = Buffer.alloc(SOCKADDR_NL_BYTES)
  const number = Buffer.alloc(4)
  const fd = findDescriptor(
    candidate =>
      getSocketName(candidate, address).ok &&
      address.readUInt16LE(0) === AF_NETLINK &&
      address.readUInt32LE(SENDER_PORT_AT) === port &&
      getSocketOption(candidate, SO_PROTOCOL, number).ok &&
      number.readInt32LE(0) === protocol,
  )
  if (fd === undefined) throw new Error('its descriptor cannot be found')
  return fd
}

/** Never within one of the package's callbacks, which a promise of anybody's may be running in. */
function closeLater(raw: RawNetlinkSocket | undefined): void {
  setImmediate(() => {
    try {
      raw?.close()
    } catch {
      // Closed already.
    }
  })
}
