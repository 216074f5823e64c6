import {type Decoded, decoded, rejected} from '../decoded.ts'

/** One netlink message; the header's length field is the body's affair. <linux/netlink.h> */
export interface NetlinkMessage {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** The port of the socket that asked; 0 from the kernel to all. */
  readonly port: number
  readonly body: Buffer
}

/** Why a datagram is no sequence of netlink messages. */
export type MessageFailure = 'too-short' | 'length-wrong'

/** struct nlmsghdr's size. <linux/netlink.h> */
export const MESSAGE_HEADER_BYTES = 16

/** NETLINK_* protocol numbers. <linux/netlink.h> */
export const NETLINK_ROUTE = 0
export const NETLINK_GENERIC = 16

/** Types of messages that every netlink family has, NLMSG_*. <linux/netlink.h> */
export const MESSAGE_TYPE = {error: 2, done: 3} as const

/** Flags of messages, NLM_F_*. <linux/netlink.h> */
export const MESSAGE_FLAG = {
  request: 0x01,
  multi: 0x02,
  ack: 0x04,
  /** The data changed while it was dumped: entries may be missing. */
  dumpInterrupted: 0x10,
  /** NLM_F_ROOT and NLM_F_MATCH: everything. */
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  /** In a request for a route: behind those that are like it. */
  append: 0x800,
  /** In an error: the request's body is left out. */
  capped: 0x100,
  /** In an error: attributes follow. */
  ackAttributes: 0x200,
} as const

/**
 * A message padded to the next multiple of four, so that several can stand behind each other in one datagram.
 * Numbers are in the host's byte order, which is little-endian wherever hactl runs.
 *   byte  bits  struct nlmsghdr
 *   0     32    length, with header and without padding
 *   4     16    type
 *   6     16    flags
 *   8     32    sequence
 *   12    32    port
 */
export const encodeMessage = (message: NetlinkMessage): Buffer => encodeMessages([message])

/** Several messages behind each other, for one datagram. */
export function encodeMessages(messages: readonly NetlinkMessage[]): Buffer {
  let lengthBytes = 0
  for (const {body} of messages) lengthBytes += align(MESSAGE_HEADER_BYTES + body.length)
  const bytes = Buffer.allocUnsafe(lengthBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  for (const {body, ...header} of messages) {
    body.copy(bytes, at + MESSAGE_HEADER_BYTES)
    at = finishMessage(view, at, {...header, bodyBytes: body.length})
  }
  return bytes
}

/** Puts header and padding around a body that stands in its place already; answers where the next message begins. */
export function finishMessage(
  view: DataView,
  at: number,
  {type, flags, sequence, port, bodyBytes}: Omit<NetlinkMessage, 'body'> & {readonly bodyBytes: number},
): number {
  const lengthBytes = MESSAGE_HEADER_BYTES + bodyBytes
  view.setUint32(at, lengthBytes, true)
  view.setUint16(at + 4, type, true)
  view.setUint16(at + FLAGS_AT, flags, true)
  view.setUint32(at + 8, sequence, true)
  view.setUint32(at + 12, port, true)
  const next = at + align(lengthBytes)
  for (let padding = at + lengthBytes; padding < next; padding++) view.setUint8(padding, 0)
  return next
}

/** Has the kernel acknowledge the message at `at`, which is finished already. */
export const requestAcknowledgement = (view: DataView, at: number): void =>
  view.setUint16(at + FLAGS_AT, view.getUint16(at + FLAGS_AT, true) | MESSAGE_FLAG.ack, true)

const FLAGS_AT = 6

/** Reads the messages of one datagram, at least one; bodies are views of it. A bad one spoils them all. */
export function decodeMessages(datagram: Buffer): Decoded<readonly NetlinkMessage[], MessageFailure> {
  const messages: NetlinkMessage[] = []
  let at = 0
  do {
    if (datagram.length - at < MESSAGE_HEADER_BYTES) return rejected('too-short')
    const lengthBytes = datagram.readUInt32LE(at)
    if (lengthBytes < MESSAGE_HEADER_BYTES || lengthBytes > datagram.length - at) return rejected('length-wrong')
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      port: datagram.readUInt32LE(at + 12),
      body: datagram.subarray(at + MESSAGE_HEADER_BYTES, at + lengthBytes),
    })
    at += align(lengthBytes)
  } while (at < datagram.length)
  return decoded(messages)
}

/** NLMSG_ALIGN and NLA_ALIGN: up to the next multiple of four. <linux/netlink.h> */
export const align = (lengthBytes: number): number => (lengthBytes + 3) & ~3
