import type {IpAddress} from '../../core/ip.ts'
import type {ScriptUser} from '../config.ts'
import {
  alone,
  interfaceName,
  multicastAddress,
  onOff,
  scriptUser,
  seconds,
  whole,
  wholeSeconds,
  word,
} from '../schema/arguments.ts'
import {flag, inherited, setting, settings} from '../schema/entries.ts'
import {type Argument, blockKind} from '../schema/schema.ts'
import {deprecated} from './deprecated.ts'

/** `global_defs` as it stands in the text, before one setting is derived from another. */
export interface GlobalSettings {
  readonly routerId: string | undefined
  readonly version: 2 | 3
  readonly scriptUser: ScriptUser | undefined
  readonly enableScriptSecurity: boolean
  readonly checksumWithoutPseudoHeader: boolean
  readonly garpDelayMs: number
  readonly garpRepeat: number
  readonly garpRefreshMs: number
  readonly garpRefreshRepeat: number
  readonly garpLowerPriorityDelayMs: number | undefined
  readonly garpLowerPriorityRepeat: number | undefined
  readonly garpIntervalMs: number
  readonly garpExtraInterface: GarpExtra
  readonly minGarp: boolean
  readonly multicastGroup4: IpAddress | undefined
  readonly multicastGroup6: IpAddress | undefined
  readonly downTimerAdverts: number
  readonly lowerPriorityNoAdvert: boolean
  readonly higherPrioritySendAdvert: boolean
  readonly ownerIgnoreAdverts: boolean
  readonly skipCheckAdvertAddresses: boolean
  readonly checkUnicastSource: boolean
  readonly strict: boolean
  readonly notifyPriorityChanges: boolean
  readonly smtpAlert: boolean | undefined
  readonly smtpAlertVrrp: boolean | undefined
  readonly dynamicInterfaces: 'on' | 'allow_if_changes' | undefined
  readonly defaultInterface: string | undefined
}

/** Seconds of `garp_*_delay` and `garp_*_refresh`: whole ones, as the daemon reads them. */
export const GARP_SECONDS = wholeSeconds({min: 0, max: 4_294})
/** Packets of a burst. */
export const GARP_COUNT = whole({min: 1, max: 1_000_000, tooSmall: 1})
/** Packets of a burst after an advertisement of lower priority, where 0 means none. */
export const GARP_COUNT_OR_NONE = whole({min: 0, max: 1_000_000})
/** `[all] SECONDS` of `garp_extra_if`. */
export interface GarpExtra {
  readonly all: boolean
  readonly seconds: number
}
const EXTRA_SECONDS = whole({min: 0, max: 86_400})
export const GARP_EXTRA: Argument<GarpExtra> = {
  form: '[all] 0..86400 seconds',
  read: cursor => {
    const all = cursor.peek()?.text === 'all'
    if (all) cursor.next()
    const value = EXTRA_SECONDS.read(cursor)
    return typeof value === 'symbol' ? value : {all, seconds: value}
  },
  print: value => `${value.all ? 'all ' : ''}${value.seconds}`,
}
/** `2` or `3`. */
export const VRRP_VERSION: Argument<2 | 3> = {
  form: '2|3',
  read: cursor => {
    const given = cursor.require()
    if (typeof given === 'symbol') return given
    if (given.text === '2') return 2
    if (given.text === '3') return 3
    return cursor.fail(given, `${cursor.show(given)} is not a version of VRRP`, '2 or 3')
  },
  print: String,
}

/** `[allow_if_changes]`. */
const DYNAMIC: Argument<'on' | 'allow_if_changes'> = {
  form: '[allow_if_changes]',
  read: cursor => {
    const given = cursor.next()
    if (!given) return 'on'
    if (given.text === 'allow_if_changes') return 'allow_if_changes'
    return cursor.fail(given, `${cursor.show(given)} is not permitted`, 'allow_if_changes, or nothing')
  },
  print: value => (value === 'on' ? '' : value),
}

