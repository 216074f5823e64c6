import {type IpAddress, type IpFamily, ipFamily, ipToBytes} from '../ip.ts'
import type {Destination, Service, ServiceId} from './model.ts'
import {destinationName, serviceFamily, serviceName} from './names.ts'
import {shown} from './shown.ts'

/** What is wrong with an argument: its name in the API, and one line with what was given and what is permitted. */
export interface Fault {
  readonly argument: string
  readonly message: string
}

/** 31 days: the longest that IPVS remembers a client or a connection, in seconds. ipvsadm(8) -p */
export const MAX_TIMEOUT_SECONDS = 2_678_400
/** The largest weight. <net/ip_vs.h> */
export const MAX_WEIGHT = 0x7fff_ffff
/** The largest threshold. <linux/ip_vs.h> */
const MAX_THRESHOLD = 0xffff_ffff
/** Schedulers that the kernel comes with. ipvsadm(8) -s */
export const SCHEDULERS = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'lblcr',
  'dh',
  'sh',
  'sed',
  'nq',
  'fo',
  'ovf',
  'mh',
  'twos',
] as const

/** What the kernel cannot have of a service, whoever orders it; undefined: it can have it. */
export function serviceFault({id, scheduler, persistence}: Service): Fault | undefined {
  if (!isModuleName(scheduler)) {
    return fault('scheduler', scheduler, `a name of at most 15 letters and digits: ${SCHEDULERS.join(' ')}`)
  }
  if (persistence !== undefined) {
    const {timeoutSeconds, prefixLength, engine} = persistence
    if (!within(timeoutSeconds, 1, MAX_TIMEOUT_SECONDS)) {
      return fault('persistent', timeoutSeconds, `1 to ${MAX_TIMEOUT_SECONDS} seconds`)
    }
    const [shortest, longest] = prefixLengths(serviceFamily(id))
    if (!within(prefixLength, shortest, longest)) {
      return fault('netmask', prefixLength, `${shortest} to ${longest} bits for IPv${serviceFamily(id)}`)
    }
    if (engine !== undefined && !isModuleName(engine)) {
      return fault('engine', engine, 'a name of at most 15 letters and digits: sip')
    }
  } else if (id.type === 'address' && id.port === 0) {
    return {
      argument: 'service',
      message: `service ${serviceName(id)}: port 0, which is every port, needs persistence; give persistent`,
    }
  }
  return undefined
}

/** What the kernel cannot have of a real server, whoever orders it; undefined: it can have it. */
export function destinationFault(id: ServiceId, destination: Destination): Fault | undefined {
  const {address, method, weight, upperThreshold, lowerThreshold} = destination
  if (method !== 'tun' && ipFamily(address) !== serviceFamily(id)) {
    const name = destinationName(destination)
    const message = `real server ${name}: service ${serviceName(id)} is IPv${serviceFamily(id)}`
    return {argument: 'real', message: `${message}, and only method tun leads to the other family`}
  }
  if (!isUnicast(address)) return fault('real', destinationName(destination), 'an address of one host')
  if (!within(weight, 0, MAX_WEIGHT)) return fault('weight', weight, `0 to ${MAX_WEIGHT}`)
  for (const [argument, value] of [
    ['upperThreshold', upperThreshold],
    ['lowerThreshold', lowerThreshold],
  ] as const) {
    if (!within(value, 0, MAX_THRESHOLD)) return fault(argument, value, `0 to ${MAX_THRESHOLD}`)
  }
  if (lowerThreshold > upperThreshold) {
    return fault('lowerThreshold', lowerThreshold, `0 to upperThreshold, which is ${upperThreshold}`)
  }
  return tunnelFault(destination)
}

/** The shortest and the longest prefix of clients: IPv4 has 0, which makes all clients one. ipvsadm(8) -M */
export const prefixLengths = (family: IpFamily): readonly [number, number] => (family === 4 ? [0, 32] : [1, 128])

/** A line that says what was given and what is permitted. */
export function fault(argument: string, given: string | number, permitted: string): Fault {
  return {argument, message: `${argument} ${shown(given)} is not permitted: ${permitted}`}
}

/** True for names that a module of the kernel can have. IP_VS_SCHEDNAME_MAXLEN, <linux/ip_vs.h> */
const isModuleName = (name: string): boolean => /^[A-Za-z0-9_-]{1,15}$/.test(name)

/** What is only for tunnels is told apart by ipvsadm(8) --tun-type; ports of others are 0 in the kernel. */
function tunnelFault({tunnel, method}: Destination): Fault | undefined {
  const {type, port, checksum} = tunnel
  if (method !== 'tun' && (type !== 'ipip' || port !== 0 || checksum !== 'nocsum')) {
    return fault('tunnelType', type, `none with method ${method}; only tun has tunnels`)
  }
  if (type === 'gue' && !within(port, 1, 65_535)) return fault('tunnelPort', port, '1 to 65535 with tunnelType gue')
  if (type !== 'gue' && port !== 0) return fault('tunnelPort', port, `none with tunnelType ${type}; only gue has one`)
  const checksums = TUNNEL_CHECKSUMS[type]
  if (!checksums.includes(checksum)) {
    return fault('tunnelChecksum', checksum, `${checksums.join(' or ')} with tunnelType ${type}`)
  }
  return undefined
}

/** Which checksums each type of tunnel has. ipvsadm(8) --tun-csum --tun-remcsum */
const TUNNEL_CHECKSUMS: {readonly [type in Destination['tunnel']['type']]: readonly string[]} = {
  ipip: ['nocsum'],
  gre: ['nocsum', 'csum'],
  gue: ['nocsum', 'csum', 'remcsum'],
}

const within = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max

/** The kernel also refuses broadcast addresses of its own networks, which are not known here. */
function isUnicast(address: IpAddress): boolean {
  const bytes = ipToBytes(address)
  if (bytes.every(byte => byte === 0) || bytes.every(byte => byte === 0xff)) return false
  const [first = 0] = bytes
  if (bytes.length === 4) return first >> 4 !== 0xe
  const mapped = bytes.readUInt16BE(10) === 0xffff && bytes.subarray(0, 10).every(byte => byte === 0)
  return first !== 0xff && !mapped
}
