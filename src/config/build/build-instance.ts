import {ipFamily, ipToBytes, ipv4Broadcast} from '../../core/ip.ts'
import {type Priority, priority as toPriority} from '../../core/units.ts'
import type {PassKey} from '../../core/vrrp/config.ts'
import type {
  GarpConfig,
  InstanceConfig,
  NotifyConfig,
  Position,
  ScriptConfig,
  ScriptTrack,
  VipConfig,
} from '../config.ts'
import type {DiagnosticName} from '../diagnostic-codes.ts'
import type {Findings} from '../findings.ts'
import {KNOWN_IN_INSTANCE} from '../known-keywords.ts'
import type {BlockValue} from '../schema/schema.ts'
import type {GlobalSettings} from '../tables/global-defs.ts'
import type {InstanceSettings} from '../tables/vrrp-instance.ts'

/** A script that can be tracked, and its place in the text. */
export interface ScriptInUse {
  readonly config: ScriptConfig
  readonly order: number
}

type InstanceBlock = BlockValue<InstanceSettings>

/** Completes one virtual router as keepalived does; undefined when it cannot work or would do harm. */
export function buildInstance(
  block: InstanceBlock,
  global: GlobalSettings,
  scripts: ReadonlyMap<string, ScriptInUse>,
  findings: Findings,
): InstanceConfig | undefined {
  const {name, position, settings} = block
  const report = reporter(block, findings)
  const version = settings.version ?? global.version
  const priority = settings.priority ?? toPriority(settings.initialState === 'master' ? OWNER : DEFAULT_PRIORITY)
  const initialState = settings.initialState ?? (priority === OWNER ? 'master' : 'backup')
  reportState(block, report)
  const usable = isUsable(block, version, report)
  const vips = buildVips(settings.vips, report)
  const instance = {
    name,
    position,
    version,
    initialState,
    priority,
    advertIntervalMs: advertInterval(settings.advertIntervalMs, version, report),
    authentication: buildAuthentication(block, version, report),
    ...buildPreempt(block, {initialState, priority}, report),
    checksumWithoutPseudoHeader: settings.checksumWithoutPseudoHeader ?? global.checksumWithoutPseudoHeader,
    garp: buildGarp(settings, global),
    vips,
    trackScripts: buildTracks(block, scripts, priority, report),
    notify: buildNotify(settings),
  }
  const {interface: device, vrid} = settings
  if (vrid === undefined) report('vrid-missing', undefined, 'left out: it has no virtual_router_id', '1 to 255')
  if (device === undefined) report('interface-missing', undefined, 'left out: it has no interface', 'interface NAME')
  if (!usable || vrid === undefined || device === undefined) return undefined
  return {...instance, interface: device, vrid}
}

const OWNER = 255
const DEFAULT_PRIORITY = 100
/** Version 3 has 12 bits of centiseconds. RFC 9568 section 5.2.7. */
const LONGEST_V3_MS = 40_950
/** The count of addresses has eight bits. RFC 9568 section 5.2.5. */
const MAX_VIPS = 255

type Report = (
  name: DiagnosticName,
  field: keyof InstanceSettings | Position | undefined,
  message: string,
  hint?: string,
) => void

/** Reports at the line that set a field, or at a position, or at the head of the block. */
function reporter(block: InstanceBlock, findings: Findings): Report {
  return (name, where, message, hint) => {
    const position = (typeof where === 'string' ? block.at[where] : where) ?? block.position
    findings.report(name, position, `${block.name}: ${message}`, hint)
  }
}

function isUsable({settings, notActedOn}: InstanceBlock, version: 2 | 3, report: Report): boolean {
  let usable = true
  const leaveOut = (where: Position | keyof InstanceSettings, reason: string): void => {
    usable = false
    report('instance-left-out', where, `left out: ${reason}`)
  }
  for (const {keyword, statement} of notActedOn) {
    const effect = KNOWN_IN_INSTANCE.effects.get(keyword)
    if (!effect?.leavesOut) continue
    if (keyword === 'mcast_dst_ip' && statement.words[0]?.text === '224.0.0.18') continue
    leaveOut(statement.position, `${keyword} is not supported yet, and without it ${effect.text}`)
  }
  const first = settings.vips[0]
  if (
    settings.vips.length === 0 &&
    version === 3 &&
    !notActedOn.some(({keyword}) => keyword === 'no_virtual_ipaddress')
  ) {
    leaveOut('vips', 'version 3 needs a virtual address')
  }
  if (first && ipFamily(first.address) === 6) leaveOut(first.position, 'VRRP over IPv6 is not supported yet')
  const type = settings.authentication?.settings.type
  if (type === 'ah') leaveOut(settings.authentication?.at.type ?? 'authentication', 'auth_type AH is not supported yet')
  return usable
}

