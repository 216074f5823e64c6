import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipToBytes} from '../ip.ts'
import {VRRP_GROUP4, type VrrpConfig} from './config.ts'
import {authenticationField, decodeAdvertisement, type PacketFailure, type ReceivedAdvertisement} from './packet.ts'

/** Why a packet is not obeyed: it is no advertisement, or none for this virtual router. */
export type ReceiveFailure =
  | PacketFailure
  | 'version-differs'
  | 'vrid-differs'
  | 'checksum-lacks-pseudo-header'
  | 'authentication-type-differs'
  | 'authentication-data-differs'
  | 'interval-differs'
  | 'interval-zero'
  | 'destination-wrong'
  | 'source-wrong'

/** A sentence for each failure: what it means to the person who reads the counters. */
export const FAILURE_MEANING: {readonly [failure in ReceiveFailure]: string} = {
  'too-short': 'shorter than any advertisement',
  'not-ipv4': 'not an IPv4 packet',
  fragment: 'a fragment',
  'not-vrrp': 'not VRRP, or virtual router id 0',
  'length-wrong': 'its length does not fit its number of addresses',
  'ttl-not-255': 'its TTL is not 255: it came through a router, or somebody forges',
  'version-unknown': 'neither version 2 nor 3',
  'type-unknown': 'not an advertisement',
  'version-differs': 'the other version of VRRP than configured here',
  'vrid-differs': 'another virtual router id',
  'checksum-wrong': 'its checksum is wrong',
  'checksum-lacks-pseudo-header':
    'its checksum is right only without the pseudo-header: the sender needs, or this node needs, v3_checksum_as_v2',
  'authentication-type-differs': 'another auth_type than configured here',
  'authentication-data-differs': 'another auth_pass than configured here',
  'interval-differs': 'another advert_int than configured here, which version 2 forbids',
  'interval-zero': 'an interval of 0',
  'destination-wrong': 'not sent to the VRRP group',
  'source-wrong': 'its source is no address of a host',
}

/**
 * Judges a packet for one virtual router in keepalived's order (vrrp_check_packet; RFC 9568 section 7.1, RFC 3768
 * section 7.1): TTL, version, authentication, interval, checksum, addresses. The list of virtual addresses is not
 * judged: it may differ during a rolling change, and keepalived does not drop for it either.
 */
export function receiveAdvertisement(
  config: VrrpConfig,
  packet: Buffer,
): Decoded<ReceivedAdvertisement, ReceiveFailure> {
  const result = decodeAdvertisement(packet)
  if (!result.ok) return result
  const adv = result.value
  if (adv.version !== config.version) return rejected('version-differs')
  if (adv.vrid !== config.vrid) return rejected('vrid-differs')
  const checksum = checksumFailure(config, adv)
  if (checksum) return rejected(checksum)
  if (config.version === 2) {
    const expected = authenticationField(config.authentication?.password)
    if (adv.authentication.type !== expected.type) return rejected('authentication-type-differs')
    if (expected.type !== 0 && !adv.authentication.data.equals(expected.data)) {
      return rejected('authentication-data-differs')
    }
    if (adv.intervalMs !== config.advertIntervalMs) return rejected('interval-differs')
  }
  if (adv.intervalMs === 0) return rejected('interval-zero')
  if (adv.destination !== VRRP_GROUP4) return rejected('destination-wrong')
  if (!isHostAddress(adv.source)) return rejected('source-wrong')
  return decoded(adv)
}

/** True when both sides list the same virtual addresses, in whatever order. */
export function sameAddresses(config: VrrpConfig, adv: ReceivedAdvertisement): boolean {
  const ours = new Set<IpAddress>(config.vips.map(vip => vip.address))
  return adv.addresses.length === ours.size && adv.addresses.every(address => ours.has(address))
}

function checksumFailure(config: VrrpConfig, adv: ReceivedAdvertisement): ReceiveFailure | undefined {
  if (config.version === 2) return adv.checksum.plain ? undefined : 'checksum-wrong'
  if (adv.checksum.pseudoHeader) return undefined
  if (!adv.checksum.plain) return 'checksum-wrong'
  return config.checksumWithoutPseudoHeader ? undefined : 'checksum-lacks-pseudo-header'
}

/** Not 0.0.0.0/8, not multicast or reserved (224.0.0.0 and up). */
function isHostAddress(address: IpAddress): boolean {
  const first = ipToBytes(address)[0] as number
  return first > 0 && first < 224
}
