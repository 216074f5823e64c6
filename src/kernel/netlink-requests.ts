import {acknowledgementReason, decodeAcknowledgement} from '../core/netlink/acknowledgement.ts'
import {
  encodeMessages,
  finishMessage,
  MESSAGE_FLAG,
  MESSAGE_HEADER_BYTES,
  type NetlinkMessage,
  requestAcknowledgement,
} from '../core/netlink/message.ts'
import {dropsOf, sendInPool, setSendBuffer} from './libc.ts'
import {NetlinkSocket} from './netlink-socket.ts'

/** One order to the kernel; NLM_F_REQUEST and NLM_F_ACK are added. */
export interface NetlinkRequest {
  readonly type: number
  readonly flags: number
  readonly body: Buffer
}

/** Orders of one type that are written where they are sent from, one after the other. */
export interface NetlinkOrders {
  readonly type: number
  readonly count: number
  readonly maxBodyBytes: number
  /** Writes the body of one of them, counted from 0, and answers its length in bytes; must not throw. */
  readonly write: (number: number, into: Buffer, at: number) => number
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
  readonly #queue: (Pending | Group)[] = []
  readonly #sent = new Map<number, Pending>()
  readonly #sentGroups = new Set<Group>()
  #sequence = 0
  /** Where the orders of the batch before were written. */
  #spare: Buffer | undefined
  #sending = false
  #closed = false
  readonly #timeoutMs: number

