import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {PairOptions} from '../lab/pair.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {protocolName} from '../lab/role.ts'
import type {Impossible} from './matrix.ts'
import type {Measured} from './steps.ts'

const BEGIN = '<!-- begin: written by test/interop/interop.test.ts with UPDATE=1 -->'
const END = '<!-- end -->'
const NOT_PLAYED = 'Not played, since it cannot be:'
const FILE = join(repoRoot(), 'docs', 'interop.md')

/** What of a play does not change from run to run: who played what, and whether it went well. */
export const rowOf = ({protocol, better, worse}: PairOptions, measured: readonly Measured[] | undefined): string =>
  [protocolName(protocol), better, worse, measured === undefined ? 'FAIL' : 'pass'].join(' | ')

/** The rows of the document without their times. */
export function readDocument(): readonly string[] {
  const [, between = ''] = cut(readFileSync(FILE, 'utf8'))
  const [played = ''] = between.split(NOT_PLAYED)
  const rows = played.split('\n').filter(line => line.startsWith('| VRRP'))
  return rows.map(row =>
    row
      .split('|')
      .slice(1, 5)
      .map(cell => cell.trim())
      .join(' | '),
  )
}

/** Writes the tables anew, between their marks. */
export function writeDocument(
  plays: readonly PairOptions[],
  results: ReadonlyMap<PairOptions, readonly Measured[]>,
  impossible: readonly Impossible[],
): void {
  const [before, , after] = cut(readFileSync(FILE, 'utf8'))
  const events = [...new Set([...results.values()].flatMap(measured => measured.map(({event}) => event)))]
  const timed = events.filter(event => [...results.values()].flat().some(it => it.event === event && it.takeoverMs))
  const rows = plays.map(play => [...rowOf(play, results.get(play)).split(' | '), ...cells(results.get(play), timed)])
  const head = ['protocol', 'better', 'worse', 'verdict', ...timed, 'longest silence of a return']
  const why = impossible.map(({values, reason}) => [values.join(', '), reason])
  const text = [table(head, rows), NOT_PLAYED, table(['together', 'why not'], why)].join('\n\n')
  writeFileSync(FILE, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`)
}

/** How much later than the formula, in milliseconds; and the longest gap that the client saw in a return. */
function cells(measured: readonly Measured[] = [], timed: readonly string[]): readonly string[] {
  const late = timed.map(event => {
    const {takeoverMs, formulaMs} = measured.find(it => it.event === event) ?? {}
    return takeoverMs === undefined || formulaMs === undefined ? '-' : signed(takeoverMs - formulaMs)
  })
  const returns = measured.flatMap(({takeoverMs, clientGapMs}) => (takeoverMs === undefined ? (clientGapMs ?? []) : []))
  return [...late, returns.length === 0 ? '-' : Math.max(...returns).toFixed(0)]
}

const signed = (ms: number): string => `${ms < 0 ? '' : '+'}${ms.toFixed(1)}`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map(row => (row[i] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}

function cut(text: string): readonly [string, string, string] {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${FILE} lacks the marks of its table`)
  return [text.slice(0, begin), text.slice(begin + BEGIN.length, end), text.slice(end + END.length)]
}
