import {describe, expect, it} from 'vitest'
import {blockManuals, type KeywordManual, keywordManuals} from '../../src/config/manual/keywords.ts'
import {findingsOfExample} from '../../src/config/manual/placed.ts'

/**
 * Every keyword of keepalived 2.4.3, by the block it stands in, as its parser installs them. A range or a list of
 * choices stands behind the keyword, and behind = what holds without it.
 */
const CHECKLIST: {readonly [block: string]: string} = {
  '': `linkbeat_use_polling net_namespace net_namespace_ipvs namespace_with_ipsets instance use_pid_dir
    child_wait_time:0..4294967295=5 global_defs SSL linkbeat_interfaces interface_up_down_delays garp_group track_group
    static_ipaddress static_routes static_rules vrrp_sync_group vrrp_instance vrrp_script vrrp_track_process track_file
    vrrp_track_file bfd_instance virtual_server_group virtual_server`,
  global_defs: `process_names process_name=keepalived vrrp_process_name checker_process_name bfd_process_name
    lvs_process_name use_symlink_paths:[on|off]=off set_supplementary_groups:[on|off]=off router_id umask=0177
    random_seed:0..4294967295 data_use_instance:[on|off]=off state_dump_file=/tmp/keepalived.data
    stats_dump_file=/tmp/keepalived.stats json_dump_file=/tmp/keepalived.json json_version:1..2=1
    iproute_usr_dir=/usr/share/iproute2 iproute_etc_dir=/etc/iproute2 tmp_config_directory config_save_dir=none
    notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout:1..4294=30 smtp_alert
    smtp_alert_vrrp smtp_alert_checker no_email_faults=off no_checker_emails:[on|off]=off
    checker_log_all_failures:[on|off]=off rs_init_notifies:[on|off]=off script_user enable_script_security=off
    startup_script=none shutdown_script=none startup_script_timeout:1..1000=10 shutdown_script_timeout:1..1000=10
    notify_fifo vrrp_notify_fifo lvs_notify_fifo notify_fifo_script vrrp_notify_fifo_script lvs_notify_fifo_script
    vrrp_notify_priority_changes:[on|off]=off fifo_write_vrrp_states_on_reload=off reload_check_config reload_time_file
    reload_repeat reload_file include_check max_auto_priority:[-1..99] min_auto_priority_delay:1..10000000=1000000
    dynamic_interfaces:[allow_if_changes]=off default_interface=eth0 disable_local_igmp=off v3_checksum_as_v2=off
    vrrp_mcast_group4=224.0.0.18 vrrp_mcast_group6=ff02::12 vrrp_garp_master_delay:0..4294=5
    vrrp_garp_master_repeat:1..4294967295=5 vrrp_garp_master_refresh=0 vrrp_garp_master_refresh_repeat=1
    vrrp_garp_lower_prio_delay=vrrp_garp_master_delay vrrp_garp_lower_prio_repeat=vrrp_garp_master_repeat
    vrrp_garp_interval=0 vrrp_gna_interval=0 vrrp_min_garp:[on|off]=off vrrp_garp_extra_if=0 vrrp_vmac_garp_intvl
    vrrp_down_timer_adverts:1..100=3 vrrp_lower_prio_no_advert:[on|off] vrrp_higher_prio_send_advert:[on|off]=off
    vrrp_owner_ignore_adverts:[on|off] vrrp_version:2|3=2 vrrp_iptables vrrp_ipsets nftables
    nftables_priority:-2147483648..2147483647=-1 nftables_ifindex=off nftables_counters=off vrrp_check_unicast_src=off
    vrrp_skip_check_adv_addr:[on|off]=off vrrp_strict:[on|off]=off vrrp_priority:-20..19=0 checker_priority:-20..19=0
    bfd_priority:-20..19=0 vrrp_no_swap checker_no_swap bfd_no_swap vrrp_rt_priority:1..99=none
    checker_rt_priority:1..99=none bfd_rt_priority:1..99=none vrrp_cpu_affinity=all checker_cpu_affinity=all
    bfd_cpu_affinity=all vrrp_rlimit_rttime=10000 checker_rlimit_rttime=10000 bfd_rlimit_rttime=10000 vrrp_rlimit_rtime
    checker_rlimit_rtime bfd_rlimit_rtime vrrp_netlink_cmd_rcv_bufs vrrp_netlink_monitor_rcv_bufs
    lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs process_monitor_rcv_bufs
    vrrp_netlink_cmd_rcv_bufs_force:[on|off]=off vrrp_netlink_monitor_rcv_bufs_force:[on|off]=off
    lvs_netlink_cmd_rcv_bufs_force:[on|off]=off lvs_netlink_monitor_rcv_bufs_force:[on|off]=off
    process_monitor_rcv_bufs_force:[on|off]=off vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier:1..4294967295=3
    vrrp_startup_delay:0.001..4294.967295=0 vrrp_delay_after_boot=0 log_unknown_vrids=off vmac_prefix=vrrp
    vmac_addr_prefix lvs_timeouts lvs_flush=off lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon nftables_ipvs
    nftables_ipvs_priority=-1 nftables_ipvs_start_fwmark:1..4294967295=1000 snmp_socket=unix:/var/agentx/master
    enable_traps=off enable_snmp_vrrp=off enable_snmp_keepalived enable_snmp_checker=off enable_snmp_rfc=off
    enable_snmp_rfcv2=off enable_snmp_rfcv3=off snmp_vs_stats_update_interval:0.001..30=5
    snmp_rs_stats_update_interval:0.001..30=snmp_vs_stats_update_interval enable_dbus=off
    dbus_service_name=org.keepalived.Vrrp1 dbus_no_interface_name`,
  SSL: 'password ca certificate key',
  garp_group: 'garp_interval gna_interval interface interfaces',
  track_group: 'group',
  vrrp_sync_group: `group track_interface track_script track_file track_process track_bfd notify_backup notify_master
    notify_fault notify_stop notify smtp_alert:[on|off] sync_group_tracking_weight=off global_tracking
    notify_priority_changes:[on|off]`,
  vrrp_instance: `state:MASTER|BACKUP interface virtual_router_id:1..255 priority:1..255 version:2|3
    advert_int:0.01..255=1 native_ipv6 virtual_ipaddress virtual_ipaddress_excluded no_virtual_ipaddress=off
    virtual_routes virtual_rules promote_secondaries=off use_vmac use_vmac_addr=off vmac_xmit_base=off use_ipvlan
    unicast_peer unicast_src_ip mcast_src_ip mcast_dst_ip unicast_ttl:0..255=255 unicast_fault_no_peer=off
    check_unicast_src old_unicast_checksum:[never] v3_checksum_as_v2:[on|off] track_src_ip=off dont_track_primary=off
    track_interface track_script track_file track_process track_bfd preempt=preempt nopreempt=preempt
    preempt_delay:0..1000=0 down_timer_adverts:1..100 timer_expired_backup:[1..254] thread_timer_expired:[1..254]
    garp_master_delay garp_master_repeat garp_master_refresh garp_master_refresh_repeat garp_lower_prio_delay
    garp_lower_prio_repeat garp_extra_if vmac_garp_intvl lower_prio_no_advert:[on|off] higher_prio_send_advert:[on|off]
    owner_ignore_adverts:[on|off] skip_check_adv_addr:[on|off] strict_mode:[on|off] accept no_accept vrf=none
    kernel_rx_buf_size debug:0..4=0 linkbeat_use_polling lvs_sync_daemon_interface notify_master notify_backup
    notify_fault notify_stop notify notify_master_rx_lower_pri notify_deleted notify_priority_changes:[on|off]
    smtp_alert:[on|off] authentication auth_hmac`,
  authentication: 'auth_type:PASS|AH auth_pass',
  auth_hmac: `key active_key:1..255 time_window:1..300 anti_replay:time|monotonic=time
    mode:enforce|permissive|receive-only=enforce`,
  vrrp_script: `script interval:0.001..4294=1 timeout:0.001..4294=interval weight=0 rise=1 fall=1 user=script_user
    init_fail`,
  vrrp_track_process: `process param_match:[initial|partial] weight=0 quorum:1..65535=1 quorum_max:0..65535
    delay:0.000001..3600 terminate_delay:0.000001..3600 fork_delay:0.000001..3600 full_command`,
  track_file: 'file weight=1 init_file',
  bfd_instance: `neighbor_ip neighbour_ip source_ip min_rx:1..4294967=10 min_tx:1..4294967=10
    idle_tx:1000..4294967=1000 multiplier:1..255=5 passive ttl:1..255 hoplimit:1..255 max_hops:-1..255=0
    multihop:[on|off]=off weight=0 vrrp checker`,
  virtual_server: `ip_family delay_loop delay_before_retry retry warmup connect_timeout lb_algo lvs_sched lb_kind
    lvs_method persistence_engine persistence_timeout persistence_granularity protocol ops flag-1 flag-2 flag-3 sh-port
    sh-fallback mh-port mh-fallback ha_suspend smtp_alert virtualhost snmp_name alpha omega quorum hysteresis quorum_up
    quorum_down inhibit_on_failure weight sorry_server sorry_server_inhibit sorry_server_lvs_method real_server hashed`,
  real_server: `weight lvs_method uthreshold lthreshold inhibit_on_failure alpha retry delay_before_retry warmup
    delay_loop connect_timeout notify_up notify_down smtp_alert virtualhost snmp_name HTTP_GET SSL_GET TCP_CHECK
    SMTP_CHECK DNS_CHECK UDP_CHECK MISC_CHECK BFD_CHECK FILE_CHECK PING_CHECK`,
  TCP_CHECK: 'COMMON',
  PING_CHECK: 'COMMON',
  HTTP_GET: 'COMMON virtualhost http_protocol enable_sni sni_name fast_recovery nb_get_retry url',
  SSL_GET: 'COMMON virtualhost http_protocol enable_sni sni_name fast_recovery nb_get_retry tls_compliant url',
  url: `path digest status_code virtualhost regex regex_no_match regex_options regex_min_offset regex_max_offset
    regex_stack tls_compliant`,
  SMTP_CHECK: 'COMMON helo_name host',
  host: 'COMMON',
  DNS_CHECK: 'COMMON type name',
  UDP_CHECK: 'COMMON payload require_reply min_reply_length max_reply_length',
  MISC_CHECK: 'RETRY misc_path misc_timeout misc_dynamic user',
  BFD_CHECK: 'name alpha',
  FILE_CHECK: 'track_file weight',
}

