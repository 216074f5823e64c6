import type {WatchedCheck} from '../../control/watch-model.ts'
import type {ClusterPicture, ClusterReal, ClusterService, NodePicture} from '../../watch/model.ts'
import {type GrowingColumn, growingCells, growingHeads} from '../columns.ts'
import {property, span} from '../lines.ts'
import type {Drawing, Line, Row, Subject, View, ViewQuery} from '../model.ts'
import {ageText, latencyText} from '../numbers.ts'
import {byName, hasWords} from '../sorting.ts'
import {agoMs, checkLines} from './real-page.ts'
import {checkState, compareStates, findService, type StateWords, stateCell} from './real-state.ts'

/** Every checker of every real server, failing first. */
export const CHECKS_VIEW: View = {
  id: 'checks',
  title: 'checks',
  sorts: ['problem', 'name', 'since', 'latency'],
  heading: (_picture, drawing) => growingHeads(COLUMNS, drawing),
  rows,
  empty: (_picture, {filter}) => (filter === '' ? 'nothing is checked' : `no check has "${filter}" in it`),
  details: detailsOf,
}

/** One checker of one real server, and what each node says of it. */
interface Item {
  readonly picture: ClusterPicture
  readonly service: ClusterService
  /** The group that it is of; null: none. */
  readonly group: string | null
  readonly real: ClusterReal
  /** Its place among the checkers of the real server, from 0. */
  readonly at: number
}

/** How it is shown: by the node that finds it worst. */
interface Shown {
  readonly check: WatchedCheck
  readonly node: NodePicture
  readonly state: StateWords
}

const COLUMNS: readonly GrowingColumn<Item>[] = [
  {head: 'REAL SERVER', width: 19, grows: 1, most: 30, cell: ({real}) => real.name},
  {head: 'SERVICE', width: 18, grows: 1, most: 30, from: 110, cell: item => span(serviceText(item), 'dim')},
  {head: 'CHECK', width: 10, most: 12, grows: 1, cell: item => kindText(shownOf(item)?.check)},
  {head: 'SINCE', width: 8, right: true, cell: sinceText},
  {head: 'LATENCY', width: 8, right: true, cell: latencyCell},
  {
    head: 'STATE',
    width: 24,
    grows: 5,
    cell: (item, drawing) => {
      const shown = shownOf(item)
      return shown === undefined ? '' : stateCell(shown.state, drawing)
    },
  },
]

function rows(picture: ClusterPicture, {filter, sort}: ViewQuery): readonly Row[] {
  const items = itemsOf(picture, sort === 'name')
  const order = ORDERS[sort]
  const meant = filter === '' ? items : items.filter(item => hasWords(item, filter))
  return order === undefined ? meant : sorted(meant, order)
}

/** In the order of the configuration, or of names. */
function itemsOf(picture: ClusterPicture, isByName: boolean): readonly CheckRow[] {
  const items: CheckRow[] = []
  const groups = new Set<string>()
  for (const service of isByName ? picture.services.toSorted(byName) : picture.services) {
    // A group has one checker for all of its services.
    const group = service.configured?.startsWith('group ') ? service.configured : null
    if (group !== null && groups.has(group)) continue
    if (group !== null) groups.add(group)
    for (const real of isByName ? service.realServers.toSorted(byName) : service.realServers) {
      let count = 0
      for (const each of real.onNodes) if (each !== null) count = Math.max(count, each.checks.length)
      for (let at = 0; at < count; at++) items.push(new CheckRow({picture, service, group, real, at}))
    }
  }
  return items
}

/** Equal ones stay as they are. */
function sorted(items: readonly CheckRow[], order: (item: Item) => number): readonly CheckRow[] {
  const byRank = new Map<number, CheckRow[]>()
  for (const item of items) {
    const rank = order(item)
    const there = byRank.get(rank)
    if (there === undefined) byRank.set(rank, [item])
    else there.push(item)
  }
  return [...byRank.keys()].sort((a, b) => a - b).flatMap(rank => byRank.get(rank) ?? [])
}

/** By what checkers are sorted, ascending; the others are by name. */
const ORDERS: {readonly [sort: string]: (item: Item) => number} = {
  problem: problemRank,
  since: item => forMs(item) ?? Number.MAX_VALUE,
  latency: item => -(latencyMs(item) ?? -1),
}

/** The worst that a node says, without the words for it: all are ranked, and few are on the screen. */
function problemRank({real, at}: Item): number {
  let rank = 5
  for (const each of real.onNodes) {
    const check = each?.checks[at]
    if (check !== undefined) rank = Math.min(rank, rankOf(check))
  }
  return rank
}

function rankOf({state, counts, reason}: WatchedCheck): number {
  if (state === 'down') return 0
  if (counts === 'down') return 1
  if (state === 'up') return reason === null ? 5 : 2
  return state === 'paused' ? 3 : 4
}

