/** Codes of failures that a person must act on; each maps to one exit code in `cli/exit-codes.ts`. */
export type ErrorCode =
  | 'FAILED'
  | 'USAGE'
  | 'AGENT_NOT_RUNNING'
  | 'AGENT_ALREADY_RUNNING'
  | 'AGENT_VERSION'
  | 'PERMISSION'
  | 'NOT_FOUND'
  | 'INVALID_CONFIGURATION'
  | 'REFUSED'
  | 'TIMED_OUT'

/** A failure that a person must act on: what happened, and what to do about it. */
export class HactlError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, hint?: string, options?: {cause?: unknown}) {
    super(message, options)
    this.name = 'HactlError'
    this.code = code
    this.hint = hint
  }
}

/** The text of anything that was thrown. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))
