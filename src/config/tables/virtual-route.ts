import {type IpAddress, type IpFamily, ipFamily} from '../../core/ip.ts'
import type {Position} from '../config.ts'
import type {DataLines} from '../schema/entries.ts'
import {type Cursor, type OptionFacts, REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {everything, type IpPrefix, isEverything, networkOf, readPrefix, writtenPrefix} from './ip-prefix.ts'
import {
  correctedPrefix,
  formOf,
  type LineFindings,
  type LineOption,
  type LineReader,
  lineReader,
  meantOption,
  optionIndex,
  printOptions,
  readOption,
  TRACK_GROUP,
} from './line-options.ts'
import type {Encapsulation} from './route-encapsulation.ts'
import type {RouteMetrics} from './route-metrics.ts'
import {agree, NEXT_HOP_FORM, type NextHop, type Realms, readNextHop, writtenNextHop} from './route-nexthop.ts'
import {ROUTE_OPTIONS} from './route-options.ts'
import {MAIN_TABLE, OWN_PROTOCOL, type RouteType, type RtId, readRouteType} from './rt-names.ts'

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
  readonly metrics: RouteMetrics
  readonly realms?: Realms
  /** ICMPV6_ROUTER_PREF_* of <linux/icmpv6.h> (IPv6): 0 medium, 1 high, 3 low. */
  readonly preference?: number
  /** MPLS: whether the TTL of packets is carried over. */
  readonly ttlPropagate?: boolean
  /** What happens where there is such a route: this one goes before it or after it, or is not added. */
  readonly mode: 'prepend' | 'append' | 'add'
  /** Whether its loss is ignored. */
  readonly noTrack: boolean
  /** `track_group`, for static routes. */
  readonly trackGroup?: string
  readonly nextHops: readonly NextHop[]
}

type Settled = 'family' | 'destination' | 'protocol' | 'nextHops'

/** A route while its line is read. */
export interface RouteDraft extends Draft<Omit<RouteConfig, Settled>> {
  family?: IpFamily
  destination?: IpPrefix | 'default'
  protocol?: {readonly id: RtId; readonly word: Word | undefined}
  readonly nextHops: NextHop[]
}
type Draft<T> = {-readonly [Field in keyof T]: T[Field]}

const FINDINGS: LineFindings = {
  leftOut: 'the route is left out',
  invalid: 'route-invalid',
  corrected: 'route-corrected',
  surprising: 'route-unusual',
}
const HOP_FINDINGS: LineFindings = {
  ...FINDINGS,
  leftOut: 'this next hop and those after it are left out',
  invalid: 'route-corrected',
}

const NEXT_HOP: OptionFacts = {
  words: ['nexthop'],
  form: NEXT_HOP_FORM.replace(/^nexthop /, ''),
  doc: 'one of several next routers that share the traffic; stands last, as often as there are routers',
}

/** A line of `virtual_routes`. */
export const VIRTUAL_ROUTE = routeLines(ROUTE_OPTIONS)

/** A line of `static_routes`. */
export const STATIC_ROUTE = routeLines([...ROUTE_OPTIONS, TRACK_GROUP])

function routeLines(options: readonly LineOption<RouteDraft>[]): DataLines<RouteConfig> {
  const index = optionIndex(options)
  return {
    form: `[TYPE] [to] PREFIX|default|default6 ${formOf(options)} [${NEXT_HOP_FORM}] …`,
    brief: '[TYPE] [to] PREFIX|default|default6 [OPTION …] [nexthop …]',
    options: [...options, NEXT_HOP],
    read: (cursor, {position}) => readRoute(cursor, position, index),
    print: route => writtenRoute(route, options),
  }
}

function readRoute(
  cursor: Cursor,
  position: Position,
  index: ReadonlyMap<string, LineOption<RouteDraft>>,
): RouteConfig | Refused {
  const line = lineReader(cursor, FINDINGS)
  const draft: RouteDraft = {
    position,
    type: 'unicast',
    onlink: false,
    table: MAIN_TABLE,
    metrics: {},
    mode: 'prepend',
    noTrack: false,
    nextHops: [],
  }
  const given = new Set<LineOption<RouteDraft>>()
  for (let word = line.next(); word; word = line.next()) {
    if (word.text === 'nexthop') {
      if (draft.nextHops.length > 0) return line.refuse(word, 'nexthop does not go with or', 'write nexthop for all')
      readNextHops(cursor, draft)
      break
    }
    const option = index.get(word.text)
    const outcome = option
      ? readOption(option, line, draft, {word, given})
      : readDestination(line, draft, word, index.keys())
    if (outcome === REFUSED) return REFUSED
  }
  return settled(line, draft)
}

/** keepalived takes the next hops that it could read. */
function readNextHops(cursor: Cursor, draft: RouteDraft): void {
  const line = lineReader(cursor, HOP_FINDINGS)
  for (;;) {
    const hop = readNextHop(line, draft)
    if (hop === REFUSED) break
    draft.nextHops.push(hop)
    const word = line.next()
    if (!word) return
    if (word.text === 'nexthop') continue
    const message = `${line.show(word)} belongs to no next hop; it is ignored, with what follows`
    line.correct(word, message, 'write it before the first nexthop')
    break
  }
  while (line.next());
}

