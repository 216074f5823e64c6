/** One packet of a capture file. */
export interface PcapRecord {
  /** The kernel's receive time, milliseconds since 1970 with fractions down to a microsecond. */
  readonly atMs: number
  readonly frame: Buffer
}

const MAGIC_MICROSECONDS = 0xa1b2c3d4
const MAGIC_NANOSECONDS = 0xa1b23c4d
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
const MAX_FRAME_BYTES = 262_144

/**
 * Reads a capture file in pieces as they arrive, in the byte order of either kind of machine.
 *   byte  file header, pcap-savefile(5)        byte  record header
 *   0     magic: byte order and unit of time   0     seconds
 *   20    link type                            4     micro- or nanoseconds
 *                                              8     captured length
 *                                              12    length on the wire
 */
export class PcapReader {
  #pending: Buffer = Buffer.alloc(0)
  #format: {readonly little: boolean; readonly unitsPerMs: number} | undefined

  /** The packets that are complete with this piece. */
  push(piece: Buffer): readonly PcapRecord[] {
    this.#pending = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece])
    let at = 0
    if (!this.#format) {
      if (this.#pending.length < FILE_HEADER_BYTES) return []
      this.#format = readFormat(this.#pending)
      at = FILE_HEADER_BYTES
    }
    const {little, unitsPerMs} = this.#format
    const word = (offset: number): number =>
      little ? this.#pending.readUInt32LE(offset) : this.#pending.readUInt32BE(offset)
    const records: PcapRecord[] = []
    while (this.#pending.length - at >= RECORD_HEADER_BYTES) {
      const length = word(at + 8)
      if (length > MAX_FRAME_BYTES) throw new Error(`not a capture: a frame of ${length} bytes`)
      const end = at + RECORD_HEADER_BYTES + length
      if (this.#pending.length < end) break
      const atMs = word(at) * 1000 + word(at + 4) / unitsPerMs
      records.push({atMs, frame: this.#pending.subarray(at + RECORD_HEADER_BYTES, end)})
      at = end
    }
    this.#pending = Buffer.from(this.#pending.subarray(at))
    return records
  }
}

function readFormat(header: Buffer): {little: boolean; unitsPerMs: number} {
  for (const little of [true, false]) {
    const magic = little ? header.readUInt32LE(0) : header.readUInt32BE(0)
    if (magic === MAGIC_MICROSECONDS) return {little, unitsPerMs: 1_000}
    if (magic === MAGIC_NANOSECONDS) return {little, unitsPerMs: 1_000_000}
  }
  throw new Error(`not a capture: it begins with ${header.toString('hex', 0, 4)}`)
}
