import {type IpAddress, ipToBytes} from '../ip.ts'
import {macToBytes} from './gratuitous-arp.ts'

/** A question to everybody on a segment: who has this IPv4 address? */
export interface ArpProbe {
  /** Where the answer is to go: "02:00:00:00:00:01". */
  readonly mac: string
  readonly address: IpAddress
}

/**
 * The Ethernet frame of an ARP probe, RFC 5227 section 2.1.1: a broadcast request whose sender has no protocol address,
 * so that nobody learns anything from it. Whoever has the address answers to `mac` alone.
 *   byte  bits  field
 *   0     48    destination: broadcast
 *   6     48    source: mac
 *   12    80    EtherType 0x0806; hardware type 1, protocol type 0x0800, lengths 6 and 4; operation 1, request
 *   22    48    sender hardware address: mac
 *   28    32    sender protocol address: 0
 *   32    48    target hardware address: 0
 *   38    32    target protocol address: address
 */
export function encodeArpProbe({mac, address}: ArpProbe): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES)
  const hardware = macToBytes(mac)
  const protocol = ipToBytes(address)
  if (protocol.length !== 4) throw new TypeError(`ARP is for IPv4, not for ${address}`)
  frame.fill(0xff, 0, 6)
  hardware.copy(frame, 6)
  HEADER.copy(frame, 12)
  hardware.copy(frame, 22)
  protocol.copy(frame, 38)
  return frame
}

const FRAME_BYTES = 42
const HEADER = Buffer.from('08060001080006040001', 'hex')
