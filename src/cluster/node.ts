import type {GlobalConfig, InstanceConfig, LoadedConfig, SyncGroupConfig} from '../config/config.ts'
import type {IpAddress, IpFamily} from '../core/ip.ts'
import type {Vrid} from '../core/units.ts'

/** One node of a cluster: its configuration, and what is known of its host. */
export interface ClusterNode {
  /** How it is shown: a file or a host. */
  readonly name: string
  readonly loaded: LoadedConfig
  /** Addresses of the host that are no virtual ones, where they are known. */
  readonly addresses?: readonly IpAddress[]
}

/** A virtual router on one node. */
export interface Member {
  /** Position of the node among all. */
  readonly node: number
  readonly nodeName: string
  readonly instance: InstanceConfig
  readonly global: GlobalConfig
  readonly group: SyncGroupConfig | undefined
  readonly family: IpFamily
  /** The address that it advertises from; made up where nothing tells it. */
  readonly source: IpAddress
  /** `configured`: in the text or known of the host; `deduced`: from whom the others name; `made-up`: any. */
  readonly sourceIs: 'configured' | 'deduced' | 'made-up'
}

/** One virtual router and all nodes that have it. */
export interface VirtualRouter {
  /** As on the first node; with the id where the name alone does not tell it apart. */
  readonly name: string
  readonly vrid: Vrid
  readonly family: IpFamily
  /** At most one of each node, in the order of the nodes. */
  readonly members: readonly Member[]
}

/** A virtual router as it stands on one node, before it is known who belongs together. */
export type Candidate = Pick<Member, 'node' | 'instance' | 'family'>

/** Unicast is used when there is at least one peer. */
export const isUnicast = ({unicastPeers}: InstanceConfig): boolean => unicastPeers.length > 0
