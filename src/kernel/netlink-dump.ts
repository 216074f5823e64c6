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
  | {readonly ok: true; readonly interrupted: boolean}
  | {readonly ok: false; readonly reason: string}

export interface DumpRequest {
  readonly protocol: number
  readonly type: number
  readonly body: Buffer
  /** Takes the answer in pieces of at most 64 KiB, each in a turn of the loop of its own; must not throw. */
  readonly onMessages: (messages: readonly NetlinkMessage[]) => void
}

/**
 * Asks for everything of one kind on a socket of its own. The kernel collects the answer within the calls that fetch it
 * and may wait for a lock there, so all of them happen in the thread pool. Never rejects.
 */
export async function dump({protocol, type, body, onMessages}: DumpRequest): Promise<DumpResult> {
  const opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  if (!opened.ok) return opened
  const fd = opened.value
  try {
    const limited = setSocketOption(fd, SO_RCVTIMEO, timeval(RECEIVE_TIMEOUT_MS))
    if (!limited.ok) return limited
    const flags = MESSAGE_FLAG.request | MESSAGE_FLAG.dump
    const sent = await sendInPool(fd, encodeMessage({type, flags, sequence: SEQUENCE, port: 0, body}))
    return sent.ok ? await receiveAll(fd, onMessages) : sent
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

async function receiveAll(fd: number, onMessages: DumpRequest['onMessages']): Promise<DumpResult> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let interrupted = false
  for (let count = 0; count < MAX_CHUNKS; count++) {
    const got = await receiveInPool(fd, chunk)
    if (!got.ok) return {ok: false, reason: got.reason === 'EAGAIN' ? 'ETIMEDOUT' : got.reason}
    if (got.value > chunk.length) return {ok: false, reason: 'EMSGSIZE'}
    const read = decodeMessages(Buffer.from(chunk.subarray(0, got.value)))
    if (!read.ok) return {ok: false, reason: 'EBADMSG'}
    const messages = read.value.filter(message => message.sequence === SEQUENCE)
    if (messages.some(message => (message.flags & MESSAGE_FLAG.dumpInterrupted) !== 0)) interrupted = true
    const end = messages.find(({type}) => type === MESSAGE_TYPE.done || type === MESSAGE_TYPE.error)
    onMessages(messages)
    if (end) return dumpEnd(end, interrupted)
  }
  return {ok: false, reason: 'EMSGSIZE'}
}

function dumpEnd(message: NetlinkMessage, interrupted: boolean): DumpResult {
  const end = decodeAcknowledgement(message)
  const reason = end.ok ? acknowledgementReason(end.value) : 'EBADMSG'
  return reason === undefined ? {ok: true, interrupted} : {ok: false, reason}
}

/** struct timeval with 64-bit fields: seconds, microseconds. */
function timeval(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0)
  bytes.writeBigInt64LE(BigInt(Math.round((milliseconds % 1000) * 1000)), 8)
  return bytes
}
