import type {AgentStatus, VirtualRouter} from '../control/model.ts'
import type {WatchEvent, WatchedService, WatchedServices} from '../control/watch-model.ts'
import type {JournalRecord} from '../core/journal/record.ts'
import {MAX_RECORDS, type NodePicture} from './model.ts'
import {type WeighedMap, weighedMap, weightOf} from './weighed-map.ts'

/** What a node told of itself, as it is in its picture. */
export type NodeContents = Pick<
  NodePicture,
  'isWhole' | 'agent' | 'routers' | 'services' | 'servicesProblem' | 'journal'
>

/** Keeps what one connection to a node told. */
export interface NodeStore {
  /** Takes one event; false: it is more than is kept, and was left out. */
  readonly take: (event: WatchEvent) => boolean
  /** Everything told so far; the same object, and the same maps, until something is told that changes them. */
  readonly contents: () => NodeContents
}

/** How much of one node is kept; weights are about bytes. */
const ROUTERS = {entries: 10_000, weight: 50_000_000}
const SERVICES = {entries: 20_000, weight: 100_000_000}
const RECORD_WEIGHT = 20_000

/** A store that knows nothing but the journal of the connection before. */
export function nodeStore(earlier: readonly JournalRecord[] = []): NodeStore {
  const routers = weighedMap<VirtualRouter>(ROUTERS)
  const services = weighedMap<WatchedService>(SERVICES)
  let servicesProblem: string | null = null
  let journal = earlier
  let added: JournalRecord[] = []
  let agent: AgentStatus | null = null
  let isWhole = false
  let shown: NodeContents | undefined

  const addToJournal = (record: JournalRecord): boolean => {
    if (weightOf(record) > RECORD_WEIGHT) return false
    added.push(record)
    // Somebody who sends a million records before anybody looks gets no more memory for it.
    if (added.length >= MAX_RECORDS) flushJournal()
    return true
  }
  const flushJournal = (): void => {
    journal = joined(journal, added)
    added = []
  }
  const takeServices = (event: WatchedServices): boolean => {
    servicesProblem = event.problem
    if (event.all) services.clear()
    for (const name of event.gone) services.delete(name)
    return setAll(services, event.services)
  }
  const take = (event: WatchEvent): boolean => {
    switch (event.type) {
      case 'snapshot':
        routers.clear()
        return setAll(routers, event.routers)
      case 'router':
        return routers.set(event.router.name, event.router)
      case 'journal':
        return addToJournal(event.record)
      case 'agent':
        agent = event.agent
        return true
      case 'services':
        return takeServices(event)
      case 'ready':
        isWhole = true
        return true
      case 'lost':
        return true
      default:
        return event satisfies never
    }
  }
  return {
    take: event => {
      shown = undefined
      return take(event)
    },
    contents: () => {
      if (added.length > 0) flushJournal()
      shown ??= {isWhole, agent, routers: routers.shown(), services: services.shown(), servicesProblem, journal}
      return shown
    },
  }
}

/** False: not all of them had room. */
function setAll<Value extends {readonly name: string}>(map: WeighedMap<Value>, values: readonly Value[]): boolean {
  let all = true
  for (const value of values) {
    if (!map.set(value.name, value)) all = false
  }
  return all
}

/** The newest of both; a connection begins with records that an earlier one may have told already. */
function joined(before: readonly JournalRecord[], added: readonly JournalRecord[]): readonly JournalRecord[] {
  if (added.length === 0) return before
  let records = [...before]
  for (const record of added) {
    const last = records.at(-1)
    if (last !== undefined && record.seq <= last.seq) {
      if (isAmong(records, record)) continue
      // Its journal began anew, for instance on another disk.
      records = []
    }
    records.push(record)
  }
  return records.slice(-MAX_RECORDS)
}

/** Records are in the order of their numbers. */
function isAmong(records: readonly JournalRecord[], {seq, at}: JournalRecord): boolean {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((records[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  const found = records[low]
  return found?.seq === seq && found.at === at
}
