import {VRRP_GROUP4} from '../../core/vrrp/packet.ts'
import {errorText} from '../../errors.ts'
import {VrrpSocket} from '../../kernel/vrrp-socket.ts'

interface Open {
  readonly index: number
  readonly socket: VrrpSocket
}

/** Packets taken in one go after a late wake; more stay in the kernel's buffer for the next turn. */
const DRAIN_LIMIT = 2_000

/** One VRRP socket for each interface that a virtual router runs on; made anew when the interface is. */
export class InterfaceSockets {
  readonly #open = new Map<string, Open>()
  readonly #onPacket: (interfaceName: string, packet: Buffer) => void
  readonly #onError: (interfaceName: string, reason: string) => void

  constructor(handlers: {
    onPacket: (interfaceName: string, packet: Buffer) => void
    onError: (interfaceName: string, reason: string) => void
  }) {
    this.#onPacket = handlers.onPacket
    this.#onError = handlers.onError
  }

  /** Makes sure that there is a socket on this very interface; returns why not, or undefined. */
  ensure(interfaceName: string, index: number): string | undefined {
    const open = this.#open.get(interfaceName)
    if (open?.index === index) return undefined
    this.close(interfaceName)
    try {
      const socket = VrrpSocket.open({
        interfaceName,
        interfaceIndex: index,
        group: VRRP_GROUP4,
        onPacket: packet => this.#onPacket(interfaceName, packet),
        onError: error => {
          const current = this.#open.get(interfaceName)
          if (current?.socket !== socket) return
          this.close(interfaceName)
          this.#onError(interfaceName, errorText(error))
        },
      })
      this.#open.set(interfaceName, {index, socket})
      return undefined
    } catch (error) {
      return `no VRRP socket on ${interfaceName}: ${errorText(error)}`
    }
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

  /** Closes the sockets of interfaces that nothing runs on any more. */
  retain(interfaceNames: ReadonlySet<string>): void {
    for (const name of [...this.#open.keys()]) if (!interfaceNames.has(name)) this.close(name)
  }
}
