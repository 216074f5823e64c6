import type {IpAddress, IpFamily} from '../../core/ip.ts'
import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {type LineReader, readAddress, readDevice, readNumber} from './line-options.ts'
import {type Encapsulation, readEncapsulation, writtenEncapsulation} from './route-encapsulation.ts'
import {permittedRtId, type RtId, readRtId, writtenRtId} from './rt-names.ts'

/** The realms of a route: where its packets come from and go to, 0 where that is open. ip-route(8). */
export interface Realms {
  readonly from: RtId
  readonly to: RtId
}

/** One way of several that a route has. */
export interface NextHop {
  readonly via?: IpAddress
  readonly device?: string
  /** The share of the traffic, 1 to 256. */
  readonly weight: number
  /** The next hop is on the link although no address of the interface says so. */
  readonly onlink: boolean
  readonly encapsulation?: Encapsulation
  readonly realms?: Realms
}

/** What follows the options of a route. */
export const NEXT_HOP_FORM =
  '[nexthop [via [inet|inet6] ADDRESS] [dev INTERFACE] [weight 1..256] [onlink] [encap …] [realms [REALM/]REALM] …]'

/** What a next hop needs to know of its route. */
export interface RouteFamily {
  family?: IpFamily
}

/** Reads what follows one `nexthop`, until a word that belongs to no next hop. */
export function readNextHop(line: LineReader, route: RouteFamily): NextHop | Refused {
  const hop: Draft = {weight: 1, onlink: false}
  for (let word = line.peek(); word; word = line.peek()) {
    const option = OPTIONS.get(word.text)
    if (!option) break
    line.next()
    if (option(line, hop, word, route) === REFUSED) return REFUSED
  }
  return hop
}

/** The words of a next hop, `nexthop` included. */
export function writtenNextHop({via, device, weight, onlink, encapsulation, realms}: NextHop): string {
  return [
    'nexthop',
    ...(via === undefined ? [] : ['via', via]),
    ...(device === undefined ? [] : ['dev', writtenWord(device)]),
    ...(weight === 1 ? [] : ['weight', weight]),
    ...(onlink ? ['onlink'] : []),
    ...(encapsulation === undefined ? [] : ['encap', writtenEncapsulation(encapsulation)]),
    ...(realms === undefined ? [] : ['realms', writtenRealms(realms)]),
  ].join(' ')
}

/** Takes the address after `via`, with the family before it that it may name. */
export function readVia(line: LineReader, via: Word, route: RouteFamily): IpAddress | Refused {
  const named = line.peek()?.text
  const family = named === 'inet' ? 4 : named === 'inet6' ? 6 : undefined
  const familyWord = family === undefined ? undefined : line.next()
  if (family !== undefined && agree(line, route, family, familyWord) === REFUSED) return REFUSED
  const word = line.peek()
  const address = readAddress(line, via, family)
  if (address === REFUSED) return REFUSED
  return agree(line, route, address.includes(':') ? 6 : 4, word) === REFUSED ? REFUSED : address
}

/** Takes `REALM` or `REALM/REALM`. */
export function readRealms(line: LineReader, option: Word): Realms | Refused {
  const given = line.value(option, '[REALM/]REALM')
  if (given === REFUSED) return REFUSED
  const ids = given.text.split('/').map(text => readRtId('realm', text))
  const [first, second] = ids
  if (ids.length <= 2 && first !== undefined && !ids.includes(undefined)) {
    return second === undefined ? {from: 0, to: first} : {from: first, to: second}
  }
  return line.refuse(given, `${line.show(given)} does not name realms`, `[REALM/]REALM, each ${permittedRtId('realm')}`)
}

/** The word that is read as realms. */
export const writtenRealms = ({from, to}: Realms): string =>
  from === 0 ? writtenRtId('realm', to) : `${writtenRtId('realm', from)}/${writtenRtId('realm', to)}`

/** Lets a route have a family, if it has no other. */
export function agree(
  line: LineReader,
  route: RouteFamily,
  family: IpFamily,
  word: Word | undefined,
): undefined | Refused {
  if (route.family === undefined || route.family === family) {
    route.family = family
    return undefined
  }
  const what = word ? line.show(word) : 'it'
  return line.refuse(word, `${what} is for IPv${family}, and what stands before it for IPv${route.family}`)
}

type Draft = {-readonly [Field in keyof NextHop]: NextHop[Field]}
type ReadOption = (line: LineReader, hop: Draft, option: Word, route: RouteFamily) => void | Refused

const READERS: {readonly [word: string]: ReadOption} = {
  via: (line, hop, option, route) => {
    const via = readVia(line, option, route)
    if (via === REFUSED) return REFUSED
    hop.via = via
  },
  dev: (line, hop, option) => {
    const device = readDevice(line, option)
    if (device === REFUSED) return REFUSED
    hop.device = device
  },
  weight: (line, hop, option) => {
    const weight = readNumber(line, option, {min: 1, max: 256})
    if (weight === REFUSED) return REFUSED
    hop.weight = weight
  },
  onlink: (_line, hop) => {
    hop.onlink = true
  },
  encap: (line, hop, option) => {
    const encapsulation = readEncapsulation(line, option)
    if (encapsulation === REFUSED) return REFUSED
    hop.encapsulation = encapsulation
  },
  realms: (line, hop, option, route) => {
    const realms = readRealms(line, option)
    if (realms === REFUSED || agree(line, route, 4, option) === REFUSED) return REFUSED
    hop.realms = realms
  },
  as: (line, _hop, option) => line.refuse(option, 'next hops do not translate addresses'),
}
const OPTIONS = new Map(Object.entries(READERS))
