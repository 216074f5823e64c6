import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {repoRoot} from '../../lab/repo-root.ts'
import type {ProgramName} from './director.ts'
import {EVENTS, KINDS, type Kind, STEPS} from './kinds.ts'
import type {KindsAnswer} from './kinds-guest.ts'

const FILE = join(repoRoot(), 'docs', 'interop.md')
const BEGIN = '<!-- begin: written by test/check/uml/kinds.test.ts with UPDATE=1 -->'
const END = '<!-- end -->'

/** Rows of the table that the document has. */
export function rowsOfDocument(): readonly string[] {
  const [, table] = cut(readFileSync(FILE, 'utf8'))
  return table.split('\n').filter(line => line.startsWith('| ') && line.includes('_'))
}

/** One row a kind: what became of its real server in each event and afterwards. */
export const rowsOf = (answer: KindsAnswer, programs: readonly ProgramName[]): readonly string[] =>
  align([HEAD, ...KINDS.map((kind, index) => cellsOf(kind, index, {answer, programs}))]).slice(2)

/** Writes the table anew, between its marks. */
export function writeRows(answer: KindsAnswer, programs: readonly ProgramName[]): void {
  const [before, , after] = cut(readFileSync(FILE, 'utf8'))
  const rows = align([HEAD, ...KINDS.map((kind, index) => cellsOf(kind, index, {answer, programs}))])
  writeFileSync(FILE, `${before}${BEGIN}\n\n${rows.join('\n')}\n\n${END}${after}`)
}

const HEAD = ['checker', 'real server', ...EVENTS]

/** Of an event and the coming back after it, what each program did; in one word where they did the same. */
function cellsOf(
  {checker, server, lacks}: Kind,
  index: number,
  {answer, programs}: {readonly answer: KindsAnswer; readonly programs: readonly ProgramName[]},
): readonly string[] {
  const cells = EVENTS.map(event => {
    if (lacks.includes(event)) return ''
    const at = STEPS.indexOf(event)
    const seen = programs.map(program => {
      const steps = answer[program][index] ?? []
      const states = event === 'up' ? steps[at] : [...(steps[at] ?? []), ...(steps[at + 1] ?? [])]
      return (states ?? []).map(state => (state === 'empty' ? 'out' : 'in')).join(', ') || 'stays in'
    })
    return new Set(seen).size === 1
      ? (seen[0] ?? '')
      : programs.map((program, i) => `${program}: ${seen[i]}`).join('; ')
  })
  return [checker, server, ...cells]
}

/** The formatter of the project makes no column narrower. */
const MIN_WIDTH = 3

function align(rows: readonly (readonly string[])[]): readonly string[] {
  const [head = []] = rows
  const widths = head.map((_, column) => Math.max(MIN_WIDTH, ...rows.map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...rows.slice(1).map(line)]
}

function cut(text: string): readonly [string, string, string] {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  if (begin < 0 || end < begin) throw new Error(`${FILE} lacks the marks of the table of checkers`)
  return [text.slice(0, begin), text.slice(begin + BEGIN.length, end), text.slice(end + END.length)]
}