const NO_OPTIONS = new Map([
  ['proto', 'did you mean protocol?'],
  ['type', 'write blackhole and the like alone, before the destination'],
  ['weight', 'only next hops have a weight: nexthop via ADDRESS weight 1'],
  ['nhid', 'write nexthop via ADDRESS'],
  ['track_group', 'only static routes have a track_group'],
])

/** The word is none of the options, so it has to be the destination, with its type or `to` before it. */
function readDestination(
  line: LineReader,
  draft: RouteDraft,
  word: Word,
  words: Iterable<string>,
): undefined | Refused {
  const type = readRouteType(word.text)
  if (type) draft.type = type
  const given = type || word.text === 'to' ? line.value(word, 'PREFIX') : word
  if (given === REFUSED) return REFUSED
  const {text} = given
  const prefix = readPrefix(text === 'default6' ? '::/0' : text)
  if (draft.destination !== undefined && (prefix || DEFAULTS.has(text))) {
    line.warn(given, 'a second destination takes the place of the first', 'write one route on a line')
  }
  if (DEFAULTS.has(text)) {
    draft.destination = 'default'
    return undefined
  }
  if (!prefix) {
    const hint = meantOption(text, words, NO_OPTIONS) ?? '[TYPE] PREFIX via ADDRESS dev INTERFACE …'
    return line.refuse(given, `${line.show(given)} is neither a destination nor an option of a route`, hint)
  }
  if (agree(line, draft, ipFamily(prefix.address), given) === REFUSED) return REFUSED
  draft.destination = correctedPrefix(line, given, prefix)
  return undefined
}

/** What stands for every destination of the family that the rest of the line has. */
const DEFAULTS: ReadonlySet<string> = new Set(['default', 'any', 'all'])

function settled(line: LineReader, read: RouteDraft): RouteConfig | Refused {
  const {destination: given, protocol: asked, family = 4, ...draft} = read
  if (given === undefined) return line.refuse(undefined, 'it has no destination', 'PREFIX or default')
  const destination = given === 'default' ? everything(family) : given
  const protocol = asked === undefined || draft.noTrack ? (asked?.id ?? OWN_PROTOCOL) : OWN_PROTOCOL
  if (asked !== undefined && protocol !== asked.id) {
    const message = `a route that is tracked has protocol ${OWN_PROTOCOL}; it is used`
    line.correct(asked.word, message, 'add no_track, or leave protocol out')
  }
  const route: RouteConfig = {...draft, family, destination, protocol}
  const problem = problemOf(route)
  if (problem !== undefined) line.warn(undefined, `the kernel refuses such a route: ${problem}`)
  if (family === 6 && route.scope !== undefined) line.warn(undefined, 'scope has no effect on a route of IPv6')
  return route
}

/** Types of routes that lead nowhere. */
const DEAD_ENDS: ReadonlySet<RouteType> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw'])

/** Why the kernel would refuse a route; the same holds for ip-route(8). */
function problemOf(route: RouteConfig): string | undefined {
  const {family, type, destination, via, device, nextHops, tos, onlink, encapsulation} = route
  const leads = via !== undefined || device !== undefined || nextHops.length > 0
  const network = writtenPrefix(networkOf(destination))
  if (family === 4 && network !== writtenPrefix(destination)) return `its network is ${network}`
  if (DEAD_ENDS.has(type) && leads && family === 4) return `${type} leads nowhere, so it has no via, dev or nexthop`
  if (type === 'nat' || type === 'xresolve') return `there are no routes of type ${type} any more`
  if (!DEAD_ENDS.has(type) && !leads && !encapsulation) return 'it has no via, dev or nexthop'
  if (onlink && device === undefined && nextHops.length === 0 && family === 4) return 'onlink needs dev'
  if (typeof tos === 'number' && tos !== 0 && family === 6) return 'routes of IPv6 have no tos'
  if (typeof tos === 'number' && (tos & 3) !== 0) return 'the two lowest bits of tos are no part of it'
  if (family === 4 && nextHops.length > 0 && via !== undefined) return 'via does not go with nexthop'
  if (nextHops.some(isNowhere)) return 'a next hop has neither via nor dev'
  const [first] = nextHops
  if (family === 4 && first && device !== undefined && first.device !== device) {
    return 'dev beside nexthop has to be that of the first next hop'
  }
  return undefined
}

const isNowhere = ({via, device, encapsulation}: NextHop): boolean =>
  via === undefined && device === undefined && encapsulation === undefined

function writtenRoute(route: RouteConfig, options: readonly LineOption<RouteDraft>[]): string {
  const {type, destination, protocol, nextHops} = route
  const everywhere = route.family === 4 ? 'default' : 'default6'
  const target = isEverything(destination) ? everywhere : writtenPrefix(destination)
  const draft: RouteDraft = {...route, nextHops: [...nextHops], protocol: {id: protocol, word: undefined}}
  return [
    ...(type === 'unicast' ? [] : [type]),
    target,
    ...printOptions(options, draft),
    ...nextHops.map(writtenNextHop),
  ].join(' ')
}
