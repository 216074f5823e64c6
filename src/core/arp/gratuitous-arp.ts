import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFromBytes, ipToBytes} from '../ip.ts'

/** A gratuitous ARP request: whose hardware address the neighbours are to learn, and for which IPv4 address. */
export interface GratuitousArp {
  /** Six bytes, as text: "02:00:00:00:00:01". */
  readonly mac: string
  readonly address: IpAddress
}

/** Why a frame is no gratuitous ARP request. */
export type ArpFailure = 'too-short' | 'not-arp' | 'not-ipv4-over-ethernet' | 'not-a-request' | 'not-gratuitous'

/** EtherType of ARP. RFC 826 */
export const ETHERTYPE_ARP = 0x0806

/** Bytes of the frame without padding: 14 of Ethernet, 28 of ARP; the driver pads to the wire's minimum. */
export const GRATUITOUS_ARP_BYTES = 42

/**
 * The Ethernet frame of a gratuitous ARP request, RFC 826 and RFC 5227 section 3; byte for byte what keepalived 2.2.7
 * sends: a broadcast request with the sender's address as target, and the broadcast address as target hardware address.
 *   byte  bits  field
 *   0     48    destination: broadcast
 *   6     48    source: mac
 *   12    16    EtherType 0x0806
 *   14    16    hardware type 1, Ethernet
 *   16    16    protocol type 0x0800, IPv4
 *   18    8+8   hardware length 6, protocol length 4
 *   20    16    operation 1, request
 *   22    48    sender hardware address: mac
 *   28    32    sender protocol address: address
 *   32    48    target hardware address: broadcast
 *   38    32    target protocol address: address
 */
export function encodeGratuitousArp({mac, address}: GratuitousArp): Buffer {
  const frame = Buffer.alloc(GRATUITOUS_ARP_BYTES)
  const hardware = macToBytes(mac)
  const protocol = ipToBytes(address)
  if (protocol.length !== 4) throw new TypeError(`ARP is for IPv4, not for ${address}`)
  frame.fill(0xff, 0, 6)
  hardware.copy(frame, 6)
  HEADER.copy(frame, 12)
  hardware.copy(frame, 22)
  protocol.copy(frame, 28)
  frame.fill(0xff, 32, 38)
  protocol.copy(frame, 38)
  return frame
}

/**
 * Reads a gratuitous ARP request; the target hardware address may hold anything, as senders differ. Bytes after the
 * message are padding.
 */
export function decodeGratuitousArp(frame: Buffer): Decoded<GratuitousArp, ArpFailure> {
  if (frame.length < GRATUITOUS_ARP_BYTES) return rejected('too-short')
  if (frame.readUInt16BE(12) !== ETHERTYPE_ARP) return rejected('not-arp')
  if (!frame.subarray(14, 20).equals(HEADER.subarray(2, 8))) return rejected('not-ipv4-over-ethernet')
  if (frame.readUInt16BE(20) !== OPERATION_REQUEST) return rejected('not-a-request')
  const sender = frame.subarray(28, 32)
  if (!sender.equals(frame.subarray(38, 42))) return rejected('not-gratuitous')
  return decoded({mac: macFromBytes(frame.subarray(22, 28)), address: ipFromBytes(sender)})
}

/** A hardware address as text: lower-case hex bytes with colons between. */
export const macFromBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':')

/** The bytes of a hardware address of six bytes; anything else is a broken invariant. */
export function macToBytes(mac: string): Buffer {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) throw new TypeError(`not a hardware address: ${mac}`)
  return Buffer.from(mac.replaceAll(':', ''), 'hex')
}

const OPERATION_REQUEST = 1
/** EtherType, hardware type, protocol type, both lengths, operation. */
const HEADER = Buffer.from('08060001080006040001', 'hex')
