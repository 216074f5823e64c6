import {type IpAddress, ipFromBytes, parseIp} from '../ip.ts'
import type {IpvsProtocol} from '../ipvs/model.ts'

/** How names become numbers; asked only for what is no number already. */
export interface NameLookup {
  /** The port of a service by its name, services(5); undefined: there is none. */
  port(name: string, protocol: IpvsProtocol): number | undefined
  /** The IPv4 address of a host; undefined: there is none; 'unasked': to be looked up before this can be answered. */
  host(name: string): IpAddress | undefined | 'unasked'
}

/** An address and port as they were given. */
export type AddressPort =
  | {readonly ok: true; readonly address: IpAddress; readonly port: number | undefined}
  | {readonly ok: false; readonly unasked?: string}

/** The words of a line, which spaces, tabs and the like part. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  let start = -1
  for (let i = 0; i <= line.length; i++) {
    // Past the end there is NaN, which is no part of a word.
    if (line.charCodeAt(i) > SPACE) {
      if (start < 0) start = i
    } else if (start >= 0) {
      words.push(line.slice(start, i))
      start = -1
    }
  }
  return words
}

/** It and every control character below it part words. */
const SPACE = 0x20

/** Reads a whole decimal number as strtol(3) does, spaces and a plus before it; nothing may follow. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = digits(text) ?? (/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text) ? Number(text) : Number.NaN)
  return value >= least && value <= most ? value : undefined
}

/** Nothing but a few digits, as most numbers are. */
function digits(text: string): number | undefined {
  if (text === '' || text.length > 9) return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (!(digit >= 0 && digit <= 9)) return undefined
    value = value * 10 + digit
  }
  return value
}

/** Reads the number that a text begins with as atoi(3) does; 0 where there is none. */
export const leadingNumber = (text: string): number => Number(/^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text)?.[1] ?? 0)

/**
 * Reads an IPv4 address as inet_aton(3) does: one to four parts, each decimal, octal or hexadecimal, the last one for
 * all bytes that are left.
 */
export function inetAton(text: string): IpAddress | undefined {
  // Most are written as they are printed.
  const usual = text.includes(':') ? undefined : parseIp(text)
  if (usual?.ok) return usual.value
  const [written = ''] = text.split(/[ \t\n\v\f\r]/, 1)
  const parts = written.split('.')
  if (parts.length > 4) return undefined
  const bytes = Buffer.alloc(4)
  for (const [i, part] of parts.entries()) {
    const value = inetNumber(part)
    const isLast = i === parts.length - 1
    if (value === undefined || value > (isLast ? 2 ** (8 * (4 - i)) - 1 : 255)) return undefined
    if (isLast) bytes.writeUIntBE(value, i, 4 - i)
    else bytes[i] = value
  }
  return ipFromBytes(bytes)
}

function inetNumber(part: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(part)) return Number(part)
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8)
  return /^[1-9]\d*$/.test(part) ? Number(part) : undefined
}

/** Reads `host[:port]`; an IPv6 address stands in brackets where a port follows. ipvsadm(8) -t -r */
export function readAddressPort(text: string, protocol: IpvsProtocol, names: NameLookup): AddressPort {
  if (text.charCodeAt(0) === OPENING) return readBracketed(text, protocol, names)
  const colon = text.lastIndexOf(':')
  if (colon < 0) return addressOf(text, undefined, names)
  // No IPv6 address has one colon.
  const bare = text.indexOf(':') < colon ? parseIp(text) : undefined
  if (bare?.ok) return {ok: true, address: bare.value, port: undefined}
  const port = readPort(text.slice(colon + 1), protocol, names)
  return port === undefined ? WRONG : addressOf(text.slice(0, colon), port, names)
}

const OPENING = '['.charCodeAt(0)
const WRONG: AddressPort = {ok: false}

function readBracketed(text: string, protocol: IpvsProtocol, names: NameLookup): AddressPort {
  const end = text.indexOf(']')
  if (end < 0 || text[end + 1] !== ':') return WRONG
  const host = text.slice(1, end)
  const inside = host.includes(':') ? parseIp(host) : undefined
  // The port of IPv4 in brackets counts for nothing.
  if (!inside?.ok) return addressOf(host, undefined, names)
  const port = readPort(text.slice(end + 2), protocol, names)
  return port === undefined ? WRONG : {ok: true, address: inside.value, port}
}

function addressOf(host: string, port: number | undefined, names: NameLookup): AddressPort {
  const written = inetAton(host)
  if (written !== undefined) return {ok: true, address: written, port}
  // What cannot be the name of a host need not be asked for.
  if (!/^[^\s:[\]/]{1,255}$/.test(host)) return WRONG
  const found = names.host(host)
  if (found === 'unasked') return {ok: false, unasked: host}
  return found === undefined ? WRONG : {ok: true, address: found, port}
}

const readPort = (text: string, protocol: IpvsProtocol, names: NameLookup): number | undefined =>
  wholeNumber(text, 0, 65_535) ?? names.port(text, protocol)
