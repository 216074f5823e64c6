import type {Destination, DestinationEntry, Service} from './model.ts'

/** True when two services of one name need no edit; their ids are not looked at. */
export function sameService(a: Service, b: Service): boolean {
  return (
    a.scheduler === b.scheduler &&
    a.onePacket === b.onePacket &&
    sameFlags(a.schedulerFlags, b.schedulerFlags) &&
    a.persistence?.timeoutSeconds === b.persistence?.timeoutSeconds &&
    a.persistence?.prefixLength === b.persistence?.prefixLength &&
    a.persistence?.engine === b.persistence?.engine
  )
}

const sameFlags = (a: Service['schedulerFlags'], b: Service['schedulerFlags']): boolean =>
  a === b || (a.length === b.length && a.every((flag, i) => flag === b[i]))

/** True when two real servers of one name need no edit; their ids are not looked at. */
export function sameDestination(a: Destination, b: Destination): boolean {
  return (
    a.method === b.method &&
    a.weight === b.weight &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold &&
    // The kernel keeps what it was told of a tunnel, but uses it for this method alone.
    (a.method !== 'tun' ||
      (a.tunnel.type === b.tunnel.type && a.tunnel.port === b.tunnel.port && a.tunnel.checksum === b.tunnel.checksum))
  )
}

/** A service without anything else that came with it. */
export function plainService({id, scheduler, schedulerFlags, onePacket, persistence}: Service): Service {
  return {id, scheduler, schedulerFlags, onePacket, persistence}
}

/** A real server without the connections and counters that entries of the kernel have besides. */
export function plainDestination(destination: Destination | DestinationEntry): Destination {
  if (!('activeConnections' in destination)) return destination
  const {address, port, method, weight, upperThreshold, lowerThreshold, tunnel} = destination
  return {address, port, method, weight, upperThreshold, lowerThreshold, tunnel}
}
