import {describe, expect, it} from 'vitest'
import type {GlobalConfig} from '../../../src/config/config.ts'
import {GLOBAL, type GlobalSettings} from '../../../src/config/tables/global-defs.ts'
import {complaints, parse} from '../support.ts'
import {describeLines, expectSameAgain, type TableCase} from './table-support.ts'

const text = (lines: readonly string[]): string => ['global_defs {', ...lines, '}'].join('\n')
const describeGlobal = (what: string, cases: readonly TableCase[]): void =>
  describeLines(what, cases, text, ({config}) => config.global)

describeGlobal('names and files', [
  ['router_id "a b"', {routerId: 'a b'}],
  ['router_id a b', {routerId: 'a'}, 'HC1206 warning 2:13'],
  ['router_id', {routerId: undefined}, 'HC1203 error 2:1'],
  ['process_names', {processNames: true}],
  ['vrrp_process_name fifteen_letters', {vrrpProcessName: 'fifteen_letters'}],
  ['process_name sixteen__letters', {processName: 'sixteen__letter'}, 'HC1205 error 2:14'],
  ['lvs_process_name c', {checkerProcessName: 'c'}, 'HC1212 warning 2:1'],
  ['checker_process_name c', {checkerProcessName: 'c'}],
  ['umask 022', {umask: 0o22}],
  ['umask 18', {umask: 0o22}],
  ['umask 0x12', {umask: 0o22}],
  ['umask 00', {umask: 0}],
  ['umask IWGRP|IWOTH', {umask: 0o22}],
  ['umask IWGRP | IWOTH', {umask: 0o22}],
  ['umask IRWXG|IRWXO', {umask: 0o77}],
  ['umask 01000', {umask: 0o177}, 'HC1204 error 2:7'],
  ['umask 089', {umask: 0o177}, 'HC1204 error 2:7'],
  ['umask 022 x', {umask: 0o177}, 'HC1204 error 2:11'],
  ['umask IWGRP IWOTH', {umask: 0o177}, 'HC1204 error 2:13'],
  ['umask IWGRP|', {umask: 0o177}, 'HC1204 error 2:7'],
  ['umask iwgrp', {umask: 0o177}, 'HC1204 error 2:7'],
  ['umask constructor', {umask: 0o177}, 'HC1204 error 2:7'],
  ['random_seed 4294967295', {randomSeed: 4_294_967_295}],
  ['random_seed 4294967296', {randomSeed: undefined}, 'HC1204 error 2:13'],
  ['state_dump_file /a /b', {stateDumpFile: undefined}, 'HC1204 error 2:20'],
  ['json_version 3', {jsonVersion: 1}, 'HC1204 error 2:14'],
  ['tmp_config_directory /a;tmp_config_directory /b', {tmpConfigDirectory: '/a'}, 'HC1208 error 3:1'],
  ['config_save_dir /a;config_save_dir /b', {configSaveDirectory: '/b'}, 'HC1207 warning 3:1'],
])

describeGlobal('mail', [
  ['notification_email {;a@b "C D <c@d>";};notification_email {;e@f;}', {}],
  ['notification_email {;}', {notificationEmail: []}, 'HC1215 error 2:1'],
  ['notification_email {;Ann <a@b>;}', {}, 'HC1330 warning 3:1'],
  ['notification_email_from a@b', {notificationEmailFrom: 'a@b'}],
  ['notification_email_from Ann <a@b>', {notificationEmailFrom: 'Ann <a@b>'}],
  ['notification_email_from Ann Lee <a@b>', {notificationEmailFrom: undefined}, 'HC1204 error 2:33'],
  ['smtp_server ::1', {smtpServer: {host: '::1', port: 25}}],
  ['smtp_server mail.example.org 2525', {smtpServer: {host: 'mail.example.org', port: 2_525}}],
  ['smtp_server ::1 0', {smtpServer: undefined}, 'HC1204 error 2:17'],
  ['smtp_connect_timeout 4294', {smtpConnectTimeoutMs: 4_294_000}],
  ['smtp_connect_timeout 0', {smtpConnectTimeoutMs: 1_000}, 'HC1205 error 2:22'],
  ['smtp_connect_timeout 1.5', {smtpConnectTimeoutMs: 30_000}, 'HC1204 error 2:22'],
  ['smtp_alert_checker', {smtpAlertChecker: true}],
  ['no_email_faults off', {noEmailFaults: true}, 'HC1206 warning 2:17'],
])