  private constructor(protocol: number, timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.#socket = NetlinkSocket.open({
      protocol,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      onMessages: messages => this.#received(messages),
      // Requests whose answers were lost end by their timeout.
      onOverrun: () => {},
      onBroken: reason => this.#fail(reason),
    })
    // Where it cannot be that large, sends that are too long are refused.
    setSendBuffer(this.#socket.fd, SEND_BYTES)
  }

  /** Opens a socket of its own; throws a HactlError when that cannot be. `timeoutMs`: how long an answer may take. */
  static open(protocol: number, {timeoutMs = TIMEOUT_MS}: {readonly timeoutMs?: number} = {}): NetlinkRequester {
    return new NetlinkRequester(protocol, timeoutMs)
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
      }, this.#timeoutMs)
      const pending = this.#enqueue(request, settle)
    })
  }

  /**
   * Gives many orders one after the other, each whether or not those before it failed: one result for each. They are
   * written as they are sent. The kernel acknowledges the last of each send only, and one that it says nothing of is
   * done: this is several times as quick as many requests. Where an answer was lost, those that it may have been for
   * end with 'ETIMEDOUT'.
   */
  async batch(orders: NetlinkOrders): Promise<readonly RequestResult[]> {
    const results: RequestResult[] = []
    let bytes = this.#spare ?? Buffer.allocUnsafeSlow(SEND_BYTES)
    this.#spare = undefined
    while (results.length < orders.count) {
      const group = this.#write(orders, results.length, bytes)
      results.push(...(await this.#sendGroup(group)))
      // The thread pool may still be reading the one that it was given.
      if (group.overdue) bytes = Buffer.allocUnsafeSlow(SEND_BYTES)
    }
    this.#spare = bytes
    return results
  }

  /** Closes the socket; what is under way ends with 'ECANCELED'. */
  close(): void {
    this.#fail('ECANCELED')
  }

  /** As many orders from number `from` on as one send takes. */
  #write({count, type, maxBodyBytes, write}: NetlinkOrders, from: number, bytes: Buffer): Group {
    const first = (this.#sequence + 1) >>> 0
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let [at, number] = [0, from]
    let lastAt = 0
    const header = {type, flags: MESSAGE_FLAG.request, sequence: 0, port: 0, bodyBytes: 0}
    while (number < count && number - from < MAX_GROUP && at + MESSAGE_HEADER_BYTES + maxBodyBytes <= bytes.length) {
      this.#sequence = (this.#sequence + 1) >>> 0
      header.sequence = this.#sequence
      header.bodyBytes = write(number, bytes, at + MESSAGE_HEADER_BYTES)
      lastAt = at
      at = finishMessage(view, at, header)
      number++
    }
    requestAcknowledgement(view, lastAt)
    return new Group(first, number - from, bytes.subarray(0, at))
  }

  #sendGroup(group: Group): Promise<readonly RequestResult[]> {
    return new Promise(resolve => {
      const from = performance.now()
      const isOver = (): void => {
        // The kernel is at it, and answers as soon as it is done: until then nobody knows how far it is.
        if (group.isBeingSent && performance.now() - from < LONGEST_SEND_MS) {
          timeout = setTimeout(isOver, this.#timeoutMs)
          return
        }
        group.overdue = true
        this.#settleGroup(group, {ok: false, reason: 'ETIMEDOUT'})
      }
      let timeout = setTimeout(isOver, this.#timeoutMs)
      group.settle = results => {
        clearTimeout(timeout)
        resolve(results)
      }
      const refusal = this.#refusal()
      if (refusal === undefined) this.#push(group)
      else this.#settleGroup(group, {ok: false, reason: refusal})
    })
  }

  /** Undefined: it is settled already. */
  #enqueue(request: NetlinkRequest, settle: (result: RequestResult) => void): Pending | undefined {
    const refusal = this.#refusal()
    if (refusal !== undefined) {
      settle({ok: false, reason: refusal})
      return undefined
    }
    this.#sequence = (this.#sequence + 1) >>> 0
    const pending: Pending = {sequence: this.#sequence, request, settle, settled: false}
    this.#push(pending)
    return pending
  }

  #refusal(): string | undefined {
    if (this.#closed) return 'EBADF'
    return this.#queue.length >= MAX_QUEUED ? 'ENOBUFS' : undefined
  }

  #push(item: Pending | Group): void {
    this.#queue.push(item)
    if (this.#queue.length === 1) queueMicrotask(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (first instanceof Group) {
        this.#queue.shift()
        await this.#carryOutGroup(first)
      } else await this.#carryOut(this.#nextRequests())
      if (this.#closed) {
        this.#socket.close()
        return
      }
    }
    this.#sending = false
  }

  #nextRequests(): readonly Pending[] {
    const requests: Pending[] = []
    for (let next = this.#queue[0]; next !== undefined && requests.length < MAX_TOGETHER; next = this.#queue[0]) {
      if (next instanceof Group) break
      this.#queue.shift()
      // One that timed out while it waited must not be done after its owner was told that it failed.
      if (!next.settled) requests.push(next)
    }
    return requests
  }

  async #carryOut(requests: readonly Pending[]): Promise<void> {
    if (requests.length === 0) return
    for (const pending of requests) this.#sent.set(pending.sequence, pending)
    const sent = await sendInPool(this.#socket.fd, encodeRequests(requests))
    if (this.#closed) return
    // The answers were there before the send returned.
    this.#socket.drain(requests.length)
    if (!sent.ok) for (const pending of requests) this.#settle(pending, {ok: false, reason: sent.reason})
  }

  async #carryOutGroup(group: Group): Promise<void> {
    if (group.settled) return
    this.#sentGroups.add(group)
    const drops = dropsOf(this.#socket.fd)
    group.isBeingSent = true
    const sent = await sendInPool(this.#socket.fd, group.bytes)
    group.isBeingSent = false
    if (this.#closed) return
    this.#socket.drain(group.count)
    if (!sent.ok) this.#settleGroup(group, {ok: false, reason: sent.reason})
    group.silence = dropsOf(this.#socket.fd) === drops ? DONE : {ok: false, reason: 'ETIMEDOUT'}
    if (group.isAcknowledged) this.#settleGroup(group, group.silence)
  }

  #received(messages: readonly NetlinkMessage[]): void {
    for (const message of messages) {
      const answer = decodeAcknowledgement(message)
      if (!answer.ok) continue
      const reason = acknowledgementReason(answer.value)
      const result = reason === undefined ? DONE : {ok: false as const, reason, text: answer.value.text}
      const pending = this.#sent.get(message.sequence)
      if (pending) this.#settle(pending, result)
      else this.#receivedForGroup(message.sequence, result)
    }
  }

  #receivedForGroup(sequence: number, result: RequestResult): void {
    for (const group of this.#sentGroups) {
      if (!group.take(sequence, result)) continue
      // Before the send has returned, more may come.
      if (group.isAcknowledged && group.silence !== undefined) this.#settleGroup(group, group.silence)
      return
    }
  }

  #settle(pending: Pending, result: RequestResult): void {
    if (pending.settled) return
    pending.settled = true
    this.#sent.delete(pending.sequence)
    pending.settle(result)
  }

  /** Ends a group; `silence` is the end of what the kernel said nothing of. */
  #settleGroup(group: Group, silence: RequestResult): void {
    this.#sentGroups.delete(group)
    group.end(silence)
  }

  #fail(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    // The thread pool may be about to use the descriptor, which must not become another file's meanwhile.
    if (!this.#sending) this.#socket.close()
    for (const item of [...this.#sent.values(), ...this.#sentGroups, ...this.#queue.splice(0)]) {
      if (item instanceof Group) this.#settleGroup(item, {ok: false, reason})
      else this.#settle(item, {ok: false, reason})
    }
  }
}

