import type {Config, GlobalConfig, InstanceConfig, ScriptConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import {initialSettings} from '../schema/read-block.ts'
import type {BlockValue} from '../schema/schema.ts'
import {GLOBAL, type GlobalSettings} from '../tables/global-defs.ts'
import type {RootSettings} from '../tables/root.ts'
import type {ScriptSettings} from '../tables/vrrp-script.ts'
import {buildInstance, type ScriptInUse} from './build-instance.ts'

/** Turns what the text says into what is meant: defaults, inheritance and corrections as keepalived makes them. */
export function buildConfig(root: BlockValue<RootSettings>, findings: Findings): Config {
  const {global: globalBlock, scripts: scriptBlocks, instances: instanceBlocks} = root.settings
  const global = globalBlock?.settings ?? initialSettings(GLOBAL)
  const scripts = new Map<string, ScriptInUse>()
  for (const value of scriptBlocks) {
    const config = buildScript(value, findings)
    if (config) scripts.set(value.name, {config, order: value.order})
  }
  const groupDiffers = otherGroup(globalBlock, findings)
  const instances: InstanceConfig[] = []
  const tracked = new Set<string>()
  for (const value of instanceBlocks) {
    const instance = buildInstance(value, global, scripts, findings)
    for (const line of value.settings.trackScripts) tracked.add(line.script)
    if (instance && !groupDiffers) instances.push(instance)
  }
  for (const {config} of scripts.values()) {
    if (tracked.has(config.name)) continue
    const message = `vrrp_script ${config.name} is tracked by no virtual router, so it never runs`
    findings.report('script-unused', config.position, message, 'name it in track_script')
  }
  return {
    global: globalConfig(global),
    scripts: [...scripts.values()].map(({config}) => config),
    instances: withoutDuplicates(instances, findings),
  }
}

function globalConfig(settings: GlobalSettings): GlobalConfig {
  const {routerId, scriptUser, enableScriptSecurity} = settings
  return {routerId, scriptUser, enableScriptSecurity}
}

function buildScript(value: BlockValue<ScriptSettings>, findings: Findings): ScriptConfig | undefined {
  const {name, position, settings, at} = value
  const {command, intervalMs, timeoutMs, weight, rise, fall, user} = settings
  if (at.initFail) {
    const message = 'init_fail has no effect: a tracked script is good until it has run'
    findings.report('init-fail-without-effect', at.initFail, message)
  }
  if (!command) {
    findings.report(
      'script-missing',
      position,
      `vrrp_script ${name} names no script; it is left out`,
      'script "PROGRAM"',
    )
    return undefined
  }
  return {
    name,
    position,
    command: user ? {...command, runAs: user} : command,
    intervalMs,
    timeoutMs: timeoutMs ?? intervalMs,
    ...weight,
    rise,
    fall,
  }
}

/** Advertisements go to 224.0.0.18 alone, so another group would mean two masters. */
function otherGroup(global: BlockValue<GlobalSettings> | undefined, findings: Findings): boolean {
  const use = global?.notActedOn.findLast(({keyword}) => keyword === 'vrrp_mcast_group4')
  if (!use || use.statement.words[0]?.text === '224.0.0.18') return false
  const message = 'vrrp_mcast_group4 is not supported yet: every virtual router is left out'
  findings.report('instance-left-out', use.statement.position, message, 'advertisements go to 224.0.0.18')
  return true
}

function withoutDuplicates(instances: readonly InstanceConfig[], findings: Findings): readonly InstanceConfig[] {
  const taken = new Map<string, InstanceConfig>()
  const kept: InstanceConfig[] = []
  for (const instance of instances) {
    const key = `${instance.vrid} ${instance.interface}`
    const earlier = taken.get(key)
    if (earlier) {
      const message =
        `${instance.name} is left out: virtual_router_id ${instance.vrid} on ${instance.interface} ` +
        `is that of ${earlier.name} in line ${earlier.position.line}`
      findings.report('vrid-duplicate', instance.position, message, 'give it another virtual_router_id')
      continue
    }
    taken.set(key, instance)
    kept.push(instance)
  }
  reportSharedAddresses(kept, findings)
  return kept
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
