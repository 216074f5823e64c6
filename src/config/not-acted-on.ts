import type {Findings} from './findings.ts'
import type {NotActedOn} from './schema/schema.ts'

/**
 * Keywords that are read and checked but that the agent does not act on yet, by the block they stand in. What changes
 * because of that is told where it changes anything; the text follows "is not supported yet: ".
 */
export const NOT_ACTED_ON: ReadonlyMap<string, ReadonlyMap<string, string | undefined>> = new Map([
  notYet('', 'namespace_with_ipsets SSL', {
    net_namespace_ipvs: 'IPVS of the namespace of the agent is used',
    bfd_instance: 'the session counts as down',
  }),
  notYet(
    'global_defs',
    `bfd_process_name use_symlink_paths set_supplementary_groups
    bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime
    bfd_rlimit_rtime lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs lvs_netlink_cmd_rcv_bufs_force
    lvs_netlink_monitor_rcv_bufs_force
    nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark snmp_socket enable_traps enable_snmp_vrrp
    enable_snmp_keepalived enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3
    snmp_vs_stats_update_interval snmp_rs_stats_update_interval enable_dbus dbus_service_name dbus_no_interface_name`,
    {
      tmp_config_directory: 'no copy of the configuration is made',
      data_use_instance: 'signals write no dumps: ask with hactl vrrp show',
      state_dump_file: 'signals write no dumps: ask with hactl vrrp show',
      stats_dump_file: 'signals write no dumps: ask with hactl vrrp stats',
      json_dump_file: 'signals write no dumps: ask with hactl vrrp show --json',
      json_version: 'signals write no dumps: ask with hactl vrrp show --json',
    },
  ),
  notYet('vrrp_instance', '', {track_bfd: 'those BFD sessions count as down'}),
  notYet('vrrp_sync_group', '', {track_bfd: 'those BFD sessions count as down'}),
  notYet('virtual_server', 'snmp_name', {}),
  notYet('real_server', 'snmp_name', {BFD_CHECK: 'the session counts as down'}),
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
  const words = silent.split(/\s+/).filter(word => word !== '')
  return [
    kind,
    new Map<string, string | undefined>([...words.map(word => [word, undefined] as const), ...Object.entries(effects)]),
  ]
}
