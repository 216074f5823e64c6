import type {Position} from '../config.ts'
import type {CheckerConfigOf} from '../lvs-config.ts'
import type {CheckerConnection, CheckerTiming} from '../tables/checker-settings.ts'
import type {CheckerOf} from '../tables/checkers.ts'
import {type CheckerParent, type CheckerReport, withConnection} from './checker-parent.ts'

/**
 * Each `host` is a checker of its own, and so is what stands outside of them if it says where to connect; hosts share
 * their timing, and take no address or port from outside.
 */
export function buildSmtp(
  checker: CheckerOf<'smtp'>,
  parent: CheckerParent,
  report: CheckerReport,
): readonly CheckerConfigOf<'smtp'>[] {
  const {hosts, at} = checker
  const shared = {...sharedPositions(checker), ...at}
  const itself: CheckerOf<'smtp'> = {...checker, ...sharedTiming(checker), hosts: [], at: shared}
  const saysWhere = CONNECTION_FIELDS.some(field => at[field] !== undefined)
  const checkers = hosts.length === 0 || saysWhere ? [itself] : []
  for (const host of hosts) {
    const {position, order} = host
    checkers.push({...itself, ...connectionOf(host), position, order, at: {...sharedPositions(checker), ...host.at}})
  }
  return checkers.flatMap(one => withConnection(one, parent, report) ?? [])
}

const CONNECTION_FIELDS: readonly (keyof CheckerConnection)[] = [
  'connectIp',
  'connectPort',
  'bindTo',
  'bindPort',
  'bindInterface',
  'connectTimeoutMs',
  'fwmark',
]

const connectionOf = (given: CheckerConnection): CheckerConnection => ({
  connectIp: given.connectIp,
  connectPort: given.connectPort,
  bindTo: given.bindTo,
  bindPort: given.bindPort,
  bindInterface: given.bindInterface,
  connectTimeoutMs: given.connectTimeoutMs,
  fwmark: given.fwmark,
})

const SHARED_FIELDS = [
  'delayLoopMs',
  'retry',
  'delayBeforeRetryMs',
  'warmupMs',
  'alpha',
  'logAllFailures',
] as const satisfies readonly (keyof CheckerTiming)[]

/** Where what all the checkers share is written. */
function sharedPositions({at, hosts}: CheckerOf<'smtp'>): CheckerOf<'smtp'>['at'] {
  const positions: {-readonly [Field in keyof CheckerOf<'smtp'>['at']]: Position} = {}
  if (at.heloName) positions.heloName = at.heloName
  for (const field of SHARED_FIELDS) {
    const position = at[field] ?? hosts.findLast(host => host[field] !== undefined)?.at[field]
    if (position) positions[field] = position
  }
  return positions
}

function sharedTiming(checker: CheckerOf<'smtp'>): CheckerTiming {
  const shared = <Field extends keyof CheckerTiming>(field: Field): CheckerTiming[Field] =>
    checker[field] ?? checker.hosts.findLast(host => host[field] !== undefined)?.[field]
  return {
    delayLoopMs: shared('delayLoopMs'),
    retry: shared('retry'),
    delayBeforeRetryMs: shared('delayBeforeRetryMs'),
    warmupMs: shared('warmupMs'),
    alpha: shared('alpha'),
    logAllFailures: shared('logAllFailures'),
  }
}
