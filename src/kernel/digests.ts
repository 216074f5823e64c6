import {createHmac} from 'node:crypto'
import type {Digests} from '../core/vrrp/digests.ts'

/** Keyed digests by OpenSSL. */
export const digests: Digests = {
  hmacMd5: (key, parts) => hmac('md5', key, parts),
  hmacSha256: (key, parts) => hmac('sha256', key, parts),
}

function hmac(algorithm: 'md5' | 'sha256', key: Uint8Array, parts: readonly Uint8Array[]): Buffer {
  const running = createHmac(algorithm, key)
  for (const part of parts) running.update(part)
  return running.digest()
}
