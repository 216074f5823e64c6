import type {IpAddress, IpFamily} from '../ip.ts'
import type {Priority, Vrid} from '../units.ts'

/** Authentication of version 2 by a password of at most eight bytes in clear text. RFC 2338 section 5.3.6.2. */
export interface PassKey {
  readonly type: 'pass'
  readonly password: string
}

/** Authentication of version 2 by an IP Authentication Header, HMAC-MD5-96. RFC 2338 section 5.3.6.3, RFC 2402. */
export interface AhKey {
  readonly type: 'ah'
  readonly password: string
}

/** A key of `auth_hmac`: 32 to 64 bytes, in hexadecimal digits. */
export interface HmacKey {
  readonly id: number
  readonly secret: string
}

/** `auth_hmac` of keepalived 2.4: a signed trailer behind every advertisement. */
export interface HmacConfig {
  readonly keys: readonly HmacKey[]
  /** What advertisements are signed with; one of `keys`. */
  readonly activeKey: number
  /** How far the clocks of two nodes may differ, seconds. */
  readonly timeWindowSeconds: number
  readonly antiReplay: 'time' | 'monotonic'
  /** `enforce`: what is not signed is dropped; `permissive`: it is obeyed; `receive-only`: nothing is signed either. */
  readonly mode: 'enforce' | 'permissive' | 'receive-only'
}

/** Another node that advertisements are sent to, and heard from. keepalived.conf(5), unicast_peer. */
export interface UnicastPeer {
  readonly address: IpAddress
  /** Bounds of the TTL or hop limit of what it sends; undefined: not looked at. */
  readonly minTtl: number | undefined
  readonly maxTtl: number | undefined
}

/** How advertisements travel. */
export type Transport =
  | {readonly type: 'multicast'; readonly group: IpAddress}
  | {
      readonly type: 'unicast'
      readonly peers: readonly UnicastPeer[]
      /** Whether what comes from nobody in `peers` is dropped. */
      readonly checkSource: boolean
      /** TTL or hop limit of what is sent. */
      readonly ttl: number
      /**
       * Version 3 over IPv4: the pseudo-header of the checksum has the multicast group in place of the destination, as
       * keepalived before 1.3.6 had it. `auto`: when a peer is heard to do so.
       */
      readonly oldChecksum: 'on' | 'never' | 'auto'
    }

/** When a master announces its addresses by gratuitous ARP; milliseconds and packets a burst. keepalived.conf(5). */
export interface AnnounceConfig {
  /** Second burst this long after becoming master; 0 means none. */
  readonly delayMs: number
  readonly repeat: number
  /** A burst every so long while master; 0 means never. */
  readonly refreshMs: number
  readonly refreshRepeat: number
  /** Second burst after a lower priority was heard by a master; 0 means none. */
  readonly lowerPriorityDelayMs: number
  readonly lowerPriorityRepeat: number
}

/** What the protocol needs to know of one virtual router. */
export interface VrrpConfig {
  readonly family: IpFamily
  readonly vrid: Vrid
  readonly version: 2 | 3
  readonly initialState: 'master' | 'backup'
  /** Base priority, before tracking. */
  readonly priority: Priority
  /** Whole seconds in version 2, whole centiseconds in version 3. */
  readonly advertIntervalMs: number
  /** How many silent intervals until a master is given up, 1..100; 3 in the RFC. `down_timer_adverts` */
  readonly downTimerAdverts: number
  readonly preempt: boolean
  readonly preemptDelayMs: number
  readonly transport: Transport
  readonly authentication: PassKey | AhKey | undefined
  readonly hmac: HmacConfig | undefined
  /** Version 3 over IPv4: checksum over the message alone, as in RFC 9568, without the pseudo-header of RFC 5798. */
  readonly checksumWithoutPseudoHeader: boolean
  /** A master leaves a lower priority unanswered. `lower_prio_no_advert` */
  readonly lowerPriorityNoAdvert: boolean
  /** A master that yields to a higher priority sends once more. `higher_prio_send_advert` */
  readonly higherPrioritySendAdvert: boolean
  /** An address owner does not read advertisements. `owner_ignore_adverts` */
  readonly ownerIgnoreAdverts: boolean
  /** In backup the addresses in an advertisement are compared only when the master changed. `skip_check_adv_addr` */
  readonly skipCheckAdvertAddresses: boolean
  /**
   * The highest priority that another router may have: a master that was silent for longer than that one would wait
   * steps down when it wakes; undefined: off. `timer_expired_backup`
   */
  readonly timerExpiredBackup: Priority | undefined
  readonly garp: AnnounceConfig
  readonly vips: readonly {readonly address: IpAddress}[]
}

/** The address owner never yields to tracking and wins every election. RFC 9568 section 5.2.4. */
export const OWNER_PRIORITY = 255 as Priority
/** "I am leaving": the backups wait only their skew. RFC 9568 section 5.2.4. */
export const LEAVING_PRIORITY = 0 as Priority
/** The groups that every VRRP router on a segment joins. RFC 9568 sections 5.1.1.2 and 5.1.2.2. */
export const VRRP_GROUP4 = '224.0.0.18' as IpAddress
export const VRRP_GROUP6 = 'ff02::12' as IpAddress
