import type {Peer, VirtualRouter} from '../../control/model.ts'
import {formatDuration, formatInterval, formatTime} from '../../core/format.ts'
import type {ClusterPicture, NodePicture} from '../../watch/model.ts'
import {type Column, cells, heads, property, restWidth, span, widthOf} from '../lines.ts'
import type {Drawing, Line, Row, Span, View} from '../model.ts'
import {ageText} from '../numbers.ts'
import {hasWords, nameOf, nameOrder, sortedBy} from '../sorting.ts'

/** The routers that each node heard on the wire, also those that are none of ours. */
export const PEERS_VIEW: View = {
  id: 'peers',
  title: 'peers',
  sorts: ['problem', 'node', 'router', 'heard'],
  heading: (picture, drawing) => heads(columns(picture, drawing), drawing.glyphs),
  rows: (picture, {filter, sort}) => {
    const heard = picture.nodes.flatMap((node, at) =>
      [...node.routers.values()].flatMap(router => router.peers.map(peer => seen(picture, {node, at, router, peer}))),
    )
    return sortedBy(heard, (ORDERS[sort] ?? byTrouble)(nameOrder(heard)))
      .map(entry => peerRow(picture, entry))
      .filter(row => hasWords(row, filter))
  },
  empty: ({nodes}, {filter}) =>
    filter === '' && nodes.length > 0 ? 'no node has heard another router' : 'no router that was heard has these words',
  details: (picture, subject, drawing) => {
    if (subject.type !== 'peer') return []
    const node = picture.nodes[subject.node]
    const router = node?.routers.get(subject.router)
    const peer = router?.peers.find(({address}) => address === subject.peer)
    if (node === undefined || router === undefined || peer === undefined) {
      return [[span('this router is no longer told of', 'unknown')]]
    }
    return peerDetails(picture, seen(picture, {node, at: subject.node, router, peer}), drawing)
  },
}

interface Heard {
  readonly node: NodePicture
  /** The position of the node. */
  readonly at: number
  readonly router: VirtualRouter
  readonly peer: Peer
}

interface Entry extends Heard {
  readonly name: string
  readonly silentMs: number
  readonly standing: 'heard' | 'silent' | 'rejected' | 'unknown'
  readonly rejected: number
}

/** Figures of a router are told at least so often, milliseconds (`WatchEvent`): less silence means nothing. */
const FIGURES_MS = 12_000

function seen(picture: ClusterPicture, heard: Heard): Entry {
  const {node, router, peer} = heard
  const silentMs = Math.max(0, picture.nowMs + node.clockAheadMs - Date.parse(peer.lastHeard))
  const rejected = Object.values(peer.rejected).reduce((sum, count) => sum + count, 0)
  const interval = peer.intervalMs ?? router.advertIntervalMs
  // Only a master advertises: a backup that is silent is as it should be.
  const isSilent = silentMs > Math.max(FIGURES_MS, 3 * interval)
  const standing = node.state === 'unknown' ? 'unknown' : isSilent ? 'silent' : rejected > 0 ? 'rejected' : 'heard'
  return {...heard, name: router.name, silentMs, standing, rejected}
}

const RANK = {rejected: 0, unknown: 1, heard: 2, silent: 3} as const

/** An order of entries, where names have this one. */
type Order = (byName: (a: Entry, b: Entry) => number) => (a: Entry, b: Entry) => number

const byTrouble: Order = byName => (a, b) => RANK[a.standing] - RANK[b.standing] || byName(a, b) || a.at - b.at

const ORDERS: {readonly [sort: string]: Order} = {
  problem: byTrouble,
  node: byName => (a, b) => a.at - b.at || byName(a, b),
  router: byName => (a, b) => byName(a, b) || a.at - b.at,
  heard: () => (a, b) => a.silentMs - b.silentMs,
}

