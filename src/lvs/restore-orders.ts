import type {LvsChangeReply} from '../control/lvs-model.ts'
import type {InputOf} from '../control/routes.ts'
import type {Destination, ServiceRules} from '../core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../core/ipvs/names.ts'
import {sameDestination} from '../core/ipvs/rules.ts'
import {readRulesJson} from '../core/ipvs/rules-json.ts'
import {readRulesText} from '../core/ipvs/rules-text.ts'
import {HactlError} from '../errors.ts'
import {orderRefused} from './kernel-failure.ts'
import type {Whereabouts} from './lookup.ts'
import {type Intent, isAnything, planOf} from './plan.ts'
import {settle} from './service-orders.ts'
import {effective, everySituation, type Rules, rulesNow, type Situation, situationsOf} from './situation.ts'
import {forgotten, remember} from './transaction.ts'

/**
 * Puts what a text has into the table: `equal` removes everything else. A real server that is drained or disabled stays
 * so where the text has what the kernel has of it; otherwise the text counts. What checks say of a real server counts
 * in any case.
 */
export async function restore(where: Whereabouts, input: InputOf<'restoreLvs'>): Promise<LvsChangeReply> {
  const {text, equal = false, dryRun} = input
  if (text === undefined) throw new HactlError('USAGE', 'text is missing: what ipvsadm -S or hactl lvs save prints')
  const rules = readRules(text)
  const wanted = where.keeper?.wanted() ?? []
  const situations = equal
    ? await everySituation(where.table, wanted)
    : await situationsOf(where.table, {ids: rules.map(({service}) => service.id), wanted})
  const intents: Intent[] = []
  // Into an empty table, which is where large ones go, nothing has to be looked up.
  const given = situations.length === 0 ? undefined : new Map(rules.map(one => [serviceKey(one.service.id), one]))
  for (const situation of situations) {
    const {actual, wanted} = situation
    if (actual === undefined && wanted === undefined) continue
    const key = serviceKey(situation.id)
    const one = given?.get(key)
    given?.delete(key)
    intents.push({situation, after: one && merged(one, {situation, equal})})
  }
  const added: ServiceRules[] = []
  for (const one of given?.values() ?? rules) {
    const {id} = one.service
    const checked = where.keeper?.checkedOf(id)
    if (checked === undefined) added.push(one)
    else intents.push({situation: {id, actual: undefined, wanted: undefined}, after: newRules(one, checked)})
  }
  return settle(where, {intents, added, dryRun})
}

/** Removes every service, whoever made it. */
export async function flush(where: Whereabouts, {dryRun = false}: InputOf<'flushLvs'>): Promise<LvsChangeReply> {
  const situations = await everySituation(where.table, where.keeper?.wanted() ?? [])
  const intents = situations.map(situation => ({situation, after: undefined}))
  const plan = planOf({intents}, {remembers: where.keeper !== undefined, everyLine: dryRun})
  const applied = isAnything(plan) && !dryRun
  if (!applied) return {...plan.reply, applied}
  const takeBack = await remember(where, plan)
  const result = await where.table.flush()
  if (!result.ok) throw orderRefused('to remove every service', result, await forgotten(takeBack))
  return {...plan.reply, applied}
}

/** JSON begins with a brace, and no command of ipvsadm(8) does. Throws `HactlError`: USAGE. */
function readRules(text: string): readonly ServiceRules[] {
  if (text.trimStart().startsWith('{')) {
    const read = readRulesJson(text)
    if (read.ok) return read.rules
    throw new HactlError('USAGE', read.message, NOTHING_DONE)
  }
  const read = readRulesText(text)
  if (read.ok) return read.rules
  throw new HactlError('USAGE', `line ${read.line}: ${read.message}`, NOTHING_DONE)
}

const NOTHING_DONE = 'nothing was changed'

function merged(
  {service, destinations: given}: ServiceRules,
  {situation, equal}: {readonly situation: Situation; readonly equal: boolean},
): Rules {
  const before = rulesNow(situation)
  if (before === undefined) return newRules({service, destinations: given}, undefined)
  const inKernel = new Map(effective(before).destinations.map(one => [destinationKey(one), one]))
  const destinations = new Map(equal ? notInKernel(before, inKernel) : before.destinations)
  const holds = new Map(before.holds)
  for (const one of given) {
    const key = destinationKey(one)
    const rule = before.destinations.get(key)
    const hold = holds.get(key)
    const there = inKernel.get(key)
    const standing = before.checked?.get(key)?.standing.type
    const hasNoWeight = hold?.type === 'drained' || (hold === undefined && standing === 'inhibited')
    if (rule === undefined) destinations.set(key, one)
    // What the kernel has of it now is its rule as holds and checks have changed it.
    else if (there !== undefined && sameDestination(there, one)) destinations.set(key, rule)
    else if (hasNoWeight && one.weight === 0) destinations.set(key, {...one, weight: rule.weight})
    else {
      destinations.set(key, one)
      holds.delete(key)
    }
  }
  for (const key of before.holds.keys()) if (!destinations.has(key)) holds.delete(key)
  return {service, destinations, holds, checked: before.checked}
}

function newRules({service, destinations}: ServiceRules, checked: Rules['checked']): Rules {
  return {
    service,
    destinations: new Map(destinations.map(one => [destinationKey(one), one])),
    holds: new Map(),
    checked,
  }
}

/** What is disabled, or out by its checks: what is not in the kernel anyway need not be in the text. */
function* notInKernel(
  {destinations}: Rules,
  inKernel: ReadonlyMap<string, Destination>,
): Iterable<readonly [string, Destination]> {
  for (const [key, destination] of destinations) if (!inKernel.has(key)) yield [key, destination]
}
