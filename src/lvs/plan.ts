import type {LvsChangeReply} from '../control/lvs-model.ts'
import {describeChanges, moreLine} from '../core/ipvs/describe.ts'
import {diffRules, removeAll} from '../core/ipvs/diff.ts'
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
  const changes = diffRules({wanted: [...after.map(effective), ...added], actual, mayRemove: removeAll})
  const before = remembers ? intents.flatMap(({situation}) => rulesNow(situation) ?? []).map(unheld) : []
  const order: OperatorOrder = remembers
    ? {
        changes: diffRules({wanted: [...after.map(unheld), ...added], actual: before, mayRemove: removeAll}),
        holds: holdsChanged(intents),
      }
    : {changes: [], holds: []}
  return {
    order,
    changes,
    situations: intents.map(({situation}) => situation),
    reply: {
      changes: [
        ...describeChanges(changes, actual, everyLine ? undefined : MAX_LINES),
        ...linesUnseen(order, {changes, before, after, everyLine}),
      ],
      activeConnections: connectionsHit(changes, actual),
    },
  }
}

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
    everyLine,
  }: {
    readonly changes: readonly IpvsChange[]
    readonly before: readonly ServiceRules[]
    readonly after: readonly Rules[]
    readonly everyLine: boolean
  },
): readonly string[] {
  if (ordered.length + holds.length === 0) return []
  const seen = new Set(changes.map(keyOf))
  const holders = new Map(after.filter(some => some.holds.size > 0).map(some => [serviceKey(some.service.id), some]))
  const unseen = new Map<number, string>()
  for (const [i, change] of ordered.entries()) {
    const rules = holders.size > 0 && 'destination' in change ? holders.get(serviceKey(change.id)) : undefined
    const held = rules && 'destination' in change ? heldAs(rules, change.destination) : undefined
    if (held !== undefined) unseen.set(i, `${held}: ${WHILE_HELD[held]}`)
    else if (!seen.has(keyOf(change))) unseen.set(i, 'the kernel is so already')
  }
  const told = unseen.size > 0 ? describeChanges(ordered, before) : []
  const lines = [...unseen].map(([i, why]) => `${told[i]} (${why})`)
  for (const {service, destination, hold} of holds) {
    if (seen.has(`${serviceName(service)} ${destinationName(destination)}`)) continue
    const name = `~ real server ${destinationName(destination)} of ${serviceName(service)}`
    lines.push(hold === undefined ? `${name}: no longer drained or disabled` : `${name}: ${hold.type}`)
  }
  if (everyLine || lines.length <= MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES), moreLine(lines.length - MAX_LINES)]
}

const WHILE_HELD: {readonly [type in DestinationHold['type']]: string} = {
  drained: 'its weight in the kernel stays 0',
  disabled: 'it stays out of the kernel',
}

const heldAs = ({holds}: Rules, destination: DestinationId): DestinationHold['type'] | undefined =>
  holds.get(destinationKey(destination))?.type

function keyOf(change: IpvsChange): string {
  if ('service' in change) return serviceName(change.service.id)
  return 'destination' in change
    ? `${serviceName(change.id)} ${destinationName(change.destination)}`
    : serviceName(change.id)
}

/** Established connections to what is removed or gets no new ones. */
function connectionsHit(changes: readonly IpvsChange[], actual: readonly ServiceEntry[]): number {
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
