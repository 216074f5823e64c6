import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, type IpFamily, ipFamily, ipToBytes, parseIp} from '../ip.ts'
import {MAX_TIMEOUT_SECONDS, MAX_WEIGHT} from '../ipvs/faults.ts'
import type {ForwardingMethod, ServiceId, SyncRole, Tunnel} from '../ipvs/model.ts'
import {MAX_MARK} from '../ipvs/names.ts'
import {shown} from '../ipvs/shown.ts'
import type {OptionDetail, OptionName} from './options.ts'
import {inetAton, leadingNumber, type NameLookup, readAddressPort, wholeNumber} from './values.ts'

/** What a command line said so far, each option in the order of the line: some depend on those before them. */
export interface Draft {
  readonly given: Set<OptionName>
  family: IpFamily
  id: ServiceId | undefined
  scheduler: string
  /** As given, with commas. */
  flagNames: string
  persistentSeconds: number | undefined
  /** A mask of IPv4, or the length of a prefix of IPv6. */
  netmask: IpAddress | number | undefined
  engine: string
  real: {readonly address: IpAddress; readonly port: number | undefined} | undefined
  method: ForwardingMethod
  weight: number
  upperThreshold: number
  lowerThreshold: number
  tunnel: Tunnel
  role: SyncRole | undefined
  interface: string
  syncId: number
  maxLengthBytes: number | undefined
  group: IpAddress | undefined
  port: number | undefined
  ttl: number | undefined
}

/** What is wrong with the value of an option. */
export interface ValueFailure {
  /** In the words of ipvsadm(8). */
  readonly message: string
  /** Which argument, what was given, what is permitted. */
  readonly explanation: string
}

/** Of what a host's name cannot be answered for yet. */
export interface Unasked {
  readonly unasked: string
}

/** A command line that said nothing so far: the defaults of ipvsadm(8). */
export const emptyDraft = (): Draft => ({
  given: new Set(),
  family: 4,
  id: undefined,
  scheduler: '',
  flagNames: '',
  persistentSeconds: undefined,
  netmask: undefined,
  engine: '',
  real: undefined,
  method: 'dr',
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  tunnel: {type: 'ipip', port: 0, checksum: 'nocsum'},
  role: undefined,
  interface: '',
  syncId: 0,
  maxLengthBytes: undefined,
  group: undefined,
  port: undefined,
  ttl: undefined,
})

/** Puts one option into the draft; undefined: it is sound. */
export function takeOption(
  draft: Draft,
  {option, detail, value}: {readonly option: OptionName; readonly detail?: OptionDetail; readonly value: string},
  names: NameLookup,
): ValueFailure | Unasked | undefined {
  switch (option) {
    case 'service-address':
      return detail === 'fwmark' ? takeMark(draft, value) : takeService(draft, {value, protocol: detail, names})
    case 'real-server':
      return takeReal(draft, value, names)
    case 'scheduler':
      draft.scheduler = value.slice(0, MAX_MODULE_NAME)
      return undefined
    case 'pe':
      draft.engine = value.slice(0, MAX_MODULE_NAME)
      return undefined
    case 'sched-flags':
      draft.flagNames = value
      return undefined
    case 'netmask':
      return takeNetmask(draft, value)
    case 'forwarding-method':
      draft.method = detail === 'nat' || detail === 'tun' ? detail : 'dr'
      return undefined
    case 'tun-type':
      return takeTunnelType(draft, value)
    case 'tun-nocsum':
    case 'tun-csum':
    case 'tun-remcsum':
      draft.tunnel = {
        ...draft.tunnel,
        checksum: option === 'tun-csum' ? 'csum' : option === 'tun-nocsum' ? 'nocsum' : 'remcsum',
      }
      return undefined
    case 'mcast-interface':
      draft.interface = value.slice(0, MAX_INTERFACE_NAME)
      return undefined
    case 'mcast-group':
      return takeGroup(draft, value)
    default:
      return takeNumber(draft, option, value)
  }
}

/** What `-p` says; without a value ipvsadm 1.31 takes 360 seconds, whatever its manual says. */
export function takePersistent(draft: Draft, value: string | undefined): ValueFailure | undefined {
  const seconds = value === undefined ? DEFAULT_PERSISTENT_SECONDS : readTimeout(value, 1)
  if (typeof seconds !== 'number') return seconds
  draft.persistentSeconds = seconds
  return undefined
}

/** `-6`: the mark before it is one for packets of IPv6. */
export function takeIpv6(draft: Draft): ValueFailure | undefined {
  if (draft.id?.type !== 'fwmark') {
    return {message: '-6 used before -f\n', explanation: 'option -6 is not permitted here: it stands behind -f MARK'}
  }
  draft.id = {...draft.id, family: 6}
  draft.family = 6
  draft.netmask = undefined
  return undefined
}

/** Reads a time of `-p` or `--set` in seconds, which ipvsadm(8) bounds to 31 days. */
export function readTimeout(value: string, least: number): number | ValueFailure {
  return (
    wholeNumber(value, least, MAX_TIMEOUT_SECONDS) ??
    wrong(`invalid timeout value \`${value}' specified`, {
      what: 'timeout',
      value,
      permitted: `${least} to ${MAX_TIMEOUT_SECONDS} seconds`,
    })
  )
}

/** The length of the prefix that an IPv4 mask is; a mask with gaps is refused. */
export function prefixOfMask(mask: IpAddress): Decoded<number, 'gaps'> {
  const hostBits = ~ipToBytes(mask).readUInt32BE(0) >>> 0
  return (hostBits & (hostBits + 1)) === 0 ? decoded(Math.clz32(hostBits)) : rejected('gaps')
}

