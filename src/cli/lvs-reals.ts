import type {LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {parseDestinationName} from '../core/ipvs/names.ts'
import {HactlError} from '../errors.ts'

/** The services of a list with only those real servers that a name means, none without one. */
export function withReal(services: readonly LvsService[], real: string): readonly LvsService[] {
  return services.flatMap(service => {
    const realServers = service.realServers.filter(candidate => isMeant(service, candidate, real))
    return realServers.length === 0 ? [] : [{...service, realServers}]
  })
}

/** Throws NOT_FOUND when no service of a list has the real server that was named. */
export function requireReal(
  services: readonly LvsService[],
  {service, real}: {readonly service: string; readonly real: string},
): void {
  if (services.length > 0) return
  throw new HactlError('NOT_FOUND', `${service} has no real server ${real}`, `see: hactl lvs list ${service}`)
}

function isMeant({port}: LvsService, {address, port: realPort, name}: LvsRealServer, text: string): boolean {
  if (name === text) return true
  const parsed = parseDestinationName(text, {defaultPort: port ?? 0})
  return parsed.ok && parsed.id.address === address && parsed.id.port === realPort
}
