import {type IpAddress, type IpFamily, ipToBytes} from '../core/ip.ts'
import type {InterfaceIndex} from '../core/units.ts'
import {
  receiveNow,
  type SocketOption,
  type SystemResult,
  setCloseOnExec,
  setReceiveBuffer,
  setSocketInt,
  setSocketOption,
} from './libc.ts'

/** The interface that a socket is bound to. */
export interface BoundDevice {
  readonly name: string
  readonly index: InterfaceIndex
}

/** What a fresh raw socket is prepared for. */
export interface SocketPreparation {
  readonly family: IpFamily
  /** Undefined: it takes packets from every interface. */
  readonly device: BoundDevice | undefined
  /** Bytes; the kernel doubles it. */
  readonly receiveBufferBytes: number
}

/** `step` names the call that failed, `reason` its error. */
export type Prepared = {readonly ok: true} | {readonly ok: false; readonly step: string; readonly reason: string}

/** Binds a raw socket and sets all its options; what it received before it was bound is thrown away. */
export function prepareSocket(fd: number, {family, device, receiveBufferBytes}: SocketPreparation): Prepared {
  const name = Buffer.from(`${device?.name ?? ''}\0`)
  if (name.length > INTERFACE_NAME_BYTES) return {ok: false, step: 'SO_BINDTODEVICE', reason: 'ENODEV'}
  const steps: readonly Step[] = [
    ['FD_CLOEXEC', () => setCloseOnExec(fd)],
    ...(device ? [['SO_BINDTODEVICE', () => setSocketOption(fd, SO_BINDTODEVICE, name)] as const] : []),
    ...(family === 4 ? steps4(fd, device) : steps6(fd, device)),
    ['SO_PRIORITY', () => setSocketInt(fd, SO_PRIORITY, PRIORITY)],
    ['SO_RCVBUF', () => setReceiveBuffer(fd, receiveBufferBytes)],
  ]
  for (const [step, run] of steps) {
    const result = run()
    if (!result.ok) return {ok: false, step, reason: result.reason}
  }
  // Until it was bound and told not to, the socket took packets of every interface and group.
  for (let count = 0; count < MAX_DISCARDED && receiveNow(fd, DISCARDED).ok; count++);
  return {ok: true}
}

/** Joins or leaves a multicast group on the interface that the socket is bound to. */
export function changeMembership(
  fd: number,
  change: 'join' | 'leave',
  {group, index}: {readonly group: IpAddress; readonly index: number},
): SystemResult {
  const address = ipToBytes(group)
  if (address.length === 16) {
    const membership = Buffer.alloc(IPV6_MREQ_BYTES)
    address.copy(membership, 0)
    membership.writeInt32LE(index, 16)
    return setSocketOption(fd, change === 'join' ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP, membership)
  }
  const option = change === 'join' ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP
  return setSocketOption(fd, option, interfaceRequest(address, index))
}

type Step = readonly [string, () => SystemResult]

function steps4(fd: number, device: BoundDevice | undefined): readonly Step[] {
  const request = interfaceRequest(Buffer.alloc(4), device?.index ?? 0)
  return [
    ['IP_MULTICAST_ALL', () => setSocketInt(fd, IP_MULTICAST_ALL, 0)],
    ['IP_HDRINCL', () => setSocketInt(fd, IP_HDRINCL, 1)],
    ['IP_MULTICAST_LOOP', () => setSocketInt(fd, IP_MULTICAST_LOOP, 0)],
    ...(device ? [['IP_MULTICAST_IF', () => setSocketOption(fd, IP_MULTICAST_IF, request)] as const] : []),
  ]
}

function steps6(fd: number, device: BoundDevice | undefined): readonly Step[] {
  return [
    ['IPV6_MULTICAST_ALL', () => setSocketInt(fd, IPV6_MULTICAST_ALL, 0)],
    ['IPV6_MULTICAST_LOOP', () => setSocketInt(fd, IPV6_MULTICAST_LOOP, 0)],
    ['IPV6_TCLASS', () => setSocketInt(fd, IPV6_TCLASS, TRAFFIC_CLASS)],
    ['IPV6_RECVPKTINFO', () => setSocketInt(fd, IPV6_RECVPKTINFO, 1)],
    ['IPV6_RECVHOPLIMIT', () => setSocketInt(fd, IPV6_RECVHOPLIMIT, 1)],
    ...(device ? [['IPV6_MULTICAST_IF', () => setSocketInt(fd, IPV6_MULTICAST_IF, device.index)] as const] : []),
  ]
}

/** struct ip_mreqn: group, local address (unused), interface index. */
function interfaceRequest(group: Buffer, index: number): Buffer {
  const request = Buffer.alloc(12)
  group.copy(request, 0)
  request.writeInt32LE(index, 8)
  return request
}

const DISCARDED = Buffer.alloc(64)
const MAX_DISCARDED = 256
/** The highest that needs no extra privilege, TC_PRIO_INTERACTIVE. socket(7) */
const PRIORITY = 6
/** Class selector 6, internetwork control, as in the IPv4 header. RFC 2474 section 4.2.2.2 */
const TRAFFIC_CLASS = 0xc0
/** IFNAMSIZ with its zero. <linux/if.h> */
const INTERFACE_NAME_BYTES = 16
/** struct ipv6_mreq: group, interface index. */
const IPV6_MREQ_BYTES = 20

const SO_PRIORITY: SocketOption = {level: 1, name: 12}
const SO_BINDTODEVICE: SocketOption = {level: 1, name: 25}
/** <linux/in.h> */
const IP_HDRINCL: SocketOption = {level: 0, name: 3}
const IP_MULTICAST_IF: SocketOption = {level: 0, name: 32}
const IP_MULTICAST_LOOP: SocketOption = {level: 0, name: 34}
const IP_ADD_MEMBERSHIP: SocketOption = {level: 0, name: 35}
const IP_DROP_MEMBERSHIP: SocketOption = {level: 0, name: 36}
const IP_MULTICAST_ALL: SocketOption = {level: 0, name: 49}
/** <linux/in6.h> */
const IPV6_MULTICAST_IF: SocketOption = {level: 41, name: 17}
const IPV6_MULTICAST_LOOP: SocketOption = {level: 41, name: 19}
const IPV6_ADD_MEMBERSHIP: SocketOption = {level: 41, name: 20}
const IPV6_DROP_MEMBERSHIP: SocketOption = {level: 41, name: 21}
const IPV6_MULTICAST_ALL: SocketOption = {level: 41, name: 29}
const IPV6_RECVPKTINFO: SocketOption = {level: 41, name: 49}
const IPV6_RECVHOPLIMIT: SocketOption = {level: 41, name: 51}
const IPV6_TCLASS: SocketOption = {level: 41, name: 67}
