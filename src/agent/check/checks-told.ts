import {fileResult} from '../../core/check/file-result.ts'
import type {ProbePlan} from '../../core/check/plan.ts'
import type {ProbeResult} from '../../core/check/result.ts'

/**
 * The result of a checker that no clock runs: what a tracked file holds, or how a BFD session stands, of which none
 * exists yet. Undefined for all other checkers.
 */
export function toldResult(probe: ProbePlan, files: ReadonlyMap<string, number>): ProbeResult | undefined {
  if (probe.type === 'file') return fileResult(probe, files.get(probe.trackFile))
  if (probe.type !== 'bfd') return undefined
  return {ok: false, latencyMs: 0, reason: `there is no session ${probe.session}, which counts as down`}
}
