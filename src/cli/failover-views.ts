import {counted, formatDuration} from '../core/format.ts'
import type {FailoverReport, MoveReport, PreflightLine} from '../failover/model.ts'
import {type Column, table} from './table.ts'

/** What was looked at before a failover, one a line. */
export function preflightTable(lines: readonly PreflightLine[]): string {
  const columns: readonly Column<PreflightLine>[] = [
    {head: 'CHECK', cell: ({check}) => check},
    {head: 'OK', cell: ({ok}) => (ok ? 'yes' : 'NO')},
    {head: 'WHAT', cell: ({text}) => text, shrinks: true},
  ]
  return table(columns, lines)
}

/** What a failover did: each move with its outage, and what to know afterwards. */
export function failoverText(report: FailoverReport): string {
  const {move, back, changes, notes} = report
  const lines: string[] = []
  if (move !== null) lines.push(...moveLines(report.moved, move))
  if (back !== null) {
    lines.push(...moveLines(report.moved, back))
    lines.push(changes.length === 0 ? 'everything is as it was before' : `left behind: ${changes.join('; ')}`)
  }
  if (report.interrupted) lines.push(`interrupted: ${(back ?? move)?.to ?? 'no node'} holds it`)
  return [...lines, ...notes].join('\n')
}

function moveLines(names: readonly string[], report: MoveReport): readonly string[] {
  const {from, to, way, tookMs} = report
  const where = from === null ? `to ${to}` : `${from} -> ${to}`
  return [`${names.join(', ')}: ${where} by ${way}, after ${formatDuration(tookMs)}`, `  ${outageText(report)}`]
}

/** "outage 12.4 ms (10.9.0.100, icmp every 2 ms): 6 of 1,800 probes lost, 1 gap". */
function outageText({measurement}: MoveReport): string {
  if (!measurement.measured) return `outage not measured: ${measurement.why}`
  const {outageMs, atLeastMs, atMostMs, address, probe, intervalMs, sent, lost, gaps} = measurement
  const how = `${address}, ${probe} every ${intervalMs} ms`
  if (lost === 0) return `no outage seen (${how}): none of ${counted(sent, 'probe')} lost`
  const bounds = `between ${atLeastMs.toFixed(1)} and ${atMostMs.toFixed(1)} ms`
  return `outage ${outageMs.toFixed(1)} ms, ${bounds} (${how}): ${lost} of ${sent} probes lost, ${counted(gaps, 'gap')}`
}