function reportState({settings}: InstanceBlock, report: Report): void {
  const {initialState, priority} = settings
  if (initialState === 'backup' && priority === OWNER) {
    report('state-contradicts-priority', 'initialState', 'priority 255 is for the owner, whose state is MASTER')
  }
  if (initialState === 'master' && priority === undefined) {
    const message = 'state MASTER without a priority means priority 255, that of the owner of the addresses'
    report('state-contradicts-priority', 'initialState', message, 'give it a priority, such as 100')
  }
}

function advertInterval(ms: number, version: 2 | 3, report: Report): number {
  const corrected =
    version === 2 ? Math.max(1_000, Math.round(ms / 1_000) * 1_000) : Math.min(LONGEST_V3_MS, Math.round(ms / 10) * 10)
  if (corrected !== ms) {
    const permitted =
      version === 2 ? 'version 2 has whole seconds' : 'version 3 has hundredths of a second, 40.95 at most'
    const message = `advert_int ${ms / 1_000} is not possible; ${corrected / 1_000} is used`
    report('advert-int-corrected', 'advertIntervalMs', message, permitted)
  }
  return corrected
}

function buildPreempt(
  {settings}: InstanceBlock,
  {initialState, priority}: {readonly initialState: 'master' | 'backup'; readonly priority: Priority},
  report: Report,
): {readonly preempt: boolean; readonly preemptDelayMs: number} {
  let {preempt, preemptDelayMs} = settings
  if (!preempt && (initialState === 'master' || priority === OWNER)) {
    const why = priority === OWNER ? 'priority 255' : 'state MASTER'
    report('preempt-corrected', 'preempt', `nopreempt does not go with ${why}; it is cleared`, 'use state BACKUP')
    preempt = true
  }
  if (preemptDelayMs > 0 && (initialState === 'master' || !preempt)) {
    const why = preempt ? 'state MASTER' : 'nopreempt'
    report('preempt-corrected', 'preemptDelayMs', `preempt_delay does not go with ${why}; it is cleared`)
    preemptDelayMs = 0
  }
  return {preempt, preemptDelayMs}
}

function buildAuthentication(block: InstanceBlock, version: 2 | 3, report: Report): PassKey | undefined {
  const authentication = block.settings.authentication
  if (!authentication) return undefined
  const {type, password} = authentication.settings
  if (type === undefined) {
    if (password === undefined) return undefined
    const message = 'auth_pass without a valid auth_type: advertisements are not authenticated'
    report('authentication-untyped', authentication.at.password ?? authentication.position, message, 'auth_type PASS')
    return undefined
  }
  if (version === 3) {
    const message = 'version 3 has no authentication; it is ignored'
    report('authentication-corrected', authentication.position, message, 'remove it, or use version 2')
    return undefined
  }
  if (password === undefined || password === '') {
    const message = 'auth_type without auth_pass: advertisements are not authenticated'
    report('authentication-corrected', authentication.at.type ?? authentication.position, message, 'auth_pass TEXT')
    return undefined
  }
  const bytes = Buffer.from(password)
  if (bytes.length <= MAX_PASSWORD_BYTES) return {type: 'pass', password}
  const message = `auth_pass has ${bytes.length} bytes; only the first ${MAX_PASSWORD_BYTES} are used`
  report('auth-pass-truncated', authentication.at.password, message, `at most ${MAX_PASSWORD_BYTES} bytes`)
  return {type: 'pass', password: bytes.subarray(0, MAX_PASSWORD_BYTES).toString()}
}

/** RFC 2338 section 5.3.6.2. */
const MAX_PASSWORD_BYTES = 8

