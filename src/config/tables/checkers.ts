import {alone, word} from '../schema/arguments.ts'
import {inherited} from '../schema/entries.ts'
import {printBlock} from '../schema/print-block.ts'
import {readBlock} from '../schema/read-block.ts'
import {
  type AnyBlockKind,
  type Argument,
  type BlockKind,
  blockKind,
  type Entry,
  type Item,
  type Printed,
  type PrintMode,
  REFUSED,
  type ReadContext,
} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {type Grammar, OPAQUE} from '../text/blocks.ts'
import type {Statement} from '../text/pieces.ts'
import {
  CHECKER_DEFAULTS,
  type CheckerConnection,
  type CheckerTiming,
  CONNECTION_ENTRIES,
  timingEntries,
} from './checker-settings.ts'
import {DNS_CHECK, type DnsCheckSettings} from './dns-check.ts'
import {HTTP_GET, type HttpGetSettings, SSL_GET, type SslGetSettings} from './http-check.ts'
import {inheritedOnOff, onlyWord, orDefault} from './lvs-arguments.ts'
import {MISC_CHECK, type MiscCheckSettings} from './misc-check.ts'
import {SMTP_CHECK, type SmtpCheckSettings} from './smtp-check.ts'
import {UDP_CHECK, type UdpCheckSettings} from './udp-check.ts'

/** `TCP_CHECK`. */
export interface TcpCheckSettings extends CheckerConnection, CheckerTiming {}

/** `PING_CHECK`. */
export interface PingCheckSettings extends CheckerConnection, CheckerTiming {}

/** `BFD_CHECK`. */
export interface BfdCheckSettings {
  readonly bfd: string | undefined
  readonly alpha: boolean | undefined
}

/** `FILE_CHECK`. */
export interface FileCheckSettings {
  readonly trackFile: string | undefined
  readonly weight: FileWeight | undefined
}

/** What the number in a file is multiplied with. */
export interface FileWeight {
  readonly weight: number
  readonly reverse: boolean
}

/** The settings of every kind of checker, by the name of the kind. */
export interface CheckerSettings {
  readonly tcp: TcpCheckSettings
  readonly http: HttpGetSettings
  readonly ssl: SslGetSettings
  readonly smtp: SmtpCheckSettings
  readonly dns: DnsCheckSettings
  readonly udp: UdpCheckSettings
  readonly ping: PingCheckSettings
  readonly misc: MiscCheckSettings
  readonly bfd: BfdCheckSettings
  readonly file: FileCheckSettings
}

/**
 * One checker. They stand in one list, in the order of the text, since they are told apart only where one runs:
 * a server is up while all of them are good, whatever their kind.
 */
export type Checker = {
  readonly [Type in keyof CheckerSettings]: Item<CheckerSettings[Type]> & {readonly type: Type}
}[keyof CheckerSettings]

/** A checker of one kind. */
export type CheckerOf<Type extends keyof CheckerSettings> = Extract<Checker, {readonly type: Type}>

const FILE_WEIGHT: Argument<FileWeight> = {
  form: '-2147483647..2147483647 [reverse|noreverse]',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const weight = /^[-+]?\d{1,10}$/.test(given.text) ? Number(given.text) + 0 : Number.NaN
    if (!(Math.abs(weight) <= 0x7fff_ffff)) {
      return cursor.fail(given, `${cursor.show(given)} is not a weight`, '-2147483647 to 2147483647')
    }
    const turn = cursor.next()
    if (turn && turn.text !== 'reverse' && turn.text !== 'noreverse') {
      cursor.note('argument-invalid', turn, `${cursor.show(turn)} is ignored`, 'reverse or noreverse')
    }
    return {weight, reverse: turn?.text === 'reverse'}
  },
  print: ({weight, reverse}) => `${weight}${reverse ? ' reverse' : ''}`,
}

const TCP_CHECK = blockKind<TcpCheckSettings>('TCP_CHECK', {...CONNECTION_ENTRIES, ...timingEntries(CHECKER_DEFAULTS)})
const PING_CHECK = blockKind<PingCheckSettings>('PING_CHECK', {
  ...CONNECTION_ENTRIES,
  ...timingEntries(CHECKER_DEFAULTS),
})

/** keepalived finds no session for an empty name either. */
const BFD_NAME: Argument<string> = {
  ...onlyWord('NAME'),
  read: cursor => {
    const given = cursor.peek()
    if (given?.text === '') return cursor.fail(given, 'the name is empty', 'the name of a bfd_instance')
    return onlyWord('NAME').read(cursor)
  },
}

