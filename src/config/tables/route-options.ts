import {type IpAddress, type IpFamily, ipFamily} from '../../core/ip.ts'
import type {Position} from '../config.ts'
import {REFUSED} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import type {IpPrefix} from './ip-prefix.ts'
import {isEverything, readPrefix, writtenPrefix} from './ip-prefix.ts'
import {type LineOption, numberOption, readAddress, readDevice, readRt, standsAlone} from './line-options.ts'
import {type Encapsulation, ENCAPSULATION_FORM, readEncapsulation, writtenEncapsulation} from './route-encapsulation.ts'
import {METRIC_OPTIONS, type MetricsDraft, type RouteMetrics} from './route-metrics.ts'
import {agree, type NextHop, type Realms, readRealms, readVia, writtenRealms} from './route-nexthop.ts'
import {type RtId, type RtKind, writtenRtId} from './rt-names.ts'

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

/** One line of `virtual_routes` or `static_routes`. */
export interface RouteConfig {
  readonly position: Position
  readonly family: IpFamily
  readonly type: RouteType
  readonly destination: IpPrefix
  /** The address that packets come from when their program names none. */
  readonly source?: IpAddress
  /** Only for packets from there (IPv6). */
  readonly from?: IpPrefix
  readonly via?: IpAddress
  readonly device?: string
  readonly onlink: boolean
  readonly tos?: RtId
  readonly table: RtId
  /** The routing table is that of this VRF. */
  readonly vrf?: string
  readonly protocol: RtId
  readonly scope?: RtId
  readonly metric?: number
  readonly encapsulation?: Encapsulation
  /** Seconds (IPv6). */
  readonly expires?: number
  /** ICMPV6_ROUTER_PREF_* of <linux/icmpv6.h> (IPv6): 0 medium, 1 high, 3 low. */
  readonly preference?: number
  readonly realms?: Realms
  readonly metrics: RouteMetrics
  /** MPLS: whether the TTL of packets is carried over. */
  readonly ttlPropagate?: boolean
  /** What happens where there is such a route: this one goes before it or after it, or is not added. */
  readonly mode: 'prepend' | 'append' | 'add'
  /** Whether its loss may be ignored. */
  readonly noTrack: boolean
  /** `track_group`, for static routes. */
  readonly trackGroup?: string
  readonly nextHops: readonly NextHop[]
}

/** A route while its line is read. */
export interface RouteDraft extends MetricsDraft {
  readonly position: Position
  family?: IpFamily
  type: RouteType
  destination?: IpPrefix | 'default'
  source?: IpAddress
  from?: IpPrefix
  via?: IpAddress
  device?: string
  onlink: boolean
  tos?: RtId
  table: RtId
  vrf?: string
  protocol?: RtId
  protocolWord?: Word
  scope?: RtId
  metric?: number
  encapsulation?: Encapsulation
  expires?: number
  preference?: number
  realms?: Realms
  ttlPropagate?: boolean
  mode: RouteConfig['mode']
  noTrack: boolean
  trackGroup?: string
  readonly nextHops: NextHop[]
}

/** Numbers that a route has when its line does not say them. */
export const MAIN_TABLE = 254
/** RTPROT_KEEPALIVED of <linux/rtnetlink.h>: a route that is tracked is known by it. */
export const OWN_PROTOCOL = 18

type RouteOption = LineOption<RouteDraft>

/** An option whose value is a number or a name of a table of the host. */
function rtOption(
  words: readonly [string, ...string[]],
  kind: RtKind,
  doc: string,
  set: (draft: RouteDraft, id: RtId, word: Word) => void,
  get: (draft: RouteDraft) => RtId | undefined,
): RouteOption {
  return {
    words,
    form: kind.toUpperCase(),
    doc,
    read: (line, draft, option) => {
      const id = readRt(line, option, kind)
      return id === REFUSED ? REFUSED : set(draft, id, option)
    },
    print: draft => {
      const id = get(draft)
      return id === undefined ? undefined : `${words[0]} ${writtenRtId(kind, id)}`
    },
  }
}

const SOURCE: RouteOption = {
  words: ['src'],
  form: 'ADDRESS',
  doc: 'address that packets come from when their program names none',
  read: (line, draft, option) => {
    const word = line.peek()
    const source = readAddress(line, option, undefined)
    if (source === REFUSED || agree(line, draft, ipFamily(source), word) === REFUSED) return REFUSED
    draft.source = source
  },
  print: ({source}) => source && `src ${source}`,
}

const VIA: RouteOption = {
  words: ['via', 'gw'],
  form: '[inet|inet6] ADDRESS',
  doc: 'the next router',
  read: (line, draft, option) => {
    if (option.text === 'gw') line.correct(option, 'gw is deprecated; it still has its effect', 'write via')
    const via = readVia(line, option, draft)
    if (via === REFUSED) return REFUSED
    draft.via = via
  },
  print: ({via}) => via && `via ${via}`,
}