function standingSpan({standing}: Entry, {glyphs}: Drawing): Span {
  switch (standing) {
    case 'heard':
      return {text: `${glyphs.master} HEARD`, tone: 'good'}
    case 'silent':
      return {text: `${glyphs.backup} SILENT`, tone: 'dim'}
    case 'rejected':
      return {text: `${glyphs.warning} REJECTED`, tone: 'warning'}
    case 'unknown':
      return {text: `${glyphs.unknown} UNKNOWN`, tone: 'unknown'}
  }
}

function columns({nodes}: ClusterPicture, drawing: Drawing): readonly Column[] {
  const names = nodes.map(({address}) => widthOf(address.name))
  const isWide = drawing.width >= 120
  const first: readonly Column[] = [
    {head: 'BY NODE', width: Math.min(12, Math.max(7, ...names))},
    {head: 'ROUTER', width: isWide ? 20 : 10},
    {head: 'HEARD', width: isWide ? 39 : 15},
    {head: 'STATE', width: 10},
    {head: 'PRIO', width: 4, right: true},
    {head: 'INTERVAL', width: 8, right: true},
    ...(isWide ? [{head: 'ADVERTISEMENTS', width: 14, right: true}] : []),
  ]
  return [...first, {head: 'LAST', width: restWidth(first, drawing)}]
}

function peerRow(picture: ClusterPicture, entry: Entry): Row {
  const {node, at, router, peer, standing} = entry
  return {
    key: `${node.address.name}/${router.name}/${peer.address}`,
    subject: {type: 'peer', node: at, router: router.name, peer: peer.address},
    get words() {
      return `${node.address.name} ${router.name} vrid ${router.vrid} ${peer.address} ${standing}`.toLowerCase()
    },
    line: drawing => {
      const widths = columns(picture, drawing)
      const why = standing === 'rejected' ? `, ${rejectedText(peer)}` : ''
      return cells(
        widths,
        [
          nameOf(picture, at),
          router.name,
          peer.address,
          standingSpan(entry, drawing),
          String(peer.priority ?? '-'),
          peer.intervalMs === null ? '-' : formatInterval(peer.intervalMs),
          ...(widths.length > 7 ? [String(peer.advertisements)] : []),
          span(`${ageText(entry.silentMs, false)} ago${why}`, 'dim'),
        ],
        drawing.glyphs,
      )
    },
  }
}

const rejectedText = ({rejected}: Peer): string =>
  Object.entries(rejected)
    .filter(([, count]) => count > 0)
    .map(([failure, count]) => `${failure} ${count}`)
    .join(', ')

function peerDetails(picture: ClusterPicture, entry: Entry, drawing: Drawing): readonly Line[] {
  const {node, router, peer, at} = entry
  const owner = picture.nodes.find(candidate =>
    [...candidate.routers.values()].some(({source, vrid}) => source === peer.address && vrid === router.vrid),
  )
  const facts: readonly (readonly [string, string])[] = [
    ['address', peer.address],
    ['which is', owner === undefined ? 'no node of this cluster' : owner.address.name],
    ['heard by', `${nameOf(picture, at)}, for ${router.name} (vrid ${router.vrid})`],
    ['priority', peer.priority === null ? 'it has said nothing that counts' : String(peer.priority)],
    ['interval', peer.intervalMs === null ? '-' : formatInterval(peer.intervalMs)],
    ['first heard', formatTime(peer.firstHeard)],
    ['last heard', `${formatTime(peer.lastHeard)} (${formatDuration(entry.silentMs)} ago)`],
    ['obeyed', `${peer.advertisements} advertisements`],
    ['rejected', rejectedText(peer) || '0'],
    ['router there', `${router.state}, ${router.source ?? 'no address'}, ${router.interface || 'no interface'}`],
    ...(node.state === 'live' ? [] : [['node', `${node.state}: ${node.problem ?? 'silent'}`] as const]),
  ]
  return [[standingSpan(entry, drawing)], ...facts.flatMap(([name, value]) => property(name, value, drawing.width))]
}