function buildGarp(settings: InstanceSettings, global: GlobalSettings): GarpConfig {
  return {
    delayMs: settings.garpDelayMs ?? global.garpDelayMs,
    repeat: settings.garpRepeat ?? global.garpRepeat,
    refreshMs: settings.garpRefreshMs ?? global.garpRefreshMs,
    refreshRepeat: settings.garpRefreshRepeat ?? global.garpRefreshRepeat,
    // What the instance says about bursts as a new master does not reach these two.
    lowerPriorityDelayMs: settings.garpLowerPriorityDelayMs ?? global.garpLowerPriorityDelayMs ?? global.garpDelayMs,
    lowerPriorityRepeat: settings.garpLowerPriorityRepeat ?? global.garpLowerPriorityRepeat ?? global.garpRepeat,
    intervalMs: global.garpIntervalMs,
  }
}

function buildVips(listed: readonly VipConfig[], report: Report): readonly VipConfig[] {
  const family = listed[0] ? ipFamily(listed[0].address) : 4
  const kept = new Map<string, VipConfig>()
  for (const vip of listed) {
    if (ipFamily(vip.address) !== family) {
      const message = `${vip.address} is left out: it is not of the family of the first address`
      report('vip-family-differs', vip.position, message, 'one virtual router holds addresses of one family')
    } else if (kept.has(vip.address)) {
      report('vip-duplicate', vip.position, `${vip.address} is listed twice; this one is left out`)
    } else if (kept.size === MAX_VIPS) {
      report(
        'vip-too-many',
        vip.position,
        `${vip.address} and what follows is left out: it is one too many`,
        '255 at most',
      )
      break
    } else {
      reportUnusual(vip, report)
      kept.set(vip.address, vip)
    }
  }
  if (kept.size === 0)
    report('vip-missing', 'vips', 'it has no virtual address', 'virtual_ipaddress { ADDRESS/LENGTH }')
  return [...kept.values()]
}

function reportUnusual({address, prefixLength, position}: VipConfig, report: Report): void {
  if (ipFamily(address) !== 4) return
  const [first = 0] = ipToBytes(address)
  if (first === 0 || first >= 224) report('vip-unusual', position, `${address} is not the address of a host`)
  if (prefixLength >= 31) return
  const last = ipv4Broadcast(address, prefixLength)
  const hostBits = ipToBytes(last).readUInt32BE(0) - ipToBytes(address).readUInt32BE(0)
  if (hostBits === 0)
    report('vip-unusual', position, `${address}/${prefixLength} is the broadcast address of its network`)
  else if (hostBits === 2 ** (32 - prefixLength) - 1) {
    report('vip-unusual', position, `${address}/${prefixLength} is the network itself, not a host of it`)
  }
}

function buildTracks(
  {settings, order}: InstanceBlock,
  scripts: ReadonlyMap<string, ScriptInUse>,
  priority: Priority,
  report: Report,
): readonly ScriptTrack[] {
  const tracks = new Map<string, ScriptTrack>()
  for (const line of settings.trackScripts) {
    const script = scripts.get(line.script)
    if (!script || script.order > order) {
      const lack = script ? 'defined before this line' : 'there'
      const message = `vrrp_script ${line.script} is not ${lack}; it is not tracked`
      const hint = script ? 'move vrrp_script up' : `define it: vrrp_script ${line.script} { … }`
      report('script-undefined', line.position, message, hint)
      continue
    }
    if (tracks.has(line.script)) {
      report('script-tracked-twice', line.position, `${line.script} is tracked already; this line is ignored`)
      continue
    }
    const weight = line.weight ?? script.config.weight
    if (weight !== 0 && priority === OWNER) {
      const message = `priority 255 never changes, so ${line.script} with its weight is not tracked`
      report('track-weight-owner', line.position, message)
      continue
    }
    tracks.set(line.script, {script: line.script, weight, reverse: line.reverse ?? script.config.reverse})
  }
  return [...tracks.values()]
}

function buildNotify(settings: InstanceSettings): NotifyConfig {
  const {notifyMaster, notifyBackup, notifyFault, notifyStop, notifyAny} = settings
  return {
    ...(notifyMaster && {master: notifyMaster}),
    ...(notifyBackup && {backup: notifyBackup}),
    ...(notifyFault && {fault: notifyFault}),
    ...(notifyStop && {stop: notifyStop}),
    ...(notifyAny && {any: notifyAny}),
  }
}
