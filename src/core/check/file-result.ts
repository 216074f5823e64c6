import type {ProbePlan} from './plan.ts'
import type {ProbeResult} from './result.ts'

/** keepalived takes products at or below this as failure. */
const FAILURE = -0x8000_0000

/**
 * What the number in a tracked file says of a real server; undefined: the file cannot be read, which counts as 0.
 * Without a weight any number but 0 is failure, or 0 itself with `reverse`; with one its product is added to the weight
 * of the real server. keepalived.conf(5), FILE_CHECK.
 */
export function fileResult(
  {weight, reverse}: Extract<ProbePlan, {type: 'file'}>,
  value: number | undefined,
): ProbeResult {
  const number = value ?? 0
  const detail = value === undefined ? 'the file cannot be read, which counts as 0' : `the file holds ${value}`
  if (weight === 0) {
    if ((number === 0) !== reverse) return {ok: true, latencyMs: 0, detail, weight: undefined}
    return {ok: false, latencyMs: 0, reason: `${detail} where ${reverse ? 'any number but 0' : '0'} is wanted`}
  }
  const product = number * weight * (reverse ? -1 : 1)
  if (product <= FAILURE) return {ok: false, latencyMs: 0, reason: `${detail}, which is ${product} with its weight`}
  // Adding 0 takes the sign off a zero.
  return {ok: true, latencyMs: 0, detail, weight: {type: 'added', weight: product + 0}}
}
