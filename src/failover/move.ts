import type {AgentClient} from '../control/client.ts'
import type {MoveReply, Override, VirtualRouter} from '../control/model.ts'
import {formatDuration} from '../core/format.ts'
import {errorText, HactlError} from '../errors.ts'
import {type HoldersNow, HolderWatch, type Pictures} from './holder-watch.ts'
import type {Way} from './model.ts'

/** A node between which and another one a virtual router moves. */
export interface Side {
  /** Its position in the picture. */
  readonly index: number
  readonly name: string
  readonly client: AgentClient
  /** As it was before the first move. */
  readonly router: VirtualRouter
  readonly group: readonly VirtualRouter[]
  /** What operators had changed on it before the first move. */
  readonly overrides: readonly Override[]
}

/** What one move is about. */
export interface MoveOrder {
  /** Undefined: nobody that is known held it. */
  readonly from: Side | undefined
  readonly to: Side
  readonly way: Way
}

/** What a move is seen with. */
export interface MoveContext {
  readonly pictures: Pictures
  /** Key of the virtual router in the picture. */
  readonly key: string
  readonly progress: (text: string) => void
}

/** What came of a move. */
export interface Moved {
  readonly orderedAtMs: number
  readonly tookMs: number
  readonly twoHoldersMs: number
}

/** At least this long is waited for a move, milliseconds: the agent listens for the master first. */
const LEAST_WAIT_MS = 6_000
/** Nobody waits longer than this for a move, milliseconds. */
const MOST_WAIT_MS = 60_000
/** In a takeover two are master until the first advertisement is heard; pictures are up to 250 ms old. */
const LEAST_TWO_HOLDERS_MS = 1_000
const ASK_AGAIN_MS = 300
const LOOK_EVERY_MS = 50

/**
 * Moves a virtual router and watches all nodes meanwhile. When the target does not become its only holder in three
 * master-down intervals, or two nodes stay master, what was ordered is taken back, and a `HactlError` says who is
 * master then.
 */
export async function move(order: MoveOrder, context: MoveContext): Promise<Moved> {
  const {from, to, way} = order
  const given = (): Promise<unknown> => {
    if (way === 'takeover' || from === undefined) return to.client.takeover({name: to.router.name})
    return from.client.release({name: from.router.name, reason: `failover to ${to.name}`.slice(0, 200)})
  }
  return carryOut({order, given, undo: watch => takeBack(order, watch)}, context)
}

/**
 * Moves it back to where it was before `move`, by a takeover there, and then takes back what both orders left on the
 * nodes. When that fails the node to which it was moved keeps it.
 */
export async function moveBack({from, to}: MoveOrder & {readonly from: Side}, context: MoveContext): Promise<Moved> {
  const home: MoveOrder = {from: to, to: from, way: 'takeover'}
  const given = async (): Promise<unknown> => {
    if (from.overrides.some(each => each.kind === 'takeover' && isMove(each, from.group))) {
      // Its own takeover stands and is to stay as it is: it beats the other node as soon as that has its own priority.
      await restoreOverrides(to)
      await untilBeaten(from, waitOf(home))
    }
    const refused = await orRefused(from.client.takeover({name: from.router.name}))
    if (refused === undefined) return undefined
    // A priority of 254 cannot be beaten, and goes with the takeover that made it.
    await restoreOverrides(to)
    return takeoverUntilTaken(from, waitOf(home))
  }
  const moved = await carryOut({order: home, given, undo: () => restoreOverrides(from)}, context)
  // The order matters: until the other one has its own priority again this one must not lose what it was given.
  await restoreOverrides(to)
  await restoreOverrides(from)
  return moved
}

/** Takes back takeovers and releases that came since, but for those that replaced one that was there before. */
export async function restoreOverrides({client, group, overrides: before}: Side): Promise<void> {
  const {items} = await client.overrides()
  const replaced = (fresh: Override): boolean =>
    before.some(
      old => old.kind === fresh.kind && old.instance === fresh.instance && !items.some(({id}) => id === old.id),
    )
  for (const each of items.filter(override => isMove(override, group))) {
    if (before.some(({id}) => id === each.id) || replaced(each)) continue
    await client.cancelOverride({id: each.id})
  }
}

/** Whether it is a takeover or a release of one of these virtual routers. */
export const isMove = ({kind, instance}: Override, group: readonly VirtualRouter[]): boolean =>
  (kind === 'takeover' || kind === 'release') && group.some(({name}) => name === instance)

interface Work {
  readonly order: MoveOrder
  readonly given: () => Promise<unknown>
  readonly undo: (watch: HolderWatch) => Promise<void>
}

type Ended =
  | {readonly type: 'ordered'; readonly reply: unknown}
  | {readonly type: 'failed'; readonly error: unknown}
  | {readonly type: 'watched'}

