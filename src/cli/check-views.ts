import type {Check, CheckRecord, CheckResult} from '../control/check-model.ts'
import {elapsedMs, formatDuration, formatInterval, formatTime} from '../core/format.ts'
import {HactlError} from '../errors.ts'
import {type AlignedColumn, aligned} from './aligned.ts'
import type {Colour} from './colour.ts'
import {properties} from './table.ts'

/** By what a list of checkers can be sorted, and in which order. */
export const CHECK_SORTS = {
  state: byState,
  service: byPlace,
  real: (a: Check, b: Check) => compareTexts(a.realServer, b.realServer),
  check: (a: Check, b: Check) => compareTexts(a.kind, b.kind),
  since: (a: Check, b: Check) => compareTexts(b.since ?? '', a.since ?? ''),
  latency: (a: Check, b: Check) => (b.last?.latencyMs ?? -1) - (a.last?.latencyMs ?? -1),
  failed: (a: Check, b: Check) => b.failed - a.failed,
} as const satisfies {readonly [name: string]: (a: Check, b: Check) => number}

export type CheckSort = keyof typeof CHECK_SORTS

/** Reads the name of an order. Throws USAGE. */
export function checkSort(name: string): CheckSort {
  if (Object.hasOwn(CHECK_SORTS, name)) return name as CheckSort
  const hint = `there is ${Object.keys(CHECK_SORTS).join(', ')}`
  throw new HactlError('USAGE', `--sort: "${name.slice(0, 80)}" is none`, hint)
}

/** Checkers, one a line; problems first unless sorted otherwise. `now` is ISO 8601. */
export function checkList(
  checks: readonly Check[],
  {now, sort = 'state'}: {readonly now: string; readonly sort?: CheckSort | undefined},
): string {
  if (checks.length === 0) return 'no checks'
  const several = new Set(checks.filter(({number}) => number > 1).map(realKey))
  const columns: readonly AlignedColumn<Check>[] = [
    {head: 'SERVICE', cell: ({virtualServer}) => virtualServer},
    {head: 'REAL SERVER', cell: ({realServer}) => realServer},
    {
      head: 'CHECK',
      cell: check => (several.has(realKey(check)) ? `${check.number} ${check.kind}` : check.kind),
    },
    {head: 'STATE', cell: stateText, colour: stateColour},
    {head: 'SINCE', cell: ({since}) => (since === null ? '-' : inOneUnit(elapsedMs({from: since, to: now})))},
    {head: 'LAST RESULT', cell: ({last}) => (last === null ? '-' : resultText(last)), colour: lastColour},
  ]
  return aligned(columns, sortedChecks(checks, sort))
}

/** Checkers in an order; what is alike in it goes by service, real server and number. */
export function sortedChecks(checks: readonly Check[], sort: CheckSort): readonly Check[] {
  return checks.toSorted((a, b) => CHECK_SORTS[sort](a, b) || byPlace(a, b))
}

/** A checker and its latest runs, oldest first. */
export interface CheckWithResults extends Check {
  readonly results: readonly CheckResult[]
}

/** Everything about checkers. `now` is ISO 8601. */
export function checkDetails(checks: readonly CheckWithResults[], now: string): string {
  return checks.map(check => oneCheck(check, now)).join('\n\n')
}

/** What checkers found, one run a line; service and real server only where they differ. */
export function checkHistory(records: readonly CheckRecord[]): string {
  if (records.length === 0) return 'no check has run'
  const differ = (value: (record: CheckRecord) => string): boolean => new Set(records.map(value)).size > 1
  const columns: readonly (AlignedColumn<CheckRecord> | undefined)[] = [
    {head: 'TIME', cell: ({at}) => formatTime(at)},
    differ(r => r.virtualServer) ? {head: 'SERVICE', cell: r => r.virtualServer} : undefined,
    differ(r => r.realServer) ? {head: 'REAL SERVER', cell: r => r.realServer} : undefined,
    differ(r => `${r.number} ${r.kind}`) ? {head: 'CHECK', cell: r => `${r.number} ${r.kind}`} : undefined,
    ...RESULT_COLUMNS,
  ]
  return aligned(
    columns.filter(column => column !== undefined),
    records,
  )
}

const RESULT_COLUMNS: readonly AlignedColumn<CheckResult>[] = [
  {head: 'RESULT', cell: ({ok}) => (ok ? 'good' : 'failed'), colour: ({ok}) => (ok ? 'green' : 'red')},
  {head: 'LATENCY', cell: ({latencyMs}) => latencyText(latencyMs), right: true},
  {head: 'WHAT', cell: ({text}) => text ?? '-'},
]

