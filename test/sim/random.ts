/** A seeded generator (mulberry32): `random(n)` is a whole number within 0..n-1. */
export function seededRandom(seed: number): (below: number) => number {
  let a = seed >>> 0
  return below => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

/** One to four random changes: a bit, a byte, a cut, an insertion or a swap. */
export function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  let result = Buffer.from(bytes)
  for (let changes = 1 + random(4); changes > 0 && result.length > 0; changes--) {
    const at = random(result.length)
    switch (random(5)) {
      case 0:
        result[at] = (result[at] as number) ^ (1 << random(8))
        break
      case 1:
        result[at] = random(256)
        break
      case 2:
        result = result.subarray(0, at)
        break
      case 3:
        result = Buffer.concat([result.subarray(0, at), Buffer.from([random(256)]), result.subarray(at)])
        break
      default: {
        const other = random(result.length)
        const held = result[at] as number
        result[at] = result[other] as number
        result[other] = held
      }
    }
  }
  return result
}
