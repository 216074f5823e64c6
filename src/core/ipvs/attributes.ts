import {attribute, i32, nestedWhole, u8, u16, u16be, u32, u64, view, zeroTerminated} from '../netlink/attributes.ts'
import {inetAddress} from './codec-address.ts'

/** The family's name and version of generic netlink. <linux/ip_vs.h> */
export const IPVS_FAMILY = {name: 'IPVS', version: 1} as const

/** IPVS_CMD_*. <linux/ip_vs.h> */
export const IPVS_COMMAND = {
  newService: 1,
  setService: 2,
  deleteService: 3,
  getService: 4,
  newDestination: 5,
  setDestination: 6,
  deleteDestination: 7,
  getDestination: 8,
  newDaemon: 9,
  deleteDaemon: 10,
  getDaemon: 11,
  setConfig: 12,
  getConfig: 13,
  /** Only in the answer to `getInfo`. */
  setInfo: 14,
  getInfo: 15,
  zero: 16,
  flush: 17,
} as const

/** One of IPVS_CMD_*. */
export type IpvsCommand = (typeof IPVS_COMMAND)[keyof typeof IPVS_COMMAND]

/** IPVS_SVC_ATTR_*. The port alone is in network byte order. <linux/ip_vs.h> */
export const SERVICE_ATTRIBUTES = {
  /** AF_INET or AF_INET6. */
  family: attribute(1, u16),
  /** IPPROTO_*; missing with a mark. */
  protocol: attribute(2, u16),
  /** union nf_inet_addr: 16 bytes, of which IPv4 uses the first four; missing with a mark. */
  address: attribute(3, inetAddress),
  port: attribute(4, u16be),
  mark: attribute(5, u32),
  scheduler: attribute(6, zeroTerminated),
  /** struct ip_vs_flags: IP_VS_SVC_F_* and a mask of those that count, 32 bits each. */
  flags: attribute(7, view),
  /** Of persistence, seconds. */
  timeout: attribute(8, u32),
  /** IPv4: the mask as it stands in memory, in network byte order. IPv6: the length of the prefix. */
  netmask: attribute(9, view),
  counters32: attribute(10, view),
  engine: attribute(11, zeroTerminated),
  /** Linux 4.1. */
  counters64: attribute(12, view),
} as const

/** IPVS_DEST_ATTR_*. The two ports are in network byte order. <linux/ip_vs.h> */
export const DESTINATION_ATTRIBUTES = {
  /** union nf_inet_addr, as a service's. */
  address: attribute(1, inetAddress),
  port: attribute(2, u16be),
  /** IP_VS_CONN_F_*; the lowest three bits are the forwarding method. */
  method: attribute(3, u32),
  weight: attribute(4, i32),
  upperThreshold: attribute(5, u32),
  lowerThreshold: attribute(6, u32),
  activeConnections: attribute(7, u32),
  inactiveConnections: attribute(8, u32),
  persistentConnections: attribute(9, u32),
  counters32: attribute(10, view),
  /** Where it is missing, the service's. Linux 3.18. */
  family: attribute(11, u16),
  /** Linux 4.1. */
  counters64: attribute(12, view),
  /** IP_VS_CONN_F_TUNNEL_TYPE_*. Linux 5.3. */
  tunnelType: attribute(13, u8),
  tunnelPort: attribute(14, u16be),
  /** IP_VS_TUNNEL_ENCAP_FLAG_*. */
  tunnelFlags: attribute(15, u16),
} as const

/** IPVS_DAEMON_ATTR_*. All numbers are in the host's byte order. <linux/ip_vs.h> */
export const DAEMON_ATTRIBUTES = {
  /** IP_VS_STATE_MASTER or IP_VS_STATE_BACKUP. */
  state: attribute(1, u32),
  interface: attribute(2, zeroTerminated),
  syncId: attribute(3, u32),
  maxLength: attribute(4, u16),
  /** Four bytes in network byte order. */
  group4: attribute(5, view),
  /** struct in6_addr. */
  group6: attribute(6, view),
  port: attribute(7, u16),
  ttl: attribute(8, u8),
} as const

/** IPVS_CMD_ATTR_*: the outermost attributes of every message. <linux/ip_vs.h> */
export const COMMAND_ATTRIBUTES = {
  service: attribute(1, nestedWhole(SERVICE_ATTRIBUTES)),
  destination: attribute(2, nestedWhole(DESTINATION_ATTRIBUTES)),
  daemon: attribute(3, nestedWhole(DAEMON_ATTRIBUTES)),
  /** Seconds, as the two that follow. */
  tcpTimeout: attribute(4, u32),
  tcpFinTimeout: attribute(5, u32),
  udpTimeout: attribute(6, u32),
} as const

/** IPVS_STATS_ATTR_* within IPVS_SVC_ATTR_STATS and IPVS_DEST_ATTR_STATS: only bytes have 64 bits. <linux/ip_vs.h> */
export const COUNTERS32_ATTRIBUTES = {
  connections: attribute(1, u32),
  packetsIn: attribute(2, u32),
  packetsOut: attribute(3, u32),
  bytesIn: attribute(4, u64),
  bytesOut: attribute(5, u64),
  connectionRate: attribute(6, u32),
  packetRateIn: attribute(7, u32),
  packetRateOut: attribute(8, u32),
  byteRateIn: attribute(9, u32),
  byteRateOut: attribute(10, u32),
  padding: attribute(11, view),
} as const

/** IPVS_STATS_ATTR_* within IPVS_SVC_ATTR_STATS64 and IPVS_DEST_ATTR_STATS64. <linux/ip_vs.h> */
export const COUNTERS64_ATTRIBUTES = {
  connections: attribute(1, u64),
  packetsIn: attribute(2, u64),
  packetsOut: attribute(3, u64),
  bytesIn: attribute(4, u64),
  bytesOut: attribute(5, u64),
  connectionRate: attribute(6, u64),
  packetRateIn: attribute(7, u64),
  packetRateOut: attribute(8, u64),
  byteRateIn: attribute(9, u64),
  byteRateOut: attribute(10, u64),
  /** Of length zero, before a number that would not be aligned. */
  padding: attribute(11, view),
} as const

/** IPVS_INFO_ATTR_*. <linux/ip_vs.h> */
export const INFO_ATTRIBUTES = {
  /** Three numbers of eight bits. */
  version: attribute(1, u32),
  connectionTableSize: attribute(2, u32),
} as const

/** IP_VS_SVC_F_*. <linux/ip_vs.h> */
export const SERVICE_FLAG = {
  persistent: 0x01,
  /** The kernel's own: the service is in its table. */
  hashed: 0x02,
  onePacket: 0x04,
  scheduler1: 0x08,
  scheduler2: 0x10,
  scheduler3: 0x20,
} as const
