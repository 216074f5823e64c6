import type {IpAddress} from '../core/ip.ts'
import type {Priority, Vrid} from '../core/units.ts'
import type {AnnounceConfig, PassKey} from '../core/vrrp/config.ts'

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

/** One finding about a configuration. */
export interface Diagnostic {
  /** Stable, `HC` and four digits; the meaning of each is in `diagnostic-codes.ts`. */
  readonly code: string
  readonly severity: Severity
  readonly position: Position
  /** One line: what is wrong. Never holds a secret. */
  readonly message: string
  /** One line: what is permitted, or what to do. */
  readonly hint?: string
}

/** A whole configuration, typed, with every default filled in. All durations are milliseconds, with fractions. */
export interface Config {
  readonly global: GlobalConfig
  readonly scripts: readonly ScriptConfig[]
  readonly instances: readonly InstanceConfig[]
}

/** `global_defs`. keepalived.conf(5). */
export interface GlobalConfig {
  /** `router_id`; undefined means the host's name. */
  readonly routerId: string | undefined
  /** `script_user`, for scripts that name no user of their own. */
  readonly scriptUser: ScriptUser | undefined
  readonly enableScriptSecurity: boolean
}

export interface ScriptUser {
  readonly user: string
  readonly group?: string
}

/** A program with its arguments, started without a shell. */
export interface Command {
  readonly argv: readonly [string, ...string[]]
  readonly runAs?: ScriptUser
}

/** `vrrp_script`. */
export interface ScriptConfig {
  readonly name: string
  readonly position: Position
  readonly command: Command
  readonly intervalMs: number
  readonly timeoutMs: number
  /** 0: failure means fault; otherwise added to the priority (below 0: while failing, above 0: while succeeding). */
  readonly weight: number
  /** `reverse`: success counts as failure and the other way round. */
  readonly reverse: boolean
  /** Consecutive results needed to be held good (rise) or bad (fall), 1 or more. */
  readonly rise: number
  readonly fall: number
}

/** One line of `track_script`. */
export interface ScriptTrack {
  readonly script: string
  readonly weight: number
  readonly reverse: boolean
}

/** `garp_*`: when gratuitous ARP is sent. */
export interface GarpConfig extends AnnounceConfig {
  /** Least time between two announcements on one interface; 0 means none. */
  readonly intervalMs: number
}

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
}

/** Which script runs on which change; `any` gets TYPE NAME STATE PRIORITY appended. */
export interface NotifyConfig {
  readonly master?: Command
  readonly backup?: Command
  readonly fault?: Command
  readonly stop?: Command
  readonly any?: Command
}

/** `vrrp_instance`: one virtual router. */
export interface InstanceConfig {
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

/** What reading a configuration gives: always a configuration of what could be used, and everything found. */
export interface LoadedConfig {
  readonly config: Config
  readonly diagnostics: readonly Diagnostic[]
  /** Every file that was read, the main one first. */
  readonly files: readonly string[]
}
