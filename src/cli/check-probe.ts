import {DEFAULT_STATUS, REGEX_OPTIONS} from '../config/tables/http-url.ts'
import type {HttpPage, HttpProbePlan, ProbeConnection, ProbePlan, UdpProbePlan} from '../core/check/plan.ts'
import {type IpAddress, ipFamily, parseIp} from '../core/ip.ts'
import {HactlError} from '../errors.ts'
import {ANSWER_FLAGS, CONNECTION_FLAGS, PAGE_FLAGS, type ProbeFlags} from './check-flags.ts'
import {readTarget, type Scheme, type Target} from './check-target.ts'
import {wholeNumber} from './lvs-flags.ts'

/** Probes that a process makes by itself. */
export type NetworkPlan = Exclude<ProbePlan, {type: 'misc' | 'file' | 'bfd'}>

/** A probe of a target that somebody named by hand. Throws `HactlError`: USAGE, and what `resolve` throws. */
export async function handMadeProbe(
  url: string,
  flags: ProbeFlags,
  resolve: (name: string) => Promise<string>,
): Promise<NetworkPlan> {
  const target = readTarget(url)
  requireUsable(flags, target.scheme)
  const read = READERS[target.scheme](target, flags)
  const parsed = parseIp(target.host)
  const address = parsed.ok ? parsed.value : requireIp(target.host, await resolve(target.host))
  return {...read, connection: connectionOf({address, port: target.port}, flags)}
}

/** A probe that fetches one page, whatever its status. Throws as `handMadeProbe`, and for what is no page. */
export async function pageProbe(
  url: string,
  flags: ProbeFlags,
  resolve: (name: string) => Promise<string>,
): Promise<HttpProbePlan> {
  const plan = await handMadeProbe(url, flags, resolve)
  if (plan.type === 'http') return plan
  throw new HactlError('USAGE', `${url.slice(0, 80)}: only pages have a digest`, 'http:// or https://')
}

/** The names of those flags about a probe that were given. */
export function givenProbeFlags(flags: ProbeFlags): readonly string[] {
  const names = Object.keys({...CONNECTION_FLAGS, ...PAGE_FLAGS, ...ANSWER_FLAGS}) as (keyof ProbeFlags)[]
  return names.filter(name => flags[name] !== undefined && flags[name] !== false)
}

/** What a plan has beside its connection. */
type Asked<Plan> = Plan extends {readonly connection: ProbeConnection} ? Omit<Plan, 'connection'> : never
type Reader = (target: Target, flags: ProbeFlags) => Asked<NetworkPlan>

const READERS: {readonly [scheme in Scheme]: Reader} = {
  http: httpAsked,
  https: httpAsked,
  tcp: target => without(target, {type: 'tcp'}),
  ping: target => without(target, {type: 'ping'}),
  smtp: (target, {helo}) => without(target, {type: 'smtp', heloName: text('--helo', helo) ?? HELO_NAME}),
  dns: dnsAsked,
  udp: udpAsked,
}

/** keepalived's, SMTP_CHECK of keepalived.conf(5). */
const HELO_NAME = 'smtpchecker.keepalived.org'

/** What each kind takes beside where it comes from and how long it may take. */
const PAGE = ['status', 'digest', 'regex', 'regex-options', 'regex-no-match', 'virtualhost', 'protocol']
const TAKES: {readonly [scheme in Scheme]: readonly string[]} = {
  http: ['bind-port', ...PAGE],
  https: ['bind-port', ...PAGE, 'sni'],
  tcp: ['bind-port'],
  smtp: ['bind-port', 'helo'],
  dns: ['bind-port'],
  udp: ['bind-port', 'payload', 'reply', 'min-reply-length', 'max-reply-length'],
  ping: [],
}
const ALWAYS = ['timeout', 'bind', 'interface', 'fwmark']

function requireUsable(flags: ProbeFlags, scheme: Scheme): void {
  const taken = [...ALWAYS, ...TAKES[scheme]]
  const useless = givenProbeFlags(flags).find(name => !taken.includes(name))
  if (useless === undefined) return
  const hint = `it takes ${taken.map(name => `--${name}`).join(', ')}`
  throw new HactlError('USAGE', `--${useless} is not for ${scheme}://`, hint)
}

