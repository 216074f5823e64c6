import {acknowledgementReason, decodeAcknowledgement} from '../core/netlink/acknowledgement.ts'
import {
  decodeMessages,
  encodeMessage,
  MESSAGE_FLAG,
  MESSAGE_TYPE,
  type NetlinkMessage,
} from '../core/netlink/message.ts'
import {
  AF_NETLINK,
  close,
  receiveInPool,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_RAW,
  sendInPool,
  setSocketOption,
  socket,
} from './libc.ts'

/** `interrupted`: the data changed meanwhile, and entries may be missing. */
export type DumpResult =
  | {readonly ok: true; readonly messages: readonly NetlinkMessage[]; readonly interrupted: boolean}
  | {readonly ok: false; readonly reason: string}

/**
 * Asks for everything of one kind on a socket of its own. The kernel collects the answer within the calls that fetch it
 * and may wait for a lock there, so all of them happen in the thread pool. Never rejects.
 */
export async function dump(protocol: number, type: number, body: Buffer): Promise<DumpResult> {
  const opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  if (!opened.ok) return opened
  const fd = opened.value
  try {
    const limited = setSocketOption(fd, SO_RCVTIMEO, timeval(RECEIVE_TIMEOUT_MS))
    if (!limited.ok) return limited
    const flags = MESSAGE_FLAG.request | MESSAGE_FLAG.dump
    const sent = await sendInPool(fd, encodeMessage({type, flags, sequence: SEQUENCE, port: 0, body}))
    return sent.ok ? await receiveAll(fd) : sent
  } finally {
    close(fd)
  }
}

/** The socket has one request only. */
const SEQUENCE = 1
/** Twice what the kernel puts into one datagram of a dump. */
const CHUNK_BYTES = 64 * 1024
/** 64 MiB: a quarter of a million addresses. */
const MAX_CHUNKS = 1024
const RECEIVE_TIMEOUT_MS = 2_000

async function receiveAll(fd: number): Promise<DumpResult> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  const messages: NetlinkMessage[] = []
  let interrupted = false
  for (let count = 0; count < MAX_CHUNKS; count++) {
    const got = await receiveInPool(fd, chunk)
    if (!got.ok) return {ok: false, reason: got.reason === 'EAGAIN' ? 'ETIMEDOUT' : got.reason}
    if (got.value > chunk.length) return {ok: false, reason: 'EMSGSIZE'}
    const read = decodeMessages(Buffer.from(chunk.subarray(0, got.value)))
    if (!read.ok) return {ok: false, reason: 'EBADMSG'}
    for (const message of read.value) {
      if (message.sequence !== SEQUENCE) continue
      if ((message.flags & MESSAGE_FLAG.dumpInterrupted) !== 0) interrupted = true
      if (message.type === MESSAGE_TYPE.done || message.type === MESSAGE_TYPE.error) {
        const end = decodeAcknowledgement(message)
        const reason = end.ok ? acknowledgementReason(end.value) : 'EBADMSG'
        return reason === undefined ? {ok: true, messages, interrupted} : {ok: false, reason}
      }
      messages.push(message)
    }
  }
  return {ok: false, reason: 'EMSGSIZE'}
}

/** struct timeval with 64-bit fields: seconds, microseconds. */
function timeval(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0)
  bytes.writeBigInt64LE(BigInt(Math.round((milliseconds % 1000) * 1000)), 8)
  return bytes
}