const BFD_CHECK = blockKind<BfdCheckSettings>('BFD_CHECK', {
  // A name that was given in vain is empty, so that it is not missed as well.
  bfd: orDefault(
    inherited('name', BFD_NAME, {
      doc: 'bfd_instance whose session has to be up',
      defaultText: 'none; it has to be given',
      repeats: 'first-wins',
    }),
    '',
  ),
  alpha: inheritedOnOff('alpha', 'whether the server is down until the session is up', 'alpha of the real server'),
})

const FILE_CHECK = blockKind<FileCheckSettings>('FILE_CHECK', {
  trackFile: inherited('track_file', word('NAME'), {
    doc: 'track_file whose number changes the weight, or means failure',
    defaultText: 'none; it has to be given',
  }),
  weight: inherited('weight', FILE_WEIGHT, {
    doc: 'what the number is multiplied with; 0: any number but 0 means failure; reverse: 0 does',
    defaultText: 'that of the track_file',
  }),
})

/** The kinds of blocks that are checkers. */
export const CHECKER_KINDS: readonly CheckerKind[] = [
  checkerKind('tcp', TCP_CHECK, 'check that a TCP connection can be made'),
  checkerKind('http', HTTP_GET, 'check pages over HTTP'),
  checkerKind('ssl', SSL_GET, 'check pages over HTTPS; certificates are not verified'),
  checkerKind('smtp', SMTP_CHECK, 'check that a mail server greets'),
  checkerKind('dns', DNS_CHECK, 'check that a name server answers'),
  checkerKind('udp', UDP_CHECK, 'send a UDP packet; an ICMP error, or a missing reply, is failure'),
  checkerKind('ping', PING_CHECK, 'check that the server answers ICMP echo'),
  checkerKind('misc', MISC_CHECK, 'check by a program'),
  checkerKind('bfd', BFD_CHECK, 'follow a BFD session'),
  checkerKind('file', FILE_CHECK, 'follow the number in a file'),
]

/** What each keyword opens, to match braces by. */
export const CHECKER_GRAMMARS: ReadonlyMap<string, Grammar> = new Map(
  CHECKER_KINDS.map(({kind}) => [kind.name, kind.grammar]),
)

/** All checkers of a real server in one field. */
export const CHECKERS: Entry<readonly Checker[]> = {
  keywords: CHECKER_KINDS.map(({kind, doc}) => ({
    name: kind.name,
    form: '{ … }',
    doc,
    defaultText: 'none',
    opens: kind,
  })),
  initial: [],
  repeats: 'collects',
  grammar: OPAQUE,
  read: (statement, previous, context) => {
    const checker = KINDS_BY_KEYWORD.get(statement.keyword.text)?.read(statement, context)
    return checker ? [...previous, checker] : REFUSED
  },
  print: (checkers, mode) => checkers.map(checker => KINDS_BY_TYPE.get(checker.type)?.print(checker, mode) ?? NONE),
}

interface CheckerKind {
  readonly type: keyof CheckerSettings
  readonly kind: AnyBlockKind
  readonly doc: string
  read(statement: Statement, context: ReadContext): Checker | undefined
  print(checker: Checker, mode: PrintMode): Printed
}

function checkerKind<Type extends keyof CheckerSettings>(
  type: Type,
  kind: BlockKind<CheckerSettings[Type]>,
  doc: string,
): CheckerKind {
  return {
    type,
    kind: kind as unknown as AnyBlockKind,
    doc,
    read: (statement, context) => {
      if (!statement.block) return undefined
      readArguments(statement, NOTHING, context)
      const head = {name: '', position: statement.position, type}
      // What is read by the table of a kind has that kind's settings and the type in its head.
      return readBlock(kind, statement.block, head, context) as unknown as Checker
    },
    print: (checker, mode) => ({
      text: kind.name,
      block: printBlock(kind, checker as unknown as Item<CheckerSettings[Type]>, mode),
    }),
  }
}

const NOTHING = alone(undefined)
const NONE: Printed = {text: ''}
const KINDS_BY_KEYWORD = new Map(CHECKER_KINDS.map(kind => [kind.kind.name, kind]))
const KINDS_BY_TYPE = new Map(CHECKER_KINDS.map(kind => [kind.type, kind]))
