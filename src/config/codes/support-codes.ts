import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about what is not acted on yet (19). */
export const SUPPORT_CODES = {
  'not-acted-on': kind(
    'HC1901',
    'info',
    'semantic',
    'keepalived knows the keyword; it is accepted, but not acted on yet.',
  ),
  'not-acted-on-changes': kind(
    'HC1902',
    'warning',
    'semantic',
    'A keyword is not acted on yet, and that changes what happens.',
  ),
} as const satisfies DiagnosticKinds
