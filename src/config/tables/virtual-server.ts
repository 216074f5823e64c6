import type {IpFamily} from '../../core/ip.ts'
import type {Command} from '../config.ts'
import {oneOf, whole, word} from '../schema/arguments.ts'
import {type BlockHead, flag, headedBlocks, inherited, setting, settings} from '../schema/entries.ts'
import {type Argument, blockKind, type Cursor, type Entry, type Item, REFUSED, type Refused} from '../schema/schema.ts'
import {writtenWord} from '../text/written.ts'
import {FORWARDING_METHOD, type ForwardingMethod, NAT} from './forwarding-method.ts'
import {
  DELAY,
  DELAY_OR_NONE,
  type Endpoint,
  endpoint,
  inheritedOnOff,
  MAX_UINT32,
  onlyWord,
  orDefault,
  POSITIVE_UINT32,
  readEndpoint,
  TIMEOUT,
  UINT32,
} from './lvs-arguments.ts'
import {notify} from './notify.ts'
import {GRANULARITY, PERSISTENCE_ENGINE, PERSISTENCE_SECONDS, type PersistenceGranularity} from './persistence.ts'
import {REAL_SERVER, REAL_SERVER_HEAD, type RealServerSettings} from './real-server.ts'
import {SCHEDULING, type Scheduling} from './scheduling.ts'
import {SORRY_SERVER, type SorryServer} from './sorry-server.ts'

/** What a virtual server serves: an address with a port (0: every port), packets with a mark, or a group of these. */
export type ServiceKey =
  | ({readonly type: 'address'} & Endpoint)
  | {readonly type: 'fwmark'; readonly mark: number}
  | {readonly type: 'group'; readonly group: string}

/** What stands between `virtual_server` and its brace. */
export interface VirtualServerHead {
  readonly service: ServiceKey
}

export type ServiceProtocol = 'tcp' | 'udp' | 'sctp'

/** `virtual_server` as it stands in the text. */
export interface VirtualServerSettings {
  readonly family: IpFamily | undefined
  /** Undefined for firewall marks, which have none. */
  readonly protocol: ServiceProtocol | undefined
  readonly scheduling: Scheduling
  readonly onePacket: boolean
  /** Of real servers that name none. */
  readonly method: ForwardingMethod | undefined
  /** Undefined: connections of a client are not kept together. */
  readonly persistenceTimeoutSeconds: number | undefined
  readonly persistenceGranularity: PersistenceGranularity | undefined
  readonly persistenceEngine: string | undefined
  /** No checks while the address is not on this host. */
  readonly haSuspend: boolean
  readonly alpha: boolean
  /** Notifiers run when the agent stops, too. */
  readonly omega: boolean
  readonly quorum: number
  readonly hysteresis: number
  readonly quorumUp: Command | undefined
  readonly quorumDown: Command | undefined
  readonly inhibitOnFailure: boolean
  /** Of real servers that have none. */
  readonly weight: number
  readonly delayLoopMs: number
  /** How many more failures; undefined: that of the kind of checker. */
  readonly retry: number | undefined
  readonly delayBeforeRetryMs: number | undefined
  readonly warmupMs: number | undefined
  readonly connectTimeoutMs: number
  readonly virtualHost: string | undefined
  readonly snmpName: string | undefined
  readonly smtpAlert: boolean | undefined
  readonly sorryServer: SorryServer | undefined
  readonly realServers: readonly Item<RealServerSettings & Endpoint>[]
}

/** `virtual_server ADDRESS [PORT] | fwmark MARK | group NAME`. */
export const VIRTUAL_SERVER_HEAD: BlockHead<VirtualServerHead> = {
  form: `${endpoint.form} | fwmark 1..${MAX_UINT32} | group NAME`,
  duplicate: undefined,
  nameOf: ({service}) => serviceName(service),
  read: readHead,
  print: ({service}) => serviceName(service),
}

/** A service in the words of the configuration. */
export function serviceName(service: ServiceKey): string {
  switch (service.type) {
    case 'fwmark':
      return `fwmark ${service.mark}`
    case 'group':
      return `group ${writtenWord(service.group)}`
    case 'address':
      return endpoint.print(service) ?? service.address
  }
}

const PROTOCOL: Argument<ServiceProtocol> = {
  form: 'TCP|UDP|SCTP',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const text = given.text.toLowerCase()
    if (text === 'tcp' || text === 'udp' || text === 'sctp') return text
    return cursor.fail(given, `${cursor.show(given)} is not a protocol`, 'TCP, UDP or SCTP')
  },
  print: value => value.toUpperCase(),
}

const PLAIN_FAMILY = setting('ip_family', oneOf<IpFamily>({inet: 4, inet6: 6}), {
  initial: undefined,
  doc: 'family of a virtual server by mark, where nothing else tells it',
  defaultText: 'that of the address, of persistence_granularity or of the real servers',
})

/** Once it is known the family cannot be changed. */
const FAMILY: Entry<IpFamily | undefined> = {
  ...PLAIN_FAMILY,
  repeats: 'collects',
  read: (statement, previous, context) => {
    const family = PLAIN_FAMILY.read(statement, previous, context)
    if (family === REFUSED || previous === undefined || family === previous) return family
    const message = 'ip_family: the other family was given before; this line is ignored'
    context.findings.report('family-conflict', statement.position, message, 'give it once')
    return REFUSED
  },
}

