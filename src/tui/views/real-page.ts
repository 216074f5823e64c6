import type {WatchedCheck, WatchedReal} from '../../control/watch-model.ts'
import {formatDuration, formatTime, shortNumber} from '../../core/format.ts'
import type {ClusterPicture, ClusterReal, ClusterService, NodePicture} from '../../watch/model.ts'
import {sparkline} from '../history.ts'
import {property, span} from '../lines.ts'
import type {Drawing, Line} from '../model.ts'
import {latencyText, rateText} from '../numbers.ts'
import {checkState, pausedText, realState, realStateOn, routerOf, servedBy, stateCell} from './real-state.ts'

/** A real server of a service, where it is known. */
export interface RealInPicture {
  readonly picture: ClusterPicture
  readonly service: ClusterService
  readonly real: ClusterReal
}

/** Everything that is known of a real server, a block a node. */
export function realPage({picture, service, real}: RealInPicture, drawing: Drawing): readonly Line[] {
  const {width, glyphs, history} = drawing
  const past = sparkline(history(`${service.name} ${real.name}`), {symbols: glyphs.spark, width: 30})
  const where = servedBy(routerOf(service, picture), picture)
  const configured = service.configured === null ? '' : `, ${service.configured}`
  const shared = [
    property('real server', span(real.name, 'strong'), width),
    property('service', `${service.name}${configured}${where === '' ? '' : `, ${where}`}`, width),
    property('state', stateCell(realState(real, service, picture), drawing), width),
    ...(real.problem === null ? [] : [property('problem', span(real.problem.text, 'warning'), width)]),
    property('connections', connectionsText(real), width),
    property('last minute', `${past.trimStart()} ${rateText(real.connectionsPerSecond)}/s`, width),
  ]
  const nodes = picture.nodes.map((node, i) => nodeBlock({node, real: real.onNodes[i] ?? null, picture}, drawing))
  return [...shared.flat(), ...nodes.flat()]
}

/** One checker as one node has it, one or more lines. */
export function checkLines(check: WatchedCheck, at: MomentAt, drawing: Drawing): readonly Line[] {
  const {width} = drawing
  const name = `check ${check.number}`
  const {latencyMs, reason, pause, since, kind} = check
  const latency = latencyMs === null ? '' : `, last run took ${latencyText(latencyMs)}`
  const state = checkState(check)
  const lines = [
    property(name, [...stateCell({...state, detail: ''}, drawing), span(`  ${kind}${latency}`)], width),
    ...(since === null ? [] : [property('', `since ${momentText(since, at)}`, width)]),
    ...(reason === null ? [] : [property('', span(reason, check.counts === 'down' ? 'bad' : 'warning'), width)]),
  ]
  if (pause !== null) {
    const until = pause.until === null ? 'until it is resumed' : `until ${momentText(pause.until, at)}`
    lines.push(
      property('', span(`${pausedText(pause)}, since ${momentText(pause.since, at)}, ${until}`, 'warning'), width),
    )
  }
  return lines.flat()
}

/** Whose clock a moment was taken from, and when it is looked at. */
export interface MomentAt {
  readonly node: Pick<NodePicture, 'clockAheadMs'>
  /** Of this host, milliseconds since 1970. */
  readonly nowMs: number
}

/** For how long something of a node has been so, milliseconds; a moment in the future is negative. */
export function agoMs(iso: string, {node, nowMs}: MomentAt): number {
  return nowMs - (Date.parse(iso) - node.clockAheadMs)
}

/** "2026-01-31 08:05:09.123 (3 min ago)" */
function momentText(iso: string, at: MomentAt): string {
  const ms = agoMs(iso, at)
  const text = formatTime(new Date(at.nowMs - ms).toISOString())
  return ms < 0 ? `${text} (in ${formatDuration(-ms)})` : `${text} (${formatDuration(ms)} ago)`
}

interface NodeBlock {
  readonly node: NodePicture
  readonly real: WatchedReal | null
  readonly picture: ClusterPicture
}

function nodeBlock({node, real, picture}: NodeBlock, drawing: Drawing): readonly Line[] {
  const {width} = drawing
  const head: Line = [span(node.address.name, 'strong')]
  if (node.state === 'unknown' || node.state === 'connecting') {
    const why = node.problem ?? 'nothing was heard of it yet'
    return [[], head, ...property('state', span(`${drawing.glyphs.unknown} UNKNOWN  ${why}`, 'unknown'), width)]
  }
  if (real === null) return [[], head, ...property('state', span('has no such real server', 'dim'), width)]
  const at = {node, nowMs: picture.nowMs}
  const {held, rates} = real
  const lines = [
    property('state', stateCell(realStateOn(real, node.servicesProblem), drawing), width),
    property('weight', weightText(real), width),
    property('connections', connectionsText(real), width),
    property(
      'rates',
      `${rateText(rates.connections)} connections, ${shortNumber(rates.bytesIn)} bytes in, ` +
        `${shortNumber(rates.bytesOut)} bytes out a second`,
      width,
    ),
    ...(held === null ? [] : [property('held', `${held.type} since ${momentText(held.since, at)}`, width)]),
    ...(held?.reason == null ? [] : [property('reason', held.reason, width)]),
    ...real.checks.map(check => checkLines(check, at, drawing)),
    ...(real.checks.length === 0 ? [property('checks', span('nothing checks it', 'dim'), width)] : []),
  ]
  return [[], head, ...lines.flat()]
}

function weightText({weight, held, method}: WatchedReal): string {
  const back = held === null ? '' : `, ${held.weight} when the hold ends`
  return `${weight} (${method})${back}`
}

const connectionsText = (real: {readonly activeConnections: number; readonly inactiveConnections: number}): string =>
  `${real.activeConnections} active, ${real.inactiveConnections} inactive`
