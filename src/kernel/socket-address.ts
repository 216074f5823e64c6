import {type IpAddress, type IpFamily, ipToBytes} from '../core/ip.ts'
import type {InterfaceIndex} from '../core/units.ts'
import {AF_INET, AF_INET6, AF_PACKET} from './libc.ts'

/** struct sockaddr_in, with port 0 as raw sockets have it. <netinet/in.h> */
export function socketAddress4(address: IpAddress): Buffer {
  const bytes = Buffer.alloc(SOCKADDR_IN_BYTES)
  bytes.writeUInt16LE(AF_INET, 0)
  bytesOf(address, 4).copy(bytes, 4)
  return bytes
}

/** struct sockaddr_in6, with port 0; `scope` is the interface of a link-local address, 0 for none. <netinet/in.h> */
export function socketAddress6(address: IpAddress, scope: number): Buffer {
  const bytes = Buffer.alloc(SOCKADDR_IN6_BYTES)
  bytes.writeUInt16LE(AF_INET6, 0)
  bytesOf(address, 6).copy(bytes, 8)
  bytes.writeUInt32LE(scope, 24)
  return bytes
}

/** struct sockaddr_ll; `protocol` is an EtherType, 0 for a socket that only sends. packet(7) */
export function linkAddress(index: InterfaceIndex, protocol: number): Buffer {
  const bytes = Buffer.alloc(SOCKADDR_LL_BYTES)
  bytes.writeUInt16LE(AF_PACKET, 0)
  bytes.writeUInt16BE(protocol, 2)
  bytes.writeInt32LE(index, 4)
  return bytes
}

/** The bytes of an address of this family; another one is a broken invariant. */
export function bytesOf(address: IpAddress, family: IpFamily): Buffer {
  const bytes = ipToBytes(address)
  if (bytes.length !== (family === 4 ? 4 : 16)) throw new TypeError(`${address} is no IPv${family} address`)
  return bytes
}

/** Bytes of struct sockaddr_in6. */
export const SOCKADDR_IN6_BYTES = 28

const SOCKADDR_IN_BYTES = 16
/** Family, protocol, interface index, and twelve bytes that neither bind nor sendto read. */
const SOCKADDR_LL_BYTES = 20
