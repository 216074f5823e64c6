import {type IpAddress, ipFamily, ipToBytes, parseIp} from '../../core/ip.ts'
import {oneOf, readInterface} from '../schema/arguments.ts'
import {flag, setting, settings} from '../schema/entries.ts'
import {type Argument, type Cursor, type Entry, REFUSED, type Schema} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {renamed} from './deprecated.ts'
import {optional, optionNumber, optionValue} from './global-arguments.ts'

/** The IPVS sync daemon; what is undefined is what the kernel takes. */
export interface LvsSyncDaemon {
  readonly interface: string
  /** The virtual router whose state it follows; undefined: it is master and backup at once. */
  readonly instance: string | undefined
  /** Undefined: the VRID. */
  readonly syncId: number | undefined
  readonly maxLengthBytes: number | undefined
  readonly port: number | undefined
  readonly ttl: number | undefined
  readonly group: IpAddress | undefined
}

/** Times after which IPVS forgets connections; 0 or undefined: as it is. */
export interface LvsTimeouts {
  readonly tcpMs?: number
  readonly tcpFinMs?: number
  readonly udpMs?: number
}

/** IPVS in `global_defs`. */
export interface GlobalLvsSettings {
  readonly lvsTimeouts: LvsTimeouts
  readonly lvsFlush: boolean
  readonly lvsFlushOnStop: 'all' | 'VS' | undefined
  readonly lvsSyncDaemon: LvsSyncDaemon | undefined
}

const TIMEOUT_FIELDS = {tcp: 'tcpMs', tcpfin: 'tcpFinMs', udp: 'udpMs'} as const
const TIMEOUT_NAMES = ['tcp', 'tcpfin', 'udp'] as const
/** 31 days. */
const LONGEST_S = 2_678_400

const TIMEOUTS: Argument<LvsTimeouts> = {
  form: `tcp|tcpfin|udp 0..${LONGEST_S} seconds …`,
  read: cursor => {
    const timeouts: {tcpMs?: number; tcpFinMs?: number; udpMs?: number} = {}
    const first = cursor.require()
    if (first === REFUSED) return REFUSED
    for (let given: Word | undefined = first; given; given = cursor.next()) {
      const option: Word = given
      const name = TIMEOUT_NAMES.find(known => known === option.text)
      if (!name) {
        cursor.note('argument-invalid', option, `${cursor.show(option)} is no timeout`, 'tcp, tcpfin or udp')
        continue
      }
      const timeout = optionNumber(cursor, option, {min: 0, max: LONGEST_S})
      if (timeout !== undefined) timeouts[TIMEOUT_FIELDS[name]] = timeout * 1_000
    }
    return timeouts
  },
  print: timeouts => {
    const words = TIMEOUT_NAMES.flatMap(name => {
      const ms = timeouts[TIMEOUT_FIELDS[name]]
      return ms === undefined ? [] : [`${name} ${ms / 1_000}`]
    })
    return words.length === 0 ? undefined : words.join(' ')
  },
}

const TIMEOUTS_SETTING = setting('lvs_timeouts', TIMEOUTS, {
  initial: {} as LvsTimeouts,
  doc: 'times after which IPVS forgets idle connections; 0 leaves one as it is',
  defaultText: 'those of the kernel',
})

/** Several lines add up. */
const TIMEOUTS_ENTRY: Entry<LvsTimeouts> = {
  ...TIMEOUTS_SETTING,
  repeats: 'collects',
  read: (statement, previous, context) => {
    const timeouts = readArguments(statement, TIMEOUTS, context)
    return timeouts === REFUSED ? REFUSED : {...previous, ...timeouts}
  },
}

const OPTIONS = ['inst', 'id', 'maxlen', 'port', 'ttl', 'group'] as const
type Option = (typeof OPTIONS)[number]
type Mutable<T> = {-readonly [Field in keyof T]: T[Field]}

