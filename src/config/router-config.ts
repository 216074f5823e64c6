import type {IpAddress, IpFamily} from '../core/ip.ts'
import {type Priority, priority} from '../core/units.ts'
import {
  type AnnounceConfig,
  type HmacConfig,
  type Transport,
  VRRP_GROUP4,
  VRRP_GROUP6,
  type VrrpConfig,
} from '../core/vrrp/config.ts'
import {familyOf} from './build/instance-addresses.ts'
import type {
  Command,
  Config,
  GlobalConfig,
  InstanceConfig,
  Position,
  ResolvedTrack,
  SyncGroupConfig,
  VipConfig,
} from './config.ts'
import {NO_OWN_DEVICES, type OwnDevice, type OwnDevices, ownDevicesOf} from './own-devices.ts'
import type {GarpExtra} from './tables/global-vrrp.ts'
import type {RouteConfig} from './tables/virtual-route.ts'
import type {RuleConfig} from './tables/virtual-rule.ts'

/** `garp_*`: when gratuitous ARP and unsolicited neighbour advertisements are sent. */
export interface GarpConfig extends AnnounceConfig {
  /** Least time between two gratuitous ARP packets on one interface; 0 means none. */
  readonly intervalMs: number
  /** The same for neighbour advertisements. */
  readonly neighbourIntervalMs: number
  /** `garp_extra_if`: bursts for addresses on virtual interfaces; 0 seconds means none. */
  readonly extra: GarpExtra
}

/** Kinds of things that a virtual router can track. */
export type TrackedKind = 'interface' | 'script' | 'file' | 'process' | 'bfd'

/** Something tracked, by the virtual router itself or by its sync group, and what it does to the priority. */
export interface TrackReference {
  readonly kind: TrackedKind
  readonly name: string
  readonly weight: number
  readonly reverse: boolean
}

/** Which script runs on which change; `any` gets TYPE NAME STATE PRIORITY appended. */
export interface NotifyConfig {
  readonly master?: Command
  readonly backup?: Command
  readonly fault?: Command
  readonly stop?: Command
  /** `true`: the generic script gets DELETED. */
  readonly deleted?: Command | true
  readonly masterLowerPriority?: Command
  readonly any?: Command
}

/** A virtual router as the agent runs it. */
export interface RouterConfig extends VrrpConfig {
  readonly name: string
  readonly position: Position
  /** As the text names it; empty for unicast that needs none. */
  readonly interface: string
  readonly vrf: string | undefined
  /** The interface that is made for it: addresses without `dev` go there, and advertisements leave from there. */
  readonly ownDevice: OwnDevice | undefined
  /** Advertisements leave from `interface` although there is an interface of its own. */
  readonly transmitBase: boolean
  /** Interfaces that are made for addresses on other interfaces; those addresses name them already. */
  readonly addressDevices: readonly OwnDevice[]
  /** Where advertisements come from; `tracked`: its loss is a fault. Undefined: the interface's first address. */
  readonly source: {readonly address: IpAddress; readonly tracked: boolean} | undefined
  readonly garp: GarpConfig
  readonly vips: readonly VipConfig[]
  /** Held but not advertised. */
  readonly excludedVips: readonly VipConfig[]
  readonly routes: readonly RouteConfig[]
  readonly rules: readonly RuleConfig[]
  readonly promoteSecondaries: boolean
  readonly accept: boolean
  readonly strict: boolean
  /** Whether the loss of its own interface is a fault. */
  readonly trackPrimary: boolean
  readonly tracks: readonly TrackReference[]
  /** Its sync group. */
  readonly group: string | undefined
  readonly receiveBufferBytes: number | undefined
  readonly notify: NotifyConfig
  readonly notifyPriorityChanges: boolean
  readonly smtpAlert: boolean
}

/** Virtual routers that change state together, as the agent runs them. */
export interface GroupConfig {
  readonly name: string
  readonly position: Position
  /** Names of virtual routers that are run, in the order of the group. */
  readonly members: readonly string[]
  readonly notify: NotifyConfig
  readonly notifyPriorityChanges: boolean
  readonly smtpAlert: boolean
}

/** The virtual routers as the agent runs them. */
export function routersOf(config: Config): readonly RouterConfig[] {
  const groups = groupsByMember(config)
  const devices = ownDevicesOf(config)
  return config.instances.map(instance =>
    routerConfig(instance, config.global, groups.get(instance.name), devices.get(instance.name)),
  )
}