function httpAsked({scheme, host, authority, rest}: Target, flags: ProbeFlags): Asked<HttpProbePlan> {
  const page: HttpPage = {
    path: rest.startsWith('/') ? rest : `/${rest}`,
    host: text('--virtualhost', flags.virtualhost) ?? authority,
    digest: digestOf(flags.digest),
    status: statusOf(flags.status),
    regex: regexOf(flags),
    tlsCompliant: undefined,
  }
  const serverName = text('--sni', flags.sni) ?? (parseIp(host).ok ? undefined : host)
  return {
    type: 'http',
    tls: scheme === 'https' ? {serverName, compliant: false} : undefined,
    protocol: flags.protocol === '1.0c' ? '1.0C' : flags.protocol === '1.1' ? '1.1' : '1.0',
    fastRecovery: false,
    pages: [page],
  }
}

function digestOf(given: Flag): string | undefined {
  if (typeof given !== 'string') return undefined
  if (/^[\da-f]{32}$/i.test(given)) return given.toLowerCase()
  throw new HactlError('USAGE', `--digest: "${given.slice(0, 80)}" is no MD5`, '32 hexadecimal digits')
}

function statusOf(given: Flag): HttpPage['status'] {
  if (typeof given !== 'string') return DEFAULT_STATUS
  return given.split(/[\s,]+/).map(part => {
    const [, first, last] = /^(\d{3})(?:-(\d{3}))?$/.exec(part) ?? []
    const [from, to] = [Number(first), Number(last ?? first)]
    if (from >= 100 && to <= 599 && from <= to) return {from, to}
    throw new HactlError(
      'USAGE',
      `--status: "${part.slice(0, 80)}" is no status`,
      'such as 200-299,404, from 100 to 599',
    )
  })
}

function regexOf({regex, ...flags}: ProbeFlags): HttpPage['regex'] {
  if (typeof regex !== 'string') return undefined
  const given = flags['regex-options']
  const options = typeof given === 'string' ? given.split(/[\s,]+/) : []
  const unknown = options.find(option => !REGEX_OPTIONS.some(known => known === option))
  if (unknown !== undefined) {
    throw new HactlError(
      'USAGE',
      `--regex-options: "${unknown.slice(0, 80)}" is none`,
      `there is ${REGEX_OPTIONS.join(', ')}`,
    )
  }
  const noMatch = flags['regex-no-match'] === true
  return {pattern: regex, options, noMatch, minOffsetBytes: undefined, maxOffsetBytes: undefined}
}

/** Types of DNS_CHECK, keepalived.conf(5). */
const RECORD_TYPES = ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY']

/** `/NAME?type=TYPE`; without them what DNS_CHECK asks for, the SOA of the root. */
function dnsAsked({rest}: Target): Asked<NetworkPlan> {
  const [, name = '', query] = /^\/?([^?]*)(?:\?(.*))?$/.exec(rest) ?? []
  const [, given = 'SOA'] = /^type=(.*)$/i.exec(query ?? '') ?? []
  if (query !== undefined && !/^type=/i.test(query)) {
    throw new HactlError('USAGE', `"?${query.slice(0, 80)}" is no question of DNS`, 'such as ?type=A')
  }
  const recordType = RECORD_TYPES.find(known => known === given.toUpperCase())
  if (recordType === undefined) {
    const hint = `there is ${RECORD_TYPES.join(', ')}`
    throw new HactlError('USAGE', `"${given.slice(0, 80)}" is no type that can be asked for`, hint)
  }
  // RFC 1035 section 2.3.4: labels of 1 to 63 bytes, names of at most 253 characters.
  const labels = name.replace(/\.$/, '').split('.')
  const isName =
    name === '' || name === '.' || (name.length <= 254 && labels.every(label => /^[^/]{1,63}$/.test(label)))
  if (!isName) throw new HactlError('USAGE', `"${name.slice(0, 80)}" is no name of DNS`)
  return {type: 'dns', recordType, queryName: name === '' ? '.' : name}
}

