import type {Cluster} from './cluster.ts'
import {multicastGroupOf} from './compare/protocol.ts'
import {hmacRefusal} from './hmac.ts'
import {isUnicast, type Member} from './node.ts'

/**
 * Whether what one virtual router advertises reaches another and is obeyed there, while nothing is broken: judged as
 * keepalived does, vrrp_check_packet. The two need not be meant to be one.
 */
export function hears(receiver: Member, sender: Member, {nodes, segments}: Cluster): boolean {
  const {instance: from} = sender
  const {instance: to} = receiver
  if (sender.node === receiver.node || from.vrid !== to.vrid || sender.family !== receiver.family) return false
  if (isUnicast(from) !== isUnicast(to)) return false
  if (isUnicast(from)) {
    const own = nodes[receiver.node]?.addresses ?? []
    if (!from.unicastPeers.some(({address}) => address === receiver.source || own.includes(address))) return false
    if (!acceptsPeer(receiver, sender)) return false
  } else if (segments.of(sender) !== segments.of(receiver) || multicastGroupOf(sender) !== multicastGroupOf(receiver)) {
    return false
  }
  return obeys(receiver, sender)
}

/** `check_unicast_src` and the bounds of the TTL; a packet is taken to arrive with the TTL it left with. */
function acceptsPeer({instance: to}: Member, {instance: from, source}: Member): boolean {
  const peer = to.unicastPeers.find(({address}) => address === source)
  if (!peer) return !to.checkUnicastSource
  const ttl = from.unicastTtl ?? 255
  return ttl >= (peer.minTtl ?? 0) && ttl <= (peer.maxTtl ?? 255)
}

function obeys({instance: to, family}: Member, {instance: from}: Member): boolean {
  if (from.version !== to.version || hmacRefusal(from, to) !== undefined) return false
  if (to.version === 2) {
    if (from.advertIntervalMs !== to.advertIntervalMs) return false
    if (to.authHmac) return true
    const [theirs, ours] = [from.authentication, to.authentication]
    return theirs?.type === ours?.type && (ours?.type === undefined || theirs?.password === ours.password)
  }
  // Who sets v3_checksum_as_v2 does not look at the checksums of others.
  return family === 6 || to.checksumWithoutPseudoHeader || !from.checksumWithoutPseudoHeader
}
