import {ipFromBytes} from '../../src/core/ip.ts'

/** What the lab's captures tell packets apart by. The program under test has a decoder of its own. */
export type Packet = AdvertPacket | ArpPacket | NeighbourPacket | IcmpPacket | OtherPacket

interface Common {
  /** Kernel receive time, milliseconds since 1970 with fractions. */
  readonly atMs: number
  readonly sourceMac: string
}

/** How an advertisement is authenticated; `hmac`: keepalived's trailer of 28 bytes behind the message. */
export type AdvertAuthentication = 'none' | 'pass' | 'ah' | 'hmac' | 'unknown'

/** Anything of IP protocol 112, right or wrong, bare or behind an Authentication Header. RFC 9568 section 5. */
export interface AdvertPacket extends Common {
  readonly kind: 'advert'
  readonly source: string
  readonly destination: string
  /** TTL or hop limit. */
  readonly ttl: number
  readonly version: number
  readonly type: number
  readonly vrid: number
  readonly priority: number
  readonly authentication: AdvertAuthentication
}

export interface ArpPacket extends Common {
  readonly kind: 'arp'
  readonly operation: number
  readonly sender: string
  readonly target: string
}

/** A neighbour advertisement. RFC 4861 section 4.4. */
export interface NeighbourPacket extends Common {
  readonly kind: 'neighbour'
  readonly target: string
  readonly solicited: boolean
  readonly override: boolean
}

/** ICMP or ICMPv6 but neighbour advertisements. */
export interface IcmpPacket extends Common {
  readonly kind: 'icmp'
  readonly source: string
  readonly destination: string
  readonly type: number
  readonly sequence: number
}

export interface OtherPacket extends Common {
  readonly kind: 'other'
}

const ETHERNET_BYTES = 14
const IPV6_BYTES = 40
const TYPE_IPV4 = 0x0800
const TYPE_ARP = 0x0806
const TYPE_IPV6 = 0x86dd
const PROTOCOL_ICMP = 1
const PROTOCOL_AH = 51
const PROTOCOL_ICMP6 = 58
const PROTOCOL_VRRP = 112
const NEIGHBOUR_ADVERTISEMENT = 136
/** There in every message of version 2. RFC 3768 section 5.1. */
const PASSWORD_BYTES = 8
const HMAC_TRAILER_BYTES = 28

/** Reads an Ethernet frame; what is too short to say more is `other`. */
export function readFrame(atMs: number, frame: Buffer): Packet {
  const common: Common = {atMs, sourceMac: frame.toString('hex', 6, 12)}
  const other: OtherPacket = {kind: 'other', ...common}
  if (frame.length < ETHERNET_BYTES + 20) return other
  const body = frame.subarray(ETHERNET_BYTES)
  const type = frame.readUInt16BE(12)
  if (type === TYPE_ARP && body.length >= 28) {
    const operation = body.readUInt16BE(6)
    return {kind: 'arp', ...common, operation, sender: address(body, 14, 4), target: address(body, 24, 4)}
  }
  const datagram = type === TYPE_IPV4 ? readIpv4(body) : type === TYPE_IPV6 ? readIpv6(body) : undefined
  return (datagram && readDatagram(common, datagram)) ?? other
}

interface Datagram {
  readonly source: string
  readonly destination: string
  readonly ttl: number
  readonly protocol: number
  readonly payload: Buffer
}

/** The padding of a short Ethernet frame is left out: the length of a message tells of its authentication. */
const readIpv4 = (body: Buffer): Datagram => ({
  source: address(body, 12, 4),
  destination: address(body, 16, 4),
  ttl: body[8] ?? 0,
  protocol: body[9] ?? 0,
  payload: body.subarray(((body[0] ?? 0) & 0x0f) * 4, body.readUInt16BE(2)),
})

function readIpv6(body: Buffer): Datagram | undefined {
  if (body.length < IPV6_BYTES) return undefined
  return {
    source: address(body, 8, 16),
    destination: address(body, 24, 16),
    ttl: body[7] ?? 0,
    protocol: body[6] ?? 0,
    payload: body.subarray(IPV6_BYTES, IPV6_BYTES + body.readUInt16BE(4)),
  }
}

function readDatagram(common: Common, {source, destination, ttl, protocol, payload}: Datagram): Packet | undefined {
  if (payload.length < 8) return undefined
  const addressBytes = source.includes(':') ? 16 : 4
  if (protocol === PROTOCOL_VRRP || (protocol === PROTOCOL_AH && payload[0] === PROTOCOL_VRRP)) {
    const behindAh = protocol === PROTOCOL_AH
    // RFC 4302 section 2.2: the header's length in words of four bytes, less two.
    const message = behindAh ? payload.subarray(((payload[1] ?? 0) + 2) * 4) : payload
    if (message.length < 8) return undefined
    const [first = 0, vrid = 0, priority = 0] = message
    const version = first >> 4
    const authentication = authenticationOf(message, {version, behindAh, addressBytes})
    const from = {source, destination, ttl}
    return {kind: 'advert', ...common, ...from, version, type: first & 0x0f, vrid, priority, authentication}
  }
  if (protocol === PROTOCOL_ICMP6 && payload[0] === NEIGHBOUR_ADVERTISEMENT && payload.length >= 24) {
    const flags = payload[4] ?? 0
    const target = address(payload, 8, 16)
    return {kind: 'neighbour', ...common, target, solicited: (flags & 0x40) !== 0, override: (flags & 0x20) !== 0}
  }
  if (protocol !== PROTOCOL_ICMP && protocol !== PROTOCOL_ICMP6) return undefined
  return {kind: 'icmp', ...common, source, destination, type: payload[0] ?? 0, sequence: payload.readUInt16BE(6)}
}

function authenticationOf(
  message: Buffer,
  {version, behindAh, addressBytes}: {version: number; behindAh: boolean; addressBytes: number},
): AdvertAuthentication {
  // RFC 2338 section 5.3.6.
  const type = version === 2 ? (message[4] ?? 0) : 0
  if (behindAh) return type === 2 ? 'ah' : 'unknown'
  if (type !== 0) return type === 1 ? 'pass' : 'unknown'
  const bytes = 8 + (message[3] ?? 0) * addressBytes + (version === 2 ? PASSWORD_BYTES : 0)
  return message.length === bytes + HMAC_TRAILER_BYTES ? 'hmac' : 'none'
}

/** Whether a packet is the answer to a ping. RFC 792, RFC 4443 section 4.2. */
export const isEchoReply = (packet: Packet): packet is IcmpPacket =>
  packet.kind === 'icmp' && packet.type === (packet.source.includes(':') ? 129 : 0)

const address = (bytes: Buffer, at: number, length: number): string => ipFromBytes(bytes.subarray(at, at + length))
