import {type IpAddress, parseIp} from '../ip.ts'
import {destinationFault, serviceFault} from './faults.ts'
import type {
  Destination,
  DestinationId,
  ForwardingMethod,
  Persistence,
  SchedulerFlag,
  Service,
  ServiceId,
  Tunnel,
} from './model.ts'
import {destinationKey, MAX_MARK, PROTOCOLS, serviceKey} from './names.ts'
import type {DestinationHold, DestinationOverride, ServiceOverride} from './wanted.ts'

/** What no sound list exceeds: more real servers than that no service has. */
const MAX_DESTINATIONS = 65_536
/** What no sound text exceeds, in characters: times, reasons. */
const MAX_TEXT = 1000

/** True for an override that the kernel could carry out, whatever the file that it came from held. */
export function isServiceOverride(value: unknown): value is ServiceOverride {
  if (!isObject(value) || !isServiceId(value.id) || !Array.isArray(value.destinations)) return false
  const {id, service, destinations} = value
  if (destinations.length > MAX_DESTINATIONS) return false
  if (service !== undefined && service !== 'deleted') {
    if (!isService(service) || serviceKey(service.id) !== serviceKey(id)) return false
  }
  const names = new Set<string>()
  for (const destination of destinations) {
    if (!isDestinationOverride(destination, id)) return false
    names.add(destinationKey(destination.id))
  }
  return names.size === destinations.length
}

/** True for the id of a service. */
function isServiceId(value: unknown): value is ServiceId {
  if (!isObject(value)) return false
  const {type, protocol, address, port, mark, family} = value
  if (type === 'fwmark') return isWhole(mark, 1, MAX_MARK) && (family === 4 || family === 6)
  return type === 'address' && PROTOCOLS.some(known => known === protocol) && isEndpoint(address, port)
}

/** True for the id of a real server. */
const isDestinationId = (value: unknown): value is DestinationId =>
  isObject(value) && isEndpoint(value.address, value.port)

/** True for a service that the kernel could have. */
function isService(value: unknown): value is Service {
  if (!isObject(value)) return false
  const {id, scheduler, schedulerFlags, onePacket, persistence} = value
  if (!isServiceId(id) || typeof scheduler !== 'string' || typeof onePacket !== 'boolean') return false
  if (!isSchedulerFlags(schedulerFlags) || !(persistence === undefined || isPersistence(persistence))) return false
  return serviceFault({id, scheduler, schedulerFlags, onePacket, persistence}) === undefined
}

function isDestinationOverride(value: unknown, service: ServiceId): value is DestinationOverride {
  if (!isObject(value) || !isDestinationId(value.id)) return false
  const {id, destination, hold} = value
  if (hold !== undefined && !isHold(hold)) return false
  if (destination === undefined || destination === 'deleted') return true
  return isDestination(destination, service) && destinationKey(destination) === destinationKey(id)
}

function isDestination(value: unknown, service: ServiceId): value is Destination {
  if (!isObject(value) || !isDestinationId(value)) return false
  const {method, weight, upperThreshold, lowerThreshold, tunnel} = value as Record<string, unknown>
  const numbers = [weight, upperThreshold, lowerThreshold]
  if (!isMethod(method) || !isTunnel(tunnel) || !numbers.every(number => typeof number === 'number')) return false
  return destinationFault(service, value as unknown as Destination) === undefined
}

function isHold(value: unknown): value is DestinationHold {
  if (!isObject(value)) return false
  const {type, since, reason} = value
  return (type === 'drained' || type === 'disabled') && isText(since) && (reason === undefined || isText(reason))
}

function isPersistence(value: unknown): value is Persistence {
  if (!isObject(value)) return false
  const {timeoutSeconds, prefixLength, engine} = value
  const isEngine = engine === undefined || typeof engine === 'string'
  return typeof timeoutSeconds === 'number' && typeof prefixLength === 'number' && isEngine
}

function isTunnel(value: unknown): value is Tunnel {
  if (!isObject(value)) return false
  const {type, port, checksum} = value
  const isType = type === 'ipip' || type === 'gue' || type === 'gre'
  return isType && typeof port === 'number' && (checksum === 'nocsum' || checksum === 'csum' || checksum === 'remcsum')
}

const METHODS: readonly ForwardingMethod[] = ['nat', 'local', 'tun', 'dr', 'bypass']

const isMethod = (value: unknown): value is ForwardingMethod => METHODS.some(known => known === value)

const isSchedulerFlags = (value: unknown): value is readonly SchedulerFlag[] =>
  Array.isArray(value) && value.every((flag, i) => isWhole(flag, 1, 3) && (i === 0 || value[i - 1] < flag))

const isEndpoint = (address: unknown, port: unknown): boolean => isAddress(address) && isWhole(port, 0, 65_535)

/** Only the one canonical form: another would be another key. */
function isAddress(value: unknown): value is IpAddress {
  if (typeof value !== 'string') return false
  const parsed = parseIp(value)
  return parsed.ok && parsed.value === value
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT

const isWhole = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max

const isObject = (value: unknown): value is {readonly [name: string]: unknown} =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
