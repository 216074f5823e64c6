import {readFileSync, readlinkSync} from 'node:fs'
import {parseIp} from '../../core/ip.ts'
import type {IpvsTimeouts, SyncDaemon, SyncRole} from '../../core/ipvs/model.ts'
import {isServiceOverride} from '../../core/ipvs/override-check.ts'
import type {ServiceOverride} from '../../core/ipvs/wanted.ts'

/** What the agent knows of IPVS besides its configuration; it is kept in a file. */
export interface LvsState {
  readonly services: readonly KeptService[]
  readonly timeouts: KeptTimeouts | undefined
  readonly daemons: readonly KeptDaemon[]
  /**
   * What is or may be in the kernel and is ours, by the name of the service: the name itself, where the service is
   * ours, and the names of real servers.
   */
  readonly owned: ReadonlyMap<string, ReadonlySet<string>>
  readonly ownedDaemons: ReadonlySet<SyncRole>
  /** What the timeouts were before the agent changed them. */
  readonly timeoutsBefore: IpvsTimeouts | undefined
}

/** What operators changed of a service. */
export interface KeptService {
  /** ISO 8601. */
  readonly since: string
  readonly override: ServiceOverride
  /** What others had made of it and the operator changed: the service, where it was theirs, and real servers. */
  readonly found: ServiceOverride | undefined
}

/** Timeouts that an operator set; 0: that of the configuration. */
export interface KeptTimeouts {
  readonly since: string
  readonly timeouts: IpvsTimeouts
}

/** A daemon that an operator started, or one of the configuration that he stopped. */
export interface KeptDaemon {
  readonly since: string
  readonly role: SyncRole
  readonly daemon: SyncDaemon | 'stopped'
}

/** A line of the file, so to speak: what is damaged costs itself alone. */
export type LvsStateEntry =
  | ({readonly type: 'service'} & KeptService)
  | ({readonly type: 'timeouts'} & KeptTimeouts)
  | ({readonly type: 'daemon'} & KeptDaemon)
  /** The boot and the network namespace that what follows was put into. */
  | {readonly type: 'kernel'; readonly identity: string}
  | {readonly type: 'owned'; readonly service: string; readonly names: readonly string[]}
  | {readonly type: 'owned-daemon'; readonly role: SyncRole}
  | {readonly type: 'timeouts-before'; readonly timeouts: IpvsTimeouts}

/** Nothing is changed, and nothing in the kernel is ours. */
export const NO_STATE: LvsState = {
  services: [],
  timeouts: undefined,
  daemons: [],
  owned: new Map(),
  ownedDaemons: new Set(),
  timeoutsBefore: undefined,
}

/** The boot and the network namespace: a table of IPVS lives as long as these. */
export const kernelIdentity = (): string =>
  `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/net')}`

/** The state as the entries of its file. */
export function stateEntries(state: LvsState, identity: string): readonly LvsStateEntry[] {
  return [
    ...state.services.map(kept => ({type: 'service', ...kept}) as const),
    ...(state.timeouts ? [{type: 'timeouts', ...state.timeouts} as const] : []),
    ...state.daemons.map(kept => ({type: 'daemon', ...kept}) as const),
    {type: 'kernel', identity},
    ...[...state.owned].map(([service, names]) => ({type: 'owned', service, names: [...names]}) as const),
    ...[...state.ownedDaemons].map(role => ({type: 'owned-daemon', role}) as const),
    ...(state.timeoutsBefore ? [{type: 'timeouts-before', timeouts: state.timeoutsBefore} as const] : []),
  ]
}

