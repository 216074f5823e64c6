import {formatDuration} from '../format.ts'
import {ipFamily} from '../ip.ts'
import {unreachable} from '../never.ts'
import type {HttpProbePlan, ProbeConnection, ProbePlan} from './plan.ts'

/** The checker's name in a configuration: "TCP_CHECK", "SSL_GET". keepalived.conf(5). */
export function checkerKind(probe: ProbePlan): string {
  if (probe.type === 'http') return probe.tls === undefined ? 'HTTP_GET' : 'SSL_GET'
  return KINDS[probe.type]
}

/**
 * What a checker asks, in words: "10.0.0.1:80", "http://www.example.org/health at 10.0.0.1:80", "A of www.example.org
 * at 10.0.0.1:53", a program with its words. `page` counts from 0; undefined: the first one, and how many more.
 */
export function checkerTarget(probe: ProbePlan, page?: number): string {
  switch (probe.type) {
    case 'tcp':
    case 'smtp':
    case 'udp':
      return addressAndPort(probe.connection)
    case 'ping':
      return probe.connection.address
    case 'http':
      return httpTarget(probe, page)
    case 'dns':
      return `${probe.recordType} of ${probe.queryName} at ${addressAndPort(probe.connection)}`
    case 'misc':
      return probe.words.join(' ')
    case 'file':
      return `file ${probe.trackFile}`
    case 'bfd':
      return `session ${probe.session}`
    default:
      return unreachable(probe)
  }
}

/** Why a real server is down, in one line: "TCP_CHECK of 10.0.0.1:80: refused". */
export const describeFailure = (probe: ProbePlan, reason: string, page?: number): string =>
  `${checkerKind(probe)} of ${checkerTarget(probe, page)}: ${reason}`

/** The reason of a probe that took too long: "timeout after 5 s". */
export const timeoutReason = (timeoutMs: number): string => `timeout after ${formatDuration(timeoutMs)}`

/** The reason of a probe that was never answered: "no reply within 3 s". */
export const noReplyReason = (timeoutMs: number): string => `no reply within ${formatDuration(timeoutMs)}`

/** An address with its port: "10.0.0.1:80", "[2001:db8::1]:80". */
export const addressAndPort = ({address, port}: Pick<ProbeConnection, 'address' | 'port'>): string =>
  ipFamily(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`

const KINDS = {
  tcp: 'TCP_CHECK',
  ping: 'PING_CHECK',
  smtp: 'SMTP_CHECK',
  dns: 'DNS_CHECK',
  udp: 'UDP_CHECK',
  misc: 'MISC_CHECK',
  file: 'FILE_CHECK',
  bfd: 'BFD_CHECK',
} as const satisfies Record<Exclude<ProbePlan['type'], 'http'>, string>

function httpTarget(probe: HttpProbePlan, number: number | undefined): string {
  const page = probe.pages[number ?? 0]
  const at = addressAndPort(probe.connection)
  if (page === undefined) return at
  const scheme = probe.tls === undefined ? 'http' : 'https'
  const more = number === undefined && probe.pages.length > 1 ? ` and ${probe.pages.length - 1} more` : ''
  const host = page.host === '' ? at : page.host
  return `${scheme}://${host}${page.path}${more}${host === at ? '' : ` at ${at}`}`
}
