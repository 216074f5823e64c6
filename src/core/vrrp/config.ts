import type {IpAddress} from '../ip.ts'
import type {Priority, Vrid} from '../units.ts'

/** Authentication of version 2 by a password of at most eight bytes in clear text. RFC 2338 section 5.3.6.2. */
export interface PassKey {
  readonly type: 'pass'
  readonly password: string
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
  readonly vrid: Vrid
  readonly version: 2 | 3
  readonly initialState: 'master' | 'backup'
  /** Base priority, before tracking. */
  readonly priority: Priority
  /** Whole seconds in version 2, whole centiseconds in version 3. */
  readonly advertIntervalMs: number
  readonly preempt: boolean
  readonly preemptDelayMs: number
  readonly authentication: PassKey | undefined
  /** Version 3 over IPv4: checksum over the message alone, as in RFC 9568, without the pseudo-header of RFC 5798. */
  readonly checksumWithoutPseudoHeader: boolean
  readonly garp: AnnounceConfig
  readonly vips: readonly {readonly address: IpAddress}[]
}

/** The address owner never yields to tracking and wins every election. RFC 9568 section 5.2.4. */
export const OWNER_PRIORITY = 255 as Priority
/** "I am leaving": the backups wait only their skew. RFC 9568 section 5.2.4. */
export const LEAVING_PRIORITY = 0 as Priority