const SYNC_DAEMON: Argument<LvsSyncDaemon> = {
  form:
    'INTERFACE [[inst] INSTANCE] [id 0..255] [maxlen 1..65507] [port 1..65535] [ttl 1..255] ' +
    '[group MULTICAST-ADDRESS]',
  read: cursor => {
    const given = cursor.require()
    const device = given === REFUSED ? REFUSED : readInterface(cursor, given)
    if (device === REFUSED) return REFUSED
    const daemon = {...EMPTY_DAEMON, interface: device}
    readOldForm(cursor, daemon)
    for (let option = cursor.next(); option; option = cursor.next()) {
      const name = optionNamed(option)
      if (!name) {
        const hint = `options: ${OPTIONS.join(', ')}`
        cursor.note('argument-invalid', option, `${cursor.show(option)} is no option of lvs_sync_daemon`, hint)
      } else if (!readOption(cursor, option, name, daemon)) return REFUSED
    }
    return daemon
  },
  print: ({interface: device, instance, syncId, maxLengthBytes, port, ttl, group}) => {
    const options: readonly (readonly [Option, string | number | undefined])[] = [
      ['inst', instance === undefined ? undefined : writtenWord(instance)],
      ['id', syncId],
      ['maxlen', maxLengthBytes],
      ['port', port],
      ['ttl', ttl],
      ['group', group],
    ]
    const given = options.filter(([, value]) => value !== undefined)
    return [device, ...given.map(([name, value]) => `${name} ${value}`)].join(' ')
  },
}

const EMPTY_DAEMON: Omit<LvsSyncDaemon, 'interface'> = {
  instance: undefined,
  syncId: undefined,
  maxLengthBytes: undefined,
  port: undefined,
  ttl: undefined,
  group: undefined,
}

const optionNamed = ({text}: Word): Option | undefined => OPTIONS.find(option => option === text)

/** `INTERFACE INSTANCE [ID]`: an instance without `inst` is permitted, a number without `id` complained about. */
function readOldForm(cursor: Cursor, daemon: Mutable<LvsSyncDaemon>): void {
  const instance = cursor.peek()
  if (!instance || optionNamed(instance)) return
  cursor.next()
  daemon.instance = instance.text
  const id = cursor.peek()
  if (!id || optionNamed(id)) return
  cursor.note('argument-corrected', id, `${cursor.show(id)} lacks the word id before it`, 'id 0..255')
  daemon.syncId = optionNumber(cursor, id, {min: 0, max: 255})
}

/** False when the line has no effect. */
function readOption(cursor: Cursor, option: Word, name: Option, daemon: Mutable<LvsSyncDaemon>): boolean {
  if (name === 'inst') {
    const instance = cursor.require()
    if (instance === REFUSED) return false
    if (daemon.instance === undefined) daemon.instance = instance.text
    else cursor.note('argument-invalid', instance, `inst is given already as ${daemon.instance}; the first counts`)
  } else if (name === 'group') daemon.group = readGroup(cursor, option)
  else {
    const {field, min, max} = OPTION_NUMBERS[name]
    daemon[field] = optionNumber(cursor, option, {min, max})
  }
  return true
}

const OPTION_NUMBERS = {
  id: {field: 'syncId', min: 0, max: 255},
  maxlen: {field: 'maxLengthBytes', min: 1, max: 65_507},
  port: {field: 'port', min: 1, max: 65_535},
  ttl: {field: 'ttl', min: 1, max: 255},
} as const

function readGroup(cursor: Cursor, option: Word): IpAddress | undefined {
  const given = optionValue(cursor, option)
  if (!given) return undefined
  const parsed = parseIp(given.text)
  const [first = 0] = parsed.ok ? ipToBytes(parsed.value) : []
  if (parsed.ok && (ipFamily(parsed.value) === 4 ? first >> 4 === 0xe : first === 0xff)) return parsed.value
  const message = `${cursor.show(given)} is not the address of a multicast group; it is ignored`
  cursor.note('argument-invalid', given, message, 'such as 224.0.0.81')
  return undefined
}

const FLUSH_ON_STOP = optional(oneOf({VS: 'VS'} as const), 'all' as const)

/** The entries of IPVS in `global_defs`. */
export const GLOBAL_LVS: Schema<GlobalLvsSettings> = {
  lvsTimeouts: TIMEOUTS_ENTRY,
  lvsFlush: flag('lvs_flush', 'remove every virtual server that IPVS has at the start'),
  lvsFlushOnStop: settings(
    {lvs_flush_on_stop: FLUSH_ON_STOP, lvs_flush_onstop: renamed(FLUSH_ON_STOP, 'lvs_flush_on_stop')},
    {
      initial: undefined,
      doc: 'remove everything from IPVS at once when stopping, those of others too (VS: each own virtual server)',
      defaultText: 'off; own real and virtual servers are removed one by one',
    },
  ),
  lvsSyncDaemon: setting('lvs_sync_daemon', SYNC_DAEMON, {
    initial: undefined,
    doc: 'pass connections on to the other node, as master or backup like the virtual router',
    defaultText: 'none; the id is the VRID',
    repeats: 'first-wins',
  }),
}
