import {ETHERTYPE_ARP} from '../core/arp/gratuitous-arp.ts'
import type {InterfaceIndex} from '../core/units.ts'
import {HactlError} from '../errors.ts'
import {AF_PACKET, close, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, sendTo, socket} from './libc.ts'

/** Whether a packet left, and if not the name of the error: "ENETDOWN", "ENXIO" where the interface is gone. */
export type SendResult = {readonly ok: true} | {readonly ok: false; readonly reason: string}

/** Sends Ethernet frames of ARP on any interface; receives nothing. Protocol 0 of packet(7). */
export class ArpSender {
  #fd: number
  readonly #address = Buffer.alloc(SOCKADDR_LL_BYTES)

  private constructor(fd: number) {
    this.#fd = fd
    this.#address.writeUInt16LE(AF_PACKET, 0)
    this.#address.writeUInt16BE(ETHERTYPE_ARP, 2)
  }

  /** Opens the socket; needs CAP_NET_RAW, and throws a HactlError without. */
  static open(): ArpSender {
    const opened = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
    if (opened.ok) return new ArpSender(opened.value)
    const code = opened.reason === 'EPERM' ? 'PERMISSION' : 'FAILED'
    throw new HactlError(code, `no packet socket for ARP: ${opened.reason}`, 'it needs CAP_NET_RAW')
  }

  /** Sends a whole Ethernet frame now; never waits and never throws. */
  send(interfaceIndex: InterfaceIndex, frame: Buffer): SendResult {
    if (this.#fd < 0) return {ok: false, reason: 'EBADF'}
    this.#address.writeInt32LE(interfaceIndex, 4)
    const sent = sendTo(this.#fd, frame, this.#address)
    return sent.ok ? {ok: true} : sent
  }

  /** Closes the socket; a second call does nothing. */
  close(): void {
    if (this.#fd < 0) return
    close(this.#fd)
    this.#fd = -1
  }
}

/** struct sockaddr_ll: family, protocol (network order), interface index, and twelve bytes that sending ignores. */
const SOCKADDR_LL_BYTES = 20
