import type {VirtualRouter} from '../control/model.ts'
import {counted, elapsedMs, formatDuration, formatInterval, formatTime} from '../core/format.ts'
import type {ClusterPicture, ClusterRouter, NodePicture, Problem, RouterOnNode} from '../watch/model.ts'
import {isKnown} from '../watch/node-problems.ts'
import {type AlignedColumn, aligned} from './aligned.ts'
import {problemsOf, sizeText, type VerdictState, verdictLine, verdictOf} from './cluster-verdict.ts'
import {type Colour, paint, STATE_COLOURS} from './colour.ts'
import {printable} from './table.ts'

/**
 * A cluster as `cluster status` prints it: the line that a monitoring plug-in shows, what is wrong, and every virtual
 * router with a column a node.
 */
export function statusText(picture: ClusterPicture): string {
  const verdict = verdictOf(picture)
  const line = paint(VERDICT_COLOURS[verdict.state], verdictLine(verdict))
  return paragraphs([line, problemLines(picture), routerText(picture)])
}

/** A cluster as the first view of the dashboard has it, as plain text. */
export function overviewText(picture: ClusterPicture): string {
  const at = formatTime(new Date(picture.nowMs).toISOString())
  return paragraphs([
    `${paint('dim', at)}  ${sizeText(picture)}`,
    problemLines(picture) || paint('green', 'no problems'),
    nodeTable(picture),
    routerText(picture, [CAUSE_COLUMN]),
    servicesLine(picture),
  ])
}

const paragraphs = (texts: readonly string[]): string => texts.filter(text => text !== '').join('\n\n')

const VERDICT_COLOURS: {readonly [state in VerdictState]: Colour} = {
  ok: 'green',
  warning: 'yellow',
  critical: 'red',
  unknown: 'yellow',
}

function problemLines(picture: ClusterPicture): string {
  return problemsOf(picture).map(problemLine).join('\n')
}

const problemLine = ({severity, text}: Problem): string =>
  `${paint(VERDICT_COLOURS[severity], severity.toUpperCase().padEnd('CRITICAL'.length))}  ${printable(text)}`

interface NodeRow {
  readonly node: NodePicture
  readonly picture: ClusterPicture
  /** Its position. */
  readonly at: number
}

/** Every node, one a line; of one that is silent nothing but that. */
function nodeTable(picture: ClusterPicture): string {
  const known = (cell: (row: NodeRow) => string) => (row: NodeRow) => (isKnown(row.node) ? cell(row) : '-')
  const columns: readonly AlignedColumn<NodeRow>[] = [
    {head: 'NODE', cell: ({node}) => node.address.name},
    {
      head: 'STATE',
      cell: ({node}) => nodeState(node),
      colour: ({node}) => (node.state === 'live' ? 'green' : 'yellow'),
    },
    {head: 'MASTER OF', cell: known(mastersText)},
    {head: 'VERSION', cell: known(({node}) => node.agent?.version ?? '-')},
    {head: 'RUNNING', cell: known(runningText)},
    {head: 'LOOP LAG P99', cell: known(({node}) => lagText(node))},
    {head: 'CONFIGURATION', cell: known(({node}) => configurationText(node))},
    {head: 'WHERE', cell: ({node}) => node.address.given},
  ]
  return aligned(
    columns,
    picture.nodes.map((node, at) => ({node, picture, at})),
  )
}

function nodeState({state, silentMs}: NodePicture): string {
  if (state === 'live' || state === 'connecting') return state
  const since = silentMs === null ? '' : ` for ${formatDuration(silentMs)}`
  return state === 'late' ? `late${since}` : `UNKNOWN${since}`
}

function mastersText({picture, at}: NodeRow): string {
  const here = picture.routers.filter(({onNodes}) => onNodes[at])
  const held = here.filter(({onNodes}) => onNodes[at]?.router.state === 'master')
  return `${held.length} of ${here.length}`
}

function runningText({node: {agent, clockAheadMs}, picture: {nowMs}}: NodeRow): string {
  if (agent === null) return '-'
  return formatDuration(elapsedMs({from: agent.startedAt, to: new Date(nowMs + clockAheadMs).toISOString()}))
}

function lagText({agent}: NodePicture): string {
  const lags = (agent?.processes ?? []).flatMap(({loopLagMs}) => (loopLagMs === null ? [] : [loopLagMs.p99]))
  return lags.length === 0 ? '-' : formatInterval(Math.max(...lags))
}

