import {type IpAddress, type IpFamily, ipFamily, ipFromBytes, ipToBytes} from '../ip.ts'
import {ADDRESS_FAMILY} from '../netlink/address.ts'
import type {Format} from '../netlink/attributes.ts'

/** AF_INET or AF_INET6 of a family, as attributes have it. */
export const familyNumber = (family: IpFamily): number => (family === 4 ? ADDRESS_FAMILY.ipv4 : ADDRESS_FAMILY.ipv6)

/** AF_INET or AF_INET6 of an address. */
export const familyNumberOf = (address: IpAddress): number => familyNumber(ipFamily(address))

/** The family of a number; undefined: neither. */
export function familyOf(number: number | undefined): IpFamily | undefined {
  if (number === ADDRESS_FAMILY.ipv4) return 4
  return number === ADDRESS_FAMILY.ipv6 ? 6 : undefined
}

const UNION_BYTES = 16

/**
 * union nf_inet_addr: 16 bytes, of which IPv4 uses the first four. Which of the two it is stands elsewhere: it is read
 * as bytes, and `addressOf` makes the address of them. <linux/netfilter.h>
 */
export const inetAddress: Format<IpAddress | Buffer> = {
  encode: value => {
    const bytes = Buffer.alloc(UNION_BYTES)
    writeAddress(value, bytes, 0)
    return bytes
  },
  decode: bytes => bytes,
  inPlace: {fixedBytes: UNION_BYTES, lengthBytes: () => UNION_BYTES, write: writeAddress},
}

/** The address that was read; undefined: it is missing, or too short for the family. */
export function addressOf(read: IpAddress | Buffer | undefined, family: IpFamily): IpAddress | undefined {
  const lengthBytes = family === 4 ? IPV4_BYTES : UNION_BYTES
  if (read === undefined || typeof read === 'string' || read.length < lengthBytes) return undefined
  return ipFromBytes(read.subarray(0, lengthBytes))
}

const IPV4_BYTES = 4

function writeAddress(value: IpAddress | Buffer, into: Buffer, start: number): number {
  into.fill(0, start, start + UNION_BYTES)
  const bytes = typeof value === 'string' ? ipToBytes(value) : value
  bytes.copy(into, start, 0, UNION_BYTES)
  return UNION_BYTES
}
