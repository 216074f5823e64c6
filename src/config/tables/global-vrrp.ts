import {type IpAddress, ipFamily} from '../../core/ip.ts'
import {alone, interfaceName, multicastAddress, onOff, seconds, whole, wholeSeconds, word} from '../schema/arguments.ts'
import {flag, inherited, setting, settings} from '../schema/entries.ts'
import {type Argument, type Entry, REFUSED, type Schema} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {deprecated} from './deprecated.ts'
import {decimals, MAX_UNSIGNED, optional, unprinted} from './global-arguments.ts'

/** Defaults of virtual routers and what concerns all of them, in `global_defs`. */
export interface GlobalVrrpSettings {
  readonly version: 2 | 3
  readonly checksumWithoutPseudoHeader: boolean
  /** Decides about the values of `vrrp_garp_master_*` that are not given, or given as the default before it. */
  readonly minGarp: boolean
  readonly garpDelayMs: number
  readonly garpRepeat: number
  readonly garpRefreshMs: number
  readonly garpRefreshRepeat: number
  readonly garpLowerPriorityDelayMs: number | undefined
  readonly garpLowerPriorityRepeat: number | undefined
  readonly garpIntervalMs: number
  readonly gnaIntervalMs: number
  readonly garpExtraInterface: GarpExtra
  readonly multicastGroup4: IpAddress | undefined
  readonly multicastGroup6: IpAddress | undefined
  readonly downTimerAdverts: number
  readonly lowerPriorityNoAdvert: boolean
  readonly higherPrioritySendAdvert: boolean
  readonly ownerIgnoreAdverts: boolean
  readonly skipCheckAdvertAddresses: boolean
  readonly checkUnicastSource: boolean
  readonly strict: boolean
  readonly startupDelayMs: number
  readonly delayAfterBootMs: number
  readonly logUnknownVrids: boolean
  readonly vmacPrefix: string | undefined
  readonly vmacAddressPrefix: string | undefined
  readonly dynamicInterfaces: 'on' | 'allow_if_changes' | undefined
  readonly defaultInterface: string | undefined
  readonly disableLocalIgmp: boolean
}

/** `[all] SECONDS` of `garp_extra_if`. */
export interface GarpExtra {
  readonly all: boolean
  readonly seconds: number
}

/** Seconds of `garp_*_delay`: whole ones, as the daemon reads them. */
export const GARP_SECONDS = wholeSeconds({min: 0, max: 4_294})
/** Seconds of `garp_master_refresh`, which may be longer. */
export const GARP_REFRESH_SECONDS = wholeSeconds({min: 0, max: MAX_UNSIGNED})
/** Packets of a burst. */
export const GARP_COUNT = whole({min: 1, max: MAX_UNSIGNED, tooSmall: 1})
/** Packets of a burst after an advertisement of lower priority, where 0 means none. */
export const GARP_COUNT_OR_NONE = whole({min: 0, max: 0x7fff_ffff})
/** `garp_extra_if` of a virtual router, where 0 means none. */
export const GARP_EXTRA = garpExtra(0)

/** Time between announcements: microseconds count. */
const INTERVAL = decimals(6, seconds({min: 0.000_001, max: 4_294.967_295}))
const STARTUP_DELAY = decimals(6, seconds({min: 0.001, max: 4_294.967_295}))
const GLOBAL_GARP_EXTRA = unprinted(garpExtra(1), extra => extra.seconds === 0)

function garpExtra(min: number): Argument<GarpExtra> {
  const interval = whole({min, max: 86_400})
  return {
    form: `[all] ${interval.form} seconds`,
    read: cursor => {
      const all = cursor.peek()?.text === 'all'
      if (all) cursor.next()
      const value = interval.read(cursor)
      return value === REFUSED ? REFUSED : {all, seconds: value}
    },
    print: extra => `${extra.all ? 'all ' : ''}${extra.seconds}`,
  }
}

/** `2` or `3`. */
export const VRRP_VERSION: Argument<2 | 3> = {
  form: '2|3',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (given.text === '2') return 2
    if (given.text === '3') return 3
    return cursor.fail(given, `${cursor.show(given)} is not a version of VRRP`, '2 or 3')
  },
  print: String,
}

/** The multicast group of one family; beyond the link IPv6 is complained about, and used. */
const multicastGroup = (family: 4 | 6): Argument<IpAddress> => ({
  ...multicastAddress,
  form: `IPV${family}-MULTICAST-ADDRESS`,
  read: cursor => {
    const given = cursor.peek()
    const group = multicastAddress.read(cursor)
    if (group === REFUSED || !given) return group
    if (ipFamily(group) !== family) {
      return cursor.fail(given, `${cursor.show(given)} is not IPv${family}`, family === 4 ? '224.0.0.18' : 'ff02::12')
    }
    if (family === 6 && !/^ff[0-9a-f]2:/.test(group)) {
      const message = `${cursor.show(given)} is not link-local: advertisements could leave the link`
      cursor.note('argument-corrected', given, message, 'an address in ff02::/16')
    }
    return group
  },
})