/** IP_VS_SCHEDNAME_MAXLEN and IP_VS_PENAME_MAXLEN without the zero; more is cut off. <linux/ip_vs.h> */
const MAX_MODULE_NAME = 15
/** IP_VS_IFNAME_MAXLEN without the zero; more is cut off. <linux/ip_vs.h> */
const MAX_INTERFACE_NAME = 15
const DEFAULT_PERSISTENT_SECONDS = 360
const MAX_INT = 0x7fff_ffff

function wrong(
  message: string,
  {what, value, permitted}: {readonly what: string; readonly value: string; readonly permitted: string},
): ValueFailure {
  return {message, explanation: `${what} ${shown(value)} is not permitted: ${permitted}`}
}

function takeService(
  draft: Draft,
  {
    value,
    protocol,
    names,
  }: {readonly value: string; readonly protocol: OptionDetail | undefined; readonly names: NameLookup},
): ValueFailure | Unasked | undefined {
  const known = protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp'
  const read = readAddressPort(value, known, names)
  if (!read.ok) {
    if (read.unasked !== undefined) return {unasked: read.unasked}
    const permitted = 'ADDRESS:PORT, IPv6 in brackets, port 0 to 65535'
    return wrong('illegal virtual server address[:port] specified', {what: 'service', value, permitted})
  }
  const {address, port = 0} = read
  draft.id = {type: 'address', protocol: known, address, port}
  draft.family = ipFamily(address)
  if (draft.family === 6) draft.netmask = undefined
  return undefined
}

function takeMark(draft: Draft, value: string): ValueFailure | undefined {
  const mark = wholeNumber(value, 1, MAX_MARK)
  if (mark === undefined) {
    return wrong(`invalid fwmark value \`${value}' specified`, {what: 'mark', value, permitted: `1 to ${MAX_MARK}`})
  }
  draft.id = {type: 'fwmark', mark, family: 4}
  return undefined
}

function takeReal(draft: Draft, value: string, names: NameLookup): ValueFailure | Unasked | undefined {
  const {id} = draft
  const read = readAddressPort(value, id?.type === 'address' ? id.protocol : 'tcp', names)
  if (read.ok) {
    draft.real = read
    return undefined
  }
  if (read.unasked !== undefined) return {unasked: read.unasked}
  const permitted = 'ADDRESS:PORT or an IPv4 ADDRESS, IPv6 in brackets, port 0 to 65535'
  return wrong('illegal real server address[:port] specified', {what: 'real server', value, permitted})
}

function takeNetmask(draft: Draft, value: string): ValueFailure | undefined {
  if (draft.family === 6) {
    const length = leadingNumber(value)
    if (!(length >= 1 && length <= 128)) {
      return wrong('illegal ipv6 netmask specified', {what: 'netmask', value, permitted: '1 to 128 for IPv6'})
    }
    draft.netmask = length
    return undefined
  }
  const mask = inetAton(value)
  if (mask === undefined) {
    const permitted = '0.0.0.0 to 255.255.255.255 without gaps'
    return wrong('illegal virtual server persistent mask specified', {what: 'netmask', value, permitted})
  }
  draft.netmask = mask
  return undefined
}

function takeTunnelType(draft: Draft, value: string): ValueFailure | undefined {
  if (value !== 'ipip' && value !== 'gue' && value !== 'gre') {
    return wrong('illegal tunnel type specified', {what: 'tunnel type', value, permitted: 'ipip, gue or gre'})
  }
  draft.tunnel = {...draft.tunnel, type: value}
  return undefined
}

function takeGroup(draft: Draft, value: string): ValueFailure | undefined {
  const read = parseIp(value)
  const [first = 0] = read.ok ? ipToBytes(read.value) : []
  if (read.ok && (ipFamily(read.value) === 6 ? first === 0xff : first >> 4 === 0xe)) {
    draft.group = read.value
    return undefined
  }
  const family = value.includes(':') ? 'IPv6' : 'IPv4'
  const permitted = 'the address of a multicast group, such as 224.0.0.81 or ff02::51'
  return wrong(`invalid ${family} mcast-group \`${value}'`, {what: 'group', value, permitted})
}

/** Options with a number, what ipvsadm(8) says of a wrong one, and their bounds. */
const NUMBERS = {
  weight: ['illegal weight specified', 0, MAX_WEIGHT, 'weight'],
  'u-threshold': ['illegal u_threshold specified', 0, MAX_INT, 'upperThreshold'],
  'l-threshold': ['illegal l_threshold specified', 0, MAX_INT, 'lowerThreshold'],
  syncid: ['illegal syncid specified', 0, 255, 'syncId'],
  'sync-maxlen': ['illegal sync-maxlen specified', 1, 65_507, 'maxLengthBytes'],
  'mcast-port': ['illegal mcast-port specified', 1, 65_535, 'port'],
  'mcast-ttl': ['illegal mcast-ttl specified', 1, 255, 'ttl'],
} as const

function takeNumber(draft: Draft, option: OptionName, value: string): ValueFailure | undefined {
  if (option === 'tun-port') {
    const port = wholeNumber(value, 1, 65_535)
    if (port === undefined) {
      return wrong('illegal tunnel port specified', {what: 'tunnel port', value, permitted: '1 to 65535'})
    }
    draft.tunnel = {...draft.tunnel, port}
    return undefined
  }
  if (!isNumberOption(option)) return undefined
  const [message, least, most, field] = NUMBERS[option]
  const number = wholeNumber(value, least, most)
  if (number === undefined) return wrong(message, {what: option, value, permitted: `${least} to ${most}`})
  draft[field] = number
  return undefined
}

const isNumberOption = (option: OptionName): option is keyof typeof NUMBERS => Object.hasOwn(NUMBERS, option)
