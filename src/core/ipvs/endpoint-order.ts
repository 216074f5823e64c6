import {ipToBytes, parseIp} from '../ip.ts'

/** An address and a port, or as much of them as there is. */
export interface Endpoint {
  readonly address: string | null
  readonly port: number | null
}

/** What sorts as addresses and ports do: IPv4 as one number, everything else as a text behind it. */
export type EndpointKey = number | string

/** What a service sorts by. */
export interface ServicePlace {
  /** 0: it has an address. */
  readonly mark: number
  readonly family: 4 | 6
  readonly protocol: string
  readonly key: EndpointKey
}

/** Services in the order of ipvsadm(8): by family, protocol, address and port, then those by mark. */
export function compareServices(a: ServicePlace, b: ServicePlace): number {
  return (
    a.mark - b.mark ||
    a.family - b.family ||
    PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) ||
    compareEndpoints(a.key, b.key)
  )
}

/** By family, address and port. */
export function compareEndpoints(a: EndpointKey, b: EndpointKey): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1
  if (typeof b === 'number') return 1
  return a < b ? -1 : a > b ? 1 : 0
}

/** What an address and a port sort by; a text that is no address comes behind those that are IPv4. */
export function endpointKey({address, port}: Endpoint): EndpointKey {
  const number = ipv4Number(address ?? '')
  if (number >= 0) return number * 65_536 + (port ?? 0)
  const parsed = parseIp(address ?? '')
  const bytes = parsed.ok ? ipToBytes(parsed.value) : Buffer.alloc(0)
  return `${String(bytes.length).padStart(2, '0')}${bytes.toString('hex')}${String(port ?? 0).padStart(5, '0')}`
}

/** Protocols in the order of their numbers. <linux/in.h> */
const PROTOCOLS = ['tcp', 'udp', 'sctp']

/** The number of an IPv4 address; -1: it is none. */
function ipv4Number(address: string): number {
  let number = 0
  let byte = 0
  let dots = 0
  for (let i = 0; i < address.length; i++) {
    const digit = address.charCodeAt(i) - ZERO
    if (digit === DOT) {
      number = number * 256 + byte
      byte = 0
      dots++
    } else if (digit < 0 || digit > 9) return -1
    else byte = byte * 10 + digit
  }
  return dots === 3 ? number * 256 + byte : -1
}

const ZERO = 0x30
const DOT = 0x2e - ZERO
