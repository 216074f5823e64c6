import {acknowledgementReason, decodeAcknowledgement} from '../core/netlink/acknowledgement.ts'
import {encodeMessage, MESSAGE_FLAG, type NetlinkMessage} from '../core/netlink/message.ts'
import {sendInPool} from './libc.ts'
import {NetlinkSocket} from './netlink-socket.ts'

/** One order to the kernel; NLM_F_REQUEST and NLM_F_ACK are added. */
export interface NetlinkRequest {
  readonly type: number
  readonly flags: number
  readonly body: Buffer
}

/**
 * What the kernel said: `reason` is the name of its error, `text` its own words. 'ETIMEDOUT': it has not answered, and
 * may still do what it was asked; 'ENOBUFS': too many requests wait already.
 */
export type RequestResult =
  | {readonly ok: true}
  | {readonly ok: false; readonly reason: string; readonly text?: string | undefined}

/**
 * Sends requests and matches their acknowledgements. Requests of one turn of the loop leave together. The kernel works
 * within the send and may wait for a lock that somebody holds for a second, so sends happen in the thread pool, one at
 * a time; promises never reject.
 */
export class NetlinkRequester {
  readonly #socket: NetlinkSocket
  readonly #queue: Pending[] = []
  readonly #sent = new Map<number, Pending>()
  #sequence = 0
  #sending = false
  #closed = false

  private constructor(protocol: number) {
    this.#socket = NetlinkSocket.open({
      protocol,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      onMessages: messages => this.#received(messages),
      // Requests whose answers were lost end by their timeout.
      onOverrun: () => {},
      onBroken: reason => this.#fail(reason),
    })
  }

  /** Opens a socket of its own; throws a HactlError when that cannot be. */
  static open(protocol: number): NetlinkRequester {
    return new NetlinkRequester(protocol)
  }

  /** Whether requests can still be made: a socket that broke stays closed. */
  get usable(): boolean {
    return !this.#closed
  }

  /** The number by which the kernel tells this socket; notifications of what it caused carry it. */
  get port(): number {
    return this.#socket.port
  }

  /** Another size of its receive buffer, bytes. */
  resize(receiveBufferBytes: number): void {
    if (!this.#closed) this.#socket.resize(receiveBufferBytes)
  }

  request(request: NetlinkRequest): Promise<RequestResult> {
    return new Promise(resolve => {
      if (this.#closed) return resolve({ok: false, reason: 'EBADF'})
      if (this.#queue.length >= MAX_QUEUED) return resolve({ok: false, reason: 'ENOBUFS'})
      this.#sequence = (this.#sequence + 1) >>> 0
      const pending: Pending = {
        sequence: this.#sequence,
        request,
        resolve,
        timeout: setTimeout(() => this.#settle(pending, {ok: false, reason: 'ETIMEDOUT'}), TIMEOUT_MS),
        settled: false,
      }
      this.#queue.push(pending)
      if (this.#queue.length === 1) queueMicrotask(() => void this.#flush())
    })
  }

  /** Closes the socket; what is under way ends with 'ECANCELED'. */
  close(): void {
    this.#fail('ECANCELED')
  }

  async #flush(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    while (this.#queue.length > 0) {
      // One that timed out while it waited must not be done after its owner was told that it failed.
      const batch = this.#queue.splice(0, MAX_BATCH).filter(pending => !pending.settled)
      if (batch.length === 0) continue
      for (const pending of batch) this.#sent.set(pending.sequence, pending)
      const sent = await sendInPool(this.#socket.fd, Buffer.concat(batch.map(encodePending)))
      if (this.#closed) {
        this.#socket.close()
        return
      }
      // The answers were there before the send returned.
      this.#socket.drain(batch.length)
      if (!sent.ok) for (const pending of batch) this.#settle(pending, {ok: false, reason: sent.reason})
    }
    this.#sending = false
  }

  #received(messages: readonly NetlinkMessage[]): void {
    for (const message of messages) {
      const pending = this.#sent.get(message.sequence)
      const answer = decodeAcknowledgement(message)
      if (!pending || !answer.ok) continue
      const reason = acknowledgementReason(answer.value)
      this.#settle(pending, reason === undefined ? {ok: true} : {ok: false, reason, text: answer.value.text})
    }
  }

  #settle(pending: Pending, result: RequestResult): void {
    if (pending.settled) return
    pending.settled = true
    clearTimeout(pending.timeout)
    this.#sent.delete(pending.sequence)
    pending.resolve(result)
  }

  #fail(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    // The thread pool may be about to use the descriptor, which must not become another file's meanwhile.
    if (!this.#sending) this.#socket.close()
    for (const pending of [...this.#sent.values(), ...this.#queue.splice(0)]) this.#settle(pending, {ok: false, reason})
  }
}

interface Pending {
  readonly sequence: number
  readonly request: NetlinkRequest
  readonly resolve: (result: RequestResult) => void
  readonly timeout: NodeJS.Timeout
  settled: boolean
}

const TIMEOUT_MS = 5_000
/** Acknowledgements of one send must fit the receive buffer. */
const MAX_BATCH = 128
const MAX_QUEUED = 20_000
const RECEIVE_BUFFER_BYTES = 1024 * 1024

const encodePending = ({sequence, request}: Pending): Buffer =>
  encodeMessage({
    type: request.type,
    flags: request.flags | MESSAGE_FLAG.request | MESSAGE_FLAG.ack,
    sequence,
    port: 0,
    body: request.body,
  })
