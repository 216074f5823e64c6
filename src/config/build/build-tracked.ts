import {ipFamily} from '../../core/ip.ts'
import type {BfdConfig, TrackFileConfig, TrackProcessConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import type {Item} from '../schema/schema.ts'
import {BFD, type BfdSettings} from '../tables/bfd-instance.ts'
import type {TrackFileSettings} from '../tables/track-file.ts'
import {TRACK_PROCESS, type TrackProcessSettings} from '../tables/track-process.ts'
import {type Report, reporter} from './reporter.ts'
import {standsAfter} from './text-order.ts'

/** What can be tracked besides scripts and interfaces, as it stands in the text. */
export interface TrackedSettings {
  readonly trackFiles: readonly Item<TrackFileSettings>[]
  readonly trackProcesses: readonly Item<TrackProcessSettings>[]
  readonly bfdInstances: readonly Item<BfdSettings>[]
}

/** What can be tracked besides scripts and interfaces, complete. */
export interface TrackedObjects {
  readonly trackFiles: readonly TrackFileConfig[]
  readonly trackProcesses: readonly TrackProcessConfig[]
  readonly bfdInstances: readonly BfdConfig[]
}

/** Completes what can be tracked, and leaves out what says not what to watch. */
export function buildTracked(settings: TrackedSettings, findings: Findings): TrackedObjects {
  return {
    trackFiles: settings.trackFiles.flatMap(item => buildFile(item, findings) ?? []),
    trackProcesses: settings.trackProcesses.flatMap(item => buildProcess(item, findings) ?? []),
    bfdInstances: withoutDuplicates(
      settings.bfdInstances.flatMap(item => buildBfd(item, findings) ?? []),
      findings,
    ),
  }
}

function buildFile(item: Item<TrackFileSettings>, findings: Findings): TrackFileConfig | undefined {
  const {name, position, file} = item
  if (file !== undefined) return {...item, file}
  findings.report('tracked-incomplete', position, `track_file ${name} names no file; it is left out`, 'file PATH')
  return undefined
}

function buildProcess(item: Item<TrackProcessSettings>, findings: Findings): TrackProcessConfig | undefined {
  const {name, position, process} = item
  if (!process) {
    const message = `vrrp_track_process ${name} names no process; it is left out`
    findings.report('tracked-incomplete', position, message, 'process PROGRAM')
    return undefined
  }
  const report = reporter<TrackProcessSettings>(item, findings)
  return {
    ...item,
    ...buildQuorum(item, report),
    process,
    parameterMatch: item.parameterMatch ?? (process.length > 1 ? 'exact' : undefined),
    terminateDelayMs: delayOf(item, 'terminateDelayMs'),
    forkDelayMs: delayOf(item, 'forkDelayMs'),
  }
}

/** Of two that contradict, the later has no effect. */
function buildQuorum(
  item: Item<TrackProcessSettings>,
  report: Report<TrackProcessSettings>,
): Pick<TrackProcessSettings, 'quorum' | 'quorumMax'> {
  const {quorum, quorumMax, at} = item
  // The quorum starts as 1, and no process at all is permitted beside that.
  if (quorumMax === undefined || quorum <= quorumMax || (quorumMax === 0 && quorum === 1)) return {quorum, quorumMax}
  const isLater = standsAfter(at.quorum, at.quorumMax)
  const message = `quorum ${quorum} is greater than quorum_max ${quorumMax}; the later of the two is ignored`
  report('quorum-contradicts', isLater ? 'quorum' : 'quorumMax', message, 'a quorum_max that is not smaller')
  return isLater ? {quorum: TRACK_PROCESS.initial.quorum, quorumMax} : {quorum, quorumMax: undefined}
}

/** `delay` sets both delays, so a line after it changes one of them, and a line before it nothing. */
function delayOf(item: Item<TrackProcessSettings>, field: 'terminateDelayMs' | 'forkDelayMs'): number | undefined {
  const own = item[field]
  if (own === undefined || standsAfter(item.at.delayMs, item.at[field])) return item.delayMs ?? own
  return own
}

/** Packets of a session leave with the greatest TTL of IPv4, but with the usual one of IPv6. */
const TTL = {4: 255, 6: 64} as const

function buildBfd(item: Item<BfdSettings>, findings: Findings): BfdConfig | undefined {
  const report = reporter<BfdSettings>(item, findings)
  const {neighbour, source, vrrp, checker} = item
  if (neighbour === undefined) {
    report('bfd-incomplete', undefined, `${BFD.name} has no neighbor_ip; it is left out`, 'neighbor_ip ADDRESS')
    return undefined
  }
  const family = ipFamily(neighbour)
  if (source !== undefined && ipFamily(source) !== family) {
    const message = `left out: source_ip ${source} and neighbor_ip ${neighbour} are not of one family`
    report('bfd-family-differs', 'source', message, `an IPv${family} address`)
    return undefined
  }
  const ttl = item.ttl ?? TTL[family]
  if (item.maxHops > ttl) {
    report('bfd-hops-corrected', 'maxHops', `max_hops ${item.maxHops} is greater than the ttl; ${ttl} is used`)
  }
  const both = !vrrp && !checker
  const maxHops = Math.min(item.maxHops, ttl)
  return {...item, neighbour, ttl, maxHops, vrrp: vrrp || both, checker: checker || both}
}

/** A session without a source has every source, so another one with the same neighbour is the same session. */
function withoutDuplicates(sessions: readonly BfdConfig[], findings: Findings): readonly BfdConfig[] {
  const byNeighbour = new Map<string, BfdConfig[]>()
  return sessions.filter(session => {
    const {name, neighbour, source, multihop, at, position} = session
    const key = `${neighbour} ${multihop}`
    const others = byNeighbour.get(key) ?? []
    const same = others.find(other => source === undefined || other.source === undefined || other.source === source)
    if (!same) {
      others.push(session)
      byNeighbour.set(key, others)
      return true
    }
    const message = `${name} is left out: ${same.name} is a session with ${neighbour} already`
    findings.report('bfd-duplicate', at.neighbour ?? position, message, 'give both a source_ip of its own')
    return false
  })
}
