import {counted, formatDuration} from '../core/format.ts'
import {printable} from './findings.ts'
import type {Phase, ProofResult, RouterProof, Run, Violation} from './proof.ts'
import {whatHappens, when} from './report-violations.ts'

/** A proof as text for people: a line for each virtual router, and the course of what went wrong. */
export function renderProof(result: ProofResult): string {
  const lines = result.routers.flatMap(renderRouter)
  for (const sentence of result.leftOut) lines.push(`left out: ${sentence}`)
  return lines.map(line => `${printable(line)}\n`).join('')
}

/** Of each kind of violation so many cases are shown in full. */
const SHOWN_CASES = 2
const INDENT = '  '

function renderRouter(proof: RouterProof): readonly string[] {
  const {name, nodes, runs} = proof
  if (proof.verdict === 'alone') return [`${name}: only on ${nodes.join('')}, nothing to simulate`]
  const wrong = casesOf(runs)
  if (proof.faults === 0) return [`${name}: goes wrong without any fault`, ...detailsOf(wrong)]
  const parts = [`${name}: ${counted(proof.faults, 'fault')}`]
  if (proof.takeoverMs) parts.push(`takeover ${formatRange(proof.takeoverMs)}`)
  if (proof.verdict === 'left-out') parts.push('not simulated to the end')
  else parts.push(wrong.length === 0 ? 'always exactly one holder' : summaryOf(wrong))
  return [parts.join(', '), ...detailsOf(wrong)]
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
    ...phase.timeline.map(({text}, i) => `${INDENT}${INDENT}${(moments[i] ?? '').padStart(width)}  ${text}`),
  ]
}

/** "0.6 to 3.6 s", "609 ms". */
function formatRange({least, most}: {readonly least: number; readonly most: number}): string {
  const unit = most < 1_000 ? 'ms' : 's'
  const [from, to] = [least, most].map(ms => (unit === 's' ? (ms / 1_000).toFixed(1) : String(Math.round(ms))))
  return from === to ? `${from} ${unit}` : `${from} to ${to} ${unit}`
}
