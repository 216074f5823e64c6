import {describeChanges} from '../core/ipvs/describe.ts'
import {diffRules} from '../core/ipvs/diff.ts'
import type {IpvsChange, ServiceId, ServiceRules} from '../core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../core/ipvs/names.ts'
import type {IpvsTable} from '../core/ipvs/table.ts'
import type {OperatorOrder} from '../core/ipvs/wanted.ts'
import {errorText} from '../errors.ts'
import type {LvsKeeper} from './keeper.ts'
import {changeRefused, type Refusal, toError} from './kernel-failure.ts'
import {entriesOf, rulesOfEntry, type Situation} from './situation.ts'

/** What is to happen, all of it or nothing. */
export interface Transaction {
  /** What an operator ordered, for whoever remembers it. */
  readonly order: OperatorOrder
  /** What that changes in the kernel's table. */
  readonly changes: readonly IpvsChange[]
  /** Every service that is concerned, as it is now. */
  readonly situations: readonly Situation[]
}

/** What changes the kernel, and who remembers what is wanted of it. */
interface Hands {
  readonly table: IpvsTable
  readonly keeper: LvsKeeper | undefined
}

/**
 * Has the order remembered, then changes the kernel's table. When the kernel refuses one of the changes, the table is
 * put back to what it was and the order is taken back. Throws `HactlError`, which says what was refused, and what is
 * left where putting back failed too.
 */
export async function carryOut(hands: Hands, transaction: Transaction): Promise<void> {
  const {table} = hands
  const {changes, situations} = transaction
  const takeBack = await remember(hands, transaction)
  const {failed, asked} = await makeChanges(table, changes)
  const [first] = failed
  if (first === undefined) return
  const before = situations.flatMap(({actual}) => actual ?? []).map(rulesOfEntry)
  const left = await putBack(table, {asked, before})
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more refused)` : ''
  const meaning = changeRefused(first.change, first.refusal)
  throw toError(meaning, `${more}; ${outcome(left)}${await forgotten(takeBack)}`)
}

/** Has an order remembered where anybody remembers; what it resolves to takes that back. */
export async function remember(
  {keeper}: Hands,
  {order, situations}: Pick<Transaction, 'order' | 'situations'>,
): Promise<() => Promise<void>> {
  if (order.changes.length + order.holds.length === 0) return async () => {}
  return (
    (await keeper?.take(
      order,
      situations.flatMap(({actual}) => actual ?? []),
    )) ?? (async () => {})
  )
}

/** Takes an order back; what is to be said where that fails, else nothing. */
export async function forgotten(takeBack: () => Promise<void>): Promise<string> {
  try {
    await takeBack()
    return ''
  } catch (error) {
    return `; but the order could not be forgotten: ${errorText(error)}`
  }
}

/** So many changes go to the kernel before anything else gets its turn. */
const MAX_CHANGES_AT_ONCE = 1024

const NO_ANSWER: Refusal = {ok: false, reason: 'EIO', text: 'the kernel did not answer'}

interface Failed {
  readonly change: IpvsChange
  readonly refusal: Refusal
}

interface Made {
  readonly failed: readonly Failed[]
  /** What was asked for, whether it was done or not. */
  readonly asked: readonly IpvsChange[]
}

/** Stops soon after the first one that the kernel refuses. */
async function makeChanges(table: IpvsTable, changes: readonly IpvsChange[]): Promise<Made> {
  for (let at = 0; at < changes.length; at += MAX_CHANGES_AT_ONCE) {
    const some = changes.slice(at, at + MAX_CHANGES_AT_ONCE)
    const results = await table.change(some)
    const failed: Failed[] = []
    some.forEach((change, i) => {
      const refusal = results[i] ?? NO_ANSWER
      if (!refusal.ok) failed.push({change, refusal})
    })
    if (failed.length > 0) return {failed, asked: changes.slice(0, at + some.length)}
  }
  return {failed: [], asked: changes}
}

/** What stays different from what it was; undefined: nothing. */
type Left = readonly string[] | undefined

/** A second attempt finds out what the first one left. */
const ATTEMPTS = 3

/**
 * Compares what the changes touched with what it was, rather than inverting the changes that the kernel confirmed: so
 * it counts for nothing whether a change without an answer was made.
 */
async function putBack(
  table: IpvsTable,
  {asked, before}: {readonly asked: readonly IpvsChange[]; readonly before: readonly ServiceRules[]},
): Promise<Left> {
  const ids = new Map(asked.map(change => [serviceKey(idOf(change)), idOf(change)]))
  const wanted = before.filter(({service}) => ids.has(serviceKey(service.id)))
  const mayRemove = touchedBy(asked)
  let left: readonly string[] = []
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let actual: readonly ServiceRules[]
    try {
      actual = [...(await entriesOf(table, [...ids.values()])).values()].map(rulesOfEntry)
    } catch (error) {
      return [`the kernel could not be asked: ${errorText(error)}`]
    }
    const changes = diffRules({wanted, actual, mayRemove})
    if (changes.length === 0) return undefined
    left = describeChanges(changes, actual)
    // As many of them as can be made, whichever fails.
    if (attempt < ATTEMPTS - 1) await table.change(changes)
  }
  return left
}

/** Only what the changes made is removed again: others may have worked on the same services meanwhile. */
function touchedBy(asked: readonly IpvsChange[]): (service: string, destination?: string) => boolean {
  const touched = new Set<string>()
  for (const change of asked) {
    const service = serviceKey(idOf(change))
    touched.add('destination' in change ? `${service} ${destinationKey(change.destination)}` : service)
  }
  return (service, destination) => touched.has(destination === undefined ? service : `${service} ${destination}`)
}

function idOf(change: IpvsChange): ServiceId {
  return 'service' in change ? change.service.id : change.id
}

/** Of what is left, so many lines are told. */
const MAX_LEFT_TOLD = 20

function outcome(left: Left): string {
  if (left === undefined) return 'nothing was changed'
  const more = left.length > MAX_LEFT_TOLD ? `; and ${left.length - MAX_LEFT_TOLD} more` : ''
  return `not all could be put back, this is missing: ${left.slice(0, MAX_LEFT_TOLD).join('; ')}${more}`
}
