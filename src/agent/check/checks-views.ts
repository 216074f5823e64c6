import type {Check, CheckPause, CheckRecord, CheckResult} from '../../control/check-model.ts'
import type {ServiceId} from '../../core/ipvs/model.ts'
import {
  type AnyProtocol,
  PROTOCOLS,
  parseDestinationName,
  parseServiceName,
  serviceName,
} from '../../core/ipvs/names.ts'
import {HactlError} from '../../errors.ts'
import type {RememberedResult} from './checks-history.ts'
import type {Pause} from './checks-pauses.ts'
import type {CheckerRun, RealServerRun, Servers, VirtualServerRun} from './checks-run.ts'

/** Which checkers a call concerns; what is undefined does not matter. */
export interface Which {
  readonly service: string | undefined
  readonly real: string | undefined
}

/** What a call concerns: the virtual servers, and of each the real servers that have checkers. */
export interface Selection {
  readonly parts: readonly {readonly server: VirtualServerRun; readonly realServers: readonly RealServerRun[]}[]
  readonly checkers: readonly CheckerRun[]
}

/** What there is that a text of an answer names at most. */
const MAX_NAMED = 5
/** No port that anything could have. */
const ANY_PORT = -1

/** Finds what a call concerns; throws `HactlError`: USAGE, NOT_FOUND with what there is. */
export function select(servers: Servers, {service, real}: Which): Selection {
  const found = service === undefined ? [...servers.values()] : findServers(servers, service)
  const isMeant = real === undefined ? () => true : realServerTest(real)
  const parts = found
    .map(server => ({server, realServers: server.realServers.filter(isMeant)}))
    .filter(({realServers}) => real === undefined || realServers.length > 0)
  if (parts.length === 0 && real !== undefined) {
    const where = service === undefined ? 'no virtual server' : named(found.map(({plan}) => plan.name))
    const names = [...new Set(found.flatMap(({realServers}) => realServers.map(({plan}) => plan.name)))]
    const message = `${where} has ${service === undefined ? 'a' : 'no'} real server ${shown(real)}`
    throw new HactlError('NOT_FOUND', message, thereIs(names))
  }
  const checkers = parts.flatMap(({realServers}) => realServers.flatMap(each => each.checkers))
  if (checkers.length === 0 && (service !== undefined || real !== undefined)) {
    const what = real === undefined ? named(parts.map(({server}) => server.plan.name)) : `real server ${shown(real)}`
    throw new HactlError('NOT_FOUND', `${what} has no checker`, 'without one, a real server counts as up')
  }
  return {parts, checkers}
}

/** A checker as the API shows it; `nextInMs`: until it runs next, undefined while it does not. */
export function checkView(checker: CheckerRun, {now, nextInMs}: {now: number; nextInMs: number | undefined}): Check {
  const {realServer, state, since, pause, history} = checker
  const {server} = realServer
  const last = history.get(0)
  const runs = pause === undefined && !checker.isSuspended
  return {
    virtualServer: server.plan.name,
    services: server.services,
    realServer: realServer.plan.name,
    number: checker.number,
    kind: checker.kind,
    target: checker.target,
    state: checkerState(checker),
    counts: state.up ? 'up' : 'down',
    since: since === undefined ? null : isoOf(since),
    failures: state.failures,
    failuresPermitted: checker.plan.timing.retry + 1,
    addedWeight: state.addedWeight,
    last: last === undefined ? null : resultView(last),
    nextAt: runs && nextInMs !== undefined ? isoOf(now + nextInMs) : null,
    pause: pause === undefined ? null : pauseView(pause),
    runs: checker.runs,
    failed: checker.failed,
  }
}

/** A pause as the API shows it. */
export const pauseView = ({id, since, reason, until}: Pause): CheckPause => ({id, since, reason, until})

/** Whether it is to be looked at: it counts as down, or failed when it ran last. */
export const isFailing = ({state, history}: CheckerRun): boolean => !state.up || history.get(0)?.ok === false

/** The newest results of these checkers, oldest first. */
export function recordsOf(checkers: readonly CheckerRun[], limit: number): readonly CheckRecord[] {
  const moments: number[] = []
  for (const {history} of checkers) for (let age = 0; age < history.size; age++) moments.push(history.atOf(age))
  // There may be hundreds of thousands: those that are too old are never made.
  const oldest = Float64Array.from(moments).sort().at(-limit) ?? 0
  const records: {readonly at: number; readonly record: CheckRecord}[] = []
  for (const checker of checkers) {
    for (let age = 0; age < checker.history.size && checker.history.atOf(age) >= oldest; age++) {
      const result = checker.history.get(age)
      if (result !== undefined) records.push({at: result.at, record: recordView(checker, result)})
    }
  }
  return records
    .sort((a, b) => a.at - b.at)
    .slice(-limit)
    .map(({record}) => record)
}

function findServers(servers: Servers, service: string): readonly VirtualServerRun[] {
  const words = oneLine(service)
  const byName = [...servers.values()].filter(({plan}) => oneLine(plan.name) === words)
  if (byName.length > 0) return byName
  const parsed = parseServiceName(words)
  if (!parsed.ok && !parsed.maybeConfigured) throw new HactlError('USAGE', parsed.message)
  const keys = new Set(parsed.ok ? candidates(parsed.id).map(serviceName) : [])
  const byService = [...servers.values()].filter(({services}) => services.some(each => keys.has(each)))
  if (byService.length > 0) return byService
  const message = `the configuration has no virtual server ${shown(words)}`
  throw new HactlError('NOT_FOUND', message, thereIs([...servers.keys()]))
}

function candidates(id: ServiceId | AnyProtocol): readonly ServiceId[] {
  if (id.type !== 'any-protocol') return [id]
  const {address, port} = id
  return PROTOCOLS.map(protocol => ({type: 'address', protocol, address, port}))
}

/** ADDRESS:PORT, or an address alone, which means any port. */
function realServerTest(real: string): (realServer: RealServerRun) => boolean {
  const parsed = parseDestinationName(real.trim(), {defaultPort: ANY_PORT})
  if (!parsed.ok) throw new HactlError('USAGE', parsed.message)
  const {address, port} = parsed.id
  return ({plan}) => plan.address === address && (port === ANY_PORT || plan.port === port)
}

/** What a checker does, or says. */
export function checkerState(checker: CheckerRun): Check['state'] {
  if (checker.pause !== undefined) return 'paused'
  if (checker.isSuspended) return 'suspended'
  if (checker.runs === 0) return 'unknown'
  return checker.state.up ? 'up' : 'down'
}

const recordView = (checker: CheckerRun, result: RememberedResult): CheckRecord => ({
  ...resultView(result),
  virtualServer: checker.realServer.server.plan.name,
  realServer: checker.realServer.plan.name,
  number: checker.number,
  kind: checker.kind,
})

const resultView = ({at, ok, latencyMs, text}: RememberedResult): CheckResult => ({
  at: isoOf(at),
  ok,
  // Microseconds are more than a clock under load is worth.
  latencyMs: Math.round(latencyMs * 1_000) / 1_000,
  text,
})

const isoOf = (ms: number): string => new Date(ms).toISOString()
const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ')
const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)

function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMED
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const thereIs = (names: readonly string[]): string =>
  names.length === 0 ? 'there is none' : `there is ${named(names)}`
