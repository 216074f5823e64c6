import {type Priority, priority, type Vrid, vrid} from '../../core/units.ts'
import type {Command, VipConfig} from '../config.ts'
import {KNOWN_IN_INSTANCE, NOTHING_KNOWN} from '../known-keywords.ts'
import {alone, converted, oneOf, onOff, programAs, seconds, vrrpInterface, whole, word} from '../schema/arguments.ts'
import {block, lines, setting, settings} from '../schema/entries.ts'
import {type Argument, type BlockValue, blockKind, type Entry, REFUSED} from '../schema/schema.ts'
import {closest} from '../text/suggest.ts'
import {GARP_COUNT, GARP_COUNT_OR_NONE, GARP_SECONDS, inherited, VRRP_VERSION} from './global-defs.ts'
import {readTrack, type TrackLine} from './track-line.ts'
import {readVirtualAddress, VIRTUAL_ADDRESS_FORM} from './virtual-address.ts'

/** `authentication` as it stands in the text. */
export interface AuthenticationSettings {
  readonly type: 'pass' | 'ah' | undefined
  readonly password: string | undefined
}

/** `vrrp_instance` as it stands in the text; what is not given may come from `global_defs`. */
export interface InstanceSettings {
  readonly initialState: 'master' | 'backup' | undefined
  readonly interface: string | undefined
  readonly vrid: Vrid | undefined
  readonly priority: Priority | undefined
  readonly advertIntervalMs: number
  readonly version: 2 | 3 | undefined
  readonly authentication: BlockValue<AuthenticationSettings> | undefined
  readonly preempt: boolean
  readonly preemptDelayMs: number
  readonly checksumWithoutPseudoHeader: boolean | undefined
  readonly garpDelayMs: number | undefined
  readonly garpRepeat: number | undefined
  readonly garpRefreshMs: number | undefined
  readonly garpRefreshRepeat: number | undefined
  readonly garpLowerPriorityDelayMs: number | undefined
  readonly garpLowerPriorityRepeat: number | undefined
  readonly vips: readonly VipConfig[]
  readonly trackScripts: readonly TrackLine[]
  readonly notifyMaster: Command | undefined
  readonly notifyBackup: Command | undefined
  readonly notifyFault: Command | undefined
  readonly notifyStop: Command | undefined
  readonly notifyAny: Command | undefined
}

/** Anything else than MASTER means BACKUP, as in keepalived. */
const STATE_NAME: Argument<'master' | 'backup'> = {
  form: 'MASTER|BACKUP',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (given.text === 'MASTER') return 'master'
    if (given.text === 'BACKUP') return 'backup'
    const meant = closest(given.text, ['MASTER', 'BACKUP'])
    const hint = meant ? `did you mean ${meant}?` : 'MASTER or BACKUP'
    cursor.note('argument-corrected', given, `${cursor.show(given)} is no state; BACKUP is used`, hint)
    return 'backup'
  },
}

const STATE = setting('state', STATE_NAME, {
  initial: undefined,
  doc: 'state to begin in; it does not decide who wins, priority does',
  defaultText: 'BACKUP, or MASTER with priority 255',
})

/** keepalived refuses to take MASTER back. */
const STATE_ONCE_MASTER: Entry<'master' | 'backup' | undefined> = {
  ...STATE,
  repeats: 'collects',
  read: (statement, previous, context) => {
    const state = STATE.read(statement, previous, context)
    const takesBack = state === 'backup' && previous === 'master' && statement.words[0]?.text === 'BACKUP'
    if (!takesBack) return state
    context.findings.report('state-master-repeated', statement.position, 'state: BACKUP after MASTER is ignored')
    return REFUSED
  },
}

const AUTHENTICATION = blockKind<AuthenticationSettings>(
  'authentication',
  {
    type: setting('auth_type', oneOf({PASS: 'pass', AH: 'ah'} as const), {
      initial: undefined,
      doc: 'kind of authentication of version 2',
      defaultText: 'none',
    }),
    password: setting('auth_pass', word('TEXT'), {
      initial: undefined,
      doc: 'password in clear text, eight bytes at most',
      defaultText: 'none',
    }),
  },
  NOTHING_KNOWN,
  {secret: true},
)

/** The table of `vrrp_instance`. */
export const INSTANCE = blockKind<InstanceSettings>(
  'vrrp_instance',
  {
    initialState: STATE_ONCE_MASTER,
    interface: inherited('interface', vrrpInterface, {
      doc: 'interface that advertisements are sent and heard on',
      defaultText: 'none; it has to be given',
    }),
    vrid: inherited('virtual_router_id', converted(whole({min: 1, max: 255}), vrid), {
      doc: 'number that all nodes of this virtual router share, unique on the network',
      defaultText: 'none; it has to be given',
    }),
    priority: inherited('priority', converted(whole({min: 1, max: 255}), priority), {
      doc: 'the highest becomes master; 255 is for the owner of the addresses',
      defaultText: '100, or 255 with state MASTER',
    }),
    advertIntervalMs: setting('advert_int', seconds({min: 0.01, max: 255}), {
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
    authentication: block(AUTHENTICATION, 'a password in every advertisement of version 2'),
    preempt: settings(
      {preempt: alone(true), nopreempt: alone(false)},
      {initial: true, doc: 'whether to take over from a master of lower priority', defaultText: 'preempt'},
    ),
    preemptDelayMs: setting('preempt_delay', seconds({min: 0, max: 1_000}), {
      initial: 0,
      doc: 'time to wait before taking over from a master of lower priority',
      defaultText: '0',
    }),
    checksumWithoutPseudoHeader: inherited('v3_checksum_as_v2', onOff, {
      doc: 'leave the pseudo-header out of the checksum of version 3 over IPv4',
      defaultText: 'v3_checksum_as_v2 of global_defs',
    }),
    garpDelayMs: inherited('garp_master_delay', GARP_SECONDS, {
      doc: 'time from becoming master to the second burst of gratuitous ARP; 0 for none',
      defaultText: 'vrrp_garp_master_delay',
    }),
    garpRepeat: inherited('garp_master_repeat', GARP_COUNT, {
      doc: 'gratuitous ARP packets of a burst after becoming master',
      defaultText: 'vrrp_garp_master_repeat',
    }),
    garpRefreshMs: inherited('garp_master_refresh', GARP_SECONDS, {
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
    vips: lines('virtual_ipaddress', VIRTUAL_ADDRESS_FORM, readVirtualAddress, 'addresses that the master holds'),
    trackScripts: lines(
      'track_script',
      'NAME [weight -253..253 [reverse|noreverse]]',
      readTrack,
      'scripts that change the priority, or mean fault while they fail',
    ),
    notifyMaster: notify('notify_master', 'becoming master'),
    notifyBackup: notify('notify_backup', 'becoming backup'),
    notifyFault: notify('notify_fault', 'going to fault'),
    notifyStop: notify('notify_stop', 'stopping'),
    notifyAny: notify('notify', 'every change, with TYPE NAME STATE PRIORITY appended'),
  },
  KNOWN_IN_INSTANCE,
)

function notify(name: string, when: string): Entry<Command | undefined> {
  const facts = {
    initial: undefined,
    doc: `program to run on ${when}`,
    defaultText: 'none',
    repeats: 'first-wins',
  } as const
  return setting(name, programAs, facts)
}
