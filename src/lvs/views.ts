import type {
  LvsChecked,
  LvsCounters,
  LvsHold,
  LvsOrigin,
  LvsRealServer,
  LvsService,
  LvsSyncDaemon,
} from '../control/lvs-model.ts'
import {ZERO_COUNTERS} from '../core/ipvs/codec-counters.ts'
import {driftOfDestination, driftOfService} from '../core/ipvs/describe.ts'
import type {
  Counters,
  Destination,
  DestinationEntry,
  Service,
  ServiceEntry,
  ServiceId,
  SyncDaemon,
} from '../core/ipvs/model.ts'
import {destinationKey, destinationName, serviceFamily, serviceName} from '../core/ipvs/names.ts'
import {destinationInTable} from '../core/ipvs/overrides.ts'
import {schedulerFlagName} from '../core/ipvs/scheduler-flags.ts'
import type {WantedDestination} from '../core/ipvs/wanted.ts'
import type {Situation} from './situation.ts'

/** Who has what is not wanted: `foreign` where somebody knows what is wanted, else `unknown`. */
export type Unwanted = Extract<LvsOrigin, 'foreign' | 'unknown'>

/** A service as the API shows it; undefined: it is neither there nor wanted. */
export function serviceView(situation: Situation, unwanted: Unwanted): LvsService | undefined {
  const service = situation.actual?.service ?? situation.wanted?.service
  return service && viewOf(service, situation, unwanted)
}

/** A service of the kernel, of which nobody knows who wants it. */
export const kernelServiceView = (actual: ServiceEntry): LvsService =>
  viewOf(actual.service, {id: actual.service.id, actual, wanted: undefined}, 'unknown')

function viewOf(service: Service, {id, actual, wanted}: Situation, unwanted: Unwanted): LvsService {
  const {scheduler, schedulerFlags, onePacket, persistence} = service
  const drift = wanted && actual && driftOfService(wanted.service, actual.service)
  return {
    name: serviceName(id),
    configured: wanted?.configured ?? null,
    origin: wanted?.origin ?? unwanted,
    ...identity(id),
    scheduler,
    schedulerFlags: schedulerFlags.map(flag => schedulerFlagName(scheduler, flag)),
    onePacket,
    persistence:
      persistence === undefined
        ? null
        : {
            timeoutSeconds: persistence.timeoutSeconds,
            prefixLength: persistence.prefixLength,
            engine: persistence.engine ?? null,
          },
    present: actual !== undefined,
    drift: drift ?? null,
    counters: actual === undefined ? NO_COUNTERS : countersView(actual.counters),
    realServers: realServerViews({id, actual, wanted}, unwanted),
  }
}

/** A sync daemon as the API shows it. */
export function daemonView(daemon: SyncDaemon, origin: LvsOrigin): LvsSyncDaemon {
  return {
    role: daemon.role,
    interface: daemon.interface,
    id: daemon.syncId,
    maxLength: daemon.maxLengthBytes ?? null,
    group: daemon.group ?? null,
    port: daemon.port ?? null,
    ttl: daemon.ttl ?? null,
    origin,
  }
}

function identity(id: ServiceId): Pick<LvsService, 'protocol' | 'address' | 'port' | 'mark' | 'family'> {
  const family = serviceFamily(id)
  return id.type === 'address'
    ? {protocol: id.protocol, address: id.address, port: id.port, mark: null, family}
    : {protocol: null, address: null, port: null, mark: id.mark, family}
}

/** Those of the kernel in its order, then those that are wanted and not there. */
function realServerViews({actual, wanted}: Situation, unwanted: Unwanted): readonly LvsRealServer[] {
  if (wanted === undefined)
    return (actual?.destinations ?? []).map(entry => realView({entry, wish: undefined, unwanted}))
  const missing = new Map(wanted.destinations.map(one => [destinationKey(one.destination), one]))
  const present = (actual?.destinations ?? []).map(entry => {
    const key = destinationKey(entry)
    const wish = missing.get(key)
    missing.delete(key)
    return realView({entry, wish, unwanted})
  })
  return [...present, ...[...missing.values()].map(wish => realView({entry: undefined, wish, unwanted}))]
}

type Seen =
  | {readonly entry: DestinationEntry; readonly wish: WantedDestination | undefined}
  | {readonly entry: undefined; readonly wish: WantedDestination}

/** One literal with every field: there may be 100,000 of them, and spread ones take several times the memory. */
function realView({entry, wish, unwanted}: Seen & {readonly unwanted: Unwanted}): LvsRealServer {
  const {address, port, method, weight, upperThreshold, lowerThreshold, tunnel} = entry ?? effectiveOf(wish)
  return {
    name: destinationName({address, port}),
    address,
    port,
    origin: wish?.origin ?? unwanted,
    method,
    weight,
    upperThreshold,
    lowerThreshold,
    tunnel: method === 'tun' ? {type: tunnel.type, port: tunnel.port, checksum: tunnel.checksum} : null,
    activeConnections: entry?.activeConnections ?? 0,
    inactiveConnections: entry?.inactiveConnections ?? 0,
    persistentConnections: entry?.persistentConnections ?? 0,
    present: entry !== undefined,
    drift: (wish && entry && driftOf(wish, entry)) ?? null,
    held: holdView(wish),
    checked: checkedView(wish),
    counters: entry === undefined ? NO_COUNTERS : countersView(entry.counters),
  }
}

/** As the kernel should have it; what should not be there, with weight 0 where it is held. */
const effectiveOf = (wish: WantedDestination): Destination =>
  destinationInTable(wish) ?? (wish.hold ? {...wish.destination, weight: 0} : wish.destination)

function driftOf(wish: WantedDestination, entry: DestinationEntry): string | undefined {
  const wanted = destinationInTable(wish)
  if (wanted) return driftOfDestination(wanted, entry)
  return `in the table, although it is ${wish.hold?.type === 'disabled' ? 'disabled' : 'out by its checks'}`
}

function checkedView(wish: WantedDestination | undefined): LvsChecked | null {
  if (!wish?.checked) return null
  const {standing, isSorryServer} = wish.checked
  return {standing: standing.type, isSorryServer}
}

function holdView(wish: WantedDestination | undefined): LvsHold | null {
  if (wish?.hold === undefined) return null
  const {type, since, reason} = wish.hold
  return {type, since, reason: reason ?? null, weight: wish.destination.weight}
}

function countersView(counters: Counters): LvsCounters {
  if (counters === ZERO_COUNTERS) return NO_COUNTERS
  return {
    connections: Number(counters.connections),
    packetsIn: Number(counters.packetsIn),
    packetsOut: Number(counters.packetsOut),
    bytesIn: Number(counters.bytesIn),
    bytesOut: Number(counters.bytesOut),
    connectionRate: Number(counters.connectionRate),
    packetRateIn: Number(counters.packetRateIn),
    packetRateOut: Number(counters.packetRateOut),
    byteRateIn: Number(counters.byteRateIn),
    byteRateOut: Number(counters.byteRateOut),
  }
}

const NO_COUNTERS: LvsCounters = {
  connections: 0,
  packetsIn: 0,
  packetsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  connectionRate: 0,
  packetRateIn: 0,
  packetRateOut: 0,
  byteRateIn: 0,
  byteRateOut: 0,
}
