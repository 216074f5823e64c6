import {readMain} from '../config/load.ts'
import type {DiagnosticReply} from '../control/model.ts'
import {findingsText} from '../diagnostics/human.ts'
import {sourceTexts} from '../diagnostics/source-texts.ts'
import {lookOn} from './findings-views.ts'
import {findingOf} from './reload-views.ts'

/**
 * Findings that an agent reported, as `hactl validate config` shows them; with the lines they are about where the agent
 * runs here and its files can be read.
 */
export function agentFindingsText(diagnostics: readonly DiagnosticReply[], {here}: {readonly here: boolean}): string {
  const texts = new Map<string, string>()
  for (const file of new Set(here ? diagnostics.map(({file}) => file) : [])) {
    try {
      texts.set(file, readMain(file).text)
    } catch {
      // Who may not read the file is told where to look in it all the same.
    }
  }
  return findingsText(diagnostics.map(findingOf), sourceTexts(texts), lookOn(process.stderr))
}