describeGlobal('scripts, pipes and reloading', [
  ['startup_script "/bin/a b" root', {startupScript: {argv: ['/bin/a', 'b'], runAs: {user: 'root'}}}],
  ['startup_script /bin/a;startup_script /bin/b', {startupScript: {argv: ['/bin/a']}}, 'HC1208 error 3:1'],
  ['shutdown_script_timeout 1000', {shutdownScriptTimeoutMs: 1_000_000}],
  ['startup_script_timeout 0', {startupScriptTimeoutMs: 10_000}, 'HC1204 error 2:24'],
  ['notify_fifo /a', {notifyFifo: {path: '/a', owner: undefined}}],
  ['vrrp_notify_fifo /a u g', {vrrpNotifyFifo: {path: '/a', owner: {user: 'u', group: 'g'}}}],
  ['lvs_notify_fifo /a;lvs_notify_fifo /b', {lvsNotifyFifo: {path: '/a'}}, 'HC1208 error 3:1'],
  ['notify_fifo_script \'/bin/a "b c"\' u', {notifyFifoScript: {argv: ['/bin/a', 'b c'], runAs: {user: 'u'}}}],
  ['reload_check_config', {reloadCheckConfig: true}],
  ['reload_check_config /a', {reloadCheckConfig: '/a'}],
  ['reload_file', {reloadFile: true}],
  ['reload_time_file', {reloadTimeFile: undefined}, 'HC1203 error 2:1'],
  ['reload_time_file /a b', {reloadTimeFile: undefined}, 'HC1204 error 2:21'],
  ['include_check', {includeCheck: ['read', 'match', 'wildcard_match', 'brace_match']}],
  ['include_check match;include_check +brace_match -read', {includeCheck: ['match', 'brace_match']}],
])

describeGlobal('scheduling', [
  ['max_auto_priority', {maxAutoPriority: 99}],
  ['max_auto_priority -1', {maxAutoPriority: -1}],
  ['max_auto_priority 100', {maxAutoPriority: 0}, 'HC1204 error 2:19'],
  ['min_auto_priority_delay 10000000', {minAutoPriorityDelayUs: 10_000_000}],
  ['vrrp_priority -20', {vrrpNice: -20}],
  ['bfd_priority 20', {bfdNice: 0}, 'HC1204 error 2:14'],
  ['checker_rt_priority 0', {checkerRealTimePriority: 1}, 'HC1205 error 2:21'],
  ['checker_rt_priority 100', {checkerRealTimePriority: 99}, 'HC1205 error 2:21'],
  ['vrrp_cpu_affinity 1 0 1;vrrp_cpu_affinity 5', {vrrpCpuAffinity: [1, 0, 5]}],
  ['vrrp_cpu_affinity 1;vrrp_cpu_affinity 0-3', {vrrpCpuAffinity: []}, 'HC1204 error 3:19'],
  ['vrrp_cpu_affinity', {vrrpCpuAffinity: []}, 'HC1203 error 2:1'],
  ['vrrp_cpu_affinity 1024', {vrrpCpuAffinity: []}, 'HC1204 error 2:19'],
  ['vrrp_rlimit_rttime 1', {vrrpRealTimeLimitUs: 2}],
  ['bfd_rlimit_rtime 5', {bfdRealTimeLimitUs: 5}, 'HC1212 warning 2:1'],
])

describeGlobal('buffers', [
  ['vrrp_netlink_cmd_rcv_bufs 4294967295', {vrrpNetlinkCommandBytes: 4_294_967_295}],
  ['process_monitor_rcv_bufs_force', {processMonitorForce: true}],
  ['vrrp_rx_bufs_policy mtu', {receiveBufferPolicy: 'MTU'}],
  ['vrrp_rx_bufs_policy 0', {receiveBufferPolicy: 0}],
  ['vrrp_rx_bufs_policy MTU ADVERT', {receiveBufferPolicy: 'MTU'}, 'HC1205 error 2:1'],
  ['vrrp_rx_bufs_policy ADVERT;vrrp_rx_bufs_policy MTU', {receiveBufferPolicy: 'MTU'}, 'HC1205 error 3:1'],
  ['vrrp_rx_bufs_policy 1000;vrrp_rx_bufs_policy MTU', {receiveBufferPolicy: 1_000}, 'HC1205 error 3:1'],
  ['vrrp_rx_bufs_policy xyz', {receiveBufferPolicy: undefined}, 'HC1204 error 2:21'],
  ['vrrp_rx_bufs_multiplier 0', {receiveBufferMultiplier: 3}, 'HC1204 error 2:25'],
])

const LONG_CHAIN = 'a'.repeat(29)
describeGlobal('packet filters', [
  ['vrrp_iptables', {iptables: {input: 'INPUT', output: 'OUTPUT'}}],
  ['vrrp_iptables in', {iptables: {input: 'in', output: undefined}}],
  ['vrrp_iptables in out', {iptables: {input: 'in', output: 'out'}}],
  [`vrrp_iptables in ${LONG_CHAIN}`, {iptables: undefined}, 'HC1204 error 2:18'],
  ['vrrp_ipsets', {ipsets: []}],
  ['vrrp_ipsets a b c d e f', {ipsets: ['a', 'b', 'c', 'd', 'e', 'f']}],
  ['vrrp_ipsets a b c d e f g', {}, 'HC1206 warning 2:25'],
  ['vrrp_ipsets a b a', {ipsets: undefined}, 'HC1204 error 2:17'],
  ['nftables', {nftablesTable: 'keepalived'}],
  ['nftables a;nftables b', {nftablesTable: 'a'}, 'HC1208 error 3:1'],
  ['nftables_priority -2147483648', {nftablesPriority: -2_147_483_648}],
  ['nftables_ipvs_start_fwmark 0', {ipvsNftablesStartMark: 1_000}, 'HC1204 error 2:28'],
])

