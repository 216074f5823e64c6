import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {shown} from '../findings.ts'
import {expandBraces, isPattern} from './glob.ts'
import type {IncludeCheck} from './include-check.ts'
import type {IncludeResult} from './source-lines.ts'

/** Reports what an include did not find or could not read: an error where a check says so. keepalived.conf(5). */
export function reportInclude(
  pattern: string,
  {files, problems, partly = false}: IncludeResult,
  checks: ReadonlySet<IncludeCheck>,
  at: Position,
  findings: Findings,
): void {
  for (const {kind, file, reason} of problems) {
    const name = kind === 'too-big' ? 'include-limit' : checks.has('read') ? REQUIRED[kind] : 'include-not-read'
    findings.report(name, at, `${shown(file)} is not read: ${reason}`)
  }
  const none = files.length === 0 && problems.length === 0
  if (!none && !partly) return
  const check = checkOf(pattern)
  const message = `${none ? 'no file matches' : 'part of the pattern matches no file:'} ${shown(pattern)}`
  if (checks.has(check)) findings.report('include-required-missing', at, message)
  else if (check !== 'wildcard_match') findings.report('include-missing', at, message)
}

const REQUIRED = {unreadable: 'include-unreadable', skipped: 'include-skipped'} as const

/** Which check a pattern without a match fails; a wildcard that matches nothing is nothing special. */
function checkOf(pattern: string): IncludeCheck {
  if (!pattern.includes('{')) return isPattern(pattern) ? 'wildcard_match' : 'match'
  return expandBraces(pattern).every(isPattern) ? 'wildcard_match' : 'brace_match'
}
