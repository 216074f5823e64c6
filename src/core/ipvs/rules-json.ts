import {buildDestination, buildService, type DestinationSettings, type ServiceSettings} from './arguments.ts'
import type {Destination, Service, ServiceRules} from './model.ts'
import {destinationKey, destinationName, parseDestinationName, parseServiceName, serviceName} from './names.ts'
import {schedulerFlagName} from './scheduler-flags.ts'
import {shown} from './shown.ts'

/**
 * Rules as JSON: what `hactl lvs save --json` prints and `hactl lvs restore` reads.
 *   hactl                          "lvs-rules"
 *   version                        1
 *   services[]
 *     name                         "192.0.2.1:80/tcp", "[2001:db8::1]:53/udp", "fwm/5", "fwm6/5"
 *     scheduler                    "wrr"
 *     schedulerFlags               ["sh-port"]; "flag-1" to "flag-3" where the scheduler has no name for it
 *     onePacket                    true or false
 *     persistence                  null: none
 *       timeoutSeconds             1 to 2678400
 *       prefixLength               0 to 32, for IPv6 1 to 128
 *       engine                     "sip"; null: none
 *     realServers[]
 *       name                       "192.0.2.10:80"
 *       method                     "nat", "dr" or "tun"
 *       weight                     0 to 2147483647
 *       upperThreshold             0 to 4294967295
 *       lowerThreshold             0 to upperThreshold
 *       tunnel                     null: for other methods than tun, and plain IPIP
 *         type, port, checksum     "ipip", "gue" or "gre"; 0 unless gue; "nocsum", "csum" or "remcsum"
 * Only `hactl`, `version`, `services` and names have to be there; what else is left out is as with ipvsadm(8).
 */
export interface RulesDocument {
  readonly hactl: 'lvs-rules'
  readonly version: 1
  readonly services: readonly RulesService[]
}

/** A service of `RulesDocument`. */
export interface RulesService {
  readonly name: string
  readonly scheduler: string
  readonly schedulerFlags: readonly string[]
  readonly onePacket: boolean
  readonly persistence: {
    readonly timeoutSeconds: number
    readonly prefixLength: number
    readonly engine: string | null
  } | null
  readonly realServers: readonly RulesRealServer[]
}

/** A real server of `RulesDocument`. */
export interface RulesRealServer {
  readonly name: string
  readonly method: Destination['method']
  readonly weight: number
  readonly upperThreshold: number
  readonly lowerThreshold: number
  readonly tunnel: Destination['tunnel'] | null
}

/** What was read, or the first thing that is wrong, with the path to it. */
export type RulesRead =
  | {readonly ok: true; readonly rules: readonly ServiceRules[]}
  | {readonly ok: false; readonly message: string}

/** Rules in the form that is read again by `readRulesJson`. */
export function rulesDocument(rules: readonly ServiceRules[]): RulesDocument {
  return {
    hactl: 'lvs-rules',
    version: 1,
    services: rules.map(({service, destinations}) => ({
      name: serviceName(service.id),
      scheduler: service.scheduler,
      schedulerFlags: service.schedulerFlags.map(flag => schedulerFlagName(service.scheduler, flag)),
      onePacket: service.onePacket,
      persistence: service.persistence ? {...service.persistence, engine: service.persistence.engine ?? null} : null,
      realServers: destinations.map(destination => ({
        name: destinationName(destination),
        method: destination.method,
        weight: destination.weight,
        upperThreshold: destination.upperThreshold,
        lowerThreshold: destination.lowerThreshold,
        tunnel: destination.method === 'tun' ? destination.tunnel : null,
      })),
    })),
  }
}

/** The same as text, with a line for each value. */
export const printRulesJson = (rules: readonly ServiceRules[]): string =>
  `${JSON.stringify(rulesDocument(rules), undefined, 2)}\n`

/** Reads rules as JSON; a field that is not known is wrong, and so is a service or a real server that stands twice. */
export function readRulesJson(text: string): RulesRead {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    // Too many brackets within each other are a RangeError.
    return {ok: false, message: `this is not JSON: ${error instanceof Error ? oneLine(error.message) : 'unreadable'}`}
  }
  try {
    return {ok: true, rules: readDocument(document)}
  } catch (error) {
    if (error instanceof Wrong) return {ok: false, message: error.message}
    throw error
  }
}

/** How the reader leaves at the first thing that is wrong; it does not leave this file. */
class Wrong extends Error {}

type Fields = {readonly [name: string]: unknown}

function readDocument(document: unknown): readonly ServiceRules[] {
  const {hactl, version, services} = fieldsOf(document, '', ['hactl', 'version', 'services'])
  if (hactl !== 'lvs-rules') throw wrong('hactl', hactl, '"lvs-rules"')
  if (version !== 1) throw wrong('version', version, '1')
  const seen = new Map<string, string>()
  return listOf(services, 'services').map((service, i) => {
    const path = `services[${i}]`
    const rules = readService(service, path)
    once(serviceName(rules.service.id), path, seen)
    return rules
  })
}

const SERVICE_FIELDS = ['name', 'scheduler', 'schedulerFlags', 'onePacket', 'persistence', 'realServers']