/** The sync groups of virtual routers that are run. */
export function groupsOf(config: Config): readonly GroupConfig[] {
  const run = new Set(routersOf(config).map(({name}) => name))
  return config.syncGroups
    .map(group => ({
      name: group.name,
      position: group.position,
      members: group.members.map(({name}) => name).filter(name => run.has(name)),
      notify: notifyOf(group),
      notifyPriorityChanges: group.notifyPriorityChanges ?? config.global.notifyPriorityChanges,
      smtpAlert: group.smtpAlert ?? config.global.smtpAlertVrrp ?? config.global.smtpAlert ?? false,
    }))
    .filter(({members}) => members.length > 0)
}

/** One virtual router as the machine takes it. */
export function routerConfig(
  instance: InstanceConfig,
  global: GlobalConfig,
  group: SyncGroupConfig | undefined,
  devices: OwnDevices = NO_OWN_DEVICES,
): RouterConfig {
  const {name, position, vrid, version, initialState, advertIntervalMs, preempt, preemptDelayMs} = instance
  const {type, password} = instance.authentication ?? {}
  const family = familyOf(instance)
  return {
    name,
    position,
    family,
    interface: instance.interface ?? '',
    vrf: instance.vrf,
    ...devices.own,
    source: instance.source && {address: instance.source.address, tracked: instance.trackSourceAddress},
    vrid,
    version,
    initialState,
    priority: priority(instance.priority),
    advertIntervalMs,
    downTimerAdverts: instance.downTimerAdverts,
    preempt,
    preemptDelayMs,
    transport: transportOf(instance, family, global),
    authentication: type !== undefined && password !== undefined ? {type, password} : undefined,
    hmac: hmacOf(instance),
    checksumWithoutPseudoHeader: instance.checksumWithoutPseudoHeader,
    lowerPriorityNoAdvert: instance.lowerPriorityNoAdvert,
    higherPrioritySendAdvert: instance.higherPrioritySendAdvert,
    ownerIgnoreAdverts: instance.ownerIgnoreAdverts ?? false,
    skipCheckAdvertAddresses: instance.skipCheckAdvertAddresses,
    timerExpiredBackup: instance.timerExpiredBackup as Priority | undefined,
    garp: garpOf(instance, global),
    ...addressesOf(instance, devices),
    routes: instance.routes,
    rules: instance.rules,
    promoteSecondaries: instance.promoteSecondaries,
    accept: instance.accept,
    strict: instance.strict,
    trackPrimary: !instance.dontTrackPrimary,
    tracks: trackedLines(instance, group).map(({kind, name: of, weight, reverse}) => ({
      kind,
      name: of,
      weight,
      reverse,
    })),
    group: group?.name,
    receiveBufferBytes: instance.receiveBufferBytes,
    notify: notifyOf(instance),
    notifyPriorityChanges: instance.notifyPriorityChanges,
    smtpAlert: instance.smtpAlert,
  }
}

const FIELDS = [
  ['interface', 'trackInterfaces'],
  ['script', 'trackScripts'],
  ['file', 'trackFiles'],
  ['process', 'trackProcesses'],
  ['bfd', 'trackBfds'],
] as const

/** A line of a `track_…` block, and what kind of thing it names. */
export type TrackedLine = ResolvedTrack & {readonly kind: TrackedKind}

/**
 * Everything that a virtual router tracks. What its group tracks counts for it as well, and its own line where both
 * have one; without sync_group_tracking_weight nothing of the group has a weight. keepalived.conf(5).
 */
export function trackedLines(instance: InstanceConfig, group: SyncGroupConfig | undefined): readonly TrackedLine[] {
  const own = listed(instance)
  if (!group) return own
  const names = new Set(own.map(({kind, name}) => `${kind} ${name}`))
  const added = listed(group).filter(({kind, name}) => !names.has(`${kind} ${name}`))
  if (group.trackingWeight) return [...own, ...added]
  return [...own, ...added.map(track => (track.kind === 'file' ? track : {...track, weight: 0}))]
}

/** Names of the scripts that a virtual router tracks. */
export const scriptsOf = ({tracks}: RouterConfig): readonly string[] =>
  tracks.flatMap(({kind, name}) => (kind === 'script' ? name : []))

