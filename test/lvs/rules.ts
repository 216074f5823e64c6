import {type IpAddress, parseIp} from '../../src/core/ip.ts'
import {
  type Destination,
  type IpvsProtocol,
  PLAIN_TUNNEL,
  type Service,
  type ServiceId,
  type ServiceRules,
} from '../../src/core/ipvs/model.ts'
import type {ConfiguredService} from '../../src/core/ipvs/wanted.ts'

/** An address that is one. */
export function ip(text: string): IpAddress {
  const parsed = parseIp(text)
  if (!parsed.ok) throw new Error(`not an address: ${text}`)
  return parsed.value
}

/** 192.0.2.1:80/tcp, or another one of that address. */
export function serviceId(port = 80, protocol: IpvsProtocol = 'tcp'): ServiceId {
  return {type: 'address', protocol, address: ip('192.0.2.1'), port}
}

/** A service of `wrr` without anything special. */
export function service(id: ServiceId = serviceId(), fields: Partial<Service> = {}): Service {
  return {id, scheduler: 'wrr', schedulerFlags: [], onePacket: false, persistence: undefined, ...fields}
}

/** 10.0.0.N by DR with weight 1. */
export function real(number: number, fields: Partial<Destination> = {}): Destination {
  return {
    address: ip(`10.0.0.${number}`),
    port: 80,
    method: 'dr',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: PLAIN_TUNNEL,
    ...fields,
  }
}

/** Rules as the configuration has them. */
export function configured(name: string, {service: of, destinations}: ServiceRules): ConfiguredService {
  return {name, service: of, destinations}
}
