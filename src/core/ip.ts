import {type Decoded, decoded, rejected} from './decoded.ts'
import type {Unit} from './units.ts'

/** An IPv4 or IPv6 address in its one canonical text form (RFC 5952 for IPv6), so that `===` compares addresses. */
export type IpAddress = string & Unit<'IpAddress'>
export type IpFamily = 4 | 6

export type IpFailure = 'not-an-address'

/** The family of an address. */
export const ipFamily = (address: IpAddress): IpFamily => (address.includes(':') ? 6 : 4)

/** Reads an address as people write it; no prefix length, no zone, no leading zeros in IPv4. */
export function parseIp(text: string): Decoded<IpAddress, IpFailure> {
  // A dotted quad is written in one way only, so it is its own name.
  if (isIpv4(text)) return decoded(text as IpAddress)
  const bytes = text.includes(':') ? parseIpv6(text) : undefined
  return bytes ? decoded(ipFromBytes(bytes)) : rejected('not-an-address')
}

/** The address that 4 or 16 bytes in network order hold; any other length is a broken invariant. */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` as IpAddress
  if (bytes.length === 16) return formatIpv6(bytes) as IpAddress
  throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`)
}

/** The 4 or 16 bytes of an address in network order. */
export function ipToBytes(address: IpAddress): Buffer {
  const bytes = address.includes(':') ? parseIpv6(address) : parseIpv4(address)
  if (!bytes) throw new TypeError(`not an address: ${address}`)
  return bytes
}

/** Orders two addresses of one family as unsigned numbers in network order: below, above or equal to 0. */
export const compareIp = (a: IpAddress, b: IpAddress): number => Buffer.compare(ipToBytes(a), ipToBytes(b))

/** The broadcast address of an IPv4 network: all host bits set. */
export function ipv4Broadcast(address: IpAddress, prefixLength: number): IpAddress {
  return ipv4WithHostBits(address, prefixLength, 0xffff_ffff)
}

/** The address of an IPv4 network itself: all host bits clear. */
export function ipv4Network(address: IpAddress, prefixLength: number): IpAddress {
  return ipv4WithHostBits(address, prefixLength, 0)
}

function ipv4WithHostBits(address: IpAddress, prefixLength: number, hostBits: number): IpAddress {
  const bytes = ipToBytes(address)
  const hostMask = prefixLength >= 32 ? 0 : 0xffff_ffff >>> prefixLength
  bytes.writeUInt32BE(((bytes.readUInt32BE(0) & ~hostMask) | (hostBits & hostMask)) >>> 0, 0)
  return ipFromBytes(bytes)
}

/** Four numbers within 0..255 without leading zeros, between dots. */
function isIpv4(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false
  let parts = 0
  let digits = 0
  let value = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT
    if (code === DOT) {
      if (digits === 0 || value > 255) return false
      parts++
      digits = 0
      value = 0
    } else {
      const digit = code - ZERO
      if (digit < 0 || digit > 9 || digits === 3 || (digits > 0 && value === 0)) return false
      value = value * 10 + digit
      digits++
    }
  }
  return parts === 4
}

const DOT = 0x2e
const ZERO = 0x30

function parseIpv4(text: string): Buffer | undefined {
  return isIpv4(text) ? Buffer.from(text.split('.').map(Number)) : undefined
}

function parseIpv6(text: string): Buffer | undefined {
  if (text.length > 45) return undefined
  let hexText = text
  const lastColon = text.lastIndexOf(':')
  if (text.includes('.')) {
    const tail = parseIpv4(text.slice(lastColon + 1))
    if (!tail) return undefined
    hexText = `${text.slice(0, lastColon + 1)}${tail.readUInt16BE(0).toString(16)}:${tail.readUInt16BE(2).toString(16)}`
  }
  const halves = hexText.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...tail]
  if (groups.some(group => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const bytes = Buffer.alloc(16)
  groups.forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2)
  })
  return bytes
}

/** RFC 5952 section 4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({length: 8}, (_, i) => ((bytes[i * 2] as number) << 8) | (bytes[i * 2 + 1] as number))
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${bytes[12]}.${bytes[13]}.${bytes[14]}.${bytes[15]}`
  }
  let best = {start: -1, length: 1}
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = {start, length}
  }
  const hex = (part: readonly number[]): string => part.map(group => group.toString(16)).join(':')
  if (best.start < 0) return hex(groups)
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}
