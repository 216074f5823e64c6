import {
  decodeProcessEvent,
  encodeProcessListen,
  GROUP_PROCESS_EVENTS,
  NETLINK_CONNECTOR,
  type ProcessEvent,
} from '../core/netlink/connector.ts'
import type {NetlinkMessage} from '../core/netlink/message.ts'
import {errorText} from '../errors.ts'
import {sendTo} from './libc.ts'
import {inStartingNamespace} from './namespace.ts'
import {NetlinkSocket} from './netlink-socket.ts'

export interface ProcessConnectorOptions {
  /** Undefined: room for some thousand events. `process_monitor_rcv_bufs` */
  readonly receiveBufferBytes: number | undefined
  /** Events in their order, those of one turn of the loop together; called from the event loop. */
  readonly onEvents: (events: readonly ProcessEvent[]) => void
  /** Events were lost: all processes have to be looked at. */
  readonly onOverrun: () => void
  /** The kernel tells nothing here, or no more; the connector is closed. Never called from within `open`. */
  readonly onRefused: (reason: string) => void
}

/**
 * Hears of every process that the kernel starts and ends: the process connector of <linux/cn_proc.h>. It is there only
 * in the initial network and process namespaces, and needs CAP_NET_ADMIN.
 */
export class ProcessConnector {
  readonly #options: ProcessConnectorOptions
  #socket: NetlinkSocket | undefined
  #acknowledged = false
  #timer: NodeJS.Timeout | undefined
  #refusal: NodeJS.Immediate | undefined

  private constructor(options: ProcessConnectorOptions) {
    this.#options = options
  }

  /** Begins to listen; whether the kernel takes part shows a little later, at the latest after a second. */
  static open(options: ProcessConnectorOptions): ProcessConnector {
    const connector = new ProcessConnector(options)
    connector.#listen()
    return connector
  }

  /** Whether the kernel said that it tells of processes. */
  get acknowledged(): boolean {
    return this.#acknowledged
  }

  /** Ends listening; no callback comes after it, and a second call does nothing. */
  close(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#refusal)
    const socket = this.#socket
    this.#socket = undefined
    if (!socket) return
    sendTo(socket.fd, encodeProcessListen(false), NO_ADDRESS)
    socket.close()
  }

  #listen(): void {
    const {receiveBufferBytes = RECEIVE_BUFFER_BYTES, onOverrun} = this.#options
    try {
      const options = {
        protocol: NETLINK_CONNECTOR,
        groups: [GROUP_PROCESS_EVENTS],
        receiveBufferBytes,
        onMessages: (messages: readonly NetlinkMessage[]) => this.#received(messages),
        onOverrun,
        onBroken: (reason: string) => this.#refuse(reason),
      }
      // The kernel tells of processes in the first network namespace only, whichever this agent works in.
      this.#socket = inStartingNamespace(() => NetlinkSocket.open(options))
    } catch (error) {
      this.#refuse(errorText(error))
      return
    }
    const sent = sendTo(this.#socket.fd, encodeProcessListen(true), NO_ADDRESS)
    if (!sent.ok) this.#refuse(sent.reason)
    // An older kernel does not even say that it refuses.
    else this.#timer = setTimeout(() => this.#refuse('the kernel does not answer'), ACKNOWLEDGED_WITHIN_MS)
  }

  #received(messages: readonly NetlinkMessage[]): void {
    const events: ProcessEvent[] = []
    for (const message of messages) {
      const event = decodeProcessEvent(message)
      if (!event.ok) continue
      if (event.value.type === 'acknowledged') this.#answered(event.value.error)
      else if (event.value.type !== 'other') events.push(event.value)
    }
    if (events.length > 0 && this.#socket) this.#options.onEvents(events)
  }

  /** Answers to other listeners are heard too: a refusal of theirs after our success means nothing. */
  #answered(error: number): void {
    if (this.#acknowledged) return
    if (error !== 0) this.#refuse(`error ${error}`)
    else {
      this.#acknowledged = true
      clearTimeout(this.#timer)
    }
  }

  #refuse(reason: string): void {
    this.close()
    this.#refusal = setImmediate(() => this.#options.onRefused(reason))
  }
}

const NO_ADDRESS = Buffer.alloc(0)
const ACKNOWLEDGED_WITHIN_MS = 1_000
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
