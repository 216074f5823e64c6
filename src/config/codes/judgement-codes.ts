import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about what is permitted and still unwise (18). */
export const JUDGEMENT_CODES = {} as const satisfies DiagnosticKinds
