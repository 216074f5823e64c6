import type {IpAddress} from '../../core/ip.ts'
import type {MonotonicMs} from '../../core/units.ts'
import {forgetRivals, NO_RIVALS, noticeRival} from '../../core/vrrp/split-brain.ts'
import type {Context} from './context.ts'
import {heldVips} from './hold-objects.ts'
import {deviceOf, heldBy} from './network-view.ts'
import {entry} from './news.ts'
import {announce} from './perform.ts'
import {isMaster, type Router} from './router.ts'

/** A host that has an address answers whenever somebody asks; that often is expected of it, milliseconds. */
const CLAIM_EVERY_MS = 1_000

/** Somebody else answers for a virtual address on an interface. */
export function addressClaimed(
  context: Context,
  router: Router,
  claim: {readonly interface: string; readonly address: IpAddress; readonly mac: string},
  now: MonotonicMs,
): void {
  const {config} = router
  const ours = heldBy(config).some(vip => vip.address === claim.address && deviceOf(config, vip) === claim.interface)
  if (!isMaster(router) || router.observed || !ours) return
  followRivals(
    context,
    router,
    noticeRival(router.rivals, {name: claim.mac, how: 'answers', everyMs: CLAIM_EVERY_MS}, now),
  )
}

/** Forgets those that fell silent; tells when two masters are there, and when that is over. */
export function checkRivals(context: Context, router: Router, now: MonotonicMs): void {
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
