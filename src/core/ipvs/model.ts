import type {IpAddress, IpFamily} from '../ip.ts'

/** Protocols that a service by address can have. <linux/in.h> */
export type IpvsProtocol = 'tcp' | 'udp' | 'sctp'

/** What tells services apart: packets to an address and port, or packets with a firewall mark. ipvsadm(8) -t -u -f */
export type ServiceId =
  /** Port 0: every port, for persistent services. */
  | {
      readonly type: 'address'
      readonly protocol: IpvsProtocol
      readonly address: IpAddress
      readonly port: number
    }
  /** Mark 1..4294967295; services of both families can have the same. */
  | {readonly type: 'fwmark'; readonly mark: number; readonly family: IpFamily}

/** Connections of a client stay together. ipvsadm(8) -p -M --pe */
export interface Persistence {
  /** Seconds, 1..2678400. */
  readonly timeoutSeconds: number
  /** How much of a client's address counts: 0..32 bits for IPv4, 1..128 for IPv6. */
  readonly prefixLength: number
  /** What else tells clients apart, "sip"; undefined: nothing. */
  readonly engine: string | undefined
}

/** A virtual service without its destinations. */
export interface Service {
  readonly id: ServiceId
  /** Name of the scheduler's module without "ip_vs_". */
  readonly scheduler: string
  /** The scheduler's own flags 1, 2 and 3, ascending. For sh and mh, 1 is fallback and 2 is port. */
  readonly schedulerFlags: readonly SchedulerFlag[]
  /** Every packet is scheduled by itself, UDP only. ipvsadm(8) -o */
  readonly onePacket: boolean
  readonly persistence: Persistence | undefined
}

export type SchedulerFlag = 1 | 2 | 3

/** How packets get to a destination. `local` and `bypass` are chosen by the kernel. <linux/ip_vs.h> */
export type ForwardingMethod = 'nat' | 'local' | 'tun' | 'dr' | 'bypass'

/** How packets are wrapped on their way to a destination of method `tun`. ipvsadm(8) --tun-type */
export interface Tunnel {
  readonly type: 'ipip' | 'gue' | 'gre'
  /** Of the outer UDP header, `gue` only; 0 otherwise. */
  readonly port: number
  /** `remcsum`: checksum offload to the far end, `gue` only. */
  readonly checksum: 'nocsum' | 'csum' | 'remcsum'
}

/** What tells the destinations of one service apart. */
export interface DestinationId {
  readonly address: IpAddress
  /** 0: that of the packet. */
  readonly port: number
}

/** A real server of a service. */
export interface Destination extends DestinationId {
  readonly method: ForwardingMethod
  /** 0..2147483647; 0: no new connections. */
  readonly weight: number
  /** No new connections above so many; 0: no limit. */
  readonly upperThreshold: number
  /** New connections again below so many; 0: below three quarters of `upperThreshold`. */
  readonly lowerThreshold: number
  /** IPIP without checksum where nothing else is said; counts for method `tun` only. */
  readonly tunnel: Tunnel
}

/** A service with its destinations, in the order that the kernel keeps or is to keep. */
export interface ServiceRules {
  readonly service: Service
  readonly destinations: readonly Destination[]
}

/** Totals since the counters were zeroed, and rates that the kernel estimates every two seconds. */
export interface Counters {
  readonly connections: bigint
  readonly packetsIn: bigint
  readonly packetsOut: bigint
  readonly bytesIn: bigint
  readonly bytesOut: bigint
  /** Each per second. */
  readonly connectionRate: bigint
  readonly packetRateIn: bigint
  readonly packetRateOut: bigint
  readonly byteRateIn: bigint
  readonly byteRateOut: bigint
}

/** A destination as the kernel has it. */
export interface DestinationEntry extends Destination {
  readonly activeConnections: number
  readonly inactiveConnections: number
  readonly persistentConnections: number
  readonly counters: Counters
}

/** A service as the kernel has it. */
export interface ServiceEntry {
  readonly service: Service
  readonly counters: Counters
  readonly destinations: readonly DestinationEntry[]
}

/** When idle connections are forgotten, seconds, 0..2678400; in an order 0 leaves one as it is. ipvsadm(8) --set */
export interface IpvsTimeouts {
  readonly tcpSeconds: number
  readonly tcpFinSeconds: number
  readonly udpSeconds: number
}

/** Which end of the connection synchronization a daemon is. ipvsadm(8) --start-daemon */
export type SyncRole = 'master' | 'backup'

/** A daemon that sends or takes connections; what is undefined is the kernel's choice. */
export interface SyncDaemon {
  readonly role: SyncRole
  readonly interface: string
  /** 0..255; a backup with 0 takes every id. */
  readonly syncId: number
  /** Longest message in bytes, 1..65507. */
  readonly maxLengthBytes: number | undefined
  /** Multicast group, 224.0.0.81 unless given. */
  readonly group: IpAddress | undefined
  /** UDP port, 8848 unless given. */
  readonly port: number | undefined
  /** TTL or hop limit, 1 unless given. */
  readonly ttl: number | undefined
}

/** A connection that IPVS tracks: one line of /proc/net/ip_vs_conn. */
export interface IpvsConnection {
  /** "TCP", "UDP", "SCTP", or "IP" for templates of persistence to marks. */
  readonly protocol: string
  readonly client: IpAddress
  readonly clientPort: number
  readonly virtual: IpAddress
  readonly virtualPort: number
  readonly real: IpAddress
  readonly realPort: number
  /** "ESTABLISHED", "FIN_WAIT", "NONE" for templates of persistence. */
  readonly state: string
  readonly expiresInSeconds: number
  /** Name and data of the persistence engine; undefined without one. */
  readonly engine: string | undefined
}

/** What the kernel's IPVS is. */
export interface IpvsInfo {
  /** "1.2.1" */
  readonly version: string
  /** Buckets of the table of connections. */
  readonly connectionTableSize: number
}

/** One change to the kernel's table. */
export type IpvsChange =
  | {readonly type: 'add-service'; readonly service: Service}
  | {readonly type: 'edit-service'; readonly service: Service}
  | {readonly type: 'delete-service'; readonly id: ServiceId}
  | {readonly type: 'add-destination'; readonly id: ServiceId; readonly destination: Destination}
  | {readonly type: 'edit-destination'; readonly id: ServiceId; readonly destination: Destination}
  | {readonly type: 'delete-destination'; readonly id: ServiceId; readonly destination: DestinationId}

/** The usual tunnel: IPIP without checksum. */
export const PLAIN_TUNNEL: Tunnel = {type: 'ipip', port: 0, checksum: 'nocsum'}
