import type {CheckedRealServer, CheckedVirtualServer, CheckerPlan} from '../../../src/core/check/plan.ts'
import type {ProbeResult} from '../../../src/core/check/result.ts'

/** One probe of the past. */
export interface Probed {
  readonly page: number
  readonly result: ProbeResult
  /** Weight of the real server in the configuration of that time. */
  readonly configuredWeight: number
}

/** All that ever happened to a checker. */
export interface CheckerPast {
  readonly plan: CheckerPlan
  readonly past: Probed[]
}

/** What a checker comes to, by the definition. */
export interface Verdict {
  readonly up: boolean
  /** The page to ask next. */
  readonly page: number
  readonly added: number
}

/** Judges a checker by its whole past, without anything remembered in between. */
export function verdictOf({plan, past}: CheckerPast): Verdict {
  const lastGood = past.findLast(({result}) => result.ok)
  const {up, page} =
    plan.probe.type === 'http' ? judgePages(plan, past, plan.probe.pages.length) : judgeSimple(plan, past)
  return {up, page, added: lastGood === undefined ? 0 : addedBy(lastGood)}
}

/** A real server by the definition: whether it is up, and its weight in IPVS. */
export interface Weighed {
  readonly up: boolean
  readonly weight: number
}

/** Judges a real server by the verdicts of its checkers. */
export function weighed(plan: CheckedRealServer, verdicts: readonly Verdict[]): Weighed {
  const sum = verdicts.reduce((total, {added}) => total + added, plan.weight)
  const weight = Math.min(Math.max(sum, 0), 2 ** 31 - 1)
  return {up: verdicts.every(({up}) => up), weight}
}

/** Whether there is a quorum now; `before`: whether there was. */
export function quorumOf(
  {quorum, hysteresis}: CheckedVirtualServer,
  realServers: readonly Weighed[],
  before: boolean,
): boolean {
  const sum = realServers.reduce((total, {up, weight}) => (up ? total + weight : total), 0)
  if (sum === 0) return false
  if (before) return !(sum < quorum - hysteresis)
  return !(sum < quorum + hysteresis)
}

/** How the servers of a virtual server stand, one word each: "12", "inhibited", "out"; the sorry server at the end. */
export function wantedStandings(plan: CheckedVirtualServer, realServers: readonly Weighed[], quorum: boolean): string {
  const replaced = !quorum && plan.sorryServer !== undefined
  const words = plan.realServers.map(({inhibitOnFailure}, place) => {
    const {up, weight} = realServers[place] as Weighed
    const wanted = up && !replaced
    if (wanted) return `${weight}`
    return inhibitOnFailure ? 'inhibited' : 'out'
  })
  if (plan.sorryServer === undefined) return words.join(' ')
  return [...words, replaced ? '1' : plan.sorryServer.inhibit ? 'inhibited' : 'out'].join(' ')
}

/** Before any success it depends on whether anything failed; after one on how many failed since. */
function judgeSimple(plan: CheckerPlan, past: readonly Probed[]): {up: boolean; page: number} {
  const lastGoodAt = past.findLastIndex(({result}) => result.ok)
  if (lastGoodAt === -1) return {up: past.length === 0 && !plan.timing.alpha, page: 0}
  const failuresSince = past.length - 1 - lastGoodAt
  const permitted = plan.probe.type === 'file' || plan.probe.type === 'bfd' ? 0 : plan.timing.retry
  return {up: failuresSince <= permitted, page: 0}
}

/**
 * `toSee` are the pages that have to be good, in their order, until it is good; who is bad has to see the page that
 * made it so, and then all of them.
 */
function judgePages(plan: CheckerPlan, past: readonly Probed[], pages: number): {up: boolean; page: number} {
  const all = Array.from({length: pages}, (_, page) => page)
  let verdict: 'none' | 'good' | 'bad' = 'none'
  let toSee = all
  let failures = 0
  for (const {result} of past) {
    if (result.ok) {
      failures = 0
      toSee = toSee.slice(1)
      if (toSee.length > 0) continue
      verdict = 'good'
      toSee = all
    } else {
      failures++
      const decides = verdict === 'none' || (verdict === 'good' && failures === plan.timing.retry + 1)
      if (!decides) continue
      verdict = 'bad'
      toSee = [toSee[0] as number, ...all]
    }
  }
  const up = verdict === 'good' || (verdict === 'none' && !plan.timing.alpha)
  return {up, page: toSee[0] as number}
}

function addedBy({result, configuredWeight}: Probed): number {
  if (!result.ok || result.weight === undefined) return 0
  return result.weight.type === 'added' ? result.weight.weight : result.weight.weight - configuredWeight
}
