import type {IpAddress, IpFamily} from '../core/ip.ts'
import type {Command} from './config.ts'
import type {Filled, Item} from './schema/schema.ts'
import type {CheckerConnection, CheckerTiming} from './tables/checker-settings.ts'
import type {CheckerOf, CheckerSettings, FileWeight} from './tables/checkers.ts'
import type {ForwardingMethod} from './tables/forwarding-method.ts'
import type {HttpUrlSettings, SslUrlSettings} from './tables/http-url.ts'
import type {Endpoint} from './tables/lvs-arguments.ts'
import type {RealServerSettings} from './tables/real-server.ts'
import type {Scheduler, SchedulerFlag} from './tables/scheduling.ts'
import type {SorryServer} from './tables/sorry-server.ts'
import type {VirtualServerHead, VirtualServerSettings} from './tables/virtual-server.ts'
import type {ServerGroupSettings} from './tables/virtual-server-group.ts'

/** `virtual_server_group`; it has a member. */
export type ServerGroupConfig = Item<ServerGroupSettings>

/**
 * `virtual_server`: its group is there, and it has a real server. keepalived takes two for one service, and so does the
 * reader, with a warning: their real servers share the service.
 */
export type VirtualServerConfig = Item<
  Filled<Omit<VirtualServerSettings, keyof FilledServer>, 'smtpAlert'> & FilledServer & VirtualServerHead
>

interface FilledServer {
  /** Undefined: a group with addresses of both, all of whose servers are behind tunnels. */
  readonly family: IpFamily | undefined
  readonly scheduling: {readonly scheduler: Scheduler; readonly flags: readonly SchedulerFlag[]}
  readonly method: ForwardingMethod
  /** A netmask for IPv4, the length of a prefix for IPv6. */
  readonly persistenceGranularity: IpAddress | number | undefined
  readonly sorryServer: Filled<SorryServer, 'method'> | undefined
  readonly realServers: readonly RealServerConfig[]
}

/**
 * `real_server`. Its port is the one that packets go to; 0: that of the service, which is a mark, a group or all ports.
 */
export type RealServerConfig = Item<
  Filled<Omit<RealServerSettings, 'checkers'>, FilledRealField> & {
    readonly checkers: readonly CheckerConfig[]
  } & Endpoint
>

type FilledRealField =
  | 'weight'
  | 'method'
  | 'inhibitOnFailure'
  | 'alpha'
  | 'delayLoopMs'
  | 'connectTimeoutMs'
  | 'smtpAlert'

/** A checker that has all it needs. */
export type CheckerConfig = {
  readonly [Type in keyof CheckerSettings]: CheckerConfigOf<Type>
}[keyof CheckerSettings]

/** A checker of one kind that has all it needs. */
export type CheckerConfigOf<Type extends keyof CheckerSettings> = Omit<CheckerOf<Type>, keyof CheckerFills[Type]> &
  CheckerFills[Type]

/** Timing with everything that servers and kinds of checkers have to say about it. */
export type FilledTiming = Filled<CheckerTiming, keyof CheckerTiming>

/** `connectPort` is undefined where the real server has no port either, and for PING_CHECK. */
export type FilledConnection = Filled<CheckerConnection, 'connectIp' | 'connectTimeoutMs'>

interface Connecting extends FilledConnection, FilledTiming {}

interface CheckerFills {
  readonly tcp: Connecting
  readonly http: Connecting & {readonly urls: readonly Item<Filled<HttpUrlSettings, 'path'>>[]}
  readonly ssl: Connecting & {readonly urls: readonly Item<Filled<SslUrlSettings, 'path' | 'tlsCompliant'>>[]}
  readonly smtp: Connecting
  readonly dns: Connecting
  readonly udp: Connecting
  readonly ping: Connecting
  readonly misc: FilledTiming & {readonly command: Command; readonly timeoutMs: number}
  readonly bfd: {readonly bfd: string; readonly alpha: boolean}
  readonly file: {readonly trackFile: string; readonly weight: FileWeight}
}
