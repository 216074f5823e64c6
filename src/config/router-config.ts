import {type IpAddress, ipFamily} from '../core/ip.ts'
import {type Priority, priority, type Vrid} from '../core/units.ts'
import type {AnnounceConfig, PassKey} from '../core/vrrp/config.ts'
import type {Command, Config, GlobalConfig, InstanceConfig, Position, VipConfig} from './config.ts'
import type {Findings} from './findings.ts'

/** `garp_*`: when gratuitous ARP is sent. */
export interface GarpConfig extends AnnounceConfig {
  /** Least time between two announcements on one interface; 0 means none. */
  readonly intervalMs: number
}

/** A tracked script and what it does to the priority. */
export interface ScriptTrack {
  readonly script: string
  readonly weight: number
  readonly reverse: boolean
}

/** Which script runs on which change; `any` gets TYPE NAME STATE PRIORITY appended. */
export interface NotifyConfig {
  readonly master?: Command
  readonly backup?: Command
  readonly fault?: Command
  readonly stop?: Command
  readonly any?: Command
}

/** A virtual router as the agent runs it. */
export interface RouterConfig {
  readonly name: string
  readonly position: Position
  readonly interface: string
  readonly vrid: Vrid
  readonly version: 2 | 3
  readonly initialState: 'master' | 'backup'
  readonly priority: Priority
  /** Milliseconds; whole seconds in version 2, whole centiseconds in version 3. */
  readonly advertIntervalMs: number
  /** `auth_type PASS`. The password never leaves the agent. */
  readonly authentication: PassKey | undefined
  readonly preempt: boolean
  readonly preemptDelayMs: number
  /** Version 3 over IPv4: leave the pseudo-header out of the checksum (`v3_checksum_as_v2`, RFC 9568). */
  readonly checksumWithoutPseudoHeader: boolean
  readonly garp: GarpConfig
  readonly vips: readonly VipConfig[]
  readonly trackScripts: readonly ScriptTrack[]
  readonly notify: NotifyConfig
}

/** The virtual routers that the agent can run as they are meant; the others were reported as left out. */
export function routersOf(config: Config): readonly RouterConfig[] {
  return config.instances
    .filter(instance => leftOutFor(instance).length === 0 && !isOther(config.global.multicastGroup4))
    .map(instance => routerConfig(instance, config.global))
}

/** One virtual router as the machine takes it. */
export function routerConfig(instance: InstanceConfig, global: GlobalConfig): RouterConfig {
  const {name, position, vrid, version, initialState, advertIntervalMs, preempt, preemptDelayMs} = instance
  const {type, password} = instance.authentication ?? {}
  return {
    name,
    position,
    interface: instance.interface ?? '',
    vrid,
    version,
    initialState,
    priority: priority(instance.priority),
    advertIntervalMs,
    authentication: type === 'pass' && password !== undefined ? {type, password} : undefined,
    preempt,
    preemptDelayMs,
    checksumWithoutPseudoHeader: instance.checksumWithoutPseudoHeader,
    garp: {
      delayMs: instance.garpDelayMs,
      repeat: instance.garpRepeat,
      refreshMs: instance.garpRefreshMs,
      refreshRepeat: instance.garpRefreshRepeat,
      lowerPriorityDelayMs: instance.garpLowerPriorityDelayMs,
      lowerPriorityRepeat: instance.garpLowerPriorityRepeat,
      intervalMs: global.garpIntervalMs,
    },
    vips: instance.vips.filter(vip => vip.peer === undefined),
    trackScripts: instance.trackScripts.map(({name: script, weight, reverse}) => ({script, weight, reverse})),
    notify: notifyOf(instance),
  }
}

/** Says which virtual routers the agent leaves out, and why. */
export function reportLeftOut(config: Config, findings: Findings): void {
  const {multicastGroup4, at, position: head} = config.global
  if (isOther(multicastGroup4) && config.instances.length > 0) {
    const message = 'vrrp_mcast_group4 is not supported yet: every virtual router is left out'
    findings.report('instance-left-out', at.multicastGroup4 ?? head, message, `advertisements go to ${DEFAULT_GROUP}`)
  }
  for (const instance of config.instances) {
    for (const {position, reason} of leftOutFor(instance)) {
      findings.report('instance-left-out', position, `${instance.name}: left out: ${reason}`)
    }
    for (const {position, peer} of instance.vips) {
      if (!peer) continue
      findings.report('not-acted-on-changes', position, 'peer is not supported yet: the address is left out')
    }
  }
}

interface Lack {
  readonly position: Position
  readonly reason: string
}

const DEFAULT_GROUP = '224.0.0.18'

/** What an instance needs that the agent does not do yet: it would do harm without. */
function leftOutFor(instance: InstanceConfig): readonly Lack[] {
  const lacks: Lack[] = []
  const lack = (field: keyof InstanceConfig['at'], reason: string): void => {
    lacks.push({position: instance.at[field] ?? instance.position, reason})
  }
  const without = 'is not supported yet, and without it'
  const {vips, unicastPeers, unicastFaultNoPeer, multicastGroup, authHmac, authentication, vrf, nativeIpv6} = instance
  if (unicastPeers.length > 0) {
    lack('unicastPeers', `unicast_peer ${without} it would advertise by multicast, which its peers do not hear`)
  }
  if (unicastFaultNoPeer) lack('unicastFaultNoPeer', `unicast_fault_no_peer ${without} it would advertise by multicast`)
  if (isOther(multicastGroup)) {
    lack('multicastGroup', `mcast_dst_ip ${without} it would advertise to another group than its peers`)
  }
  if (authHmac) lack('authHmac', `auth_hmac ${without} its peers would refuse what it sends`)
  if (vrf !== undefined) lack('vrf', `vrf ${without} it would advertise outside of the VRF`)
  const [first] = vips.filter(({address}) => ipFamily(address) === 6)
  if (nativeIpv6) lack('nativeIpv6', 'VRRP over IPv6 is not supported yet')
  else if (first) lacks.push({position: first.position, reason: 'VRRP over IPv6 is not supported yet'})
  if (authentication?.type === 'ah') lack('authentication', 'auth_type AH is not supported yet')
  return lacks
}

const isOther = (group: IpAddress | undefined): boolean => group !== undefined && group !== DEFAULT_GROUP

function notifyOf(instance: InstanceConfig): NotifyConfig {
  const {notifyMaster, notifyBackup, notifyFault, notifyStop, notifyAny} = instance
  return {
    ...(notifyMaster && {master: notifyMaster}),
    ...(notifyBackup && {backup: notifyBackup}),
    ...(notifyFault && {fault: notifyFault}),
    ...(notifyStop && {stop: notifyStop}),
    ...(notifyAny && {any: notifyAny}),
  }
}
