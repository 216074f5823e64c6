import type {IpAddress} from '../../core/ip.ts'
import {type Priority, priority, type Vrid, vrid} from '../../core/units.ts'
import type {Command, VipConfig} from '../config.ts'
import {
  alone,
  converted,
  interfaceName,
  multicastAddress,
  onOff,
  seconds,
  vrrpInterface,
  whole,
} from '../schema/arguments.ts'
import {block, flag, inherited, lines, setting, settings} from '../schema/entries.ts'
import {blockKind, type Item} from '../schema/schema.ts'
import {AUTH_HMAC, type HmacSettings} from './auth-hmac.ts'
import {AUTHENTICATION, type AuthenticationSettings} from './authentication.ts'
import {deprecated} from './deprecated.ts'
import {decimals} from './global-arguments.ts'
import {
  GARP_COUNT,
  GARP_COUNT_OR_NONE,
  GARP_EXTRA,
  GARP_REFRESH_SECONDS,
  GARP_SECONDS,
  type GarpExtra,
  VRRP_VERSION,
} from './global-vrrp.ts'
import {
  NOTIFY_DELETED,
  OLD_CHECKSUM,
  type SourceAddress,
  STALL_PRIORITY,
  STATE_ONCE_MASTER,
  sourceOf,
} from './instance-arguments.ts'
import {notify} from './notify.ts'
import {type TrackLine, trackLines} from './track-lines.ts'
import {UNICAST_PEER, type UnicastPeer} from './unicast-peer.ts'
import {addressLines} from './virtual-address.ts'
import {type RouteConfig, VIRTUAL_ROUTE} from './virtual-route.ts'
import {type RuleConfig, ruleLines} from './virtual-rule.ts'
import {IPVLAN, type Ipvlan, USE_VMAC, type Vmac} from './vmac.ts'

/** `vrrp_instance` as it stands in the text; what is not given may come from `global_defs`. */
export interface InstanceSettings {
  readonly initialState: 'master' | 'backup' | undefined
  readonly interface: string | undefined
  readonly vrid: Vrid | undefined
  readonly priority: Priority | undefined
  readonly advertIntervalMs: number
  readonly version: 2 | 3 | undefined
  /** `native_ipv6`: IPv6 although no address says so. */
  readonly nativeIpv6: boolean
  readonly authentication: Item<AuthenticationSettings> | undefined
  readonly authHmac: Item<HmacSettings> | undefined
  readonly preempt: boolean
  readonly preemptDelayMs: number
  readonly checksumWithoutPseudoHeader: boolean | undefined
  readonly vips: readonly VipConfig[]
  readonly excludedVips: readonly VipConfig[]
  readonly routes: readonly RouteConfig[]
  readonly rules: readonly RuleConfig[]
  readonly noVirtualAddresses: boolean
  readonly promoteSecondaries: boolean
  readonly vmac: Vmac | undefined
  readonly vmacForAddresses: boolean
  readonly vmacTransmitBase: boolean
  readonly ipvlan: Ipvlan | undefined
  readonly unicastPeers: readonly UnicastPeer[]
  readonly source: SourceAddress | undefined
  readonly multicastGroup: IpAddress | undefined
  readonly unicastTtl: number | undefined
  readonly unicastFaultNoPeer: boolean
  readonly checkUnicastSource: boolean | undefined
  /** `never`: never change to the old one by oneself. */
  readonly oldUnicastChecksum: 'on' | 'never' | undefined
  readonly trackSourceAddress: boolean
  readonly dontTrackPrimary: boolean
  readonly trackInterfaces: readonly TrackLine[]
  readonly trackScripts: readonly TrackLine[]
  readonly trackFiles: readonly TrackLine[]
  readonly trackProcesses: readonly TrackLine[]
  readonly trackBfds: readonly TrackLine[]
  readonly downTimerAdverts: number | undefined
  /** The highest priority that another router may have; undefined: off. */
  readonly timerExpiredBackup: number | undefined
  readonly garpDelayMs: number | undefined
  readonly garpRepeat: number | undefined
  readonly garpRefreshMs: number | undefined
  readonly garpRefreshRepeat: number | undefined
  readonly garpLowerPriorityDelayMs: number | undefined
  readonly garpLowerPriorityRepeat: number | undefined
  readonly garpExtraInterface: GarpExtra | undefined
  readonly lowerPriorityNoAdvert: boolean | undefined
  readonly higherPrioritySendAdvert: boolean | undefined
  readonly ownerIgnoreAdverts: boolean | undefined
  readonly skipCheckAdvertAddresses: boolean | undefined
  readonly strict: boolean | undefined
  readonly accept: boolean | undefined
  readonly vrf: string | undefined
  readonly receiveBufferBytes: number | undefined
  readonly debug: number
  readonly linkbeatPolling: boolean
  readonly lvsSyncInterface: string | undefined
  readonly notifyMaster: Command | undefined
  readonly notifyBackup: Command | undefined
  readonly notifyFault: Command | undefined
  readonly notifyStop: Command | undefined
  readonly notifyDeleted: Command | true | undefined
  readonly notifyMasterLowerPriority: Command | undefined
  readonly notifyAny: Command | undefined
  readonly notifyPriorityChanges: boolean | undefined
  readonly smtpAlert: boolean | undefined
}

