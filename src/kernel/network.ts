import {setImmediate as nextTurn} from 'node:timers/promises'
import {
  ADDRESS_MESSAGE_TYPE,
  encodeAddressDump,
  GROUP_IPV4_ADDRESS,
  GROUP_IPV6_ADDRESS,
} from '../core/netlink/address.ts'
import {encodeLinkDump, GROUP_LINK, LINK_MESSAGE_TYPE} from '../core/netlink/link.ts'
import {NETLINK_ROUTE, type NetlinkMessage} from '../core/netlink/message.ts'
import {
  applyMessage,
  diffPictures,
  emptyPicture,
  type InterfaceAddress,
  type Link,
  type NetworkChange,
  type NetworkPicture,
} from '../core/netlink/picture.ts'
import {errorText, HactlError} from '../errors.ts'
import {OWN_PROTOCOL} from './addresses.ts'
import {dump} from './netlink-dump.ts'
import {NetlinkSocket} from './netlink-socket.ts'

export interface NetworkListener {
  /** What changed, after the picture has; called from the event loop, never for the picture that `open` answers. */
  onChange(changes: readonly NetworkChange[]): void
  /** The picture may be behind for a while; it is being asked for anew. */
  onError(reason: string): void
}

/** What the monitor did since it was opened. */
export interface NetworkCounters {
  readonly messages: number
  readonly overruns: number
  readonly resynchronisations: number
}

/** The links and addresses of this network namespace, kept as the kernel reports them. */
export class Network {
  readonly #listener: NetworkListener
  #socket: NetlinkSocket
  #picture: NetworkPicture = emptyPicture()
  #linksByName: Map<string, Link> | undefined
  readonly #addressLists = new Map<number, readonly InterfaceAddress[]>()
  /** Messages since the dump under way was begun. */
  #sinceDump: NetlinkMessage[] | undefined
  #stale = false
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #earlier = {messages: 0, overruns: 0}
  #resynchronisations = 0

  private constructor(listener: NetworkListener) {
    this.#listener = listener
    this.#socket = this.#openSocket()
  }

