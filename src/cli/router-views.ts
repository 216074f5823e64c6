import type {TrackStatus, Vip, VirtualRouter, WhyReply} from '../control/model.ts'
import {counted, elapsedMs, formatDuration, formatInterval, formatTime} from '../core/format.ts'
import type {JournalRecord} from '../core/journal/record.ts'
import {type Colour, paint, STATE_COLOURS} from './colour.ts'
import {type Column, outputWidth, properties, table, wrapped} from './table.ts'

/** Virtual routers, one a line. `now` is ISO 8601. */
export function routerTable(routers: readonly VirtualRouter[], now: string): string {
  if (routers.length === 0) return 'no virtual routers are configured'
  const columns: readonly Column<VirtualRouter>[] = [
    {head: 'NAME', cell: ({name}) => name, shrinks: true},
    {head: 'STATE', cell: stateText, colour: ({state, splitBrain}) => (splitBrain ? 'red' : STATE_COLOURS[state])},
    {head: 'PRIORITY', cell: priorityText},
    {head: 'VRID', cell: ({vrid}) => String(vrid)},
    {head: 'INTERFACE', cell: router => router.interface, shrinks: true},
    {head: 'SINCE', cell: ({since}) => formatDuration(elapsedMs({from: since, to: now}))},
    {head: 'MASTER', cell: router => masterText(router, now)},
    {head: 'VIPS', cell: ({vips}) => vipsText(vips), shrinks: true},
  ]
  return table(columns, routers)
}

/** Everything about one virtual router. */
export function routerDetails(router: VirtualRouter, now: string): string {
  const {priority, counters} = router
  const since = formatDuration(elapsedMs({from: router.since, to: now}))
  const rejected = Object.entries(counters.rejected).filter(([, count]) => count > 0)
  const parts = [
    properties([
      ['name', router.name],
      ['state', router.state.toUpperCase()],
      ['since', `${formatTime(router.since)} (${since})`],
      ['because', router.reason],
      ['interface', `${router.interface}${router.source === null ? ', without an address' : `, ${router.source}`}`],
      ['vrid', `${router.vrid}, VRRP version ${router.version}, ${router.transport}`],
      ...(router.group === null ? [] : [['sync group', router.group] as const]),
      ...(router.device === null ? [] : [['own interface', router.device] as const]),
      ...(router.observed ? [['observed', 'nothing of it is done: another daemon runs it'] as const] : []),
      ...(router.held === null ? [] : [['held', router.held] as const]),
      ['priority', `${priority.effective}${priority.effective === priority.base ? '' : `, base ${priority.base}`}`],
      ['preempt', router.preempt ? preemptText(router.preemptDelayMs) : 'no'],
      ['advertisements', `every ${formatInterval(router.advertIntervalMs)}`],
      ['master down', `after ${formatInterval(router.masterDownIntervalMs)} of silence`],
      ['master heard', heardText(router, now)],
      ...(router.splitBrain ?? []).map(({rival, how}) => ['SPLIT BRAIN', `${rival} ${how} too`] as const),
      ...router.faults.map(fault => ['fault', fault] as const),
      ['sent', `${counted(counters.advertisementsSent, 'advertisement')}, ${counters.priorityZeroSent} of priority 0`],
      ['received', `${counters.advertisementsReceived}, ${counters.priorityZeroReceived} of priority 0`],
      ['rejected', rejected.map(([failure, count]) => `${failure} ${count}`).join(', ') || '0'],
      ['became master', counted(counters.becameMaster, 'time')],
      ['announced', `${counters.garpSent} GARP, ${counters.neighbourAdvertisementsSent} NA`],
      ['send errors', String(counters.sendErrors)],
    ]),
  ]
  if (router.tracking.length > 0) parts.push(trackTable(router.tracking))
  if (router.vips.length > 0) parts.push(vipTable(router.vips))
  return parts.join('\n\n')
}

