import type {JournalRecord} from './record.ts'

/** The records that led to the state an instance is in, oldest first, and the transition that made it. */
export interface Explanation {
  readonly transition: JournalRecord | undefined
  readonly chain: readonly JournalRecord[]
}

/** More than this is no explanation any more. */
const MAX_CHAIN = 20

/**
 * Explains an instance's present state from the journal: what happened since it entered the state before, the priority
 * change that a lost or won election goes back to however old it is, and the results behind that. Reads nothing but
 * its arguments; `interfaces` and `trackers` ("script chk_nginx") are those of the instance.
 */
export function explain(
  records: readonly JournalRecord[],
  subject: {readonly instance: string; readonly interfaces: readonly string[]; readonly trackers: readonly string[]},
): Explanation {
  const last = records.findLastIndex(record => isTransition(record, subject.instance))
  const transition = records[last]
  if (!transition) return {transition: undefined, chain: []}
  const previous = records.slice(0, last).findLastIndex(record => isTransition(record, subject.instance))
  const chosen = new Set<JournalRecord>()
  const before = records[previous]
  if (before) chosen.add(before)
  for (const record of records.slice(previous + 1, last)) {
    if (leadsTo(record, subject)) chosen.add(record)
  }
  for (const record of behindPriority(records.slice(0, last), transition, subject.instance)) chosen.add(record)
  chosen.add(transition)
  // What came after belongs to the answer too: restored addresses, and what the kernel refused.
  for (const record of records.slice(last + 1)) if (isAftermath(record, subject.instance)) chosen.add(record)
  const chain = [...chosen].sort((a, b) => a.seq - b.seq)
  return {transition, chain: chain.length > MAX_CHAIN ? trim(chain, transition) : chain}
}

const isTransition = (record: JournalRecord, instance: string): boolean =>
  record.kind === 'transition' && record.instance === instance

function leadsTo(
  record: JournalRecord,
  subject: {readonly instance: string; readonly interfaces: readonly string[]; readonly trackers: readonly string[]},
): boolean {
  switch (record.kind) {
    case 'priority-changed':
    case 'master-changed':
    case 'vip-adopted':
    case 'kernel-error':
      return record.instance === subject.instance
    case 'link-changed':
      return subject.interfaces.includes(String(record.facts.interface))
    case 'tracker-changed':
      return subject.trackers.includes(String(record.facts.tracker))
    case 'process-died':
    case 'process-stalled':
      return record.facts.process === 'vrrp'
    case 'agent-started':
    case 'agent-stopping':
    case 'configuration-loaded':
      return true
    default:
      return false
  }
}

/** Elections are decided by priorities: where ours is not its base, the change and its cause belong to the answer. */
function behindPriority(
  records: readonly JournalRecord[],
  transition: JournalRecord,
  instance: string,
): readonly JournalRecord[] {
  if (transition.facts.priority === transition.facts.basePriority) return []
  const change = records.findLastIndex(record => record.kind === 'priority-changed' && record.instance === instance)
  const priorityChange = records[change]
  if (!priorityChange) return []
  const tracker = records
    .slice(0, change)
    .findLast(record => record.kind === 'tracker-changed' && record.facts.tracker === priorityChange.facts.tracker)
  return tracker ? [tracker, priorityChange] : [priorityChange]
}

const isAftermath = (record: JournalRecord, instance: string): boolean =>
  record.instance === instance && (record.kind === 'vip-restored' || record.kind === 'kernel-error')

/** The latest records, and the transition whatever its age. */
function trim(chain: readonly JournalRecord[], transition: JournalRecord): readonly JournalRecord[] {
  const kept = chain.slice(-MAX_CHAIN)
  return kept.includes(transition) ? kept : [transition, ...kept.slice(1)]
}
