import type {IpAddress, IpFamily} from '../../core/ip.ts'
import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {
  fieldsOf,
  formOf,
  type LineOption,
  type LineReader,
  NUMBERS_64,
  numbers,
  optionIndex,
  printOptions,
  readAddress,
  rtIds,
} from './line-options.ts'
import {type RtId, readInteger} from './rt-names.ts'

/** What packets of a route are put into on their way: LWTUNNEL_ENCAP_* of <linux/lwtunnel.h>. ip-route(8). */
export type Encapsulation = IpEncapsulation | Ip6Encapsulation | MplsEncapsulation | IlaEncapsulation

/** An IPv4 tunnel. */
export interface IpEncapsulation {
  readonly type: 'ip'
  /** Decimal digits of a number of 64 bits. */
  readonly id?: string
  readonly destination?: IpAddress
  readonly source?: IpAddress
  readonly tos?: RtId
  readonly ttl?: number
  readonly flags?: number
}

/** An IPv6 tunnel. */
export interface Ip6Encapsulation {
  readonly type: 'ip6'
  /** Decimal digits of a number of 64 bits. */
  readonly id?: string
  readonly destination?: IpAddress
  readonly source?: IpAddress
  readonly trafficClass?: RtId
  readonly hopLimit?: number
  readonly flags?: number
}

/** A stack of MPLS labels, the outermost first. */
export interface MplsEncapsulation {
  readonly type: 'mpls'
  readonly labels: readonly number[]
}

/** An identifier locator of 64 bits: four groups of hexadecimal digits. */
export interface IlaEncapsulation {
  readonly type: 'ila'
  readonly locator: string
}

type Draft<T> = {-readonly [Field in keyof T]: T[Field]}

const addresses = (family: IpFamily) => ({
  form: 'ADDRESS',
  take: (line: LineReader, option: Word) => readAddress(line, option, family),
})

const field4 = fieldsOf<Draft<IpEncapsulation>>()
const IP_OPTIONS: readonly LineOption<Draft<IpEncapsulation>>[] = [
  field4('id', {words: ['id'], doc: 'key of the tunnel', ...NUMBERS_64}),
  field4('destination', {words: ['dst'], doc: 'far end of the tunnel', ...addresses(4)}),
  field4('source', {words: ['src'], doc: 'near end of the tunnel', ...addresses(4)}),
  field4('tos', {words: ['tos'], doc: 'differentiated services field of the outer header', ...rtIds('dsfield')}),
  field4('ttl', {words: ['ttl'], doc: 'TTL of the outer header', ...numbers(255)}),
  field4('flags', {words: ['flags'], doc: 'flags of the tunnel', ...numbers(0xffff)}),
]

const field6 = fieldsOf<Draft<Ip6Encapsulation>>()
const IP6_OPTIONS: readonly LineOption<Draft<Ip6Encapsulation>>[] = [
  field6('id', {words: ['id'], doc: 'key of the tunnel', ...NUMBERS_64}),
  field6('destination', {words: ['dst'], doc: 'far end of the tunnel', ...addresses(6)}),
  field6('source', {words: ['src'], doc: 'near end of the tunnel', ...addresses(6)}),
  field6('trafficClass', {words: ['tc'], doc: 'traffic class of the outer header', ...rtIds('dsfield')}),
  field6('hopLimit', {words: ['hoplimit'], doc: 'hop limit of the outer header', ...numbers(255)}),
  field6('flags', {words: ['flags'], doc: 'flags of the tunnel', ...numbers(0xffff)}),
]

/** What follows `encap`. */
export const ENCAPSULATION_FORM = [
  `ip ${formOf(IP_OPTIONS)}`,
  `ip6 ${formOf(IP6_OPTIONS)}`,
  'mpls LABEL[/LABEL]',
  'ila LOCATOR',
].join(' | ')

/** Reads what follows `encap`. */
export function readEncapsulation(line: LineReader, encap: Word): Encapsulation | Refused {
  const type = line.value(encap, 'ip|ip6|mpls|ila …')
  if (type === REFUSED) return REFUSED
  switch (type.text) {
    case 'ip':
      return readTunnel<IpEncapsulation>(line, type, {type: 'ip'}, IP_OPTIONS)
    case 'ip6':
      return readTunnel<Ip6Encapsulation>(line, type, {type: 'ip6'}, IP6_OPTIONS)
    case 'mpls':
      return readMpls(line, type)
    case 'ila':
      return readIla(line, type)
    default:
      return line.refuse(type, `${line.show(type)} is no kind of encapsulation`, 'ip, ip6, mpls or ila')
  }
}

/** The words after `encap`. */
export function writtenEncapsulation(encapsulation: Encapsulation): string {
  switch (encapsulation.type) {
    case 'ip':
      return ['ip', ...printOptions(IP_OPTIONS, encapsulation)].join(' ')
    case 'ip6':
      return ['ip6', ...printOptions(IP6_OPTIONS, encapsulation)].join(' ')
    case 'mpls':
      return `mpls ${encapsulation.labels.join('/')}`
    case 'ila':
      return `ila ${encapsulation.locator}`
  }
}

function readTunnel<T extends IpEncapsulation | Ip6Encapsulation>(
  line: LineReader,
  type: Word,
  draft: Draft<T>,
  options: readonly LineOption<Draft<T>>[],
): T | Refused {
  const index = optionIndex(options)
  for (let word = line.peek(); word; word = line.peek()) {
    const option = index.get(word.text)
    if (!option) break
    line.next()
    if (option.read(line, draft, word) === REFUSED) return REFUSED
  }
  if (draft.id !== undefined || draft.destination !== undefined) return draft
  return line.refuse(type, `encap ${type.text} has neither dst nor id`, `encap ${type.text} dst ADDRESS`)
}

/** keepalived takes no more. */
const MAX_LABELS = 2
const MAX_LABEL = 0xf_ffff

function readMpls(line: LineReader, type: Word): MplsEncapsulation | Refused {
  const given = line.value(type, 'LABEL[/LABEL]')
  if (given === REFUSED) return REFUSED
  const labels = given.text.split('/').map(readInteger)
  const hint = `one label or two, each 0 to ${MAX_LABEL}: 100/200`
  if (labels.length > MAX_LABELS) return line.refuse(given, `${line.show(given)} has too many labels`, hint)
  const known = labels.flatMap(label => (label !== undefined && label <= MAX_LABEL ? [label] : []))
  if (known.length === labels.length) return {type: 'mpls', labels: known}
  return line.refuse(given, `${line.show(given)} is not a stack of labels`, hint)
}

function readIla(line: LineReader, type: Word): IlaEncapsulation | Refused {
  const given = line.value(type, 'LOCATOR')
  if (given === REFUSED) return REFUSED
  const groups = given.text.trim().split(':')
  if (groups.length === 4 && groups.every(group => /^0*[0-9a-f]{1,4}$/i.test(group))) {
    return {type: 'ila', locator: groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}
  }
  return line.refuse(given, `${line.show(given)} is not a locator`, 'four groups of hexadecimal digits: 1:2:3:4')
}
