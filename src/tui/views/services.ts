import {shortNumber} from '../../core/format.ts'
import type {ClusterPicture, ClusterReal, ClusterService, Problem} from '../../watch/model.ts'
import {type GrowingColumn, growingCells, growingHeads} from '../columns.ts'
import {HISTORY_SAMPLES, sparkline} from '../history.ts'
import {span} from '../lines.ts'
import type {Drawing, Line, Row, Span, Subject, View, ViewQuery} from '../model.ts'
import {latencyText, rateText} from '../numbers.ts'
import {byName, hasWords} from '../sorting.ts'
import {realPage} from './real-page.ts'
import {findService, realState, type StateWords, serviceState, stateCell} from './real-state.ts'

/** Virtual servers, which fold out to their real servers. */
export const SERVICES_VIEW: View = {
  id: 'services',
  title: 'services',
  sorts: ['problem', 'name', 'connections', 'rate'],
  folds: true,
  heading: (_picture, drawing) => growingHeads(COLUMNS, drawing),
  rows,
  empty: (picture, {filter}) => {
    if (filter !== '' && picture.services.length > 0) return `no service or real server has "${filter}" in it`
    const problem = picture.nodes.find(({servicesProblem}) => servicesProblem !== null)
    const why = problem === undefined ? '' : ` (${problem.address.name}: ${problem.servicesProblem})`
    return `no virtual servers${why}`
  },
  details: detailsOf,
}

/** How a problem is ranked beside others: 0 is the worst. */
export const problemRank = (problem: Problem | null): number =>
  problem === null ? NO_PROBLEM : RANKS[problem.severity]

const NO_PROBLEM = 9
const RANKS: {readonly [severity in Problem['severity']]: number} = {critical: 0, unknown: 1, warning: 2}

/** Of the number beside the sparkline, columns. */
const RATE_WIDTH = 6

/** One line of the tree; without `real` it is the service itself. */
interface Item {
  readonly picture: ClusterPicture
  readonly service: ClusterService
  readonly real: ClusterReal | null
  readonly isOpen: boolean
}

const COLUMNS: readonly GrowingColumn<Item>[] = [
  {head: 'SERVICE / REAL SERVER', width: 22, grows: 2, most: 46, cell: nameCell},
  {head: 'WGHT', width: 5, right: true, cell: ({real}) => (real === null ? '' : weightCell(real))},
  {head: 'ACTIVE', width: 6, right: true, cell: ({service, real}) => shortNumber((real ?? service).activeConnections)},
  {
    head: 'INACTIVE',
    width: 8,
    from: 98,
    right: true,
    cell: ({service, real}) => shortNumber(real === null ? inactive(service) : real.inactiveConnections),
  },
  // The last minute as far as there is room, and the rate of now.
  {head: 'CONN/S', width: 12, most: RATE_WIDTH + HISTORY_SAMPLES, grows: 2, right: true, cell: rateCell},
  {head: 'IN/S', width: 6, from: 140, right: true, cell: item => bytesCell(item, 'bytesIn')},
  {head: 'OUT/S', width: 6, from: 140, right: true, cell: item => bytesCell(item, 'bytesOut')},
  {head: 'LATENCY', width: 8, from: 116, right: true, cell: ({real}) => (real === null ? '' : latencyCell(real))},
  {head: 'STATE', width: 20, grows: 4, cell: (item, drawing) => stateCell(stateOf(item), drawing)},
]

function rows(picture: ClusterPicture, {filter, sort, open}: ViewQuery): readonly Row[] {
  const shown: Row[] = []
  for (const service of sorted(picture.services, SERVICE_ORDERS[sort])) {
    const key = `s/${service.name}`
    const isNamed = filter === '' || hasWords({words: wordsOf(service, null)}, filter)
    // What is searched for is shown also where nobody has folded it out.
    const reals = isNamed ? (open.has(key) ? service.realServers : []) : withWords(service, filter)
    if (!isNamed && reals.length === 0) continue
    shown.push(rowOf({picture, service, real: null, isOpen: reals.length > 0}, key))
    for (const real of sorted(reals, REAL_ORDERS[sort])) {
      shown.push(rowOf({picture, service, real, isOpen: false}, `r/${service.name}/${real.name}`))
    }
  }
  return shown
}

function rowOf(item: Item, key: string): Row {
  const {service, real} = item
  const subject: Subject =
    real === null ? {type: 'service', service: service.name} : {type: 'real', service: service.name, real: real.name}
  return {
    key,
    subject,
    get words() {
      return wordsOf(service, real)
    },
    line: drawing => growingCells(COLUMNS, item, drawing),
    ...(real === null ? {folds: true} : {}),
  }
}

