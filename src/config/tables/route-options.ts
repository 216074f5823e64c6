import {type IpAddress, ipFamily} from '../../core/ip.ts'
import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {type IpPrefix, isEverything, readPrefix, writtenPrefix} from './ip-prefix.ts'
import {
  correctedPrefix,
  DEVICE,
  FLAG,
  fieldsOf,
  type LineOption,
  type LineReader,
  numbers,
  readAddress,
  rtIds,
  within,
} from './line-options.ts'
import {METRIC_OPTIONS} from './route-metrics.ts'
import {agree, ENCAP, REALMS, VIA, type WithFamily} from './route-nexthop.ts'
import {MAIN_TABLE, OWN_PROTOCOL} from './rt-names.ts'
import type {RouteDraft} from './virtual-route.ts'

type RouteOption = LineOption<RouteDraft>
const UINT32 = 0xffff_ffff

const SOURCE = {
  form: 'ADDRESS',
  take: (line: LineReader, option: Word, draft: WithFamily): IpAddress | Refused => {
    const word = line.peek()
    const source = readAddress(line, option, undefined)
    return source === REFUSED || agree(line, draft, ipFamily(source), word) === REFUSED ? REFUSED : source
  },
}

const GATEWAY: typeof VIA = {
  ...VIA,
  take: (line, option, draft) => {
    if (option.text === 'gw') line.correct(option, 'gw is deprecated; it still has its effect', 'write via')
    return VIA.take(line, option, draft)
  },
}

const OR: RouteOption = {
  words: ['or'],
  form: 'ADDRESS',
  doc: 'deprecated: a second router; write nexthop via ADDRESS nexthop via ADDRESS',
  repeats: true,
  read: (line, draft, option) => {
    const again = draft.nextHops.length > 0
    const message = again ? 'or is given again; the first counts' : 'or is deprecated; it still has its effect'
    line.correct(option, message, 'write nexthop via ADDRESS nexthop via ADDRESS')
    const via = VIA.take(line, option, draft)
    if (via === REFUSED) return REFUSED
    if (again) return undefined
    if (draft.via !== undefined) draft.nextHops.push({via: draft.via, weight: 1, onlink: false})
    draft.nextHops.push({via, weight: 1, onlink: false})
    delete draft.via
    return undefined
  },
  // Its addresses are next hops.
  print: () => undefined,
}

const FROM = {
  form: 'PREFIX',
  take: (line: LineReader, option: Word, draft: WithFamily): IpPrefix | Refused => {
    const given = line.value(option, FROM.form)
    if (given === REFUSED) return REFUSED
    const prefix = readPrefix(given.text === 'default6' ? '::/0' : given.text)
    if (!prefix) return line.refuse(given, `${line.show(given)} is not a prefix`, 'from 2001:db8::/32')
    if (ipFamily(prefix.address) === 4) return line.refuse(given, 'only routes of IPv6 have from', 'write a rule')
    return agree(line, draft, 6, given) === REFUSED ? REFUSED : correctedPrefix(line, given, prefix)
  },
  write: (prefix: IpPrefix) => (isEverything(prefix) ? 'default6' : writtenPrefix(prefix)),
}

/** What `expires` takes; only IPv6 has it. */
const EXPIRES = {
  form: `0..${UINT32}`,
  take: (line: LineReader, option: Word, draft: WithFamily) =>
    agree(line, draft, 6, option) === REFUSED ? REFUSED : numbers(UINT32).take(line, option),
}

/** ICMPV6_ROUTER_PREF_* of <linux/icmpv6.h>. */
const PREFERENCES = new Map([
  ['medium', 0],
  ['high', 1],
  ['low', 3],
])

const PREFERENCE = {
  form: 'low|medium|high|0..255',
  take: (line: LineReader, option: Word, draft: WithFamily): number | Refused => {
    const given = line.value(option, 'low|medium|high')
    if (given === REFUSED || agree(line, draft, 6, option) === REFUSED) return REFUSED
    const value = PREFERENCES.get(given.text) ?? (/^\+?\d{1,9}$/.test(given.text) ? Number(given.text) : 256)
    if (value > 255) return line.refuse(given, `${line.show(given)} is not a preference`, 'low, medium or high')
    const odd = ![...PREFERENCES.values()].includes(value)
    if (odd) line.warn(given, `the kernel takes ${value} as medium`, 'low, medium or high')
    return value
  },
  write: (value: number) => [...PREFERENCES].find(([, number]) => number === value)?.[0] ?? String(value),
}

