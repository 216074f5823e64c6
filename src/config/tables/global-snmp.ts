import {alone, seconds, word} from '../schema/arguments.ts'
import {flag, inherited, setting, settings} from '../schema/entries.ts'
import type {Schema} from '../schema/schema.ts'
import {renamed} from './deprecated.ts'
import {decimals, only} from './global-arguments.ts'

/** SNMP and D-Bus in `global_defs`. */
export interface GlobalSnmpSettings {
  readonly snmpSocket: string | undefined
  readonly enableTraps: boolean
  readonly enableSnmpVrrp: boolean
  readonly enableSnmpChecker: boolean
  readonly enableSnmpRfc: boolean
  readonly enableSnmpRfcV2: boolean
  readonly enableSnmpRfcV3: boolean
  readonly snmpServiceIntervalMs: number
  readonly snmpRealServerIntervalMs: number | undefined
  readonly enableDbus: boolean
  readonly dbusServiceName: string | undefined
  readonly dbusNoInterfaceName: string | undefined
}

const ON = alone(true)
const UPDATE_INTERVAL = decimals(6, seconds({min: 0.001, max: 30}))

/** The entries of SNMP and D-Bus in `global_defs`. */
export const GLOBAL_SNMP: Schema<GlobalSnmpSettings> = {
  snmpSocket: setting('snmp_socket', only(word('SOCKET')), {
    initial: undefined,
    doc: 'socket of the SNMP agent to connect to',
    defaultText: 'unix:/var/agentx/master',
    repeats: 'first-wins',
  }),
  enableTraps: flag('enable_traps', 'send SNMP traps'),
  enableSnmpVrrp: settings(
    {enable_snmp_vrrp: ON, enable_snmp_keepalived: renamed(ON, 'enable_snmp_vrrp')},
    {initial: false, doc: 'show virtual routers by SNMP, in the MIB of keepalived', defaultText: 'off'},
  ),
  enableSnmpChecker: flag('enable_snmp_checker', 'show virtual servers by SNMP, in the MIB of keepalived'),
  enableSnmpRfc: flag('enable_snmp_rfc', 'show virtual routers by SNMP, in the MIBs of RFC 2787 and RFC 6527'),
  enableSnmpRfcV2: flag('enable_snmp_rfcv2', 'show virtual routers of version 2 by SNMP, in the MIB of RFC 2787'),
  enableSnmpRfcV3: flag('enable_snmp_rfcv3', 'show virtual routers of version 3 by SNMP, in the MIB of RFC 6527'),
  snmpServiceIntervalMs: setting('snmp_vs_stats_update_interval', UPDATE_INTERVAL, {
    initial: 5_000,
    doc: 'how old statistics of virtual servers may be that SNMP shows',
    defaultText: '5',
    since: '2.3.0',
  }),
  snmpRealServerIntervalMs: inherited('snmp_rs_stats_update_interval', UPDATE_INTERVAL, {
    doc: 'how old statistics of real servers may be that SNMP shows',
    defaultText: 'snmp_vs_stats_update_interval',
    since: '2.3.0',
  }),
  enableDbus: flag('enable_dbus', 'offer the D-Bus interface'),
  dbusServiceName: inherited('dbus_service_name', word('NAME'), {
    doc: 'name on D-Bus',
    defaultText: 'org.keepalived.Vrrp1',
  }),
  dbusNoInterfaceName: inherited('dbus_no_interface_name', word('NAME'), {
    doc: 'what stands in a D-Bus path for a virtual router without an interface',
    defaultText: 'the word none',
    since: '2.3.0',
  }),
}
