import type {IpAddress, IpFamily} from '../../core/ip.ts'
import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {type LineReader, MAX_64, readAddress, readNumber, readNumber64, readRt} from './line-options.ts'
import {type RtId, readInteger, writtenRtId} from './rt-names.ts'

/** What packets of a route are put into on their way: `encap` of ip-route(8), LWTUNNEL_ENCAP_* of <linux/lwtunnel.h>. */
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

/** What follows `encap`. */
export const ENCAPSULATION_FORM =
  `ip [id ${MAX_64}] [dst ADDRESS] [src ADDRESS] [tos DSFIELD] [ttl 0..255] [flags 0..65535] | ` +
  `ip6 [id ${MAX_64}] [dst ADDRESS] [src ADDRESS] [tc DSFIELD] [hoplimit 0..255] [flags 0..65535] | ` +
  'mpls LABEL[/LABEL] | ila LOCATOR'

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
      return writtenTunnel(encapsulation, IP_OPTIONS)
    case 'ip6':
      return writtenTunnel(encapsulation, IP6_OPTIONS)
    case 'mpls':
      return `mpls ${encapsulation.labels.join('/')}`
    case 'ila':
      return `ila ${encapsulation.locator}`
  }
}

type Draft<T> = {-readonly [Field in keyof T]: T[Field]}
interface Tunnel {
  readonly type: 'ip' | 'ip6'
  readonly id?: string
  readonly destination?: IpAddress
}

/** An option of a tunnel: its word, and how it is read and written. */
interface TunnelOption<T> {
  readonly word: string
  read(line: LineReader, draft: Draft<T>, option: Word): void | Refused
  print(tunnel: T): string | number | undefined
}

const addressesOf = (family: IpFamily): readonly TunnelOption<IpEncapsulation | Ip6Encapsulation>[] => [
  {
    word: 'id',
    read: (line, draft, option) => {
      const id = readNumber64(line, option)
      if (id === REFUSED) return REFUSED
      draft.id = id
    },
    print: ({id}) => id,
  },
  {
    word: 'dst',
    read: (line, draft, option) => {
      const address = readAddress(line, option, family)
      if (address === REFUSED) return REFUSED
      draft.destination = address
    },
    print: ({destination}) => destination,
  },
  {
    word: 'src',
    read: (line, draft, option) => {
      const address = readAddress(line, option, family)
      if (address === REFUSED) return REFUSED
      draft.source = address
    },
    print: ({source}) => source,
  },
]

const FLAGS: TunnelOption<IpEncapsulation | Ip6Encapsulation> = {
  word: 'flags',
  read: (line, draft, option) => {
    const flags = readNumber(line, option, {max: 0xffff})
    if (flags === REFUSED) return REFUSED
    draft.flags = flags
  },
  print: ({flags}) => flags,
}

const IP_OPTIONS: readonly TunnelOption<IpEncapsulation>[] = [
  ...addressesOf(4),
  {
    word: 'tos',
    read: (line, draft, option) => {
      const tos = readRt(line, option, 'dsfield')
      if (tos === REFUSED) return REFUSED
      draft.tos = tos
    },
    print: ({tos}) => (tos === undefined ? undefined : writtenRtId('dsfield', tos)),
  },
  {
    word: 'ttl',
    read: (line, draft, option) => {
      const ttl = readNumber(line, option, {max: 255})
      if (ttl === REFUSED) return REFUSED
      draft.ttl = ttl
    },
    print: ({ttl}) => ttl,
  },
  FLAGS,
]

const IP6_OPTIONS: readonly TunnelOption<Ip6Encapsulation>[] = [
  ...addressesOf(6),
  {
    word: 'tc',
    read: (line, draft, option) => {
      const trafficClass = readRt(line, option, 'dsfield')
      if (trafficClass === REFUSED) return REFUSED
      draft.trafficClass = trafficClass
    },
    print: ({trafficClass}) => (trafficClass === undefined ? undefined : writtenRtId('dsfield', trafficClass)),
  },
  {
    word: 'hoplimit',
    read: (line, draft, option) => {
      const hopLimit = readNumber(line, option, {max: 255})
      if (hopLimit === REFUSED) return REFUSED
      draft.hopLimit = hopLimit
    },
    print: ({hopLimit}) => hopLimit,
  },
  FLAGS,
]

function readTunnel<T extends Tunnel>(
  line: LineReader,
  type: Word,
  draft: Draft<T>,
  options: readonly TunnelOption<T>[],
): T | Refused {
  for (let word = line.peek(); word; word = line.peek()) {
    const {text} = word
    const option = options.find(known => known.word === text)
    if (!option) break
    line.next()
    if (option.read(line, draft, word) === REFUSED) return REFUSED
  }
  if (draft.id !== undefined || draft.destination !== undefined) return draft
  return line.refuse(type, `encap ${type.text} has neither dst nor id`, `encap ${type.text} dst ADDRESS`)
}

function writtenTunnel<T extends Tunnel>(tunnel: T, options: readonly TunnelOption<T>[]): string {
  const words: string[] = [tunnel.type]
  for (const {word, print} of options) {
    const value = print(tunnel)
    if (value !== undefined) words.push(word, String(value))
  }
  return words.join(' ')
}

/** keepalived and the kernel agree on two labels only. */
const MAX_LABELS = 2
const MAX_LABEL = 0xf_ffff

function readMpls(line: LineReader, type: Word): MplsEncapsulation | Refused {
  const given = line.value(type, 'LABEL[/LABEL]')
  if (given === REFUSED) return REFUSED
  const labels = given.text.split('/').map(readInteger)
  const hint = `one label or two, each 0 to ${MAX_LABEL}: 100/200`
  if (labels.length > MAX_LABELS) return line.refuse(given, `${line.show(given)} has too many labels`, hint)
  if (labels.every(label => label !== undefined && label <= MAX_LABEL)) {
    return {type: 'mpls', labels: labels.map(label => label ?? 0)}
  }
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
