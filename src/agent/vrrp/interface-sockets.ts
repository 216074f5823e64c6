import type {IpAddress, IpFamily} from '../../core/ip.ts'
import type {InterfaceIndex} from '../../core/units.ts'
import type {ArrivedPacket} from '../../core/vrrp/arrived.ts'
import type {OutgoingPacket} from '../../core/vrrp/send.ts'
import type {SendResult} from '../../kernel/frame-sender.ts'
import {VrrpSocket, type VrrpSocketCounters, type VrrpSocketError} from '../../kernel/vrrp-socket.ts'

/** What one virtual router needs to be heard and to hear. */
export interface SocketNeed {
  /** Where its advertisements leave from; empty where the routes decide. */
  readonly interface: string
  /** Of that interface as it is now; undefined where `interface` is empty. */
  readonly index: InterfaceIndex | undefined
  readonly family: IpFamily
  readonly protocol: OutgoingPacket['protocol']
  /** The multicast group to hear; undefined for unicast. */
  readonly group: IpAddress | undefined
  /** Its share of the socket's receive buffer, bytes; undefined or 0: whatever is usual. `kernel_rx_buf_size` */
  readonly receiveBufferBytes: number | undefined
}

/** Where packets and troubles go. */
export interface SocketHandlers {
  onPacket(interfaceName: string, packet: ArrivedPacket): void
  /** The socket is closed already, and a new one can be asked for. No reason: its interface is gone. */
  onLost(interfaceName: string, reason: string | undefined): void
  /** A packet made `onPacket` throw; the socket goes on. */
  onThrown(interfaceName: string, error: unknown): void
}

interface Shared {
  readonly interface: string
  readonly index: InterfaceIndex | undefined
  readonly socket: VrrpSocket
  readonly joined: Set<IpAddress>
  receiveBufferBytes: number | undefined
}

/** Packets taken in one go after a late wake; more stay in the kernel's buffer for the next turn. */
const DRAIN_LIMIT = 2_000

/** One socket for all virtual routers of one interface, family and protocol; made anew when the interface is. */
export class InterfaceSockets {
  readonly #open = new Map<string, Shared>()
  readonly #handlers: SocketHandlers

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers
  }

  /** Makes sure that there is a socket on this very interface, in the group; returns why not, or undefined. */
  ensure(need: SocketNeed): string | undefined {
    const key = keyOf(need)
    let shared = this.#open.get(key)
    if (shared && shared.index !== need.index) {
      this.#close(key)
      shared = undefined
    }
    if (!shared) {
      const opened = this.#openSocket(key, need)
      if (typeof opened === 'string') return opened
      shared = opened
    }
    const {group, receiveBufferBytes = 0} = need
    if (receiveBufferBytes > (shared.receiveBufferBytes ?? 0)) this.#resize(shared, receiveBufferBytes)
    if (group === undefined || shared.joined.has(group)) return undefined
    const joined = shared.socket.join(group)
    if (!joined.ok) return `${placeOf(need)} does not join ${group}: ${joined.reason}`
    shared.joined.add(group)
    return undefined
  }

  /** Sends a packet from an interface now, or from the one that the routes say where its name is empty. */
  send(interfaceName: string, packet: OutgoingPacket): SendResult {
    const shared = this.#open.get(keyOf({...packet, interface: interfaceName}))
    return shared ? shared.socket.send(packet) : {ok: false, reason: 'EBADF'}
  }

  /** Hands over every packet that waits in the kernel, before anyone looks at a timer. */
  drain(): void {
    for (const {socket} of this.#open.values()) socket.drain(DRAIN_LIMIT)
  }

  /** Closes the sockets and leaves the groups that none of these needs, and divides the receive buffers anew. */
  retain(needs: readonly SocketNeed[]): void {
    const byKey = new Map<string, SocketNeed[]>()
    for (const need of needs) byKey.set(keyOf(need), [...(byKey.get(keyOf(need)) ?? []), need])
    for (const [key, shared] of this.#open) {
      const wanted = byKey.get(key)
      if (!wanted) {
        this.#close(key)
        continue
      }
      const groups = new Set(wanted.map(({group}) => group))
      for (const group of shared.joined) {
        if (groups.has(group)) continue
        shared.socket.leave(group)
        shared.joined.delete(group)
      }
      this.#resize(shared, wanted.reduce((sum, {receiveBufferBytes = 0}) => sum + receiveBufferBytes, 0) || undefined)
    }
  }

  /** What the sockets of an interface did since they were opened. */
  counters(interfaceName: string): readonly VrrpSocketCounters[] {
    return [...this.#open.values()]
      .filter(shared => shared.interface === interfaceName)
      .map(({socket}) => socket.counters())
  }

  #openSocket(key: string, need: SocketNeed): Shared | string {
    const {family, protocol, index, interface: name} = need
    const receiveBufferBytes = need.receiveBufferBytes || undefined
    const opened = VrrpSocket.open({
      family,
      protocol,
      device: index === undefined ? undefined : {name, index},
      receiveBufferBytes,
      onPacket: packet => this.#handlers.onPacket(name, packet),
      onError: error => this.#failed(key, opened.ok ? opened.socket : undefined, error),
    })
    if (!opened.ok) return `no VRRP socket on ${placeOf(need)} (${opened.step}: ${opened.reason})`
    const shared = {interface: name, index, socket: opened.socket, joined: new Set<IpAddress>(), receiveBufferBytes}
    this.#open.set(key, shared)
    return shared
  }

  #resize(shared: Shared, receiveBufferBytes: number | undefined): void {
    if (shared.receiveBufferBytes === receiveBufferBytes) return
    // Refused, it stays as it was: too small a buffer loses packets, none loses all.
    if (shared.socket.setReceiveBuffer(receiveBufferBytes).ok) shared.receiveBufferBytes = receiveBufferBytes
  }

  #close(key: string): void {
    const shared = this.#open.get(key)
    this.#open.delete(key)
    shared?.socket.close()
  }

  #failed(key: string, socket: VrrpSocket | undefined, error: VrrpSocketError): void {
    const shared = this.#open.get(key)
    if (!shared || shared.socket !== socket) return
    if (error.type === 'handler-threw') {
      this.#handlers.onThrown(shared.interface, error.error)
      return
    }
    this.#close(key)
    this.#handlers.onLost(shared.interface, error.type === 'interface-gone' ? undefined : error.reason)
  }
}

const keyOf = ({interface: name, family, protocol}: Pick<SocketNeed, 'interface' | 'family' | 'protocol'>): string =>
  `${name} ${family} ${protocol}`

const placeOf = ({interface: name}: SocketNeed): string => name || 'all interfaces'
