import {randomBytes} from 'node:crypto'
import {type IpAddress, type IpFamily, ipFamily} from '../core/ip.ts'
import {close, connect, receiveNow, type SystemResult, sendTo, watchReadable} from '../kernel/libc.ts'
import {socketAddress4, socketAddress6} from '../kernel/socket-address.ts'
import {errorWords} from '../probe/connect.ts'
import {decodeEcho, encodeEcho, withoutIpv4Header} from '../probe/icmp.ts'
import {openPing} from '../probe/ping.ts'
import {Prober, type ProbeTransport} from './prober.ts'

/** A prober, or why there is none, in words. */
export type OpenedProber = {readonly ok: true; readonly prober: Prober} | {readonly ok: false; readonly why: string}

/** Milliseconds between two echo requests. */
const INTERVAL_MS = 2

/** Sends an address an echo request every 2 ms. Needs CAP_NET_RAW, or a group in net.ipv4.ping_group_range. icmp(7) */
export function openPingProbes(address: IpAddress): OpenedProber {
  const family = ipFamily(address)
  const opened = openPing(family)
  if (!opened.ok) return {ok: false, why: `this host may not ping: ${opened.reason}`}
  const {fd, raw} = opened
  const connected = connect(fd, family === 4 ? socketAddress4(address) : socketAddress6(address, 0))
  if (!connected.ok) {
    close(fd)
    return {ok: false, why: `${address}: ${errorWords(connected.reason)}`}
  }
  return {ok: true, prober: new Prober(INTERVAL_MS, prober => echoes({prober, fd, family, raw}))}
}

interface EchoSocket {
  readonly prober: Prober
  readonly fd: number
  readonly family: IpFamily
  readonly raw: boolean
}

function echoes({prober, fd, family, raw}: EchoSocket): ProbeTransport {
  // These bytes tell our replies from those of others; the number behind them does not wrap as the sequence does.
  const data = Buffer.concat([randomBytes(NONCE_BYTES), Buffer.alloc(4)])
  const nonce = Buffer.from(data.subarray(0, NONCE_BYTES))
  const identifier = data.readUInt16BE(0)
  const take = (lengthBytes: number): void => {
    const bytes = REPLY.subarray(0, Math.min(lengthBytes, REPLY.length))
    const echo = decodeEcho(family, raw && family === 4 ? withoutIpv4Header(bytes) : bytes)
    if (!echo.ok || echo.value.type !== 'reply' || echo.value.data.length !== data.length) return
    if (!echo.value.data.subarray(0, NONCE_BYTES).equals(nonce)) return
    prober.answered(echo.value.data.readUInt32BE(NONCE_BYTES))
  }
  const look = (): void => {
    for (let count = 0; count < REPLIES_A_TURN; count++) {
      const got = receiveNow(fd, REPLY)
      if (!got.ok && got.reason === 'EAGAIN') {
        prober.looked()
        return
      }
      if (got.ok) take(got.value)
    }
  }
  let closed = false
  let turn: NodeJS.Immediate | undefined
  // The watch calls back where nothing may be thrown, so that everything is done in a turn of its own.
  const watch = watchReadable(fd, () => {
    turn ??= setImmediate(() => {
      turn = undefined
      if (!closed) look()
    })
  })
  return {
    look,
    send: number => {
      data.writeUInt32BE(number, NONCE_BYTES)
      const sequence = number & 0xffff
      const sent = sendOnce(fd, encodeEcho(family, {type: 'request', identifier, sequence, data}))
      return sent.ok ? undefined : errorWords(sent.reason)
    },
    close: () => {
      closed = true
      clearImmediate(turn)
      watch.close()
      close(fd)
    },
  }
}

/** An error that an earlier probe has caused is told in place of the sending, once. */
function sendOnce(fd: number, message: Buffer): SystemResult {
  const sent = sendTo(fd, message, NO_ADDRESS)
  return sent.ok ? sent : sendTo(fd, message, NO_ADDRESS)
}

const NONCE_BYTES = 16
/** What floods does not keep the loop from the next probe. */
const REPLIES_A_TURN = 256
const NO_ADDRESS = Buffer.alloc(0)
/** One for all: what is in it is judged before anything else comes. */
const REPLY = Buffer.alloc(2_048)
