import type {Destination, ForwardingMethod, Service, ServiceId, ServiceRules} from '../ipvs/model.ts'
import {serviceFamily} from '../ipvs/names.ts'
import {schedulerFlagName} from '../ipvs/scheduler-flags.ts'
import {addressPortText, type NameReverse, NUMERIC} from './addresses.ts'

/** How rules are written. */
export interface SaveOptions {
  readonly names?: NameReverse
  /**
   * Whether everything can be read again. Otherwise it is as ipvsadm 1.31 writes it: without thresholds, marks above
   * 2147483647 as negative numbers, and a third flag of sh and mh without a name; it refuses to read the last two.
   */
  readonly readable: boolean
}

/** Writes rules as `ipvsadm -S` does, in the order given. */
export function printSavedRules(rules: Iterable<ServiceRules>, {names = NUMERIC, readable}: SaveOptions): string {
  const lines: string[] = []
  for (const {service, destinations} of rules) {
    const id = savedId(service.id, {names, readable})
    lines.push(`-A ${id} -s ${service.scheduler}${savedSettings(service, readable)}\n`)
    for (const destination of destinations) {
      lines.push(savedDestination(id, {service, destination, names, readable}))
    }
  }
  return lines.join('')
}

/** The length of the prefix as ipvsadm(8) writes it: a mask for IPv4. */
export function netmaskText(prefixLength: number, family: 4 | 6): string {
  if (family === 6) return String(prefixLength)
  const mask = prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0
  return [mask >>> 24, (mask >>> 16) & 0xff, (mask >>> 8) & 0xff, mask & 0xff].join('.')
}

/** Names of a scheduler's flags with commas; undefined where it has none. Unless `readable`, sh and mh have two. */
export function flagsText({scheduler, schedulerFlags}: Service, readable: boolean): string | undefined {
  if (schedulerFlags.length === 0) return undefined
  const hasOwn = scheduler === 'sh' || scheduler === 'mh'
  const written = hasOwn && !readable ? schedulerFlags.filter(flag => flag !== 3) : schedulerFlags
  return written.map(flag => schedulerFlagName(scheduler, flag)).join(',')
}

/** A mark as ipvsadm(8) prints it: a number with a sign. */
export const signedMark = (mark: number): number => mark | 0

/** The netmask of a persistent service where it is not that of a single host. */
export function unusualNetmask({id, persistence}: Service): string | undefined {
  if (persistence === undefined) return undefined
  const family = serviceFamily(id)
  const {prefixLength} = persistence
  return prefixLength === (family === 4 ? 32 : 128) ? undefined : netmaskText(prefixLength, family)
}

const PROTOCOL_OPTIONS = {tcp: '-t', udp: '-u', sctp: '--sctp-service'} as const

const METHOD_OPTIONS: {readonly [method in ForwardingMethod]: string} = {
  nat: '-m',
  tun: '-i',
  dr: '-g',
  local: '-g',
  bypass: '-g',
}

function savedId(id: ServiceId, {names, readable}: {readonly names: NameReverse; readonly readable: boolean}): string {
  if (id.type === 'fwmark') return `-f ${readable ? id.mark : signedMark(id.mark)}${id.family === 6 ? ' -6' : ''}`
  return `${PROTOCOL_OPTIONS[id.protocol]} ${addressPortText(id, id.protocol, names)}`
}

function savedSettings(service: Service, readable: boolean): string {
  const {persistence, onePacket} = service
  const netmask = unusualNetmask(service)
  const flags = flagsText(service, readable)
  return [
    persistence === undefined ? '' : ` -p ${persistence.timeoutSeconds}`,
    netmask === undefined ? '' : ` -M ${netmask}`,
    persistence?.engine === undefined ? '' : ` --pe ${persistence.engine}`,
    onePacket ? ' -o' : '',
    flags === undefined ? '' : ` -b ${flags}`,
  ].join('')
}

function savedDestination(
  id: string,
  {
    service,
    destination,
    names,
    readable,
  }: {
    readonly service: Service
    readonly destination: Destination
    readonly names: NameReverse
    readonly readable: boolean
  },
): string {
  const {method, weight, upperThreshold, lowerThreshold} = destination
  const protocol = service.id.type === 'address' ? service.id.protocol : undefined
  const real = addressPortText(destination, protocol, names)
  const upper = upperThreshold === 0 || !readable ? '' : ` -x ${upperThreshold}`
  const lower = lowerThreshold === 0 || !readable ? '' : ` -y ${lowerThreshold}`
  return `-a ${id} -r ${real} ${METHOD_OPTIONS[method]} -w ${weight}${upper}${lower}${savedTunnel(destination)}\n`
}

function savedTunnel({method, tunnel: {type, port, checksum}}: Destination): string {
  if (method !== 'tun') return ''
  if (type === 'ipip') return ' --tun-type ipip'
  return ` --tun-type ${type}${type === 'gue' ? ` --tun-port ${port}` : ''} --tun-${checksum}`
}
