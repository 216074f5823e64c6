import {macToBytes} from '../arp/gratuitous-arp.ts'
import {addWords, finishChecksum} from '../checksum.ts'
import {type IpAddress, ipToBytes} from '../ip.ts'
import {ETHERTYPE_IPV6} from './neighbour-advertisement.ts'

/** A question to everybody on a segment: who has this IPv6 address? */
export interface NeighbourSolicitation {
  readonly address: IpAddress
  /** Where the answer is to go. */
  readonly source: IpAddress
  /** Of the source: "02:00:00:00:00:01". */
  readonly mac: string
}

/**
 * The Ethernet frame of a neighbour solicitation, RFC 4861 section 4.3, to the solicited-node group of the address (RFC
 * 4291 section 2.7.1). Whoever has the address answers to `source` alone.
 *   byte  bits  field
 *   0     48    destination 33:33:ff and the last three bytes of the address, RFC 2464 section 7
 *   6     48    source: mac
 *   12    16    EtherType 0x86dd
 *   14    320   IPv6 header: hop limit 255, next header 58, from source to ff02::1:ff and those three bytes
 *   54    32    type 135, code 0, checksum with the pseudo-header
 *   62    128   target address: address
 *   78    8+8   option 1, source link-layer address; length 1, in units of eight bytes
 *   80    48    mac
 */
export function encodeNeighbourSolicitationFrame({address, source, mac}: NeighbourSolicitation): Buffer {
  const target = ipToBytes(address)
  const from = ipToBytes(source)
  if (target.length !== 16 || from.length !== 16) {
    throw new TypeError(`neighbour discovery is for IPv6, not for ${address} from ${source}`)
  }
  const hardware = macToBytes(mac)
  const group = Buffer.concat([SOLICITED_NODE, target.subarray(13)])
  const frame = Buffer.alloc(MESSAGE_OFFSET + MESSAGE_BYTES)
  frame.writeUInt16BE(0x3333, 0)
  group.copy(frame, 2, 12)
  hardware.copy(frame, 6)
  frame.writeUInt16BE(ETHERTYPE_IPV6, 12)
  frame[14] = 0x60
  frame.writeUInt16BE(MESSAGE_BYTES, 18)
  frame[20] = ICMPV6
  frame[21] = 255
  from.copy(frame, 22)
  group.copy(frame, 38)
  const message = frame.subarray(MESSAGE_OFFSET)
  message[0] = TYPE_NEIGHBOUR_SOLICITATION
  target.copy(message, 8)
  message[24] = OPTION_SOURCE_LINK_LAYER_ADDRESS
  message[25] = 1
  hardware.copy(message, 26)
  const pseudo = addWords(addWords(ICMPV6 + MESSAGE_BYTES, from), group)
  message.writeUInt16BE(finishChecksum(addWords(pseudo, message)), 2)
  return frame
}

const MESSAGE_OFFSET = 54
const MESSAGE_BYTES = 32
const ICMPV6 = 58
const TYPE_NEIGHBOUR_SOLICITATION = 135
const OPTION_SOURCE_LINK_LAYER_ADDRESS = 1
/** ff02::1:ff00:0/104 */
const SOLICITED_NODE = Buffer.from('ff0200000000000000000001ff', 'hex')