const TTL_PROPAGATE = {
  form: 'enabled|disabled',
  take: (line: LineReader, option: Word): boolean | Refused => {
    const given = line.value(option, TTL_PROPAGATE.form)
    if (given === REFUSED) return REFUSED
    if (given.text !== 'enabled' && given.text !== 'disabled') {
      line.correct(given, `${line.show(given)} is not permitted; disabled is used`, 'enabled or disabled')
    }
    return given.text === 'enabled'
  },
  write: (on: boolean) => (on ? 'enabled' : 'disabled'),
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
    return undefined
  },
  print: () => undefined,
}

const MODE: RouteOption = {
  words: ['prepend', 'append', 'add'],
  form: '',
  doc: 'go before a like route, after it, or not be added beside it',
  read: (_line, draft, option) => {
    draft.mode = option.text === 'append' || option.text === 'add' ? option.text : 'prepend'
    return undefined
  },
  print: ({mode}) => (mode === 'prepend' ? undefined : mode),
}

const PROTOCOL: RouteOption = {
  words: ['protocol'],
  form: 'PROTOCOL',
  doc: 'who made it; 18 unless given, and always 18 while it is tracked',
  read: (line, draft, option) => {
    const protocol = rtIds('protocol').take(line, option)
    if (protocol === REFUSED) return REFUSED
    draft.protocol = {id: protocol, word: option}
    return undefined
  },
  print: ({protocol}) => protocol && (protocol.id === OWN_PROTOCOL ? undefined : `protocol ${protocol.id}`),
}

/** The family that no address tells; keepalived skips the word that follows it. */
export function familyOption<Draft extends WithFamily>(word: 'inet' | 'inet6'): LineOption<Draft> {
  const family = word === 'inet' ? 4 : 6
  return {
    words: [word],
    form: '',
    doc: `it is for IPv${family}; only as the last word`,
    read: (line, draft, option) => {
      if (!line.peek()) return agree(line, draft, family, option)
      const hint = `leave ${word} out, or write it last: the addresses tell the family`
      return line.refuse(option, `keepalived skips the word that follows ${word}`, hint)
    },
    print: () => undefined,
  }
}

const field = fieldsOf<RouteDraft>()

/** The options of a route, in the order in which they are written. */
export const ROUTE_OPTIONS: readonly RouteOption[] = [
  field('source', {words: ['src'], doc: 'address that packets come from when their program names none', ...SOURCE}),
  field('via', {words: ['via', 'gw'], doc: 'the next router', ...GATEWAY}),
  OR,
  field('from', {words: ['from'], doc: 'only for packets from there (IPv6)', ...FROM}),
  field('tos', {words: ['tos', 'dsfield'], doc: 'only for packets with this field (IPv4)', ...rtIds('dsfield')}),
  field('table', {words: ['table'], doc: 'routing table; main unless given', ...rtIds('table', MAIN_TABLE)}),
  field('vrf', {words: ['vrf'], doc: 'the routing table is that of this VRF', ...DEVICE}),
  PROTOCOL,
  field('scope', {words: ['scope'], doc: 'how far away the destination is (IPv4)', ...rtIds('scope')}),
  field('metric', {
    words: ['metric', 'priority', 'preference'],
    doc: 'of like routes the one with the lowest counts',
    ...numbers(UINT32),
  }),
  field('device', {words: ['dev', 'oif'], doc: 'interface that packets leave through', ...DEVICE}),
  field('onlink', {words: ['onlink'], doc: 'the router is on the link whatever the addresses say', ...FLAG}),
  field('expires', {words: ['expires'], doc: 'seconds after which the kernel drops it (IPv6)', ...EXPIRES}),
  ...within('metrics', METRIC_OPTIONS),
  field('realms', {words: ['realms'], doc: 'realms of its packets (IPv4)', ...REALMS}),
  field('preference', {words: ['pref'], doc: 'preference among routers (IPv6)', ...PREFERENCE}),
  field('ttlPropagate', {words: ['ttl-propagate'], doc: 'MPLS: whether the TTL is carried over', ...TTL_PROPAGATE}),
  AS,
  MODE,
  field('noTrack', {words: ['no_track'], doc: 'its loss is ignored, and it may have another protocol', ...FLAG}),
  familyOption('inet'),
  familyOption('inet6'),
  // Last, since options of the route have words of a tunnel.
  field('encapsulation', {words: ['encap'], doc: 'what packets are put into on their way', ...ENCAP}),
]
