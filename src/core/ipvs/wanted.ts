import type {Standing} from '../check/standing.ts'
import type {Destination, DestinationId, IpvsChange, Service, ServiceId} from './model.ts'

/** A service as the configuration has it, with every real server and sorry server that can be in the table. */
export interface ConfiguredService {
  /** "192.0.2.1 80", "fwmark 5", "group web": the words behind `virtual_server`. */
  readonly name: string
  readonly service: Service
  readonly destinations: readonly Destination[]
  /** Names of the destinations that are sorry servers and nothing else. */
  readonly sorryServers?: readonly string[] | undefined
}

/** What an operator did to a real server without changing its rule: `drained` is weight 0, `disabled` not there. */
export interface DestinationHold {
  readonly type: 'drained' | 'disabled'
  /** ISO 8601. */
  readonly since: string
  readonly reason: string | undefined
}

/** What operators changed of one service; kept on disk. */
export interface ServiceOverride {
  readonly id: ServiceId
  /** Undefined: as the configuration has it. */
  readonly service: Service | 'deleted' | undefined
  readonly destinations: readonly DestinationOverride[]
}

/** What operators changed of one real server. */
export interface DestinationOverride {
  readonly id: DestinationId
  /** Undefined: as the configuration has it. */
  readonly destination: Destination | 'deleted' | undefined
  readonly hold: DestinationHold | undefined
}

/** What is wanted of one service: configuration and overrides together. */
export interface WantedService {
  readonly service: Service
  readonly origin: 'configuration' | 'override'
  /** Its name in the configuration; undefined: it is not there. */
  readonly configured: string | undefined
  readonly destinations: readonly WantedDestination[]
  /** What checks say of its real servers by name, of those too that an operator deleted; undefined: nothing. */
  readonly checked: ReadonlyMap<string, CheckedDestination> | undefined
}

/** What is wanted of one real server. */
export interface WantedDestination {
  /** As it is to be when nobody holds it and its checks find nothing. */
  readonly destination: Destination
  readonly origin: 'configuration' | 'override'
  readonly hold: DestinationHold | undefined
  /** Undefined: nothing checks it. */
  readonly checked: CheckedDestination | undefined
}

/** What the checks of a real server say of it. */
export interface CheckedDestination {
  readonly standing: Standing
  /** Its weight in the configuration; undefined: it is not there. Any other in its rule is an operator's. */
  readonly configuredWeight: number | undefined
  /** It is in the configuration as a sorry server only. */
  readonly isSorryServer: boolean
}

/** What an operator ordered, all of it or nothing. */
export interface OperatorOrder {
  /** Changes of the rules, which are what the kernel has when nobody holds a real server. */
  readonly changes: readonly IpvsChange[]
  /** Holds that begin, or end where `hold` is undefined; the rules of these real servers stay as they are. */
  readonly holds: readonly {
    readonly service: ServiceId
    readonly destination: DestinationId
    readonly hold: DestinationHold | undefined
  }[]
}
