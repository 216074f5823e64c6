import {ipFamily} from '../../core/ip.ts'
import {REFUSED, type Refused} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {readPrefix, writtenPrefix} from './ip-prefix.ts'
import {
  correctedPrefix,
  DEVICE,
  FLAG,
  fieldsOf,
  type LineOption,
  type LineReader,
  NUMBERS_64,
  numbers,
  rtIds,
} from './line-options.ts'
import {agree, REALMS} from './route-nexthop.ts'
import {familyOption} from './route-options.ts'
import {IP_PROTOCOLS, readInteger, readRouteType} from './rt-names.ts'
import type {FirewallMark, NumberRange, RuleAction, RuleDraft} from './virtual-rule.ts'

type RuleOption = LineOption<RuleDraft>
const UINT32 = 0xffff_ffff

/** `from` and `to`; `default` is no condition, and `default6` only tells the family. */
function selector(field: 'from' | 'to', doc: string): RuleOption {
  return {
    words: [field],
    form: 'PREFIX|default|default6',
    doc,
    read: (line, draft, option) => {
      const given = line.value(option, 'PREFIX')
      if (given === REFUSED) return REFUSED
      delete draft[field]
      if (['default', 'any', 'all'].includes(given.text)) return undefined
      if (given.text === 'default6') return agree(line, draft, 6, given)
      const prefix = readPrefix(given.text)
      if (!prefix) return line.refuse(given, `${line.show(given)} is not a prefix`, `${field} 192.0.2.0/24`)
      if (agree(line, draft, ipFamily(prefix.address), given) === REFUSED) return REFUSED
      draft[field] = correctedPrefix(line, given, prefix)
      return undefined
    },
    print: draft => {
      const prefix = draft[field]
      return prefix && `${field} ${writtenPrefix(prefix)}`
    },
  }
}

/** Gives the rule what it does, if it has nothing to do yet. */
function act(line: LineReader, draft: RuleDraft, action: RuleAction, word: Word): undefined | Refused {
  if (draft.action) {
    const hint = 'one of table, goto, nop, blackhole, unreachable, prohibit and l3mdev'
    return line.refuse(word, `${line.show(word)} is a second thing to do`, hint)
  }
  draft.action = action
  return undefined
}

const TABLE: RuleOption = {
  words: ['table', 'lookup'],
  form: 'TABLE',
  doc: 'look the destination up in this routing table',
  read: (line, draft, option) => {
    const table = rtIds('table').take(line, option)
    if (table === REFUSED) return REFUSED
    if (table === 0) return line.refuse(option, 'there is no table 0', 'main, or 1 to 4294967295')
    return act(line, draft, {type: 'table', table}, option)
  },
  print: ({action}) => (action?.type === 'table' ? `table ${rtIds('table').write(action.table)}` : undefined),
}

const GOTO: RuleOption = {
  words: ['goto'],
  form: `0..${UINT32}`,
  doc: 'go on with the rule of that preference',
  read: (line, draft, option) => {
    const target = numbers(UINT32).take(line, option)
    return target === REFUSED ? REFUSED : act(line, draft, {type: 'goto', target}, option)
  },
  print: ({action}) => (action?.type === 'goto' ? `goto ${action.target}` : undefined),
}

const PLAIN_ACTIONS = ['blackhole', 'unreachable', 'prohibit', 'nop', 'l3mdev'] as const

/** Reads `blackhole` and the like; types of routes may be numbers. */
function plainAction(text: string): RuleAction | undefined {
  const name = readRouteType(text) ?? text
  const type = PLAIN_ACTIONS.find(action => action === name)
  return type && {type}
}

const PLAIN: RuleOption = {
  words: PLAIN_ACTIONS,
  form: '',
  doc: 'drop the packet, without or with an answer; do nothing; look into the table of the VRF',
  repeats: true,
  read: (line, draft, option) => act(line, draft, plainAction(option.text) ?? {type: 'nop'}, option),
  print: ({action}) => PLAIN_ACTIONS.find(type => type === action?.type),
}

const TYPE: RuleOption = {
  words: ['type'],
  form: 'blackhole|unreachable|prohibit|nop|goto NUMBER',
  doc: 'may stand before what to do',
  repeats: true,
  read: (line, draft, option) => {
    const given = line.value(option, 'blackhole|unreachable|prohibit|nop|goto NUMBER')
    if (given === REFUSED) return REFUSED
    if (given.text === 'goto') return GOTO.read(line, draft, given)
    const action = given.text === 'l3mdev' ? undefined : plainAction(given.text)
    if (action) return act(line, draft, action, given)
    return line.refuse(
      given,
      `${line.show(given)} is no type of a rule`,
      'blackhole, unreachable, prohibit, nop or goto',
    )
  },
  print: () => undefined,
}

const MARK = {
  form: `0..${UINT32}[/MASK]`,
  take: (line: LineReader, option: Word): FirewallMark | Refused => {
    const given = line.value(option, MARK.form)
    if (given === REFUSED) return REFUSED
    const [markText = '', maskText, more] = given.text.split('/')
    const mark = readInteger(markText)
    const mask = maskText === undefined ? undefined : (readInteger(maskText) ?? UINT32 + 1)
    if (mark !== undefined && mark <= UINT32 && (mask ?? 0) <= UINT32 && more === undefined) {
      return mask === undefined ? {mark} : {mark, mask}
    }
    return line.refuse(given, `${line.show(given)} is not a mark`, `fwmark ${MARK.form}, such as 0x10/0xff`)
  },
  write: ({mark, mask}: FirewallMark) => (mask === undefined ? String(mark) : `${mark}/${mask}`),
}

