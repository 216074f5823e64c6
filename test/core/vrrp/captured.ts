import {existsSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {type IpAddress, ipFromBytes} from '../../../src/core/ip.ts'
import {priority, vrid} from '../../../src/core/units.ts'
import type {ArrivedPacket} from '../../../src/core/vrrp/arrived.ts'
import {type HmacConfig, VRRP_GROUP6, type VrrpConfig} from '../../../src/core/vrrp/config.ts'
import {simConfig} from '../../sim/segment.ts'

const IPV6_HEADER_BYTES = 40

/** The source and the peers of unicast captures. */
export const UNICAST_SOURCE = '10.9.0.1' as IpAddress

/** A packet from its IP header on, as a raw socket would hand it over. */
export function arrived(hex: string): ArrivedPacket {
  const bytes = Buffer.from(hex, 'hex')
  if ((bytes[0] as number) >> 4 === 4) return {family: 4, bytes}
  return {
    family: 6,
    source: ipFromBytes(bytes.subarray(8, 24)),
    destination: ipFromBytes(bytes.subarray(24, 40)),
    hopLimit: bytes[7] as number,
    bytes: bytes.subarray(IPV6_HEADER_BYTES),
  }
}

/** A configuration with these addresses. */
export const withVips = (vips: readonly string[], over: Partial<VrrpConfig>): VrrpConfig =>
  simConfig({...over, vips: vips.map(address => ({address: address as IpAddress}))})

/** Unicast to some peers. */
export const unicast = (
  peers: readonly string[],
  over: Partial<Extract<VrrpConfig['transport'], {type: 'unicast'}>> = {},
): VrrpConfig['transport'] => ({
  type: 'unicast',
  peers: peers.map(address => ({address: address as IpAddress, minTtl: undefined, maxTtl: undefined})),
  checkSource: false,
  ttl: 255,
  oldChecksum: 'auto',
  ...over,
})

/** `auth_hmac` with the two keys of `captured-adverts.json`. */
export const hmacConfig = (activeKey: number, over: Partial<HmacConfig> = {}): HmacConfig => ({
  keys: [
    {id: 7, secret: Buffer.from('0123456789abcdef0123456789abcdef').toString('hex')},
    {id: 8, secret: Buffer.from(Array.from({length: 32}, (_, i) => i)).toString('hex')},
  ],
  activeKey,
  timeWindowSeconds: 5,
  antiReplay: 'time',
  mode: 'enforce',
  ...over,
})

/** One advertisement that keepalived sent, and the configuration that it sent it by. */
export interface Capture {
  readonly name: string
  readonly config: VrrpConfig
  readonly priority: number
  /** One packet, or one for each peer. */
  readonly packets: readonly string[]
}

const VERSION_2 = {version: 2, advertIntervalMs: 1000} as const
const VERSION_3 = {version: 3, advertIntervalMs: 1000} as const
const PEERS = ['10.9.0.2', '10.9.0.3']

/** Sent by keepalived 2.2.7 in a namespace, each the first of its router: identification 1, sequence number 1. */
export const CAPTURES: readonly Capture[] = [
  {
    name: 'version 2',
    config: withVips(['10.9.0.101'], {...VERSION_2, vrid: vrid(53)}),
    priority: 255,
    packets: ['45c0002800010000ff70d0880a090001e00000122135ff010001d5590a0900650000000000000000'],
  },
  {
    name: 'version 2 with a password',
    config: withVips(['10.9.0.100', '10.9.0.101'], {
      ...VERSION_2,
      vrid: vrid(32),
      authentication: {type: 'pass', password: 'secret12'},
    }),
    priority: 250,
    packets: ['45c0002c00010000ff70d0840a090001e00000122120fa02010161820a0900640a0900657365637265743132'],
  },
  {
    name: 'version 2 with an Authentication Header to two peers with a TTL of 7',
    config: withVips(['10.9.0.102'], {
      ...VERSION_2,
      vrid: vrid(54),
      authentication: {type: 'ah', password: 'secret12'},
      transport: unicast(PEERS, {ttl: 7}),
    }),
    priority: 255,
    packets: [
      '45c000400001000007339eb60a0900010a090002700400000a0900010000000110e2b66453f25bc2dc1122fc' +
        '2136ff010201d3570a0900660000000000000000',
      '45c000400001000007339eb50a0900010a090003700400000a0900010000000128e2d799a57a0587dcd377d6' +
        '2136ff010201d3570a0900660000000000000000',
    ],
  },
  {
    name: 'version 3 over IPv4',
    config: withVips(['10.9.0.100'], {...VERSION_3, vrid: vrid(51)}),
    priority: 255,
    packets: ['45c0002000010000ff70d0900a090001e00000123133ff010064da600a090064'],
  },
  {
    name: 'version 3 over IPv4 to two peers with the old checksum',
    config: withVips(['10.9.0.103'], {
      ...VERSION_3,
      vrid: vrid(55),
      transport: unicast(PEERS, {oldChecksum: 'on'}),
    }),
    priority: 255,
    packets: [
      '45c0002000010000ff70a6980a0900010a0900023137ff010064da590a090067',
      '45c0002000010000ff70a6970a0900010a0900033137ff010064da590a090067',
    ],
  },
  {
    name: 'version 3 over IPv6',
    config: withVips(['fe80::99', '2001:db8:9::100'], {
      ...VERSION_3,
      family: 6,
      vrid: vrid(52),
      transport: {type: 'multicast', group: VRRP_GROUP6},
    }),
    priority: 255,
    packets: [
      '6c0f561a002870fffe800000000000008c32fbfffe8a1556ff0200000000000000000000000000123134ff0200640747' +
        'fe80000000000000000000000000009920010db8000900000000000000000100',
    ],
  },
]

/** Where packets of keepalived 2.4.3 lie beside the repository, if they are there. */
const SHARED = fileURLToPath(new URL('../../../../shared/facts/captured-adverts.json', import.meta.url))
export const hasShared = existsSync(SHARED)

/** Its packets that begin with a VRRP message or an Authentication Header. */
export function sharedPackets(): readonly string[] {
  const {packets} = JSON.parse(readFileSync(SHARED, 'utf8')) as {packets: readonly {readonly ip: string}[]}
  return packets.map(({ip}) => ip)
}

/** The configurations by which those packets were sent, by virtual router id. */
export const SHARED_CONFIGS: {readonly [vrid: number]: VrrpConfig} = {
  51: withVips(['10.9.0.100', '10.9.0.101'], {...VERSION_3, vrid: vrid(51), hmac: hmacConfig(7)}),
  52: withVips(['fe80::99', '2001:db8:9::100'], {
    version: 3,
    advertIntervalMs: 500,
    family: 6,
    vrid: vrid(52),
    transport: {type: 'multicast', group: VRRP_GROUP6},
    hmac: hmacConfig(8),
  }),
  53: withVips(['10.9.0.102'], {
    ...VERSION_2,
    vrid: vrid(53),
    authentication: {type: 'ah', password: 'secret12'},
  }),
  54: withVips(['10.9.0.103'], {...VERSION_2, vrid: vrid(54), hmac: hmacConfig(7)}),
}

/** Two signed packets of those, for where they are not there: version 2 and version 3 over IPv6. */
export const SIGNED = {
  54:
    '45c0004400010000ff70d06c0a090001e00000122136960100013e570a0900670000000000000000' +
    '010700006b0124c0b539000006fef30613c173dbd2de246e4b18e375',
  52:
    '6c07ada6004470fffe80000000000000000000fffe000901ff0200000000000000000000000000123134780200324a3c' +
    'fe80000000000000000000000000009920010db8000900000000000000000100' +
    '010800006b0124bf0f050000ffcaffaecbb541ed3121d94e00dc1ffd',
} as const

/** The moment that a signed packet's sequence number was made, UTC milliseconds. */
export function signedAt(hex: string): number {
  const trailer = Buffer.from(hex, 'hex').subarray(-28)
  return trailer.readUInt32BE(4) * 1000 + ((trailer.readUInt16BE(8) + 0.5) * 1000) / 0x1_0000
}

/** The priority that a packet carries. */
export const priorityOf = (hex: string): ReturnType<typeof priority> => {
  const bytes = Buffer.from(hex, 'hex')
  const at = bytes[0] === 0x45 ? 20 + (bytes[9] === 51 ? 24 : 0) : IPV6_HEADER_BYTES
  return priority(bytes[at + 2] as number)
}
