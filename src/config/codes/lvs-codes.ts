import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about virtual and real servers and checkers (16). */
export const LVS_CODES = {} as const satisfies DiagnosticKinds