const RETRY = 'retry delay_before_retry warmup delay_loop alpha log_all_failures'
const COMMON = `connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark ${RETRY}`

/** What came after 2.2.7. */
const SINCE: {readonly [version: string]: readonly string[]} = {
  '2.2.8': [
    'SSL_GET.tls_compliant',
    'bfd_instance.multihop',
    'global_defs.json_version',
    'global_defs.v3_checksum_as_v2',
    'url.tls_compliant',
    'vrrp_instance.no_virtual_ipaddress',
    'vrrp_instance.timer_expired_backup',
    'vrrp_instance.v3_checksum_as_v2',
  ],
  '2.3.0': [
    'global_defs.dbus_no_interface_name',
    'global_defs.snmp_rs_stats_update_interval',
    'global_defs.snmp_vs_stats_update_interval',
    'global_defs.use_symlink_paths',
  ],
  '2.3.2': ['global_defs.iproute_etc_dir', 'global_defs.iproute_usr_dir', 'vrrp_instance.thread_timer_expired'],
  '2.3.3': [
    'global_defs.json_dump_file',
    'global_defs.state_dump_file',
    'global_defs.stats_dump_file',
    'global_defs.vrrp_owner_ignore_adverts',
    'vrrp_instance.owner_ignore_adverts',
  ],
  '2.4.0': ['global_defs.vrrp_delay_after_boot', 'vrrp_instance.auth_hmac'],
  'after 2.4.3': ['HTTP_GET.sni_name', 'SSL_GET.sni_name', 'global_defs.set_supplementary_groups'],
}

