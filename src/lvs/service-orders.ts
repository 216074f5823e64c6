import type {LvsChangeReply} from '../control/lvs-model.ts'
import type {InputOf} from '../control/routes.ts'
import {type Built, buildService, type ServiceSettings} from '../core/ipvs/arguments.ts'
import {serviceName} from '../core/ipvs/names.ts'
import {HactlError} from '../errors.ts'
import {findNewService, findServices, type Whereabouts} from './lookup.ts'
import {type Intentions, isAnything, planOf} from './plan.ts'
import {rulesNow} from './situation.ts'
import {carryOut} from './transaction.ts'

/** Does what is intended, or tells it only; nothing is done where nothing differs. Throws `HactlError`. */
export async function settle(
  where: Whereabouts,
  {dryRun = false, ...intentions}: Intentions & {readonly dryRun?: boolean | undefined},
): Promise<LvsChangeReply> {
  const plan = planOf(intentions, {remembers: where.keeper !== undefined, everyLine: dryRun})
  const applied = isAnything(plan) && !dryRun
  if (applied) await carryOut(where, plan)
  return {...plan.reply, applied}
}

/** The value, or a USAGE failure that names the argument. */
export function requireBuilt<Value>(built: Built<Value>): Value {
  if (built.ok) return built.value
  throw new HactlError('USAGE', built.message)
}

/** Adds a service. */
export async function addService(where: Whereabouts, input: InputOf<'addService'>): Promise<LvsChangeReply> {
  const situation = await findNewService(where, input.service)
  const name = serviceName(situation.id)
  if (situation.actual !== undefined) {
    throw new HactlError('REFUSED', `there is a service ${name} already`, 'change it: hactl lvs edit-service')
  }
  const service = requireBuilt(buildService({id: situation.id, given: input}))
  // Others may have deleted one that is wanted: then its real servers come back with it.
  const {destinations = new Map(), holds = new Map(), checked} = rulesNow(situation) ?? {}
  return settle(where, {intents: [{situation, after: {service, destinations, holds, checked}}]})
}

/** Changes what is given of a service, or of all services of a name in the configuration. */
export async function editService(where: Whereabouts, input: InputOf<'editService'>): Promise<LvsChangeReply> {
  const {service: name, ...given} = input
  requireSetting(given, SERVICE_SETTINGS)
  const intents = (await findServices(where, name)).map(situation => {
    const before = rulesNow(situation)
    if (before === undefined) return {situation, after: undefined}
    const service = requireBuilt(buildService({id: situation.id, given, before: before.service}))
    return {situation, after: {...before, service}}
  })
  return settle(where, {intents})
}

/** Removes a service with its real servers, or all services of a name in the configuration. */
export async function deleteService(
  where: Whereabouts,
  {service, dryRun}: InputOf<'deleteService'>,
): Promise<LvsChangeReply> {
  const situations = await findServices(where, service)
  return settle(where, {intents: situations.map(situation => ({situation, after: undefined})), dryRun})
}

/** Whoever changes something says what. */
export function requireSetting(given: {readonly [name: string]: unknown}, names: readonly string[]): void {
  if (names.some(name => given[name] !== undefined)) return
  throw new HactlError('USAGE', `nothing to change is given: one of ${names.join(', ')}`)
}

const SERVICE_SETTINGS: readonly (keyof ServiceSettings)[] = [
  'scheduler',
  'schedulerFlags',
  'persistent',
  'netmask',
  'engine',
  'onePacket',
]
