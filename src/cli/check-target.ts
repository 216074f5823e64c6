import {parseIp} from '../core/ip.ts'
import {HactlError} from '../errors.ts'

/** Kinds of probes that a URL can name. */
export const SCHEMES = ['http', 'https', 'tcp', 'smtp', 'dns', 'udp', 'ping'] as const
export type Scheme = (typeof SCHEMES)[number]

/** What a URL says, before any name is looked up. */
export interface Target {
  readonly scheme: Scheme
  /** An address or a name, without the brackets of IPv6. */
  readonly host: string
  /** 0 for `ping`. */
  readonly port: number
  /**
   * Host and port for the field Host: an address always with its port, as a checker says it, a name only with an
   * unusual one.
   */
  readonly authority: string
  /** What follows: "" or something that begins with `/` or `?`. */
  readonly rest: string
}

/** Whether an argument is a URL, and not the name of a service. */
export const isUrl = (text: string): boolean => text.includes('://')

/**
 * Reads SCHEME://HOST[:PORT][/REST]. What follows the port is kept as it is written, since a server may tell apart
 * what RFC 3986 calls equivalent. Throws USAGE.
 */
export function readTarget(url: string): Target {
  const [, schemeText = '', authority = '', rest = ''] = /^([^:/]*):\/\/([^/?]*)(.*)$/s.exec(url) ?? []
  const scheme = SCHEMES.find(known => known === schemeText.toLowerCase())
  if (scheme === undefined) throw refused(url, 'it begins with none of those that can be checked', FORMS)
  if (authority.includes('@')) throw refused(url, 'there can be no user in it')
  if (!/^[\x21-\x7e]*$/.test(rest))
    throw refused(url, 'blanks and other characters have to be written as %20 and so on')
  if (rest.includes('#')) throw refused(url, 'a fragment (#) stays with a browser')
  const [, bracketed, plain, portText] = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+))(?::(.*))?$/.exec(authority) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw refused(url, `"${shown(authority)}" is no host`, 'IPv6 stands in brackets')
  if (!/^[\w.:-]{1,253}$/.test(host)) throw refused(url, `"${shown(host)}" is no host`)
  const port = portOf(url, {scheme, portText})
  const name = bracketed === undefined ? host : `[${host}]`
  const isUsual = port === USUAL_PORTS[scheme] && !parseIp(host).ok
  return {scheme, host, port, authority: isUsual ? name : `${name}:${port}`, rest}
}

const FORMS =
  'http://, https://, tcp://, smtp://, dns://, udp:// or ping:// and a host; or name a service, see: hactl check list'

/** Ports that need not be said; `ping` has none. */
const USUAL_PORTS: {readonly [scheme in Scheme]: number | undefined} = {
  http: 80,
  https: 443,
  tcp: undefined,
  smtp: 25,
  dns: 53,
  udp: undefined,
  ping: 0,
}

function portOf(
  url: string,
  {scheme, portText}: {readonly scheme: Scheme; readonly portText: string | undefined},
): number {
  if (portText === undefined) {
    const usual = USUAL_PORTS[scheme]
    if (usual === undefined) throw refused(url, 'the port is missing', `such as ${scheme}://10.0.0.1:514`)
    return usual
  }
  if (scheme === 'ping') throw refused(url, 'ping has no port')
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0
  if (port >= 1 && port <= 65_535) return port
  throw refused(url, `"${shown(portText)}" is no port`, '1 to 65535')
}

/** A URL, or a part of one, as it is shown: its beginning. */
const shown = (text: string): string => text.slice(0, 80)

const refused = (url: string, why: string, hint?: string): HactlError =>
  new HactlError('USAGE', `${shown(url)}: ${why}`, hint)
