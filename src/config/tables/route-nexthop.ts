import {type IpAddress, type IpFamily, ipFamily} from '../../core/ip.ts'
import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {
  DEVICE,
  FLAG,
  fieldsOf,
  formOf,
  type LineOption,
  type LineReader,
  optionIndex,
  printOptions,
  readAddress,
  readNumber,
} from './line-options.ts'
import {ENCAPSULATION_FORM, type Encapsulation, readEncapsulation, writtenEncapsulation} from './route-encapsulation.ts'
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

/** What has a family that its addresses tell. */
export interface WithFamily {
  family?: IpFamily
}

/** Lets something have a family, if it has no other. */
export function agree(
  line: LineReader,
  draft: WithFamily,
  family: IpFamily,
  word: Word | undefined,
): undefined | Refused {
  if (draft.family === undefined || draft.family === family) {
    draft.family = family
    return undefined
  }
  const what = word ? line.show(word) : 'it'
  return line.refuse(word, `${what} is for IPv${family}, and what stands before it for IPv${draft.family}`)
}

/** What `via` takes: an address, and before it the family that it may name. */
export const VIA = {
  form: '[inet|inet6] ADDRESS',
  take: (line: LineReader, option: Word, draft: WithFamily): IpAddress | Refused => {
    const named = line.peek()
    const family = named?.text === 'inet' ? 4 : named?.text === 'inet6' ? 6 : undefined
    if (family !== undefined) line.next()
    if (family !== undefined && agree(line, draft, family, named) === REFUSED) return REFUSED
    const word = line.peek()
    const address = readAddress(line, option, family)
    if (address === REFUSED) return REFUSED
    return agree(line, draft, ipFamily(address), word) === REFUSED ? REFUSED : address
  },
}

/** What `realms` takes; only IPv4 has them. */
export const REALMS = {
  form: '[REALM/]REALM',
  take: (line: LineReader, option: Word, draft: WithFamily): Realms | Refused => {
    const given = line.value(option, REALMS.form)
    if (given === REFUSED || agree(line, draft, 4, option) === REFUSED) return REFUSED
    const ids = given.text.split('/').map(text => readRtId('realm', text))
    const [first, second] = ids
    if (ids.length <= 2 && first !== undefined && !ids.includes(undefined)) {
      return second === undefined ? {from: 0, to: first} : {from: first, to: second}
    }
    const hint = `${REALMS.form}, each ${permittedRtId('realm')}`
    return line.refuse(given, `${line.show(given)} does not name realms`, hint)
  },
  write: ({from, to}: Realms): string =>
    from === 0 ? writtenRtId('realm', to) : `${writtenRtId('realm', from)}/${writtenRtId('realm', to)}`,
}

/** What `encap` takes. */
export const ENCAP = {form: ENCAPSULATION_FORM, take: readEncapsulation, write: writtenEncapsulation}

/** A next hop while it is read. */
interface HopDraft extends WithFamily {
  via?: IpAddress
  device?: string
  weight: number
  onlink: boolean
  encapsulation?: Encapsulation
  realms?: Realms
}

const WEIGHT = {
  form: '1..256',
  take: (line: LineReader, option: Word) => readNumber(line, option, {min: 1, max: 256}),
  write: (weight: number) => (weight === 1 ? undefined : String(weight)),
}

const field = fieldsOf<HopDraft>()
const HOP_OPTIONS: readonly LineOption<HopDraft>[] = [
  field('via', {words: ['via'], doc: 'the next router', ...VIA}),
  field('device', {words: ['dev'], doc: 'interface that packets leave through', ...DEVICE}),
  field('weight', {words: ['weight'], doc: 'its share of the traffic', ...WEIGHT}),
  field('onlink', {words: ['onlink'], doc: 'the router is on the link whatever the addresses say', ...FLAG}),
  field('encapsulation', {words: ['encap'], doc: 'what packets are put into on their way', ...ENCAP}),
  field('realms', {words: ['realms'], doc: 'realms of its packets (IPv4)', ...REALMS}),
]
const HOP_INDEX = optionIndex(HOP_OPTIONS)

/** The form of one next hop. */
export const NEXT_HOP_FORM = `nexthop ${formOf(HOP_OPTIONS)}`

/** Reads what follows one `nexthop`, until a word that belongs to no next hop; it has the family of its route. */
export function readNextHop(line: LineReader, route: WithFamily): NextHop | Refused {
  const draft: HopDraft = {weight: 1, onlink: false, ...(route.family ? {family: route.family} : {})}
  for (let word = line.peek(); word; word = line.peek()) {
    const option = HOP_INDEX.get(word.text)
    if (!option) break
    line.next()
    if (option.read(line, draft, word) === REFUSED) return REFUSED
  }
  const {family, ...hop} = draft
  if (family !== undefined) route.family = family
  return hop
}

/** The words of a next hop. */
export const writtenNextHop = (hop: NextHop): string => ['nexthop', ...printOptions(HOP_OPTIONS, hop)].join(' ')