function groupsByMember({syncGroups}: Config): ReadonlyMap<string, SyncGroupConfig> {
  return new Map(syncGroups.flatMap(group => group.members.map(({name}) => [name, group] as const)))
}

function transportOf(instance: InstanceConfig, family: IpFamily, global: GlobalConfig): Transport {
  const {unicastPeers, checkUnicastSource, unicastTtl, oldUnicastChecksum, unicastFaultNoPeer} = instance
  if (unicastPeers.length === 0 && !unicastFaultNoPeer) {
    const usual = family === 4 ? (global.multicastGroup4 ?? VRRP_GROUP4) : (global.multicastGroup6 ?? VRRP_GROUP6)
    return {type: 'multicast', group: instance.multicastGroup ?? usual}
  }
  return {
    type: 'unicast',
    peers: unicastPeers.map(({address, minTtl, maxTtl}) => ({address, minTtl, maxTtl})),
    checkSource: checkUnicastSource,
    ttl: unicastTtl ?? DEFAULT_TTL,
    oldChecksum: oldUnicastChecksum ?? 'auto',
  }
}

const DEFAULT_TTL = 255

/** Keys in files are read by whoever gives the configuration to the machines. */
function hmacOf({authHmac, advertIntervalMs}: InstanceConfig): HmacConfig | undefined {
  if (authHmac?.activeKey === undefined) return undefined
  const {keys, activeKey, timeWindow, antiReplay, mode} = authHmac
  const window = Math.ceil((3 * advertIntervalMs) / 1_000)
  return {
    keys: keys.map(({id, value}) => ({id, secret: secretOf(value)})),
    activeKey,
    timeWindowSeconds: timeWindow ?? Math.min(LONGEST_WINDOW, Math.max(SHORTEST_WINDOW, window)),
    antiReplay,
    mode,
  }
}

/** Seconds. keepalived.conf(5) of 2.4, time_window. */
const SHORTEST_WINDOW = 5
const LONGEST_WINDOW = 300

/** In hexadecimal digits; `file:PATH` stays as it is. */
function secretOf(value: string): string {
  if (value.startsWith('file:')) return value
  return value.startsWith('hex:') ? value.slice('hex:'.length).toLowerCase() : Buffer.from(value).toString('hex')
}

function garpOf(instance: InstanceConfig, global: GlobalConfig): GarpConfig {
  return {
    delayMs: instance.garpDelayMs,
    repeat: instance.garpRepeat,
    refreshMs: instance.garpRefreshMs,
    refreshRepeat: instance.garpRefreshRepeat,
    lowerPriorityDelayMs: instance.garpLowerPriorityDelayMs,
    lowerPriorityRepeat: instance.garpLowerPriorityRepeat,
    intervalMs: global.garpIntervalMs,
    neighbourIntervalMs: global.gnaIntervalMs,
    extra: instance.garpExtraInterface,
  }
}

function addressesOf(
  {vips, excludedVips}: InstanceConfig,
  {addressDevices, deviceFor}: OwnDevices,
): Pick<RouterConfig, 'vips' | 'excludedVips' | 'addressDevices'> {
  const placed = (vip: VipConfig): VipConfig => {
    const device = deviceFor(vip)
    return device === undefined ? vip : {...vip, device}
  }
  return {vips: vips.map(placed), excludedVips: excludedVips.map(placed), addressDevices}
}

function listed(from: InstanceConfig | SyncGroupConfig): readonly TrackedLine[] {
  return FIELDS.flatMap(([kind, field]) => (from[field] as readonly ResolvedTrack[]).map(line => ({...line, kind})))
}

function notifyOf(from: InstanceConfig | SyncGroupConfig): NotifyConfig {
  const {notifyMaster, notifyBackup, notifyFault, notifyStop, notifyAny} = from
  return {
    ...(notifyMaster && {master: notifyMaster}),
    ...(notifyBackup && {backup: notifyBackup}),
    ...(notifyFault && {fault: notifyFault}),
    ...(notifyStop && {stop: notifyStop}),
    ...(notifyAny && {any: notifyAny}),
    ...('notifyDeleted' in from && from.notifyDeleted && {deleted: from.notifyDeleted}),
    ...('notifyMasterLowerPriority' in from &&
      from.notifyMasterLowerPriority && {masterLowerPriority: from.notifyMasterLowerPriority}),
  }
}
