import type {Metric} from './text.ts'

const gauge = (name: string, labels: readonly string[], help: string): Metric => ({name, type: 'gauge', labels, help})
const counter = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  type: 'counter',
  labels,
  help,
})
const histogram = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  type: 'histogram',
  labels,
  help,
})

const INSTANCE = ['instance'] as const
const PROCESS = ['process'] as const
const VIRTUAL = ['virtual_server'] as const
const REAL = ['virtual_server', 'real_server'] as const
const KIND = ['virtual_server', 'kind'] as const
const SERVICE = ['service', 'virtual_server'] as const
const DESTINATION = ['service', 'real_server'] as const
const DIRECTION = 'direction'

/** The agent and its processes. */
export const AGENT_METRICS = {
  build: gauge('hactl_build_info', ['version', 'node_version'], 'Always 1; the labels say what runs.'),
  scrapePart: gauge(
    'hactl_scrape_part_success',
    ['part'],
    'Whether the metrics of this part are here: checks are those of checkers, ipvs those of the kernel.',
  ),
  started: gauge('hactl_agent_start_time_seconds', [], 'When the agent started, seconds since 1970.'),
  observes: gauge('hactl_agent_observes', [], 'Whether the agent was started with --observe.'),
  overrides: gauge('hactl_agent_overrides', [], 'How many things operators changed at run time.'),
  stateWritable: gauge('hactl_agent_state_writable', [], 'Whether the state directory is being written.'),
  configurationLoaded: gauge(
    'hactl_configuration_loaded_timestamp_seconds',
    [],
    'When the configuration that runs was loaded, seconds since 1970.',
  ),
  configurationAccepted: gauge(
    'hactl_configuration_last_reload_successful',
    [],
    'Whether the last reload was accepted; 1 where there was none.',
  ),
  configurationErrors: gauge('hactl_configuration_errors', [], 'Errors in the configuration that runs.'),
  configurationWarnings: gauge('hactl_configuration_warnings', [], 'Warnings in the configuration that runs.'),
  processUp: gauge('hactl_process_up', PROCESS, 'Whether the process answers: supervisor, vrrp, check.'),
  processStarted: gauge('hactl_process_start_time_seconds', PROCESS, 'When the process started, seconds since 1970.'),
  processRestarts: counter('hactl_process_restarts_total', PROCESS, 'How often the process was started anew.'),
  processMemory: gauge('hactl_process_resident_memory_bytes', PROCESS, 'Resident memory of the process.'),
  eventLoopLag: gauge(
    'hactl_process_event_loop_lag_seconds',
    ['process', 'statistic'],
    'Lateness of the event loop since the last report: median, p99 and max.',
  ),
} as const

/** Virtual routers. */
export const VRRP_METRICS = {
  info: gauge(
    'hactl_vrrp_info',
    ['instance', 'interface', 'vrid', 'family', 'version', 'group'],
    'Always 1; the labels say what the virtual router is.',
  ),
  state: gauge(
    'hactl_vrrp_state',
    ['instance', 'state'],
    'Whether it is in this state: init, backup, master or fault.',
  ),
  since: gauge('hactl_vrrp_state_since_timestamp_seconds', INSTANCE, 'When it entered its state, seconds since 1970.'),
  priority: gauge('hactl_vrrp_priority', INSTANCE, 'Effective priority.'),
  basePriority: gauge('hactl_vrrp_base_priority', INSTANCE, 'Configured priority.'),
  held: gauge('hactl_vrrp_held', INSTANCE, 'Whether it must not be master although it is fit.'),
  observed: gauge('hactl_vrrp_observed', INSTANCE, 'Whether it is only looked at.'),
  interval: gauge('hactl_vrrp_advertisement_interval_seconds', INSTANCE, 'Time between two advertisements.'),
  addressesWanted: gauge('hactl_vrrp_addresses_wanted', INSTANCE, 'Virtual addresses that it should hold now.'),
  addressesPresent: gauge('hactl_vrrp_addresses_present', INSTANCE, 'Virtual addresses that the kernel has.'),
  rivals: gauge('hactl_vrrp_rivals', INSTANCE, 'Others that act as master while it does: above 0 is a split brain.'),
  splitBrains: counter('hactl_vrrp_split_brains_total', INSTANCE, 'How often another master was there beside it.'),
  becameMaster: counter('hactl_vrrp_became_master_total', INSTANCE, 'How often it became master.'),
  releasedMaster: counter('hactl_vrrp_released_master_total', INSTANCE, 'How often it ceased to be master.'),
  sent: counter('hactl_vrrp_advertisements_sent_total', INSTANCE, 'Advertisements sent.'),
  received: counter('hactl_vrrp_advertisements_received_total', INSTANCE, 'Advertisements received and obeyed.'),
  zeroSent: counter('hactl_vrrp_priority_zero_sent_total', INSTANCE, 'Advertisements of priority 0 sent.'),
  zeroReceived: counter('hactl_vrrp_priority_zero_received_total', INSTANCE, 'Advertisements of priority 0 received.'),
  garpSent: counter('hactl_vrrp_gratuitous_arp_sent_total', INSTANCE, 'Gratuitous ARP packets sent.'),
  neighbourSent: counter(
    'hactl_vrrp_neighbour_advertisements_sent_total',
    INSTANCE,
    'Unsolicited neighbour advertisements sent.',
  ),
  sendErrors: counter('hactl_vrrp_send_errors_total', INSTANCE, 'Packets that could not be sent.'),
  listsDiffering: counter(
    'hactl_vrrp_address_lists_differing_total',
    INSTANCE,
    'Advertisements whose list of addresses differs from ours.',
  ),
  intervalsDiffering: counter(
    'hactl_vrrp_intervals_differing_total',
    INSTANCE,
    'Advertisements whose interval differs from ours.',
  ),
  rejected: counter(
    'hactl_vrrp_packets_rejected_total',
    ['instance', 'reason'],
    'Packets that were not obeyed, by what was wrong with them.',
  ),
} as const

