import {randomInt} from 'node:crypto'
import packet from 'dns-packet'
import type {ProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {printable} from './connect.ts'
import {exchange, type Verdict} from './datagram.ts'
import type {ProbeOptions} from './probe.ts'
import {openUdp} from './udp.ts'

/** What is asked. */
export type DnsQuestion = Pick<Extract<ProbePlan, {type: 'dns'}>, 'recordType' | 'queryName'>

/**
 * DNS_CHECK: one query over UDP. The first reply with its id decides, and is good when its RCODE is 0, whatever it
 * answers; keepalived judges the same. Never rejects.
 */
export function probeDns(plan: Extract<ProbePlan, {type: 'dns'}>, options: ProbeOptions): Promise<ProbeResult> {
  const id = randomInt(0x1_0000)
  const message = encodeDnsQuery(plan, id)
  if (typeof message === 'string') return Promise.resolve({ok: false, latencyMs: 0, reason: message})
  const {details} = options
  const judge = (reply: Buffer): Verdict | undefined => {
    const verdict = judgeDnsReply(reply, id)
    if (verdict !== undefined && details !== undefined) for (const line of answersOf(reply)) details(line)
    return verdict
  }
  return exchange({connection: plan.connection, open: openUdp, message, judge}, options)
}

/** A query with recursion desired, or in words why there is none. RFC 1035 section 4.1 */
export function encodeDnsQuery({recordType, queryName}: DnsQuestion, id: number): Buffer | string {
  const type = TYPES.find(known => known === recordType)
  if (type === undefined) return `${printable(recordType, NAME_CHARACTERS)} is no type that can be asked for`
  if (!isDomainName(queryName)) return `${printable(queryName, NAME_CHARACTERS)} is no domain name`
  return packet.encode({type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{type, name: queryName}]})
}

/** What a datagram means to the query with this id; undefined: it is no reply to it. RFC 1035 section 4.1.1 */
export function judgeDnsReply(reply: Buffer, id: number): Verdict | undefined {
  if (reply.length < HEADER_BYTES || reply.readUInt16BE(0) !== id) return undefined
  const flags = reply.readUInt16BE(2)
  if ((flags & RESPONSE) === 0) return undefined
  const code = flags & RCODE_MASK
  if (code !== 0)
    return {ok: false, reason: `rcode ${code}${RCODES[code] ? ` (${RCODES[code]})` : ''} where 0 is wanted`}
  const answers = reply.readUInt16BE(6)
  const cut = (flags & TRUNCATED) === 0 ? '' : ', cut short'
  return {ok: true, detail: `rcode 0, ${answers} ${answers === 1 ? 'answer' : 'answers'}${cut}`}
}

/** The first answers of a reply for people; what cannot be read is said. */
export function answersOf(reply: Buffer): readonly string[] {
  try {
    const answers = packet.decode(reply).answers ?? []
    return answers.slice(0, MOST_ANSWERS_SHOWN).map(answer => {
      const data: unknown = 'data' in answer ? answer.data : undefined
      return printable(`answer: ${answer.name} ${answer.type} ${JSON.stringify(data, textOfBytes)}`, ANSWER_CHARACTERS)
    })
  } catch {
    return ['the reply cannot be read beyond its header']
  }
}

/** Bytes, such as those of TXT, become text. */
function textOfBytes(_key: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
  return isBytes && 'data' in value && Array.isArray(value.data) ? Buffer.from(value.data).toString('latin1') : value
}

/** Labels of 1 to 63 bytes, 255 in all with their lengths. RFC 1035 section 2.3.4 */
function isDomainName(name: string): boolean {
  if (name === '.') return true
  const labels = name.replace(/\.$/, '').split('.')
  const lengths = labels.map(label => Buffer.byteLength(label))
  return (
    lengths.every(length => length >= 1 && length <= 63) && lengths.reduce((sum, length) => sum + length + 1, 1) <= 255
  )
}

/** Types of keepalived's DNS_CHECK. */
const TYPES = ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY'] as const

const HEADER_BYTES = 12
const RESPONSE = 0x8000
const TRUNCATED = 0x0200
const RCODE_MASK = 0x000f
/** RFC 1035 section 4.1.1, RFC 2136 section 2.2 */
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]
const NAME_CHARACTERS = 80
const ANSWER_CHARACTERS = 200
const MOST_ANSWERS_SHOWN = 10