/** Virtual addresses, one a line. */
export function vipTable(vips: readonly Vip[]): string {
  if (vips.length === 0) return 'no virtual addresses are configured'
  return table<Vip>(
    [
      {head: 'ADDRESS', cell: ({address, prefixLength}) => `${address}/${prefixLength}`},
      {head: 'INTERFACE', cell: vip => vip.interface, shrinks: true},
      {head: 'LABEL', cell: ({label}) => label ?? '-', shrinks: true},
      {head: 'ROUTER', cell: ({instance}) => instance, shrinks: true},
      {head: 'HERE', cell: vip => vipState(vip).text, colour: vip => vipState(vip).colour},
    ],
    vips,
  )
}

/** Why a virtual router is in its state: a sentence, then the chain of causes, the oldest first. */
export function whyText(why: WhyReply, now: string): string {
  const since = `${formatTime(why.since)} (${formatDuration(elapsedMs({from: why.since, to: now}))})`
  const state = why.state.toUpperCase()
  const sentence = `${why.name} is ${state} since ${since} because ${why.because}`
  const plain = wrapped(sentence, {width: outputWidth(), indent: 2})
  const head = plain.replace(` ${state} `, ` ${paint(STATE_COLOURS[why.state], state)} `)
  if (why.chain.length === 0) return head
  return [head, '', ...why.chain.map(recordLine)].join('\n')
}

/** One record of the journal as a line; it is wrapped on a terminal. */
export function recordLine(record: JournalRecord): string {
  const start = `${formatTime(record.at)}  `
  const about = record.instance === undefined ? record.text : `${record.instance}: ${record.text}`
  return paint('dim', start) + wrapped(about, {width: outputWidth() - start.length, indent: start.length})
}

function heardText({heard}: VirtualRouter, now: string): string {
  if (heard === null) return 'none'
  const ago = formatDuration(elapsedMs({from: heard.lastSeen, to: now}))
  return `${heard.address}, priority ${heard.priority}, ${ago} ago`
}

function priorityText({priority}: VirtualRouter): string {
  const {base, effective} = priority
  return effective === base ? String(base) : `${effective} (${base})`
}

/** The state, and what an operator must not overlook beside it. */
function stateText({state, splitBrain, held, observed}: VirtualRouter): string {
  const beside = splitBrain ? ' SPLIT BRAIN' : held === null ? '' : ' held'
  return `${state.toUpperCase()}${beside}${observed ? ' (observed)' : ''}`
}

/** One that has left, or fell silent while this node is held, is master no more. */
function masterText({state, heard, masterDownIntervalMs}: VirtualRouter, now: string): string {
  if (state === 'master') return 'this node'
  if (heard === null || heard.priority === 0) return '-'
  return elapsedMs({from: heard.lastSeen, to: now}) > masterDownIntervalMs + FIGURES_AGE_MS ? '-' : heard.address
}

/** How old what is known may be where all is well, milliseconds. */
const FIGURES_AGE_MS = 2_000

function vipsText(vips: readonly Vip[]): string {
  const [first] = vips
  if (first === undefined) return '-'
  return vips.length === 1 ? first.address : `${first.address} +${vips.length - 1}`
}

function vipState({wanted, present}: Vip): {readonly text: string; readonly colour: Colour | undefined} {
  if (wanted) return present ? {text: 'yes', colour: 'green'} : {text: 'missing', colour: 'red'}
  return present ? {text: 'yes, unwanted', colour: 'red'} : {text: 'no', colour: undefined}
}

function trackTable(tracking: readonly TrackStatus[]): string {
  const colours = {good: 'green', bad: 'red', unknown: 'yellow'} as const
  return table<TrackStatus>(
    [
      {head: 'TRACKED', cell: ({kind, name}) => `${kind} ${name}`, shrinks: true},
      {head: 'STATE', cell: ({state}) => state, colour: ({state}) => colours[state]},
      {head: 'WEIGHT', cell: ({weight}) => (weight === 0 ? 'fault' : String(weight))},
      {head: 'ADDS', cell: ({adds}) => String(adds)},
      {head: 'DETAIL', cell: ({detail}) => detail ?? '-', shrinks: true},
    ],
    tracking,
  )
}

function preemptText(delayMs: number): string {
  return delayMs === 0 ? 'yes' : `yes, after ${formatDuration(delayMs)}`
}
