import type {AgentStatus, ProcessStatus} from '../control/model.ts'
import {formatInterval, formatTime} from '../core/format.ts'
import type {NodePicture} from './model.ts'
import {type Finding, listed} from './problems.ts'
import type {Moment} from './router-problems.ts'
import {timeHere} from './time-here.ts'

/** Whatever is wrong with the nodes themselves, and where they differ from each other. */
export function nodeFindings({nodes, nowMs}: Moment): readonly Finding[] {
  const known = nodes.flatMap(picture =>
    picture.agent === null || !isKnown(picture) ? [] : [{picture, agent: picture.agent}],
  )
  return [
    ...nodes.filter(({state}) => state === 'unknown').map(silent),
    ...known.flatMap(({picture, agent}) => [
      ...agent.processes.flatMap(child => processFindings(picture, child, nowMs)),
      ...stateFindings(picture, agent),
      ...configurationFindings(picture, agent.configuration),
    ]),
    ...differing(known),
    ...clocks(known.map(({picture}) => picture)),
  ]
}

/** Whether what is known of a node counts now. */
export const isKnown = ({state}: NodePicture): boolean => state === 'live' || state === 'late'

function silent(picture: NodePicture): Finding {
  const {name} = picture.address
  return about(picture, 'unknown', 'node-silent', `${name} does not answer${but(picture.problem)}`)
}

const but = (problem: string | null): string => (problem === null ? '' : `: ${problem}`)

function processFindings(picture: NodePicture, child: ProcessStatus, nowMs: number): readonly Finding[] {
  const who = `the ${child.name} process of ${picture.address.name}`
  const found = (text: string): Finding => about(picture, 'warning', 'process', text)
  if (child.state === 'dead') return [found(`${who} does not run`)]
  if (child.state === 'stalled') return [found(`${who} does not respond`)]
  const startedMs = timeHere(child.startedAt, picture)
  const isNew = startedMs !== undefined && nowMs - startedMs < LATELY_MS
  const again =
    child.restarts > 0 && isNew
      ? [found(`${who} was started again lately (${timesOf(child.restarts)} since the agent started)`)]
      : []
  return [...again, ...lag(picture, child, who)]
}

const LATELY_MS = 600_000
const timesOf = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)

/** Who is late by an interval loses its mastership to a backup; a third of it is told. */
function lag(picture: NodePicture, {name, loopLagMs}: ProcessStatus, who: string): readonly Finding[] {
  if (name !== 'vrrp' || loopLagMs === null) return []
  let shortestMs = Number.POSITIVE_INFINITY
  for (const {advertIntervalMs} of picture.routers.values()) shortestMs = Math.min(shortestMs, advertIntervalMs)
  if (!(loopLagMs.p99 > shortestMs / 3)) return []
  const late = `${formatInterval(Math.round(loopLagMs.p99))} late`
  const text = `${who} is ${late} at times, its shortest advertisement interval is ${formatInterval(shortestMs)}`
  return [about(picture, 'warning', 'process', text)]
}

function stateFindings(picture: NodePicture, {stateProblem}: AgentStatus): readonly Finding[] {
  const {name} = picture.address
  const found: Finding[] = []
  if (stateProblem !== null) {
    found.push(about(picture, 'warning', 'process', `${name} cannot keep its state on disk: ${stateProblem}`))
  }
  if (picture.refusedLines > 0) {
    found.push(about(picture, 'warning', 'version', `${name} tells things that this hactl cannot read`))
  }
  return found
}

function configurationFindings(
  picture: NodePicture,
  {file, refused, onDisk, trial, errors}: AgentStatus['configuration'],
): readonly Finding[] {
  const {name} = picture.address
  const texts: string[] = []
  if (refused !== null) texts.push(`${name} refused its last reload: ${refused}`)
  if (onDisk === 'changed') texts.push(`${name} does not run what is in ${file}: it was changed and not reloaded`)
  if (onDisk === 'missing') texts.push(`${name} runs a configuration that is no more: there is no ${file}`)
  if (errors > 0) texts.push(`${name} runs a configuration with ${errors === 1 ? 'an error' : `${errors} errors`}`)
  if (trial !== null) {
    const untilMs = timeHere(trial.until, picture)
    const until = untilMs === undefined ? trial.until : formatTime(new Date(untilMs).toISOString()).slice(11, 19)
    texts.push(`${name} tries a configuration until ${until} and takes it back then, unless it is confirmed`)
  }
  return texts.map(text => about(picture, 'warning', 'configuration', text))
}

interface Known {
  readonly picture: NodePicture
  readonly agent: AgentStatus
}

/** What every node ought to have alike. */
function differing(known: readonly Known[]): readonly Finding[] {
  const [first] = known
  if (first === undefined) return []
  const found: Finding[] = []
  const hashes = groupedBy(
    known.filter(({agent}) => agent.configuration.sharedHash !== ''),
    ({agent}) => {
      return agent.configuration.sharedHash
    },
  )
  if (hashes.length > 1) {
    const [most = '', ...others] = hashes.map(({names}) => listed(names))
    const text = `configurations differ between ${listed([most, ...others].map(bracketed))}: see hactl cluster diff`
    found.push(about(first.picture, 'warning', 'configuration', text))
  }
  const versions = groupedBy(known, ({agent}) => agent.version)
  if (versions.length > 1) {
    const text = `versions differ: ${versions.map(({value, names}) => `${listed(names)} ${value}`).join(', ')}`
    found.push(about(first.picture, 'warning', 'version', text))
  }
  return found
}

/** Those who agree stand in brackets where there are several. */
const bracketed = (names: string): string => (names.includes(' and ') ? `(${names})` : names)

/** The nodes by what they say, most nodes first. */
function groupedBy(
  known: readonly Known[],
  of: (node: Known) => string,
): readonly {readonly value: string; readonly names: readonly string[]}[] {
  const groups = new Map<string, string[]>()
  for (const node of known) {
    const {name} = node.picture.address
    const names = groups.get(of(node))
    if (names) names.push(name)
    else groups.set(of(node), [name])
  }
  return [...groups].map(([value, names]) => ({value, names})).toSorted((a, b) => b.names.length - a.names.length)
}

/** Journals cannot be put in order by clocks that are apart. */
function clocks(known: readonly NodePicture[]): readonly Finding[] {
  const sorted = known.toSorted((a, b) => a.clockAheadMs - b.clockAheadMs)
  const [behind] = sorted
  const ahead = sorted.at(-1)
  if (behind === undefined || ahead === undefined) return []
  const apartMs = ahead.clockAheadMs - behind.clockAheadMs
  if (apartMs <= APART_MS) return []
  const seconds = Math.round(apartMs / 1_000)
  const text = `the clock of ${ahead.address.name} is ${seconds} s ahead of that of ${behind.address.name}`
  return [about(ahead, 'warning', 'clock', text)]
}

const APART_MS = 2_000

/** A finding about one node stands in a line of its own. */
function about(
  {address: {name}}: NodePicture,
  severity: Finding['severity'],
  kind: Finding['kind'],
  text: string,
): Finding {
  return {severity, kind, subject: name, about: name, plural: 'nodes', cause: text, say: () => text}
}