const DONE: RequestResult = {ok: true}

interface Pending {
  readonly sequence: number
  readonly request: NetlinkRequest
  readonly settle: (result: RequestResult) => void
  settled: boolean
}

/** Orders that leave in one send, of which only the last is acknowledged. */
class Group {
  /** What the kernel's silence means, once it has taken them all. */
  silence: RequestResult | undefined
  settle: (results: readonly RequestResult[]) => void = () => {}
  settled = false
  /** The kernel is at it. */
  isBeingSent = false
  /** Ended while the kernel may still have been reading `bytes`. */
  overdue = false
  readonly bytes: Buffer
  readonly count: number
  readonly #first: number
  readonly #answers = new Map<number, RequestResult>()

  constructor(first: number, count: number, bytes: Buffer) {
    this.#first = first
    this.count = count
    this.bytes = bytes
  }

  /** The kernel has answered the last of them, and so every one of them. */
  get isAcknowledged(): boolean {
    return this.#answers.has(this.count - 1)
  }

  /** Takes the kernel's answer; false: it is for others. */
  take(sequence: number, result: RequestResult): boolean {
    const number = (sequence - this.#first) >>> 0
    if (number >= this.count) return false
    this.#answers.set(number, result)
    return true
  }

  end(silence: RequestResult): void {
    if (this.settled) return
    this.settled = true
    const results = new Array<RequestResult>(this.count).fill(silence)
    for (const [number, result] of this.#answers) results[number] = result
    this.settle(results)
  }
}

const TIMEOUT_MS = 5_000
/** Whoever waits for an order gives up after 50 s. */
const LONGEST_SEND_MS = 40_000
/** Acknowledgements of one send must fit the receive buffer, should each of them be a refusal. */
const MAX_TOGETHER = 128
const MAX_GROUP = 1024
/** Each send costs a change of threads, and the kernel's memory for it; 212,992 is the send buffer of most systems. */
const SEND_BYTES = 192 * 1024
const MAX_QUEUED = 20_000
const RECEIVE_BUFFER_BYTES = 1024 * 1024

const encodeRequests = (requests: readonly Pending[]): Buffer =>
  encodeMessages(
    requests.map(({sequence, request: {type, flags, body}}) => ({
      type,
      flags: flags | MESSAGE_FLAG.request | MESSAGE_FLAG.ack,
      sequence,
      port: 0,
      body,
    })),
  )
