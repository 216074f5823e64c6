import type {JournalEntry} from '../../core/journal/record.ts'
import type {MonotonicMs} from '../../core/units.ts'
import type {ArrivedPacket} from '../../core/vrrp/arrived.ts'
import {FAILURE_MEANING, type ReceiveFailure} from '../../core/vrrp/failures.ts'
import {receiveAdvertisement, sameAddresses} from '../../core/vrrp/receive.ts'
import {noticeRival} from '../../core/vrrp/split-brain.ts'
import type {AdvertisementReceived} from '../../core/vrrp/state.ts'
import {digests} from '../../kernel/digests.ts'
import {entry} from './news.ts'
import {isMaster, type Router, rememberHeard} from './router.ts'

/** What a packet came to: an event for the machine where it is obeyed, and what is to be remembered. */
export interface Received {
  readonly event: AdvertisementReceived | undefined
  readonly entries: readonly JournalEntry[]
}

/** Judges one packet for one virtual router and counts it. */
export function receive(router: Router, packet: ArrivedPacket, now: MonotonicMs): Received {
  const context = {priority: router.state.conditions.priority, utcMs: Date.now()}
  const {result, state} = receiveAdvertisement(router.config, router.wire, packet, context, digests)
  router.wire = state
  if (!result.ok) return {event: undefined, entries: refuse(router, result.failure, packet, now)}
  const {source, priority, intervalMs} = result.value
  const {config, counters, peers} = router
  const entries: JournalEntry[] = []
  const changedMaster = rememberHeard(router, {source, priority, at: now}, now)
  counters.advertisementsReceived++
  peers.heard(source, {priority, intervalMs})
  if (priority === 0) counters.priorityZeroReceived++
  if (intervalMs !== config.advertIntervalMs) counters.intervalsDiffering++
  const compares = isMaster(router) || changedMaster || !config.skipCheckAdvertAddresses
  if (compares && !sameAddresses(config, result.value)) counters.addressListsDiffering++
  if (changedMaster && source !== router.state.conditions.source) {
    entries.push(entry('master-changed', router, `${source} advertises priority ${priority}`, {source, priority}))
  }
  if (isMaster(router) && priority > 0 && source !== router.state.conditions.source) {
    router.rivals = noticeRival(router.rivals, {name: source, how: 'advertises', everyMs: intervalMs}, now)
  }
  return {event: {type: 'advertisement-received', source, priority, intervalMs}, entries}
}

/** Who sent a packet, as far as it says. */
export function senderOf(packet: ArrivedPacket): string {
  if (packet.family === 6) return packet.source
  return packet.bytes.length >= 16 ? packet.bytes.subarray(12, 16).join('.') : 'somebody'
}

function refuse(
  router: Router,
  failure: ReceiveFailure,
  packet: ArrivedPacket,
  now: MonotonicMs,
): readonly JournalEntry[] {
  const from = senderOf(packet)
  router.peers.rejected(from, failure)
  const complaint = router.rejections.add(failure, FAILURE_MEANING[failure], from, now)
  return complaint ? [entry('packets-rejected', router, complaint.text, complaint.facts)] : []
}