  /** Opens the monitor and resolves with a complete picture; rejects with a HactlError where there is none. */
  static async open(listener: NetworkListener): Promise<Network> {
    const network = new Network(listener)
    let reason = ''
    for (let attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
      const result = await network.#look()
      if (result.ok) {
        network.#replace(network.#finish(result.picture))
        if (network.#stale) network.#resynchroniseLater(SOON_MS)
        return network
      }
      reason = result.reason
    }
    network.close()
    throw new HactlError('FAILED', `the kernel does not tell its interfaces: ${reason}`)
  }

  /** The protocol tag that our own addresses carry. */
  get ownProtocol(): number {
    return OWN_PROTOCOL
  }

  get links(): readonly Link[] {
    return [...this.#picture.links.values()]
  }

  get addresses(): readonly InterfaceAddress[] {
    return [...this.#picture.addresses.keys()].flatMap(index => this.addressesOf(index))
  }

  /** The link that has this name now. */
  link(name: string): Link | undefined {
    this.#linksByName ??= new Map(this.links.map(link => [link.name, link]))
    return this.#linksByName.get(name)
  }

  /** The addresses of an interface; the same list as long as none of them changes. */
  addressesOf(index: number): readonly InterfaceAddress[] {
    let list = this.#addressLists.get(index)
    if (list === undefined) {
      list = [...(this.#picture.addresses.get(index)?.values() ?? [])]
      if (list.length > 0) this.#addressLists.set(index, list)
    }
    return list
  }

  /**
   * Takes in what the kernel has told until now. A change that it has acknowledged on another socket is told before its
   * acknowledgement, so that whoever compares the picture with what was acknowledged has to call this first.
   */
  catchUp(): void {
    for (let rounds = 0; rounds < CATCH_UP_ROUNDS; rounds++) {
      const before = this.#socket.counters().messages
      this.#socket.drain(DRAIN_LIMIT)
      if (this.#socket.counters().messages - before < DRAIN_LIMIT) return
    }
  }

  /** Another size of the monitor's receive buffer, bytes. `vrrp_netlink_monitor_rcv_bufs` */
  resize(receiveBufferBytes: number): void {
    this.#socket.resize(receiveBufferBytes)
  }

  counters(): NetworkCounters {
    const {messages, overruns} = this.#socket.counters()
    return {
      messages: this.#earlier.messages + messages,
      overruns: this.#earlier.overruns + overruns,
      resynchronisations: this.#resynchronisations,
    }
  }

  /** Ends the monitor; no callback comes after it. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#socket.close()
  }

  #openSocket(): NetlinkSocket {
    return NetlinkSocket.open({
      protocol: NETLINK_ROUTE,
      groups: [GROUP_LINK, GROUP_IPV4_ADDRESS, GROUP_IPV6_ADDRESS],
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      onMessages: messages => this.#received(messages),
      onOverrun: () => this.#resynchroniseLater(0),
      onBroken: reason => this.#broken(reason),
    })
  }

  #received(messages: readonly NetlinkMessage[]): void {
    if (this.#sinceDump) {
      if (this.#sinceDump.length + messages.length <= MAX_SINCE_DUMP) this.#sinceDump.push(...messages)
      else this.#stale = true
    }
    // Before the first picture there is nothing to compare with.
    if (this.#resynchronisations === 0) return
    this.#announce(messages.flatMap(message => applyMessage(this.#picture, message)))
  }

  #announce(changes: readonly NetworkChange[]): void {
    if (changes.length === 0) return
    for (const change of changes) {
      if ('address' in change) this.#addressLists.delete(change.address.index)
      else this.#linksByName = undefined
    }
    this.#listener.onChange(changes)
  }

  /** Asks for everything, keeping what is reported meanwhile to be taken in after it. */
  async #look(): Promise<Look> {
    this.#sinceDump = []
    this.#stale = false
    const picture = emptyPicture()
    for (const [type, body] of DUMPS) {
      const onMessages = (messages: readonly NetlinkMessage[]) => {
        for (const message of messages) applyMessage(picture, message)
      }
      const result = await dump({protocol: NETLINK_ROUTE, type, body, onMessages})
      if (!result.ok) return result
      // Under a flood of changes a dump may never be whole: what it has is taken, and it is asked for again.
      if (result.interrupted) this.#stale = true
    }
    return {ok: true, picture}
  }

  /** Takes in what was reported since: the last message about a thing is right, whether the dump knew of it or not. */
  #finish(picture: NetworkPicture): NetworkPicture {
    this.#socket.drain(DRAIN_LIMIT)
    for (const message of this.#sinceDump ?? []) applyMessage(picture, message)
    this.#sinceDump = undefined
    return picture
  }

  #replace(picture: NetworkPicture): void {
    this.#picture = picture
    this.#linksByName = undefined
    this.#addressLists.clear()
    this.#resynchronisations++
  }

  #resynchroniseLater(delayMs: number): void {
    this.#stale = true
    if (this.#closed || this.#sinceDump || this.#timer || this.#resynchronisations === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#resynchronise()
    }, delayMs)
  }

  async #resynchronise(): Promise<void> {
    // What waits is older than the dump will be, and what followed it may be lost: taken in later it would be wrong.
    for (let turn = 0; turn < MAX_DISCARDS && !this.#socket.discard(DRAIN_LIMIT); turn++) await nextTurn()
    if (this.#closed) return
    const result = await this.#look()
    if (this.#closed) return
    if (!result.ok) {
      this.#sinceDump = undefined
      this.#resynchroniseLater(LATER_MS)
      this.#listener.onError(`asking for all links and addresses: ${result.reason}`)
      return
    }
    const picture = this.#finish(result.picture)
    const changes = diffPictures(this.#picture, picture)
    this.#replace(picture)
    if (this.#stale) this.#resynchroniseLater(SOON_MS)
    this.#announce([...changes, {type: 'resynchronised'}])
  }

  #broken(reason: string): void {
    this.#listener.onError(`the monitor's socket: ${reason}`)
    const {messages, overruns} = this.#socket.counters()
    this.#earlier = {messages: this.#earlier.messages + messages, overruns: this.#earlier.overruns + overruns}
    this.#reopen()
  }

  #reopen(): void {
    if (this.#closed) return
    try {
      this.#socket = this.#openSocket()
      this.#resynchroniseLater(0)
    } catch (error) {
      this.#listener.onError(errorText(error))
      setTimeout(() => this.#reopen(), LATER_MS).unref()
    }
  }
}

type Look = {readonly ok: true; readonly picture: NetworkPicture} | {readonly ok: false; readonly reason: string}

const DUMPS = [
  [LINK_MESSAGE_TYPE.get, encodeLinkDump()],
  [ADDRESS_MESSAGE_TYPE.get, encodeAddressDump()],
] as const

/** Some ten thousand changes between two turns of the loop. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024
const DRAIN_LIMIT = 512
const MAX_DISCARDS = 1_000
/** Some ten thousand messages; what is beyond is no news of this moment. */
const CATCH_UP_ROUNDS = 20
const MAX_SINCE_DUMP = 50_000
const OPEN_ATTEMPTS = 5
const SOON_MS = 100
const LATER_MS = 1_000
