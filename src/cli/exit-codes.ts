import type {ErrorCode} from '../errors.ts'

/** What a shell sees, hactl(8): one number for each kind of failure. 130 is an interrupt, as shells have it. */
export const EXIT_CODES: {readonly [code in ErrorCode]: number} = {
  FAILED: 1,
  USAGE: 2,
  AGENT_NOT_RUNNING: 3,
  AGENT_ALREADY_RUNNING: 1,
  AGENT_VERSION: 1,
  PERMISSION: 4,
  NOT_FOUND: 5,
  INVALID_CONFIGURATION: 6,
  REFUSED: 7,
  TIMED_OUT: 8,
}

/** Ended by Ctrl-C. */
export const INTERRUPTED = 130
