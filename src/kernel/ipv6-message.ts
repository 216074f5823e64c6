import {type IpAddress, ipFromBytes} from '../core/ip.ts'
import type {ArrivedPacket} from '../core/vrrp/arrived.ts'
import {addressOfBytes, receiveMessageNow, type SystemResult, sendMessageNow} from './libc.ts'
import {bytesOf, SOCKADDR_IN6_BYTES, socketAddress6} from './socket-address.ts'

/** What follows an IPv6 header, and what the kernel is to put into that header. */
export interface Ipv6Message {
  readonly bytes: Buffer
  /** An address of this host. */
  readonly source: IpAddress
  readonly destination: IpAddress
  /** 0..255. */
  readonly hopLimit: number
  /** Index of the interface it leaves from; 0 where the routes decide. */
  readonly scope: number
}

/** A packet, or why there is none: the name of an error ("EAGAIN"), or that it is not fit to be one. */
export type ReceivedIpv6 =
  | {readonly ok: true; readonly packet: Extract<ArrivedPacket, {family: 6}> | undefined}
  | {readonly ok: false; readonly reason: string}

/** sendmsg(2) of one packet on a raw socket of IPv6, with its source and hop limit. RFC 3542 sections 6.2 and 6.3. */
export function sendIpv6(fd: number, {bytes, source, destination, hopLimit, scope}: Ipv6Message): SystemResult {
  if (bytes.length > LONGEST_BYTES) return {ok: false, reason: 'EMSGSIZE'}
  const message = memory()
  const {header, name, control, payload} = message
  socketAddress6(destination, scope).copy(name)
  bytes.copy(payload)
  const dataAt = WORD + 8
  const second = dataAt + aligned(IN6_PKTINFO_BYTES)
  control.fill(0)
  writeWord(control, 0, dataAt + IN6_PKTINFO_BYTES)
  control.writeInt32LE(IPPROTO_IPV6, WORD)
  control.writeInt32LE(IPV6_PKTINFO, WORD + 4)
  bytesOf(source, 6).copy(control, dataAt)
  control.writeUInt32LE(scope, dataAt + 16)
  writeWord(control, second, dataAt + INT_BYTES)
  control.writeInt32LE(IPPROTO_IPV6, second + WORD)
  control.writeInt32LE(IPV6_HOPLIMIT, second + WORD + 4)
  control.writeInt32LE(hopLimit, second + dataAt)
  setLengths(message, {control: second + dataAt + aligned(INT_BYTES), payload: bytes.length})
  return sendMessageNow(fd, header)
}

/**
 * recvmsg(2) of one packet on a raw socket of IPv6 that has IPV6_RECVPKTINFO and IPV6_RECVHOPLIMIT; never waits. The
 * packet is undefined where it was too long, or where the kernel did not tell its hop limit and destination.
 */
export function receiveIpv6(fd: number): ReceivedIpv6 {
  const message = memory()
  const {header, name, control, payload} = message
  setLengths(message, {control: CONTROL_BYTES, payload: LONGEST_BYTES})
  const received = receiveMessageNow(fd, header)
  if (!received.ok) return received
  if (received.value > LONGEST_BYTES) return {ok: true, packet: undefined}
  const told = readControl(control.subarray(0, readWord(header, CONTROL_LENGTH * WORD)))
  const {destination, hopLimit} = told
  if (destination === undefined || hopLimit === undefined) return {ok: true, packet: undefined}
  return {
    ok: true,
    packet: {
      family: 6,
      source: ipFromBytes(name.subarray(8, 24)),
      destination,
      hopLimit,
      bytes: Buffer.from(payload.subarray(0, received.value)),
    },
  }
}

/** More than the 4,088 bytes of an advertisement with 255 addresses and a trailer. */
const LONGEST_BYTES = 6144
const CONTROL_BYTES = 256
const PAYLOAD_AT = 512
/** Bytes of a pointer and of a size_t. */
const WORD = ['ia32', 'arm', 'mips', 'mipsel'].includes(process.arch) ? 4 : 8
const IPPROTO_IPV6 = 41
/** <linux/in6.h> */
const IPV6_PKTINFO = 50
const IPV6_HOPLIMIT = 52
/** struct in6_pktinfo: an address and an interface index. */
const IN6_PKTINFO_BYTES = 20
const INT_BYTES = 4

