import {type IpAddress, ipFamily} from '../core/ip.ts'
import {
  ADDRESS_FAMILY,
  ADDRESS_FLAG,
  ADDRESS_MESSAGE_TYPE,
  type AddressMessage,
  encodeAddress,
} from '../core/netlink/address.ts'
import {MESSAGE_FLAG, NETLINK_ROUTE} from '../core/netlink/message.ts'
import type {InterfaceIndex} from '../core/units.ts'
import {type NetlinkRequest, NetlinkRequester, type RequestResult} from './netlink-requests.ts'

/** An address as it is to be, or to be no more; the kernel takes the first three to tell which it is. */
export interface AddressSpec {
  readonly index: InterfaceIndex
  readonly address: IpAddress
  readonly prefixLength: number
  /** RT_SCOPE_*: 0 global, 253 link, 254 host; 0 where it is left out. */
  readonly scope?: number
  readonly broadcast?: IpAddress
  /** Begins with the interface's name. */
  readonly label?: string
}

/**
 * What came of a change. 'already-there' (EEXIST): it was left as it is, scope and label and all. 'was-gone'
 * (EADDRNOTAVAIL, or ENODEV as the interface is no more). Else `reason` is the name of the kernel's error, and `text`
 * its own words where it has any.
 */
export type AddressOutcome =
  | {readonly outcome: 'done' | 'already-there' | 'was-gone'}
  | {readonly outcome: 'failed'; readonly reason: string; readonly text?: string | undefined}

/** The protocol tag of addresses that hactl put on an interface, IFA_PROTO; shown as "proto 0x70". Linux 5.18. */
export const OWN_PROTOCOL = 0x70

/**
 * Puts addresses on interfaces and takes them off; independent of the network monitor. Changes asked for in one turn
 * of the loop go to the kernel in one send, in the order in which they were asked for. Promises never reject.
 */
export class AddressChanger {
  #requester: NetlinkRequester
  #closed = false

  private constructor(requester: NetlinkRequester) {
    this.#requester = requester
  }

  /** Opens a netlink socket; throws a HactlError when that cannot be. */
  static open(): AddressChanger {
    return new AddressChanger(NetlinkRequester.open(NETLINK_ROUTE))
  }

  /** IPv6 addresses are not probed for duplicates (IFA_F_NODAD): a virtual address moves with somebody's knowledge. */
  async add(spec: AddressSpec): Promise<AddressOutcome> {
    const flags = MESSAGE_FLAG.create | MESSAGE_FLAG.exclusive
    const result = await this.#request({type: ADDRESS_MESSAGE_TYPE.new, flags, body: bodyOf(spec, OWN_PROTOCOL)})
    if (result.ok) return {outcome: 'done'}
    if (result.reason === 'EEXIST') return {outcome: 'already-there'}
    return {outcome: 'failed', reason: result.reason, text: result.text}
  }

  /**
   * Takes off an address, whoever put it there. Where it was the first of its network, Linux takes the others of that
   * network off with it, unless net.ipv4.conf.*.promote_secondaries is set.
   */
  async remove({index, address, prefixLength}: AddressSpec): Promise<AddressOutcome> {
    const body = bodyOf({index, address, prefixLength}, undefined)
    const result = await this.#request({type: ADDRESS_MESSAGE_TYPE.delete, flags: 0, body})
    if (result.ok) return {outcome: 'done'}
    if (result.reason === 'EADDRNOTAVAIL' || result.reason === 'ENODEV') return {outcome: 'was-gone'}
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

function bodyOf({index, address, prefixLength, scope, broadcast, label}: AddressSpec, protocol: number | undefined) {
  const ipv4 = ipFamily(address) === 4
  const message: AddressMessage = {
    family: ipv4 ? ADDRESS_FAMILY.ipv4 : ADDRESS_FAMILY.ipv6,
    prefixLength,
    flags: ipv4 || protocol === undefined ? 0 : ADDRESS_FLAG.noDad,
    scope: scope ?? 0,
    index,
    // Without IFA_ADDRESS a removal would not look at the prefix length.
    values: {address, local: address, label, broadcast, protocol},
    unknown: [],
  }
  return encodeAddress(message)
}
