/** What is sent to a virtual address to see whether it answers: an echo request, or a TCP connection. */
export type ProbeKind = {readonly type: 'icmp'} | {readonly type: 'tcp'; readonly port: number}

/** One question before a failover, and its answer. */
export interface PreflightLine {
  /** What was looked at: "holder", "hears the holder". */
  readonly check: string
  readonly ok: boolean
  /** What was seen, or why not. */
  readonly text: string
}

/**
 * How a virtual router gets to another node. `takeover`: that one becomes master by a higher priority, and the holder
 * steps down when it hears it. `release`: the holder says priority 0 and the best backup follows.
 */
export type Way = 'takeover' | 'release'

/** For how long an address did not answer; every time in milliseconds. */
export interface Outage {
  /** From the last probe that was answered before the longest gap to the first one after it, less one interval. */
  readonly outageMs: number
  /** It was out no shorter than from the first probe lost to the last one. */
  readonly atLeastMs: number
  /** It was out no longer than from the last probe answered to the next one. */
  readonly atMostMs: number
  readonly intervalMs: number
  readonly sent: number
  /** Not answered, or far later than the others. */
  readonly lost: number
  /** How many times answers stopped. */
  readonly gaps: number
}

/** An outage that was measured from this host, or why none was. */
export type Measurement =
  | ({readonly measured: true; readonly address: string; readonly probe: string} & Outage)
  | {readonly measured: false; readonly why: string}

/** One move from a node to another. */
export interface MoveReport {
  /** Null: nobody that is known held it. */
  readonly from: string | null
  readonly to: string
  readonly way: Way
  /** When it was ordered, ISO 8601. */
  readonly orderedAt: string
  /** From the order until that node was master, milliseconds, as it says itself. */
  readonly tookMs: number
  /** For how long two known nodes were seen as master, milliseconds; pictures come four times a second. */
  readonly twoHoldersMs: number
  /** As measured; null: it was not. */
  readonly outageMs: number | null
  readonly measurement: Measurement
}

/** What `hactl cluster failover` did. */
export interface FailoverReport {
  readonly router: string
  readonly vrid: number
  readonly family: 4 | 6
  /** The virtual routers that moved: its sync group, or itself. */
  readonly moved: readonly string[]
  readonly from: string | null
  readonly to: string
  readonly preflight: readonly PreflightLine[]
  /** Although the pre-flight said no. */
  readonly forced: boolean
  /** Null: it was only looked at. */
  readonly move: MoveReport | null
  /** The way back of a drill; null: there was none. */
  readonly back: MoveReport | null
  /** What operators changed at run time and stands after it where it did not before, or the other way round. */
  readonly changes: readonly string[]
  /** What to know or to do afterwards. */
  readonly notes: readonly string[]
  readonly interrupted: boolean
}