/** The table of `vrrp_instance`. */
export const INSTANCE = blockKind<InstanceSettings>('vrrp_instance', {
  initialState: STATE_ONCE_MASTER,
  interface: inherited('interface', vrrpInterface, {
    doc: 'interface that advertisements are sent and heard on',
    defaultText: 'none; it has to be given',
  }),
  vrid: inherited('virtual_router_id', converted(whole({min: 1, max: 255}), vrid, Number), {
    doc: 'number that all nodes of this virtual router share, unique on the network',
    defaultText: 'none; it has to be given',
  }),
  priority: inherited('priority', converted(whole({min: 1, max: 255}), priority, Number), {
    doc: 'the highest becomes master; 255 is for the owner of the addresses',
    defaultText: '100, or 255 with state MASTER',
  }),
  advertIntervalMs: setting('advert_int', decimals(6, seconds({min: 0.01, max: 255})), {
    initial: 1_000,
    doc: 'time between advertisements: whole seconds in version 2, at most 40.95 in version 3',
    defaultText: '1',
  }),
  version: setting('version', VRRP_VERSION, {
    initial: undefined,
    doc: 'version of VRRP',
    defaultText: 'vrrp_version of global_defs',
    repeats: 'first-wins',
  }),
  nativeIpv6: flag('native_ipv6', 'use IPv6 and version 3 whatever the addresses are'),
  authentication: block(AUTHENTICATION, {doc: 'a password in every advertisement of version 2'}),
  authHmac: block(AUTH_HMAC, {doc: 'a signature on every advertisement', since: '2.4.0'}),
  preempt: settings(
    {preempt: alone(true), nopreempt: alone(false)},
    {initial: true, doc: 'whether to take over from a master of lower priority', defaultText: 'preempt'},
  ),
  preemptDelayMs: setting('preempt_delay', decimals(6, seconds({min: 0, max: 1_000})), {
    initial: 0,
    doc: 'time to wait before taking over from a master of lower priority',
    defaultText: '0',
  }),
  checksumWithoutPseudoHeader: inherited('v3_checksum_as_v2', onOff, {
    doc: 'leave the pseudo-header out of the checksum of version 3 over IPv4',
    defaultText: 'v3_checksum_as_v2 of global_defs',
    since: '2.2.8',
  }),
  vips: addressLines('virtual_ipaddress', {doc: 'addresses that the master holds and advertises'}),
  excludedVips: addressLines('virtual_ipaddress_excluded', {
    doc: 'addresses that the master holds but does not advertise',
  }),
  routes: lines('virtual_routes', VIRTUAL_ROUTE, {doc: 'routes that the master has'}),
  rules: ruleLines('virtual_rules', {isStatic: false, doc: 'rules of routing that the master has'}),
  noVirtualAddresses: flag('no_virtual_ipaddress', 'permit version 3 without a virtual address', {since: '2.2.8'}),
  promoteSecondaries: flag(
    'promote_secondaries',
    'keep the other addresses of a network when the first goes (the sysctl of that name)',
  ),
  vmac: USE_VMAC,
  vmacForAddresses: flag('use_vmac_addr', 'use virtual MAC addresses for addresses on other interfaces too'),
  vmacTransmitBase: flag('vmac_xmit_base', 'send advertisements from the interface below the virtual one'),
  ipvlan: inherited('use_ipvlan', IPVLAN, {
    doc: 'hold the addresses on an interface of their own that shares the MAC address',
    defaultText: 'off; the mode is bridge',
  }),
  unicastPeers: lines('unicast_peer', UNICAST_PEER, {
    doc: 'the other nodes, to which advertisements are sent one by one in place of multicast',
  }),
  source: settings(
    {unicast_src_ip: sourceOf('unicast_src_ip'), mcast_src_ip: sourceOf('mcast_src_ip')},
    {initial: undefined, doc: 'address that advertisements come from', defaultText: 'the first of the interface'},
  ),
  multicastGroup: inherited('mcast_dst_ip', multicastAddress, {
    doc: 'multicast group that advertisements are sent to',
    defaultText: 'vrrp_mcast_group4 or vrrp_mcast_group6 of global_defs',
  }),
  unicastTtl: inherited('unicast_ttl', whole({min: 0, max: 255}), {
    doc: 'TTL or hop limit of unicast advertisements',
    defaultText: '255',
  }),
  unicastFaultNoPeer: flag('unicast_fault_no_peer', 'go to fault when no unicast_peer is left, not to multicast'),
  checkUnicastSource: settings(
    {check_unicast_src: alone(true)},
    {
      initial: undefined,
      doc: 'ignore advertisements that do not come from a unicast_peer',
      defaultText: 'vrrp_check_unicast_src of global_defs',
    },
  ),
  oldUnicastChecksum: inherited('old_unicast_checksum', OLD_CHECKSUM, {
    doc: 'compute unicast checksums of version 3 as keepalived before 1.3.6 did; never: not even when a peer does',
    defaultText: 'found out from what a peer sends',
  }),
  trackSourceAddress: flag('track_src_ip', 'go to fault when the configured source address is taken away'),
  dontTrackPrimary: flag('dont_track_primary', 'stay although the own interface goes down'),
  trackInterfaces: trackLines('track_interface', {
    doc: 'interfaces that change the priority, or mean fault while they are down',
  }),
  trackScripts: trackLines('track_script', {
    doc: 'scripts that change the priority, or mean fault while they fail',
  }),
  trackFiles: trackLines('track_file', {doc: 'files whose number changes the priority'}),
  trackProcesses: trackLines('track_process', {
    doc: 'processes that change the priority, or mean fault while they do not run',
  }),
  trackBfds: trackLines('track_bfd', {doc: 'BFD sessions that change the priority, or mean fault while they are down'}),
  downTimerAdverts: inherited('down_timer_adverts', whole({min: 1, max: 100}), {
    doc: 'how many silent intervals until a master is given up',
    defaultText: 'vrrp_down_timer_adverts of global_defs, or else 3',
  }),
  timerExpiredBackup: settings(
    {
      timer_expired_backup: STALL_PRIORITY,
      thread_timer_expired: deprecated(STALL_PRIORITY, 'write timer_expired_backup'),
    },
    {
      initial: undefined,
      doc: 'step down after a stall in which a backup of this priority would have taken over; needs nopreempt',
      defaultText: 'off; 254 when no priority is named',
      since: '2.2.8',
      sinceOf: {thread_timer_expired: '2.3.2'},
    },
  ),
  garpDelayMs: inherited('garp_master_delay', GARP_SECONDS, {
    doc: 'time from becoming master to the second burst of gratuitous ARP; 0 for none',
    defaultText: 'vrrp_garp_master_delay',
  }),
  garpRepeat: inherited('garp_master_repeat', GARP_COUNT, {
    doc: 'gratuitous ARP packets of a burst after becoming master',
    defaultText: 'vrrp_garp_master_repeat',
  }),
  garpRefreshMs: inherited('garp_master_refresh', GARP_REFRESH_SECONDS, {
    doc: 'time between bursts of gratuitous ARP of a master; 0 for none',
    defaultText: 'vrrp_garp_master_refresh',
  }),
  garpRefreshRepeat: inherited('garp_master_refresh_repeat', GARP_COUNT, {
    doc: 'gratuitous ARP packets of a refreshing burst',
    defaultText: 'vrrp_garp_master_refresh_repeat',
  }),
  garpLowerPriorityDelayMs: inherited('garp_lower_prio_delay', GARP_SECONDS, {
    doc: 'time from an advertisement of lower priority to the second burst of a master; 0 for none',
    defaultText: 'vrrp_garp_lower_prio_delay',
  }),
  garpLowerPriorityRepeat: inherited('garp_lower_prio_repeat', GARP_COUNT_OR_NONE, {
    doc: 'gratuitous ARP packets of a burst after an advertisement of lower priority',
    defaultText: 'vrrp_garp_lower_prio_repeat',
  }),
  garpExtraInterface: settings(
    {garp_extra_if: GARP_EXTRA, vmac_garp_intvl: deprecated(GARP_EXTRA, 'write garp_extra_if')},
    {
      initial: undefined,
      doc: 'time between gratuitous ARP on the interface below a virtual one (all: on others too); 0 for none',
      defaultText: 'vrrp_garp_extra_if of global_defs',
    },
  ),
  lowerPriorityNoAdvert: inherited('lower_prio_no_advert', onOff, {
    doc: 'whether a master leaves an advertisement of lower priority unanswered',
    defaultText: 'vrrp_lower_prio_no_advert of global_defs; on with strict_mode',
  }),
  higherPrioritySendAdvert: inherited('higher_prio_send_advert', onOff, {
    doc: 'whether a master sends once more when it yields to a higher priority',
    defaultText: 'vrrp_higher_prio_send_advert of global_defs; off with strict_mode',
  }),
  ownerIgnoreAdverts: inherited('owner_ignore_adverts', onOff, {
    doc: 'whether an address owner (priority 255) ignores what others advertise',
    defaultText: 'vrrp_owner_ignore_adverts of global_defs; on with strict_mode',
    since: '2.3.3',
  }),
  skipCheckAdvertAddresses: inherited('skip_check_adv_addr', onOff, {
    doc: 'whether to compare the addresses in an advertisement only when the master changes',
    defaultText: 'vrrp_skip_check_adv_addr of global_defs',
  }),
  strict: inherited('strict_mode', onOff, {
    doc: 'whether to refuse what the RFC does not have',
    defaultText: 'vrrp_strict of global_defs',
  }),
  accept: settings(
    {accept: alone(true), no_accept: alone(false)},
    {
      initial: undefined,
      doc: 'whether a master accepts packets to its virtual addresses',
      defaultText: 'accept; no_accept with strict_mode unless it is the owner',
    },
  ),
  vrf: inherited('vrf', interfaceName, {
    doc: 'VRF to advertise in, for unicast without an interface',
    defaultText: 'none',
  }),
  receiveBufferBytes: inherited('kernel_rx_buf_size', whole({min: 0, max: 0x7fff_ffff}), {
    doc: 'size of the receive buffer of the socket in bytes',
    defaultText: 'vrrp_rx_bufs_policy of global_defs',
  }),
  debug: setting('debug', whole({min: 0, max: 4}), {initial: 0, doc: 'has no effect', defaultText: '0'}),
  linkbeatPolling: settings(
    {linkbeat_use_polling: deprecated(alone(true), 'name the interface in linkbeat_interfaces')},
    {initial: false, doc: 'ask the interface for its state again and again', defaultText: 'off'},
  ),
  lvsSyncInterface: settings(
    {lvs_sync_daemon_interface: deprecated(interfaceName, 'write lvs_sync_daemon in global_defs')},
    {initial: undefined, doc: 'interface of the IPVS sync daemon that follows this state', defaultText: 'none'},
  ),
  notifyMaster: notify('notify_master', 'becoming master'),
  notifyBackup: notify('notify_backup', 'becoming backup'),
  notifyFault: notify('notify_fault', 'going to fault'),
  notifyStop: notify('notify_stop', 'stopping'),
  notifyDeleted: setting('notify_deleted', NOTIFY_DELETED, {
    initial: undefined,
    doc: 'program to run when a reload takes the virtual router away; alone: notify gets DELETED',
    defaultText: 'notify_fault and notify with FAULT',
    repeats: 'first-wins',
  }),
  notifyMasterLowerPriority: notify('notify_master_rx_lower_pri', 'hearing a lower priority as master'),
  notifyAny: notify('notify', 'every change, with INSTANCE NAME STATE PRIORITY appended'),
  notifyPriorityChanges: inherited('notify_priority_changes', onOff, {
    doc: 'whether notify runs when only the priority changes',
    defaultText: 'that of the sync group, or else vrrp_notify_priority_changes of global_defs',
  }),
  smtpAlert: inherited('smtp_alert', onOff, {
    doc: 'whether to send mail on a change of state',
    defaultText: 'smtp_alert_vrrp or smtp_alert of global_defs, or else off',
  }),
})
