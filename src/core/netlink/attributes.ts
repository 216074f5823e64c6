import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFromBytes, ipToBytes} from '../ip.ts'
import {align} from './message.ts'

/** struct nlattr's size. <linux/netlink.h> */
export const ATTRIBUTE_HEADER_BYTES = 4

/** How a value stands in an attribute; `decode` answers undefined where the bytes cannot be such a value. */
export interface Format<Value> {
  encode(value: Value): Buffer
  decode(bytes: Buffer): Value | undefined
  /** The same without a buffer for each value: tables of ten thousands of entries are written by it. */
  readonly inPlace?: InPlace<Value> | undefined
}

/** Writes a value where it is to stand, and reads it where it stands; without `read`, it is decoded. */
export interface InPlace<Value> {
  /** How long every value is; undefined: that is different for each. */
  readonly fixedBytes?: number | undefined
  lengthBytes(value: Value): number
  /** Answers how many bytes it has written. */
  write(value: Value, into: Buffer, at: number): number
  read?(from: Buffer, at: number, lengthBytes: number): Value | undefined
}

/** One line of a table: the attribute's number and the format of its value. */
export interface Attribute<Value> extends Format<Value> {
  readonly type: number
}

/** The attributes of one kind of message, by the names we use. */
export type AttributeTable = Readonly<Record<string, Attribute<unknown>>>

/** What a table's attributes hold; every attribute can be missing. */
export type AttributeValues<Table extends AttributeTable> = {
  readonly [Name in keyof Table]?: (Table[Name] extends Attribute<infer Value> ? Value : never) | undefined
}

/** An attribute that no table knows; its type with the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
export interface RawAttribute {
  readonly type: number
  readonly bytes: Buffer
}

/** The attributes of a message: those of its table, and the others as they came. */
export interface Attributes<Table extends AttributeTable> {
  readonly values: AttributeValues<Table>
  readonly unknown: readonly RawAttribute[]
}

export type AttributeFailure = 'attribute-length-wrong' | 'attribute-value-wrong'

/** A line of a table. */
export const attribute = <Value>(type: number, format: Format<Value>): Attribute<Value> => ({
  type,
  encode: value => format.encode(value),
  decode: bytes => format.decode(bytes),
  inPlace: format.inPlace,
})

/**
 * Attributes one behind the other, in the order of the table; undefined values are left out. <linux/netlink.h>
 *   byte  bits  struct nlattr
 *   0     16    length, with these four bytes and without padding
 *   2     16    type, its two highest bits flags
 */
export function encodeAttributes<Table extends AttributeTable>(
  table: Table,
  values: AttributeValues<Table>,
  unknown: readonly RawAttribute[] = [],
): Buffer {
  return encodeAttributesBehind(0, table, values, unknown)
}

/** The same behind a header of so many bytes, which the caller has to write. */
export function encodeAttributesBehind<Table extends AttributeTable>(
  headerBytes: number,
  table: Table,
  values: AttributeValues<Table>,
  unknown: readonly RawAttribute[] = [],
): Buffer {
  const whole = Buffer.allocUnsafe(headerBytes + lengthOfAttributes(table, values) + lengthOfUnknown(unknown))
  writeUnknown(unknown, whole, writeAttributes(table, values, whole, headerBytes))
  return whole
}

/** The same at `at` in a buffer that has room for them; answers where the next attribute begins. */
export function writeAttributes(
  table: AttributeTable,
  values: Readonly<Record<string, unknown>>,
  into: Buffer,
  start: number,
): number {
  let at = start
  const lines = linesOf(table)
  for (let i = 0; i < lines.length; i++) {
    const {name, format} = lines[i] as Line
    const value = values[name]
    if (value === undefined) continue
    const lengthBytes =
      format.inPlace === undefined
        ? format.encode(value).copy(into, at + ATTRIBUTE_HEADER_BYTES)
        : format.inPlace.write(value, into, at + ATTRIBUTE_HEADER_BYTES)
    at = finish(into, at, format.type, lengthBytes)
  }
  return at
}

/** Where the value of an attribute stands in what these values come to, bytes; only of one that is not undefined. */
export function valueOffset<Table extends AttributeTable>(
  table: Table,
  values: AttributeValues<Table>,
  name: keyof Table & string,
): number {
  let at = 0
  for (const line of linesOf(table)) {
    if (line.name === name) break
    const value = (values as Readonly<Record<string, unknown>>)[line.name]
    if (value !== undefined) at += lengthOf(payloadBytes(line.format, value))
  }
  return at + ATTRIBUTE_HEADER_BYTES
}

