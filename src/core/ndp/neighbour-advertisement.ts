import {macFromBytes, macToBytes} from '../arp/gratuitous-arp.ts'
import {addWords, finishChecksum} from '../checksum.ts'
import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFromBytes, ipToBytes} from '../ip.ts'

/** An unsolicited neighbour advertisement: whose hardware address the neighbours are to learn for an IPv6 address. */
export interface NeighbourAdvertisement {
  readonly address: IpAddress
  /** Six bytes, as text: "02:00:00:00:00:01". */
  readonly mac: string
  /** Router flag: the sender forwards packets. */
  readonly router: boolean
  /** Where it comes from; the address itself when left out, as keepalived does. */
  readonly source?: IpAddress
}

/** Why bytes are no unsolicited neighbour advertisement. */
export type NeighbourAdvertisementFailure =
  | 'too-short'
  | 'not-ipv6'
  | 'not-icmpv6'
  | 'hop-limit-not-255'
  | 'not-a-neighbour-advertisement'
  | 'no-link-layer-address'
  | 'checksum-wrong'

/** EtherType of IPv6. RFC 2464 section 3. */
export const ETHERTYPE_IPV6 = 0x86dd
/** All nodes of a link. RFC 4291 section 2.7.1. */
export const ALL_NODES = 'ff02::1' as IpAddress
/** Bytes of the message: 24, and 8 of the target link-layer address option. */
export const NEIGHBOUR_ADVERTISEMENT_BYTES = 32
/** Bytes of the frame: 14 of Ethernet, 40 of IPv6, and the message. */
export const NEIGHBOUR_ADVERTISEMENT_FRAME_BYTES = 86

const ICMPV6 = 58
const TYPE_NEIGHBOUR_ADVERTISEMENT = 136
const FLAG_ROUTER = 0x80
const FLAG_OVERRIDE = 0x20
const OPTION_TARGET_LINK_LAYER_ADDRESS = 2
/** Receivers drop what came through a router. RFC 4861 section 7.1.2. */
const HOP_LIMIT = 255
const CHECKSUM_OFFSET = 2
const MESSAGE_OFFSET = 54
const ALL_NODES_MAC = Buffer.from('333300000001', 'hex')

/**
 * The ICMPv6 message of an unsolicited neighbour advertisement to all nodes, RFC 4861 section 4.4, with its checksum.
 *   byte  bits  field
 *   0     8     type 136
 *   1     8     code 0
 *   2     16    checksum, with the IPv6 pseudo-header
 *   4     3     router, solicited (0), override (1); 29 bits reserved
 *   8     128   target address: address
 *   24    8+8   option 2, target link-layer address; length 1, in units of eight bytes
 *   26    48    mac
 */
export function encodeNeighbourAdvertisement(advertisement: NeighbourAdvertisement): Buffer {
  const {address, mac, router, source = address} = advertisement
  const message = Buffer.alloc(NEIGHBOUR_ADVERTISEMENT_BYTES)
  message[0] = TYPE_NEIGHBOUR_ADVERTISEMENT
  message[4] = FLAG_OVERRIDE | (router ? FLAG_ROUTER : 0)
  ipv6Bytes(address).copy(message, 8)
  message[24] = OPTION_TARGET_LINK_LAYER_ADDRESS
  message[25] = 1
  macToBytes(mac).copy(message, 26)
  message.writeUInt16BE(checksum(message, ipv6Bytes(source), ipv6Bytes(ALL_NODES)), CHECKSUM_OFFSET)
  return message
}

/**
 * The same as an Ethernet frame, so that its source may be the hardware address of a virtual router; byte for byte what
 * keepalived 2.2.7 sends.
 *   byte  bits  field
 *   0     48    destination 33:33:00:00:00:01, RFC 2464 section 7
 *   6     48    source: mac
 *   12    16    EtherType 0x86dd
 *   14    320   IPv6 header, RFC 8200 section 3: hop limit 255, next header 58, from source to ff02::1
 *   54    256   the message
 */
export function encodeNeighbourAdvertisementFrame(advertisement: NeighbourAdvertisement): Buffer {
  const frame = Buffer.alloc(NEIGHBOUR_ADVERTISEMENT_FRAME_BYTES)
  ALL_NODES_MAC.copy(frame, 0)
  macToBytes(advertisement.mac).copy(frame, 6)
  frame.writeUInt16BE(ETHERTYPE_IPV6, 12)
  frame[14] = 0x60
  frame.writeUInt16BE(NEIGHBOUR_ADVERTISEMENT_BYTES, 18)
  frame[20] = ICMPV6
  frame[21] = HOP_LIMIT
  ipv6Bytes(advertisement.source ?? advertisement.address).copy(frame, 22)
  ipv6Bytes(ALL_NODES).copy(frame, 38)
  encodeNeighbourAdvertisement(advertisement).copy(frame, MESSAGE_OFFSET)
  return frame
}

/**
 * Reads a frame with a neighbour advertisement, to whomever it is sent and whatever its flags; options other than the
 * link-layer address are skipped, and so is what follows the IPv6 length.
 */
export function decodeNeighbourAdvertisementFrame(
  frame: Buffer,
): Decoded<Required<NeighbourAdvertisement>, NeighbourAdvertisementFailure> {
  if (frame.length < MESSAGE_OFFSET) return rejected('too-short')
  if (frame.readUInt16BE(12) !== ETHERTYPE_IPV6 || (frame[14] as number) >> 4 !== 6) return rejected('not-ipv6')
  if (frame[20] !== ICMPV6) return rejected('not-icmpv6')
  const end = MESSAGE_OFFSET + frame.readUInt16BE(18)
  if (end > frame.length || end < MESSAGE_OFFSET + 24) return rejected('too-short')
  const message = frame.subarray(MESSAGE_OFFSET, end)
  if (message[0] !== TYPE_NEIGHBOUR_ADVERTISEMENT || message[1] !== 0) return rejected('not-a-neighbour-advertisement')
  if (frame[21] !== HOP_LIMIT) return rejected('hop-limit-not-255')
  const source = frame.subarray(22, 38)
  if (checksum(message, source, frame.subarray(38, 54)) !== 0) return rejected('checksum-wrong')
  const mac = targetLinkLayerAddress(message)
  if (mac === undefined) return rejected('no-link-layer-address')
  const router = ((message[4] as number) & FLAG_ROUTER) !== 0
  return decoded({address: ipFromBytes(message.subarray(8, 24)), mac, router, source: ipFromBytes(source)})
}

/** Options are type, length in units of eight bytes, value. RFC 4861 section 4.6. */
function targetLinkLayerAddress(message: Buffer): string | undefined {
  for (let at = 24; at + 8 <= message.length; ) {
    const length = (message[at + 1] as number) * 8
    if (length === 0) return undefined
    if (message[at] === OPTION_TARGET_LINK_LAYER_ADDRESS) return macFromBytes(message.subarray(at + 2, at + 8))
    at += length
  }
  return undefined
}

/** RFC 4443 section 2.3: the message with the IPv6 pseudo-header; 0 over a message whose checksum is right. */
function checksum(message: Uint8Array, source: Uint8Array, destination: Uint8Array): number {
  return finishChecksum(addWords(addWords(addWords(ICMPV6 + message.length, source), destination), message))
}

function ipv6Bytes(address: IpAddress): Buffer {
  const bytes = ipToBytes(address)
  if (bytes.length !== 16) throw new TypeError(`neighbour discovery is for IPv6, not for ${address}`)
  return bytes
}
