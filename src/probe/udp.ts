import type {UdpProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, socket} from '../kernel/libc.ts'
import {errorWords} from './connect.ts'
import {type DatagramSocket, type Exchange, exchange, type Verdict} from './datagram.ts'
import type {ProbeOptions} from './probe.ts'

/**
 * UDP_CHECK. Without `require_reply` it is good when something comes or nothing comes for the whole time, and bad when
 * ICMP says that nobody is there; with it, a reply has to come and to match. Never rejects.
 */
export function probeUdp(plan: UdpProbePlan, options: ProbeOptions): Promise<ProbeResult> {
  const {connection, payload, requireReply} = plan
  const message = payload === undefined ? PAYLOAD : Buffer.from(payload, 'hex')
  const silence = requireReply === undefined ? ({ok: true, detail: 'nobody refused it'} as const) : undefined
  return exchange({connection, open: openUdp, message, judge: reply => judgeUdpReply(plan, reply), silence}, options)
}

/** What a reply means: the first one decides. The lengths count where a pattern is given, as in keepalived 2.2.7. */
export function judgeUdpReply(
  {requireReply, minReplyLengthBytes, maxReplyLengthBytes}: Omit<UdpProbePlan, 'type' | 'connection' | 'payload'>,
  reply: Buffer,
): Verdict {
  const good: Verdict = {ok: true, detail: `reply of ${reply.length} bytes`}
  if (requireReply === undefined || requireReply === '') return good
  if (reply.length < minReplyLengthBytes || reply.length > maxReplyLengthBytes) {
    const wanted = `${minReplyLengthBytes} to ${maxReplyLengthBytes}`
    return {ok: false, reason: `reply of ${reply.length} bytes where ${wanted} are wanted`}
  }
  return beginsAs(reply, requireReply) ? good : {ok: false, reason: 'the reply does not match'}
}

/** A UDP socket. */
export const openUdp: Exchange['open'] = (family): DatagramSocket => {
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
  const opened = socket(family === 4 ? AF_INET : AF_INET6, type, 0)
  return opened.ok ? {ok: true, fd: opened.value} : {ok: false, reason: errorWords(opened.reason)}
}

/** As far as both reach; `x` is any digit. */
function beginsAs(reply: Buffer, pattern: string): boolean {
  const digits = reply.subarray(0, Math.floor(pattern.length / 2)).toString('hex')
  for (let i = 0; i < digits.length; i++) if (pattern[i] !== 'x' && pattern[i] !== digits[i]) return false
  return true
}

/** What is sent unless a payload is given: 32 bytes, as keepalived sends them. */
const PAYLOAD = Buffer.from('keepalived check - keepalived ch')
