import type {Verdict} from './tracking.ts'

/** How one run ended. */
export type ScriptResult =
  | {readonly type: 'exited'; readonly status: number}
  | {readonly type: 'killed'; readonly signal: string}
  | {readonly type: 'timed-out'; readonly afterMs: number}
  | {readonly type: 'not-started'; readonly reason: string}

/** Results in a row, and what they have come to. */
export interface ScriptState {
  readonly verdict: Verdict
  /** Results in a row that speak against the verdict. */
  readonly against: number
}

export const INITIAL_SCRIPT_STATE: ScriptState = {verdict: 'unknown', against: 0}

/**
 * Counts one result. The first decides at once, whatever `rise` and `fall` say; later `fall` failures in a row make
 * a good script bad and `rise` successes in a row a bad one good. keepalived.conf(5), vrrp_script.
 */
export function countResult(
  state: ScriptState,
  result: ScriptResult,
  {rise, fall}: {readonly rise: number; readonly fall: number},
): ScriptState {
  const verdict: Verdict = succeeded(result) ? 'good' : 'bad'
  if (state.verdict === 'unknown' || state.verdict === verdict) return {verdict, against: 0}
  const against = state.against + 1
  return against >= (verdict === 'good' ? rise : fall) ? {verdict, against: 0} : {verdict: state.verdict, against}
}

/** Only an exit status of 0 is success. */
export const succeeded = (result: ScriptResult): boolean => result.type === 'exited' && result.status === 0

/** The result in words: "exit status 1", "timed out after 2 s". */
export function describeResult(result: ScriptResult): string {
  switch (result.type) {
    case 'exited':
      return `exit status ${result.status}`
    case 'killed':
      return `killed by ${result.signal}`
    case 'timed-out':
      return `timed out after ${result.afterMs / 1000} s`
    case 'not-started':
      return `could not be started: ${result.reason}`
  }
}