function readService(value: unknown, path: string): ServiceRules {
  const fields = fieldsOf(value, path, SERVICE_FIELDS)
  const name = parseServiceName(stringOf(fields.name, `${path}.name`))
  if (!name.ok) throw new Wrong(`${path}.name: ${name.message}`)
  if (name.id.type === 'any-protocol') throw wrong(`${path}.name`, fields.name, 'a name with /tcp, /udp or /sctp')
  const flags = listOf(fields.schedulerFlags ?? [], `${path}.schedulerFlags`)
  const built = buildService({
    id: name.id,
    given: {
      scheduler: maybe(fields.scheduler, `${path}.scheduler`, stringOf),
      schedulerFlags:
        flags.length === 0 ? 'none' : flags.map(flag => stringOf(flag, `${path}.schedulerFlags`)).join(','),
      onePacket: maybe(fields.onePacket, `${path}.onePacket`, booleanOf),
      ...persistenceSettings(fields.persistence, `${path}.persistence`),
    },
  })
  if (!built.ok) throw new Wrong(`${path}.${SERVICE_PATHS[built.argument] ?? built.argument}: ${built.message}`)
  const seen = new Map<string, string>()
  const destinations = listOf(fields.realServers ?? [], `${path}.realServers`).map((real, i) => {
    const realPath = `${path}.realServers[${i}]`
    const destination = readRealServer(real, realPath, built.value)
    once(destinationKey(destination), realPath, seen)
    return destination
  })
  return {service: built.value, destinations}
}

/** Where the arguments of services and real servers stand that are called otherwise there. */
const SERVICE_PATHS: {readonly [argument: string]: string} = {
  service: 'name',
  persistent: 'persistence.timeoutSeconds',
  netmask: 'persistence.prefixLength',
  engine: 'persistence.engine',
}
const REAL_PATHS: {readonly [argument: string]: string} = {
  real: 'name',
  tunnelType: 'tunnel.type',
  tunnelPort: 'tunnel.port',
  tunnelChecksum: 'tunnel.checksum',
}

function persistenceSettings(value: unknown, path: string): ServiceSettings {
  if (value === undefined || value === null) return {}
  const {timeoutSeconds, prefixLength, engine} = fieldsOf(value, path, ['timeoutSeconds', 'prefixLength', 'engine'])
  const seconds = numberOf(timeoutSeconds, `${path}.timeoutSeconds`)
  // As an argument 0 means no persistence, which is null here.
  if (seconds === 0) throw wrong(`${path}.timeoutSeconds`, seconds, '1 to 2678400 seconds')
  const length = maybe(prefixLength, `${path}.prefixLength`, numberOf)
  return {
    persistent: seconds,
    netmask: length === undefined ? undefined : String(length),
    engine: engine === null ? undefined : maybe(engine, `${path}.engine`, stringOf),
  }
}

const REAL_FIELDS = ['name', 'method', 'weight', 'upperThreshold', 'lowerThreshold', 'tunnel']

function readRealServer(value: unknown, path: string, service: Service): Destination {
  const fields = fieldsOf(value, path, REAL_FIELDS)
  const {id} = service
  const defaultPort = id.type === 'address' ? id.port : 0
  const name = parseDestinationName(stringOf(fields.name, `${path}.name`), {defaultPort})
  if (!name.ok) throw new Wrong(`${path}.name: ${name.message}`)
  const built = buildDestination({
    service,
    id: name.id,
    given: {
      method: maybe(fields.method, `${path}.method`, stringOf),
      weight: maybe(fields.weight, `${path}.weight`, numberOf),
      upperThreshold: maybe(fields.upperThreshold, `${path}.upperThreshold`, numberOf),
      lowerThreshold: maybe(fields.lowerThreshold, `${path}.lowerThreshold`, numberOf),
      ...tunnelSettings(fields.tunnel, `${path}.tunnel`),
    },
  })
  if (!built.ok) throw new Wrong(`${path}.${REAL_PATHS[built.argument] ?? built.argument}: ${built.message}`)
  return built.value
}

function tunnelSettings(value: unknown, path: string): DestinationSettings {
  if (value === undefined || value === null) return {}
  const {type, port, checksum} = fieldsOf(value, path, ['type', 'port', 'checksum'])
  return {
    tunnelType: maybe(type, `${path}.type`, stringOf),
    tunnelPort: maybe(port, `${path}.port`, numberOf),
    tunnelChecksum: maybe(checksum, `${path}.checksum`, stringOf),
  }
}

function once(name: string, path: string, seen: Map<string, string>): void {
  const earlier = seen.get(name)
  if (earlier !== undefined) throw new Wrong(`${path}.name: ${name} stands in ${earlier} already`)
  seen.set(name, path)
}

function fieldsOf(value: unknown, path: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(path === '' ? 'the document' : path, value, 'an object')
  }
  const unknown = Object.keys(value).find(name => !known.includes(name))
  if (unknown === undefined) return value as Fields
  const prefix = path === '' ? '' : `${path}.`
  throw new Wrong(`${prefix}${shown(unknown)} is not known; ${known.join(', ')}`)
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw wrong(path, value, 'a list')
}

function stringOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  throw wrong(path, value, 'a text')
}

function numberOf(value: unknown, path: string): number {
  if (typeof value === 'number') return value
  throw wrong(path, value, 'a number')
}

function booleanOf(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value
  throw wrong(path, value, 'true or false')
}

const maybe = <Value>(
  value: unknown,
  path: string,
  read: (value: unknown, path: string) => Value,
): Value | undefined => (value === undefined ? undefined : read(value, path))

function wrong(path: string, value: unknown, permitted: string): Wrong {
  if (value === undefined) return new Wrong(`${path} is missing: ${permitted}`)
  const given = typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : shown(String(value))
  return new Wrong(`${path}: ${value === null ? 'null' : given} is not permitted: ${permitted}`)
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 200)
