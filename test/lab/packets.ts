/** What the lab's captures tell packets apart by. The program under test has a decoder of its own. */
export type Packet = AdvertPacket | ArpPacket | IcmpPacket | OtherPacket

interface Common {
  /** Kernel receive time, milliseconds since 1970 with fractions. */
  readonly atMs: number
  readonly sourceMac: string
}

/** Anything of IP protocol 112, right or wrong. RFC 9568 section 5. */
export interface AdvertPacket extends Common {
  readonly kind: 'advert'
  readonly source: string
  readonly version: number
  readonly type: number
  readonly vrid: number
  readonly priority: number
}

export interface ArpPacket extends Common {
  readonly kind: 'arp'
  readonly operation: number
  readonly sender: string
  readonly target: string
}

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
const TYPE_IPV4 = 0x0800
const TYPE_ARP = 0x0806
const PROTOCOL_ICMP = 1
const PROTOCOL_VRRP = 112

/** Reads an Ethernet frame; what is too short to say more is `other`. */
export function readFrame(atMs: number, frame: Buffer): Packet {
  const sourceMac = frame.toString('hex', 6, 12)
  const other: OtherPacket = {kind: 'other', atMs, sourceMac}
  if (frame.length < ETHERNET_BYTES + 20) return other
  const body = frame.subarray(ETHERNET_BYTES)
  const type = frame.readUInt16BE(12)
  if (type === TYPE_ARP && body.length >= 28) {
    const operation = body.readUInt16BE(6)
    return {kind: 'arp', atMs, sourceMac, operation, sender: address(body, 14), target: address(body, 24)}
  }
  if (type !== TYPE_IPV4) return other
  const payload = body.subarray(((body[0] ?? 0) & 0x0f) * 4)
  if (payload.length < 8) return other
  const source = address(body, 12)
  const [first = 0, vrid = 0, priority = 0] = payload
  if (body[9] === PROTOCOL_VRRP) {
    return {kind: 'advert', atMs, sourceMac, source, version: first >> 4, type: first & 0x0f, vrid, priority}
  }
  if (body[9] !== PROTOCOL_ICMP) return other
  return {
    kind: 'icmp',
    atMs,
    sourceMac,
    source,
    destination: address(body, 16),
    type: first,
    sequence: payload.readUInt16BE(6),
  }
}

const address = (bytes: Buffer, at: number): string => bytes.subarray(at, at + 4).join('.')
