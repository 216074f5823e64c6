import type {Command} from '../config.ts'
import {onOff, whole, word} from '../schema/arguments.ts'
import {type BlockHead, inherited, setting} from '../schema/entries.ts'
import {type BlockKind, blockKind} from '../schema/schema.ts'
import {CHECKER_GRAMMARS, CHECKERS, type Checker} from './checkers.ts'
import {FORWARDING_METHOD, type ForwardingMethod} from './forwarding-method.ts'
import {
  DELAY,
  DELAY_OR_NONE,
  type Endpoint,
  endpoint,
  inheritedOnOff,
  onlyWord,
  POSITIVE_UINT32,
  TIMEOUT,
  UINT32,
} from './lvs-arguments.ts'
import {notify} from './notify.ts'

/** `real_server` as it stands in the text; what is not given comes from the virtual server. */
export interface RealServerSettings {
  readonly weight: number | undefined
  readonly method: ForwardingMethod | undefined
  /** Takes no new connections above so many, until there are fewer than `lowerThreshold`; 0: no limit. */
  readonly upperThreshold: number
  readonly lowerThreshold: number
  /** A failed server stays with weight 0. */
  readonly inhibitOnFailure: boolean | undefined
  readonly alpha: boolean | undefined
  readonly delayLoopMs: number | undefined
  readonly retry: number | undefined
  readonly delayBeforeRetryMs: number | undefined
  readonly warmupMs: number | undefined
  readonly connectTimeoutMs: number | undefined
  readonly virtualHost: string | undefined
  readonly snmpName: string | undefined
  readonly smtpAlert: boolean | undefined
  readonly notifyUp: Command | undefined
  readonly notifyDown: Command | undefined
  readonly checkers: readonly Checker[]
}

/** `real_server ADDRESS [PORT]`. */
export const REAL_SERVER_HEAD: BlockHead<Endpoint> = {...endpoint, duplicate: undefined, nameOf: serverName}

const PLAIN: BlockKind<RealServerSettings> = blockKind<RealServerSettings>('real_server', {
  weight: inherited('weight', whole({min: 0, max: 0x7fff_ffff}), {
    doc: 'share of the connections; 0: no new ones',
    defaultText: 'weight of the virtual server',
  }),
  method: inherited('lvs_method', FORWARDING_METHOD, {
    doc: 'how packets get to the real server',
    defaultText: 'lvs_method of the virtual server',
  }),
  upperThreshold: setting('uthreshold', UINT32, {
    initial: 0,
    doc: 'so many connections at most; 0: no limit',
    defaultText: '0',
  }),
  lowerThreshold: setting('lthreshold', UINT32, {
    initial: 0,
    doc: 'after reaching uthreshold, new connections again below so many; 0: below three quarters of it',
    defaultText: '0',
  }),
  inhibitOnFailure: inheritedOnOff(
    'inhibit_on_failure',
    'whether a failed server stays with weight 0 in place of being removed',
    'inhibit_on_failure of the virtual server',
  ),
  alpha: inheritedOnOff(
    'alpha',
    'whether the server is down until every check has succeeded',
    'alpha of the virtual server',
  ),
  delayLoopMs: inherited('delay_loop', DELAY, {
    doc: 'time from one check to the next',
    defaultText: 'delay_loop of the virtual server',
  }),
  retry: inherited('retry', POSITIVE_UINT32, {
    doc: 'how many more failures it takes until a server that is up is held down',
    defaultText: 'retry of the virtual server, or else that of the kind of checker',
  }),
  delayBeforeRetryMs: inherited('delay_before_retry', DELAY_OR_NONE, {
    doc: 'time from a failure to the next attempt',
    defaultText: 'delay_before_retry of the virtual server, or else that of the kind of checker',
  }),
  warmupMs: inherited('warmup', DELAY_OR_NONE, {
    doc: 'the first check comes after a random part of this time',
    defaultText: 'warmup of the virtual server, or else delay_loop',
  }),
  connectTimeoutMs: inherited('connect_timeout', TIMEOUT, {
    doc: 'time that a check may take',
    defaultText: 'connect_timeout of the virtual server',
  }),
  virtualHost: inherited('virtualhost', word('NAME'), {
    doc: 'host that HTTP_GET and SSL_GET ask for',
    defaultText: 'virtualhost of the virtual server',
  }),
  snmpName: inherited('snmp_name', onlyWord('NAME'), {doc: 'name in the answers of SNMP', defaultText: 'none'}),
  smtpAlert: inherited('smtp_alert', onOff, {
    doc: 'whether to send mail when the server goes up or down',
    defaultText: 'smtp_alert_checker or smtp_alert of global_defs, or else on',
  }),
  notifyUp: notify('notify_up', 'the server going up'),
  notifyDown: notify('notify_down', 'the server going down'),
  checkers: CHECKERS,
})

/** The table of `real_server`. */
export const REAL_SERVER: BlockKind<RealServerSettings> = {
  ...PLAIN,
  grammar: {...PLAIN.grammar, blocks: new Map([...PLAIN.grammar.blocks, ...CHECKER_GRAMMARS])},
}

/** How messages and names tell a real server: its address and port. */
export function serverName(head: Endpoint): string {
  return endpoint.print(head) ?? head.address
}
