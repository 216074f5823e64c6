import type {AgentStatus, ProcessStatus} from '../../control/model.ts'
import {counted, formatDuration, formatInterval, formatTime} from '../../core/format.ts'
import type {ClusterPicture, NodePicture} from '../../watch/model.ts'
import {nodeSpan} from '../glyphs.ts'
import {property, span} from '../lines.ts'
import type {Drawing, Line, Span} from '../model.ts'
import {recordLines} from './record-lines.ts'

/** One thing that an agent tells of itself. */
export interface Fact {
  readonly name: string
  /** The nodes of a cluster should say the same. */
  readonly isAlike?: boolean
  /** Undefined: there is nothing to say. */
  readonly value: (node: NodePicture) => Span | undefined
}

/** What the view of the agents shows of each node, in this order. */
export const NODE_FACTS: readonly Fact[] = [
  // Made by the view, which has the symbols.
  {name: 'state', value: ({state}) => span(state, state === 'late' ? 'warning' : undefined)},
  {name: 'address', value: ({address}) => span(address.given)},
  ofAgent('node', ({node}) => span(node)),
  {...ofAgent('version', ({version}) => span(version)), isAlike: true},
  ofAgent('pid', ({pid}) => span(String(pid))),
  ofAgent('started', ({startedAt}) => span(formatTime(startedAt))),
  {name: 'clock', value: ({agent, clockAheadMs}) => (agent === null ? undefined : clockSpan(clockAheadMs))},
  ofAgent('file', ({configuration}) => span(configuration.file)),
  {...ofAgent('shared hash', ({configuration}) => span(configuration.sharedHash)), isAlike: true},
  ofAgent('hash', ({configuration}) => span(configuration.hash)),
  ofAgent('on disk', ({configuration}) => diskSpan(configuration.onDisk)),
  ofAgent('loaded', ({configuration}) => span(formatTime(configuration.loadedAt))),
  ofAgent('findings', ({configuration}) => findingsSpan(configuration)),
  ofAgent('last reload', ({configuration}) =>
    configuration.refused === null ? span('accepted') : span(`refused: ${configuration.refused}`, 'bad'),
  ),
  ofAgent('on trial', ({configuration}) => trialSpan(configuration.trial)),
  ofAgent('overrides', ({overrides}) => span(String(overrides), overrides > 0 ? 'warning' : undefined)),
  ofAgent('mode', ({observes}) => (observes ? span('observes only', 'warning') : span('acts'))),
  {name: 'drift', value: node => driftSpan(node)},
  ofAgent('supervisor', ({memoryBytes}) => span(megabytes(memoryBytes))),
  ofProcess('vrrp', 'state'),
  ofProcess('vrrp', 'lag'),
  ofProcess('vrrp', 'memory'),
  ofProcess('vrrp', 'restarts'),
  ofProcess('check', 'state'),
  ofProcess('check', 'lag'),
  ofProcess('check', 'memory'),
  ofProcess('check', 'restarts'),
  ofAgent('state files', ({stateProblem}) => (stateProblem === null ? span('written') : span(stateProblem, 'bad'))),
  ofAgent('socket', ({socket}) => span(socket)),
]

/** Everything an agent tells of itself, and the newest of its journal. */
export function nodeDetails(picture: ClusterPicture, at: number, drawing: Drawing): readonly Line[] {
  const node = picture.nodes[at]
  if (node === undefined) return [[span('there is no such node', 'unknown')]]
  const {width, glyphs} = drawing
  const silent = node.silentMs === null ? 'never heard' : `last heard ${formatDuration(node.silentMs)} ago`
  const lines: Line[] = [
    ...property(
      'node',
      [span(`${node.address.name}  `, 'strong'), nodeSpan(node.state, glyphs), span(`  ${silent}`)],
      width,
    ),
    ...property('reached by', node.address.given, width),
  ]
  if (node.problem !== null) lines.push(...property('problem', span(node.problem, 'bad'), width))
  if (node.state === 'unknown' && node.agent !== null) {
    lines.push([span(`what follows is what it said last, as of ${formatDuration(node.silentMs ?? 0)} ago`, 'unknown')])
  }
  lines.push([])
  for (const {name, value} of NODE_FACTS.slice(2)) {
    const said = value(node)
    if (said !== undefined) lines.push(...property(name, said, width))
  }
  const newest = node.journal.slice(-MOST_RECORDS).reverse()
  if (newest.length > 0) lines.push([], [span('the newest of its journal', 'strong')])
  return [...lines, ...newest.flatMap(record => recordLines(record, {node, drawing, indent: 2}))]
}

const MOST_RECORDS = 20

function ofAgent(name: string, value: (agent: AgentStatus) => Span | undefined): Fact {
  return {name, value: ({agent}) => (agent === null ? undefined : value(agent))}
}

function ofProcess(process: ProcessStatus['name'], what: 'state' | 'lag' | 'memory' | 'restarts'): Fact {
  return ofAgent(what === 'state' ? process : `${process} ${what}`, ({processes}) => {
    const status = processes.find(({name}) => name === process)
    return status === undefined ? undefined : PROCESS_FACTS[what](status)
  })
}

const PROCESS_FACTS = {
  state: ({state, pid}: ProcessStatus): Span =>
    state === 'running' ? span(`running, pid ${pid ?? '-'}`) : span(state, state === 'starting' ? 'warning' : 'bad'),
  lag: ({loopLagMs}: ProcessStatus): Span =>
    span(loopLagMs === null ? '-' : `${formatInterval(loopLagMs.p99)} p99, ${formatInterval(loopLagMs.max)} most`),
  memory: ({memoryBytes}: ProcessStatus): Span => span(memoryBytes === null ? '-' : megabytes(memoryBytes)),
  restarts: ({restarts}: ProcessStatus): Span => span(String(restarts), restarts > 0 ? 'warning' : undefined),
}

function clockSpan(aheadMs: number): Span {
  const ms = Math.round(aheadMs)
  if (Math.abs(ms) < CLOCK_NOISE_MS) return span('as here')
  const text = `${formatDuration(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'}`
  return span(text, Math.abs(ms) >= CLOCK_APART_MS ? 'warning' : undefined)
}

/** What the way of a line from node to node explains, milliseconds. */
const CLOCK_NOISE_MS = 100
/** More is wrong, milliseconds. */
const CLOCK_APART_MS = 2_000

function diskSpan(onDisk: AgentStatus['configuration']['onDisk']): Span {
  return onDisk === 'same' ? span('same as loaded') : span(onDisk, 'warning')
}

function findingsSpan({errors, warnings}: AgentStatus['configuration']): Span {
  const text = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
  return span(text, errors > 0 ? 'bad' : warnings > 0 ? 'warning' : undefined)
}

function trialSpan(trial: AgentStatus['configuration']['trial']): Span {
  return trial === null ? span('no') : span(`until ${formatTime(trial.until)}`, 'warning')
}

/** How much of what is in the kernel is not as it is wanted. */
function driftSpan({agent, services, servicesProblem}: NodePicture): Span | undefined {
  if (agent === null) return undefined
  if (servicesProblem !== null) return span(servicesProblem, services.size > 0 ? 'bad' : 'dim')
  const drifted = [...services.values()].filter(({drift}) => drift !== null).length
  return drifted === 0 ? span('none') : span(counted(drifted, 'service'), 'warning')
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`
