import type {JournalRecord} from '../../core/journal/record.ts'
import {explain} from '../../core/journal/why.ts'
import type {ClusterPicture, NodePicture} from '../../watch/model.ts'
import {type Column, cells, heads, property, restWidth, span, widthOf} from '../lines.ts'
import type {Drawing, Line, Row, View} from '../model.ts'
import {hasWords} from '../sorting.ts'
import {recordLines, recordTimeMs, timeText, toneOf} from './record-lines.ts'
import {subjectOf} from './router-details.ts'

/** The journals of all nodes on one timeline, by this host's clock. */
export const EVENTS_VIEW: View = {
  id: 'events',
  title: 'events',
  sorts: ['newest', 'oldest', 'node'],
  heading: (picture, drawing) => heads(columns(picture, drawing), drawing.glyphs),
  rows: (picture, {filter, sort}) => {
    const events = picture.nodes.flatMap((node, at) => node.journal.map(record => ({node, at, record})))
    const rows = events.filter(event => hasWords({words: wordsOf(event)}, filter))
    const order = ORDERS[sort] ?? newestFirst
    return rows.sort(order).map(event => eventRow(picture, event))
  },
  empty: ({nodes}) =>
    nodes.every(({journal}) => journal.length === 0)
      ? 'no node has told of its journal yet'
      : 'no record has these words',
  details: (picture, subject, drawing) =>
    subject.type === 'event' ? eventDetails(picture, {at: subject.node, seq: subject.seq}, drawing) : [],
}

interface Event {
  readonly node: NodePicture
  /** The position of the node. */
  readonly at: number
  readonly record: JournalRecord
}

/** Records of one node stay in their order whatever its clock did. */
const newestFirst = (a: Event, b: Event): number =>
  a.at === b.at ? b.record.seq - a.record.seq : timeOf(b) - timeOf(a) || a.at - b.at

const ORDERS: {readonly [sort: string]: (a: Event, b: Event) => number} = {
  newest: newestFirst,
  oldest: (a, b) => newestFirst(b, a),
  node: (a, b) => a.at - b.at || newestFirst(a, b),
}

/** Of each record, made once: there are thousands, and a new picture four times a second. */
const TIMES = new WeakMap<JournalRecord, number>()
const WORDS = new WeakMap<JournalRecord, string>()

function timeOf({record, node}: Event): number {
  let at = TIMES.get(record)
  if (at === undefined) {
    at = Date.parse(record.at)
    TIMES.set(record, at)
  }
  return at - node.clockAheadMs
}

function wordsOf({record, node}: Event): string {
  let words = WORDS.get(record)
  if (words === undefined) {
    words = [node.address.name, record.kind, record.instance ?? '', record.text].join(' ').toLowerCase()
    WORDS.set(record, words)
  }
  return words
}

function columns({nodes}: ClusterPicture, drawing: Drawing): readonly Column[] {
  const names = nodes.map(({address}) => widthOf(address.name))
  const isWide = drawing.width >= 120
  const first: readonly Column[] = [
    // The day as well where there is room for it.
    {head: 'TIME', width: isWide ? 23 : 12},
    {head: 'NODE', width: Math.min(12, Math.max(4, ...names))},
    {head: 'ROUTER', width: isWide ? 20 : 10},
    ...(isWide ? [{head: 'KIND', width: 20}] : []),
  ]
  return [...first, {head: 'WHAT HAPPENED', width: restWidth(first, drawing)}]
}

function eventRow(picture: ClusterPicture, event: Event): Row {
  const {record, node, at} = event
  return {
    key: `${node.address.name}/${record.seq}`,
    subject: {type: 'event', node: at, seq: record.seq},
    words: wordsOf(event),
    line: drawing => {
      const widths = columns(picture, drawing)
      const isWide = widths.length > 4
      return cells(
        widths,
        [
          span(shortTime(timeOf(event), {nowMs: picture.nowMs, isWide}), 'dim'),
          node.address.name,
          record.instance ?? '',
          ...(isWide ? [span(record.kind, 'dim')] : []),
          span(record.text, toneOf(record)),
        ],
        drawing.glyphs,
      )
    },
  }
}

/** Today the time to the millisecond; of another day the day and the minute. */
function shortTime(ms: number, {nowMs, isWide}: {readonly nowMs: number; readonly isWide: boolean}): string {
  const text = timeText(ms)
  if (isWide) return text
  return text.slice(0, 10) === timeText(nowMs).slice(0, 10) ? text.slice(11) : text.slice(5, 16)
}

/** The record's facts, and what led to the state of its virtual router at that time, as `vrrp why` tells it. */
function eventDetails(
  picture: ClusterPicture,
  {at, seq}: {readonly at: number; readonly seq: number},
  drawing: Drawing,
): readonly Line[] {
  const node = picture.nodes[at]
  const position = node?.journal.findIndex(record => record.seq === seq) ?? -1
  const record = node?.journal[position]
  if (node === undefined || record === undefined) return [[span('this record is no longer kept here', 'unknown')]]
  const {width} = drawing
  const ahead = Math.round(node.clockAheadMs)
  const facts = Object.entries(record.facts).map(([name, value]) => `${name} ${factText(value)}`)
  const lines: Line[] = [
    ...property('what', span(record.text, toneOf(record)), width),
    ...property('when', `${timeText(recordTimeMs(record, node))} by the clock here`, width),
    ...property('there', `${record.at}${ahead === 0 ? '' : `, a clock ${ahead} ms ahead of this one`}`, width),
    ...property('node', node.address.name, width),
    ...property('kind', record.kind, width),
    ...property('number', String(record.seq), width),
    ...facts.flatMap((fact, index) => property(index === 0 ? 'facts' : '', fact, width)),
  ]
  return [...lines, ...chainLines(node, {record, position}, drawing)]
}

function chainLines(
  node: NodePicture,
  {record, position}: {readonly record: JournalRecord; readonly position: number},
  drawing: Drawing,
): readonly Line[] {
  if (record.instance === undefined) return []
  const router = node.routers.get(record.instance)
  const subject = router === undefined ? {instance: record.instance, interfaces: [], trackers: []} : subjectOf(router)
  const {chain} = explain(node.journal.slice(0, position + 1), subject)
  if (chain.length === 0) return [[], [span('nothing that is kept here led to it', 'dim')]]
  return [
    [],
    [span(`what led to the state of ${record.instance} then`, 'strong')],
    ...chain.flatMap(cause => recordLines(cause, {node, drawing, indent: 2})),
  ]
}

const factText = (value: JournalRecord['facts'][string]): string =>
  Array.isArray(value) ? value.join(', ') : String(value ?? '-')
