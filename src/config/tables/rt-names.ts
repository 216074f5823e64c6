/** What the kernel knows by number and people by name, as the tables of `/etc/iproute2` have it. */
export type RtKind = 'table' | 'scope' | 'protocol' | 'dsfield' | 'realm' | 'group'

/** A number, or the name of one that only the tables of the host know. */
export type RtId = number | string

/** RT_TABLE_MAIN of <linux/rtnetlink.h>. */
export const MAIN_TABLE = 254

/** RTPROT_KEEPALIVED of <linux/rtnetlink.h>: what is tracked is known by it. */
export const OWN_PROTOCOL = 18

/** RTN_* of <linux/rtnetlink.h>. */
export const ROUTE_TYPES = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
} as const

/** The name of a type of route. */
export type RouteType = keyof typeof ROUTE_TYPES

/** Names of protocols over IP, in lower case: the IANA registry of protocol numbers, as /etc/protocols has it. */
export const IP_PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['ip', 0],
  ['icmp', 1],
  ['igmp', 2],
  ['ipencap', 4],
  ['tcp', 6],
  ['egp', 8],
  ['igp', 9],
  ['udp', 17],
  ['dccp', 33],
  ['ipv6', 41],
  ['rsvp', 46],
  ['gre', 47],
  ['esp', 50],
  ['ipsec-esp', 50],
  ['ah', 51],
  ['ipsec-ah', 51],
  ['ipv6-icmp', 58],
  ['icmpv6', 58],
  ['eigrp', 88],
  ['ospf', 89],
  ['ospfigp', 89],
  ['ipip', 94],
  ['pim', 103],
  ['vrrp', 112],
  ['l2tp', 115],
  ['isis', 124],
  ['sctp', 132],
  ['udplite', 136],
])

/** Reads the name or the number of a type of route. */
export function readRouteType(text: string): RouteType | undefined {
  const names = Object.keys(ROUTE_TYPES) as RouteType[]
  return names.find(name => name === text || String(ROUTE_TYPES[name]) === text)
}

/** Reads a number or a name; undefined: it can be neither. Numbers may be hexadecimal or octal, as in C. */
export function readRtId(kind: RtKind, text: string): RtId | undefined {
  const known = KINDS[kind].names.get(text)
  if (known !== undefined) return known
  const value = readInteger(text)
  if (value !== undefined) return value <= KINDS[kind].max ? value : undefined
  return NAME.test(text) ? text : undefined
}

/** The word that is read as a number or name: a well-known name where people expect one, or else as it is. */
export function writtenRtId(kind: RtKind, id: RtId): string {
  if (typeof id === 'string' || kind === 'protocol' || kind === 'dsfield' || kind === 'realm') return String(id)
  return [...KINDS[kind].names].find(([, value]) => value === id)?.[0] ?? String(id)
}

/** What is permitted, for hints. */
export const permittedRtId = (kind: RtKind): string => `0 to ${KINDS[kind].max}, or a name of ${KINDS[kind].file}`

/** A whole number without a sign as `strtoul` of <stdlib.h> reads it: decimal, `0x…`, or octal with a leading 0. */
export function readInteger(text: string): number | undefined {
  if (/^\+?0[0-7]{1,20}$/.test(text)) return Number.parseInt(text, 8)
  return /^\+?(0[xX][0-9a-fA-F]{1,16}|0|[1-9]\d{0,19})$/.test(text) ? Number(text.replace('+', '')) : undefined
}

const NAME = /^[A-Za-z_][\w.+-]{0,63}$/

/** Differentiated services code points with the two bits below them: RFC 2474, RFC 2597, RFC 3246. */
const DSFIELDS: readonly (readonly [string, number])[] = [
  ['default', 0],
  ...[1, 2, 3, 4, 5, 6, 7].map(n => [`CS${n}`, n << 5] as const),
  ...[1, 2, 3, 4].flatMap(n => [1, 2, 3].map(drop => [`AF${n}${drop}`, (n << 5) | (drop << 3)] as const)),
  ['EF', 0xb8],
]

interface KindOfId {
  readonly max: number
  readonly file: string
  readonly names: ReadonlyMap<string, number>
}

/** Numbers of <linux/rtnetlink.h> and the names that every host has for them. */
const KINDS: {readonly [Kind in RtKind]: KindOfId} = {
  table: {
    max: 0xffff_ffff,
    file: 'rt_tables',
    names: new Map([
      ['unspec', 0],
      ['default', 253],
      ['main', 254],
      ['local', 255],
    ]),
  },
  scope: {
    max: 255,
    file: 'rt_scopes',
    names: new Map([
      ['global', 0],
      ['site', 200],
      ['link', 253],
      ['host', 254],
      ['nowhere', 255],
    ]),
  },
  protocol: {
    max: 255,
    file: 'rt_protos',
    names: new Map([
      ['unspec', 0],
      ['redirect', 1],
      ['kernel', 2],
      ['boot', 3],
      ['static', 4],
      ['gated', 8],
      ['ra', 9],
      ['mrt', 10],
      ['zebra', 11],
      ['bird', 12],
      ['dnrouted', 13],
      ['xorp', 14],
      ['ntk', 15],
      ['dhcp', 16],
      ['keepalived', 18],
      ['babel', 42],
      ['openr', 99],
      ['bgp', 186],
      ['isis', 187],
      ['ospf', 188],
      ['rip', 189],
      ['eigrp', 192],
    ]),
  },
  dsfield: {max: 255, file: 'rt_dsfield', names: new Map(DSFIELDS)},
  realm: {max: 255, file: 'rt_realms', names: new Map([['cosmos', 0]])},
  group: {max: 0x7fff_ffff, file: 'group', names: new Map([['default', 0]])},
}
