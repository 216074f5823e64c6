/** Definitions that examples name, which have to stand before them. */
export const DEFINED: readonly string[] = [
  'vrrp_script chk_nginx {\nscript "/usr/local/bin/check_nginx"\n}',
  'vrrp_track_process nginx {\nprocess nginx\n}',
  'track_file maintenance {\nfile /etc/hactl/maintenance\n}',
  'bfd_instance BFD_1 {\nneighbor_ip 192.0.2.2\n}',
]

/** Virtual routers that examples name. */
export const ROUTERS: readonly string[] = [router('VI_1', 52, 10), router('VI_2', 53, 20)]

/** What a block needs to be complete, by the block. */
export const NEEDED: {readonly [block: string]: readonly string[]} = {
  vrrp_instance: ['interface eth0', 'virtual_router_id 52', 'virtual_ipaddress {\n192.0.2.10/24\n}'],
  authentication: ['auth_type PASS', 'auth_pass pA5sw0rd'],
  auth_hmac: ['key 1 file:/etc/hactl/vrrp.key', 'active_key 1'],
  vrrp_sync_group: ['group {\nVI_1\nVI_2\n}'],
  vrrp_script: ['script "/usr/local/bin/check_nginx"'],
  vrrp_track_process: ['process nginx'],
  track_file: ['file /etc/hactl/maintenance'],
  bfd_instance: ['neighbor_ip 192.0.2.2'],
  garp_group: ['garp_interval 0.01', 'interface eth1'],
  virtual_server: ['protocol TCP', 'lvs_sched wrr', 'lvs_method NAT'],
  HTTP_GET: ['url {\npath /\n}'],
  SSL_GET: ['url {\npath /\n}'],
  url: ['path /'],
  MISC_CHECK: ['misc_path "/usr/local/bin/check_app"'],
  BFD_CHECK: ['name BFD_1'],
  FILE_CHECK: ['track_file maintenance'],
}

/** What else a keyword needs to have an effect; it stands before it. */
export const BESIDE: {readonly [keyword: string]: readonly string[]} = {
  smtp_alert: ['smtp_server 192.0.2.25', 'notification_email {\nadmin@example.com\n}'],
  smtp_alert_vrrp: ['smtp_server 192.0.2.25', 'notification_email {\nadmin@example.com\n}'],
  smtp_alert_checker: ['smtp_server 192.0.2.25', 'notification_email {\nadmin@example.com\n}'],
  notification_email: ['smtp_server 192.0.2.25', 'smtp_alert'],
  notify_fifo_script: ['notify_fifo /run/hactl/all.fifo'],
  vrrp_notify_fifo_script: ['vrrp_notify_fifo /run/hactl/vrrp.fifo'],
  lvs_notify_fifo_script: ['lvs_notify_fifo /run/hactl/lvs.fifo'],
  'vrrp_instance.state': ['priority 150'],
  vmac_xmit_base: ['use_vmac'],
  unicast_src_ip: ['unicast_peer {\n192.0.2.2\n}'],
  unicast_ttl: ['unicast_peer {\n192.0.2.2\n}'],
  old_unicast_checksum: ['unicast_peer {\n192.0.2.2\n}'],
  timer_expired_backup: ['nopreempt'],
  thread_timer_expired: ['nopreempt'],
  'sh-port': ['lvs_sched sh'],
  'sh-fallback': ['lvs_sched sh'],
  'mh-port': ['lvs_sched mh'],
  'mh-fallback': ['lvs_sched mh'],
  sorry_server_inhibit: ['sorry_server 10.0.0.99 80'],
  sorry_server_lvs_method: ['sorry_server 10.0.0.99 80'],
  regex_no_match: ['regex "ok"'],
  regex_options: ['regex "ok"'],
  regex_min_offset: ['regex "ok"'],
  regex_max_offset: ['regex "ok"'],
  regex_stack: ['regex "ok"'],
}

/** Keywords that take the place of another of what a block needs. */
export const SAME_AS: {readonly [keyword: string]: string} = {
  lb_algo: 'lvs_sched',
  lb_kind: 'lvs_method',
  neighbour_ip: 'neighbor_ip',
}

function router(name: string, vrid: number, host: number): string {
  const lines = [
    'interface eth0',
    `virtual_router_id ${vrid}`,
    `virtual_ipaddress {\n192.0.2.${host}/24\n}`,
    'track_script {\nchk_nginx\n}',
  ]
  return `vrrp_instance ${name} {\n${lines.join('\n')}\n}`
}
