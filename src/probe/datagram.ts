import type {ProbeConnection} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {type IpAddress, type IpFamily, ipFamily} from '../core/ip.ts'
import {
  bind,
  close,
  connect,
  type ReadableWatch,
  receiveNow,
  type SocketOption,
  type SystemResult,
  sendTo,
  setSocketInt,
  watchReadable,
} from '../kernel/libc.ts'
import {socketAddress4, socketAddress6} from '../kernel/socket-address.ts'
import {applyOptions, duration, errorWords} from './connect.ts'
import {Deadline} from './deadline.ts'
import type {ProbeOptions} from './probe.ts'

/** What a reply, or silence, means. */
export type Verdict =
  | {readonly ok: true; readonly detail: string | undefined}
  | {readonly ok: false; readonly reason: string}

/** A fresh socket that never blocks and closes on exec, or why there is none, in words. */
export type DatagramSocket = {readonly ok: true; readonly fd: number} | {readonly ok: false; readonly reason: string}

/** One message to a server, and what its replies mean. */
export interface Exchange {
  readonly connection: ProbeConnection
  readonly open: (family: IpFamily) => DatagramSocket
  readonly message: Buffer
  /** The bytes are gone after it. Undefined: it is not for this probe; the next one is waited for. */
  readonly judge: (reply: Buffer) => Verdict | undefined
  /** What silence until the end means; undefined: failure. */
  readonly silence?: Verdict | undefined
}

/**
 * Sends one message and waits until a reply decides, an error comes (ICMP's too, also those that TCP would sit out) or
 * the time is over. Never rejects; the socket and the deadline are gone when it has ended.
 */
export function exchange(wanted: Exchange, {signal, details}: ProbeOptions): Promise<ProbeResult> {
  const startedAt = performance.now()
  const {connection, judge, message} = wanted
  const {timeoutMs} = connection
  return new Promise(resolve => {
    let talk: Talk | undefined
    let deadline: Deadline | undefined
    let decided = false
    const decide = (verdict: Verdict): void => {
      if (decided) return
      decided = true
      deadline?.clear()
      signal?.removeEventListener('abort', cancel)
      talk?.close()
      const latencyMs = performance.now() - startedAt
      if (verdict.ok) resolve({ok: true, latencyMs, detail: verdict.detail, weight: undefined})
      else resolve({ok: false, latencyMs, reason: verdict.reason})
    }
    const cancel = (): void => decide({ok: false, reason: 'cancelled'})
    if (signal?.aborted) return cancel()
    const opened = openTowards(connection, wanted.open)
    if (!opened.ok) return decide(opened)
    talk = new Talk(opened.fd, {judge, decide, details})
    signal?.addEventListener('abort', cancel)
    const silence = wanted.silence ?? {ok: false, reason: `no reply within ${duration(timeoutMs)}`}
    deadline = new Deadline(timeoutMs, () => {
      talk?.read()
      decide(silence)
    })
    talk.send(message)
  })
}

interface TalkOptions extends Pick<Exchange, 'judge'> {
  readonly decide: (verdict: Verdict) => void
  readonly details: ProbeOptions['details']
}

/** A connected socket: what is sent on it, and what comes. */
class Talk {
  readonly #fd: number
  readonly #options: TalkOptions
  #watch: ReadableWatch | undefined
  #immediate: NodeJS.Immediate | undefined
  #strays = 0
  #closed = false

  constructor(fd: number, options: TalkOptions) {
    this.#fd = fd
    this.#options = options
  }

  send(message: Buffer): void {
    // The watch calls back where nothing may be thrown, so that everything is done in a turn of its own.
    this.#watch = watchReadable(this.#fd, () => {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined
        this.read()
      })
    })
    this.#options.details?.(`sending ${message.length} bytes`)
    const sent = sendTo(this.#fd, message, Buffer.alloc(0))
    if (!sent.ok) this.#options.decide({ok: false, reason: errorWords(sent.reason)})
  }

  close(): void {
    this.#closed = true
    clearImmediate(this.#immediate)
    this.#watch?.close()
    close(this.#fd)
  }

  /** Takes what has come. */
  read(): void {
    for (let count = 0; count < REPLIES_A_TURN && !this.#closed; count++) {
      const got = receiveNow(this.#fd, REPLY)
      if (!got.ok && (got.reason === 'EAGAIN' || got.reason === 'EINTR')) return
      const verdict = got.ok ? this.#judged(got.value) : {ok: false as const, reason: errorWords(got.reason)}
      if (verdict !== undefined) this.#options.decide(verdict)
    }
  }

  #judged(lengthBytes: number): Verdict | undefined {
    const {judge, details} = this.#options
    details?.(`${lengthBytes} bytes came`)
    const verdict = judge(REPLY.subarray(0, Math.min(lengthBytes, REPLY.length)))
    if (verdict === undefined) details?.('they are not for this probe')
    if (verdict !== undefined || ++this.#strays < MOST_STRAYS) return verdict
    return {ok: false, reason: `${MOST_STRAYS} replies, and none to what was sent`}
  }
}

/** A socket with its options set, bound and connected as the plan has it: only what comes from there is received. */
function openTowards(connection: ProbeConnection, open: Exchange['open']): DatagramSocket {
  const {address, port, bindAddress, bindPort} = connection
  const family = ipFamily(address)
  if (bindAddress !== undefined && ipFamily(bindAddress) !== family) {
    return {ok: false, reason: `cannot be bound to ${bindAddress}: ${address} is of the other family`}
  }
  const opened = open(family)
  if (!opened.ok) return opened
  const {fd} = opened
  const reason =
    applyOptions(fd, connection) ??
    words(setSocketInt(fd, family === 4 ? IP_RECVERR : IPV6_RECVERR, 1)) ??
    bindTo(fd, bindAddress ?? (bindPort === undefined ? undefined : ANY[family]), bindPort ?? 0) ??
    words(connect(fd, socketAddress(address, port)))
  if (reason === undefined) return opened
  close(fd)
  return {ok: false, reason}
}

function bindTo(fd: number, address: IpAddress | undefined, port: number): string | undefined {
  if (address === undefined) return undefined
  const reason = words(bind(fd, socketAddress(address, port)))
  if (reason === undefined) return undefined
  return `cannot be bound to ${port === 0 ? address : `${address} port ${port}`}: ${reason}`
}

const words = (result: SystemResult): string | undefined => (result.ok ? undefined : errorWords(result.reason))

/** The interface of a link-local address is that which the socket is bound to. */
function socketAddress(address: IpAddress, port: number): Buffer {
  const bytes = ipFamily(address) === 4 ? socketAddress4(address) : socketAddress6(address, 0)
  bytes.writeUInt16BE(port, 2)
  return bytes
}

const ANY: {readonly [family in IpFamily]: IpAddress} = {4: '0.0.0.0' as IpAddress, 6: '::' as IpAddress}

/** The greatest datagram there is. One for all: what is in it is judged before anything else comes. */
const REPLY = Buffer.alloc(65_536)
/** A server that floods does not keep the loop from others. */
const REPLIES_A_TURN = 16
const MOST_STRAYS = 1_000

/** Errors that ICMP tells become errors of the socket, the passing ones too. <linux/in.h>, <linux/in6.h> */
const IP_RECVERR: SocketOption = {level: 0, name: 11}
const IPV6_RECVERR: SocketOption = {level: 41, name: 25}
