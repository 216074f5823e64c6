import {macToBytes} from '../core/arp/gratuitous-arp.ts'
import {type IpAddress, ipFamily} from '../core/ip.ts'
import {ADDRESS_FAMILY, ADDRESS_FLAG, ADDRESS_MESSAGE_TYPE, encodeAddress} from '../core/netlink/address.ts'
import {encodeLink, LINK_FLAG, LINK_MESSAGE_TYPE, type LinkMessage} from '../core/netlink/link.ts'
import {ADDRESS_GENERATION, encodeAddressGeneration} from '../core/netlink/link-info.ts'
import {MESSAGE_FLAG, NETLINK_ROUTE} from '../core/netlink/message.ts'
import {encodeNewLink, type NewLink} from '../core/netlink/new-link.ts'
import type {InterfaceIndex} from '../core/units.ts'
import {type NetlinkRequest, NetlinkRequester, type RequestResult} from './netlink-requests.ts'

/** What to change of an interface; what is left out stays as it is. */
export interface LinkChange {
  readonly up?: boolean
  readonly mac?: string
  /** Number of a group of interfaces. */
  readonly group?: number
  /** Index of the VRF or bridge that it is to belong to; 0: none. */
  readonly master?: number
  /** `none`: no link-local address comes by itself. */
  readonly addressGeneration?: keyof typeof ADDRESS_GENERATION
  readonly alias?: string
}

/**
 * What came of a change. 'already-there' (EEXIST): an interface has that name. 'was-gone' (ENODEV, EADDRNOTAVAIL): it
 * is no more. Else `reason` is the name of the kernel's error, and `text` its own words where it has any.
 */
export type LinkOutcome =
  | {readonly outcome: 'done' | 'already-there' | 'was-gone'}
  | {readonly outcome: 'failed'; readonly reason: string; readonly text?: string | undefined}

/**
 * Makes, changes and deletes interfaces; independent of the network monitor. Changes asked for in one turn of the loop
 * go to the kernel in one send, in the order in which they were asked for. Promises never reject.
 */
export class LinkChanger {
  #requester: NetlinkRequester
  #closed = false

  private constructor(requester: NetlinkRequester) {
    this.#requester = requester
  }

  /** Opens a netlink socket; throws a HactlError when that cannot be. */
  static open(): LinkChanger {
    return new LinkChanger(NetlinkRequester.open(NETLINK_ROUTE))
  }

  /** Makes an interface that is down, carries its alias, and gets no link-local address by itself. */
  async create(link: NewLink): Promise<LinkOutcome> {
    const flags = MESSAGE_FLAG.create | MESSAGE_FLAG.exclusive
    const result = await this.#request({type: LINK_MESSAGE_TYPE.new, flags, body: encodeNewLink(link)})
    // The kernel takes neither alias nor settings in the message that makes an interface. They follow only after its
    // answer: what somebody else has by that name must not be changed.
    if (!result.ok) return outcomeOf(result)
    return this.#changeNamed(link.name, {alias: link.alias, addressGeneration: 'none'})
  }

  /** Changes an interface. */
  change(index: InterfaceIndex, change: LinkChange): Promise<LinkOutcome> {
    return this.#send(LINK_MESSAGE_TYPE.new, messageOf(change, index))
  }

  /**
   * Deletes virtual interfaces with everything on them. One by one the kernel takes some 20 ms for each; so they are
   * put into a group of their own, which goes as one.
   */
  async delete(indexes: readonly InterfaceIndex[]): Promise<LinkOutcome> {
    const [first, ...others] = indexes
    if (first === undefined) return {outcome: 'done'}
    if (others.length === 0) return this.#send(LINK_MESSAGE_TYPE.delete, messageOf({}, first))
    const grouped = indexes.map(index => this.change(index, {group: DOOMED_GROUP}))
    const gone = this.#send(LINK_MESSAGE_TYPE.delete, messageOf({group: DOOMED_GROUP}, 0))
    const outcomes = await Promise.all([...grouped, gone])
    return outcomes.find(({outcome}) => outcome === 'failed') ?? (await gone)
  }

