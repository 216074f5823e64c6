import {blockKind} from '../schema/schema.ts'
import {GLOBAL_BUFFERS, type GlobalBufferSettings} from './global-buffers.ts'
import {GLOBAL_FIREWALL, type GlobalFirewallSettings} from './global-firewall.ts'
import {GLOBAL_LVS, type GlobalLvsSettings} from './global-lvs.ts'
import {GLOBAL_MAIL, type GlobalMailSettings} from './global-mail.ts'
import {GLOBAL_NOTIFY, type GlobalNotifySettings} from './global-notify.ts'
import {GLOBAL_PROCESS, type GlobalProcessSettings} from './global-process.ts'
import {GLOBAL_SCHEDULING, type GlobalSchedulingSettings} from './global-scheduling.ts'
import {GLOBAL_SNMP, type GlobalSnmpSettings} from './global-snmp.ts'
import {GLOBAL_VRRP, type GlobalVrrpSettings} from './global-vrrp.ts'

/** `global_defs` as it stands in the text, before one setting is derived from another. */
export interface GlobalSettings
  extends GlobalProcessSettings,
    GlobalMailSettings,
    GlobalNotifySettings,
    GlobalVrrpSettings,
    GlobalFirewallSettings,
    GlobalBufferSettings,
    GlobalSchedulingSettings,
    GlobalLvsSettings,
    GlobalSnmpSettings {}

/** The table of `global_defs`. */
export const GLOBAL = blockKind<GlobalSettings>('global_defs', {
  ...GLOBAL_PROCESS,
  ...GLOBAL_MAIL,
  ...GLOBAL_NOTIFY,
  ...GLOBAL_VRRP,
  ...GLOBAL_FIREWALL,
  ...GLOBAL_BUFFERS,
  ...GLOBAL_SCHEDULING,
  ...GLOBAL_LVS,
  ...GLOBAL_SNMP,
})
