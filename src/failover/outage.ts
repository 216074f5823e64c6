import type {Outage} from './model.ts'

/** One probe; times in milliseconds of a monotonic clock. */
export interface ProbeSample {
  readonly sentAt: number
  /** How long the answer took; undefined: there is none. */
  readonly latencyMs: number | undefined
}

/** What an outage is taken from. */
export interface OutageInput {
  /** In the order of their sending. */
  readonly samples: readonly ProbeSample[]
  readonly intervalMs: number
  /** Only gaps that begin after it count: what was lost before the move has another reason. */
  readonly fromMs: number
  /** An answer that takes longer is none: the probe had waited somewhere until the address was there again. */
  readonly lateAfterMs: number
}

/** Answers that take longer than three times what is usual here, and than this, come too late; milliseconds. */
const LATE_MS = 20

/** How long an answer may take, by how long they take as a rule; milliseconds. */
export function lateAfterMs(samples: readonly ProbeSample[]): number {
  const latencies = samples.flatMap(({latencyMs}) => latencyMs ?? []).sort((a, b) => a - b)
  return Math.max(LATE_MS, 3 * (latencies[Math.floor(latencies.length / 2)] ?? 0))
}

/** The longest gap in the answers. Undefined: the answers do not come again, or there never were any. */
export function outageOf({samples, intervalMs, fromMs, lateAfterMs: limitMs}: OutageInput): Outage | undefined {
  const isAnswered = ({latencyMs}: ProbeSample): boolean => latencyMs !== undefined && latencyMs <= limitMs
  const first = samples.findLastIndex(sample => sample.sentAt <= fromMs && isAnswered(sample))
  const counted = first < 0 ? [] : samples.slice(first)
  const last = counted.at(-1)
  if (last === undefined || !isAnswered(last)) return undefined
  let worst = {outageMs: 0, atLeastMs: 0, atMostMs: 0}
  let gaps = 0
  let lost = 0
  let before = counted[0] as ProbeSample
  let missing: ProbeSample[] = []
  for (const sample of counted) {
    if (!isAnswered(sample)) {
      missing.push(sample)
      continue
    }
    if (missing.length > 0) {
      gaps++
      lost += missing.length
      const gap = gapBetween({before, after: sample, missing, intervalMs})
      if (gap.atMostMs > worst.atMostMs) worst = gap
      missing = []
    }
    before = sample
  }
  return {...worst, intervalMs, sent: counted.length, lost, gaps}
}

interface Gap {
  readonly before: ProbeSample
  readonly after: ProbeSample
  readonly missing: readonly ProbeSample[]
  readonly intervalMs: number
}

function gapBetween({before, after, missing, intervalMs}: Gap): Pick<Outage, 'outageMs' | 'atLeastMs' | 'atMostMs'> {
  const atMostMs = after.sentAt - before.sentAt
  const atLeastMs = (missing.at(-1)?.sentAt ?? 0) - (missing[0]?.sentAt ?? 0)
  return {outageMs: Math.max(0, atMostMs - intervalMs), atLeastMs, atMostMs}
}
