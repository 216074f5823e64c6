import type {IpAddress} from '../../core/ip.ts'
import {interfaceName, onOff} from '../schema/arguments.ts'
import {inherited, settings} from '../schema/entries.ts'
import type {Argument, Schema} from '../schema/schema.ts'
import {DELAY, DELAY_OR_NONE, inheritedOnOff, PORT, serverAddress, TIMEOUT, UINT32} from './lvs-arguments.ts'

/** When a checker runs, and what its result means. */
export interface CheckerTiming {
  readonly delayLoopMs: number | undefined
  /** How many more failures it takes until a server that is up is held down. */
  readonly retry: number | undefined
  readonly delayBeforeRetryMs: number | undefined
  /** The first check comes after a random part of it. */
  readonly warmupMs: number | undefined
  /** Down until the first success. */
  readonly alpha: boolean | undefined
  readonly logAllFailures: boolean | undefined
}

/** What a checker connects to, and from where. */
export interface CheckerConnection {
  readonly connectIp: IpAddress | undefined
  readonly connectPort: number | undefined
  readonly bindTo: IpAddress | undefined
  readonly bindPort: number | undefined
  readonly bindInterface: string | undefined
  readonly connectTimeoutMs: number | undefined
  /** Of the packets of the check. */
  readonly fwmark: number | undefined
}

/** What a kind of checker has where neither it nor its servers say otherwise. */
export interface CheckerDefaults {
  readonly retry: number
  /** Undefined: as long as delay_loop. */
  readonly delayBeforeRetryMs: number | undefined
}

/** Those of most checkers. keepalived.conf(5). */
export const CHECKER_DEFAULTS: CheckerDefaults = {retry: 1, delayBeforeRetryMs: 1_000}

/** The entries of `CheckerTiming`; `retryAliases` are older names of retry. */
export function timingEntries(
  defaults: CheckerDefaults,
  retryAliases: {readonly [name: string]: Argument<number>} = {},
): Schema<CheckerTiming> {
  const {retry, delayBeforeRetryMs} = defaults
  const ownDelay = delayBeforeRetryMs === undefined ? 'delay_loop' : String(delayBeforeRetryMs / 1_000)
  return {
    delayLoopMs: inherited('delay_loop', DELAY, {
      doc: 'time from one check to the next',
      defaultText: 'delay_loop of the real server',
    }),
    retry: settings(
      {retry: UINT32, ...retryAliases},
      {
        initial: undefined,
        doc: 'how many more failures it takes until a server that is up is held down',
        defaultText: `retry of the real server, or else ${retry}`,
      },
    ),
    delayBeforeRetryMs: inherited('delay_before_retry', DELAY_OR_NONE, {
      doc: 'time from a failure to the next attempt',
      defaultText: `delay_before_retry of the real server, or else ${ownDelay}`,
    }),
    warmupMs: inherited('warmup', DELAY_OR_NONE, {
      doc: 'the first check comes after a random part of this time',
      defaultText: 'warmup of the real server, or else delay_loop',
    }),
    alpha: inheritedOnOff('alpha', 'whether the server is down until the first success', 'alpha of the real server'),
    logAllFailures: inherited('log_all_failures', onOff, {
      doc: 'whether to log every failure, not only the one that takes the server down',
      defaultText: 'checker_log_all_failures of global_defs',
    }),
  }
}

/** The entries of `CheckerConnection`. */
export const CONNECTION_ENTRIES: Schema<CheckerConnection> = {
  connectIp: inherited('connect_ip', serverAddress, {
    doc: 'address to connect to',
    defaultText: 'that of the real server',
  }),
  connectPort: inherited('connect_port', PORT, {doc: 'port to connect to', defaultText: 'that of the real server'}),
  bindTo: inherited('bindto', serverAddress, {doc: 'address to connect from', defaultText: 'chosen by the kernel'}),
  bindPort: inherited('bind_port', PORT, {doc: 'port to connect from', defaultText: 'chosen by the kernel'}),
  bindInterface: inherited('bind_if', interfaceName, {
    doc: 'interface to connect through; link-local addresses need it',
    defaultText: 'chosen by the kernel',
  }),
  connectTimeoutMs: inherited('connect_timeout', TIMEOUT, {
    doc: 'time that a check may take',
    defaultText: 'connect_timeout of the real server',
  }),
  fwmark: inherited('fwmark', UINT32, {doc: 'firewall mark of the packets of the check', defaultText: 'none'}),
}
