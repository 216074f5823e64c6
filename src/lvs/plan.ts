import type {LvsChangeReply} from '../control/lvs-model.ts'
import {describeChanges} from '../core/ipvs/describe.ts'
import {additions, diffRules, removeAll} from '../core/ipvs/diff.ts'
import type {DestinationEntry, DestinationId, IpvsChange, ServiceEntry, ServiceRules} from '../core/ipvs/model.ts'
import {destinationKey, destinationName, serviceKey, serviceName} from '../core/ipvs/names.ts'
import type {DestinationHold, OperatorOrder} from '../core/ipvs/wanted.ts'
import {effective, type Rules, rulesNow, type Situation} from './situation.ts'
import type {Transaction} from './transaction.ts'

/** One service, and what is to rule it; undefined: there is to be none. */
export interface Intent {
  readonly situation: Situation
  readonly after: Rules | undefined
}

/** What is to be. */
export interface Intentions {
  readonly intents: readonly Intent[]
  /** Services that are neither there nor wanted until now. */
  readonly added?: readonly ServiceRules[] | undefined
}

/** What intentions come to: what is to be done, and how that is told. */
export interface Plan extends Transaction {
  readonly reply: Omit<LvsChangeReply, 'applied'>
}

/**
 * Finds out what has to change, in the kernel and for whoever remembers what is wanted. A service that is concerned
 * gets into the kernel as it is wanted, whatever others did to it meanwhile. Unless `everyLine`, what is told of very
 * many changes is short.
 */
export function planOf(
  {intents, added = []}: Intentions,
  {remembers, everyLine}: {readonly remembers: boolean; readonly everyLine: boolean},
): Plan {
  const after = intents.flatMap(intent => intent.after ?? [])
  const actual = intents.flatMap(({situation}) => situation.actual ?? [])
  const isNew = additions(added)
  const changes = joined(isNew, diffRules({wanted: after.map(effective), actual, mayRemove: removeAll}))
  const before = remembers ? intents.flatMap(({situation}) => rulesNow(situation) ?? []).map(unheld) : []
  const order: OperatorOrder = remembers
    ? {
        changes: joined(isNew, diffRules({wanted: after.map(unheld), actual: before, mayRemove: removeAll})),
        holds: holdsChanged(intents),
      }
    : {changes: [], holds: []}
  const most = everyLine ? Number.POSITIVE_INFINITY : MAX_LINES
  const unseen = linesUnseen(order, {changes, before, after})
  const lines = [...describeChanges(changes, actual, most), ...unseen.slice(0, most)]
  return {
    order,
    changes,
    situations: intents.map(({situation}) => situation),
    reply: {
      changes: lines,
      moreChanges: changes.length + unseen.length - lines.length,
      activeConnections: connectionsHit(changes, actual),
    },
  }
}

/** Both, without a copy where one of them is empty. */
const joined = (first: readonly IpvsChange[], second: readonly IpvsChange[]): readonly IpvsChange[] =>
  second.length === 0 ? first : [...first, ...second]

/** How many changes are told of what is carried out. Whoever wants to see all of them asks for a dry run. */
const MAX_LINES = 200

/** True where there is anything to do. */
export const isAnything = ({order, changes}: Plan): boolean =>
  order.changes.length + order.holds.length + changes.length > 0

const unheld = ({service, destinations}: Rules): ServiceRules => ({service, destinations: [...destinations.values()]})

function holdsChanged(intents: readonly Intent[]): OperatorOrder['holds'] {
  return intents.flatMap(({situation, after}) => {
    const before = rulesNow(situation)?.holds ?? NO_HOLDS
    const {destinations, holds} = after ?? {destinations: new Map<string, DestinationId>(), holds: NO_HOLDS}
    if (before.size + holds.size === 0) return []
    return [...new Set([...before.keys(), ...holds.keys()])].flatMap(key => {
      // What goes takes with it what is known of it.
      const destination = destinations.get(key)
      const hold = holds.get(key)
      if (destination === undefined || isSameHold(before.get(key), hold)) return []
      const {address, port} = destination
      return [{service: situation.id, destination: {address, port}, hold}]
    })
  })
}

