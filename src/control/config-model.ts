import type {AgentStatus, DiagnosticReply} from './model.ts'

/** A configuration on trial: it is taken back at `until` unless somebody confirms it. Times are ISO 8601, UTC. */
export type Trial = NonNullable<AgentStatus['configuration']['trial']>

/** What became of a configuration that was to be applied: `POST /v1/config/apply`. */
export interface ApplyReply {
  /** False: nothing was changed, neither the file nor what runs. */
  readonly applied: boolean
  /** Why it was not, one line; null when it was. */
  readonly refused: string | null
  readonly diagnostics: readonly DiagnosticReply[]
  /** One line a change: "VI_1: priority 100 -> 110". */
  readonly changes: readonly string[]
  /** Null: it stays for good, or was not applied. */
  readonly trial: Trial | null
}

/** How a trial ended that was taken back: `POST /v1/config/rollback`. */
export interface TrialEnd {
  readonly id: string
  /** One line a change, from the configuration on trial to the one before it. */
  readonly changes: readonly string[]
  /** Where the file is kept that somebody edited during the trial; null: nobody did. */
  readonly keptAs: string | null
}
