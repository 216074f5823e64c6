import type {ScriptUser} from '../config.ts'
import {KNOWN_IN_GLOBAL} from '../known-keywords.ts'
import {alone, scriptUser, seconds, whole, wholeSeconds, word} from '../schema/arguments.ts'
import {setting, settings} from '../schema/entries.ts'
import {type Argument, blockKind, type Entry} from '../schema/schema.ts'

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
}

/** Seconds of `garp_*_delay` and `garp_*_refresh`: whole ones, as the daemon reads them. */
export const GARP_SECONDS = wholeSeconds({min: 0, max: 4_294})
/** Packets of a burst. */
export const GARP_COUNT = whole({min: 1, max: 1_000_000, tooSmall: 1})
/** Packets of a burst after an advertisement of lower priority, where 0 means none. */
export const GARP_COUNT_OR_NONE = whole({min: 0, max: 1_000_000})
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
}

/** The table of `global_defs`. */
export const GLOBAL = blockKind<GlobalSettings>(
  'global_defs',
  {
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
  },
  KNOWN_IN_GLOBAL,
)

/** A field whose value comes from somewhere else unless it is given. */
export function inherited<T>(
  name: string,
  argument: Argument<T>,
  facts: {readonly doc: string; readonly defaultText: string},
): Entry<T | undefined> {
  return setting(name, argument, {initial: undefined, ...facts})
}
