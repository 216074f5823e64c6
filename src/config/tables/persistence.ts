import {type IpAddress, ipFromBytes, ipToBytes} from '../../core/ip.ts'
import {whole} from '../schema/arguments.ts'
import {type Argument, REFUSED} from '../schema/schema.ts'
import {writtenWord} from '../text/written.ts'

/** What clients are one client for persistence: a netmask of IPv4, or the length of a prefix of IPv6. */
export type PersistenceGranularity = IpAddress | number

/** Seconds that persistence lasts where none are given; also what the kernel has for `ipvsadm -p`. */
export const DEFAULT_PERSISTENCE_SECONDS = 360

const SECONDS = whole({min: 1, max: 2_678_400})

/** `[SECONDS]`: alone it means the default of the kernel's tools. */
export const PERSISTENCE_SECONDS: Argument<number> = {
  form: '[1..2678400 seconds]',
  read: cursor => (cursor.peek() ? SECONDS.read(cursor) : DEFAULT_PERSISTENCE_SECONDS),
  print: String,
}

/** The kernel's name of an engine has 16 bytes with the last one zero. <linux/ip_vs.h> */
const MAX_ENGINE_BYTES = 15

/** The name of a persistence engine; what is too long is cut off. */
export const PERSISTENCE_ENGINE: Argument<string> = {
  form: 'NAME of at most 15 bytes',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    const bytes = Buffer.from(given.text)
    if (bytes.length <= MAX_ENGINE_BYTES) return given.text
    const name = bytes
      .subarray(0, MAX_ENGINE_BYTES)
      .toString()
      .replace(/\ufffd+$/, '')
    const message = `${cursor.show(given)} is too long; ${name} is used`
    cursor.note('argument-corrected', given, message, `${MAX_ENGINE_BYTES} bytes at most; sip is the one there is`)
    return name
  },
  print: writtenWord,
}

/**
 * A netmask or a length: which one it is depends on the family, so a plain number stays one here and `asNetmask` turns
 * it into what keepalived makes of it for IPv4.
 */
export const GRANULARITY: Argument<PersistenceGranularity> = {
  form: 'NETMASK for IPv4 | 1..128 for IPv6',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    if (/^\d{1,9}$/.test(given.text)) return Number(given.text)
    const mask = classicAddress(given.text)
    if (mask === undefined) {
      return cursor.fail(given, `${cursor.show(given)} is neither a netmask nor a prefix length`, GRANULARITY.form)
    }
    const written = ipFromBytes(mask)
    const unusual = [
      ...(written === given.text ? [] : [`is read as ${written}`]),
      ...(isContiguous(written) ? [] : ['has gaps']),
    ]
    if (unusual.length > 0) {
      const message = `${cursor.show(given)} ${unusual.join(' and ')}`
      cursor.note('granularity-unusual', given, message, 'a netmask such as 255.255.255.0')
    }
    return written
  },
  print: String,
}

/** A plain number as the IPv4 address that it is to inet_aton(3). */
export const asNetmask = (number: number): IpAddress => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number % 2 ** 32)
  return ipFromBytes(bytes)
}

/** True when the bits of a netmask that are set stand before those that are not. */
function isContiguous(netmask: IpAddress): boolean {
  const inverted = ~ipToBytes(netmask).readUInt32BE(0) >>> 0
  return (inverted & (inverted + 1)) === 0
}

/** Reads an IPv4 address in the forms of inet_aton(3): one to four numbers, also octal and hexadecimal. */
function classicAddress(text: string): Buffer | undefined {
  if (text.length > 64) return undefined
  const parts = text.split('.')
  if (parts.length > 4 || parts.some(part => !/^(0x[\da-f]{1,8}|0[0-7]{0,11}|[1-9]\d{0,9})$/i.test(part))) {
    return undefined
  }
  const numbers = parts.map(part => (/^0[0-7]/.test(part) ? Number.parseInt(part, 8) : Number(part)))
  const last = numbers.pop() ?? 0
  if (numbers.some(number => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(last)
  for (const [i, number] of numbers.entries()) bytes.writeUInt8(number, i)
  return bytes
}