/** A quorum that is not permitted is 1. */
const QUORUM: Argument<number> = {
  ...POSITIVE_UINT32,
  read: cursor => {
    const given = cursor.peek()
    const value = POSITIVE_UINT32.read(cursor)
    return value === REFUSED && given ? 1 : value
  },
}

/** The table of `virtual_server`. */
export const VIRTUAL_SERVER = blockKind<VirtualServerSettings>('virtual_server', {
  family: FAMILY,
  protocol: orDefault(
    inherited('protocol', PROTOCOL, {
      doc: 'protocol of the service, in any case of letters; none for a mark',
      defaultText: 'UDP, with a complaint',
    }),
    'udp',
  ),
  scheduling: SCHEDULING,
  onePacket: flag('ops', 'schedule every UDP packet by itself'),
  method: orDefault(
    settings(
      {lvs_method: FORWARDING_METHOD, lb_kind: FORWARDING_METHOD},
      {initial: undefined, doc: 'how packets get to the real servers', defaultText: 'NAT, with a complaint'},
    ),
    NAT,
  ),
  persistenceTimeoutSeconds: inherited('persistence_timeout', PERSISTENCE_SECONDS, {
    doc: 'time that a client stays with its real server; alone it is 360',
    defaultText: 'off, or 360 with persistence_granularity or without a port',
  }),
  persistenceGranularity: inherited('persistence_granularity', GRANULARITY, {
    doc: 'how many clients are one for persistence',
    defaultText: 'every address for itself',
  }),
  persistenceEngine: inherited('persistence_engine', PERSISTENCE_ENGINE, {
    doc: 'what tells clients apart within a protocol, such as sip',
    defaultText: 'none',
  }),
  haSuspend: flag('ha_suspend', 'check the real servers only while the address is on this host'),
  alpha: flag('alpha', 'hold every real server down until its checks have succeeded'),
  omega: flag('omega', 'run notifiers when the agent stops, too'),
  quorum: setting('quorum', QUORUM, {
    initial: 1,
    doc: 'least weight of all live real servers together for the service to be up',
    defaultText: '1',
  }),
  hysteresis: setting('hysteresis', UINT32, {
    initial: 0,
    doc: 'weight beyond quorum to come up, and short of it to go down',
    defaultText: '0',
  }),
  quorumUp: notify('quorum_up', 'gaining quorum'),
  quorumDown: notify('quorum_down', 'losing quorum'),
  inhibitOnFailure: flag('inhibit_on_failure', 'keep a failed real server with weight 0 in place of removing it'),
  weight: setting('weight', whole({min: 1, max: 0x7fff_ffff}), {
    initial: 1,
    doc: 'weight of real servers that have none of their own',
    defaultText: '1',
  }),
  delayLoopMs: setting('delay_loop', DELAY, {
    initial: 60_000,
    doc: 'time from one check to the next',
    defaultText: '60',
  }),
  retry: inherited('retry', POSITIVE_UINT32, {
    doc: 'how many more failures it takes until a server that is up is held down',
    defaultText: '3 for DNS_CHECK, 0 for MISC_CHECK, or else 1',
  }),
  delayBeforeRetryMs: inherited('delay_before_retry', DELAY_OR_NONE, {
    doc: 'time from a failure to the next attempt',
    defaultText: 'delay_loop for DNS_CHECK, 3 for HTTP_GET and SSL_GET, or else 1',
  }),
  warmupMs: inherited('warmup', DELAY_OR_NONE, {
    doc: 'the first check comes after a random part of this time',
    defaultText: 'delay_loop',
  }),
  connectTimeoutMs: setting('connect_timeout', TIMEOUT, {
    initial: 5_000,
    doc: 'time that a check may take',
    defaultText: '5',
  }),
  virtualHost: inherited('virtualhost', word('NAME'), {
    doc: 'host that HTTP_GET and SSL_GET ask for',
    defaultText: 'none',
  }),
  snmpName: inherited('snmp_name', onlyWord('NAME'), {doc: 'name in the answers of SNMP', defaultText: 'none'}),
  smtpAlert: inheritedOnOff(
    'smtp_alert',
    'whether to send mail when quorum is gained or lost',
    'smtp_alert_checker or smtp_alert of global_defs, or else off',
  ),
  sorryServer: SORRY_SERVER,
  realServers: headedBlocks(REAL_SERVER, REAL_SERVER_HEAD, {doc: 'a server that connections go to'}),
})

function readHead(cursor: Cursor): VirtualServerHead | Refused {
  const given = cursor.require()
  if (given === REFUSED) return REFUSED
  if (given.text === 'group') {
    const group = cursor.require()
    return group === REFUSED ? REFUSED : {service: {type: 'group', group: group.text}}
  }
  if (given.text === 'fwmark') {
    const mark = cursor.require()
    if (mark === REFUSED) return REFUSED
    const number = /^\+?\d{1,10}$/.test(mark.text) ? Number(mark.text) : Number.NaN
    if (number >= 1 && number <= MAX_UINT32) return {service: {type: 'fwmark', mark: number}}
    return cursor.fail(mark, `${cursor.show(mark)} is not a mark`, `1 to ${MAX_UINT32}`, 'server-invalid')
  }
  const service = readEndpoint(cursor, given)
  return service === REFUSED ? REFUSED : {service: {type: 'address', ...service}}
}
