import type {InterfaceIndex} from '../core/units.ts'
import {HactlError} from '../errors.ts'
import {AF_PACKET, close, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, sendTo, socket} from './libc.ts'
import {linkAddress} from './socket-address.ts'

/** Whether a packet left, and if not the name of the error: "ENETDOWN", "ENXIO" where the interface is gone. */
export type SendResult = {readonly ok: true} | {readonly ok: false; readonly reason: string}

/** Sends whole Ethernet frames on any interface; receives nothing. Protocol 0 of packet(7). */
export class FrameSender {
  #fd: number
  /** Where the last frame went: most follow others on their way. */
  #last: {readonly index: InterfaceIndex; readonly etherType: number; readonly address: Buffer} | undefined

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** Opens the socket; needs CAP_NET_RAW, and throws a HactlError without. */
  static open(): FrameSender {
    const opened = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
    if (opened.ok) return new FrameSender(opened.value)
    const code = opened.reason === 'EPERM' ? 'PERMISSION' : 'FAILED'
    throw new HactlError(code, `no packet socket to announce addresses: ${opened.reason}`, 'it needs CAP_NET_RAW')
  }

  /** Sends a whole Ethernet frame now; never waits and never throws. */
  send(interfaceIndex: InterfaceIndex, frame: Buffer): SendResult {
    if (this.#fd < 0) return {ok: false, reason: 'EBADF'}
    if (frame.length < ETHERNET_HEADER_BYTES) return {ok: false, reason: 'EINVAL'}
    const sent = sendTo(this.#fd, frame, this.#addressFor(interfaceIndex, frame.readUInt16BE(ETHERTYPE_OFFSET)))
    return sent.ok ? SENT : sent
  }

  /** Closes the socket; a second call does nothing. */
  close(): void {
    if (this.#fd < 0) return
    close(this.#fd)
    this.#fd = -1
  }

  #addressFor(index: InterfaceIndex, etherType: number): Buffer {
    const last = this.#last
    if (last?.index === index && last.etherType === etherType) return last.address
    const address = linkAddress(index, etherType)
    this.#last = {index, etherType, address}
    return address
  }
}

const SENT: SendResult = {ok: true}
const ETHERNET_HEADER_BYTES = 14
const ETHERTYPE_OFFSET = 12
