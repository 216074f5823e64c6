import {acknowledgementReason, decodeAcknowledgement} from '../core/netlink/acknowledgement.ts'
import {
  align,
  decodeMessages,
  encodeMessage,
  MESSAGE_FLAG,
  MESSAGE_HEADER_BYTES,
  MESSAGE_TYPE,
  type NetlinkMessage,
} from '../core/netlink/message.ts'
import {
  AF_NETLINK,
  close,
  receiveInPool,
  receiveNow,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_RAW,
  type SystemResult,
  sendInPool,
  sendTo,
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

/** A question to the kernel; NLM_F_REQUEST is added. */
export interface Question {
  readonly type: number
  /** MESSAGE_FLAG.dump for everything of one kind, MESSAGE_FLAG.ack where the answer is one message. */
  readonly flags: number
  readonly body: Buffer
  /** Takes the answer in pieces of at most 64 KiB; must not throw. */
  readonly onMessages: (messages: readonly NetlinkMessage[]) => void
}

/** The same of which the messages are handed over where they stand, until `onMessage` returns. */
export interface QuickQuestion extends Omit<Question, 'onMessages'> {
  /** Takes one message: its type, and its body in `bytes`, of which `view` is one too; must not throw. */
  readonly onMessage: (type: number, body: MessageBody) => void
}

/** Where a message's body is, for those who must not make an object of each; another place after each message. */
export interface MessageBody {
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly view: DataView
  /** The first byte, and the one behind the last. */
  readonly start: number
  readonly end: number
}

/** Asks for everything of one kind on a socket of its own. Never rejects. */
export async function dump({protocol, type, body, onMessages}: DumpRequest): Promise<DumpResult> {
  const opened = Questioner.open(protocol)
  if (!opened.ok) return opened
  try {
    return await opened.questioner.ask({type, flags: MESSAGE_FLAG.dump, body, onMessages})
  } finally {
    opened.questioner.close()
  }
}

/**
 * Asks one question after the other on a socket of its own; a second must wait for the end of the first. The kernel
 * collects an answer within the calls that fetch it and may wait for a lock there. After a failure the socket has to be
 * closed: the rest of an answer may still be in it.
 */
export class Questioner {
  readonly #fd: number
  readonly #chunk = Buffer.alloc(CHUNK_BYTES)
  readonly #view = new DataView(this.#chunk.buffer, this.#chunk.byteOffset, this.#chunk.length)
  #sequence = 0

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** Opens a socket of a netlink protocol, or answers why that cannot be. */
  static open(
    protocol: number,
  ): {readonly ok: true; readonly questioner: Questioner} | {readonly ok: false; readonly reason: string} {
    const opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
    if (!opened.ok) return opened
    const limited = setSocketOption(opened.value, SO_RCVTIMEO, timeval(RECEIVE_TIMEOUT_MS))
    if (limited.ok) return {ok: true, questioner: new Questioner(opened.value)}
    close(opened.value)
    return limited
  }

  /** Asks in the thread pool, and resolves at the end of the answer. Never rejects. */
  async ask(question: Question): Promise<DumpResult> {
    const sent = await sendInPool(this.#fd, this.#next(question))
    if (!sent.ok) return sent
    const answer = new Answer(this.#sequence, question.onMessages)
    for (let count = 0; count < MAX_CHUNKS; count++) {
      const end = answer.take(await receiveInPool(this.#fd, this.#chunk), this.#chunk)
      if (end !== undefined) return end
    }
    return {ok: false, reason: 'EMSGSIZE'}
  }

  /**
   * The same in the calling thread, which waits while the kernel waits for its locks: for thousands of small questions
   * to a family whose locks nobody holds for long. Going to the thread pool and back takes longer than such a question.
   */
  askNow(question: QuickQuestion): DumpResult {
    const sent = sendTo(this.#fd, this.#next(question), DEFAULT_ADDRESS)
    if (!sent.ok) return sent
    const answer = new QuickAnswer(this.#sequence, {bytes: this.#chunk, view: this.#view})
    for (let count = 0; count < MAX_CHUNKS; count++) {
      const end = answer.take(receiveNow(this.#fd, this.#chunk), question.onMessage)
      if (end !== undefined) return end
    }
    return {ok: false, reason: 'EMSGSIZE'}
  }

  /** Closes the socket; not while it is asked something. */
  close(): void {
    close(this.#fd)
  }

  #next({type, flags, body}: Pick<Question, 'type' | 'flags' | 'body'>): Buffer {
    this.#sequence = (this.#sequence + 1) >>> 0
    return encodeMessage({type, flags: flags | MESSAGE_FLAG.request, sequence: this.#sequence, port: 0, body})
  }
}

/** The answer to one question, taken in as it comes. */
class Answer {
  readonly #sequence: number
  readonly #onMessages: Question['onMessages']
  #interrupted = false

  constructor(sequence: number, onMessages: Question['onMessages']) {
    this.#sequence = sequence
    this.#onMessages = onMessages
  }

  /** Takes what one call received; undefined: more is to come. */
  take(got: SystemResult, chunk: Buffer): DumpResult | undefined {
    const failure = receiveFailure(got, chunk)
    if (failure !== undefined) return failure
    const read = decodeMessages(Buffer.from(chunk.subarray(0, got.ok ? got.value : 0)))
    if (!read.ok) return {ok: false, reason: 'EBADMSG'}
    const messages = read.value.filter(message => message.sequence === this.#sequence)
    if (messages.some(message => (message.flags & MESSAGE_FLAG.dumpInterrupted) !== 0)) this.#interrupted = true
    const end = messages.find(({type}) => type === MESSAGE_TYPE.done || type === MESSAGE_TYPE.error)
    this.#onMessages(messages)
    return end === undefined ? undefined : dumpEnd(end, this.#interrupted)
  }
}

/** The same without an object for each message. */
class QuickAnswer implements MessageBody {
  readonly bytes: Buffer
  readonly view: DataView
  start = 0
  end = 0
  readonly #sequence: number
  #interrupted = false

  constructor(sequence: number, {bytes, view}: {readonly bytes: Buffer; readonly view: DataView}) {
    this.#sequence = sequence
    this.bytes = bytes
    this.view = view
  }

  take(got: SystemResult, onMessage: QuickQuestion['onMessage']): DumpResult | undefined {
    const failure = receiveFailure(got, this.bytes)
    if (failure !== undefined) return failure
    const {view} = this
    const lengthBytes = got.ok ? got.value : 0
    let at = 0
    do {
      const left = lengthBytes - at
      const messageBytes = left < MESSAGE_HEADER_BYTES ? 0 : view.getUint32(at, true)
      if (messageBytes < MESSAGE_HEADER_BYTES || messageBytes > left) return {ok: false, reason: 'EBADMSG'}
      this.start = at + MESSAGE_HEADER_BYTES
      this.end = at + messageBytes
      const type = view.getUint16(at + TYPE_AT, true)
      const flags = view.getUint16(at + FLAGS_AT, true)
      at += align(messageBytes)
      if (view.getUint32(this.start - MESSAGE_HEADER_BYTES + SEQUENCE_AT, true) !== this.#sequence) continue
      if ((flags & MESSAGE_FLAG.dumpInterrupted) !== 0) this.#interrupted = true
      if (type === MESSAGE_TYPE.done || type === MESSAGE_TYPE.error) return this.#finished(type, flags)
      onMessage(type, this)
    } while (at < lengthBytes)
    return undefined
  }

  #finished(type: number, flags: number): DumpResult {
    const body = this.bytes.subarray(this.start, this.end)
    return dumpEnd({type, flags, sequence: this.#sequence, port: 0, body}, this.#interrupted)
  }
}

/** Offsets in struct nlmsghdr. <linux/netlink.h> */
const TYPE_AT = 4
const FLAGS_AT = 6
const SEQUENCE_AT = 8

function receiveFailure(got: SystemResult, chunk: Buffer): DumpResult | undefined {
  if (!got.ok) return {ok: false, reason: got.reason === 'EAGAIN' ? 'ETIMEDOUT' : got.reason}
  return got.value > chunk.length ? {ok: false, reason: 'EMSGSIZE'} : undefined
}

/** Twice what the kernel puts into one datagram of a dump. */
const CHUNK_BYTES = 64 * 1024
/** Of 16 KiB at least where there are many: a quarter of a million addresses, or 160,000 services of IPVS. */
const MAX_CHUNKS = 4096
const RECEIVE_TIMEOUT_MS = 2_000
const DEFAULT_ADDRESS = Buffer.alloc(0)

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