const UID_RANGE = {
  form: 'UID-UID',
  take: (line: LineReader, option: Word): NumberRange | Refused => {
    const given = line.value(option, UID_RANGE.form)
    if (given === REFUSED) return REFUSED
    const range = readRange(given.text, UINT32)
    if (!range) return line.refuse(given, `${line.show(given)} is no range of users`, 'uidrange 1000-1999')
    warnBackwards(line, given, range)
    return range
  },
  write: ({start, end}: NumberRange) => `${start}-${end}`,
}

function readRange(text: string, max: number): NumberRange | undefined {
  const match = /^\+?(\d{1,10})-\+?(\d{1,10})$/.exec(text)
  const [start, end] = [Number(match?.[1]), Number(match?.[2])]
  return match && start <= max && end <= max ? {start, end} : undefined
}

function warnBackwards(line: LineReader, given: Word, {start, end}: NumberRange): void {
  if (start > end) line.warn(given, `the kernel refuses such a rule: ${line.show(given)} runs backwards`)
}

/** A range of ports; what is none is skipped, a single port too, so that the rule holds for all ports. */
function portRange(word: 'sport' | 'dport', field: 'sourcePorts' | 'destinationPorts', doc: string): RuleOption {
  return {
    words: [word],
    form: '1..65535-1..65535',
    doc,
    read: (line, draft, option) => {
      const given = line.value(option, 'PORT-PORT')
      if (given === REFUSED) return REFUSED
      const range = readRange(given.text, 0xffff)
      if (!range) {
        const single = /^\d{1,5}$/.test(given.text)
        const hint = single ? `write ${word} ${given.text}-${given.text}` : `${word} 80-90`
        line.correct(given, `${line.show(given)} is no range of ports; the rule holds for all ports`, hint)
        return undefined
      }
      warnBackwards(line, given, range)
      if (range.start === 0) line.warn(given, 'the kernel refuses such a rule: there is no port 0')
      draft[field] = range
      return undefined
    },
    print: draft => {
      const range = draft[field]
      return range && `${word} ${range.start}-${range.end}`
    },
  }
}

const IP_PROTOCOL: RuleOption = {
  words: ['ipproto'],
  form: 'PROTOCOL|0..255',
  doc: 'only for packets of this protocol over IP, such as tcp',
  read: (line, draft, option) => {
    const given = line.value(option, 'tcp')
    if (given === REFUSED) return REFUSED
    const number = IP_PROTOCOLS.get(given.text.toLowerCase()) ?? readInteger(given.text)
    if (number !== undefined && number <= 255) draft.ipProtocol = number
    else line.correct(given, `${line.show(given)} is no protocol; the rule holds for all`, 'such as tcp, udp or 6')
    return undefined
  },
  print: ({ipProtocol: number}) => (number === undefined ? undefined : `ipproto ${number}`),
}

const PROTOCOL: RuleOption = {
  words: ['protocol'],
  form: '0..255',
  doc: 'who made it; 18 unless given, and always 18 while it is tracked',
  read: (line, draft, option) => {
    const given = line.value(option, '0..255')
    if (given === REFUSED) return REFUSED
    const number = /^\+?\d{1,9}$/.test(given.text) ? Number(given.text) : 256
    if (number <= 255) draft.protocol = {number, word: option}
    else line.correct(given, `${line.show(given)} is not permitted; protocol is ignored`, 'a number, 0 to 255')
    return undefined
  },
  print: ({protocol, noTrack}) => (protocol && noTrack ? `protocol ${protocol.number}` : undefined),
}

const field = fieldsOf<RuleDraft>()

/** The options of a rule, in the order in which they are written. */
export const RULE_OPTIONS: readonly RuleOption[] = [
  field('invert', {words: ['not'], doc: 'for all packets but these', ...FLAG}),
  selector('from', 'only for packets from there'),
  selector('to', 'only for packets to there'),
  field('device', {words: ['iif', 'dev'], doc: 'only for packets that came through this interface', ...DEVICE}),
  field('outDevice', {words: ['oif'], doc: 'only for packets of programs bound to this interface', ...DEVICE}),
  field('tos', {words: ['tos', 'dsfield'], doc: 'only for packets with this field', ...rtIds('dsfield')}),
  field('mark', {words: ['fwmark'], doc: 'only for packets with this mark', ...MARK}),
  field('tunnelId', {words: ['tunnel-id'], doc: 'only for packets of this tunnel', ...NUMBERS_64}),
  field('userIds', {words: ['uidrange'], doc: 'only for packets of these users', ...UID_RANGE}),
  IP_PROTOCOL,
  portRange('sport', 'sourcePorts', 'only for packets from these ports'),
  portRange('dport', 'destinationPorts', 'only for packets to these ports'),
  TABLE,
  GOTO,
  PLAIN,
  TYPE,
  field('realms', {words: ['realms'], doc: 'realms of its packets (IPv4), with table only', ...REALMS}),
  field('suppressPrefixLength', {
    words: ['suppress_prefixlength', 'sup_pl'],
    doc: 'leave out routes of this prefix length or less, with table only',
    ...numbers(0x7fff_ffff),
  }),
  field('suppressGroup', {
    words: ['suppress_ifgroup', 'sup_group'],
    doc: 'leave out routes through interfaces of this group, with table only',
    ...rtIds('group'),
  }),
  field('preference', {
    words: ['preference', 'order', 'priority'],
    doc: 'rules are looked at from the lowest to the highest',
    ...numbers(UINT32, 'any-base'),
  }),
  PROTOCOL,
  field('noTrack', {words: ['no_track'], doc: 'its loss is ignored, and it may have another protocol', ...FLAG}),
  familyOption('inet'),
  familyOption('inet6'),
]
