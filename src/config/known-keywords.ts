import type {Grammar} from './text/blocks.ts'

/** Keywords that keepalived knows in a kind of block and hactl does not act on yet. */
export interface KnownKeywords {
  readonly words: ReadonlySet<string>
  readonly blocks: ReadonlyMap<string, Grammar>
  /** What it means that a keyword is not acted on, where that changes what happens. */
  readonly effects: ReadonlyMap<string, Effect>
}

/** What changes because a keyword is not acted on. */
export interface Effect {
  /** A clause that follows "is not supported yet: ". */
  readonly text: string
  /** True when a virtual router that has it would do harm, so it is left out. */
  readonly leavesOut: boolean
}

/** Nothing is known but not acted on. */
export const NOTHING_KNOWN: KnownKeywords = {words: new Set(), blocks: new Map(), effects: new Map()}

const list = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Lines of such a block are data. */
const DATA: Grammar = {free: true, blocks: new Map(), words: new Set()}

function grammar(words: string, blocks: {readonly [name: string]: Grammar} = {}): Grammar {
  return {free: false, words: new Set(list(words)), blocks: new Map(Object.entries(blocks))}
}

function known(
  {words, blocks}: Grammar,
  effects: {readonly [keyword: string]: string} = {},
  leavesOut: {readonly [keyword: string]: string} = {},
): KnownKeywords {
  const all = new Map<string, Effect>()
  for (const [keyword, text] of Object.entries(effects)) all.set(keyword, {text, leavesOut: false})
  for (const [keyword, text] of Object.entries(leavesOut)) all.set(keyword, {text, leavesOut: true})
  return {words, blocks, effects: all}
}

const CHECKER_COMMON = `connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry
  delay_before_retry warmup delay_loop alpha log_all_failures`

const URL = grammar(`path digest status_code virtualhost regex regex_no_match regex_options regex_min_offset
  regex_max_offset regex_stack tls_compliant`)

const HTTP_CHECK = grammar(
  `${CHECKER_COMMON} virtualhost http_protocol enable_sni sni_name fast_recovery tls_compliant nb_get_retry`,
  {url: URL},
)

const REAL_SERVER = grammar(
  `weight lvs_method uthreshold lthreshold inhibit_on_failure alpha retry delay_before_retry warmup delay_loop
  connect_timeout notify_up notify_down smtp_alert virtualhost snmp_name`,
  {
    HTTP_GET: HTTP_CHECK,
    SSL_GET: HTTP_CHECK,
    TCP_CHECK: grammar(CHECKER_COMMON),
    SMTP_CHECK: grammar(`${CHECKER_COMMON} helo_name`, {host: grammar(CHECKER_COMMON)}),
    DNS_CHECK: grammar(`${CHECKER_COMMON} type name`),
    UDP_CHECK: grammar(`${CHECKER_COMMON} payload require_reply min_reply_length max_reply_length`),
    MISC_CHECK: grammar(`misc_path misc_timeout misc_dynamic user retry delay_before_retry warmup delay_loop alpha
      log_all_failures`),
    BFD_CHECK: grammar('name alpha'),
    FILE_CHECK: grammar('track_file weight'),
    PING_CHECK: grammar(CHECKER_COMMON),
  },
)

const VIRTUAL_SERVER = grammar(
  `ip_family delay_loop delay_before_retry retry warmup connect_timeout lb_algo lvs_sched lb_kind lvs_method
  persistence_engine persistence_timeout persistence_granularity protocol ops flag-1 flag-2 flag-3 sh-port sh-fallback
  mh-port mh-fallback ha_suspend smtp_alert virtualhost snmp_name alpha omega quorum hysteresis quorum_up quorum_down
  inhibit_on_failure weight sorry_server sorry_server_inhibit sorry_server_lvs_method hashed`,
  {real_server: REAL_SERVER},
)

const SYNC_GROUP = grammar(
  `notify_backup notify_master notify_fault notify_stop notify smtp_alert sync_group_tracking_weight global_tracking
  notify_priority_changes`,
  {
    group: DATA,
    track_interface: DATA,
    track_script: DATA,
    track_file: DATA,
    track_process: DATA,
    track_bfd: DATA,
  },
)

/** Outside of blocks. */
export const KNOWN_AT_ROOT = known(
  grammar(
    `linkbeat_use_polling net_namespace net_namespace_ipvs namespace_with_ipsets instance use_pid_dir child_wait_time`,
    {
      SSL: grammar('password ca certificate key'),
      linkbeat_interfaces: DATA,
      interface_up_down_delays: DATA,
      garp_group: grammar('garp_interval gna_interval interface', {interfaces: DATA}),
      track_group: grammar('', {group: DATA}),
      static_ipaddress: DATA,
      static_routes: DATA,
      static_rules: DATA,
      vrrp_sync_group: SYNC_GROUP,
      vrrp_track_process: grammar(`process param_match weight quorum quorum_max delay terminate_delay fork_delay
        full_command`),
      track_file: grammar('file weight init_file'),
      vrrp_track_file: grammar('file weight init_file'),
      bfd_instance: grammar(`neighbor_ip neighbour_ip source_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit
        max_hops multihop weight vrrp checker`),
      virtual_server_group: DATA,
      virtual_server: VIRTUAL_SERVER,
    },
  ),
  {
    net_namespace: 'everything happens in the network namespace that the agent was started in',
    vrrp_sync_group: 'its virtual routers change state each on its own',
    static_ipaddress: 'the addresses are not set',
    static_routes: 'the routes are not set',
    static_rules: 'the rules are not set',
  },
)

