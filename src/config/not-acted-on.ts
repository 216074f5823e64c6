import type {Findings} from './findings.ts'
import type {NotActedOn} from './schema/schema.ts'

/**
 * Keywords that are read and checked but that the agent does not act on yet, by the block they stand in. What changes
 * because of that is told where it changes anything; the text follows "is not supported yet: ".
 */
export const NOT_ACTED_ON: ReadonlyMap<string, ReadonlyMap<string, string | undefined>> = new Map([
  notYet(
    '',
    `instance linkbeat_use_polling net_namespace_ipvs namespace_with_ipsets use_pid_dir child_wait_time
    SSL linkbeat_interfaces interface_up_down_delays garp_group track_group vrrp_track_process track_file
    vrrp_track_file bfd_instance virtual_server_group virtual_server`,
    {
      net_namespace: 'everything happens in the network namespace that the agent was started in',
      vrrp_sync_group: 'its virtual routers change state each on its own',
      static_ipaddress: 'the addresses are not set',
      static_routes: 'the routes are not set',
      static_rules: 'the rules are not set',
    },
  ),
  notYet(
    'global_defs',
    `process_names process_name vrrp_process_name checker_process_name bfd_process_name lvs_process_name
    use_symlink_paths set_supplementary_groups umask data_use_instance state_dump_file stats_dump_file
    json_dump_file json_version iproute_usr_dir iproute_etc_dir tmp_config_directory config_save_dir
    notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout smtp_alert
    smtp_alert_vrrp smtp_alert_checker no_email_faults no_checker_emails checker_log_all_failures rs_init_notifies
    startup_script_timeout shutdown_script_timeout notify_fifo vrrp_notify_fifo lvs_notify_fifo
    notify_fifo_script vrrp_notify_fifo_script lvs_notify_fifo_script vrrp_notify_priority_changes
    fifo_write_vrrp_states_on_reload reload_check_config reload_time_file reload_repeat reload_file
    max_auto_priority min_auto_priority_delay dynamic_interfaces default_interface disable_local_igmp
    vrrp_mcast_group4 vrrp_mcast_group6 vrrp_gna_interval vrrp_garp_extra_if vrrp_vmac_garp_intvl
    vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_ifindex nftables_counters vrrp_check_unicast_src
    vrrp_skip_check_adv_addr vrrp_priority checker_priority bfd_priority vrrp_no_swap checker_no_swap
    bfd_no_swap vrrp_rt_priority checker_rt_priority bfd_rt_priority vrrp_cpu_affinity checker_cpu_affinity
    bfd_cpu_affinity vrrp_rlimit_rttime checker_rlimit_rttime bfd_rlimit_rttime vrrp_rlimit_rtime
    checker_rlimit_rtime bfd_rlimit_rtime vrrp_netlink_cmd_rcv_bufs vrrp_netlink_monitor_rcv_bufs
    lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs process_monitor_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force
    vrrp_netlink_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs_force
    process_monitor_rcv_bufs_force vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier
    log_unknown_vrids vmac_prefix vmac_addr_prefix lvs_timeouts lvs_flush lvs_flush_on_stop
    lvs_flush_onstop lvs_sync_daemon nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark snmp_socket
    enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2
    enable_snmp_rfcv3 snmp_vs_stats_update_interval snmp_rs_stats_update_interval enable_dbus dbus_service_name
    dbus_no_interface_name`,
    {
      vrrp_strict: 'nothing is refused for not being in the RFC',
      vrrp_down_timer_adverts: 'a master is given up after three silent intervals',
      vrrp_startup_delay: 'virtual routers start at once',
      vrrp_delay_after_boot: 'virtual routers start at once',
      vrrp_lower_prio_no_advert: 'a master always answers an advertisement of lower priority',
      vrrp_higher_prio_send_advert: 'a master sends nothing when it yields to a higher priority',
      vrrp_owner_ignore_adverts: 'an address owner still reads advertisements',
      startup_script: 'it does not run',
      shutdown_script: 'it does not run',
    },
  ),
  notYet(
    'vrrp_instance',
    `native_ipv6 no_virtual_ipaddress promote_secondaries vmac_xmit_base unicast_src_ip unicast_ttl
    unicast_fault_no_peer check_unicast_src old_unicast_checksum unicast_peer mcast_dst_ip vrf auth_hmac track_src_ip
    thread_timer_expired garp_extra_if vmac_garp_intvl owner_ignore_adverts skip_check_adv_addr accept
    kernel_rx_buf_size debug linkbeat_use_polling lvs_sync_daemon_interface notify_priority_changes smtp_alert`,
    {
      use_vmac: 'the addresses are announced with the MAC address of the interface',
      use_vmac_addr: 'the addresses are announced with the MAC address of their interface',
      use_ipvlan: 'the addresses are set on the interface itself',
      virtual_ipaddress_excluded: 'its addresses are not set',
      virtual_routes: 'its routes are not set',
      virtual_rules: 'its rules are not set',
      track_interface: 'the state of those interfaces changes nothing',
      track_file: 'those files change nothing',
      track_process: 'those processes change nothing',
      track_bfd: 'those BFD sessions change nothing',
      mcast_src_ip: 'advertisements come from the first address of the interface',
      down_timer_adverts: 'a master is given up after three silent intervals',
      dont_track_primary: 'the virtual router fails when its interface goes down',
      no_accept: 'the addresses accept packets like any other',
      strict_mode: 'nothing is refused for not being in the RFC',
      lower_prio_no_advert: 'a master always answers an advertisement of lower priority',
      higher_prio_send_advert: 'a master sends nothing when it yields to a higher priority',
      timer_expired_backup: 'a stalled master does not step down by itself',
      notify_master_rx_lower_pri: 'it does not run',
      notify_deleted: 'it does not run',
    },
  ),
  notYet('virtual_ipaddress', 'home -nodad mngtmpaddr noprefixroute autojoin no_track use_vmac preferred_lft', {
    peer: 'the address is left out',
  }),
])