  /**
   * Puts an address on an interface of our own that is only there to send from: the kernel takes it as a source where
   * it is told to, never by itself (deprecated), and it is not probed for duplicates.
   */
  async addSource(index: InterfaceIndex, address: IpAddress, prefixLength: number): Promise<LinkOutcome> {
    const flags = MESSAGE_FLAG.create | MESSAGE_FLAG.replace
    const body = bodyOfSource(index, address, prefixLength)
    return outcomeOf(await this.#request({type: ADDRESS_MESSAGE_TYPE.new, flags, body}))
  }

  /** Takes such an address off again. */
  async removeSource(index: InterfaceIndex, address: IpAddress, prefixLength: number): Promise<LinkOutcome> {
    const body = bodyOfSource(index, address, prefixLength)
    return outcomeOf(await this.#request({type: ADDRESS_MESSAGE_TYPE.delete, flags: 0, body}))
  }

  /** Closes the socket; changes under way end as failed, 'ECANCELED'. */
  close(): void {
    this.#closed = true
    this.#requester.close()
  }

  #changeNamed(name: string, change: LinkChange): Promise<LinkOutcome> {
    return this.#send(LINK_MESSAGE_TYPE.new, messageOf(change, 0, name))
  }

  async #send(type: number, message: LinkMessage): Promise<LinkOutcome> {
    return outcomeOf(await this.#request({type, flags: 0, body: encodeLink(message)}))
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

/** A number that nobody else gives to a group of interfaces: "hact". */
const DOOMED_GROUP = 0x6861_6374

const EMPTY: LinkMessage = {family: 0, hardwareType: 0, index: 0, flags: 0, change: 0, values: {}, unknown: []}

function messageOf({up, mac, group, master, addressGeneration, alias}: LinkChange, index: number, name?: string) {
  return {
    ...EMPTY,
    index,
    flags: up === true ? LINK_FLAG.up : 0,
    // Without this mask all flags would be overwritten.
    change: up === undefined ? 0 : LINK_FLAG.up,
    values: {
      name,
      alias,
      group,
      master,
      hardwareAddress: mac === undefined ? undefined : macToBytes(mac),
      familySettings:
        addressGeneration === undefined ? undefined : encodeAddressGeneration(ADDRESS_GENERATION[addressGeneration]),
    },
  }
}

function bodyOfSource(index: InterfaceIndex, address: IpAddress, prefixLength: number): Buffer {
  const ipv4 = ipFamily(address) === 4
  // struct ifa_cacheinfo: preferred for 0 seconds, valid for ever. <linux/if_addr.h>
  const cacheInfo = Buffer.alloc(16)
  cacheInfo.writeUInt32LE(0xffff_ffff, 4)
  return encodeAddress({
    family: ipv4 ? ADDRESS_FAMILY.ipv4 : ADDRESS_FAMILY.ipv6,
    prefixLength,
    flags: ipv4 ? 0 : ADDRESS_FLAG.noDad,
    scope: ipv4 ? 0 : LINK_SCOPE,
    index,
    values: {address, local: address, cacheInfo: ipv4 ? undefined : cacheInfo},
    unknown: [],
  })
}

/** RT_SCOPE_LINK. <linux/rtnetlink.h> */
const LINK_SCOPE = 253

function outcomeOf(result: RequestResult): LinkOutcome {
  if (result.ok) return {outcome: 'done'}
  if (result.reason === 'EEXIST') return {outcome: 'already-there'}
  if (result.reason === 'ENODEV' || result.reason === 'EADDRNOTAVAIL') return {outcome: 'was-gone'}
  return {outcome: 'failed', reason: result.reason, text: result.text}
}
