import type {IpAddress} from '../ip.ts'

/** A packet as a raw socket hands it over. */
export type ArrivedPacket =
  /** A whole IPv4 packet, from its header on. */
  | {readonly family: 4; readonly bytes: Buffer}
  /** What follows the headers of an IPv6 packet, and what the kernel tells of them. RFC 3542. */
  | {
      readonly family: 6
      readonly source: IpAddress
      readonly destination: IpAddress
      /** 0..255. */
      readonly hopLimit: number
      readonly bytes: Buffer
    }
