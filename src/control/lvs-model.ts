/**
 * Who made something in the kernel's table. `foreign`: ipvsadm or another program. `unknown`: read past the agent,
 * which alone knows.
 */
export type LvsOrigin = 'configuration' | 'override' | 'foreign' | 'unknown'

/** What IPVS counted; numbers above 2^53 lose their lowest digits. */
export interface LvsCounters {
  readonly connections: number
  readonly packetsIn: number
  readonly packetsOut: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Each per second, as the kernel estimates it every two seconds. */
  readonly connectionRate: number
  readonly packetRateIn: number
  readonly packetRateOut: number
  readonly byteRateIn: number
  readonly byteRateOut: number
}

/** One virtual service: `GET /v1/lvs/services`. */
export interface LvsService {
  /** "192.0.2.1:80/tcp", "[2001:db8::1]:53/udp", "fwm/5", or "fwm6/5" for IPv6. */
  readonly name: string
  /** As the configuration calls it, "group web" or "192.0.2.1 80"; null where the configuration has none. */
  readonly configured: string | null
  readonly origin: LvsOrigin
  /** Null for marks. */
  readonly protocol: 'tcp' | 'udp' | 'sctp' | null
  readonly address: string | null
  readonly port: number | null
  readonly mark: number | null
  readonly family: 4 | 6
  readonly scheduler: string
  /** "sh-port", "mh-fallback", or "flag-1" where the scheduler has no name for it. */
  readonly schedulerFlags: readonly string[]
  readonly onePacket: boolean
  readonly persistence: LvsPersistence | null
  /** False: wanted, but not in the kernel's table. */
  readonly present: boolean
  /** How it differs from what is wanted, since others changed it: "scheduler rr in place of wrr"; null: it does not. */
  readonly drift: string | null
  readonly counters: LvsCounters
  readonly realServers: readonly LvsRealServer[]
}

/** How clients are kept together. */
export interface LvsPersistence {
  readonly timeoutSeconds: number
  readonly prefixLength: number
  readonly engine: string | null
}

/** One real server of a service. */
export interface LvsRealServer {
  /** "192.0.2.10:80" */
  readonly name: string
  readonly address: string
  readonly port: number
  readonly origin: LvsOrigin
  readonly method: 'nat' | 'local' | 'tun' | 'dr' | 'bypass'
  readonly weight: number
  readonly upperThreshold: number
  readonly lowerThreshold: number
  /** Null for other methods than tun. */
  readonly tunnel: LvsTunnel | null
  readonly activeConnections: number
  readonly inactiveConnections: number
  readonly persistentConnections: number
  readonly present: boolean
  readonly drift: string | null
  /** What an operator did to it; null: nothing. */
  readonly held: LvsHold | null
  /** How it stands by its checks; null: nothing checks it. */
  readonly checked: LvsChecked | null
  readonly counters: LvsCounters
}

/** How packets are wrapped. */
export interface LvsTunnel {
  readonly type: 'ipip' | 'gue' | 'gre'
  readonly port: number
  readonly checksum: 'nocsum' | 'csum' | 'remcsum'
}

/** `drained`: weight 0; `disabled`: not in the kernel's table. */
export interface LvsHold {
  readonly type: 'drained' | 'disabled'
  readonly since: string
  readonly reason: string | null
  /** Its weight when that ends. */
  readonly weight: number
}

/**
 * `in`: with its weight, or the one that its checks give it; `inhibited`: with weight 0; `out`: not in the kernel's
 * table.
 */
export interface LvsChecked {
  readonly standing: 'in' | 'inhibited' | 'out'
  /** It takes over while quorum is lost, and is in only then. */
  readonly isSorryServer: boolean
}

/** One tracked connection: `GET /v1/lvs/connections`. */
export interface LvsConnection {
  readonly protocol: string
  readonly client: string
  readonly clientPort: number
  readonly virtual: string
  readonly virtualPort: number
  readonly real: string
  readonly realPort: number
  /** "ESTABLISHED", "FIN_WAIT", "NONE" for templates of persistence. */
  readonly state: string
  readonly expiresInSeconds: number
  /** Of a persistence engine: its name and data; null without. */
  readonly engine: string | null
}

/** How many connections a real server of a service has: `GET /v1/lvs/connections/counts`. */
export interface LvsConnectionCount {
  readonly protocol: string
  readonly virtual: string
  readonly virtualPort: number
  readonly real: string
  readonly realPort: number
  readonly connections: number
  /** How many are in each state. */
  readonly states: {readonly [state: string]: number}
}

/** Times after which idle connections are forgotten, and what IPVS is: `GET /v1/lvs`. */
export interface LvsInfo {
  readonly version: string
  readonly connectionTableSize: number
  readonly timeouts: LvsTimeouts
}

/** Seconds. */
export interface LvsTimeouts {
  readonly tcp: number
  readonly tcpFin: number
  readonly udp: number
}

/** A synchronization daemon: `GET /v1/lvs/sync`. */
export interface LvsSyncDaemon {
  readonly role: 'master' | 'backup'
  readonly interface: string
  readonly id: number
  readonly maxLength: number | null
  readonly group: string | null
  readonly port: number | null
  readonly ttl: number | null
  readonly origin: LvsOrigin
}

/** What an order did, or would do: every change in the order of its happening. */
export interface LvsChangeReply {
  /**
   * "+ service 192.0.2.1:80/tcp scheduler wrr", "- real server …", "~ real server …: weight 1 -> 3". Of very many that
   * were made only the first; of a dry run, all of them.
   */
  readonly changes: readonly string[]
  /** How many more there were. */
  readonly moreChanges: number
  /** False: nothing was done, for a dry run was asked for, or since nothing differs. */
  readonly applied: boolean
  /** Established connections to what is removed or set to weight 0. */
  readonly activeConnections: number
}
