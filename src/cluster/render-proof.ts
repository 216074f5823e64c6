import {counted, formatDuration} from '../core/format.ts'
import {enumerated, printable} from './findings.ts'
import type {Phase, ProofResult, RouterProof, Run, Violation} from './proof.ts'
import {whatHappens, when} from './report-violations.ts'

/**
 * A proof as text for people: what became of each virtual router, with the course of what went wrong. Those of which
 * the same is to be said share a paragraph.
 */
export function renderProof(result: ProofResult): string {
  const paragraphs = new Map<string, string[]>()
  for (const proof of result.routers) {
    const text = paragraphOf(proof).join('\n')
    const alike = paragraphs.get(text)
    if (alike) alike.push(proof.name)
    else paragraphs.set(text, [proof.name])
  }
  const lines = [...paragraphs].flatMap(([text, names]) => `${enumerated(names)}: ${text}`.split('\n'))
  for (const sentence of result.leftOut) lines.push(`not simulated: ${sentence}`)
  if (result.asKeepalived.length > 0) {
    lines.push(`simulated as keepalived does it, while this agent does not yet: ${listed(result.asKeepalived)}`)
  }
  return lines.map(line => `${printable(line)}\n`).join('')
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** Of each kind of violation so many cases are shown in full. */
const SHOWN_CASES = 2
const INDENT = '  '

function paragraphOf(proof: RouterProof): readonly string[] {
  const {nodes, runs, faults, verdict} = proof
  if (verdict === 'alone') return [`only on ${nodes.join('')}, nothing to simulate`]
  const wrong = casesOf(runs)
  if (faults === 0 && wrong.length > 0) return ['goes wrong without any fault', ...detailsOf(wrong)]
  const outcome =
    wrong.length > 0
      ? summaryOf(wrong)
      : verdict === 'left-out'
        ? 'not simulated to the end'
        : 'always exactly one holder'
  return [`${counted(faults, 'fault')}, ${outcome}`, ...takeoversOf(runs), ...detailsOf(wrong)]
}

/** The longest takeover after each kind of fault that was survived; kinds of the same time share it. */
function takeoversOf(runs: readonly Run[]): readonly string[] {
  const longest = new Map<string, number>()
  for (const {kind, title, phases} of runs) {
    const [fault] = phases
    if (kind === 'start' || !fault || fault.takeoverMs === null || fault.violations.length > 0) continue
    const label = kind === 'tracked-fails' ? title.replace(/ on .*$/, '') : TAKEOVER_AFTER[kind]
    longest.set(label, Math.max(longest.get(label) ?? 0, fault.takeoverMs))
  }
  const labels = new Map<string, string[]>()
  for (const [label, ms] of longest) {
    const time = formatDuration(ms)
    const alike = labels.get(time)
    if (alike) alike.push(label)
    else labels.set(time, [label])
  }
  const parts = [...labels].map(([time, alike]) => `${time} when ${alternatives(alike)}`)
  return parts.length > 0 ? [`${INDENT}takeover within ${parts.join('; ')}`] : []
}

const alternatives = (labels: readonly string[]): string =>
  labels.length < 2 ? labels.join('') : `${labels.slice(0, -1).join(', ')} or ${labels.at(-1)}`

const TAKEOVER_AFTER: {readonly [kind in Exclude<Run['kind'], 'start' | 'tracked-fails'>]: string} = {
  'node-dies': 'the master dies',
  'node-stops': 'it is stopped',
  'link-down': 'its link goes down',
  'link-cut': 'it is cut off',
}

interface Case {
  readonly violation: Violation
  readonly phase: Phase
  readonly run: Run
}

/** Each violation after each change once, whatever the nodes came from. */
function casesOf(runs: readonly Run[]): readonly Case[] {
  const cases = new Map<string, Case>()
  for (const run of runs) {
    for (const phase of run.phases) {
      for (const violation of phase.violations) {
        const key = `${violation} ${phase.kind} ${phase.title}`
        if (!cases.has(key)) cases.set(key, {violation, phase, run})
      }
    }
  }
  return [...cases.values()]
}

const summaryOf = (cases: readonly Case[]): string => `${counted(cases.length, 'case')} in which it goes wrong`

function detailsOf(cases: readonly Case[]): readonly string[] {
  const byViolation = new Map<Violation, Case[]>()
  for (const one of cases) byViolation.set(one.violation, [...(byViolation.get(one.violation) ?? []), one])
  return [...byViolation.values()].flatMap(alike => {
    const lines = alike.slice(0, SHOWN_CASES).flatMap(describeCase)
    const left = alike.length - SHOWN_CASES
    return left > 0
      ? [...lines, `${INDENT}and in ${left} more: ${alike.slice(SHOWN_CASES).map(titleOf).join('; ')}`]
      : lines
  })
}

const titleOf = ({phase}: Case): string => phase.title

function describeCase({violation, phase, run}: Case): readonly string[] {
  const from = run.holdersBefore.length > 0 ? `, with ${run.holdersBefore.join(' and ')} as master before` : ''
  const moments = phase.timeline.map(({atMs}) => formatDuration(atMs))
  const width = Math.max(...moments.map(moment => moment.length))
  return [
    `${INDENT}${whatHappens(violation, phase)} ${when(phase)}${from}`,
    ...(phase.because === null ? [] : [`${INDENT}${INDENT}${phase.because}`]),
    ...phase.timeline.map(({text}, i) => `${INDENT}${INDENT}${(moments[i] ?? '').padStart(width)}  ${text}`),
  ]
}
