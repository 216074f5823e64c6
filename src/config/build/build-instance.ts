import {type Priority, priority as toPriority} from '../../core/units.ts'
import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {GlobalConfig, InstanceConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import {refusedAt} from '../schema/refused.ts'
import type {Filled, Item} from '../schema/schema.ts'
import type {InstanceSettings} from '../tables/vrrp-instance.ts'
import {buildAddresses, familyOf} from './instance-addresses.ts'
import {buildAuthentication, buildHmac} from './instance-authentication.ts'
import {buildStrict} from './instance-strict.ts'
import {buildTransport} from './instance-transport.ts'
import {type Report, reporter} from './reporter.ts'
import {resolveTracks, type Trackables} from './resolve-tracks.ts'

/** Completes one virtual router as keepalived does; undefined when it lacks what it cannot be without. */
export function buildInstance(
  item: Item<InstanceSettings>,
  global: GlobalConfig,
  trackables: Trackables,
  findings: Findings,
): InstanceConfig | undefined {
  const report = reporter<InstanceSettings>(item, findings)
  const family = familyOf(item)
  const version = buildVersion(item, global, family, report)
  const priority = item.priority ?? toPriority(item.initialState === 'master' ? OWNER_PRIORITY : DEFAULT_PRIORITY)
  const initialState = item.initialState ?? (priority === OWNER_PRIORITY ? 'master' : 'backup')
  reportState(item, report)
  const addresses = buildAddresses(item, family, report)
  const strict = buildStrict(item, global, {family, version, priority}, report)
  const transport = buildTransport(item, family, report)
  const hmac = buildHmac(item, report)
  const authentication = hmac ? undefined : buildAuthentication(item, version, strict.strict, report)
  const {vrid} = item
  const complete = reportIncomplete(
    item,
    addresses.vips.length,
    strict.noVirtualAddresses,
    version,
    transport.unicastPeers.length > 0,
    report,
  )
  const tracks = resolveTracks(item, trackables, {order: item.order, priority, interface: item.interface}, report)
  if (vrid === undefined || !complete) return undefined
  const preempt = buildPreempt({...item, strict: strict.strict}, {initialState, priority}, report)
  return {
    ...item,
    vrid,
    version,
    initialState: isAhMember(authentication, priority) ? stateWithAh(initialState, report) : initialState,
    priority,
    advertIntervalMs: advertInterval(item.advertIntervalMs, version, report),
    authHmac: hmac,
    authentication,
    checksumWithoutPseudoHeader: item.checksumWithoutPseudoHeader ?? global.checksumWithoutPseudoHeader,
    checkUnicastSource:
      item.checkUnicastSource ??
      (global.checkUnicastSource || transport.unicastPeers.some(({minTtl}) => minTtl !== undefined)),
    skipCheckAdvertAddresses: item.skipCheckAdvertAddresses ?? global.skipCheckAdvertAddresses,
    notifyPriorityChanges: item.notifyPriorityChanges ?? global.notifyPriorityChanges,
    smtpAlert: item.smtpAlert ?? global.smtpAlertVrrp ?? global.smtpAlert ?? false,
    ...addresses,
    // Addresses that do not fit an advertisement are held like those listed there.
    at: addresses.excludedVips.length > 0 ? {excludedVips: item.at.vips ?? item.position, ...item.at} : item.at,
    ...buildGarp(item, global, strict.strict),
    ...strict,
    ...transport,
    vmacTransmitBase: strict.vmacTransmitBase && transport.vmacTransmitBase,
    ...preempt,
    timerExpiredBackup: buildStall(item, preempt.preempt, report),
    ...tracks,
  }
}

const DEFAULT_PRIORITY = 100
/** Version 3 has 12 bits of centiseconds. RFC 9568 section 5.2.7. */
const LONGEST_V3_MS = 40_950

function buildVersion(
  item: Item<InstanceSettings>,
  global: GlobalConfig,
  family: 4 | 6,
  report: Report<InstanceSettings>,
): 2 | 3 {
  if (family === 4) return item.version ?? global.version
  if (item.version === 2)
    report('version-corrected', 'version', 'version 2 has no IPv6; version 3 is used', 'version 3')
  return 3
}

/** False when it lacks something that it cannot be without. */
function reportIncomplete(
  item: Item<InstanceSettings>,
  vips: number,
  noVirtualAddresses: boolean,
  version: 2 | 3,
  unicast: boolean,
  report: Report<InstanceSettings>,
): boolean {
  const {vrid, interface: device, vrf} = item
  if (vrid === undefined) reportLacking(item, 'vrid', report)
  const interfaceMissing = device === undefined && vrf === undefined && !unicast
  if (interfaceMissing) reportLacking(item, 'interface', report)
  const noAddress = vips === 0 && !noVirtualAddresses
  const addressMissing = noAddress && version === 3
  if (noAddress) {
    const message = addressMissing ? 'left out: version 3 needs a virtual address' : 'it has no virtual address'
    report('vip-missing', 'vips', message, 'virtual_ipaddress { ADDRESS/LENGTH }')
  }
  return vrid !== undefined && !interfaceMissing && !addressMissing
}

const NEEDED = {
  vrid: {kind: 'vrid-missing', keyword: 'virtual_router_id', form: '1 to 255'},
  interface: {kind: 'interface-missing', keyword: 'interface', form: 'interface NAME'},
} as const

/** Says that it is left out: as a mistake where something is not there, and as what follows where it is wrong. */
function reportLacking(item: Item<InstanceSettings>, field: keyof typeof NEEDED, report: Report<InstanceSettings>) {
  const {kind, keyword, form} = NEEDED[field]
  const wrong = refusedAt(item, field)
  if (wrong) report('router-left-out', undefined, `left out, since ${keyword} in line ${wrong.line} has no effect`)
  else report(kind, undefined, `left out: it has no ${keyword}`, form)
}

function reportState({initialState, priority}: Item<InstanceSettings>, report: Report<InstanceSettings>): void {
  if (initialState === 'backup' && priority === OWNER_PRIORITY) {
    report('state-contradicts-priority', 'initialState', 'priority 255 is for the owner, whose state is MASTER')
  }
  if (initialState === 'master' && priority === undefined) {
    const message = 'state MASTER without a priority means priority 255, that of the owner of the addresses'
    report('state-contradicts-priority', 'initialState', message, 'give it a priority, such as 100')
  }
}

const isAhMember = (authentication: InstanceSettings['authentication'], priority: Priority): boolean =>
  authentication?.type === 'ah' && priority !== OWNER_PRIORITY

/** keepalived lets nobody but an owner begin as master before it has heard the sequence numbers of the others. */
function stateWithAh(state: 'master' | 'backup', report: Report<InstanceSettings>): 'backup' {
  if (state === 'master') {
    const message = 'state MASTER does not go with auth_type AH; BACKUP is used'
    report('state-contradicts-ah', 'initialState', message, 'state BACKUP')
  }
  return 'backup'
}

function advertInterval(ms: number, version: 2 | 3, report: Report<InstanceSettings>): number {
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
  {preempt: wanted, preemptDelayMs: delay, strict}: Pick<InstanceSettings, 'preempt' | 'preemptDelayMs' | 'strict'>,
  {initialState, priority}: {readonly initialState: 'master' | 'backup'; readonly priority: Priority},
  report: Report<InstanceSettings>,
): {readonly preempt: boolean; readonly preemptDelayMs: number} {
  let preempt = wanted
  let preemptDelayMs = delay
  if (!preempt && (initialState === 'master' || priority === OWNER_PRIORITY)) {
    const why = priority === OWNER_PRIORITY ? 'priority 255' : 'state MASTER'
    report('preempt-corrected', 'preempt', `nopreempt does not go with ${why}; it is cleared`, 'use state BACKUP')
    preempt = true
  }
  if (strict) preemptDelayMs = 0
  if (preemptDelayMs > 0 && (initialState === 'master' || !preempt)) {
    const why = preempt ? 'state MASTER' : 'nopreempt'
    report('preempt-corrected', 'preemptDelayMs', `preempt_delay does not go with ${why}; it is cleared`)
    preemptDelayMs = 0
  }
  return {preempt, preemptDelayMs}
}

function buildStall(
  {timerExpiredBackup}: Item<InstanceSettings>,
  preempt: boolean,
  report: Report<InstanceSettings>,
): number | undefined {
  if (timerExpiredBackup === undefined || !preempt) return timerExpiredBackup
  const message = 'timer_expired_backup needs nopreempt; it is cleared'
  report('stall-needs-nopreempt', 'timerExpiredBackup', message, 'add nopreempt')
  return undefined
}

type GarpField =
  | 'garpDelayMs'
  | 'garpRepeat'
  | 'garpRefreshMs'
  | 'garpRefreshRepeat'
  | 'garpLowerPriorityDelayMs'
  | 'garpLowerPriorityRepeat'
  | 'garpExtraInterface'

function buildGarp(
  item: Item<InstanceSettings>,
  global: GlobalConfig,
  strict: boolean,
): Pick<Filled<InstanceSettings, GarpField>, GarpField> {
  return {
    garpDelayMs: item.garpDelayMs ?? global.garpDelayMs,
    garpRepeat: item.garpRepeat ?? global.garpRepeat,
    garpRefreshMs: item.garpRefreshMs ?? global.garpRefreshMs,
    garpRefreshRepeat: item.garpRefreshRepeat ?? global.garpRefreshRepeat,
    // What the instance says about bursts as a new master does not reach these two.
    garpLowerPriorityDelayMs: strict
      ? 0
      : (item.garpLowerPriorityDelayMs ?? global.garpLowerPriorityDelayMs ?? global.garpDelayMs),
    garpLowerPriorityRepeat: strict
      ? 0
      : (item.garpLowerPriorityRepeat ?? global.garpLowerPriorityRepeat ?? global.garpRepeat),
    garpExtraInterface: item.garpExtraInterface ?? global.garpExtraInterface,
  }
}