const LEFT_OUT = 'the virtual router is left out'

/** What keywords lead to that would do harm while they are not acted on; it is told of each object that has them. */
export const LEFT_OUT_FOR: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['global_defs', new Map([['vrrp_mcast_group4', 'every virtual router is left out, unless it is the usual group']])],
  [
    'vrrp_instance',
    new Map([
      ['native_ipv6', LEFT_OUT],
      ['unicast_peer', LEFT_OUT],
      ['unicast_fault_no_peer', LEFT_OUT],
      ['mcast_dst_ip', 'the virtual router is left out, unless it is the usual group'],
      ['vrf', LEFT_OUT],
      ['auth_hmac', LEFT_OUT],
    ]),
  ],
])

/** Says once for each keyword that it is accepted but not acted on, and what that changes. */
export function reportNotActedOn(uses: readonly NotActedOn[], findings: Findings): void {
  const groups = new Map<string, [NotActedOn, ...NotActedOn[]]>()
  for (const use of uses) {
    const key = `${use.within} ${use.keyword}`
    const group = groups.get(key)
    if (group) group.push(use)
    else groups.set(key, [use])
  }
  for (const group of groups.values()) reportGroup(group, findings)
}

function reportGroup(group: readonly [NotActedOn, ...NotActedOn[]], findings: Findings): void {
  const [{keyword, within, owner, position}] = group
  const effect = NOT_ACTED_ON.get(within)?.get(keyword)
  const times = group.length > 1 ? ` (${group.length} times in this configuration)` : ''
  const prefix = owner === '' ? '' : `${owner}: `
  if (effect) {
    findings.report('not-acted-on-changes', position, `${prefix}${keyword} is not supported yet${times}: ${effect}`)
  } else findings.report('not-acted-on', position, `${prefix}${keyword} is accepted, but not acted on yet${times}`)
}

function notYet(
  kind: string,
  silent: string,
  effects: {readonly [keyword: string]: string},
): [string, ReadonlyMap<string, string | undefined>] {
  const words = silent.trim().split(/\s+/)
  return [
    kind,
    new Map<string, string | undefined>([...words.map(word => [word, undefined] as const), ...Object.entries(effects)]),
  ]
}