/**
 * struct msghdr has seven members, each in a machine word: name, its length, vectors, how many, control, its length,
 * flags. <linux/socket.h>
 */
const [NAME, NAME_LENGTH, VECTORS, VECTOR_COUNT, CONTROL, CONTROL_LENGTH, FLAGS] = [0, 1, 2, 3, 4, 5, 6] as const

interface MessageMemory {
  readonly header: Buffer
  /** struct iovec: where the payload is, and how long. */
  readonly vector: Buffer
  readonly name: Buffer
  readonly control: Buffer
  readonly payload: Buffer
}

let made: MessageMemory | undefined

/** One structure for all messages: they are sent and received one at a time, and the kernel keeps no pointer. */
function memory(): MessageMemory {
  made ??= makeMemory()
  return made
}

function makeMemory(): MessageMemory {
  // Of an ArrayBuffer of its own: a small typed array may lie where the garbage collector moves things.
  const whole = Buffer.from(new ArrayBuffer(PAYLOAD_AT + LONGEST_BYTES))
  const header = whole.subarray(0, 56)
  const vector = whole.subarray(64, 80)
  const name = whole.subarray(96, 96 + SOCKADDR_IN6_BYTES)
  const control = whole.subarray(128, 128 + CONTROL_BYTES)
  const payload = whole.subarray(PAYLOAD_AT)
  writeWord(header, NAME * WORD, addressOfBytes(name))
  writeWord(header, VECTORS * WORD, addressOfBytes(vector))
  writeWord(header, VECTOR_COUNT * WORD, 1)
  writeWord(header, CONTROL * WORD, addressOfBytes(control))
  writeWord(vector, 0, addressOfBytes(payload))
  return {header, vector, name, control, payload}
}

/** The kernel overwrites the lengths and flags of the header. */
function setLengths(
  {header, vector}: MessageMemory,
  length: {readonly control: number; readonly payload: number},
): void {
  writeWord(header, NAME_LENGTH * WORD, SOCKADDR_IN6_BYTES)
  writeWord(header, CONTROL_LENGTH * WORD, length.control)
  writeWord(header, FLAGS * WORD, 0)
  writeWord(vector, WORD, length.payload)
}

/** struct cmsghdr: length with its own, level, type; then the data, padded to a machine word. cmsg(3) */
function readControl(control: Buffer): {
  readonly destination: IpAddress | undefined
  readonly hopLimit: number | undefined
} {
  let destination: IpAddress | undefined
  let hopLimit: number | undefined
  const dataAt = WORD + 8
  for (let at = 0; at + dataAt <= control.length; ) {
    const length = readWord(control, at)
    if (length < dataAt || at + length > control.length) break
    const type = control.readInt32LE(at + WORD) === IPPROTO_IPV6 ? control.readInt32LE(at + WORD + 4) : undefined
    const data = control.subarray(at + dataAt, at + length)
    if (type === IPV6_PKTINFO && data.length >= IN6_PKTINFO_BYTES) destination = ipFromBytes(data.subarray(0, 16))
    if (type === IPV6_HOPLIMIT && data.length >= INT_BYTES) hopLimit = data.readInt32LE(0) & 0xff
    at += aligned(length)
  }
  return {destination, hopLimit}
}

const aligned = (length: number): number => Math.ceil(length / WORD) * WORD

function writeWord(into: Buffer, at: number, value: bigint | number): void {
  if (WORD === 8) into.writeBigUInt64LE(BigInt(value), at)
  else into.writeUInt32LE(Number(value), at)
}

const readWord = (from: Buffer, at: number): number =>
  WORD === 8 ? Number(from.readBigUInt64LE(at)) : from.readUInt32LE(at)