/**
 * Reads attributes up to the end of `bytes`. Of several with one number the last counts, as it does in the kernel;
 * an attribute the table does not know is kept as it is.
 */
export function decodeAttributes<Table extends AttributeTable>(
  table: Table,
  bytes: Buffer,
): Decoded<Attributes<Table>, AttributeFailure> {
  const lines = linesByType(table)
  const values: Record<string, unknown> = {}
  const unknown: RawAttribute[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < ATTRIBUTE_HEADER_BYTES) return rejected('attribute-length-wrong')
    const lengthBytes = halfWord(bytes, at)
    if (lengthBytes < ATTRIBUTE_HEADER_BYTES || lengthBytes > bytes.length - at)
      return rejected('attribute-length-wrong')
    const type = halfWord(bytes, at + 2)
    const found = lines.get(type & TYPE_MASK)
    if (found === undefined) {
      unknown.push({type, bytes: bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + lengthBytes)})
    } else {
      const {name, format} = found
      const value = format.inPlace?.read
        ? format.inPlace.read(bytes, at + ATTRIBUTE_HEADER_BYTES, lengthBytes - ATTRIBUTE_HEADER_BYTES)
        : format.decode(bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + lengthBytes))
      if (value === undefined) return rejected('attribute-value-wrong')
      values[name] = value
    }
    at += align(lengthBytes)
  }
  return decoded({values: values as AttributeValues<Table>, unknown})
}

/** One byte. */
export const u8: Format<number> = fixed(
  1,
  (into, value, at) => into.writeUInt8(value, at),
  (from, at) => from.readUInt8(at),
)

/** Sixteen bits in the host's byte order. */
export const u16: Format<number> = fixed(
  2,
  (into, value, at) => into.writeUInt16LE(value, at),
  (from, at) => from.readUInt16LE(at),
)

/** Thirty-two bits in the host's byte order. */
export const u32: Format<number> = fixed(
  4,
  (into, value, at) => into.writeUInt32LE(value, at),
  (from, at) => from.readUInt32LE(at),
)

/** Sixteen bits in network byte order. */
export const u16be: Format<number> = fixed(
  2,
  (into, value, at) => into.writeUInt16BE(value, at),
  (from, at) => from.readUInt16BE(at),
)

/** Thirty-two bits in the host's byte order, the highest of them the sign. */
export const i32: Format<number> = fixed(
  4,
  (into, value, at) => into.writeInt32LE(value, at),
  (from, at) => from.readInt32LE(at),
)

/** Sixty-four bits in the host's byte order. */
export const u64: Format<bigint> = fixed(
  8,
  (into, value, at) => into.writeBigUInt64LE(value, at),
  (from, at) => from.readBigUInt64LE(at),
)

/** Sixty-four bits in network byte order. */
export const u64be: Format<bigint> = fixed(
  8,
  (into, value, at) => into.writeBigUInt64BE(value, at),
  (from, at) => from.readBigUInt64BE(at),
)

/** Attributes within an attribute; what their table does not know is dropped. */
export const nested = <Table extends AttributeTable>(table: Table): Format<AttributeValues<Table>> => ({
  encode: values => encodeAttributes(table, values),
  decode: bytes => {
    const attributes = decodeAttributes(table, bytes)
    return attributes.ok ? attributes.value.values : undefined
  },
  inPlace: {
    lengthBytes: values => lengthOfAttributes(table, values),
    write: (values, into, at) => writeAttributes(table, values, into, at) - at,
  },
})

/** Attributes within an attribute, with those that their table does not know. */
export const nestedWhole = <Table extends AttributeTable>(table: Table): Format<Attributes<Table>> => ({
  encode: ({values, unknown}) => encodeAttributes(table, values, unknown),
  decode: bytes => {
    const attributes = decodeAttributes(table, bytes)
    return attributes.ok ? attributes.value : undefined
  },
  inPlace: {
    lengthBytes: ({values, unknown}) => lengthOfAttributes(table, values) + lengthOfUnknown(unknown),
    write: ({values, unknown}, into, at) => writeUnknown(unknown, into, writeAttributes(table, values, into, at)) - at,
  },
})

/** Text that ends in a zero byte; UTF-8, and what is not becomes U+FFFD. */
export const zeroTerminated: Format<string> = {
  encode: value => Buffer.from(`${value}\0`),
  decode: bytes => {
    const end = bytes.indexOf(0)
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
  },
  inPlace: {
    lengthBytes: value => Buffer.byteLength(value) + 1,
    write: (value, into, at) => {
      const lengthBytes = into.write(value, at)
      into[at + lengthBytes] = 0
      return lengthBytes + 1
    },
  },
}