function latencyMs({real, at}: Item): number | undefined {
  let slowest: number | undefined
  for (const each of real.onNodes) {
    const took = each?.checks[at]?.latencyMs ?? undefined
    if (took !== undefined && (slowest === undefined || took > slowest)) slowest = took
  }
  return slowest
}

/** For how long it has been so on the node that is shown, milliseconds; undefined: from the start. */
function forMs(item: Item): number | undefined {
  const shown = shownOf(item)
  if (shown === undefined || shown.check.since === null) return undefined
  return agoMs(shown.check.since, {node: shown.node, nowMs: item.picture.nowMs})
}

/** What the node says that finds it worst; where the nodes differ, the state says so. */
function shownOf({picture: {nodes}, real, at}: Item): Shown | undefined {
  const said = real.onNodes.flatMap((each, i): readonly Shown[] => {
    const check = each?.checks[at]
    const node = nodes[i]
    return check === undefined || node === undefined ? [] : [{check, node, state: checkState(check)}]
  })
  const [first] = said
  if (first === undefined) return undefined
  const worst = said.reduce((a, b) => (compareStates(b.state, a.state) < 0 ? b : a), first)
  if (said.every(({state}) => state.word === first.state.word)) return worst
  const each = said.map(({node, state}) => `${node.address.name} ${state.word}`).join(', ')
  const why = worst.state.detail === '' ? '' : ` (${worst.state.detail})`
  return {...worst, state: {...worst.state, detail: `nodes differ: ${each}${why}`}}
}

/** A row that is worked out as far as somebody asks: of fifteen thousand, some sixty are on the screen. */
class CheckRow implements Item, Row {
  readonly picture: ClusterPicture
  readonly service: ClusterService
  readonly group: string | null
  readonly real: ClusterReal
  readonly at: number

  constructor({picture, service, group, real, at}: Item) {
    this.picture = picture
    this.service = service
    this.group = group
    this.real = real
    this.at = at
  }

  get key(): string {
    return `c/${serviceText(this)}/${this.real.name}/${this.at + 1}`
  }

  get subject(): Subject {
    return {type: 'check', service: serviceText(this), real: this.real.name, number: this.at + 1}
  }

  get words(): string {
    return wordsOf(this)
  }

  line(drawing: Drawing): Line {
    return growingCells(COLUMNS, this, drawing)
  }
}

/** Also what is not in the line: what any node says. */
function wordsOf({service, real, at}: Item): string {
  let words = `${service.configured ?? ''} ${service.name} ${real.name}`
  let said: WatchedCheck | undefined
  for (const each of real.onNodes) {
    const check = each?.checks[at]
    if (check === undefined) continue
    const {kind, state, reason, pause} = check
    // Mostly all nodes say the same.
    const isSaid = said?.state === state && said.reason === reason && said.pause?.reason === pause?.reason
    if (!isSaid) words += ` ${kind} ${state} ${reason ?? ''} ${pause?.reason ?? ''}`
    said = check
  }
  return words.toLowerCase()
}

function serviceText({service, group}: Item): string {
  return group ?? service.name
}

function kindText(check: WatchedCheck | undefined): string {
  if (check === undefined) return ''
  return check.number > 1 ? `${check.kind} ${check.number}` : check.kind
}

/** Its larger unit. */
function sinceText(item: Item): string {
  const ms = forMs(item)
  return ms === undefined ? 'start' : ageText(ms, false)
}

function latencyCell(item: Item): string {
  const ms = latencyMs(item)
  return ms === undefined ? '-' : latencyText(ms)
}

function detailsOf(picture: ClusterPicture, subject: Subject, drawing: Drawing): readonly Line[] {
  if (subject.type !== 'check') return []
  const {number} = subject
  const service = findService(picture, subject.service)
  const real = service?.realServers.find(({name}) => name === subject.real)
  if (service === undefined || real === undefined) {
    return [[span(`${subject.real} of ${subject.service} is not there any more`, 'warning')]]
  }
  const {width} = drawing
  const configured = service.configured === null ? '' : `, ${service.configured}`
  const shared = [
    property('real server', span(real.name, 'strong'), width),
    property('service', `${service.name}${configured}`, width),
  ]
  const blocks = picture.nodes.map((node, i): readonly Line[] => {
    const head: Line = [span(node.address.name, 'strong')]
    const check = real.onNodes[i]?.checks.find(each => each.number === number)
    if (check !== undefined) return [[], head, ...checkLines(check, {node, nowMs: picture.nowMs}, drawing)]
    if (node.state === 'live' || node.state === 'late') return [[], head, [span('has no such check', 'dim')]]
    const why = node.problem ?? 'nothing was heard of it yet'
    return [[], head, [span(`${drawing.glyphs.unknown} UNKNOWN  ${why}`, 'unknown')]]
  })
  const more = `next run, target and history: hactl check show '${service.name}' '${real.name}'`
  return [...shared.flat(), ...blocks.flat(), [], ...property('more', span(more, 'dim'), width)]
}