/** In `global_defs`. */
export const KNOWN_IN_GLOBAL = known(
  grammar(
    `process_names process_name vrrp_process_name checker_process_name bfd_process_name lvs_process_name
    use_symlink_paths set_supplementary_groups umask random_seed data_use_instance state_dump_file stats_dump_file
    json_dump_file json_version iproute_usr_dir iproute_etc_dir tmp_config_directory config_save_dir
    notification_email_from smtp_server smtp_helo_name smtp_connect_timeout smtp_alert smtp_alert_vrrp
    smtp_alert_checker no_email_faults no_checker_emails checker_log_all_failures rs_init_notifies startup_script
    shutdown_script startup_script_timeout shutdown_script_timeout notify_fifo vrrp_notify_fifo lvs_notify_fifo
    notify_fifo_script vrrp_notify_fifo_script lvs_notify_fifo_script vrrp_notify_priority_changes
    fifo_write_vrrp_states_on_reload reload_check_config reload_time_file reload_repeat reload_file include_check
    max_auto_priority min_auto_priority_delay dynamic_interfaces default_interface disable_local_igmp
    vrrp_mcast_group4 vrrp_mcast_group6 vrrp_gna_interval vrrp_min_garp vrrp_garp_extra_if vrrp_vmac_garp_intvl
    vrrp_down_timer_adverts vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert vrrp_owner_ignore_adverts
    vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_ifindex nftables_counters vrrp_check_unicast_src
    vrrp_skip_check_adv_addr vrrp_strict vrrp_priority checker_priority bfd_priority vrrp_no_swap checker_no_swap
    bfd_no_swap vrrp_rt_priority checker_rt_priority bfd_rt_priority vrrp_cpu_affinity checker_cpu_affinity
    bfd_cpu_affinity vrrp_rlimit_rttime checker_rlimit_rttime bfd_rlimit_rttime vrrp_rlimit_rtime
    checker_rlimit_rtime bfd_rlimit_rtime vrrp_netlink_cmd_rcv_bufs vrrp_netlink_monitor_rcv_bufs
    lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs process_monitor_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force
    vrrp_netlink_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs_force
    process_monitor_rcv_bufs_force vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier vrrp_startup_delay
    vrrp_delay_after_boot log_unknown_vrids vmac_prefix vmac_addr_prefix lvs_timeouts lvs_flush lvs_flush_on_stop
    lvs_flush_onstop lvs_sync_daemon nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark snmp_socket
    enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2
    enable_snmp_rfcv3 snmp_vs_stats_update_interval snmp_rs_stats_update_interval enable_dbus dbus_service_name
    dbus_no_interface_name`,
    {notification_email: DATA},
  ),
  {
    vrrp_strict: 'nothing is refused for not being in the RFC',
    vrrp_down_timer_adverts: 'a master is given up after three silent intervals',
    vrrp_startup_delay: 'virtual routers start at once',
    vrrp_delay_after_boot: 'virtual routers start at once',
    vrrp_lower_prio_no_advert: 'a master always answers an advertisement of lower priority',
    vrrp_higher_prio_send_advert: 'a master sends nothing when it yields to a higher priority',
    vrrp_owner_ignore_adverts: 'an address owner still reads advertisements',
    vrrp_min_garp: 'gratuitous ARP keeps its other settings',
    startup_script: 'it does not run',
    shutdown_script: 'it does not run',
  },
  {vrrp_mcast_group4: 'virtual routers of IPv4 would advertise to another group than their peers'},
)

/** In `vrrp_instance`. */
export const KNOWN_IN_INSTANCE = known(
  grammar(
    `native_ipv6 no_virtual_ipaddress promote_secondaries use_vmac use_vmac_addr vmac_xmit_base use_ipvlan
    unicast_src_ip mcast_src_ip mcast_dst_ip unicast_ttl unicast_fault_no_peer check_unicast_src old_unicast_checksum
    track_src_ip dont_track_primary down_timer_adverts timer_expired_backup thread_timer_expired garp_extra_if
    vmac_garp_intvl lower_prio_no_advert higher_prio_send_advert owner_ignore_adverts skip_check_adv_addr strict_mode
    accept no_accept vrf kernel_rx_buf_size debug linkbeat_use_polling lvs_sync_daemon_interface
    notify_master_rx_lower_pri notify_deleted notify_priority_changes smtp_alert`,
    {
      virtual_ipaddress_excluded: DATA,
      virtual_routes: DATA,
      virtual_rules: DATA,
      unicast_peer: DATA,
      track_interface: DATA,
      track_file: DATA,
      track_process: DATA,
      track_bfd: DATA,
      auth_hmac: grammar('key active_key time_window anti_replay mode'),
    },
  ),
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
  {
    native_ipv6: 'it would need VRRP over IPv6',
    unicast_peer: 'it would advertise by multicast, which its peers do not hear',
    unicast_fault_no_peer: 'it would advertise by multicast',
    mcast_dst_ip: 'it would advertise to another group than its peers',
    auth_hmac: 'its peers would refuse what it sends',
    vrf: 'it would advertise outside of the VRF',
  },
)