function wordsOf({name, configured}: ClusterService, real: ClusterReal | null): string {
  const more = real === null ? '' : `${real.name} ${real.problem?.text ?? ''}`
  return `${name} ${configured ?? ''} ${more}`.toLowerCase()
}

const withWords = (service: ClusterService, filter: string): readonly ClusterReal[] =>
  service.realServers.filter(real => hasWords({words: wordsOf(service, real)}, filter))

type Order<Thing> = (thing: Thing) => number

/** By what is sorted, ascending; what is alike in it stays in the order of the configuration. Else it goes by name. */
const SERVICE_ORDERS: {readonly [sort: string]: Order<ClusterService>} = {
  // A service has the worst of its real servers.
  problem: ({problem}) => problemRank(problem),
  connections: ({activeConnections}) => -activeConnections,
  rate: ({connectionsPerSecond}) => -connectionsPerSecond,
}

const REAL_ORDERS: {readonly [sort: string]: Order<ClusterReal>} = {
  problem: ({problem}) => problemRank(problem),
  connections: ({activeConnections}) => -activeConnections,
  rate: ({connectionsPerSecond}) => -connectionsPerSecond,
}

function sorted<Thing extends {readonly name: string}>(
  things: readonly Thing[],
  order: Order<Thing> | undefined,
): readonly Thing[] {
  if (things.length < 2) return things
  if (order === undefined) return things.toSorted(byName)
  const ranks = things.map(order)
  // Mostly nothing is wrong, and they are all alike.
  if (ranks.every(rank => rank === ranks[0])) return things
  const places = things.map((_, i) => i).sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b)
  return places.flatMap(i => things[i] ?? [])
}

function nameCell({service, real, isOpen}: Item, {glyphs}: Drawing): readonly Span[] {
  if (real !== null) return [span(`  ${real.name}`)]
  const fold = service.realServers.length === 0 ? glyphs.leaf : isOpen ? glyphs.open : glyphs.closed
  const name = span(`${fold} ${service.name}`, 'strong')
  // "192.0.2.1 80" says nothing more.
  const isGroup = service.configured?.startsWith('group ')
  return isGroup ? [name, span(`  ${service.configured}`, 'dim')] : [name]
}

/** What the nodes say, once where they agree: "3", "3/1". */
function weightCell({onNodes}: ClusterReal): string {
  const values = new Set(onNodes.flatMap(real => (real === null ? [] : [real.weight])))
  return values.size === 0 ? '?' : [...values].map(shortNumber).join('/')
}

function inactive({realServers}: ClusterService): number {
  return realServers.reduce((sum, {inactiveConnections}) => sum + inactiveConnections, 0)
}

function rateCell({service, real}: Item, {glyphs, history}: Drawing, width: number): readonly Span[] {
  const name = real === null ? service.name : `${service.name} ${real.name}`
  const past = sparkline(history(name), {symbols: glyphs.spark, width: width - RATE_WIDTH})
  return [span(past, 'dim'), span(rateText((real ?? service).connectionsPerSecond).padStart(RATE_WIDTH))]
}

function bytesCell({service, real}: Item, field: 'bytesIn' | 'bytesOut'): string {
  if (real === null) return shortNumber(field === 'bytesIn' ? service.bytesInPerSecond : service.bytesOutPerSecond)
  return shortNumber(real.onNodes.reduce((sum, each) => sum + (each?.rates[field] ?? 0), 0))
}

/** The slowest of its checks on any node. */
function latencyCell({onNodes}: ClusterReal): string {
  const known = onNodes.flatMap(real => real?.checks.flatMap(({latencyMs}) => latencyMs ?? []) ?? [])
  return known.length === 0 ? '-' : latencyText(Math.max(...known))
}

function stateOf({picture, service, real}: Item): StateWords {
  return real === null ? serviceState(service, picture) : realState(real, service, picture)
}

function detailsOf(picture: ClusterPicture, subject: Subject, drawing: Drawing): readonly Line[] {
  if (subject.type !== 'real') return []
  const service = findService(picture, subject.service)
  const real = service?.realServers.find(({name}) => name === subject.real)
  if (service === undefined || real === undefined) {
    return [[span(`${subject.real} of ${subject.service} is not there any more`, 'warning')]]
  }
  return realPage({picture, service, real}, drawing)
}
