/**
 * What IPVS counted, for `GET /metrics`: packed, since tens of thousands of real servers as objects would hold up for
 * a tenth of a second or more both the process that sends them and the one that gets them.
 */
export interface IpvsMetrics {
  readonly services: readonly {
    /** "192.0.2.1:80/tcp" */
    readonly name: string
    /** As the configuration calls it; empty where it has none. */
    readonly configured: string
    readonly present: boolean
    /** How many real servers of `realNames` are its own, after those of the services before it. */
    readonly realServers: number
  }[]
  /** `SERVICE_NUMBERS` of each service. */
  readonly serviceNumbers: Float64Array
  /** Names of real servers in the kernel with a line feed after each. */
  readonly realNames: string
  /** `REAL_NUMBERS` of each of them. */
  readonly realNumbers: Float64Array
}

/** What is counted of a service, in the order in which it is packed. */
export const SERVICE_NUMBERS = ['connections', 'packetsIn', 'packetsOut', 'bytesIn', 'bytesOut'] as const

/** What is counted of a real server, in the order in which it is packed. */
export const REAL_NUMBERS = [...SERVICE_NUMBERS, 'weight', 'activeConnections', 'inactiveConnections'] as const
