import type {IpAddress} from '../ip.ts'
import type {ServiceId} from '../ipvs/model.ts'

/** What is to be checked, as a configuration has it; goes from process to process as JSON. */
export interface CheckPlan {
  readonly virtualServers: readonly CheckedVirtualServer[]
  /** `rs_init_notifies`: also what is up from the start is told of. */
  readonly tellsOfStart: boolean
}

/** A `virtual_server` with what decides which of its real servers are in service. keepalived.conf(5). */
export interface CheckedVirtualServer {
  /** "192.0.2.1 80", "fwmark 5", "group web"; of several with one name the later ones end in " #2" and so on. */
  readonly name: string
  /** What of IPVS it is: several for a group. */
  readonly services: readonly ServiceId[]
  /** Sum of the weights of live real servers from which on it is up, 1 or more. */
  readonly quorum: number
  /** It is up again `hysteresis` above, and down `hysteresis` below its quorum. */
  readonly hysteresis: number
  /** No checks while its address is not on this host. */
  readonly haSuspend: boolean
  readonly sorryServer: CheckedSorryServer | undefined
  readonly realServers: readonly CheckedRealServer[]
}

/** The server that takes over while quorum is lost. */
export interface CheckedSorryServer {
  readonly address: IpAddress
  readonly port: number
  /** As that of a real server. */
  readonly destinationPort: number | undefined
  /** It stays in the table with weight 0 while it is not used. */
  readonly inhibit: boolean
}

/** A `real_server`. */
export interface CheckedRealServer {
  /** "10.0.0.1:80", "[2001:db8::1]:80"; each once in its virtual server. */
  readonly name: string
  readonly address: IpAddress
  readonly port: number
  /** Share of the connections, before dynamic weights. */
  readonly weight: number
  /** Port of its destination in IPVS; undefined: that of the service, which is 0 for a mark. */
  readonly destinationPort: number | undefined
  /** While it is down it stays in the table with weight 0. */
  readonly inhibitOnFailure: boolean
  /** It is up while none of them has failed; without any it is always up. */
  readonly checkers: readonly CheckerPlan[]
}

/** One checker of a real server. */
export interface CheckerPlan {
  /**
   * What is probed, in words that are alike only where all of it is alike: what is known of a checker is kept over a
   * reload where this is the same and it belongs to the same real server. When it runs, and how many failures it takes,
   * is not in it: that may change without a doubt about the real server.
   */
  readonly key: string
  readonly timing: CheckerTimes
  readonly probe: ProbePlan
}

/** When a checker runs, and what its results mean. Times in milliseconds. */
export interface CheckerTimes {
  readonly delayLoopMs: number
  /** How many more failures it takes until a real server that is up is down. */
  readonly retry: number
  readonly delayBeforeRetryMs: number
  /** The first check comes after a random part of it. */
  readonly warmupMs: number
  /** Down until the first success. */
  readonly alpha: boolean
  readonly logAllFailures: boolean
}

/** What a probe connects to, and from where. */
export interface ProbeConnection {
  readonly address: IpAddress
  /** 0 for ICMP. */
  readonly port: number
  readonly bindAddress: IpAddress | undefined
  readonly bindPort: number | undefined
  readonly bindInterface: string | undefined
  /** SO_MARK; 0: none. */
  readonly fwmark: number
  /** From the beginning of the probe to its end. */
  readonly timeoutMs: number
}

/** What is asked of a real server, and what a good answer is. */
export type ProbePlan =
  | {readonly type: 'tcp'; readonly connection: ProbeConnection}
  | {readonly type: 'ping'; readonly connection: ProbeConnection}
  | HttpProbePlan
  | {readonly type: 'smtp'; readonly connection: ProbeConnection; readonly heloName: string}
  | {
      readonly type: 'dns'
      readonly connection: ProbeConnection
      /** A, NS, … DNSKEY. */
      readonly recordType: string
      /** "." is the root. */
      readonly queryName: string
    }
  | UdpProbePlan
  | MiscProbePlan
  | {
      readonly type: 'file'
      /** Name of the track_file. */
      readonly trackFile: string
      /** What the number in the file is multiplied with; 0: any number but 0 is failure, or 0 itself with `reverse`. */
      readonly weight: number
      readonly reverse: boolean
    }
  | {readonly type: 'bfd'; readonly session: string}

/** HTTP_GET or SSL_GET: one page after the other. */
export interface HttpProbePlan {
  readonly type: 'http'
  readonly connection: ProbeConnection
  /** Undefined: without TLS. */
  readonly tls:
    | {
        /** Server name indication; undefined: none. */
        readonly serverName: string | undefined
        /** The end of the connection is announced, and has to be. */
        readonly compliant: boolean
      }
    | undefined
  /** 1.0C is 1.0 with `Connection: close`. */
  readonly protocol: '1.0' | '1.0C' | '1.1'
  /** While the real server is down, pages follow each other without a delay. */
  readonly fastRecovery: boolean
  readonly pages: readonly HttpPage[]
}

/** One page, and what it has to be. */
export interface HttpPage {
  readonly path: string
  /** The value of the field Host, with a port where there is to be one. */
  readonly host: string
  /** MD5 of the body, 32 hexadecimal digits in lower case; undefined: any. */
  readonly digest: string | undefined
  readonly status: readonly {readonly from: number; readonly to: number}[]
  readonly regex:
    | {
        /** A regular expression of PCRE2, with its escapes decoded. */
        readonly pattern: string
        /** Options of PCRE2 by keepalived's names. */
        readonly options: readonly string[]
        /** Success is when it does not match. */
        readonly noMatch: boolean
        /** Where in the body a match may begin, bytes. */
        readonly minOffsetBytes: number | undefined
        readonly maxOffsetBytes: number | undefined
      }
    | undefined
  /** Of SSL_GET: as `tls.compliant`, for this page. */
  readonly tlsCompliant: boolean | undefined
  /** Of SSL_GET: in place of `tls.serverName`, for this page. */
  readonly serverName?: string | undefined
}

/** UDP_CHECK. */
export interface UdpProbePlan {
  readonly type: 'udp'
  readonly connection: ProbeConnection
  /** Two hexadecimal digits a byte; undefined: a text of 32 bytes. */
  readonly payload: string | undefined
  /** What the reply begins with, `x` for any digit; empty: anything; undefined: no reply is needed. */
  readonly requireReply: string | undefined
  readonly minReplyLengthBytes: number
  readonly maxReplyLengthBytes: number
}

/** MISC_CHECK: the supervisor runs the program. */
export interface MiscProbePlan {
  readonly type: 'misc'
  /** Program and words, as run; shown to people. */
  readonly words: readonly string[]
  readonly timeoutMs: number
  /** Exit status 2 to 255 is success with weight 0 to 253 in place of the configured one. */
  readonly dynamic: boolean
  readonly user: {readonly name: string; readonly group: string | undefined} | undefined
}
