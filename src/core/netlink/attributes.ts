import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFromBytes, ipToBytes} from '../ip.ts'
import {align} from './message.ts'

/** How a value stands in an attribute; `decode` answers undefined where the bytes cannot be such a value. */
export interface Format<Value> {
  encode(value: Value): Buffer
  decode(bytes: Buffer): Value | undefined
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
  const parts: Buffer[] = []
  for (const [name, line] of Object.entries(table)) {
    const value: unknown = values[name]
    if (value !== undefined) parts.push(encodeAttribute(line.type, line.encode(value)))
  }
  for (const {type, bytes} of unknown) parts.push(encodeAttribute(type, bytes))
  return Buffer.concat(parts)
}

/**
 * Reads attributes up to the end of `bytes`. Of several with one number the last counts, as it does in the kernel;
 * an attribute the table does not know is kept as it is.
 */
export function decodeAttributes<Table extends AttributeTable>(
  table: Table,
  bytes: Buffer,
): Decoded<Attributes<Table>, AttributeFailure> {
  const names = namesByType(table)
  const values: Record<string, unknown> = {}
  const unknown: RawAttribute[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < HEADER_BYTES) return rejected('attribute-length-wrong')
    const lengthBytes = bytes.readUInt16LE(at)
    if (lengthBytes < HEADER_BYTES || lengthBytes > bytes.length - at) return rejected('attribute-length-wrong')
    const type = bytes.readUInt16LE(at + 2)
    const payload = bytes.subarray(at + HEADER_BYTES, at + lengthBytes)
    const name = names.get(type & TYPE_MASK)
    if (name === undefined) {
      unknown.push({type, bytes: payload})
    } else {
      const value = table[name]?.decode(payload)
      if (value === undefined) return rejected('attribute-value-wrong')
      values[name] = value
    }
    at += align(lengthBytes)
  }
  return decoded({values: values as AttributeValues<Table>, unknown})
}

/** One byte. */
export const u8: Format<number> = number(
  1,
  (bytes, value) => bytes.writeUInt8(value),
  bytes => bytes.readUInt8(),
)

/** Sixteen bits in the host's byte order. */
export const u16: Format<number> = number(
  2,
  (bytes, value) => bytes.writeUInt16LE(value),
  bytes => bytes.readUInt16LE(),
)

/** Thirty-two bits in the host's byte order. */
export const u32: Format<number> = number(
  4,
  (bytes, value) => bytes.writeUInt32LE(value),
  bytes => bytes.readUInt32LE(),
)

/** Sixty-four bits in network byte order. */
export const u64be: Format<bigint> = {
  encode: value => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(value)
    return bytes
  },
  decode: bytes => (bytes.length === 8 ? bytes.readBigUInt64BE() : undefined),
}

/** Attributes within an attribute; what their table does not know is dropped. */
export const nested = <Table extends AttributeTable>(table: Table): Format<AttributeValues<Table>> => ({
  encode: values => encodeAttributes(table, values),
  decode: bytes => {
    const attributes = decodeAttributes(table, bytes)
    return attributes.ok ? attributes.value.values : undefined
  },
})

/** Text that ends in a zero byte; UTF-8, and what is not becomes U+FFFD. */
export const zeroTerminated: Format<string> = {
  encode: value => Buffer.from(`${value}\0`),
  decode: bytes => {
    const end = bytes.indexOf(0)
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
  },
}

/** Bytes as they are, copied so that they do not keep the datagram. */
export const octets: Format<Buffer> = {
  encode: value => value,
  decode: bytes => Buffer.from(bytes),
}

/** An IPv4 or IPv6 address by its length, in network byte order. */
export const ipAddress: Format<IpAddress> = {
  encode: ipToBytes,
  decode: bytes => (bytes.length === 4 || bytes.length === 16 ? ipFromBytes(bytes) : undefined),
}

const HEADER_BYTES = 4
/** All but NLA_F_NESTED and NLA_F_NET_BYTEORDER. <linux/netlink.h> */
const TYPE_MASK = 0x3fff

function encodeAttribute(type: number, payload: Buffer): Buffer {
  const lengthBytes = HEADER_BYTES + payload.length
  const bytes = Buffer.alloc(align(lengthBytes))
  bytes.writeUInt16LE(lengthBytes, 0)
  bytes.writeUInt16LE(type, 2)
  payload.copy(bytes, HEADER_BYTES)
  return bytes
}

function number(
  lengthBytes: number,
  write: (bytes: Buffer, value: number) => void,
  read: (bytes: Buffer) => number,
): Format<number> {
  return {
    encode: value => {
      const bytes = Buffer.alloc(lengthBytes)
      write(bytes, value)
      return bytes
    },
    decode: bytes => (bytes.length === lengthBytes ? read(bytes) : undefined),
  }
}

const namesOfTables = new WeakMap<AttributeTable, ReadonlyMap<number, string>>()

function namesByType(table: AttributeTable): ReadonlyMap<number, string> {
  let names = namesOfTables.get(table)
  if (names === undefined) {
    names = new Map(Object.entries(table).map(([name, line]) => [line.type, name]))
    namesOfTables.set(table, names)
  }
  return names
}
