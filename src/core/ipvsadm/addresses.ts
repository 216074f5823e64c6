import {type IpAddress, ipFamily, ipToBytes} from '../ip.ts'
import type {IpvsProtocol} from '../ipvs/model.ts'

/** How numbers become names; what has none stays a number. */
export interface NameReverse {
  /** The name of a port, services(5). */
  port(port: number, protocol: IpvsProtocol): string | undefined
  /** The name of a host. */
  host(address: IpAddress): string | undefined
}

/** Nothing has a name: `-n`. */
export const NUMERIC: NameReverse = {port: () => undefined, host: () => undefined}

/** An address as inet_ntop(3) of glibc writes it: IPv6 that begins with exactly 96 zero bits ends like IPv4. */
export function addressText(address: IpAddress): string {
  if (ipFamily(address) === 4 || address.includes('.')) return address
  const bytes = ipToBytes(address)
  const leads = bytes.subarray(0, 12).every(byte => byte === 0) && bytes.readUInt16BE(12) !== 0
  return leads ? `::${[...bytes.subarray(12)].join('.')}` : address
}

/** `host:port` with names where there are some, cut off where ipvsadm(8) does. No `protocol`: ports are numbers. */
export function addressPortText(
  {address, port}: {readonly address: IpAddress; readonly port: number},
  protocol: IpvsProtocol | undefined,
  names: NameReverse,
): string {
  const host = names.host(address) ?? addressText(address)
  const service = (protocol && names.port(port, protocol)) ?? String(port)
  const text = ipFamily(address) === 6 ? `[${host}]:${service}` : `${host}:${service}`
  return text.slice(0, MAX_TEXT)
}

/** ipvsadm(8) has 60 bytes for it, the zero counted in. */
const MAX_TEXT = 59
