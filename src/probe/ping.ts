import {randomBytes, randomInt} from 'node:crypto'
import type {ProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {type IpFamily, ipFamily} from '../core/ip.ts'
import {
  AF_INET,
  AF_INET6,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  type SocketOption,
  setSocketOption,
  socket,
} from '../kernel/libc.ts'
import {errorWords} from './connect.ts'
import {type DatagramSocket, exchange} from './datagram.ts'
import {decodeEcho, encodeEcho, withoutIpv4Header} from './icmp.ts'
import type {ProbeOptions} from './probe.ts'

/** PING_CHECK: one echo request, with ICMP or ICMPv6; good when its reply comes. Never rejects. */
export function probePing(
  {connection}: Extract<ProbePlan, {type: 'ping'}>,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const family = ipFamily(connection.address)
  // Random bytes tell the reply from those of others, whatever identifier the kernel gives it.
  const data = Buffer.concat([randomBytes(NONCE_BYTES), TEXT])
  const message = encodeEcho(family, {type: 'request', identifier: randomInt(0x1_0000), sequence: 1, data})
  let raw = false
  return exchange(
    {
      // ICMP has no ports.
      connection: {...connection, port: 0, bindPort: undefined},
      open: () => {
        const opened = openPing(family)
        raw = opened.ok && opened.raw
        return opened
      },
      message,
      judge: reply => {
        const echo = decodeEcho(family, raw && family === 4 ? withoutIpv4Header(reply) : reply)
        const isOurs = echo.ok && echo.value.type === 'reply' && echo.value.data.equals(data)
        return isOurs ? {ok: true, detail: undefined} : undefined
      },
    },
    options,
  )
}

/** A socket for echo messages; `raw`: with IPv4 what it receives begins with the IP header. */
export type PingSocket = DatagramSocket & {readonly raw: boolean}

/** A ping socket where `net.ipv4.ping_group_range` permits one, else a raw socket for echo replies alone. icmp(7) */
export function openPing(family: IpFamily): PingSocket {
  const domain = family === 4 ? AF_INET : AF_INET6
  const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
  const ping = socket(domain, SOCK_DGRAM | FLAGS, protocol)
  if (ping.ok) return {ok: true, fd: ping.value, raw: false}
  const opened = socket(domain, SOCK_RAW | FLAGS, protocol)
  if (!opened.ok) {
    const hint = opened.reason === 'EPERM' ? `: ICMP takes CAP_NET_RAW, or a group in net.ipv4.ping_group_range` : ''
    return {ok: false, reason: `${errorWords(opened.reason)}${hint}`, raw: true}
  }
  // Where the filter cannot be set, what passes besides is no reply of ours.
  setSocketOption(opened.value, ...ECHO_REPLIES_ALONE[family])
  return {ok: true, fd: opened.value, raw: true}
}

/** A filter with a bit set for every type that is blocked. */
function blockedBut(type: number, lengthBytes: number): Buffer {
  const filter = Buffer.alloc(lengthBytes, 0xff)
  const word = (type >> 5) * 4
  filter.writeUInt32LE((~(1 << (type & 31)) & 0xffff_ffff) >>> 0, word)
  return filter
}

const FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC
const IPPROTO_ICMP = 1
const IPPROTO_ICMPV6 = 58
/** ICMP_FILTER of SOL_RAW and ICMP6_FILTER. <linux/icmp.h>, RFC 3542 section 3.2 */
const ECHO_REPLIES_ALONE: {readonly [family in IpFamily]: readonly [SocketOption, Buffer]} = {
  4: [{level: 255, name: 1}, blockedBut(0, 4)],
  6: [{level: IPPROTO_ICMPV6, name: 1}, blockedBut(129, 32)],
}

const NONCE_BYTES = 16
const TEXT = Buffer.from('keepalived check - keepalived check - k')
