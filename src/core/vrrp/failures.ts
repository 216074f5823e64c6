import type {HmacFailure} from './hmac-trailer.ts'
import type {PacketFailure} from './packet.ts'

/** Why a packet is not obeyed: it is no advertisement, or none for this virtual router. */
export type ReceiveFailure =
  | PacketFailure
  | HmacFailure
  | 'family-differs'
  | 'version-differs'
  | 'vrid-differs'
  | 'checksum-lacks-pseudo-header'
  | 'hmac-missing'
  | 'hmac-unexpected'
  | 'authentication-missing'
  | 'authentication-type-unknown'
  | 'authentication-type-differs'
  | 'authentication-data-differs'
  | 'authentication-header-wrong'
  | 'authentication-header-replayed'
  | 'interval-differs'
  | 'interval-zero'
  | 'destination-wrong'
  | 'owner-ignores'
  | 'source-wrong'
  | 'source-not-a-peer'
  | 'ttl-out-of-range'

/** A sentence for each failure: what it means to the person who reads the counters. */
export const FAILURE_MEANING: {readonly [failure in ReceiveFailure]: string} = {
  'too-short': 'shorter than any advertisement',
  'not-ipv4': 'not an IPv4 packet',
  fragment: 'a fragment',
  'not-vrrp': 'not VRRP, or virtual router id 0',
  'length-wrong': 'its length does not fit its number of addresses',
  'ttl-not-255': 'its TTL or hop limit is not 255: it came through a router, or somebody forges',
  'version-unknown': 'neither version 2 nor 3',
  'type-unknown': 'not an advertisement',
  'family-differs': 'the other family of addresses than configured here',
  'version-differs': 'the other version of VRRP than configured here',
  'vrid-differs': 'another virtual router id',
  'checksum-wrong': 'its checksum is wrong',
  'checksum-lacks-pseudo-header':
    'its checksum is right only without the pseudo-header: the sender needs, or this node needs, v3_checksum_as_v2',
  'hmac-missing': 'not signed, and auth_hmac here demands it',
  'hmac-unexpected': 'signed with auth_hmac, which is not configured here',
  'hmac-malformed': 'its auth_hmac trailer is of an unknown kind',
  'hmac-stale': 'signed at another time than now: a replay, or the clocks of the nodes differ by more than time_window',
  'hmac-key-unknown': 'signed with an auth_hmac key that is not configured here',
  'hmac-wrong': 'its auth_hmac signature is wrong: another key, or somebody forges',
  'hmac-replayed': 'signed with auth_hmac, but not newer than what its sender sent before: a replay',
  'authentication-missing': 'not authenticated, and auth_type here demands it',
  'authentication-type-unknown': 'an auth_type that does not exist',
  'authentication-type-differs': 'another auth_type than configured here',
  'authentication-data-differs': 'another auth_pass than configured here',
  'authentication-header-wrong':
    'its Authentication Header is wrong: another auth_pass than configured here, or somebody forges',
  'authentication-header-replayed':
    'the sequence number of its Authentication Header was there before: a replay, or a sender that started again',
  'interval-differs': 'another advert_int than configured here, which version 2 forbids',
  'interval-zero': 'an interval of 0',
  'destination-wrong':
    'not sent to the VRRP group that is configured here, or sent to a group where unicast is configured',
  'owner-ignores': 'this node owns the addresses and ignores advertisements (owner_ignore_adverts)',
  'source-wrong': 'its source is no address of a host',
  'source-not-a-peer': 'its source is none of the unicast peers',
  'ttl-out-of-range': 'its TTL or hop limit is outside what is configured for this unicast peer',
}

/** How authentication fails: somebody has the wrong key, shows none, or shows what was shown before. */
export type AuthenticationFailureKind = 'wrong' | 'missing' | 'replayed'

/** The failures that are of authentication, by kind. */
export const AUTHENTICATION_FAILURES: {readonly [failure in ReceiveFailure]?: AuthenticationFailureKind} = {
  'hmac-missing': 'missing',
  'authentication-missing': 'missing',
  'hmac-unexpected': 'wrong',
  'hmac-malformed': 'wrong',
  'hmac-key-unknown': 'wrong',
  'hmac-wrong': 'wrong',
  'authentication-type-unknown': 'wrong',
  'authentication-type-differs': 'wrong',
  'authentication-data-differs': 'wrong',
  'authentication-header-wrong': 'wrong',
  'hmac-stale': 'replayed',
  'hmac-replayed': 'replayed',
  'authentication-header-replayed': 'replayed',
}