const OR: RouteOption = {
  words: ['or'],
  form: 'ADDRESS',
  doc: 'deprecated: a second router; write nexthop via ADDRESS nexthop via ADDRESS',
  repeats: true,
  read: (line, draft, option) => {
    const again = draft.nextHops.length > 0
    const hint = 'write nexthop via ADDRESS nexthop via ADDRESS'
    const message = again ? 'or is given again; the first counts' : 'or is deprecated; it still has its effect'
    line.correct(option, message, hint)
    const via = readVia(line, option, draft)
    if (via === REFUSED) return REFUSED
    if (again) return undefined
    if (draft.via !== undefined) draft.nextHops.push({via: draft.via, weight: 1, onlink: false})
    draft.nextHops.push({via, weight: 1, onlink: false})
    delete draft.via
  },
  // The addresses are next hops.
  print: () => undefined,
}

const FROM: RouteOption = {
  words: ['from'],
  form: 'PREFIX',
  doc: 'only for packets from there (IPv6)',
  read: (line, draft, option) => {
    const given = line.value(option, 'PREFIX')
    if (given === REFUSED) return REFUSED
    const prefix = readPrefix(given.text)
    if (given.text !== 'default6' && !prefix) {
      return line.refuse(given, `${line.show(given)} is not a prefix`, 'from 2001:db8::/32')
    }
    if (prefix && ipFamily(prefix.address) !== 6) return line.refuse(given, 'only routes of IPv6 have from', 'a rule')
    if (agree(line, draft, 6, given) === REFUSED) return REFUSED
    if (prefix?.lengthProblem !== undefined) correctLength(line, given, prefix)
    if (!prefix || isEverything(prefix)) delete draft.from
    else draft.from = {address: prefix.address, prefixLength: prefix.prefixLength}
  },
  print: ({from}) => from && `from ${writtenPrefix(from)}`,
}

/** Tells that all bits of an address are taken for its network. */
export function correctLength(
  line: Parameters<RouteOption['read']>[0],
  word: Word,
  {prefixLength, lengthProblem}: {readonly prefixLength: number; readonly lengthProblem?: string},
): void {
  if (lengthProblem === undefined) return
  const message = `the prefix length of ${line.show(word)} is not permitted; ${prefixLength} is used`
  line.correct(word, message, lengthProblem)
}

const DEVICE: RouteOption = {
  words: ['dev', 'oif'],
  form: 'INTERFACE',
  doc: 'interface that packets leave through',
  read: (line, draft, option) => {
    const device = readDevice(line, option)
    if (device === REFUSED) return REFUSED
    draft.device = device
  },
  print: ({device}) => (device === undefined ? undefined : `dev ${writtenWord(device)}`),
}

const VRF: RouteOption = {
  words: ['vrf'],
  form: 'INTERFACE',
  doc: 'the routing table is that of this VRF',
  read: (line, draft, option) => {
    const vrf = readDevice(line, option)
    if (vrf === REFUSED) return REFUSED
    draft.vrf = vrf
  },
  print: ({vrf}) => (vrf === undefined ? undefined : `vrf ${writtenWord(vrf)}`),
}

const ENCAP: RouteOption = {
  words: ['encap'],
  form: ENCAPSULATION_FORM,
  doc: 'what packets are put into on their way',
  read: (line, draft, option) => {
    const encapsulation = readEncapsulation(line, option)
    if (encapsulation === REFUSED) return REFUSED
    draft.encapsulation = encapsulation
  },
  print: ({encapsulation}) => encapsulation && `encap ${writtenEncapsulation(encapsulation)}`,
}

/** ICMPV6_ROUTER_PREF_* of <linux/icmpv6.h>. */
const PREFERENCES = new Map([
  ['medium', 0],
  ['high', 1],
  ['low', 3],
])

const PREFERENCE: RouteOption = {
  words: ['pref'],
  form: 'low|medium|high|0..255',
  doc: 'preference among default routers (IPv6)',
  read: (line, draft, option) => {
    const given = line.value(option, 'low|medium|high')
    if (given === REFUSED || agree(line, draft, 6, option) === REFUSED) return REFUSED
    const value = PREFERENCES.get(given.text) ?? (/^\+?\d{1,9}$/.test(given.text) ? Number(given.text) : 256)
    if (value > 255) return line.refuse(given, `${line.show(given)} is not a preference`, 'low, medium or high')
    draft.preference = value
  },
  print: ({preference}) =>
    preference === undefined
      ? undefined
      : `pref ${[...PREFERENCES].find(([, value]) => value === preference)?.[0] ?? preference}`,
}

const EXPIRES: RouteOption = (() => {
  const option = numberOption<RouteDraft>(
    ['expires'],
    {max: 0xffff_ffff, doc: 'seconds after which the kernel drops it (IPv6)'},
    (draft, seconds) => {
      draft.expires = seconds
    },
    ({expires}) => expires,
  )
  return {
    ...option,
    read: (line, draft, word) =>
      agree(line, draft, 6, word) === REFUSED ? REFUSED : option.read(line, draft, word),
  }
})()

