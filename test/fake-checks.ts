import type {Check, CheckRecord} from '../src/control/check-model.ts'
import type {CheckHandlers, Observed} from '../src/control/routes.ts'
import {HactlError} from '../src/errors.ts'

const OBSERVED_AT = '2026-01-31T08:05:09.123Z'
const seen = <Value>(value: Value): Observed<Value> => ({observedAt: OBSERVED_AT, value})

/** One checker as an agent reports it: up. */
export function fakeCheck(fields: Partial<Check> = {}): Check {
  return {
    virtualServer: 'group web',
    services: ['192.0.2.1:80/tcp'],
    realServer: '10.0.0.1:80',
    number: 1,
    kind: 'HTTP_GET',
    target: 'http://www.example.org/health at 10.0.0.1:80',
    state: 'up',
    counts: 'up',
    since: '2026-01-31T08:02:07.000Z',
    failures: 0,
    failuresPermitted: 3,
    addedWeight: 0,
    last: {at: '2026-01-31T08:05:08.000Z', ok: true, latencyMs: 1.4, text: 'status 200'},
    nextAt: '2026-01-31T08:05:14.000Z',
    pause: null,
    runs: 37,
    failed: 0,
    ...fields,
  }
}

/** A checker whose real server is down by it. */
export const failingCheck = (fields: Partial<Check> = {}): Check =>
  fakeCheck({
    realServer: '10.0.0.2:80',
    target: 'http://www.example.org/health at 10.0.0.2:80',
    state: 'down',
    counts: 'down',
    failures: 3,
    last: {at: '2026-01-31T08:05:08.000Z', ok: false, latencyMs: 12.25, text: 'status 503 where 200-299 is wanted'},
    runs: 40,
    failed: 3,
    ...fields,
  })

/** A checker that an operator has paused. */
export const pausedCheck = (fields: Partial<Check> = {}): Check =>
  fakeCheck({
    realServer: '10.0.0.3:80',
    kind: 'TCP_CHECK',
    target: '10.0.0.3:80',
    state: 'paused',
    nextAt: null,
    pause: {id: '7', since: '2026-01-31T08:04:00.000Z', reason: 'kernel update', until: '2026-01-31T09:04:00.000Z'},
    last: {at: '2026-01-31T08:03:59.000Z', ok: true, latencyMs: 0.3, text: null},
    ...fields,
  })

/** A checker that has never run, of a service by a mark. */
export const unknownCheck = (fields: Partial<Check> = {}): Check =>
  fakeCheck({
    virtualServer: 'fwmark 5',
    services: ['fwm/5'],
    realServer: '10.0.0.9:53',
    kind: 'DNS_CHECK',
    target: 'A of example.org at 10.0.0.9:53',
    state: 'unknown',
    counts: 'down',
    since: null,
    last: null,
    runs: 0,
    ...fields,
  })

const ALL: readonly Check[] = [fakeCheck(), failingCheck(), pausedCheck(), unknownCheck()]

/** One run of the past. */
export function fakeCheckRecord(fields: Partial<CheckRecord> = {}): CheckRecord {
  const {virtualServer, realServer, number, kind} = fakeCheck()
  return {
    virtualServer,
    realServer,
    number,
    kind,
    at: '2026-01-31T08:05:03.000Z',
    ok: true,
    latencyMs: 1.6,
    text: 'status 200',
    ...fields,
  }
}

function chosen({service, real}: {readonly service?: string; readonly real?: string}): readonly Check[] {
  const ofService = ALL.filter(
    ({virtualServer, services}) => service === undefined || virtualServer === service || services.includes(service),
  )
  if (ofService.length === 0) throw new HactlError('NOT_FOUND', `no service ${service}`, 'see: hactl check list')
  const found = ofService.filter(({realServer}) => real === undefined || realServer === real)
  if (found.length > 0) return found
  throw new HactlError('NOT_FOUND', `no real server ${real}`, 'see: hactl check list')
}

/** Handlers of everything that concerns checkers, which answer with made-up values. */
export const fakeChecks: CheckHandlers = {
  checks: ({failing, ...which}) =>
    seen(chosen(which).filter(({counts, last}) => failing !== true || counts === 'down' || last?.ok === false)),
  checkHistory: ({limit, ...which}) =>
    seen(
      chosen(which)
        .flatMap(({virtualServer, realServer, number, kind, last}) =>
          last === null ? [] : [fakeCheckRecord({virtualServer, realServer, number, kind, ...last})],
        )
        .slice(-(limit ?? 100)),
    ),
  runChecks: which => seen({checks: chosen(which)}),
  pauseChecks: ({reason, ...which}) =>
    seen({
      checks: chosen(which).map(check => ({
        ...check,
        state: 'paused' as const,
        nextAt: null,
        pause: {id: '8', since: OBSERVED_AT, reason: reason ?? null, until: null},
      })),
    }),
  resumeChecks: which => seen({checks: chosen(which)}),
}