const NO_HOLDS: ReadonlyMap<string, DestinationHold> = new Map()

const isSameHold = (a: DestinationHold | undefined, b: DestinationHold | undefined): boolean =>
  a?.type === b?.type && a?.since === b?.since && a?.reason === b?.reason

/** What is remembered, but makes no difference in the kernel now. */
function linesUnseen(
  {changes: ordered, holds}: OperatorOrder,
  {
    changes,
    before,
    after,
  }: {
    readonly changes: readonly IpvsChange[]
    readonly before: readonly ServiceRules[]
    readonly after: readonly Rules[]
  },
): readonly string[] {
  if (ordered.length + holds.length === 0) return []
  const seen = new Set(changes.map(keyOf))
  const holders = new Map(
    after.filter(({holds, checked}) => holds.size > 0 || checked).map(some => [serviceKey(some.service.id), some]),
  )
  const unseen = new Map<number, string>()
  for (const [i, change] of ordered.entries()) {
    const rules = holders.size > 0 && 'destination' in change ? holders.get(serviceKey(change.id)) : undefined
    const why = rules && 'destination' in change ? whyUnseen(rules, change.destination) : undefined
    if (why !== undefined) unseen.set(i, why)
    else if (!seen.has(keyOf(change))) unseen.set(i, 'the kernel is so already')
  }
  const told = unseen.size > 0 ? describeChanges(ordered, before) : []
  const lines = [...unseen].map(([i, why]) => `${told[i]} (${why})`)
  for (const {service, destination, hold} of holds) {
    if (seen.has(`${serviceName(service)} ${destinationName(destination)}`)) continue
    const name = `~ real server ${destinationName(destination)} of ${serviceName(service)}`
    lines.push(hold === undefined ? `${name}: no longer drained or disabled` : `${name}: ${hold.type}`)
  }
  return lines
}

/** Why the kernel does not have a real server, or not with its weight; undefined: it has. */
function whyUnseen({holds, checked}: Rules, destination: DestinationId): string | undefined {
  const key = destinationKey(destination)
  const hold = holds.get(key)?.type
  const standing = checked?.get(key)?.standing.type
  if (hold === 'disabled') return 'disabled: it stays out of the kernel'
  if (standing === 'out') return 'out by its checks: it stays out of the kernel'
  if (hold === 'drained') return 'drained: its weight in the kernel stays 0'
  return standing === 'inhibited' ? 'inhibited by its checks: its weight in the kernel stays 0' : undefined
}

function keyOf(change: IpvsChange): string {
  if ('service' in change) return serviceName(change.service.id)
  return 'destination' in change
    ? `${serviceName(change.id)} ${destinationName(change.destination)}`
    : serviceName(change.id)
}

/** Established connections to what is removed or gets no new ones. */
function connectionsHit(changes: readonly IpvsChange[], actual: readonly ServiceEntry[]): number {
  if (actual.length === 0) return 0
  const lookup = entryLookup(actual)
  let connections = 0
  for (const change of changes) {
    if (change.type === 'add-service' || change.type === 'add-destination') continue
    const entry = lookup(change)
    if (entry === undefined) continue
    if (change.type === 'delete-service') {
      for (const destination of entry.destinations) connections += destination.activeConnections
    } else if (change.type === 'delete-destination' || isDrain(change, entry)) {
      connections += destinationOf(entry, change.destination)?.activeConnections ?? 0
    }
  }
  return connections
}

function isDrain(
  change: IpvsChange,
  entry: ServiceEntry,
): change is Extract<IpvsChange, {readonly type: 'edit-destination'}> {
  return (
    change.type === 'edit-destination' &&
    change.destination.weight === 0 &&
    destinationOf(entry, change.destination)?.weight !== 0
  )
}

function destinationOf({destinations}: ServiceEntry, id: DestinationId): DestinationEntry | undefined {
  return destinations.find(({address, port}) => address === id.address && port === id.port)
}

function entryLookup(actual: readonly ServiceEntry[]): (change: IpvsChange) => ServiceEntry | undefined {
  const entries = new Map(actual.map(entry => [serviceKey(entry.service.id), entry]))
  return change => entries.get(serviceKey('service' in change ? change.service.id : change.id))
}