/** Bytes as they are, copied so that they do not keep the datagram. */
export const octets: Format<Buffer> = {
  encode: value => value,
  decode: bytes => Buffer.from(bytes),
}

/** Bytes as they are, a view of the datagram: for what is read on at once, such as attributes within an attribute. */
export const view: Format<Buffer> = {
  encode: value => value,
  decode: bytes => bytes,
}

/** An IPv4 or IPv6 address by its length, in network byte order. */
export const ipAddress: Format<IpAddress> = {
  encode: ipToBytes,
  decode: bytes => (bytes.length === 4 || bytes.length === 16 ? ipFromBytes(bytes) : undefined),
}

const MAX_LENGTH_BYTES = 0xffff
/** All but NLA_F_NESTED and NLA_F_NET_BYTEORDER. <linux/netlink.h> */
const TYPE_MASK = 0x3fff

/** Of an attribute with header and padding. */
const lengthOf = (payloadBytes: number): number => align(ATTRIBUTE_HEADER_BYTES + payloadBytes)

function payloadBytes({inPlace, encode}: Attribute<unknown>, value: unknown): number {
  if (inPlace === undefined) return encode(value).length
  return inPlace.fixedBytes ?? inPlace.lengthBytes(value)
}

function lengthOfAttributes(table: AttributeTable, values: Readonly<Record<string, unknown>>): number {
  let lengthBytes = 0
  const lines = linesOf(table)
  for (let i = 0; i < lines.length; i++) {
    const {name, format} = lines[i] as Line
    const value = values[name]
    if (value === undefined) continue
    lengthBytes += lengthOf(payloadBytes(format, value))
  }
  return lengthBytes
}

const lengthOfUnknown = (unknown: readonly RawAttribute[]): number =>
  unknown.reduce((sum, {bytes}) => sum + lengthOf(bytes.length), 0)

function writeUnknown(unknown: readonly RawAttribute[], into: Buffer, start: number): number {
  let at = start
  for (const {type, bytes} of unknown) at = finish(into, at, type, bytes.copy(into, at + ATTRIBUTE_HEADER_BYTES))
  return at
}

/** As readUInt16LE, which makes an array of its arguments each time; within the bytes only. */
const halfWord = (bytes: Buffer, at: number): number => (bytes[at] as number) | ((bytes[at + 1] as number) << 8)

/** Puts header and padding around what stands in its place already; byte by byte, which costs least. */
function finish(into: Buffer, at: number, type: number, payloadBytes: number): number {
  const lengthBytes = ATTRIBUTE_HEADER_BYTES + payloadBytes
  if (lengthBytes > MAX_LENGTH_BYTES) throw new RangeError(`an attribute of ${lengthBytes} bytes`)
  into[at] = lengthBytes & 0xff
  into[at + 1] = lengthBytes >> 8
  into[at + 2] = type & 0xff
  into[at + 3] = type >> 8
  const next = at + align(lengthBytes)
  for (let padding = at + lengthBytes; padding < next; padding++) into[padding] = 0
  return next
}

/** A format whose values all have one length. */
function fixed<Value>(
  lengthBytes: number,
  write: (into: Buffer, value: Value, at: number) => void,
  read: (from: Buffer, at: number) => Value,
): Format<Value> {
  return {
    encode: value => {
      const bytes = Buffer.alloc(lengthBytes)
      write(bytes, value, 0)
      return bytes
    },
    decode: bytes => (bytes.length === lengthBytes ? read(bytes, 0) : undefined),
    inPlace: {
      fixedBytes: lengthBytes,
      lengthBytes: () => lengthBytes,
      write: (value, into, at) => {
        write(into, value, at)
        return lengthBytes
      },
      read: (from, at, givenBytes) => (givenBytes === lengthBytes ? read(from, at) : undefined),
    },
  }
}

/** A line with its name. Loops over them are without iterators, whose results cost memory for each line. */
interface Line {
  readonly name: string
  readonly format: Attribute<unknown>
}

const linesOfTables = new WeakMap<AttributeTable, readonly Line[]>()

function linesOf(table: AttributeTable): readonly Line[] {
  let lines = linesOfTables.get(table)
  if (lines === undefined) {
    lines = Object.entries(table).map(([name, format]) => ({name, format}))
    linesOfTables.set(table, lines)
  }
  return lines
}

const linesOfTablesByType = new WeakMap<AttributeTable, ReadonlyMap<number, Line>>()

function linesByType(table: AttributeTable): ReadonlyMap<number, Line> {
  let lines = linesOfTablesByType.get(table)
  if (lines === undefined) {
    lines = new Map(linesOf(table).map(line => [line.format.type, line]))
    linesOfTablesByType.set(table, lines)
  }
  return lines
}
