/** What the receive buffers of virtual routers are reckoned by. keepalived.conf(5), vrrp_rx_bufs_policy */
export interface ReceiveBufferSettings {
  /** By MTU, by advertisement, or so many bytes for each virtual router; undefined: what the kernel gives. */
  readonly policy: 'MTU' | 'ADVERT' | number | undefined
  /** How many packets of each virtual router there is room for; does not count for a number of bytes. */
  readonly multiplier: number
}

/** What one virtual router adds to the buffer of the socket that it hears by. */
export interface ReceiveBufferShare {
  /** Of its interface, bytes. */
  readonly mtu: number
  /** Length of its advertisement with the IP header, bytes. */
  readonly advertBytes: number
  /** Its `kernel_rx_buf_size`, which counts in place of the policy. */
  readonly ownBytes: number | undefined
}

/**
 * Bytes for SO_RCVBUF of a socket that these virtual routers share, as keepalived 2.2.7 adds them up (measured: two of
 * 36 and 40 bytes give 228 by ADVERT, 9,000 by MTU 1500, and 10,000 by `5000`). Undefined: leave it as it is.
 */
export function receiveBufferBytes(
  {policy, multiplier}: ReceiveBufferSettings,
  shares: readonly ReceiveBufferShare[],
): number | undefined {
  let bytes = 0
  for (const {mtu, advertBytes, ownBytes} of shares) {
    if (ownBytes !== undefined && ownBytes > 0) bytes += ownBytes
    else if (typeof policy === 'number') bytes += policy
    else if (policy === 'MTU') bytes += mtu * multiplier
    else if (policy === 'ADVERT') bytes += advertBytes * multiplier
  }
  return bytes > 0 ? Math.min(bytes, MAX_BUFFER_BYTES) : undefined
}

/** setsockopt(2) takes an int, and the kernel doubles it. */
const MAX_BUFFER_BYTES = 0x3fff_ffff