/** The table of `global_defs`. */
export const GLOBAL = blockKind<GlobalSettings>('global_defs', {
  routerId: setting('router_id', word('NAME'), {
    initial: undefined,
    doc: 'name of this host in messages',
    defaultText: 'the name of the host',
  }),
  version: setting('vrrp_version', VRRP_VERSION, {
    initial: 2,
    doc: 'version of VRRP of instances that name none',
    defaultText: '2',
  }),
  scriptUser: setting('script_user', scriptUser, {
    initial: undefined,
    doc: 'user and group that scripts run as',
    defaultText: 'keepalived_script if it exists, or else the user of the agent',
  }),
  enableScriptSecurity: setting('enable_script_security', alone(true), {
    initial: false,
    doc: 'do not run as root what others than root could change',
    defaultText: 'off',
  }),
  checksumWithoutPseudoHeader: settings(
    {v3_checksum_as_v2: alone(true)},
    {
      initial: false,
      doc: 'leave the pseudo-header out of the checksum of version 3 over IPv4',
      defaultText: 'off',
    },
  ),
  garpDelayMs: setting('vrrp_garp_master_delay', GARP_SECONDS, {
    initial: 5_000,
    doc: 'time from becoming master to the second burst of gratuitous ARP; 0 for none',
    defaultText: '5',
  }),
  garpRepeat: setting('vrrp_garp_master_repeat', GARP_COUNT, {
    initial: 5,
    doc: 'gratuitous ARP packets of a burst after becoming master',
    defaultText: '5',
  }),
  garpRefreshMs: setting('vrrp_garp_master_refresh', GARP_SECONDS, {
    initial: 0,
    doc: 'time between bursts of gratuitous ARP of a master; 0 for none',
    defaultText: '0',
  }),
  garpRefreshRepeat: setting('vrrp_garp_master_refresh_repeat', GARP_COUNT, {
    initial: 1,
    doc: 'gratuitous ARP packets of a refreshing burst',
    defaultText: '1',
  }),
  garpLowerPriorityDelayMs: inherited('vrrp_garp_lower_prio_delay', GARP_SECONDS, {
    doc: 'time from an advertisement of lower priority to the second burst of a master; 0 for none',
    defaultText: 'vrrp_garp_master_delay',
  }),
  garpLowerPriorityRepeat: inherited('vrrp_garp_lower_prio_repeat', GARP_COUNT_OR_NONE, {
    doc: 'gratuitous ARP packets of a burst after an advertisement of lower priority',
    defaultText: 'vrrp_garp_master_repeat',
  }),
  garpIntervalMs: setting('vrrp_garp_interval', seconds({min: 0.000_001, max: 4_294}), {
    initial: 0,
    doc: 'least time between two gratuitous ARP packets on one interface',
    defaultText: '0',
  }),
  garpExtraInterface: settings(
    {vrrp_garp_extra_if: GARP_EXTRA, vrrp_vmac_garp_intvl: deprecated(GARP_EXTRA, 'write vrrp_garp_extra_if')},
    {
      initial: {all: false, seconds: 0},
      doc: 'time between gratuitous ARP on the interface below a virtual one (all: on others too); 0 for none',
      defaultText: '0',
    },
  ),
  minGarp: setting('vrrp_min_garp', onOff, {
    initial: false,
    doc: 'one gratuitous ARP packet on becoming master, no second burst and no refresh, where nothing else is set above',
    defaultText: 'off',
  }),
  multicastGroup4: inherited('vrrp_mcast_group4', multicastAddress, {
    doc: 'multicast group of advertisements over IPv4',
    defaultText: '224.0.0.18',
  }),
  multicastGroup6: inherited('vrrp_mcast_group6', multicastAddress, {
    doc: 'multicast group of advertisements over IPv6',
    defaultText: 'ff02::12',
  }),
  downTimerAdverts: setting('vrrp_down_timer_adverts', whole({min: 1, max: 100}), {
    initial: 3,
    doc: 'how many silent intervals until a master is given up',
    defaultText: '3',
  }),
  lowerPriorityNoAdvert: setting('vrrp_lower_prio_no_advert', onOff, {
    initial: false,
    doc: 'whether a master leaves an advertisement of lower priority unanswered',
    defaultText: 'off; on with strict_mode',
  }),
  higherPrioritySendAdvert: setting('vrrp_higher_prio_send_advert', onOff, {
    initial: false,
    doc: 'whether a master sends once more when it yields to a higher priority',
    defaultText: 'off',
  }),
  ownerIgnoreAdverts: setting('vrrp_owner_ignore_adverts', onOff, {
    initial: false,
    doc: 'whether an address owner (priority 255) ignores what others advertise',
    defaultText: 'off; on with strict_mode',
    since: '2.3.3',
  }),
  skipCheckAdvertAddresses: setting('vrrp_skip_check_adv_addr', onOff, {
    initial: false,
    doc: 'whether to compare the addresses in an advertisement only when the master changes',
    defaultText: 'off',
  }),
  checkUnicastSource: flag('vrrp_check_unicast_src', 'ignore advertisements that do not come from a unicast_peer'),
  strict: setting('vrrp_strict', onOff, {
    initial: false,
    doc: 'whether to refuse what the RFC does not have',
    defaultText: 'off',
  }),
  notifyPriorityChanges: setting('vrrp_notify_priority_changes', onOff, {
    initial: false,
    doc: 'whether notify runs when only the priority changes',
    defaultText: 'off',
  }),
  smtpAlert: inherited('smtp_alert', onOff, {
    doc: 'whether to send mail on changes of virtual routers and servers',
    defaultText: 'off for virtual routers and servers, on for real servers',
  }),
  smtpAlertVrrp: inherited('smtp_alert_vrrp', onOff, {
    doc: 'whether to send mail on changes of virtual routers',
    defaultText: 'smtp_alert',
  }),
  dynamicInterfaces: inherited('dynamic_interfaces', DYNAMIC, {
    doc: 'permit interfaces that are not there yet (allow_if_changes: or that change their type)',
    defaultText: 'off',
  }),
  defaultInterface: inherited('default_interface', interfaceName, {
    doc: 'interface of static addresses that name none',
    defaultText: 'eth0',
  }),
})
