import type {IpAddress} from '../ip.ts'
import type {ReplayMark} from './hmac-trailer.ts'

/** What one virtual router remembers of the packets it sent and heard; it outlives every state of its machine. */
export interface WireState {
  /** IPv4 identification of the last packet, 1..65535; the receiver ignores it. */
  readonly identification: number
  /** `auth_type AH`: the highest sequence number sent or heard; one counter for both, as keepalived has it. */
  readonly headerSequence: number
  /** `auth_hmac`: the last sequence number sent. */
  readonly trailerSequence: bigint | undefined
  /** `auth_hmac`: what each sender proved last; the one heard last at the end. */
  readonly replayMarks: readonly ReplayMark[]
  /** Unicast peers that compute the checksum as keepalived before 1.3.6 did. */
  readonly oldChecksumPeers: readonly IpAddress[]
}

/** Nothing sent and nothing heard. */
export const initialWireState = (identification: number): WireState => ({
  identification: identification & 0xffff,
  headerSequence: 0,
  trailerSequence: undefined,
  replayMarks: [],
  oldChecksumPeers: [],
})
