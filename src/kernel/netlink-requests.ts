import {acknowledgementReason, decodeAcknowledgement} from '../core/netlink/acknowledgement.ts'
import {encodeMessages, MESSAGE_FLAG, type NetlinkMessage} from '../core/netlink/message.ts'
import {dropsOf, sendInPool} from './libc.ts'
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
      const settle = (result: RequestResult): void => {
        clearTimeout(timeout)
        resolve(result)
      }
      const timeout = setTimeout(() => {
        if (pending !== undefined) this.#settle(pending, {ok: false, reason: 'ETIMEDOUT'})
      }, TIMEOUT_MS)
      const pending = this.#enqueue(request, settle, false)
    })
  }

  /**
   * Makes many requests one after the other, each whether or not those before it failed: one result for each. They
   * are taken as they are sent. The kernel acknowledges the last of each send only, and one that it says nothing of is
   * done: this is several times as quick as many requests. Where an answer was lost, those that it may have been for
   * end with 'ETIMEDOUT'.
   */
  async batch(requests: Iterable<NetlinkRequest>): Promise<readonly RequestResult[]> {
    const results: RequestResult[] = []
    let together: NetlinkRequest[] = []
    for (const request of requests) {
      together.push(request)
      if (together.length < MAX_BATCH) continue
      results.push(...(await this.#sendTogether(together)))
      together = []
    }
    if (together.length > 0) results.push(...(await this.#sendTogether(together)))
    return results
  }

  /** Closes the socket; what is under way ends with 'ECANCELED'. */
  close(): void {
    this.#fail('ECANCELED')
  }

  #sendTogether(requests: readonly NetlinkRequest[]): Promise<readonly RequestResult[]> {
    return new Promise(resolve => {
      const results: RequestResult[] = []
      const group: Pending[] = []
      const timeout = setTimeout(() => {
        for (const pending of group) this.#settle(pending, {ok: false, reason: 'ETIMEDOUT'})
      }, TIMEOUT_MS)
      let open = requests.length
      for (const [i, request] of requests.entries()) {
        const settle = (result: RequestResult): void => {
          results[i] = result
          open--
          if (open > 0) return
          clearTimeout(timeout)
          resolve(results)
        }
        const pending = this.#enqueue(request, settle, true)
        if (pending !== undefined) group.push(pending)
      }
    })
  }

  /** Undefined: there is no room, and the request is settled already. */
  #enqueue(request: NetlinkRequest, settle: (result: RequestResult) => void, batched: boolean): Pending | undefined {
    const refusal = this.#closed ? 'EBADF' : this.#queue.length >= MAX_QUEUED ? 'ENOBUFS' : undefined
    if (refusal !== undefined) {
      settle({ok: false, reason: refusal})
      return undefined
    }
    this.#sequence = (this.#sequence + 1) >>> 0
    const pending: Pending = {sequence: this.#sequence, request, batched, settle, settled: false}
    this.#queue.push(pending)
    if (this.#queue.length === 1) queueMicrotask(() => void this.#flush())
    return pending
  }

  async #flush(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    while (this.#queue.length > 0) {
      // One that timed out while it waited must not be done after its owner was told that it failed.
      const batch = this.#queue.splice(0, MAX_BATCH).filter(pending => !pending.settled)
      if (batch.length === 0) continue
      for (const pending of batch) this.#sent.set(pending.sequence, pending)
      const silent = batch.filter((_, i) => isSilent(batch, i))
      const drops = silent.length === 0 ? 0 : dropsOf(this.#socket.fd)
      const sent = await sendInPool(this.#socket.fd, encodeBatch(batch))
      if (this.#closed) {
        this.#socket.close()
        return
      }
      // The answers were there before the send returned.
      this.#socket.drain(batch.length)
      if (!sent.ok) for (const pending of batch) this.#settle(pending, {ok: false, reason: sent.reason})
      if (silent.length === 0) continue
      const heardAll = dropsOf(this.#socket.fd) === drops
      for (const pending of silent) this.#settle(pending, heardAll ? {ok: true} : {ok: false, reason: 'ETIMEDOUT'})
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
    this.#sent.delete(pending.sequence)
    pending.settle(result)
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
  /** Of those that follow each other in a send, only the last is acknowledged. */
  readonly batched: boolean
  readonly settle: (result: RequestResult) => void
  settled: boolean
}

const TIMEOUT_MS = 5_000
/** Acknowledgements of one send must fit the receive buffer. */
const MAX_BATCH = 128
const MAX_QUEUED = 20_000
const RECEIVE_BUFFER_BYTES = 1024 * 1024

/** Whether the kernel answers this one only if it fails: another of its kind follows in the same send. */
const isSilent = (batch: readonly Pending[], i: number): boolean =>
  batch[i]?.batched === true && batch[i + 1]?.batched === true

const encodeBatch = (batch: readonly Pending[]): Buffer =>
  encodeMessages(
    batch.map(({sequence, request: {type, flags, body}}, i) => ({
      type,
      flags: flags | MESSAGE_FLAG.request | (isSilent(batch, i) ? 0 : MESSAGE_FLAG.ack),
      sequence,
      port: 0,
      body,
    })),
  )
