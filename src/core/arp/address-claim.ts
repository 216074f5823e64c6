import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFromBytes} from '../ip.ts'
import {decodeNeighbourAdvertisementFrame, type NeighbourAdvertisementFailure} from '../ndp/neighbour-advertisement.ts'
import {ETHERTYPE_ARP, macFromBytes} from './gratuitous-arp.ts'

/** Somebody says on a segment that an address is reached at a hardware address. */
export interface AddressClaim {
  readonly address: IpAddress
  /** Six bytes, as text: "02:00:00:00:00:01". */
  readonly mac: string
}

/** Why a frame claims no address. */
export type ClaimFailure = NeighbourAdvertisementFailure | 'not-ipv4-over-ethernet' | 'a-probe'

/**
 * Reads who claims what in an Ethernet frame. Every ARP packet claims its sender's address, request or reply (RFC 5227
 * section 2.4), but for a probe, whose sender has none (section 2.1.1); of IPv6 it is a neighbour advertisement.
 */
export function decodeAddressClaim(frame: Buffer): Decoded<AddressClaim, ClaimFailure> {
  if (frame.length < ETHERNET_BYTES) return rejected('too-short')
  if (frame.readUInt16BE(12) !== ETHERTYPE_ARP) {
    const read = decodeNeighbourAdvertisementFrame(frame)
    return read.ok ? decoded({address: read.value.address, mac: read.value.mac}) : read
  }
  if (frame.length < ETHERNET_BYTES + ARP_BYTES) return rejected('too-short')
  if (!frame.subarray(14, 20).equals(IPV4_OVER_ETHERNET)) return rejected('not-ipv4-over-ethernet')
  const sender = frame.subarray(28, 32)
  if (sender.readUInt32BE(0) === 0) return rejected('a-probe')
  return decoded({address: ipFromBytes(sender), mac: macFromBytes(frame.subarray(22, 28))})
}

const ETHERNET_BYTES = 14
const ARP_BYTES = 28
/** Hardware type 1, protocol type 0x0800, lengths 6 and 4. RFC 826 */
const IPV4_OVER_ETHERNET = Buffer.from('000108000604', 'hex')
