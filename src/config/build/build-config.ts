import type {Config, GlobalConfig, InstanceConfig, ScriptConfig, SyncGroupConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import type {Item} from '../schema/schema.ts'
import {GLOBAL} from '../tables/global-defs.ts'
import type {RootSettings} from '../tables/root.ts'
import type {TrackWeight} from '../tables/track-lines.ts'
import type {ScriptSettings} from '../tables/vrrp-script.ts'
import {buildGlobal} from './build-global.ts'
import {buildGarpGroups, buildTrackGroups, reportLongDelays, reportRepeatedInterfaces} from './build-groups.ts'
import {buildInstance} from './build-instance.ts'
import {buildStatic} from './build-static.ts'
import {buildSyncGroups, withoutWeights} from './build-sync-group.ts'
import {buildTracked} from './build-tracked.ts'
import {buildVirtualServers} from './build-virtual-servers.ts'
import type {Trackable, Trackables} from './resolve-tracks.ts'

/** Turns what the text says into what is meant: defaults, inheritance and corrections as keepalived makes them. */
export function buildConfig(root: Item<RootSettings>, findings: Findings): Config {
  const given = root.global ?? {...GLOBAL.initial, name: '', position: root.position, at: {}, order: 0}
  const global = buildGlobal(given)
  const scripts = root.scripts.flatMap(item => buildScript(item, findings) ?? [])
  const tracked = buildTracked(root, findings)
  const trackables: Trackables = {
    scripts: byName(scripts, weightAndOrder),
    files: byName(tracked.trackFiles, weightAndOrder),
    processes: byName(tracked.trackProcesses, weightAndOrder),
    bfds: byName(tracked.bfdInstances, weightAndOrder),
  }
  const built = root.instances.flatMap(item => buildInstance(item, global, trackables, findings) ?? [])
  const instances = withoutDuplicates(built, findings)
  const syncGroups = buildSyncGroups(root.syncGroups, instances, trackables, findings)
  const grouped = followGroups(instances, syncGroups, global, findings)
  reportUnused(scripts, [...root.instances, ...root.syncGroups], findings)
  const statics = buildStatic(root, global, findings)
  reportRepeatedInterfaces('linkbeat_interfaces', root.linkbeatInterfaces, findings)
  reportRepeatedInterfaces('interface_up_down_delays', root.upDownDelays, findings)
  reportLongDelays(root.upDownDelays, grouped, findings)
  const garpGroups = buildGarpGroups(root.garpGroups, findings)
  const trackGroups = buildTrackGroups(root.trackGroups, new Set(root.instances.map(({name}) => name)), findings)
  const groups = {garpGroups, trackGroups, syncGroups}
  const checkerBfds = byName(tracked.bfdInstances.filter(tellsCheckers), weightAndOrder)
  const lvs = buildVirtualServers(root, {global, files: trackables.files, bfds: checkerBfds, findings})
  return {...root, ...statics, ...lvs, global, ...tracked, ...groups, scripts, instances: grouped}
}

/** A session with neither `vrrp` nor `checker` tells both. */
const tellsCheckers = ({vrrp, checker}: {readonly vrrp: boolean; readonly checker: boolean}): boolean =>
  checker || !vrrp

const weightAndOrder = ({order, weight}: {readonly order: number; readonly weight: TrackWeight}): Trackable => ({
  order,
  ...weight,
})

/** What can be tracked, by name; the first of a name counts. */
function byName<T extends {readonly name: string}>(
  items: readonly T[],
  facts: (item: T) => Trackable,
): ReadonlyMap<string, Trackable> {
  return new Map(items.toReversed().map(item => [item.name, facts(item)]))
}

function buildScript(item: Item<ScriptSettings>, findings: Findings): ScriptConfig | undefined {
  const {name, position, command} = item
  if (item.at.initFail) {
    const message = 'init_fail has no effect: a tracked script is good until it has run'
    findings.report('init-fail-without-effect', item.at.initFail, message)
  }
  if (command) {
    const runAs = item.user ? {...command, runAs: item.user} : command
    return {...item, command: runAs, timeoutMs: item.timeoutMs ?? item.intervalMs}
  }
  const message = `vrrp_script ${name} names no script; it is left out`
  findings.report('script-missing', position, message, 'script "PROGRAM"')
  return undefined
}

function reportUnused(
  scripts: readonly ScriptConfig[],
  trackers: readonly {readonly trackScripts: readonly {readonly name: string}[]}[],
  findings: Findings,
): void {
  const tracked = new Set(trackers.flatMap(({trackScripts}) => trackScripts.map(({name}) => name)))
  for (const {name, position} of scripts) {
    if (tracked.has(name)) continue
    const message = `vrrp_script ${name} is tracked by no virtual router, so it never runs`
    findings.report('script-unused', position, message, 'name it in track_script')
  }
}

/** What a virtual router does not say itself may come from its group, which also has a say in its tracking. */
function followGroups(
  instances: readonly InstanceConfig[],
  groups: readonly SyncGroupConfig[],
  global: GlobalConfig,
  findings: Findings,
): readonly InstanceConfig[] {
  const groupOf = new Map(groups.flatMap(group => group.members.map(({name}) => [name, group] as const)))
  return instances.map(instance => {
    const group = groupOf.get(instance.name)
    if (!group) return instance
    const member = group.trackingWeight ? instance : withoutWeights(instance, findings)
    if (instance.at.notifyPriorityChanges) return member
    return {...member, notifyPriorityChanges: group.notifyPriorityChanges ?? global.notifyPriorityChanges}
  })
}

function withoutDuplicates(instances: readonly InstanceConfig[], findings: Findings): readonly InstanceConfig[] {
  const taken = new Map<string, InstanceConfig>()
  const vmacs = new Map<string, string>()
  const kept: InstanceConfig[] = []
  for (const instance of instances) {
    const device = instance.interface ?? instance.vrf ?? ''
    const peers = instance.interface === undefined ? instance.unicastPeers.map(({address}) => address).join() : ''
    const family = instance.vips[0]?.address.includes(':') ? 6 : 4
    const key = `${instance.vrid} ${device} ${family} ${peers}`
    const earlier = taken.get(key)
    if (earlier) {
      const message =
        `${instance.name} is left out: virtual_router_id ${instance.vrid} on ${device} ` +
        `is that of ${earlier.name} in line ${earlier.position.line}`
      findings.report('vrid-duplicate', instance.position, message, 'give it another virtual_router_id')
      continue
    }
    taken.set(key, instance)
    kept.push(withOwnVmac(instance, vmacs, findings))
  }
  reportSharedAddresses(kept, findings)
  return kept
}

/** Two VMACs cannot have one name: the later gets one that is made for it. */
function withOwnVmac(instance: InstanceConfig, taken: Map<string, string>, findings: Findings): InstanceConfig {
  const {vmac} = instance
  if (vmac?.name === undefined) return instance
  const owner = taken.get(vmac.name)
  if (owner === undefined) {
    taken.set(vmac.name, instance.name)
    return instance
  }
  const message = `${instance.name}: ${owner} uses the VMAC ${vmac.name} already; it gets a name of its own`
  findings.report('vmac-name-taken', instance.at.vmac ?? instance.position, message, 'give it another name')
  return {...instance, vmac: {...vmac, name: undefined}}
}

function reportSharedAddresses(instances: readonly InstanceConfig[], findings: Findings): void {
  const holders = new Map<string, string>()
  for (const instance of instances) {
    for (const vip of instance.vips) {
      const key = `${vip.address} ${vip.device ?? instance.interface}`
      const holder = holders.get(key)
      if (holder !== undefined && holder !== instance.name) {
        const message = `${vip.address} is a virtual address of ${holder} too`
        findings.report('vip-shared', vip.position, message, 'list it in one virtual router')
      } else holders.set(key, instance.name)
    }
  }
}