async function carryOut({order, given, undo}: Work, {pictures, key, progress}: MoveContext): Promise<Moved> {
  const {from, to, way} = order
  const watch = new HolderWatch(pictures, key)
  const waitMs = waitOf(order)
  const limitMs = Math.max(LEAST_TWO_HOLDERS_MS, 2 * to.router.advertIntervalMs)
  const isTooMany = ({twoForMs}: HoldersNow): boolean => twoForMs > limitMs
  const isThere = ({holders}: HoldersNow): boolean => holders.length === 1 && holders[0] === to.index
  const orderedAtMs = Date.now()
  try {
    progress(`${to.router.name}: ${way} ordered on ${way === 'takeover' || from === undefined ? to.name : from.name}`)
    const ordered = given().then(
      (reply): Ended => ({type: 'ordered', reply}),
      (error: unknown): Ended => ({type: 'failed', error}),
    )
    const watched = watch.until(isTooMany, waitMs).then((): Ended => ({type: 'watched'}))
    const ended = await Promise.race([ordered, watched])
    const leftMs = Math.max(0, waitMs - (Date.now() - orderedAtMs))
    if (ended.type === 'ordered') await watch.until(now => isThere(now) || isTooMany(now), leftMs)
    if (isThere(watch.now)) {
      const tookMs = tookOf(ended, to) ?? heldSince({pictures, key}, orderedAtMs)
      progress(`${to.name} is master, alone`)
      return {orderedAtMs, tookMs, twoHoldersMs: watch.twoHoldersMs}
    }
    const why = whyNot(ended, {holders: watch.now, limitMs, waitMs, to: to.name})
    progress(`it did not work: ${why}; taking it back`)
    await undo(watch).catch((error: unknown) => progress(`taking it back failed: ${errorText(error)}`))
    await watch.until(({holders}) => holders.length === 1, waitMs)
    const code = ended.type === 'failed' && ended.error instanceof HactlError ? ended.error.code : 'TIMED_OUT'
    throw new HactlError(
      code,
      `${to.router.name} did not move to ${to.name}: ${why}; ${standing(pictures, watch.now)}`,
      `hactl vrrp why ${to.router.name}, on ${to.name}, says more`,
    )
  } finally {
    watch.close()
  }
}

/** Who holds it after all, in words. */
function standing(pictures: Pictures, {holders}: HoldersNow): string {
  const names = holders.map(i => pictures.picture().nodes[i]?.address.name ?? '?')
  if (names.length === 0) return 'NO KNOWN NODE HOLDS IT'
  return names.length === 1 ? `${names[0]} holds it` : `SPLIT BRAIN: ${names.join(' and ')} hold it`
}

interface Seen {
  readonly holders: HoldersNow
  readonly limitMs: number
  readonly waitMs: number
  readonly to: string
}

function whyNot(ended: Ended, {holders, limitMs, waitMs, to}: Seen): string {
  if (ended.type === 'failed') return errorText(ended.error)
  if (holders.twoForMs > limitMs) return `two nodes were master for more than ${formatDuration(limitMs)}`
  return `${to} was not its only master within ${formatDuration(waitMs)}`
}

/** Three master-down intervals, within bounds. */
function waitOf({from, to}: MoveOrder): number {
  const downMs = Math.max(to.router.masterDownIntervalMs, from?.router.masterDownIntervalMs ?? 0)
  return Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, 3 * downMs))
}

/** What the node that took over says of the time it needed. */
function tookOf(ended: Ended, {router}: Side): number | undefined {
  const reply = ended.type === 'ordered' ? (ended.reply as {readonly item?: MoveReply} | undefined) : undefined
  const moved = reply?.item?.routers.find(({name, to}) => name === router.name && to === 'master')
  return moved?.tookMs
}

function heldSince({pictures, key}: Pick<MoveContext, 'pictures' | 'key'>, orderedAtMs: number): number {
  const since = pictures.picture().routers.find(router => router.key === key)?.heldSinceMs ?? orderedAtMs
  return Math.max(0, since - orderedAtMs)
}

/** After a takeover the target gets its own priority again; after a release the holder may be master again. */
async function takeBack({from, to, way}: MoveOrder, watch: HolderWatch): Promise<void> {
  if (way === 'release' && from !== undefined) {
    await restoreOverrides(from)
    if (!watch.now.holders.includes(from.index)) await orRefused(from.client.takeover({name: from.router.name}))
    await restoreOverrides(from)
    return
  }
  await restoreOverrides(to)
  if (from === undefined) return
  const alone = await watch.until(({holders}) => holders.length === 1, waitOf({from, to, way}))
  if (alone || !watch.now.holders.includes(to.index)) return
  // Its own priority is no less than the holder's: only a release makes it step down.
  await to.client.release({
    name: to.router.name,
    force: true,
    reason: `failover to ${to.name} taken back`.slice(0, 200),
  })
}

/** Undefined: done; else why it was refused. A node that is master already has done what is asked of it. */
async function orRefused(ordered: Promise<unknown>): Promise<string | undefined> {
  try {
    await ordered
    return undefined
  } catch (error) {
    if (!(error instanceof HactlError) || error.code !== 'REFUSED') throw error
    return /is master already$/.test(error.message) ? undefined : error.message
  }
}

/** Waits until the master that it hears has a lower priority than its own, or until it is master itself. */
async function untilBeaten({client, router: {name}}: Side, withinMs: number): Promise<void> {
  const giveUpAt = Date.now() + withinMs
  for (;;) {
    const {state, heard, priority} = (await client.router({name})).item
    if (state === 'master' || (heard?.priority ?? 0) < priority.effective || Date.now() > giveUpAt) return
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

async function takeoverUntilTaken({client, router}: Side, withinMs: number): Promise<void> {
  const giveUpAt = Date.now() + withinMs
  for (;;) {
    const refused = await orRefused(client.takeover({name: router.name}))
    if (refused === undefined) return
    if (Date.now() > giveUpAt) throw new HactlError('REFUSED', refused)
    await new Promise(resolve => setTimeout(resolve, ASK_AGAIN_MS))
  }
}
