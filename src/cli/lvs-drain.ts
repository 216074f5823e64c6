import {setTimeout as sleep} from 'node:timers/promises'
import type {LvsClient} from '../control/client.ts'
import type {LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {counted, formatDuration} from '../core/format.ts'
import {type ErrorCode, HactlError} from '../errors.ts'
import {confirm} from './confirm.ts'
import {INTERRUPTED} from './exit-codes.ts'
import {isMissing} from './lvs-columns.ts'
import {requireReal, withReal} from './lvs-reals.ts'

/** A real server that was drained, and how long to wait for its connections. */
export interface Drain {
  readonly service: string
  readonly real: string
  readonly timeoutMs: number
  /** Inactive connections count, too. */
  readonly all: boolean
  /** Hears what is still there, for a person who waits. */
  readonly progress: (text: string) => void
}

/** How often it is looked at, milliseconds. */
const LOOK_EVERY_MS = 1_000
/** So many looks in a row may find nothing: an agent that starts does not know everything at once. */
const MOST_BLIND_LOOKS = 5
/** What an agent that starts again answers for a while. */
const PASSING: readonly ErrorCode[] = ['AGENT_NOT_RUNNING', 'TIMED_OUT', 'FAILED']

/**
 * Waits until a drained real server has no connections, also while the agent is started again. Throws TIMED_OUT, and
 * REFUSED when somebody ends the draining. Returns how long it took, milliseconds.
 */
export async function untilDrained(lvs: LvsClient, drain: Drain): Promise<number> {
  const {service, real, timeoutMs, all, progress} = drain
  const startMs = performance.now()
  let blind = 0
  let last = 'nothing is known of its connections'
  for (;;) {
    const look = await lookAt(lvs, drain)
    const tookMs = performance.now() - startMs
    if (look.type === 'seen') {
      blind = 0
      if (look.held === false) throw new HactlError('REFUSED', `somebody ended the draining of ${real} of ${service}`)
      if (look.connections === 0) return tookMs
      last = `it still has ${counted(look.connections, `${all ? '' : 'active '}connection`)}`
    } else if (look.type === 'none') {
      blind++
      if (blind >= MOST_BLIND_LOOKS) throw look.error
    }
    progress(`${real} of ${service}: ${look.type === 'seen' ? last : 'nobody answers'}, ${formatDuration(tookMs)}`)
    if (tookMs >= timeoutMs) {
      const hint = `it stays drained; end that with: hactl lvs undrain-real ${quoted(service)} ${real}`
      throw new HactlError('TIMED_OUT', `${real} of ${service}: ${last} after ${formatDuration(tookMs)}`, hint)
    }
    await sleep(Math.min(LOOK_EVERY_MS, Math.max(0, timeoutMs - tookMs)))
  }
}

/** Asks before the last real server of a service that gets new connections is drained. */
export async function confirmLast(
  lvs: LvsClient,
  {service, real, yes}: {readonly service: string; readonly real: string; readonly yes: boolean},
): Promise<void> {
  if (yes) return
  const {items} = await lvs.lvsServices({service})
  const found = withReal(items, real)
  requireReal(found, {service, real})
  for (const {name, realServers} of found) {
    const whole = items.find(candidate => candidate.name === name)
    const last = realServers.find(server => whole !== undefined && isLast(whole, server))
    if (last === undefined) continue
    await confirm(`No other real server of ${name} gets new connections. Drain ${last.name}?`, {yes})
  }
}

/**
 * Waits until a real server is drained, with what is still there on standard error where that is a terminal, and says
 * how long it took. Ctrl-C ends the program and leaves it drained.
 */
export async function waitForDrain(lvs: LvsClient, drain: Omit<Drain, 'progress'>): Promise<string> {
  const {service, real} = drain
  const onTerminal = process.stderr.isTTY === true
  const clear = (): void => {
    if (onTerminal) process.stderr.write(START_OF_LINE)
  }
  const interrupted = (): never => {
    clear()
    const undrain = `hactl lvs undrain-real ${quoted(service)} ${real}`
    process.stderr.write(`hactl: ${real} of ${service} stays drained; end that with: ${undrain}\n`)
    process.exit(INTERRUPTED)
  }
  process.once('SIGINT', interrupted)
  try {
    const progress = (text: string): void => {
      if (onTerminal) process.stderr.write(`${START_OF_LINE}${text.slice(0, process.stderr.columns - 1)}`)
    }
    const tookMs = await untilDrained(lvs, {...drain, progress})
    clear()
    const kind = drain.all ? '' : 'active '
    return `${real} of ${service} has no ${kind}connections any more (after ${formatDuration(tookMs)})`
  } catch (error) {
    clear()
    throw error
  } finally {
    process.removeListener('SIGINT', interrupted)
  }
}

/** Carriage return, clear the line; ECMA-48. */
const START_OF_LINE = '\r\u001b[K'

/** A name from the configuration has spaces. */
const quoted = (name: string): string => (/\s/.test(name) ? `'${name}'` : name)

/** Whether this is the last real server of its service that gets new connections. */
function isLast({realServers}: LvsService, {name}: LvsRealServer): boolean {
  const takes = ({present, weight}: LvsRealServer): boolean => present && weight > 0
  const other = realServers.some(candidate => candidate.name !== name && takes(candidate))
  return !other && realServers.some(candidate => candidate.name === name && takes(candidate))
}

type Look =
  | {readonly type: 'seen'; readonly connections: number; readonly held: boolean}
  | {readonly type: 'passing'}
  | {readonly type: 'none'; readonly error: HactlError}

async function lookAt(lvs: LvsClient, {service, real, all}: Drain): Promise<Look> {
  try {
    const found = withReal((await lvs.lvsServices({service})).items, real)
    const pairs = found.flatMap(of => of.realServers.map(server => ({of, server})))
    if (pairs.length === 0) return {type: 'none', error: goneError(real, service)}
    // What an agent wants but has not put into the table yet has no counters.
    if (pairs.some(({server}) => isMissing(server))) return {type: 'passing'}
    const connections = pairs.reduce((sum, {of, server}) => sum + left(of, server, all), 0)
    return {type: 'seen', connections, held: pairs.every(({server}) => server.weight === 0 || server.held !== null)}
  } catch (error) {
    if (!(error instanceof HactlError)) throw error
    if (PASSING.includes(error.code)) return {type: 'passing'}
    if (error.code === 'NOT_FOUND') return {type: 'none', error: goneError(real, service)}
    throw error
  }
}

/** UDP has no established connections: all of its connections are inactive. */
function left({protocol}: LvsService, {activeConnections, inactiveConnections}: LvsRealServer, all: boolean): number {
  return activeConnections + (all || protocol === 'udp' ? inactiveConnections : 0)
}

function goneError(real: string, service: string): HactlError {
  return new HactlError('NOT_FOUND', `${real} of ${service} is not there any more`, 'somebody removed it')
}
