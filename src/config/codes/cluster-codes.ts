import {type DiagnosticKinds, kind} from './kind.ts'

/** Findings about the nodes of a cluster beside each other (20) and what a simulation proves (21). */
export const CLUSTER_CODES = {} as const satisfies DiagnosticKinds
