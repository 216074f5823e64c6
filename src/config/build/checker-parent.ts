import {type IpAddress, ipFamily, ipToBytes} from '../../core/ip.ts'
import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import type {FilledConnection, FilledTiming} from '../lvs-config.ts'
import type {Item} from '../schema/schema.ts'
import {
  CHECKER_DEFAULTS,
  type CheckerConnection,
  type CheckerDefaults,
  type CheckerTiming,
} from '../tables/checker-settings.ts'
import type {Checker} from '../tables/checkers.ts'
import {standsAfter} from './text-order.ts'

/** What checkers take from their real server, and that from its virtual server. */
export interface CheckerParent {
  readonly name: string
  readonly address: IpAddress
  /** Where checkers connect to; 0: none is known. */
  readonly port: number
  /** Packets go to another port than checkers, so that these have to be written with theirs. */
  readonly portDiffers: boolean
  readonly delayLoopMs: number
  readonly retry: number | undefined
  readonly delayBeforeRetryMs: number | undefined
  readonly warmupMs: number | undefined
  readonly connectTimeoutMs: number
  readonly alpha: boolean
  readonly logAllFailures: boolean
  readonly virtualHost: string | undefined
}

/** Reports about one checker: at a position, or at its head. */
export type CheckerReport = (
  name: Parameters<Findings['report']>[0],
  at: Position | undefined,
  message: string,
  hint?: string,
) => void

/** Fills in when a checker runs: what it says itself, or its servers, or its kind. */
export function withTiming<Given extends CheckerTiming>(
  given: Given,
  parent: CheckerParent,
  defaults: CheckerDefaults = CHECKER_DEFAULTS,
): Given & FilledTiming {
  const delayLoopMs = given.delayLoopMs ?? parent.delayLoopMs
  return {
    ...given,
    delayLoopMs,
    retry: given.retry ?? parent.retry ?? defaults.retry,
    delayBeforeRetryMs:
      given.delayBeforeRetryMs ?? parent.delayBeforeRetryMs ?? defaults.delayBeforeRetryMs ?? delayLoopMs,
    warmupMs: given.warmupMs ?? parent.warmupMs ?? delayLoopMs,
    alpha: given.alpha ?? parent.alpha,
    logAllFailures: given.logAllFailures ?? parent.logAllFailures,
  }
}

/** Fills in what a checker connects to, and when; undefined when it cannot connect. */
export function withConnection<Given extends Connecting>(
  given: Given,
  parent: CheckerParent,
  report: CheckerReport,
  defaults: CheckerDefaults = CHECKER_DEFAULTS,
): (Given & FilledTiming & FilledConnection) | undefined {
  const connectIp = given.connectIp ?? parent.address
  if (given.bindInterface === undefined && isLinkLocal(connectIp)) {
    const message = `the link-local address ${connectIp} needs an interface; the checker is left out`
    report('checker-source-invalid', given.at.connectIp, message, 'bind_if INTERFACE')
    return undefined
  }
  const connectPort = given.connectPort ?? (parent.port === 0 || given.type === 'ping' ? undefined : parent.port)
  if (connectPort === undefined && given.type !== 'ping') {
    const message = 'the checker has no port to connect to, for its real server has none'
    report('checker-port-missing', undefined, message, 'connect_port PORT')
  }
  const delayLoopMs = given.delayLoopMs ?? parent.delayLoopMs
  // Other objects spread into it would take several times as long, and there may be 100,000 checkers.
  return {
    ...given,
    at: parent.portDiffers ? {connectPort: given.position, ...given.at} : given.at,
    delayLoopMs,
    retry: given.retry ?? parent.retry ?? defaults.retry,
    delayBeforeRetryMs:
      given.delayBeforeRetryMs ?? parent.delayBeforeRetryMs ?? defaults.delayBeforeRetryMs ?? delayLoopMs,
    warmupMs: given.warmupMs ?? parent.warmupMs ?? delayLoopMs,
    alpha: given.alpha ?? parent.alpha,
    logAllFailures: given.logAllFailures ?? parent.logAllFailures,
    connectIp,
    connectPort,
    bindTo: usableSource(given, parent, report),
    connectTimeoutMs: given.connectTimeoutMs ?? parent.connectTimeoutMs,
  }
}

type Connecting = CheckerTiming & Item<CheckerConnection> & Pick<Checker, 'type'>

/** keepalived compares families when it reads `bindto`, so a `connect_ip` that follows does not count. */
function usableSource(
  {bindTo, connectIp, at, type}: Connecting,
  parent: CheckerParent,
  report: CheckerReport,
): IpAddress | undefined {
  if (bindTo === undefined) return undefined
  const known = standsAfter(at.connectIp, at.bindTo) ? undefined : connectIp
  // An SMTP_CHECK has no address of its own at that point.
  const unchecked = type === 'smtp' && known === undefined
  const target = unchecked ? (connectIp ?? parent.address) : (known ?? parent.address)
  if (ipFamily(bindTo) === ipFamily(target)) return bindTo
  const message = `bindto ${bindTo} is not of the family of ${target}`
  if (unchecked) {
    report('checker-source-family', at.bindTo, `${message}: nothing can be reached`, 'an address of the same family')
    return bindTo
  }
  const hint = connectIp === known ? 'an address of the same family' : 'put it after connect_ip'
  report('checker-source-invalid', at.bindTo, `${message}; it is not used`, hint)
  return undefined
}

/** fe80::/10. RFC 4291 section 2.5.6. */
function isLinkLocal(address: IpAddress): boolean {
  if (!address.startsWith('fe')) return false
  const [first = 0, second = 0] = ipToBytes(address)
  return first === 0xfe && (second & 0xc0) === 0x80
}
