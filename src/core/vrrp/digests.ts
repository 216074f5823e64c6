/** Keyed digests; the core has none of its own, whoever runs it brings them. RFC 2104. */
export interface Digests {
  /** HMAC-MD5 over the parts one behind the other, 16 bytes. */
  hmacMd5(key: Uint8Array, parts: readonly Uint8Array[]): Buffer
  /** HMAC-SHA256 over the parts one behind the other, 32 bytes. */
  hmacSha256(key: Uint8Array, parts: readonly Uint8Array[]): Buffer
}

/** Whether two secrets of one length are equal, in a time that does not tell where they differ. */
export function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}