const entries = Object.entries(CHECKLIST).flatMap(([block, words]) =>
  words
    .replace('COMMON', COMMON)
    .replace('RETRY', RETRY)
    .trim()
    .split(/\s+/)
    .map(entry => {
      const [, keyword = '', range, fallback] = /^([\w-]+)(?::([^=]+))?(?:=(.*))?$/.exec(entry) ?? []
      return {block, keyword, range, fallback}
    }),
)
const placed = ({block, keyword}: {readonly block: string; readonly keyword: string}): string => `${block}.${keyword}`
const manuals = keywordManuals()

describe('the keywords of keepalived', () => {
  it('are there, each in its block, and nothing else is', () => {
    const ours = new Set(manuals.map(placed))
    const theirs = new Set(entries.map(placed))
    expect([...theirs].filter(name => !ours.has(name))).toEqual([])
    expect([...ours].filter(name => !theirs.has(name))).toEqual([])
  })

  it.each(entries.filter(({range, fallback}) => range ?? fallback).map(entry => [placed(entry), entry] as const))(
    'have the range and the default of keepalived: %s',
    (_name, {block, keyword, range, fallback}) => {
      const found = manuals.filter(manual => manual.block === block && manual.keyword === keyword)
      for (const {form, defaultText} of found) {
        if (range !== undefined) expect(form.replace(/ (micro|milli)?seconds/, '')).toBe(range)
        if (fallback !== undefined) expect(defaultText).toBe(fallback)
      }
    },
  )

  it('that came after 2.2.7 say so', () => {
    for (const [version, names] of Object.entries(SINCE)) {
      const ours = new Set(manuals.filter(({since, block}) => since === version && block !== 'auth_hmac').map(placed))
      expect([...ours].toSorted(), version).toEqual(names.toSorted())
    }
  })

  it('stand in blocks that stand where those of keepalived do', () => {
    const nested = blockManuals().flatMap(({name, paths}) => paths.map(path => [...path, name].join(' ')))
    for (const name of ['TCP_CHECK', 'HTTP_GET url', 'SSL_GET url', 'SMTP_CHECK host', 'MISC_CHECK']) {
      expect(nested).toContain(`virtual_server real_server ${name}`)
    }
    expect(nested).toContain('vrrp_instance auth_hmac')
  })
})

