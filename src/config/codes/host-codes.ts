import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about what this host lacks (17). */
export const HOST_CODES = {} as const satisfies DiagnosticKinds