const REALMS: RouteOption = {
  words: ['realms'],
  form: '[REALM/]REALM',
  doc: 'realms of its packets (IPv4)',
  read: (line, draft, option) => {
    const realms = readRealms(line, option)
    if (realms === REFUSED || agree(line, draft, 4, option) === REFUSED) return REFUSED
    draft.realms = realms
  },
  print: ({realms}) => realms && `realms ${writtenRealms(realms)}`,
}

const TTL_PROPAGATE: RouteOption = {
  words: ['ttl-propagate'],
  form: 'enabled|disabled',
  doc: 'MPLS: whether the TTL of packets is carried over',
  read: (line, draft, option) => {
    const given = line.value(option, 'enabled|disabled')
    if (given === REFUSED) return REFUSED
    if (given.text !== 'enabled' && given.text !== 'disabled') {
      line.correct(given, `${line.show(given)} is not permitted; disabled is used`, 'enabled or disabled')
    }
    draft.ttlPropagate = given.text === 'enabled'
  },
  print: ({ttlPropagate: on}) => (on === undefined ? undefined : `ttl-propagate ${on ? 'enabled' : 'disabled'}`),
}

const AS: RouteOption = {
  words: ['as'],
  form: '[to] ADDRESS',
  doc: 'has no effect: only routes of MPLS translate addresses',
  repeats: true,
  read: (line, _draft, option) => {
    if (line.peek()?.text === 'to') line.next()
    line.next()
    line.correct(option, 'only routes of MPLS have as; it is ignored', 'remove it')
  },
  print: () => undefined,
}

const MODE: RouteOption = {
  words: ['prepend', 'append', 'add'],
  form: '',
  doc: 'go before a like route, after it, or not be added beside it',
  read: (_line, draft, option) => {
    draft.mode = option.text === 'append' || option.text === 'add' ? option.text : 'prepend'
  },
  print: ({mode}) => (mode === 'prepend' ? undefined : mode),
}

/** The family that cannot be told from an address; keepalived skips the word that follows it. */
export function familyOption<Draft extends {family?: IpFamily}>(word: 'inet' | 'inet6'): LineOption<Draft> {
  return {
    words: [word],
    form: '',
    doc: `it is for IPv${word === 'inet' ? 4 : 6}; only as the last word`,
    read: (line, draft, option) => {
      if (line.peek()) {
        const hint = `leave ${word} out, or write it last: the addresses tell the family`
        return line.refuse(option, `keepalived skips the word that follows ${word}`, hint)
      }
      return agree(line, draft, word === 'inet' ? 4 : 6, option)
    },
    print: () => undefined,
  }
}

/** `track_group` of static objects. */
export const TRACK_GROUP: LineOption<{trackGroup?: string}> = {
  words: ['track_group'],
  form: 'GROUP',
  doc: 'virtual routers it follows: it is there again when their interface comes back',
  read: (line, draft, option) => {
    const given = line.value(option, 'GROUP')
    if (given === REFUSED) return REFUSED
    if (draft.trackGroup === undefined) draft.trackGroup = given.text
    else line.correct(option, `track_group is given again; ${draft.trackGroup} counts`)
  },
  print: ({trackGroup}) => (trackGroup === undefined ? undefined : `track_group ${writtenWord(trackGroup)}`),
}

/** The options of a route, in the order in which they are written. */
export const ROUTE_OPTIONS: readonly RouteOption[] = [
  SOURCE,
  VIA,
  OR,
  FROM,
  rtOption(
    ['tos', 'dsfield'],
    'dsfield',
    'only for packets with this differentiated services field (IPv4)',
    (draft, id) => {
      draft.tos = id
    },
    ({tos}) => tos,
  ),
  rtOption(
    ['table'],
    'table',
    'routing table; main unless given',
    (draft, id) => {
      draft.table = id
    },
    ({table}) => (table === MAIN_TABLE ? undefined : table),
  ),
  VRF,
  rtOption(
    ['protocol'],
    'protocol',
    'who made it; 18 unless given, and always 18 while it is tracked',
    (draft, id, word) => {
      draft.protocol = id
      draft.protocolWord = word
    },
    ({protocol}) => (protocol === OWN_PROTOCOL ? undefined : protocol),
  ),
  rtOption(
    ['scope'],
    'scope',
    'how far away the destination is (IPv4)',
    (draft, id) => {
      draft.scope = id
    },
    ({scope}) => scope,
  ),
  numberOption(
    ['metric', 'priority', 'preference'],
    {max: 0xffff_ffff, doc: 'of like routes the one with the lowest counts'},
    (draft, metric) => {
      draft.metric = metric
    },
    ({metric}) => metric,
  ),
  DEVICE,
  standsAlone(
    'onlink',
    'the next router is on the link although no address of the interface says so',
    draft => {
      draft.onlink = true
    },
    ({onlink}) => onlink,
  ),
  ENCAP,
  EXPIRES,
  ...METRIC_OPTIONS,
  REALMS,
  PREFERENCE,
  TTL_PROPAGATE,
  AS,
  MODE,
  standsAlone(
    'no_track',
    'its loss is ignored, and it may have another protocol',
    draft => {
      draft.noTrack = true
    },
    ({noTrack}) => noTrack,
  ),
  familyOption('inet'),
  familyOption('inet6'),
]