/** What a keyword lacks; a test of a table of a person's own uses it below. */
function lacks({doc, form, defaultText, example}: KeywordManual): string[] {
  return [
    ...(/^([a-z]|[A-Z]{2}).*[^.\s]$/.test(doc) ? [] : ['its description']),
    ...(defaultText.trim() === '' ? ['its default'] : []),
    ...(/\bundefined\b|NaN|Infinity/.test(form) ? ['its range'] : []),
    ...(/^(N|NUMBER|INTEGER)$/.test(form) ? ['its range'] : []),
    ...(example.trim() === '' ? ['its example'] : []),
  ]
}

describe('each keyword', () => {
  it.each(manuals.map(manual => [placed(manual), manual] as const))('%s lacks nothing', (_name, manual) => {
    expect(lacks(manual)).toEqual([])
  })

  it('that lacked something would be noticed', () => {
    const [whole] = manuals
    if (!whole) throw new Error('there is no keyword')
    expect(lacks({...whole, doc: ''})).toEqual(['its description'])
    expect(lacks({...whole, doc: 'Ends with a stop.'})).toEqual(['its description'])
    expect(lacks({...whole, defaultText: ''})).toEqual(['its default'])
    expect(lacks({...whole, form: 'NUMBER'})).toEqual(['its range'])
    expect(lacks({...whole, form: '1..undefined'})).toEqual(['its range'])
    expect(lacks({...whole, example: ' '})).toEqual(['its example'])
  })

  // Numbers with a range: the ends are taken, what is just outside is not taken as it stands.
  const ranged = manuals.flatMap(manual => {
    const match = /^\[?(-?[\d.]+?)\.\.(-?[\d.]+)( \w+)?\]?$/.exec(manual.form)
    return match ? [[placed(manual), manual, String(match[1]), String(match[2])] as const] : []
  })
  it.each(ranged)('%s takes the numbers of its range and no others', (_name, manual, min, max) => {
    const complaints = (value: string) =>
      findingsOfExample({...manual, example: `${manual.keyword} ${value}`}).filter(({code}) =>
        ['HC1203', 'HC1204', 'HC1205', 'HC1206'].includes(code),
      )
    const below = Number(min) - 1
    const above = (BigInt(Math.trunc(Number(max))) + 1n).toString()
    expect([...complaints(min), ...complaints(max)]).toEqual([])
    expect(complaints(String(below)).length, `${manual.keyword} ${below}`).toBeGreaterThan(0)
    expect(complaints(above).length, `${manual.keyword} ${above}`).toBeGreaterThan(0)
  })
})

/** Findings that examples have all the same, since the keyword does nothing else or is judged unwise. */
const UNWISE: {readonly [name: string]: readonly string[]} = {
  'global_defs.vrrp_strict': ['HC1805'],
  'vrrp_instance.strict_mode': ['HC1805'],
  'vrrp_script.init_fail': ['HC1306'],
  'virtual_server.hashed': ['HC1613'],
}
/** Out of date, not acted on yet, and addresses that are for documentation. */
const EXPECTED = new Set(['HC1211', 'HC1212', 'HC1636', 'HC1901', 'HC1902', 'HC1871'])

describe('each example', () => {
  it.each(manuals.map(manual => [placed(manual), manual] as const))('of %s is right', (name, manual) => {
    const found = findingsOfExample(manual).filter(({severity, code}) => severity !== 'info' && !EXPECTED.has(code))
    expect(found.map(({code}) => code)).toEqual(UNWISE[name] ?? [])
    expect(manual.example.split(/[\s{]/, 1)[0]).toBe(manual.keyword)
  })
})
