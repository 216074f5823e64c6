import {type Decoded, decoded, rejected} from '../decoded.ts'
import {
  type AttributeFailure,
  type AttributeTable,
  type AttributeValues,
  attribute,
  decodeAttributes,
  encodeAttributesBehind,
  u16,
  u32,
  writeAttributes,
  zeroTerminated,
} from './attributes.ts'

/** A message of generic netlink: what stands behind the netlink header. <linux/genetlink.h> */
export interface GenericMessage {
  /** What is asked or told; each family numbers its own. */
  readonly command: number
  readonly version: number
  /** Attributes of the family's own, encoded. */
  readonly attributes: Buffer
}

/** struct genlmsghdr's size. <linux/genetlink.h> */
export const GENERIC_HEADER_BYTES = 4

/** Why a body is no message of generic netlink. */
export type GenericFailure = 'too-short'

/** The family that knows the others: GENL_ID_CTRL is a message's type, CTRL_CMD_* its commands. <linux/genetlink.h> */
export const CONTROLLER = {type: 0x10, version: 2, getFamily: 3} as const

/** CTRL_ATTR_*. <linux/genetlink.h> */
export const FAMILY_ATTRIBUTES = {
  /** The type that messages of the family have until it is loaded anew. */
  id: attribute(1, u16),
  name: attribute(2, zeroTerminated),
  version: attribute(3, u32),
} as const

/**
 * The body of a netlink message of a generic family.
 *   byte  bits  struct genlmsghdr
 *   0     8     command
 *   1     8     version
 *   2     16    reserved
 *   4           attributes
 */
export function encodeGeneric<Table extends AttributeTable>(
  {command, version}: Pick<GenericMessage, 'command' | 'version'>,
  table: Table,
  values: AttributeValues<Table>,
): Buffer {
  const body = encodeAttributesBehind(GENERIC_HEADER_BYTES, table, values)
  body[0] = command
  body[1] = version
  body.writeUInt16LE(0, 2)
  return body
}

/** The same at `at` in a buffer that has room for it; answers where it ends. */
export function writeGeneric<Table extends AttributeTable>(
  {command, version}: Pick<GenericMessage, 'command' | 'version'>,
  {table, values}: {readonly table: Table; readonly values: AttributeValues<Table>},
  {into, at}: {readonly into: Buffer; readonly at: number},
): number {
  into[at] = command
  into[at + 1] = version
  into[at + 2] = 0
  into[at + 3] = 0
  return writeAttributes(table, values, into, at + GENERIC_HEADER_BYTES)
}

/** Reads the body of a netlink message of a generic family; the attributes are a view of it. */
export function decodeGeneric(body: Buffer): Decoded<GenericMessage, GenericFailure> {
  if (body.length < GENERIC_HEADER_BYTES) return rejected('too-short')
  return decoded({
    command: body.readUInt8(0),
    version: body.readUInt8(1),
    attributes: body.subarray(GENERIC_HEADER_BYTES),
  })
}

/** Asks the controller for the family of that name. */
export const encodeFamilyRequest = (name: string): Buffer =>
  encodeGeneric({command: CONTROLLER.getFamily, version: CONTROLLER.version}, FAMILY_ATTRIBUTES, {name})

/** The type of a family's messages, out of the controller's answer. */
export function decodeFamilyId(body: Buffer): Decoded<number, GenericFailure | AttributeFailure | 'id-missing'> {
  const message = decodeGeneric(body)
  if (!message.ok) return message
  const attributes = decodeAttributes(FAMILY_ATTRIBUTES, message.value.attributes)
  if (!attributes.ok) return attributes
  const {id} = attributes.value.values
  return id === undefined ? rejected('id-missing') : decoded(id)
}
