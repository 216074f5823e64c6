import type {LvsChangeReply} from '../control/lvs-model.ts'
import type {InputOf} from '../control/routes.ts'
import {buildDestination, type DestinationSettings} from '../core/ipvs/arguments.ts'
import type {Destination, DestinationId} from '../core/ipvs/model.ts'
import {destinationKey, destinationName, serviceName} from '../core/ipvs/names.ts'
import type {DestinationHold} from '../core/ipvs/wanted.ts'
import {HactlError} from '../errors.ts'
import {findDestination, findServices, type Whereabouts} from './lookup.ts'
import type {Intent} from './plan.ts'
import {requireBuilt, requireSetting, settle} from './service-orders.ts'
import {type Rules, rulesNow, type Situation} from './situation.ts'

/** Adds a real server to a service, or to all services of a name in the configuration. */
export async function addReal(where: Whereabouts, input: InputOf<'addReal'>): Promise<LvsChangeReply> {
  const {service: name, real, ...given} = input
  const intents: Intent[] = []
  for (const situation of await findServices(where, name)) {
    const rules = rulesNow(situation)
    if (rules === undefined) continue
    const id = findDestination(situation.id, real)
    refuseExisting(situation, rules, id)
    const destination = requireBuilt(buildDestination({service: rules.service, id, given}))
    intents.push({situation, after: withDestination(rules, destination)})
  }
  return settle(where, {intents})
}

/** Changes what is given of a real server; one that is drained keeps weight 0 in the kernel until that ends. */
export async function editReal(where: Whereabouts, input: InputOf<'editReal'>): Promise<LvsChangeReply> {
  const {service, real, ...given} = input
  requireSetting(given, REAL_SETTINGS)
  const intents = (await findReals(where, {service, real})).map(({situation, rules, destination}) => {
    const edited = requireBuilt(buildDestination({service: rules.service, id: destination, given, before: destination}))
    return {situation, after: withDestination(rules, edited)}
  })
  return settle(where, {intents})
}

/** Removes a real server. */
export async function deleteReal(where: Whereabouts, input: InputOf<'deleteReal'>): Promise<LvsChangeReply> {
  const intents = (await findReals(where, input)).map(({situation, rules, destination}) => {
    const key = destinationKey(destination)
    return {
      situation,
      after: {...rules, destinations: without(rules.destinations, key), holds: without(rules.holds, key)},
    }
  })
  return settle(where, {intents, dryRun: input.dryRun})
}

/** Weight 0 until told otherwise. Who keeps nothing in mind makes it the rule. */
export async function drainReal(where: Whereabouts, input: InputOf<'drainReal'>): Promise<LvsChangeReply> {
  const intents = (await findReals(where, input)).map(({situation, rules, destination}) => {
    if (where.keeper === undefined) return {situation, after: withDestination(rules, {...destination, weight: 0})}
    const before = rules.holds.get(destinationKey(destination))
    if (before?.type === 'disabled') {
      const message = `the real server ${nameOf(situation, destination)} is disabled, so it cannot be drained`
      throw new HactlError('REFUSED', message, 'put it back first: hactl lvs enable-real')
    }
    return {situation, after: withHold(rules, destination, holdOf('drained', input.reason, before))}
  })
  return settle(where, {intents})
}

/** Ends a drain: its weight again, or the one that is given. */
export async function undrainReal(where: Whereabouts, input: InputOf<'undrainReal'>): Promise<LvsChangeReply> {
  const intents = (await findReals(where, input)).map(({situation, rules, destination}) => {
    const {weight} = input
    if (where.keeper === undefined && weight === undefined) {
      const message = `weight is missing: the kernel does not know what ${nameOf(situation, destination)} had before`
      throw new HactlError('USAGE', message, 'give one: --weight N')
    }
    if (rules.holds.get(destinationKey(destination))?.type === 'disabled') {
      const message = `the real server ${nameOf(situation, destination)} is disabled, not drained`
      throw new HactlError('REFUSED', message, 'put it back: hactl lvs enable-real')
    }
    return {situation, after: released(rules, weight === undefined ? destination : {...destination, weight})}
  })
  return settle(where, {intents})
}

