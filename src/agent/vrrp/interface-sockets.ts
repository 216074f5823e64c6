import type {InterfaceIndex} from '../../core/units.ts'
import {VRRP_GROUP4} from '../../core/vrrp/config.ts'
import {VrrpSocket, type VrrpSocketError} from '../../kernel/vrrp-socket.ts'

interface Open {
  readonly index: InterfaceIndex
  readonly socket: VrrpSocket
}

/** Where packets and troubles go. */
export interface SocketHandlers {
  onPacket(interfaceName: string, packet: Buffer): void
  /** The socket is closed already, and a new one can be asked for. No reason: its interface is gone. */
  onLost(interfaceName: string, reason: string | undefined): void
  /** A packet made `onPacket` throw; the socket goes on. */
  onThrown(interfaceName: string, error: unknown): void
}

/** Packets taken in one go after a late wake; more stay in the kernel's buffer for the next turn. */
const DRAIN_LIMIT = 2_000

/** One VRRP socket for each interface that a virtual router runs on; made anew when the interface is. */
export class InterfaceSockets {
  readonly #open = new Map<string, Open>()
  readonly #handlers: SocketHandlers

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers
  }

  /** Makes sure that there is a socket on this very interface; returns why not, or undefined. */
  ensure(interfaceName: string, index: InterfaceIndex): string | undefined {
    const open = this.#open.get(interfaceName)
    if (open?.index === index) return undefined
    this.close(interfaceName)
    const opened = VrrpSocket.open({
      interfaceName,
      interfaceIndex: index,
      group: VRRP_GROUP4,
      onPacket: packet => this.#handlers.onPacket(interfaceName, packet),
      onError: error => this.#failed(interfaceName, index, error),
    })
    if (!opened.ok) return `no VRRP socket on ${interfaceName} (${opened.step}: ${opened.reason})`
    this.#open.set(interfaceName, {index, socket: opened.socket})
    return undefined
  }

  socket(interfaceName: string): VrrpSocket | undefined {
    return this.#open.get(interfaceName)?.socket
  }

  /** Hands over every packet that waits in the kernel, before anyone looks at a timer. */
  drain(): void {
    for (const {socket} of this.#open.values()) socket.drain(DRAIN_LIMIT)
  }

  close(interfaceName: string): void {
    const open = this.#open.get(interfaceName)
    this.#open.delete(interfaceName)
    open?.socket.close()
  }

  #failed(interfaceName: string, index: InterfaceIndex, error: VrrpSocketError): void {
    if (error.type === 'handler-threw') {
      this.#handlers.onThrown(interfaceName, error.error)
      return
    }
    if (this.#open.get(interfaceName)?.index !== index) return
    this.close(interfaceName)
    this.#handlers.onLost(interfaceName, error.type === 'interface-gone' ? undefined : error.reason)
  }

  /** Closes the sockets of interfaces that nothing runs on any more. */
  retain(interfaceNames: ReadonlySet<string>): void {
    for (const name of [...this.#open.keys()]) if (!interfaceNames.has(name)) this.close(name)
  }
}
