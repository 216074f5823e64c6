import {type IpAddress, type IpFamily, ipFamily, parseIp} from '../ip.ts'
import type {DestinationId, IpvsProtocol, ServiceId} from './model.ts'
import {shown} from './shown.ts'

/** An address and port whose protocol was left out. */
export interface AnyProtocol {
  readonly type: 'any-protocol'
  readonly address: IpAddress
  readonly port: number
}

/**
 * What the name of a service means. A failure with `maybeConfigured` is a text of another form, which may be what the
 * configuration calls a service; the message is for when it is not.
 */
export type ParsedServiceName =
  | {readonly ok: true; readonly id: ServiceId | AnyProtocol}
  | {readonly ok: false; readonly maybeConfigured: boolean; readonly message: string}

/** What the name of a real server means. */
export type ParsedDestinationName =
  | {readonly ok: true; readonly id: DestinationId}
  | {readonly ok: false; readonly message: string}

/** Protocols of services by address. */
export const PROTOCOLS: readonly IpvsProtocol[] = ['tcp', 'udp', 'sctp']

/** The largest firewall mark; 0 is that of packets without one. */
export const MAX_MARK = 0xffff_ffff

/** "192.0.2.1:80/tcp", "[2001:db8::1]:53/udp", "fwm/5", or "fwm6/5" for IPv6; each service has one name only. */
export function serviceName(id: ServiceId): string {
  if (id.type === 'fwmark') return `${id.family === 4 ? 'fwm' : 'fwm6'}/${id.mark}`
  return `${destinationName(id)}/${id.protocol}`
}

/** "192.0.2.10:80" or "[2001:db8::a]:80"; each real server of a service has one name only. */
export function destinationName({address, port}: DestinationId): string {
  return ipFamily(address) === 4 ? `${address}:${port}` : `[${address}]:${port}`
}

/** What a map of services has as keys: their names. */
export const serviceKey = serviceName

/** What a map of the real servers of one service has as keys: their names. */
export const destinationKey = destinationName

/** The family of a service's packets. */
export const serviceFamily = (id: ServiceId): IpFamily => (id.type === 'fwmark' ? id.family : ipFamily(id.address))

/** Reads ADDRESS:PORT, ADDRESS:PORT/PROTOCOL, fwm/MARK or fwm6/MARK. */
export function parseServiceName(text: string): ParsedServiceName {
  const slash = text.lastIndexOf('/')
  const [head, tail] = slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)]
  if ((head === 'fwm' || head === 'fwm6') && tail !== undefined) return parseMark(text, head, tail)
  const endpoint = splitEndpoint(head)
  if (endpoint === undefined) return otherName(text)
  const {address, port} = endpoint
  const fail = (problem: string): ParsedServiceName => ({
    ok: false,
    maybeConfigured: false,
    message: `service ${shown(text)}: ${problem}`,
  })
  if (address === undefined) return fail(`${shown(endpoint.host)} is not an address; ${SERVICE_FORMS}`)
  if (port === undefined) return fail(`${shown(endpoint.portText)} is not a port; 1 to 65535, or 0 for every port`)
  if (tail === undefined) return {ok: true, id: {type: 'any-protocol', address, port}}
  const protocol = PROTOCOLS.find(known => known === tail.toLowerCase())
  if (protocol === undefined) return fail(`${shown(tail)} is not a protocol; tcp, udp or sctp`)
  return {ok: true, id: {type: 'address', protocol, address, port}}
}

/** Reads ADDRESS:PORT or ADDRESS, which means `defaultPort`; IPv6 stands in brackets. */
export function parseDestinationName(
  text: string,
  {defaultPort}: {readonly defaultPort: number},
): ParsedDestinationName {
  const fail = (problem: string): ParsedDestinationName => ({
    ok: false,
    message: `real server ${shown(text)}: ${problem}`,
  })
  const bare = bareAddress(text)
  if (bare !== undefined) return {ok: true, id: {address: bare, port: defaultPort}}
  const endpoint = splitEndpoint(text)
  if (endpoint?.address === undefined) {
    const host = endpoint?.host ?? text
    const lacks = parseIp(text).ok ? 'IPv6 stands in brackets' : `${shown(host)} is not an address`
    return fail(`${lacks}; ${DESTINATION_FORMS}`)
  }
  const {address, port, portText} = endpoint
  if (port === undefined) return fail(`${shown(portText)} is not a port; 0 to 65535`)
  return {ok: true, id: {address, port}}
}

const SERVICE_FORMS = '192.0.2.1:80/tcp, [2001:db8::1]:53/udp, fwm/5 or fwm6/5'
const DESTINATION_FORMS = '192.0.2.10:80, [2001:db8::a]:80, or without the port'

function parseMark(text: string, head: 'fwm' | 'fwm6', tail: string): ParsedServiceName {
  const mark = wholeNumber(tail, MAX_MARK)
  if (mark === undefined || mark === 0) {
    const message = `service ${shown(text)}: ${shown(tail)} is not a mark; 1 to ${MAX_MARK}`
    return {ok: false, maybeConfigured: false, message}
  }
  return {ok: true, id: {type: 'fwmark', mark, family: head === 'fwm' ? 4 : 6}}
}

/** A name from the configuration has spaces, or is an address without a port. */
function otherName(text: string): ParsedServiceName {
  const message = `${shown(text)} is not the name of a service; ${SERVICE_FORMS}, or its name in the configuration`
  return {ok: false, maybeConfigured: true, message}
}

interface SplitEndpoint {
  readonly host: string
  readonly portText: string
  /** Undefined: `host` is not one. */
  readonly address: IpAddress | undefined
  /** Undefined: `portText` is not one. */
  readonly port: number | undefined
}

/** Takes HOST:PORT apart; undefined where the text has no such form. */
function splitEndpoint(text: string): SplitEndpoint | undefined {
  const match = /^(?:\[([^\]\s]*)\]|([^[\]:\s]*)):([^:\s]*)$/.exec(text)
  if (!match) return undefined
  const [, bracketed, plain, portText = ''] = match
  const host = bracketed ?? plain ?? ''
  const parsed = parseIp(host)
  const suits = parsed.ok && (ipFamily(parsed.value) === 6) === (bracketed !== undefined)
  return {host, portText, address: suits ? parsed.value : undefined, port: wholeNumber(portText, 65_535)}
}

function bareAddress(text: string): IpAddress | undefined {
  const bracketed = /^\[([^\]]*)\]$/.exec(text)
  const parsed = parseIp(bracketed?.[1] ?? text)
  return parsed.ok && (ipFamily(parsed.value) === 6) === (bracketed !== null) ? parsed.value : undefined
}

function wholeNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined
  const value = Number(text)
  return value <= max ? value : undefined
}