/** Out of the table until told otherwise. */
export async function disableReal(where: Whereabouts, input: InputOf<'disableReal'>): Promise<LvsChangeReply> {
  requireKeeper(where, 'disable')
  const intents = (await findReals(where, input)).map(({situation, rules, destination}) => {
    const before = rules.holds.get(destinationKey(destination))
    return {situation, after: withHold(rules, destination, holdOf('disabled', input.reason, before))}
  })
  return settle(where, {intents, dryRun: input.dryRun})
}

/** Back into the table with its weight, whether it was disabled or drained. */
export async function enableReal(where: Whereabouts, input: InputOf<'enableReal'>): Promise<LvsChangeReply> {
  requireKeeper(where, 'enable')
  const intents = (await findReals(where, input)).map(({situation, rules, destination}) => ({
    situation,
    after: released(rules, destination),
  }))
  return settle(where, {intents})
}

interface FoundReal {
  readonly situation: Situation
  readonly rules: Rules
  /** Its rule, as it is when nobody holds it. */
  readonly destination: Destination
}

/** The real server in each of the services of that name that has it, at least one. Throws `HactlError`: NOT_FOUND. */
async function findReals(
  where: Whereabouts,
  {service, real}: {readonly service?: string | undefined; readonly real?: string | undefined},
): Promise<readonly FoundReal[]> {
  const situations = await findServices(where, service)
  const found = situations.flatMap(situation => {
    const rules = rulesNow(situation)
    const destination = rules?.destinations.get(destinationKey(findDestination(situation.id, real)))
    return rules === undefined || destination === undefined ? [] : [{situation, rules, destination}]
  })
  const [first] = situations
  if (found.length === 0 && first !== undefined) {
    const names = situations.map(({id}) => serviceName(id)).join(', ')
    const message = `there is no real server ${destinationName(findDestination(first.id, real))} of ${names}`
    throw new HactlError('NOT_FOUND', message, 'see them with: hactl lvs list')
  }
  return found
}

function refuseExisting(situation: Situation, {destinations, holds, checked}: Rules, id: DestinationId): void {
  const key = destinationKey(id)
  const isThere = situation.actual?.destinations.some(entry => destinationKey(entry) === key)
  const isDisabled = holds.get(key)?.type === 'disabled'
  const isOut = destinations.has(key) && checked?.get(key)?.standing.type === 'out'
  if (!isThere && !isDisabled && !isOut) return
  const out = isOut ? ', out by its checks' : ''
  const [state, hint] = isDisabled ? [', disabled', 'hactl lvs enable-real'] : [out, 'hactl lvs edit-real']
  const message = `${serviceName(situation.id)} has a real server ${destinationName(id)} already${state}`
  throw new HactlError('REFUSED', message, `use: ${hint}`)
}

function requireKeeper({keeper}: Whereabouts, verb: string): void {
  if (keeper !== undefined) return
  const message = `nobody remembers what is disabled without the agent, so --direct cannot ${verb} a real server`
  throw new HactlError('USAGE', message, 'use hactl lvs delete-real and add-real, or start the agent')
}

function withDestination(rules: Rules, destination: Destination): Rules {
  return {...rules, destinations: new Map(rules.destinations).set(destinationKey(destination), destination)}
}

function withHold(rules: Rules, destination: DestinationId, hold: DestinationHold): Rules {
  return {...rules, holds: new Map(rules.holds).set(destinationKey(destination), hold)}
}

function released(rules: Rules, destination: Destination): Rules {
  const {destinations, holds} = withDestination(rules, destination)
  return {...rules, destinations, holds: without(holds, destinationKey(destination))}
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  const rest = new Map(map)
  rest.delete(key)
  return rest
}

/** Characters that are kept of a reason. */
const MAX_REASON = 200

/** Saying it again changes nothing but the reason, where one is given. */
function holdOf(
  type: DestinationHold['type'],
  reason: string | undefined,
  before: DestinationHold | undefined,
): DestinationHold {
  const again = before?.type === type ? before : undefined
  return {type, since: again?.since ?? new Date().toISOString(), reason: reason?.slice(0, MAX_REASON) ?? again?.reason}
}

const nameOf = ({id}: Situation, destination: DestinationId): string =>
  `${destinationName(destination)} of ${serviceName(id)}`

const REAL_SETTINGS: readonly (keyof DestinationSettings)[] = [
  'method',
  'weight',
  'upperThreshold',
  'lowerThreshold',
  'tunnelType',
  'tunnelPort',
  'tunnelChecksum',
]
