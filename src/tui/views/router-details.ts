import type {VirtualRouter} from '../../control/model.ts'
import {counted, formatDuration, formatInterval, formatTime} from '../../core/format.ts'
import {explain} from '../../core/journal/why.ts'
import type {ClusterPicture, ClusterRouter, NodePicture} from '../../watch/model.ts'
import {nodeSpan, severitySpan, stateSpan} from '../glyphs.ts'
import {property, span} from '../lines.ts'
import type {Drawing, Line} from '../model.ts'
import {nameOf} from '../sorting.ts'
import {recordLines} from './record-lines.ts'

/** Everything known of one virtual router, node by node, the chosen node first. */
export function routerDetails(picture: ClusterPicture, key: string, drawing: Drawing): readonly Line[] {
  const router = picture.routers.find(candidate => candidate.key === key)
  if (router === undefined) return [[{text: 'no node has this virtual router any more', tone: 'unknown'}]]
  const {width, glyphs} = drawing
  const holders = router.holders.map(at => nameOf(picture, at)).join(', ')
  const held = router.heldSinceMs === null ? '' : ` for ${formatDuration(picture.nowMs - router.heldSinceMs)}`
  const lines: Line[] = [
    ...property('router', `${router.name}, vrid ${router.vrid}, IPv${router.family}`, width),
    ...property('addresses', router.vips.join(', ') || '-', width),
    ...property('holder', holders === '' ? 'none is known' : `${holders}${held}`, width),
  ]
  if (router.problem !== null) {
    const {severity, text} = router.problem
    lines.push(...property('problem', [severitySpan(severity, glyphs), span(` ${text}`)], width))
  }
  const others = router.onNodes.map((_, at) => at).filter(at => at !== drawing.node)
  for (const at of [drawing.node, ...others]) lines.push(...onNode(picture, {router, at}, drawing))
  return lines
}

function onNode(
  picture: ClusterPicture,
  {router, at}: {readonly router: ClusterRouter; readonly at: number},
  drawing: Drawing,
): readonly Line[] {
  const node = picture.nodes[at]
  const on = router.onNodes[at]
  if (node === undefined) return []
  const title = span(node.address.name, 'strong')
  if (on === null || on === undefined) return [[], [title, span('  does not have it', 'dim')]]
  if (!on.isKnown) {
    const ago = node.silentMs === null ? '' : `, as of ${formatDuration(node.silentMs)} ago`
    const was = `  what it said last${ago}: ${on.router.state} because ${on.router.reason}`
    return [[], [title, span('  '), nodeSpan(node.state, drawing.glyphs)], [span(was, 'dim')]]
  }
  return [
    [],
    [title, span('  '), stateSpan(on.router.state, drawing.glyphs), span(` ${on.router.priority.effective}`)],
    ...facts(on.router, node, {picture, width: drawing.width}).flatMap(([name, value]) =>
      property(name, value, drawing.width),
    ),
    ...why(on.router, node, drawing),
  ]
}

function facts(
  router: VirtualRouter,
  node: NodePicture,
  {picture}: {readonly picture: ClusterPicture; readonly width: number},
): readonly (readonly [string, string])[] {
  const {priority, counters, heard, vips} = router
  const there = picture.nowMs + node.clockAheadMs
  const rejected = Object.entries(counters.rejected).filter(([, count]) => count > 0)
  return [
    ['name there', router.name],
    ['since', `${formatTime(router.since)} (${formatDuration(there - Date.parse(router.since))})`],
    ['because', router.reason],
    ...(router.held === null ? [] : [['held', router.held] as const]),
    ...(router.observed ? [['observed', 'nothing of it is done: another daemon runs it'] as const] : []),
    ...(router.splitBrain ?? []).map(({rival, how}) => ['SPLIT BRAIN', `${rival} ${how} too`] as const),
    ...router.faults.map(fault => ['fault', fault] as const),
    ['interface', `${router.interface || 'none'}${router.source === null ? ', no address' : `, ${router.source}`}`],
    ...(router.group === null ? [] : [['sync group', router.group] as const]),
    ['priority', `${priority.effective}, base ${priority.base}, ${router.preempt ? 'preempts' : 'does not preempt'}`],
    [
      'advertisements',
      `version ${router.version}, ${router.transport}, every ${formatInterval(router.advertIntervalMs)}`,
    ],
    ['master down', `after ${formatInterval(router.masterDownIntervalMs)} of silence`],
    [
      'master heard',
      heard === null
        ? 'none'
        : `${heard.address}, priority ${heard.priority}, ${formatDuration(there - Date.parse(heard.lastSeen))} ago`,
    ],
    ...router.tracking.map(
      ({kind, name, state, adds, detail}) =>
        ['tracks', `${kind} ${name}: ${state}, adds ${adds}${detail === null ? '' : `, ${detail}`}`] as const,
    ),
    ['addresses', vips.map(({address, present}) => `${address} ${present ? 'here' : 'not here'}`).join(', ') || '-'],
    ['became master', counted(counters.becameMaster, 'time')],
    ['sent, received', `${counters.advertisementsSent}, ${counters.advertisementsReceived}`],
    ['rejected', rejected.map(([failure, count]) => `${failure} ${count}`).join(', ') || '0'],
  ]
}

/** The chain of causes, as `vrrp why` of that node tells it. */
function why(router: VirtualRouter, node: NodePicture, drawing: Drawing): readonly Line[] {
  const {chain} = explain(node.journal, subjectOf(router))
  if (chain.length === 0) return []
  return [[span('why', 'dim')], ...chain.flatMap(record => recordLines(record, {node, drawing, indent: 2}))]
}

/** What the journal's records are matched with to explain a router. */
export const subjectOf = (router: VirtualRouter): Parameters<typeof explain>[1] => ({
  instance: router.name,
  interfaces: [router.interface],
  trackers: router.tracking.map(({kind, name}) => `${kind} ${name}`),
})
