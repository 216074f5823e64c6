import type {IpAddress} from '../core/ip.ts'
import type {ServerGroupConfig, VirtualServerConfig} from './lvs-config.ts'
import type {Filled, Item} from './schema/schema.ts'
import type {BfdSettings} from './tables/bfd-instance.ts'
import type {GlobalSettings} from './tables/global-defs.ts'
import type {RootSettings} from './tables/root.ts'
import type {SyncGroupSettings} from './tables/sync-group.ts'
import type {TrackFileSettings} from './tables/track-file.ts'
import type {TrackLine} from './tables/track-lines.ts'
import type {TrackProcessSettings} from './tables/track-process.ts'
import type {InstanceSettings} from './tables/vrrp-instance.ts'
import type {ScriptSettings} from './tables/vrrp-script.ts'

/** Where something stands in the configuration: file as opened, line and column from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * What is wrong with a configuration. `error`: keepalived would complain too, and the line has no effect;
 * `warning`: it has an effect that may surprise; `info`: accepted, but not acted on yet.
 */
export type Severity = 'error' | 'warning' | 'info'

/**
 * What kind of finding it is. `syntax`: the text; `semantic`: what it means; `environment`: what this host lacks for
 * it, and another may have; `security`: what others than its owner could make of it.
 */
export type DiagnosticClass = 'syntax' | 'semantic' | 'environment' | 'security'

/** One finding about a configuration. */
export interface Diagnostic {
  /** Stable, `HC` and four digits; the meaning of each is in `diagnostic-codes.ts`. */
  readonly code: string
  readonly severity: Severity
  readonly class: DiagnosticClass
  readonly position: Position
  /** One line: what is wrong. Never holds a secret. */
  readonly message: string
  /** One line: what is permitted, or what to do. */
  readonly hint?: string
}

/**
 * A whole configuration, typed, with every default filled in and everything inherited. Its objects have the fields of
 * the tables in `tables/`. All durations are milliseconds, with fractions, unless the field says otherwise.
 */
export interface Config extends Omit<Item<RootSettings>, keyof BuiltObjects>, BuiltObjects {}

/** What differs from how it stands in the text: things are found by name, and nothing that is needed is missing. */
interface BuiltObjects {
  readonly global: GlobalConfig
  readonly scripts: readonly ScriptConfig[]
  readonly trackFiles: readonly TrackFileConfig[]
  readonly trackProcesses: readonly TrackProcessConfig[]
  readonly bfdInstances: readonly BfdConfig[]
  readonly instances: readonly InstanceConfig[]
  readonly syncGroups: readonly SyncGroupConfig[]
  readonly staticAddresses: readonly StaticAddressConfig[]
  readonly virtualServerGroups: readonly ServerGroupConfig[]
  readonly virtualServers: readonly VirtualServerConfig[]
}

/** `global_defs`. */
export type GlobalConfig = Item<GlobalSettings>

/** `vrrp_script`. */
export type ScriptConfig = Item<Filled<ScriptSettings, 'command' | 'timeoutMs'>>

/** `track_file`. */
export type TrackFileConfig = Item<Filled<TrackFileSettings, 'file'>>

/** `vrrp_track_process`; `delay` is in the delays that it sets. */
export type TrackProcessConfig = Item<Filled<TrackProcessSettings, 'process'>>

/** `bfd_instance`. */
export type BfdConfig = Item<Filled<BfdSettings, 'neighbour' | 'ttl'>>

/** `vrrp_sync_group`; every member is there. */
export type SyncGroupConfig = Item<SyncGroupSettings>

/** A line of a `track_…` block with what it inherits. */
export type ResolvedTrack = Filled<TrackLine, 'weight' | 'reverse'>

/** What an instance has besides its defaults. */
interface ResolvedInstance {
  readonly trackInterfaces: readonly ResolvedTrack[]
  readonly trackScripts: readonly ResolvedTrack[]
  readonly trackFiles: readonly ResolvedTrack[]
  readonly trackProcesses: readonly ResolvedTrack[]
  readonly trackBfds: readonly ResolvedTrack[]
}

/**
 * `vrrp_instance`: one virtual router. `interface` is undefined only for unicast, which needs none; an instance that
 * lacks more is not in the configuration.
 */
export type InstanceConfig = Item<
  Filled<Omit<InstanceSettings, keyof ResolvedInstance>, FilledField> & ResolvedInstance
>

type FilledField =
  | 'vrid'
  | 'priority'
  | 'initialState'
  | 'version'
  | 'checksumWithoutPseudoHeader'
  | 'checkUnicastSource'
  | 'downTimerAdverts'
  | 'garpDelayMs'
  | 'garpRepeat'
  | 'garpRefreshMs'
  | 'garpRefreshRepeat'
  | 'garpLowerPriorityDelayMs'
  | 'garpLowerPriorityRepeat'
  | 'garpExtraInterface'
  | 'lowerPriorityNoAdvert'
  | 'higherPrioritySendAdvert'
  | 'skipCheckAdvertAddresses'
  | 'strict'
  | 'accept'
  | 'notifyPriorityChanges'
  | 'smtpAlert'

export interface ScriptUser {
  readonly user: string
  readonly group?: string
}

/** A program with its arguments, started without a shell. */
export interface Command {
  readonly argv: readonly [string, ...string[]]
  readonly runAs?: ScriptUser
}

/** Options of an address that stand alone. */
export type VipFlag = 'home' | '-nodad' | 'mngtmpaddr' | 'noprefixroute' | 'autojoin' | 'no_track' | 'use_vmac'

/** One line of `virtual_ipaddress`. */
export interface VipConfig {
  readonly position: Position
  readonly address: IpAddress
  readonly prefixLength: number
  /** Interface; undefined means the instance's. */
  readonly device?: string
  /** `+` all host bits set, `-` all clear, or an address (IPv4). */
  readonly broadcast?: '+' | '-' | IpAddress
  /** rtnetlink scope number: 0 global, 200 site, 253 link, 254 host. */
  readonly scope?: number
  readonly label?: string
  /** The other end of a point-to-point link. */
  readonly peer?: {readonly address: IpAddress; readonly prefixLength: number}
  readonly flags?: readonly VipFlag[]
  /** Seconds; undefined means 0 for an IPv6 address of length 128, or else forever. */
  readonly preferredLifetime?: number | 'forever'
  /** `track_group`, for static addresses. */
  readonly trackGroup?: string
}

/** One line of `static_ipaddress`. */
export interface StaticAddressConfig extends VipConfig {
  readonly device: string
}

/** What reading a configuration gives: always a configuration of what could be used, and everything found. */
export interface LoadedConfig {
  readonly config: Config
  readonly diagnostics: readonly Diagnostic[]
  /** Every file that was read, the main one first, as opened. */
  readonly files: readonly string[]
  /** What the files hold, for showing the line of a finding. */
  readonly texts: ReadonlyMap<string, string>
}
