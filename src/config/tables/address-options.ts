import {type IpAddress, ipFamily, parseIp} from '../../core/ip.ts'
import type {VipConfig, VipFlag} from '../config.ts'
import {REFUSED} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {readPrefix, writtenPrefix} from './ip-prefix.ts'
import {correctedPrefix, DEVICE, type LineOption} from './line-options.ts'
import {readRtId, writtenRtId} from './rt-names.ts'

/** An address while its line is read. */
export interface AddressDraft extends Draft<Omit<VipConfig, 'broadcast'>> {
  /** The word is that of the option. */
  broadcast?: {readonly value: NonNullable<VipConfig['broadcast']>; readonly word: Word | undefined}
}
type Draft<T> = {-readonly [Field in keyof T]: T[Field]}
type AddressOption = LineOption<AddressDraft>

const LONGEST_LABEL = 15
const UINT32 = 0xffff_ffff

const BROADCAST: AddressOption = {
  words: ['brd', 'broadcast'],
  form: 'ADDRESS|+|-',
  doc: 'broadcast address; + has all host bits set, - has none (IPv4)',
  read: (line, draft, option) => {
    const given = line.value(option, BROADCAST.form)
    if (given === REFUSED) return REFUSED
    if (ipFamily(draft.address) === 6) {
      return line.refuse(option, 'an IPv6 address has no broadcast address', `remove ${option.text}`)
    }
    const value = readBroadcast(given.text)
    if (value === undefined) {
      return line.refuse(given, `${line.show(given)} is not a broadcast address`, 'an IPv4 address, + or -')
    }
    draft.broadcast = {value, word: option}
    return undefined
  },
  print: ({broadcast}) => broadcast && `brd ${broadcast.value}`,
}

function readBroadcast(text: string): '+' | '-' | IpAddress | undefined {
  if (text === '+' || text === '-') return text
  const address = parseIp(text)
  return address.ok && ipFamily(address.value) === 4 ? address.value : undefined
}

const SCOPE: AddressOption = {
  words: ['scope'],
  form: 'SCOPE',
  doc: 'how far it is valid (IPv4): global, site, link, host, nowhere or 0 to 255',
  read: (line, draft, option) => {
    const given = line.value(option, SCOPE.form)
    if (given === REFUSED) return REFUSED
    const scope = readRtId('scope', given.text)
    const hint = 'global, site, link, host, nowhere or 0 to 255'
    if (ipFamily(draft.address) === 6) line.correct(option, 'scope is only for IPv4; it is ignored', 'remove it')
    else if (typeof scope === 'number') draft.scope = scope
    else line.correct(given, `${line.show(given)} is not a scope; none is set`, hint)
    return undefined
  },
  print: ({scope}) => (scope === undefined ? undefined : `scope ${writtenRtId('scope', scope)}`),
}

const LABEL: AddressOption = {
  words: ['label'],
  form: 'LABEL',
  doc: 'its name in the style of an alias (IPv4), such as eth0:1',
  read: (line, draft, option) => {
    const given = line.value(option, LABEL.form)
    if (given === REFUSED) return REFUSED
    if (ipFamily(draft.address) === 6) {
      line.correct(option, 'label is only for IPv4; it is ignored', 'remove it')
    } else if (Buffer.byteLength(given.text) > LONGEST_LABEL) {
      return line.refuse(given, `the label ${line.show(given)} is too long`, `${LONGEST_LABEL} bytes at most`)
    } else draft.label = given.text
    return undefined
  },
  print: ({label}) => (label === undefined ? undefined : `label ${writtenWord(label)}`),
}

const PEER: AddressOption = {
  words: ['peer'],
  form: 'ADDRESS[/LENGTH]',
  doc: 'address of the other end of a point-to-point link',
  repeats: true,
  read: (line, draft, option) => {
    const given = line.value(option, PEER.form)
    if (given === REFUSED) return REFUSED
    const family = ipFamily(draft.address)
    const prefix = readPrefix(given.text)
    if (draft.peer) line.correct(option, 'peer is given again; the first counts')
    else if (!prefix || ipFamily(prefix.address) !== family) {
      line.correct(given, `${line.show(given)} is not an IPv${family} address; peer is ignored`, `peer ${PEER.form}`)
    } else {
      draft.peer = correctedPrefix(line, given, prefix)
      const all = family === 4 ? 32 : 128
      if (draft.prefixLength !== all) {
        const message = `an address with a peer has no length of its own; /${draft.prefixLength} is ignored`
        line.correct(option, message, `peer ${given.text}, without a length before it`)
        draft.prefixLength = all
      }
    }
    return undefined
  },
  print: ({peer}) => peer && `peer ${writtenPrefix(peer)}`,
}

const LIFETIME: AddressOption = {
  words: ['preferred_lft'],
  form: `forever|0..${UINT32}`,
  doc: 'seconds for which it is preferred (IPv6); 0 for addresses of length 128, or else forever, unless given',
  read: (line, draft, option) => {
    const given = line.value(option, LIFETIME.form)
    if (given === REFUSED) return REFUSED
    const seconds = /^\+?\d{1,12}$/.test(given.text) ? Number(given.text) : UINT32 + 1
    if (given.text === 'forever') draft.preferredLifetime = 'forever'
    else if (seconds <= UINT32) draft.preferredLifetime = seconds
    else
      line.correct(given, `${line.show(given)} is not a lifetime; it is ignored`, `forever, or 0 to ${UINT32} seconds`)
    return undefined
  },
  print: ({preferredLifetime: given}) => (given === undefined ? undefined : `preferred_lft ${given}`),
}

/** One order, whatever that of the text is. */
const FLAG_ORDER: readonly VipFlag[] = [
  'home',
  '-nodad',
  'mngtmpaddr',
  'noprefixroute',
  'autojoin',
  'no_track',
  'use_vmac',
]

/** An option that stands alone; some have an effect on IPv6 only. */
function flag(word: VipFlag, doc: string, only6 = false): AddressOption {
  return {
    words: [word],
    form: '',
    doc: only6 ? `${doc} (IPv6)` : doc,
    read: (line, draft, option) => {
      if (only6 && ipFamily(draft.address) === 4) line.warn(option, `${word} has no effect on an IPv4 address`)
      draft.flags = FLAG_ORDER.filter(other => other === word || draft.flags?.includes(other))
      return undefined
    },
    print: ({flags}) => (flags?.includes(word) ? word : undefined),
  }
}

const DEV: AddressOption = {
  words: ['dev'],
  form: DEVICE.form,
  doc: 'interface to set it on',
  repeats: true,
  read: (line, draft, option) => {
    if (draft.device !== undefined) return line.refuse(option, 'dev is given twice', 'name one interface')
    const device = DEVICE.take(line, option)
    if (device === REFUSED) return REFUSED
    draft.device = device
    return undefined
  },
  print: ({device}) => (device === undefined ? undefined : `dev ${DEVICE.write(device)}`),
}

/** The options of every address, in the order in which they are written. */
export const ADDRESS_OPTIONS: readonly AddressOption[] = [
  DEV,
  SCOPE,
  BROADCAST,
  LABEL,
  PEER,
  flag('home', 'the home address of a mobile node', true),
  flag('-nodad', 'look for duplicates before it is used', true),
  flag('mngtmpaddr', 'make temporary addresses after it', true),
  flag('noprefixroute', 'add no route to its network'),
  flag('autojoin', 'join the multicast group that it is'),
  flag('no_track', 'its loss is ignored'),
  LIFETIME,
]

/** What only virtual addresses have. */
export const USE_VMAC = flag('use_vmac', 'set it on a virtual interface above that of dev')
