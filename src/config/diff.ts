import type {Command, Config, GlobalConfig, InstanceConfig, ScriptConfig, ScriptTrack, VipConfig} from './config.ts'

/** What changes from one configuration to another: a line for each change, in the order of the new text; no secrets. */
export function describeChanges(before: Config, after: Config): readonly string[] {
  return [
    ...globalChanges(before.global, after.global),
    ...named(before.scripts, after.scripts, name => `script ${name}`, scriptChanges),
    ...named(before.instances, after.instances, name => name, instanceChanges),
  ]
}

/** How one field is told: its name in the configuration, and its value as a person would write it. */
type Fields<T> = {readonly [name: string]: (value: T) => string}

const onOff = (value: boolean): string => (value ? 'on' : 'off')
const seconds = (ms: number): string => `${ms / 1_000} s`
const user = ({user, group}: {user: string; group?: string}): string => (group ? `${user} ${group}` : user)

function command(value: Command | undefined): string {
  if (!value) return 'none'
  const words = value.argv.map(word => (/^[^\s"'\\]+$/.test(word) ? word : JSON.stringify(word)))
  return value.runAs ? `${words.join(' ')} (as ${user(value.runAs)})` : words.join(' ')
}

const GLOBAL_FIELDS: Fields<GlobalConfig> = {
  router_id: global => global.routerId ?? 'the name of the host',
  script_user: global => (global.scriptUser ? user(global.scriptUser) : 'default'),
  enable_script_security: global => onOff(global.enableScriptSecurity),
}

const SCRIPT_FIELDS: Fields<ScriptConfig> = {
  script: script => command(script.command),
  interval: script => seconds(script.intervalMs),
  timeout: script => seconds(script.timeoutMs),
  weight: script => String(script.weight),
  reverse: script => onOff(script.reverse),
  rise: script => String(script.rise),
  fall: script => String(script.fall),
}

const INSTANCE_FIELDS: Fields<InstanceConfig> = {
  interface: instance => instance.interface,
  virtual_router_id: instance => String(instance.vrid),
  version: instance => String(instance.version),
  state: instance => instance.initialState.toUpperCase(),
  priority: instance => String(instance.priority),
  advert_int: instance => seconds(instance.advertIntervalMs),
  preempt: instance => onOff(instance.preempt),
  preempt_delay: instance => seconds(instance.preemptDelayMs),
  v3_checksum_as_v2: instance => onOff(instance.checksumWithoutPseudoHeader),
  garp_master_delay: instance => seconds(instance.garp.delayMs),
  garp_master_repeat: instance => String(instance.garp.repeat),
  garp_master_refresh: instance => seconds(instance.garp.refreshMs),
  garp_master_refresh_repeat: instance => String(instance.garp.refreshRepeat),
  garp_lower_prio_delay: instance => seconds(instance.garp.lowerPriorityDelayMs),
  garp_lower_prio_repeat: instance => String(instance.garp.lowerPriorityRepeat),
  vrrp_garp_interval: instance => seconds(instance.garp.intervalMs),
  notify_master: instance => command(instance.notify.master),
  notify_backup: instance => command(instance.notify.backup),
  notify_fault: instance => command(instance.notify.fault),
  notify_stop: instance => command(instance.notify.stop),
  notify: instance => command(instance.notify.any),
}

const globalChanges = (before: GlobalConfig, after: GlobalConfig): readonly string[] =>
  fieldChanges('global_defs', GLOBAL_FIELDS, before, after)

const scriptChanges = (before: ScriptConfig, after: ScriptConfig): readonly string[] =>
  fieldChanges(`script ${after.name}`, SCRIPT_FIELDS, before, after)

function instanceChanges(before: InstanceConfig, after: InstanceConfig): readonly string[] {
  const changes = [...fieldChanges(after.name, INSTANCE_FIELDS, before, after)]
  const {authentication: was} = before
  const {authentication: is} = after
  if (was?.type !== is?.type || was?.password !== is?.password) {
    changes.push(`${after.name}: authentication ${was ? (is ? 'changed' : 'removed') : 'added'}`)
  }
  const vips = [before.vips, after.vips] as const
  changes.push(...members(after.name, 'virtual address', vips, {key: vipKey, text: vipText}))
  const tracks = [before.trackScripts, after.trackScripts] as const
  changes.push(...members(after.name, 'tracked script', tracks, {key: track => track.script, text: trackText}))
  return changes
}

function fieldChanges<T>(name: string, fields: Fields<T>, before: T, after: T): readonly string[] {
  return Object.entries(fields).flatMap(([field, text]) => {
    const [was, is] = [text(before), text(after)]
    return was === is ? [] : [`${name}: ${field} ${was} -> ${is}`]
  })
}

function named<T extends {readonly name: string}>(
  before: readonly T[],
  after: readonly T[],
  label: (name: string) => string,
  changes: (before: T, after: T) => readonly string[],
): readonly string[] {
  const old = new Map(before.map(item => [item.name, item]))
  const kept = new Set(after.map(({name}) => name))
  const removed = before.filter(({name}) => !kept.has(name)).map(({name}) => `${label(name)}: removed`)
  const rest = after.flatMap(item => {
    const was = old.get(item.name)
    return was ? changes(was, item) : [`${label(item.name)}: added`]
  })
  return [...removed, ...rest]
}

function members<T>(
  name: string,
  what: string,
  [before, after]: readonly [readonly T[], readonly T[]],
  {key, text}: {readonly key: (item: T) => string; readonly text: (item: T) => string},
): readonly string[] {
  const old = new Map(before.map(item => [key(item), item]))
  const kept = new Set(after.map(key))
  const gone = before.filter(item => !kept.has(key(item))).map(item => `${name}: ${what} ${text(item)} removed`)
  const rest = after.flatMap(item => {
    const was = old.get(key(item))
    if (!was) return [`${name}: ${what} ${text(item)} added`]
    return text(was) === text(item) ? [] : [`${name}: ${what} ${text(was)} -> ${text(item)}`]
  })
  return [...gone, ...rest]
}

const vipKey = (vip: VipConfig): string => vip.address

function vipText({address, prefixLength, device, broadcast, scope, label}: VipConfig): string {
  const parts = [`${address}/${prefixLength}`]
  if (device !== undefined) parts.push(`dev ${device}`)
  if (broadcast !== undefined) parts.push(`brd ${broadcast}`)
  if (scope !== undefined) parts.push(`scope ${scope}`)
  if (label !== undefined) parts.push(`label ${label}`)
  return parts.join(' ')
}

const trackText = ({script, weight, reverse}: ScriptTrack): string =>
  `${script} weight ${weight}${reverse ? ' reverse' : ''}`