/** Checkers, and the virtual and real servers that they decide on. */
export const CHECK_METRICS = {
  quorumUp: gauge('hactl_virtual_server_quorum_up', VIRTUAL, 'Whether the virtual server has its quorum.'),
  quorum: gauge('hactl_virtual_server_quorum', VIRTUAL, 'Sum of weights that it needs.'),
  weight: gauge('hactl_virtual_server_weight', VIRTUAL, 'Sum of the weights of its real servers that are up.'),
  realServers: gauge('hactl_virtual_server_real_servers', VIRTUAL, 'How many real servers it has.'),
  realServersUp: gauge('hactl_virtual_server_real_servers_up', VIRTUAL, 'How many of them are up.'),
  sorryServer: gauge(
    'hactl_virtual_server_sorry_server_used',
    VIRTUAL,
    'Whether its sorry server is in service; only where it has one.',
  ),
  realUp: gauge('hactl_real_server_up', REAL, 'Whether the real server is up by its checkers.'),
  realWeight: gauge('hactl_real_server_weight', REAL, 'Its weight with what its checkers add.'),
  checkers: gauge('hactl_checkers', KIND, 'How many checkers of this kind there are.'),
  checkersDown: gauge('hactl_checkers_down', KIND, 'How many of them count as down.'),
  runs: counter('hactl_check_runs_total', KIND, 'Probes that ended, since the check process started.'),
  failures: counter('hactl_check_failures_total', KIND, 'Probes that failed, since the check process started.'),
  duration: histogram('hactl_check_duration_seconds', ['kind'], 'How long probes took, of all virtual servers.'),
} as const

/** What the kernel counted. `service` is its name in IPVS, `virtual_server` that in the configuration, or empty. */
export const IPVS_METRICS = {
  connections: counter('hactl_ipvs_service_connections_total', SERVICE, 'Connections scheduled.'),
  packets: counter('hactl_ipvs_service_packets_total', [...SERVICE, DIRECTION], 'Packets, in from clients or out.'),
  bytes: counter('hactl_ipvs_service_bytes_total', [...SERVICE, DIRECTION], 'Bytes, in from clients or out.'),
  present: gauge('hactl_ipvs_service_present', SERVICE, 'Whether the service is in the table of the kernel.'),
  realWeight: gauge('hactl_ipvs_real_server_weight', DESTINATION, 'Weight in the kernel.'),
  realActive: gauge('hactl_ipvs_real_server_active_connections', DESTINATION, 'Established connections.'),
  realInactive: gauge('hactl_ipvs_real_server_inactive_connections', DESTINATION, 'Other connections.'),
  realConnections: counter('hactl_ipvs_real_server_connections_total', DESTINATION, 'Connections scheduled.'),
  realPackets: counter('hactl_ipvs_real_server_packets_total', [...DESTINATION, DIRECTION], 'Packets, in or out.'),
  realBytes: counter('hactl_ipvs_real_server_bytes_total', [...DESTINATION, DIRECTION], 'Bytes, in or out.'),
} as const

/** Every metric there is, in the order in which they are served. */
export const METRICS: readonly Metric[] = [AGENT_METRICS, VRRP_METRICS, CHECK_METRICS, IPVS_METRICS].flatMap(part =>
  Object.values<Metric>(part),
)
