import type {ClusterPicture, ClusterRouter, NodePicture, RouterOnNode} from '../../watch/model.ts'
import {nodeSpan, SEVERITY_TONES, stateSpan} from '../glyphs.ts'
import {type Cell, type Column, cells, GAP, heads, lineWidth, restWidth, span, widthOf} from '../lines.ts'
import type {Drawing, Line, Row, Span, View, ViewQuery} from '../model.ts'
import {ageText} from '../numbers.ts'
import {byName, byProblem, hasWords, nameOf, sortedBy} from '../sorting.ts'
import {nodeDetails} from './node-details.ts'
import {routerDetails} from './router-details.ts'

/** Every virtual router with a column a node: who holds it, since when, and why. */
export const OVERVIEW_VIEW: View = {
  id: 'overview',
  title: 'overview',
  sorts: ['problem', 'name', 'since'],
  heading: (picture, drawing) => {
    const {columns} = layout(picture, drawing)
    return heads(columns, drawing.glyphs)
  },
  rows: (picture, query) => {
    const routers = sortedBy(picture.routers, ORDERS[query.sort] ?? byProblem)
    const rows = routers.map(router => routerRow(picture, router))
    return [nodesRow(picture, query), ...rows].filter(row => hasWords(row, query.filter))
  },
  empty: ({routers}) =>
    routers.length === 0 ? 'no node has told of a virtual router yet' : 'no virtual router has these words',
  details: (picture, subject, drawing) => {
    if (subject.type === 'router') return routerDetails(picture, subject.key, drawing)
    return subject.type === 'node' ? nodeDetails(picture, subject.node, drawing) : []
  },
}

type Order = (a: ClusterRouter, b: ClusterRouter) => number

/** Those that have not changed for longest come last; where nothing is known, at the end. */
const bySince: Order = (a, b) => (changedAt(b) ?? 0) - (changedAt(a) ?? 0)

const ORDERS: {readonly [sort: string]: Order} = {
  problem: byProblem,
  name: byName,
  since: bySince,
}

const changedAt = ({heldSinceMs, lastCause}: ClusterRouter): number | undefined => heldSinceMs ?? lastCause?.atMs

const HOLDER_WIDTH = 11
/** "59 min 59 s"; only the larger unit where there is little room. */
const SINCE_WIDTH = 11
const SHORT_SINCE_WIDTH = 6
const VRID_WIDTH = 4
/** "○ BACKUP held" */
const LEAST_NODE = 13
const MOST_NODE = 22
const MOST_NAME = 28
const LEAST_NAME = 10
/** From here on there is room for the addresses, and then for the last cause, columns. */
const WIDE = 120
const VIPS_WIDTH = 22

/** From here on there is room for the VRID, columns. */
const MEDIUM = 100

interface Layout {
  readonly columns: readonly Column[]
  /** Positions of the nodes that have a column, around the chosen one where not all have. */
  readonly nodes: readonly number[]
  readonly nodeWidth: number
  readonly hasVrid: boolean
  readonly isWide: boolean
}

/** Name and nodes share what the others leave: each node its word and priority first, then more for both. */
function layout({nodes, routers}: ClusterPicture, drawing: Drawing): Layout {
  const isWide = drawing.width >= WIDE
  const longest = longestName(routers)
  const vrid: readonly Column[] = drawing.width < MEDIUM ? [] : [{head: 'VRID', width: VRID_WIDTH, right: true}]
  const holder: readonly Column[] = [
    {head: 'HOLDER', width: HOLDER_WIDTH},
    {head: 'SINCE', width: vrid.length === 0 ? SHORT_SINCE_WIDTH : SINCE_WIDTH},
  ]
  const addresses: Column = {head: 'ADDRESSES', width: VIPS_WIDTH}
  const fixed: readonly Column[] = [...vrid, ...holder, ...(isWide ? [addresses, {head: '', width: 30}] : [])]
  const room = restWidth(fixed, drawing)
  const count = Math.max(1, Math.min(nodes.length, Math.floor((room - LEAST_NAME) / (LEAST_NODE + GAP))))
  const perNode = Math.floor((room - Math.min(longest, MOST_NAME)) / count) - GAP
  const nodeWidth = Math.max(LEAST_NODE, Math.min(MOST_NODE, perNode))
  const nameWidth = Math.max(LEAST_NAME, Math.min(longest, MOST_NAME, room - count * (nodeWidth + GAP)))
  const first = Math.max(0, Math.min(drawing.node - count + 1, nodes.length - count))
  const shown = nodes.slice(first, first + count)
  const columns: Column[] = [
    {head: 'ROUTER', width: nameWidth},
    ...vrid,
    ...shown.map((node, at) => ({
      head: nodeHead(node, {isChosen: first + at === drawing.node, drawing}),
      width: nodeWidth,
    })),
    ...holder,
  ]
  if (isWide) columns.push(addresses, {head: 'LAST CHANGE', width: restWidth([...columns, addresses], drawing)})
  return {columns, nodes: shown.map((_, at) => first + at), nodeWidth, hasVrid: vrid.length > 0, isWide}
}

/** Looked for once a picture: every line asks. */
const LONGEST = new WeakMap<readonly ClusterRouter[], number>()

