import type {CheckerPlan, HttpProbePlan} from './plan.ts'
import type {ProbedWeight, ProbeResult} from './result.ts'

/** What is known of a checker; JSON. */
export interface CheckerState {
  /** Whether its real server may be up. */
  readonly up: boolean
  /** Failures one after the other. */
  readonly failures: number
  /** Of HTTP_GET and SSL_GET, the page that is next, counted from 0. */
  readonly page: number
  /** Pages that were good one after the other, counted no further than there are pages. */
  readonly goodPages: number
  /** What it adds to the weight of its real server. */
  readonly addedWeight: number
  /** A result has counted: of HTTP_GET and SSL_GET a failure, or all pages. */
  readonly checkedBefore: boolean
  /** The failure that made it bad is the last thing that counted: there was no success since. */
  readonly failing: boolean
}

/** What follows from a result. */
export interface CheckerStep {
  readonly state: CheckerState
  /** Until the next probe, milliseconds; Infinity for FILE_CHECK and BFD_CHECK, which no clock runs. */
  readonly nextInMs: number
}

/** keepalived adds it to each warm-up, milliseconds: its processes need a while to start. */
const START_MS = 1000

/** A checker that has not run yet. */
export function initialChecker(plan: CheckerPlan): CheckerState {
  return {
    up: !plan.timing.alpha,
    failures: 0,
    page: 0,
    goodPages: 0,
    addedWeight: 0,
    checkedBefore: false,
    failing: false,
  }
}

/** Until its first probe, milliseconds; `random` is 0..1. Infinity for FILE_CHECK and BFD_CHECK. */
export function firstDelayMs(plan: CheckerPlan, random: number): number {
  if (isTold(plan)) return Number.POSITIVE_INFINITY
  return START_MS + Math.floor(random * plan.timing.warmupMs)
}

/**
 * Takes a result; `configuredWeight` is that of its real server. The first failure of a checker that never ran counts
 * at once; later it takes `retry` more, `delay_before_retry` apart. One success makes a checker good again, with
 * HTTP_GET and SSL_GET each of its pages one after the other. keepalived.conf(5).
 */
export function checkerStep(
  plan: CheckerPlan,
  state: CheckerState,
  {result, configuredWeight}: {readonly result: ProbeResult; readonly configuredWeight: number},
): CheckerStep {
  const step = plan.probe.type === 'http' ? httpStep(plan, plan.probe, state, result) : simpleStep(plan, state, result)
  const nextInMs = isTold(plan) ? Number.POSITIVE_INFINITY : step.nextInMs
  if (!result.ok) return {state: step.state, nextInMs}
  return {state: {...step.state, addedWeight: addedWeight(result.weight, configuredWeight)}, nextInMs}
}

/** What the checkers of a real server come to: it is up while all of them are, and their added weights are summed. */
export function standingOfCheckers(states: readonly CheckerState[]): {
  readonly up: boolean
  readonly addedWeight: number
} {
  let up = true
  let addedWeight = 0
  for (const state of states) {
    up &&= state.up
    addedWeight += state.addedWeight
  }
  return {up, addedWeight}
}

/** A file or a session tells its news by itself, and its news count at once. */
const isTold = (plan: CheckerPlan): boolean => plan.probe.type === 'file' || plan.probe.type === 'bfd'

function simpleStep(plan: CheckerPlan, state: CheckerState, result: ProbeResult): CheckerStep {
  if (result.ok) {
    return {
      state: {...state, up: true, failures: 0, checkedBefore: true, failing: false},
      nextInMs: plan.timing.delayLoopMs,
    }
  }
  const counts = !state.up || failureCounts(plan, state)
  return failed(plan, state, {counts, whenItCountsMs: plan.timing.delayLoopMs})
}

/**
 * A success leads to the next page; the first success after a failure that counted leads to the first page, and then
 * all pages have to be good, in their order. Retries come also while it is down, once a page was good. All of this was
 * measured of keepalived 2.2.7.
 */
function httpStep(plan: CheckerPlan, probe: HttpProbePlan, state: CheckerState, result: ProbeResult): CheckerStep {
  const {delayLoopMs, delayBeforeRetryMs} = plan.timing
  if (!result.ok) {
    const counts = state.failing || failureCounts(plan, state)
    return failed(plan, state, {counts, whenItCountsMs: Math.max(delayLoopMs, delayBeforeRetryMs)})
  }
  const pages = probe.pages.length
  const all = !state.failing && state.page + 1 >= pages
  const quick = probe.fastRecovery && !all && !(state.up && state.checkedBefore)
  return {
    state: {
      ...state,
      up: state.up || all,
      failures: 0,
      page: state.failing || all ? 0 : state.page + 1,
      goodPages: state.failing ? 0 : Math.min(state.goodPages + 1, pages),
      checkedBefore: state.checkedBefore || all,
      failing: false,
    },
    nextInMs: quick ? 0 : delayLoopMs,
  }
}

function failureCounts(plan: CheckerPlan, state: CheckerState): boolean {
  return !state.checkedBefore || isTold(plan) || state.failures >= plan.timing.retry
}

function failed(
  plan: CheckerPlan,
  state: CheckerState,
  {counts, whenItCountsMs}: {readonly counts: boolean; readonly whenItCountsMs: number},
): CheckerStep {
  const failures = state.failures + 1
  if (!counts) return {state: {...state, failures}, nextInMs: plan.timing.delayBeforeRetryMs}
  // A page that fails while the pages are gone through again does not lead back to the first one.
  if (!state.up && state.checkedBefore) return {state: {...state, failures}, nextInMs: whenItCountsMs}
  return {
    state: {...state, up: false, failures, goodPages: 0, checkedBefore: true, failing: true},
    nextInMs: whenItCountsMs,
  }
}

function addedWeight(weight: ProbedWeight | undefined, configuredWeight: number): number {
  if (weight === undefined) return 0
  return weight.type === 'added' ? weight.weight : weight.weight - configuredWeight
}
