import {NETLINK_ROUTE} from '../core/netlink/message.ts'
import type {RuleMessage} from '../core/netlink/rule.ts'
import {type AddressSpec, addressAddition, addressRemoval} from './addresses.ts'
import {type NetlinkRequest, NetlinkRequester, type RequestResult} from './netlink-requests.ts'
import {type RouteSpec, routeAddition, routeRemoval, ruleAddition, ruleRemoval} from './routes.ts'

/** An address, a route or a rule in the kernel's terms. */
export type KernelObject =
  | {readonly kind: 'address'; readonly spec: AddressSpec}
  | {readonly kind: 'route'; readonly spec: RouteSpec}
  | {readonly kind: 'rule'; readonly spec: RuleMessage}

/**
 * What came of a change. 'already-there' (EEXIST): it was left as it is, an address with its scope and label and all.
 * 'was-gone' (EADDRNOTAVAIL, ESRCH, ENOENT, or ENODEV as the interface is no more). Else `reason` is the name of the
 * kernel's error, and `text` its own words where it has any.
 */
export type ChangeOutcome =
  | {readonly outcome: 'done' | 'already-there' | 'was-gone'}
  | {readonly outcome: 'failed'; readonly reason: string; readonly text?: string | undefined}

/**
 * Puts addresses, routes and rules into the kernel and takes them out; independent of the monitors. Changes asked for
 * in one turn of the loop go to the kernel in one send, in the order in which they were asked for. Promises never
 * reject.
 */
export class ObjectChanger {
  #requester: NetlinkRequester
  #closed = false

  private constructor(requester: NetlinkRequester) {
    this.#requester = requester
  }

  /** Opens a netlink socket; throws a HactlError when that cannot be. */
  static open(): ObjectChanger {
    return new ObjectChanger(NetlinkRequester.open(NETLINK_ROUTE))
  }

  /** The port of its socket: notifications about its own changes carry it. */
  get port(): number {
    return this.#requester.port
  }

  /** Another size of its receive buffer, bytes. `vrrp_netlink_cmd_rcv_bufs` */
  resize(receiveBufferBytes: number): void {
    this.#requester.resize(receiveBufferBytes)
  }

  async add(object: KernelObject): Promise<ChangeOutcome> {
    const result = await this.#request(additionOf(object))
    if (result.ok) return {outcome: 'done'}
    if (result.reason === 'EEXIST') return {outcome: 'already-there'}
    return {outcome: 'failed', reason: result.reason, text: result.text}
  }

  async remove(object: KernelObject): Promise<ChangeOutcome> {
    const result = await this.#request(removalOf(object))
    if (result.ok) return {outcome: 'done'}
    if (WAS_GONE.has(result.reason)) return {outcome: 'was-gone'}
    return {outcome: 'failed', reason: result.reason, text: result.text}
  }

  /** Closes the socket; changes under way end as failed, 'ECANCELED'. */
  close(): void {
    this.#closed = true
    this.#requester.close()
  }

  #request(request: NetlinkRequest): Promise<RequestResult> {
    if (!this.#requester.usable && !this.#closed) {
      try {
        this.#requester = NetlinkRequester.open(NETLINK_ROUTE)
      } catch {
        // The one that broke says EBADF.
      }
    }
    return this.#requester.request(request)
  }
}

const WAS_GONE: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENODEV', 'ESRCH', 'ENOENT'])

function additionOf(object: KernelObject): NetlinkRequest {
  switch (object.kind) {
    case 'address':
      return addressAddition(object.spec)
    case 'route':
      return routeAddition(object.spec)
    case 'rule':
      return ruleAddition(object.spec)
  }
}

function removalOf(object: KernelObject): NetlinkRequest {
  switch (object.kind) {
    case 'address':
      return addressRemoval(object.spec)
    case 'route':
      return routeRemoval(object.spec)
    case 'rule':
      return ruleRemoval(object.spec)
  }
}