/** `off` does not take an earlier `on` back, as in keepalived. */
const MIN_GARP: Entry<boolean> = {
  ...setting('vrrp_min_garp', onOff, {
    initial: false,
    doc: 'one gratuitous ARP packet on becoming master, no second burst, no refresh, where nothing else is set above',
    defaultText: 'off',
  }),
  repeats: 'collects',
  read: (statement, previous, context) => {
    const value = readArguments(statement, onOff, context)
    if (value !== false || !previous) return value
    const message = 'vrrp_min_garp off does not take back what vrrp_min_garp has set'
    context.findings.report('given-again-ignored', statement.position, message, 'remove the other vrrp_min_garp')
    return REFUSED
  },
}

const GARP = {
  minGarp: MIN_GARP,
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
  garpRefreshMs: setting('vrrp_garp_master_refresh', GARP_REFRESH_SECONDS, {
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
  garpIntervalMs: setting('vrrp_garp_interval', INTERVAL, {
    initial: 0,
    doc: 'least time between two gratuitous ARP packets on one interface',
    defaultText: '0',
  }),
  gnaIntervalMs: setting('vrrp_gna_interval', INTERVAL, {
    initial: 0,
    doc: 'least time between two unsolicited neighbour advertisements on one interface',
    defaultText: '0',
  }),
  garpExtraInterface: settings(
    {
      vrrp_garp_extra_if: GLOBAL_GARP_EXTRA,
      vrrp_vmac_garp_intvl: deprecated(GLOBAL_GARP_EXTRA, 'write vrrp_garp_extra_if'),
    },
    {
      initial: {all: false, seconds: 0},
      doc: 'time between gratuitous ARP on the interface below a virtual one (all: on others too); 0 for none',
      defaultText: '0',
    },
  ),
}

/** The entries of the defaults of virtual routers in `global_defs`. */
export const GLOBAL_VRRP: Schema<GlobalVrrpSettings> = {
  version: setting('vrrp_version', VRRP_VERSION, {
    initial: 2,
    doc: 'version of VRRP of instances that name none',
    defaultText: '2',
  }),
  checksumWithoutPseudoHeader: setting('v3_checksum_as_v2', alone(true), {
    initial: false,
    doc: 'leave the pseudo-header out of the checksum of version 3 over IPv4',
    defaultText: 'off',
    since: '2.2.8',
  }),
  ...GARP,
  multicastGroup4: inherited('vrrp_mcast_group4', multicastGroup(4), {
    doc: 'multicast group of advertisements over IPv4',
    defaultText: '224.0.0.18',
  }),
  multicastGroup6: inherited('vrrp_mcast_group6', multicastGroup(6), {
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
  startupDelayMs: setting('vrrp_startup_delay', STARTUP_DELAY, {
    initial: 0,
    doc: 'time after the start of the agent until virtual routers begin',
    defaultText: '0',
  }),
  delayAfterBootMs: setting('vrrp_delay_after_boot', STARTUP_DELAY, {
    initial: 0,
    doc: 'time after the start of the host before which no virtual router begins',
    defaultText: '0',
    since: '2.4.0',
  }),
  logUnknownVrids: flag('log_unknown_vrids', 'log advertisements of virtual routers that are not configured here'),
  vmacPrefix: setting('vmac_prefix', word('TEXT'), {
    initial: undefined,
    doc: 'what the names of interfaces with a virtual MAC address begin with',
    defaultText: 'vrrp',
    repeats: 'first-wins',
  }),
  vmacAddressPrefix: setting('vmac_addr_prefix', word('TEXT'), {
    initial: undefined,
    doc: 'what the names of such interfaces for addresses on other interfaces begin with',
    defaultText: 'vmac_prefix',
    repeats: 'first-wins',
  }),
  dynamicInterfaces: inherited('dynamic_interfaces', optional(allowChanges(), 'on' as const), {
    doc: 'permit interfaces that are not there yet (allow_if_changes: or that change their type)',
    defaultText: 'off',
  }),
  defaultInterface: inherited('default_interface', interfaceName, {
    doc: 'interface of static addresses that name none',
    defaultText: 'eth0',
  }),
  disableLocalIgmp: flag('disable_local_igmp', 'send no IGMP for groups of the link (the sysctl of the kernel)'),
}

function allowChanges(): Argument<'allow_if_changes'> {
  return {
    form: 'allow_if_changes',
    read: cursor => {
      const given = cursor.require()
      if (given === REFUSED || given.text === 'allow_if_changes')
        return given === REFUSED ? REFUSED : 'allow_if_changes'
      return cursor.fail(given, `${cursor.show(given)} is not permitted`, 'allow_if_changes, or nothing')
    },
    print: value => value,
  }
}