describeGlobal('IPVS', [
  ['lvs_timeouts tcp 1 tcpfin 2;lvs_timeouts udp 3', {lvsTimeouts: {tcpMs: 1_000, tcpFinMs: 2_000, udpMs: 3_000}}],
  ['lvs_timeouts tcp 1 frob udp 3', {lvsTimeouts: {tcpMs: 1_000, udpMs: 3_000}}, 'HC1204 error 2:20'],
  ['lvs_timeouts tcp 2678401', {lvsTimeouts: {}}, 'HC1204 error 2:18'],
  ['lvs_timeouts tcp 1 udp', {lvsTimeouts: {tcpMs: 1_000}}, 'HC1203 error 2:20'],
  ['lvs_timeouts', {lvsTimeouts: {}}, 'HC1203 error 2:1'],
  ['lvs_flush_on_stop', {lvsFlushOnStop: 'all'}],
  ['lvs_flush_on_stop VS', {lvsFlushOnStop: 'VS'}],
  ['lvs_flush_on_stop vs', {lvsFlushOnStop: undefined}, 'HC1204 error 2:19'],
  ['lvs_flush_onstop', {lvsFlushOnStop: 'all'}, 'HC1212 warning 2:1'],
  ['lvs_sync_daemon eth0', {lvsSyncDaemon: {interface: 'eth0', instance: undefined, syncId: undefined}}],
  ['lvs_sync_daemon eth0 V', {lvsSyncDaemon: {instance: 'V'}}],
  ['lvs_sync_daemon eth0 V id 0', {lvsSyncDaemon: {instance: 'V', syncId: 0}}],
  ['lvs_sync_daemon eth0 V 7', {lvsSyncDaemon: {instance: 'V', syncId: 7}}, 'HC1205 error 2:24'],
  [
    'lvs_sync_daemon eth0 port 1 ttl 2 maxlen 3 group 224.0.0.81 inst V',
    {lvsSyncDaemon: {instance: 'V', port: 1, ttl: 2, maxLengthBytes: 3, group: '224.0.0.81'}},
  ],
  ['lvs_sync_daemon eth0 id 256 ttl 1', {lvsSyncDaemon: {syncId: undefined, ttl: 1}}, 'HC1204 error 2:25'],
  ['lvs_sync_daemon eth0 group 10.0.0.1', {lvsSyncDaemon: {group: undefined}}, 'HC1204 error 2:28'],
  ['lvs_sync_daemon eth0 inst A inst B', {lvsSyncDaemon: {instance: 'A'}}, 'HC1204 error 2:34'],
  ['lvs_sync_daemon eth0 id 1 frob', {lvsSyncDaemon: {syncId: 1}}, 'HC1204 error 2:27'],
  ['lvs_sync_daemon eth0 inst', {lvsSyncDaemon: undefined}, 'HC1203 error 2:1'],
  ['lvs_sync_daemon', {lvsSyncDaemon: undefined}, 'HC1203 error 2:1'],
  ['lvs_sync_daemon eth0;lvs_sync_daemon eth1', {lvsSyncDaemon: {interface: 'eth0'}}, 'HC1208 error 3:1'],
])

describeGlobal('SNMP and D-Bus', [
  ['snmp_socket udp:1.2.3.4:705', {snmpSocket: 'udp:1.2.3.4:705'}],
  ['snmp_socket a b', {snmpSocket: undefined}, 'HC1204 error 2:15'],
  ['snmp_socket a;snmp_socket b', {snmpSocket: 'a'}, 'HC1208 error 3:1'],
  ['enable_snmp_keepalived', {enableSnmpVrrp: true}, 'HC1212 warning 2:1'],
  ['snmp_vs_stats_update_interval 0.001', {snmpServiceIntervalMs: 1}],
  ['snmp_rs_stats_update_interval 31', {snmpRealServerIntervalMs: undefined}, 'HC1204 error 2:31'],
])

describe('global_defs', () => {
  it('names every field once, each with a keyword', () => {
    const fields: readonly (keyof GlobalSettings)[] = Object.keys(GLOBAL.schema) as (keyof GlobalSettings)[]
    expect(fields.length).toBe(new Set(fields).size)
    for (const field of fields) expect(GLOBAL.schema[field].keywords.length).toBeGreaterThan(0)
  })

  it('goes on where an earlier one stopped', () => {
    const {config} = parse('global_defs {\nrouter_id a\n}\nglobal_defs {\nvrrp_version 3\n}')
    expect(config.global).toMatchObject({routerId: 'a', version: 3} satisfies Partial<GlobalConfig>)
  })

  it('that is not there means the defaults, which can be written', () => {
    const loaded = parse('')
    expect(loaded.config.global).toMatchObject(GLOBAL.initial)
    expectSameAgain(loaded)
  })

  it('is told from 2.2.7 where that knows a keyword not yet', () => {
    expect(complaints(parse('global_defs {\nvrrp_owner_ignore_adverts\n}'))).toEqual([])
  })
})
