import type {Severity} from '../config/config.ts'
import {readMain} from '../config/load.ts'
import type {DiagnosticReply} from '../control/model.ts'
import {counted} from '../core/format.ts'
import {countFindings} from '../diagnostics/finding.ts'
import {countsText, findingsText} from '../diagnostics/human.ts'
import {type SourceTexts, sourceTexts} from '../diagnostics/source-texts.ts'
import {lookOn} from './findings-views.ts'
import {findingOf} from './reload-views.ts'

/**
 * The gravest findings that an agent reported, as `hactl validate config` shows them, and how many it has besides; with
 * the lines they are about where the agent runs here and its files can be read. Undefined when it reported none.
 */
export function agentFindingsText(
  diagnostics: readonly DiagnosticReply[],
  {here}: {readonly here: boolean},
): string | undefined {
  const grave = [...ofSeverity(diagnostics, 'error'), ...ofSeverity(diagnostics, 'warning')]
  const shown = grave.slice(0, SHOWN_FINDINGS)
  const left = diagnostics.filter(diagnostic => !shown.includes(diagnostic))
  const lines: string[] = []
  if (shown.length > 0) {
    lines.push(findingsText(shown.map(findingOf), sourcesOf(shown, here), lookOn(process.stderr)))
  }
  if (left.length > 0) {
    const more = shown.length > 0 ? 'and ' : ''
    lines.push(`${more}${countsText(countFindings(left))}; see: hactl validate config`)
  }
  return lines.length > 0 ? lines.join('\n') : undefined
}

/** What became of a reload that was refused. */
export function refusalText(diagnostics: readonly DiagnosticReply[]): string {
  const errors = counted(countFindings(diagnostics).error, 'error')
  return `the configuration was refused for ${errors}; the agent goes on with the one it has`
}

/** The most findings that a reload shows: they should not push what became of it off the screen. */
const SHOWN_FINDINGS = 10

const ofSeverity = (diagnostics: readonly DiagnosticReply[], wanted: Severity): readonly DiagnosticReply[] =>
  diagnostics.filter(({severity}) => severity === wanted)

function sourcesOf(diagnostics: readonly DiagnosticReply[], here: boolean): SourceTexts {
  const texts = new Map<string, string>()
  for (const file of new Set(here ? diagnostics.map(({file}) => file) : [])) {
    try {
      texts.set(file, readMain(file).text)
    } catch {
      // Who may not read the file is told where to look in it all the same.
    }
  }
  return sourceTexts(texts)
}
