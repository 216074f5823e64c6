import type {VipConfig} from '../../config/config.ts'
import {encodeArpProbe} from '../../core/arp/arp-probe.ts'
import {ipFamily} from '../../core/ip.ts'
import {encodeNeighbourSolicitationFrame} from '../../core/ndp/neighbour-solicitation.ts'
import type {InterfaceIndex, MonotonicMs} from '../../core/units.ts'
import {askNow, NO_QUESTIONS, suspect} from '../../core/vrrp/questions.ts'
import {forgetRivals, NO_RIVALS, noticeRival} from '../../core/vrrp/split-brain.ts'
import type {ForeignClaim} from '../../kernel/address-conflict-watch.ts'
import type {Context} from './context.ts'
import {heldVips} from './hold-objects.ts'
import type {Kernel} from './kernel.ts'
import {deviceOf, heldBy, linkOf} from './network-view.ts'
import {entry} from './news.ts'
import {announce} from './perform.ts'
import {isMaster, type Router} from './router.ts'

/** A host that has an address answers whenever it is asked; that often it is, milliseconds. */
const ANSWER_EVERY_MS = 1_000
/** Questions of one second, for all virtual routers together. */
const MAX_FRAMES = 20

/**
 * Somebody else claims a virtual address on an interface. Announcements may come late from one who was master until
 * now: only who is asked and answers has the address.
 */
export function addressClaimed(context: Context, router: Router, claim: ForeignClaim, now: MonotonicMs): void {
  const {config} = router
  const ours = heldBy(config).some(vip => vip.address === claim.address && deviceOf(config, vip) === claim.interface)
  if (!isMaster(router) || router.observed || !ours) return
  router.questions = suspect(router.questions, claim.address, now)
  if (!claim.answered) return
  const notice = {name: claim.mac, how: 'answers', everyMs: ANSWER_EVERY_MS} as const
  followRivals(context, router, noticeRival(router.rivals, notice, now))
}

/** Asks who else has the addresses of masters, and forgets rivals that fell silent; to be called every second. */
export function lookForRivals(context: Context, routers: readonly Router[], now: MonotonicMs): void {
  let frames = 0
  for (const router of routers) {
    checkRivals(context, router, now)
    if (isMaster(router) && !router.observed && frames < MAX_FRAMES) frames += ask(context, router, now)
  }
}

function ask({kernel}: Context, router: Router, now: MonotonicMs): number {
  const vips = heldVips(router)
  const {questions, addresses} = askNow(
    router.questions,
    vips.map(({address}) => address),
    now,
  )
  router.questions = questions
  for (const vip of vips) {
    if (!addresses.includes(vip.address)) continue
    const frame = questionFor(kernel, router, vip)
    // One that does not leave is asked again in its turn.
    if (frame) kernel.frames.send(frame.index, frame.bytes)
  }
  return addresses.length
}

/** What asks a segment for an address; undefined where it cannot be asked. */
function questionFor(
  {network, ours}: Kernel,
  {config}: Router,
  vip: VipConfig,
): {readonly index: InterfaceIndex; readonly bytes: Buffer} | undefined {
  const {address} = vip
  const link = linkOf(network, config, vip)
  if (!link || network.link(deviceOf(config, vip))?.loopback !== false) return undefined
  const {index, mac} = link
  if (ipFamily(address) === 4) return {index, bytes: encodeArpProbe({mac, address})}
  const own = network.addressesOf(index).find(held => held.family === 6 && !ours.has(held.address))
  return own && {index, bytes: encodeNeighbourSolicitationFrame({address, mac, source: own.address})}
}

/** Forgets those that fell silent; tells when two masters are there, and when that is over. */
export function checkRivals(context: Context, router: Router, now: MonotonicMs): void {
  if (!isMaster(router)) router.questions = NO_QUESTIONS
  if (router.rivals === NO_RIVALS) return
  followRivals(context, router, isMaster(router) ? forgetRivals(router.rivals, now) : NO_RIVALS)
}

function followRivals(context: Context, router: Router, next: Router['rivals']): void {
  const {since: before} = router.toldRivals
  router.rivals = next.rivals.length === 0 ? NO_RIVALS : next
  router.toldRivals = router.rivals
  if (before === undefined && next.since !== undefined) {
    router.counters.splitBrains++
    const names = next.rivals.map(({name, how}) => `${name} ${how}`).join(', ')
    const text = `split brain: this node is master, and so is somebody else: ${names}`
    context.listener.onJournal(entry('split-brain', router, text, {rivals: next.rivals.map(({name}) => name)}))
    context.listener.onRouterChanged(router, true)
  } else if (before !== undefined && next.since === undefined) {
    const text = isMaster(router)
      ? 'the split brain is over: this node is the only master, and announces its addresses'
      : 'the split brain is over: this node is no longer master'
    context.listener.onJournal(entry('split-brain-over', router, text))
    context.listener.onRouterChanged(router, true)
    if (!isMaster(router)) return
    // Neighbours may have learnt where the other one was.
    announce(context.kernel, router, heldVips(router), router.config.garp.repeat)
  }
}