/** What runs, and what an operator must not overlook beside it. */
function configurationText({agent}: NodePicture): string {
  if (agent === null) return '-'
  const {hash, onDisk, refused, trial} = agent.configuration
  const beside = [
    ...(refused === null ? [] : ['last reload refused']),
    ...(onDisk === 'same' ? [] : [`file ${onDisk}`]),
    ...(trial === null ? [] : ['on trial']),
    ...(agent.overrides === 0 ? [] : [counted(agent.overrides, 'override')]),
  ]
  return beside.length === 0 ? hash : `${hash} (${beside.join(', ')})`
}

interface RouterRow {
  readonly router: ClusterRouter
  readonly picture: ClusterPicture
}

const CAUSE_COLUMN: AlignedColumn<RouterRow> = {head: 'LAST CAUSE', cell: causeText}

/** Every virtual router, with a column a node; those with a problem first. */
function routerText(picture: ClusterPicture, more: readonly AlignedColumn<RouterRow>[] = []): string {
  if (picture.routers.length === 0) return 'no virtual routers are known'
  const columns: readonly AlignedColumn<RouterRow>[] = [
    {head: 'ROUTER', cell: ({router}) => router.name},
    {head: 'VRID', cell: ({router}) => String(router.vrid), right: true},
    {head: 'ADDRESSES', cell: ({router: {vips}}) => addressesText(vips)},
    ...picture.nodes.map(
      (node, at): AlignedColumn<RouterRow> => ({
        head: node.address.name,
        cell: ({router}) => cellText(router.onNodes[at], node),
        colour: ({router}) => cellColour(router.onNodes[at], router),
      }),
    ),
    {head: 'HELD FOR', cell: heldText},
    ...more,
  ]
  return aligned(
    columns,
    problemsFirst(picture.routers).map(router => ({router, picture})),
  )
}

const problemsFirst = (routers: readonly ClusterRouter[]): readonly ClusterRouter[] =>
  routers.toSorted((a, b) => (a.problem === null ? 1 : 0) - (b.problem === null ? 1 : 0))

const addressesText = ([first, ...others]: readonly string[]): string =>
  first === undefined ? '-' : others.length === 0 ? first : `${first} +${others.length}`

/** A router on a node; a silent node's is UNKNOWN, whatever it said last, and also if it never said anything. */
function cellText(on: RouterOnNode | null | undefined, node: NodePicture): string {
  if (on === null || on === undefined) return isKnown(node) ? '-' : 'UNKNOWN'
  if (!on.isKnown) return 'UNKNOWN'
  const {state, priority, splitBrain, held, observed}: VirtualRouter = on.router
  const standing = state === 'master' || state === 'backup' ? ` ${priority.effective}` : ''
  const beside = splitBrain ? ' SPLIT BRAIN' : held === null ? '' : ' held'
  return `${state.toUpperCase()}${standing}${beside}${observed ? ' (observed)' : ''}`
}

function cellColour(on: RouterOnNode | null | undefined, {holders}: ClusterRouter): Colour | undefined {
  if (on === null || on === undefined) return undefined
  if (!on.isKnown) return 'yellow'
  const {state, splitBrain} = on.router
  return splitBrain || (state === 'master' && holders.length > 1) ? 'red' : STATE_COLOURS[state]
}

const heldText = ({router: {heldSinceMs}, picture: {nowMs}}: RouterRow): string =>
  heldSinceMs === null ? '-' : formatDuration(nowMs - heldSinceMs)

function causeText({router: {lastCause}, picture: {nodes, nowMs}}: RouterRow): string {
  if (lastCause === null) return '-'
  const name = nodes[lastCause.node]?.address.name ?? '?'
  return `${name}, ${formatDuration(nowMs - lastCause.atMs)} ago: ${lastCause.text}`
}

function servicesLine({services}: ClusterPicture): string {
  if (services.length === 0) return ''
  const sum = (figure: (service: (typeof services)[number]) => number): number =>
    services.reduce((total, service) => total + figure(service), 0)
  const wrong = services.filter(({problem}) => problem !== null).length
  return [
    `${counted(services.length, 'service')} with ${counted(
      sum(({realServers}) => realServers.length),
      'real server',
    )}`,
    ...(wrong === 0 ? [] : [`${wrong} of them with a problem`]),
    counted(
      sum(({activeConnections}) => activeConnections),
      'active connection',
    ),
    `${Math.round(sum(({connectionsPerSecond}) => connectionsPerSecond) * 10) / 10} a second`,
  ].join(', ')
}
