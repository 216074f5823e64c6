import {NETLINK_ROUTE, type NetlinkMessage} from '../core/netlink/message.ts'
import {
  decodeRoute,
  GROUP_IPV4_ROUTE,
  GROUP_IPV6_ROUTE,
  ROUTE_MESSAGE_TYPE,
  type RouteMessage,
} from '../core/netlink/route.ts'
import {
  decodeRule,
  GROUP_IPV4_RULE,
  GROUP_IPV6_RULE,
  RULE_MESSAGE_TYPE,
  type RuleMessage,
} from '../core/netlink/rule.ts'
import {errorText, HactlError} from '../errors.ts'
import {attachFilter} from './libc.ts'
import {NetlinkSocket, type NetlinkSocketOptions} from './netlink-socket.ts'

/** A route of protocol 18, or a rule, that somebody deleted. */
export type Deletion =
  | {readonly kind: 'route'; readonly message: RouteMessage}
  | {readonly kind: 'rule'; readonly message: RuleMessage}

export interface RouteMonitorListener {
  /** Somebody else than this process deleted these. */
  onDeleted(deletions: readonly Deletion[]): void
  /** Deletions may have been missed: what is held has to be asked for anew. */
  onUncertain(reason: string): void
}

/** RTPROT_KEEPALIVED: the mark of routes and rules that are watched. <linux/rtnetlink.h> */
export const ROUTE_PROTOCOL = 18

/**
 * Tells when somebody deletes routes or rules that carry our protocol. Its socket is open only while it is wanted, and
 * a filter in the kernel drops everything else, so that a host with a million routes that change does not wake this
 * process. It keeps no routes.
 *
 * Linux does not tell of IPv4 routes that went with their interface or their source address: who holds some has to ask
 * for them anew when links or addresses change.
 */
export class RouteMonitor {
  readonly #listener: RouteMonitorListener
  readonly #ownPort: () => number
  #socket: NetlinkSocket | undefined
  #wanted = false
  #retry: NodeJS.Timeout | undefined

  /** `ownPort`: the port of the socket that makes our own changes, which are no news. */
  constructor(listener: RouteMonitorListener, ownPort: () => number) {
    this.#listener = listener
    this.#ownPort = ownPort
  }

  /** Opens or closes the socket. What was deleted before it was open is not told of. */
  watch(wanted: boolean): void {
    this.#wanted = wanted
    if (wanted && !this.#socket && !this.#retry) this.#open()
    if (!wanted) this.close()
  }

  get watching(): boolean {
    return this.#socket !== undefined
  }

  /** How many messages the filter let through since the socket was opened. */
  get messages(): number {
    return this.#socket?.counters().messages ?? 0
  }

  /** Closes the socket; no callback comes after it. */
  close(): void {
    this.#wanted = false
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#socket?.close()
    this.#socket = undefined
  }

  #open(): void {
    try {
      this.#socket = openSocket({
        onMessages: messages => this.#received(messages),
        onOverrun: () => this.#listener.onUncertain('deletions of routes came faster than they could be read'),
        onBroken: reason => this.#broken(reason),
      })
    } catch (error) {
      this.#broken(errorText(error))
    }
  }

  #received(messages: readonly NetlinkMessage[]): void {
    const own = this.#ownPort()
    const deletions = messages
      .filter(({port}) => port === 0 || port !== own)
      .flatMap(message => deletionOf(message) ?? [])
    if (deletions.length > 0 && this.#wanted) this.#listener.onDeleted(deletions)
  }

  #broken(reason: string): void {
    this.#socket = undefined
    if (!this.#wanted) return
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      if (this.#wanted) this.#open()
    }, RETRY_MS)
    this.#listener.onUncertain(`the monitor of routes: ${reason}`)
  }
}

const RETRY_MS = 1_000
/** A thousand deletions between two turns of the loop; more are an overrun. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024

type Callbacks = Pick<NetlinkSocketOptions, 'onMessages' | 'onOverrun' | 'onBroken'>

/** The groups are joined before the filter is there: what comes between is judged again in `deletionOf`. */
function openSocket(callbacks: Callbacks): NetlinkSocket {
  const socket = NetlinkSocket.open({
    protocol: NETLINK_ROUTE,
    groups: [GROUP_IPV4_ROUTE, GROUP_IPV6_ROUTE, GROUP_IPV4_RULE, GROUP_IPV6_RULE],
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    ...callbacks,
  })
  const filtered = attachFilter(socket.fd, FILTER)
  if (filtered.ok) return socket
  socket.close()
  throw new HactlError('FAILED', `no filter for routes: ${filtered.reason}`)
}

function deletionOf({type, body}: NetlinkMessage): Deletion | undefined {
  if (type === ROUTE_MESSAGE_TYPE.delete) {
    const route = decodeRoute(body)
    return route.ok && route.value.protocol === ROUTE_PROTOCOL ? {kind: 'route', message: route.value} : undefined
  }
  if (type !== RULE_MESSAGE_TYPE.delete) return undefined
  const rule = decodeRule(body)
  return rule.ok ? {kind: 'rule', message: rule.value} : undefined
}

/** struct sock_filter: code, jumps if true and if false, operand. <linux/filter.h> */
function instruction(code: number, jumpTrue: number, jumpFalse: number, operand: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(code, 0)
  bytes[2] = jumpTrue
  bytes[3] = jumpFalse
  bytes.writeUInt32LE(operand, 4)
  return bytes
}

const LOAD_HALF = 0x28
const LOAD_BYTE = 0x30
const JUMP_IF_EQUAL = 0x15
const RETURN = 0x06
/** The filter reads in network byte order what stands in the host's. */
const swapped = (type: number): number => ((type & 0xff) << 8) | (type >> 8)
/** The type in struct nlmsghdr, and the protocol in the struct rtmsg behind it. */
const TYPE_AT = 4
const PROTOCOL_AT = 16 + 5

const FILTER = Buffer.concat([
  instruction(LOAD_HALF, 0, 0, TYPE_AT),
  instruction(JUMP_IF_EQUAL, 3, 0, swapped(RULE_MESSAGE_TYPE.delete)),
  instruction(JUMP_IF_EQUAL, 0, 3, swapped(ROUTE_MESSAGE_TYPE.delete)),
  instruction(LOAD_BYTE, 0, 0, PROTOCOL_AT),
  instruction(JUMP_IF_EQUAL, 0, 1, ROUTE_PROTOCOL),
  instruction(RETURN, 0, 0, 0xffff_ffff),
  instruction(RETURN, 0, 0, 0),
])