function longestName(routers: readonly ClusterRouter[]): number {
  const known = LONGEST.get(routers)
  if (known !== undefined) return known
  const longest = routers.reduce((most, {name}) => Math.max(most, widthOf(name)), LEAST_NAME)
  LONGEST.set(routers, longest)
  return longest
}

/** The chosen one is marked: h and l move the mark. */
const nodeHead = (
  {address}: NodePicture,
  {isChosen, drawing}: {readonly isChosen: boolean; readonly drawing: Drawing},
): string => (isChosen ? `${drawing.glyphs.cursor}${address.name}` : address.name)

function nodesRow(picture: ClusterPicture, {node}: ViewQuery): Row {
  const {nodes} = picture
  return {
    key: 'nodes',
    subject: {type: 'node', node},
    words: ['nodes', ...nodes.map(({address, state}) => `${address.name} ${state}`)].join(' ').toLowerCase(),
    line: drawing => {
      const {columns, nodes: shown, nodeWidth, hasVrid, isWide} = layout(picture, drawing)
      const states = shown.map((at): Cell => {
        const shownNode = nodes[at]
        return shownNode === undefined ? '' : nodeCell(shownNode, {drawing, width: nodeWidth})
      })
      const problem = nodes.find(({problem}) => problem !== null)
      const said = problem === undefined ? '' : `${problem.address.name}: ${problem.problem}`
      return cells(
        columns,
        ['nodes', ...(hasVrid ? [''] : []), ...states, '', '', ...(isWide ? ['', said] : [])],
        drawing.glyphs,
      )
    },
  }
}

function nodeCell(
  {state, silentMs}: NodePicture,
  {drawing, width}: {readonly drawing: Drawing; readonly width: number},
): Line {
  const word = nodeSpan(state, drawing.glyphs)
  const silent = state === 'live' || silentMs === null ? '' : ` ${ageText(silentMs, false)}`
  return widthOf(word.text + silent) > width ? [word] : [word, span(silent, 'dim')]
}

function routerRow(picture: ClusterPicture, router: ClusterRouter): Row {
  const {key, name, vrid, vips, problem, lastCause} = router
  const states = router.onNodes.map(on => (on === null ? '' : on.isKnown ? on.router.state : 'unknown'))
  const words = [name, `vrid ${vrid}`, ...vips, ...states, holderText(picture, router), problem?.kind, problem?.text]
  return {
    key,
    subject: {type: 'router', key},
    words: words.join(' ').toLowerCase(),
    line: drawing => {
      const {columns, nodes, nodeWidth, hasVrid, isWide} = layout(picture, drawing)
      const since = changedAt(router)
      const cause = lastCause === null ? '' : `${nameOf(picture, lastCause.node)}: ${lastCause.text}`
      const contents: Cell[] = [
        span(name, problem === null ? 'strong' : SEVERITY_TONES[problem.severity]),
        ...(hasVrid ? [String(vrid)] : []),
        ...nodes.map(at => routerCell(router.onNodes[at] ?? null, {drawing, width: nodeWidth})),
        holderSpan(picture, router),
        span(sinceText(since === undefined ? undefined : picture.nowMs - since, hasVrid), 'dim'),
      ]
      if (isWide) contents.push(vipsText(vips), span(cause, 'dim'))
      return cells(columns, contents, drawing.glyphs)
    },
  }
}

/** What one node says of a router; of a silent one nothing counts. */
function routerCell(
  on: RouterOnNode | null,
  {drawing, width}: {readonly drawing: Drawing; readonly width: number},
): Line {
  const {glyphs} = drawing
  if (on === null) return [{text: glyphs.absent, tone: 'dim'}]
  if (!on.isKnown) return [{text: `${glyphs.unknown} UNKNOWN`, tone: 'unknown'}]
  const {state, priority, splitBrain, held, observed} = on.router
  const word: Span = splitBrain === null ? stateSpan(state, glyphs) : {...stateSpan(state, glyphs), tone: 'bad'}
  const remarks: Span[] = []
  if (splitBrain !== null) remarks.push({text: ' SPLIT', tone: 'bad'})
  if (held !== null) remarks.push({text: ' held', tone: 'warning'})
  if (observed) remarks.push({text: ' observed', tone: 'dim'})
  const line = [word, span(` ${priority.effective}`, 'dim'), ...remarks]
  return lineWidth(line) > width ? [word, ...remarks] : line
}

const sinceText = (ms: number | undefined, hasRoom: boolean): string => (ms === undefined ? '-' : ageText(ms, hasRoom))

/** Who holds a router, in words. */
export function holderText(picture: ClusterPicture, {holders, problem}: ClusterRouter): string {
  if (holders.length > 1) return 'SPLIT BRAIN'
  const [holder] = holders
  if (holder !== undefined) return nameOf(picture, holder)
  return problem?.kind === 'holder-unknown' ? 'UNKNOWN' : 'NONE'
}

function holderSpan(picture: ClusterPicture, router: ClusterRouter): Span {
  const text = holderText(picture, router)
  if (router.holders.length === 1)
    return router.problem?.kind === 'split-brain' ? {text, tone: 'bad'} : {text, tone: 'good'}
  return {text, tone: text === 'UNKNOWN' ? 'unknown' : 'bad'}
}

function vipsText(vips: readonly string[]): string {
  const [first = '-', ...more] = vips
  return more.length === 0 ? first : `${first} +${more.length}`
}