function udpAsked(target: Target, flags: ProbeFlags): Asked<UdpProbePlan> {
  const {payload, reply} = flags
  const bytes = (name: 'min-reply-length' | 'max-reply-length'): number | undefined =>
    wholeNumber(`--${name}`, text(`--${name}`, flags[name]), {type: 'count', doc: '', min: 0, max: 65_535})
  return without(target, {
    type: 'udp',
    payload: typeof payload === 'string' ? hex('--payload', payload, /^(?:[\da-f]{2})+$/) : undefined,
    requireReply: typeof reply === 'string' ? hex('--reply', reply, /^(?:[\da-fx]{2})*$/) : undefined,
    minReplyLengthBytes: bytes('min-reply-length') ?? 0,
    maxReplyLengthBytes: bytes('max-reply-length') ?? 255,
  })
}

function hex(flag: string, given: string, form: RegExp): string {
  const digits = given.replace(/\s/g, '').replaceAll('?', 'x').toLowerCase()
  if (form.test(digits)) return digits
  throw new HactlError('USAGE', `${flag}: "${given.slice(0, 80)}" is no bytes`, 'two hexadecimal digits each')
}

/** Nothing may follow the port. */
function without<Plan>({scheme, rest}: Target, plan: Plan): Plan {
  if (rest === '' || rest === '/') return plan
  throw new HactlError('USAGE', `"${rest.slice(0, 80)}" is not for ${scheme}://`, 'it has a host and a port')
}

function connectionOf(
  {address, port}: {readonly address: IpAddress; readonly port: number},
  flags: ProbeFlags,
): ProbeConnection {
  const bindAddress = typeof flags.bind === 'string' ? requireIp('--bind', flags.bind) : undefined
  if (bindAddress !== undefined && ipFamily(bindAddress) !== ipFamily(address)) {
    throw new HactlError('USAGE', `--bind: from ${bindAddress} there is no way to ${address}`, 'both of one family')
  }
  const field = {type: 'count', doc: ''} as const
  const bindPort = wholeNumber('--bind-port', text('--bind-port', flags['bind-port']), {...field, max: 65_535})
  const fwmark = wholeNumber('--fwmark', text('--fwmark', flags.fwmark), {...field, max: 0xffff_ffff})
  const timeoutMs = timeoutOf(flags.timeout)
  return {
    address,
    port,
    bindAddress,
    bindPort,
    bindInterface: interfaceOf(flags.interface),
    fwmark: fwmark ?? 0,
    timeoutMs,
  }
}

/** Seconds, or milliseconds with their unit: a hundredth of a second to an hour. */
function timeoutOf(given: Flag): number {
  if (typeof given !== 'string') return 5_000
  const [, number, unit] = /^(\d{1,7}(?:\.\d{1,6})?)(ms|s)?$/.exec(given) ?? []
  const ms = Math.round(Number(number) * (unit === 'ms' ? 1 : 1_000))
  if (ms >= 10 && ms <= 3_600_000) return ms
  throw new HactlError('USAGE', `--timeout: "${given.slice(0, 80)}" is no time`, 'such as 5, 0.5 or 500ms, to 3600')
}

/** IFNAMSIZ, <linux/if.h>. */
function interfaceOf(given: Flag): string | undefined {
  const name = text('--interface', given)
  if (name === undefined || /^[^\s/]{1,15}$/.test(name)) return name
  throw new HactlError('USAGE', `--interface: "${name.slice(0, 80)}" is no name of one`, '1 to 15 characters')
}

function requireIp(what: string, given: string): IpAddress {
  const parsed = parseIp(given)
  if (parsed.ok) return parsed.value
  throw new HactlError('USAGE', `${what}: "${given.slice(0, 80)}" is no address`)
}

type Flag = string | boolean | undefined

/** A word that goes into a request or to the kernel. Throws USAGE for what would end a line there. */
function text(flag: string, given: Flag): string | undefined {
  if (typeof given !== 'string') return undefined
  if (/^[\x21-\x7e]{1,253}$/.test(given)) return given
  throw new HactlError('USAGE', `${flag}: "${given.slice(0, 80)}" is no word`, '1 to 253 letters, digits and signs')
}