/** The state that a file held. What was put into another kernel is not there any more: others made what is there. */
export function stateOf(entries: readonly LvsStateEntry[], identity: string): LvsState {
  const sameKernel = entries.some(entry => entry.type === 'kernel' && entry.identity === identity)
  const owned = new Map<string, ReadonlySet<string>>()
  const ownedDaemons = new Set<SyncRole>()
  const services: KeptService[] = []
  const daemons: KeptDaemon[] = []
  let timeouts: KeptTimeouts | undefined
  let timeoutsBefore: IpvsTimeouts | undefined
  for (const entry of entries) {
    switch (entry.type) {
      case 'service':
        services.push({since: entry.since, override: entry.override, found: entry.found})
        break
      case 'timeouts':
        timeouts = {since: entry.since, timeouts: entry.timeouts}
        break
      case 'daemon':
        daemons.push({since: entry.since, role: entry.role, daemon: entry.daemon})
        break
      case 'kernel':
        break
      case 'owned':
        if (sameKernel) owned.set(entry.service, new Set(entry.names))
        break
      case 'owned-daemon':
        if (sameKernel) ownedDaemons.add(entry.role)
        break
      case 'timeouts-before':
        if (sameKernel) timeoutsBefore = entry.timeouts
    }
  }
  return {services, timeouts, daemons, owned, ownedDaemons, timeoutsBefore}
}

/** Whether a value of the file is what the agent writes there. */
export function isStateEntry(value: unknown): value is LvsStateEntry {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  const entry = value as {readonly [field: string]: unknown}
  switch (entry.type) {
    case 'service':
      return isTime(entry.since) && isServiceOverride(entry.override) && isOptional(entry.found, isServiceOverride)
    case 'timeouts':
      return isTime(entry.since) && isTimeouts(entry.timeouts)
    case 'daemon':
      return (
        isTime(entry.since) && isRole(entry.role) && (entry.daemon === 'stopped' || isDaemon(entry.daemon, entry.role))
      )
    case 'kernel':
      return isText(entry.identity)
    case 'owned':
      return isText(entry.service) && Array.isArray(entry.names) && entry.names.every(isText)
    case 'owned-daemon':
      return isRole(entry.role)
    case 'timeouts-before':
      return isTimeouts(entry.timeouts)
    default:
      return false
  }
}

/** Longer than a name of a service is, and than what tells kernels apart. */
const MAX_TEXT = 200
/** 31 days. <linux/ip_vs.h> has no bound, ipvsadm(8) has this one. */
const MAX_TIMEOUT_S = 2_678_400
/** IFNAMSIZ of <linux/if.h> less its terminating zero. */
const MAX_INTERFACE_NAME = 15

const isText = (text: unknown): boolean => typeof text === 'string' && text.length > 0 && text.length <= MAX_TEXT

const isTime = (text: unknown): boolean => isText(text) && !Number.isNaN(Date.parse(String(text)))

const isRole = (role: unknown): role is SyncRole => role === 'master' || role === 'backup'

const isWithin = (count: unknown, max: number): boolean =>
  Number.isInteger(count) && Number(count) >= 0 && Number(count) <= max

const isOptional = (value: unknown, isSound: (value: unknown) => boolean): boolean =>
  value === undefined || isSound(value)

function isTimeouts(value: unknown): value is IpvsTimeouts {
  if (typeof value !== 'object' || value === null) return false
  const {tcpSeconds, tcpFinSeconds, udpSeconds} = value as Partial<IpvsTimeouts>
  return [tcpSeconds, tcpFinSeconds, udpSeconds].every(seconds => isWithin(seconds, MAX_TIMEOUT_S))
}

function isDaemon(value: unknown, expected: SyncRole): value is SyncDaemon {
  if (typeof value !== 'object' || value === null) return false
  const {role, interface: device, syncId, maxLengthBytes, group, port, ttl} = value as Partial<SyncDaemon>
  return (
    role === expected &&
    isText(device) &&
    String(device).length <= MAX_INTERFACE_NAME &&
    isWithin(syncId, 255) &&
    isOptional(maxLengthBytes, bytes => isWithin(bytes, 65_507)) &&
    isOptional(group, address => typeof address === 'string' && parseIp(address).ok) &&
    isOptional(port, given => isWithin(given, 65_535)) &&
    isOptional(ttl, given => isWithin(given, 255))
  )
}
