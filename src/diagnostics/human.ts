import type {Severity} from '../config/config.ts'
import {counted} from '../core/format.ts'
import {excerpt} from './excerpt.ts'
import type {Counts, Finding} from './finding.ts'
import type {SourceTexts} from './source-texts.ts'
import {brokenLines} from './wrap.ts'

/** Colours of a terminal. */
export type Hue = 'bold' | 'dim' | 'red' | 'yellow' | 'cyan' | 'green'

/** How findings are shown. */
export interface Look {
  readonly paint: (hue: Hue, text: string) => string
  /** Columns; infinite where the output is no terminal. */
  readonly width: number
  /** A file as people know it, such as relative to where they are. */
  readonly fileName: (file: string) => string
}

/**
 * Findings as good compilers show them: where, how grave, what, the code, the line with the word underlined, and what
 * to do about it. What depends on this host comes last, under a heading of its own.
 */
export function findingsText(findings: readonly Finding[], sources: SourceTexts, look: Look): string {
  const here = findings.filter(finding => finding.class === 'environment')
  const anywhere = findings.filter(finding => finding.class !== 'environment')
  const shown = (list: readonly Finding[]): string[] => list.map(finding => findingText(finding, sources, look))
  if (here.length === 0) return shown(anywhere).join('\n')
  const heading = brokenLines(HEADING, {width: look.width, indent: 0})
  return [...shown(anywhere), look.paint('bold', heading), ...shown(here)].join('\n')
}

/** One finding, with its line and what to do. */
export function findingText(finding: Finding, sources: SourceTexts, look: Look): string {
  const {code, severity, message, position, hint, related} = finding
  const hue = HUES[severity]
  const where = `${place(position, look)}:`
  const head = brokenLines(`${where} ${severity}: ${message} [${code}]`, {width: look.width, indent: 2})
  const marked = `${look.paint('bold', where)} ${look.paint(hue, `${severity}:`)}`
  const plain = `${where} ${severity}:`
  const lines = [head.startsWith(plain) ? marked + head.slice(plain.length) : head]
  lines.push(...excerptLines(finding, sources, hue, look))
  if (hint !== undefined) lines.push(noteText('help', hint, 'green', look))
  for (const {position: at, message: what} of related ?? []) {
    lines.push(noteText('note', `${place(at, look)}: ${what}`, 'cyan', look))
  }
  return lines.join('\n')
}

/** `2 errors, 1 warning`, and what is left out where there is none. */
export function countsText(counts: Counts): string {
  const parts = [
    ...(counts.error > 0 ? [counted(counts.error, 'error')] : []),
    ...(counts.warning > 0 ? [counted(counts.warning, 'warning')] : []),
    ...(counts.info > 0 ? [counted(counts.info, 'remark')] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : 'nothing found'
}

const HEADING = 'What this host lacks, and another may have (--offline leaves it out):'

const HUES: {readonly [severity in Severity]: Hue} = {error: 'red', warning: 'yellow', info: 'cyan'}

/** A line of source is cut to this where no terminal says how wide it is. */
const WIDTH_ELSEWHERE = 120
const LEAST_ROOM = 20

const place = ({file, line, column}: Finding['position'], {fileName}: Look): string =>
  `${fileName(file)}:${line}:${column}`

function excerptLines({position}: Finding, sources: SourceTexts, hue: Hue, {paint, width}: Look): string[] {
  const source = sources.line(position.file, position.line)
  if (source === undefined || source.text.trim() === '') return []
  const number = String(position.line).padStart(5)
  const gutter = `${number} | `
  const room = Math.max(LEAST_ROOM, (width === Number.POSITIVE_INFINITY ? WIDTH_ELSEWHERE : width) - gutter.length)
  const shown = excerpt(source, position.column, room)
  const caret = '^'.repeat(Math.max(1, Math.min(shown.width, room - shown.indent)))
  return [
    `${paint('dim', gutter)}${shown.line}`,
    `${paint('dim', `${' '.repeat(number.length)} | `)}${' '.repeat(shown.indent)}${paint(hue, caret)}`,
  ]
}

function noteText(word: string, text: string, hue: Hue, {paint, width}: Look): string {
  const broken = brokenLines(`  ${word}: ${text}`, {width, indent: 8})
  return broken.replace(`${word}:`, () => paint(hue, `${word}:`))
}