function oneCheck(check: CheckWithResults, now: string): string {
  const {services, pause, last, results} = check
  const since = check.since === null ? 'the start' : `${formatTime(check.since)} (${ago(check.since, now)})`
  const entries: readonly (readonly [string, string])[] = [
    ['service', [check.virtualServer, ...services.filter(name => name !== check.virtualServer)].join(', ')],
    ['real server', check.realServer],
    ['check', `${check.number}, ${check.kind}`],
    ['target', check.target],
    ['state', stateText(check)],
    ['since', since],
    ...(pause === null ? [] : pauseEntries(pause)),
    ['counts as', check.counts],
    ['failures', `${check.failures} one after the other, ${check.failuresPermitted} make it down`],
    ...(check.addedWeight === 0 ? [] : [['adds weight', String(check.addedWeight)] as const]),
    ['last run', last === null ? 'none' : `${formatTime(last.at)} (${ago(last.at, now)} ago)`],
    ...(last === null ? [] : [['found', `${last.ok ? 'good' : 'failed'}: ${resultText(last)}`] as const]),
    ['next run', check.nextAt === null ? 'none' : `${formatTime(check.nextAt)} (in ${ago(now, check.nextAt)})`],
    ['runs', `${check.runs}, ${check.failed} failed`],
  ]
  const head = properties(entries)
  if (results.length === 0) return head
  return `${head}\n\n${aligned([{head: 'TIME', cell: ({at}) => formatTime(at)}, ...RESULT_COLUMNS], results)}`
}

function pauseEntries({id, since, reason, until}: NonNullable<Check['pause']>): readonly (readonly [string, string])[] {
  return [
    ['paused', `since ${formatTime(since)}, until ${until === null ? 'it is resumed' : formatTime(until)}`],
    ['override', id],
    ...(reason === null ? [] : [['reason', reason] as const]),
  ]
}

/** Its state, and what an operator must not overlook beside it. */
function stateText({state, counts, failures, failuresPermitted, pause}: Check): string {
  const parts: string[] = [state]
  if (state === 'up' && failures > 0) parts.push(`${failures} of ${failuresPermitted} failures`)
  if (state !== 'up' && state !== 'down' && counts === 'down') parts.push('down')
  return parts.join(', ') + (pause?.reason == null ? '' : ` (${pause.reason})`)
}

function stateColour({state, counts, failures}: Check): Colour {
  if (state === 'up') return failures > 0 ? 'yellow' : 'green'
  return state === 'down' || counts === 'down' ? 'red' : 'yellow'
}

const lastColour = ({last}: Check): Colour | undefined => (last?.ok === false ? 'red' : undefined)

/** "status 200, 1.4 ms" */
function resultText({text, latencyMs}: CheckResult): string {
  return text === null ? latencyText(latencyMs) : `${text}, ${latencyText(latencyMs)}`
}

/** A measured time: to the microsecond below a millisecond, as fine as it matters above. */
export function latencyText(ms: number): string {
  return ms < 100 ? formatInterval(Math.round(ms * 100) / 100) : formatDuration(ms)
}

const ago = (from: string, to: string): string => formatDuration(elapsedMs({from, to}))

/** "3 min" where a duration is "3 min 2 s". */
const inOneUnit = (ms: number): string => formatDuration(ms).split(' ').slice(0, 2).join(' ')

/** Down, failing, paused, unknown, suspended, up; of the paused and the like those first that count as down. */
function byState(a: Check, b: Check): number {
  return rank(a) - rank(b)
}

function rank({state, counts, failures, last}: Check): number {
  if (state === 'down') return 0
  if (state === 'up') return failures > 0 || last?.ok === false ? 1 : 8
  const place = {paused: 2, unknown: 4, suspended: 6} as const
  return place[state] + (counts === 'down' ? 0 : 1)
}

const realKey = ({virtualServer, realServer}: Check): string => `${virtualServer}\n${realServer}`

function byPlace(a: Check, b: Check): number {
  return (
    compareTexts(a.virtualServer, b.virtualServer) || compareTexts(a.realServer, b.realServer) || a.number - b.number
  )
}

const compareTexts = (a: string, b: string): number => COLLATOR.compare(a, b)

/** 10.0.0.2 comes before 10.0.0.10. */
const COLLATOR = new Intl.Collator('en', {numeric: true})
