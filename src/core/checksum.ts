/**
 * Adds 16-bit big-endian words to a one's-complement sum that is not yet folded; an odd last byte is the high half
 * of its word. RFC 1071 section 4.1.
 */
export function addWords(sum: number, bytes: Uint8Array): number {
  let total = sum
  const even = bytes.length & ~1
  for (let i = 0; i < even; i += 2) total += ((bytes[i] as number) << 8) | (bytes[i + 1] as number)
  if (bytes.length & 1) total += (bytes[bytes.length - 1] as number) << 8
  return total
}

/** Folds a sum to 16 bits and complements it: the value of a checksum field, or 0 over data whose checksum is right. */
export function finishChecksum(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000)
  return ~folded & 0xffff
}
